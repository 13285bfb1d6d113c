/* serve_api.c -- what the page and other programs read, as JSON (web/openapi.json). */
#include <math.h>
#include <nettle/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch/batch_tables.h"
#include "common/files.h"
#include "serve/serve.h"

/* ---- rows ---------------------------------------------------------------------------------- */

/* "sound early by 137 ms": a sign alone is misread. */
static json_t *offset_words(const BatchRow *r)
{
    double x = round(r->offset_ms);
    if (isnan(x))
        return r->no_offset ? json_sprintf("no answer: %s", avalign_reason_words(r->no_offset)) : json_null();
    return x == 0 ? json_string("together") : json_sprintf("sound %s by %.0f ms", x > 0 ? "early" : "late", fabs(x));
}

static json_t *real_or_null(double x, double steps) { return isnan(x) ? json_null() : json_real(round(x * steps) / steps); }

static const char *verdict(const BatchRow *r) { return r->exit_code == EXIT_FLAGGED ? "flagged" : r->exit_code == EXIT_CLEAR ? "not flagged" : "not judged"; }

static json_t *links(const Serve *s, const BatchRow *r)
{
    static const char *const what[] = { "result", "page", "marks", "media" };
    json_t *out = json_object();
    for (size_t i = 0; i < sizeof what / sizeof *what; i++) {
        char hex[SERVE_ID];
        if (i == 3 && upload_name(s, r->path) == r->path) /* not ours to hand out */
            continue;
        serve_ticket(s, r->id, what[i], hex);
        json_object_set_new(out, what[i], json_sprintf("api/files/%lld/%s/%s", (long long)r->id, what[i], hex));
    }
    return out;
}

static json_t *row_json(const Serve *s, const BatchRow *r)
{
    int working = -1;
    for (int i = 0; i < OPTIONS_MAX_JOBS; i++)
        if (s->at_work[i] == r->id)
            working = i;
    const char *status = working >= 0 && !strcmp(r->status, "queued") ? "working" : r->status;
    json_t *out = json_pack("{s:I,s:o,s:s,s:I,s:I}", "id", (json_int_t)r->id, "name", tool_json_text(upload_name(s, r->path)), "status", status, "size",
                            (json_int_t)r->size, "added", (json_int_t)r->mtime);
    if (!out)
        return NULL;
    if (!strcmp(status, "working"))
        json_object_set_new(out, "done", s->done[working] >= 0 ? json_real(s->done[working]) : json_null());
    if (r->same_as)
        json_object_set_new(out, "same_as", json_integer(r->same_as));
    if (!strcmp(r->status, "failed"))
        json_object_set_new(out, "error", tool_json_text(r->error ? r->error : "failed"));
    if (r->finished) {
        json_object_set_new(out, "verdict", json_string(verdict(r)));
        json_object_set_new(out, "noticed", json_boolean(r->noticed));
        json_object_set_new(out, "score", real_or_null(r->score, 1000));
        json_object_set_new(out, "offset_ms", real_or_null(r->offset_ms, 10));
        json_object_set_new(out, "offset", offset_words(r));
        json_object_set_new(out, "links", links(s, r));
    }
    return out;
}

typedef struct Rows {
    const Serve *s;
    json_t *list;
} Rows;

static int add_row(void *cookie, const BatchRow *r)
{
    Rows *rows = cookie;
    return json_array_append_new(rows->list, row_json(rows->s, r));
}

json_t *serve_files(Serve *s)
{
    Rows rows = { s, json_array() };
    pthread_mutex_lock(&s->lock);
    int bad = batch_db_rows(s->db, 0, add_row, &rows);
    pthread_mutex_unlock(&s->lock);
    if (!bad)
        return json_pack("{s:o}", "files", rows.list);
    json_decref(rows.list);
    return NULL;
}

json_t *serve_file(Serve *s, int64_t id)
{
    Rows rows = { s, json_array() };
    pthread_mutex_lock(&s->lock);
    int bad = batch_db_rows(s->db, id, add_row, &rows);
    pthread_mutex_unlock(&s->lock);
    json_t *row = bad ? NULL : json_incref(json_array_get(rows.list, 0));
    json_decref(rows.list);
    return row;
}

/* ---- what is said of the whole --------------------------------------------------------------- */

