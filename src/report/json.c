/* json.c -- the result as JSON (docs/result.schema.json). Keys keep their order
 * and numbers are rounded before they get here, so the bytes depend on the input
 * and the version alone. Series are written value by value: an hour of them as
 * JSON objects would be the largest thing in memory. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/json_result.h"
#include "report/report.h"

typedef struct Out {
    AvalignWriteFn *write;
    void *cookie;
    int failed;
    size_t n;
    char buf[8192];
} Out;

static void flush(Out *o)
{
    if (o->n && !o->failed)
        o->failed = o->write(o->cookie, o->buf, o->n) != 0;
    o->n = 0;
}

static int json_out_put(const char *s, size_t n, void *data)
{
    Out *o = data;
    while (n && !o->failed) {
        size_t take = sizeof o->buf - o->n < n ? sizeof o->buf - o->n : n;
        memcpy(o->buf + o->n, s, take);
        o->n += take;
        s += take;
        n -= take;
        if (o->n == sizeof o->buf)
            flush(o);
    }
    return o->failed ? -1 : 0;
}

static void json_out_text(Out *o, const char *s) { json_out_put(s, strlen(s), o); }

/* A number with three decimals, whatever the locale. */
static void json_out_number(Out *o, double v)
{
    char s[48];
    if (!isfinite(v)) {
        json_out_text(o, "null");
        return;
    }
    int64_t k = llrint(fmin(fmax(v, -1e12), 1e12) * 1000);
    uint64_t a = (uint64_t)(k < 0 ? -k : k);
    snprintf(s, sizeof s, "%s%" PRIu64 ".%03u", k < 0 ? "-" : "", a / 1000, (unsigned)(a % 1000));
    for (size_t n = strlen(s); s[n - 1] == '0' && s[n - 2] != '.'; n--)
        s[n - 1] = 0;
    json_out_text(o, s);
}

static void value(Out *o, const json_t *v)
{
    json_dump_callback(v, json_out_put, o, JSON_ENCODE_ANY | JSON_INDENT(2) | JSON_REAL_PRECISION(9));
}

static void series(Out *o, const AvaSeriesData *s)
{
    char head[160];
    snprintf(head, sizeof head, "{\"name\": \"%s\", \"unit\": \"%s\", \"track\": ", s->name, s->unit);
    json_out_text(o, head);
    if (s->track < 0) {
        json_out_text(o, "null");
    } else {
        snprintf(head, sizeof head, "%d", s->track);
        json_out_text(o, head);
    }
    json_out_text(o, ", \"t0_s\": ");
    json_out_number(o, (double)s->t0_us / 1e6);
    json_out_text(o, ", \"step_s\": ");
    json_out_number(o, (double)s->step_us / 1e6);
    json_out_text(o, ", \"values\": [");
    for (size_t i = 0; i < s->n; i++) {
        if (i)
            json_out_text(o, ",");
        json_out_number(o, s->value[i]);
    }
    json_out_text(o, "]}");
}

static void members(Out *o, const json_t *object)
{
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)object, key, v) {
        json_out_text(o, "\"");
        json_out_text(o, key); /* our own names: nothing to escape */
        json_out_text(o, "\": ");
        value(o, v);
        json_out_text(o, ",\n");
    }
}

int ava_json_members(const json_t *doc, AvalignWriteFn *write, void *cookie)
{
    Out o = { .write = write, .cookie = cookie };
    json_out_text(&o, "{\n");
    members(&o, doc);
    flush(&o);
    return o.failed;
}

int ava_report_json(const AvalignResult *r, int page, const char *video_src, AvalignWriteFn *write, void *cookie)
{
    Out o = { .write = write, .cookie = cookie };
    json_t *root = ava_json_result(r), *more = page ? ava_json_page(r, video_src) : NULL;
    if (!root || (page && !more)) {
        json_decref(root);
        json_decref(more);
        return AVALIGN_ERR_NOMEM;
    }
    json_out_text(&o, "{\n");
    members(&o, root);
    members(&o, more);
    json_decref(root);
    json_decref(more);
    json_out_text(&o, "\"series\": [");
    for (size_t i = 0; i < r->series.n; i++) {
        json_out_text(&o, i ? ",\n  " : "\n  ");
        series(&o, &r->series.at[i]);
    }
    json_out_text(&o, r->series.n ? "\n]\n}\n" : "]\n}\n");
    flush(&o);
    return o.failed;
}
