/* live.c -- windows of a stream as lines of JSON. */
#include "cli/live.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/signals.h"

typedef struct Lines {
    FILE *out;
    int judged, flagged, failed;
} Lines;

/* Times of the window become times of the stream. */
static void shift(json_t *o, const char *key, double by)
{
    json_t *v = json_object_get(o, key);
    if (json_is_number(v))
        json_object_set_new(o, key, json_real(round((json_number_value(v) + by) * 1000) / 1000));
}

static json_t *line_of(const AvalignResult *r, double start, double end)
{
    static const char *const keep[] = { "anomaly_details", "anomalies", "absent", "warnings" };
    const AvalignFieldInfo *field;
    size_t i;
    json_t *doc = tool_result_document(r, NULL, NULL), *line = doc ? json_object() : NULL, *a;
    if (line) {
        int flagged = avalign_result_flagged(r);
        json_object_set_new(line, "start_s", json_real(start));
        json_object_set_new(line, "end_s", json_real(end));
        json_object_set_new(line, "flagged", flagged < 0 ? json_null() : json_boolean(flagged));
        for (i = 0; (field = avalign_field_info(i)) != NULL; i++)
            json_object_set(line, field->key, json_object_get(doc, field->key));
        for (i = 0; i < sizeof keep / sizeof *keep; i++)
            json_object_set(line, keep[i], json_object_get(doc, keep[i]));
        json_object_set_new(line, "faces", json_integer((json_int_t)json_array_size(json_object_get(doc, "tracks"))));
        json_array_foreach(json_object_get(line, "anomalies"), i, a) {
            shift(a, "start_s", start);
            shift(a, "end_s", start);
        }
    }
    json_decref(doc);
    return line;
}

static int on_window(void *cookie, int64_t start_us, int64_t end_us, const AvalignResult *r)
{
    Lines *l = cookie;
    int flagged = avalign_result_flagged(r);
    json_t *line = line_of(r, (double)start_us / 1e6, round((double)end_us / 1e3) / 1e3);
    char *text = line ? json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(9)) : NULL;
    json_decref(line);
    errno = text ? 0 : ENOMEM;
    l->judged += flagged >= 0;
    l->flagged += flagged > 0;
    l->failed = !text || fprintf(l->out, "%s\n", text) < 0 || fflush(l->out);
    if (l->failed)
        fprintf(stderr, "avalign: live: output: %s\n", strerror(errno));
    free(text);
    return l->failed;
}

int live_analyze(AvalignContext *c, const AvalignReader *in, const char *name, double window_s, FILE *out)
{
    Lines l = { .out = out };
    int rc = avalign_analyze_live(c, in, in ? NULL : name, (int64_t)(window_s * 1e6), on_window, &l);
    if (l.failed)
        return EXIT_INTERNAL;
    if (rc && rc != AVALIGN_ERR_CANCELLED && !signals_stopped()) {
        tool_error(name, avalign_last_error(c));
        return tool_exit_code(rc);
    }
    return l.flagged ? EXIT_FLAGGED : l.judged ? EXIT_CLEAR : EXIT_UNJUDGED;
}