/* The measurements in words, so that the page has none of its own. */
static json_t *field_list(void)
{
    json_t *list = json_array();
    const AvalignFieldInfo *f;
    for (size_t i = 0; (f = avalign_field_info(i)) != NULL; i++)
        json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:s}", "key", f->key, "label", f->label, "unit", f->unit, "meaning", f->meaning));
    return list;
}

static json_t *reason_words(void)
{
    json_t *out = json_object();
    const AvalignReasonInfo *r;
    for (size_t i = 0; (r = avalign_reason_info(i)) != NULL; i++)
        json_object_set_new(out, r->code, json_string(r->words));
    return out;
}

json_t *serve_status(Serve *s)
{
    json_t *formats = json_array(), *endings = json_array();
    for (size_t i = 0; files_ending(i); i++)
        json_array_append_new(endings, json_string(files_ending(i)));
    for (size_t i = 0; i < OPTIONS_MARKS; i++)
        if (s->o->transcribe || (option_marks[i].format != AVALIGN_WORDS_VTT && option_marks[i].format != AVALIGN_WORDS_SRT))
            json_array_append_new(formats, json_string(option_marks[i].name));
    pthread_mutex_lock(&s->lock);
    json_t *out = json_pack("{s:s,s:s,s:I,s:I,s:I,s:f,s:o,s:o,s:o,s:o,s:o}", "avalign", avalign_version(), "settings", s->settings, "max_file", (json_int_t)s->max_file, "max_total",
                            (json_int_t)s->max_total, "used", (json_int_t)s->used, "expire_days", s->expire_s / 86400, "marks", formats, "fields", field_list(), "reasons", reason_words(),
                            "endings", endings, "trouble",
                            *s->trouble ? tool_json_text(s->trouble) : json_null());
    pthread_mutex_unlock(&s->lock);
    return out;
}

/* ---- files of a file ---------------------------------------------------------------------------- */

typedef struct Path {
    const Serve *s;
    const char *folder, *ext;
    char *out;
} Path;

static int find_path(void *cookie, const BatchRow *r)
{
    Path *p = cookie;
    char room[BATCH_PATH];
    p->out = strdup(p->folder ? batch_path(room, p->s->out, p->folder, r->id, r->path, p->ext) : r->path);
    return 0;
}

static int original_of(void *cookie, const BatchRow *r)
{
    int64_t *id = cookie;
    *id = r->same_as ? r->same_as : r->id;
    return 0;
}

char *serve_path(Serve *s, int64_t id, const char *folder, const char *ext)
{
    Path p = { s, folder, ext, NULL };
    int64_t from = id;
    pthread_mutex_lock(&s->lock);
    if (folder) /* what was made of a copy is its original's */
        batch_db_rows(s->db, id, original_of, &from);
    batch_db_rows(s->db, from, find_path, &p);
    pthread_mutex_unlock(&s->lock);
    return p.out;
}

void serve_ticket(const Serve *s, int64_t id, const char *what, char hex[SERVE_ID])
{
    struct hmac_sha256_ctx h;
    uint8_t digest[SHA256_DIGEST_SIZE];
    char text[64];
    int n = snprintf(text, sizeof text, "%lld %s", (long long)id, what);
    hmac_sha256_set_key(&h, strlen(s->token), (const uint8_t *)s->token);
    hmac_sha256_update(&h, (size_t)n, (const uint8_t *)text);
    hmac_sha256_digest(&h, 16, digest);
    for (size_t i = 0; i < 16; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

void serve_wake(Serve *s)
{
    uint64_t one = 1;
    if (write(s->wake, &one, sizeof one) < 0)
        return; /* it is full of wakings already */
}

/* ---- events --------------------------------------------------------------------------------------- */

static void tell(Serve *s, json_t *event)
{
    char *text = event ? json_dumps(event, JSON_COMPACT | JSON_REAL_PRECISION(9)) : NULL;
    json_decref(event);
    if (text)
        events_put(s->events, text);
    free(text);
}

void serve_tell_row(Serve *s, int64_t id)
{
    json_t *row = serve_file(s, id);
    tell(s, row ? json_pack("{s:o}", "file", row) : NULL);
}

void serve_tell_gone(Serve *s, int64_t id) { tell(s, json_pack("{s:I}", "gone", (json_int_t)id)); }
