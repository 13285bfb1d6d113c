/* serve_judge.c -- files judged again by another policy, from what was measured: nothing is decoded. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "batch/batch_tables.h"
#include "common/output.h"
#include "serve/serve.h"

typedef struct Kept {
    int64_t id; /* whose result it is */
    double seconds;
    char path[SERVE_PATH];
} Kept;

static int keep_row(void *cookie, const BatchRow *r)
{
    Kept *k = cookie;
    k->id = r->same_as ? r->same_as : r->id;
    k->seconds = r->seconds;
    snprintf(k->path, sizeof k->path, "%s", r->path);
    return 0;
}

/* The file whose result is shown under id. 0 or -1; under lock. */
static int find_original(Serve *s, int64_t id, Kept *k)
{
    k->id = 0;
    if (batch_db_rows(s->db, id, keep_row, k) || !k->id)
        return -1;
    return k->id == id ? 0 : batch_db_rows(s->db, k->id, keep_row, k);
}

typedef struct Again {
    const char *text, *policy;
    double flag_at;
    AvalignErrorInfo *e;
} Again;

static int put_again(const void *what, FILE *f)
{
    const Again *a = what;
    return avalign_judge_again(a->text, strlen(a->text), a->policy, a->flag_at, tool_write_file, f, a->e);
}

static char *again(const char *text, const char *policy, double flag_at, AvalignErrorInfo *e)
{
    size_t n;
    return output_text(put_again, &(Again){ text, policy, flag_at, e }, &n);
}

static json_t *verdict_of(const json_t *doc) { return json_object_get(json_object_get(doc, "signals"), "verdict"); }

/* Marks can't be made anew from the numbers: theirs is the first verdict, and they say so. */
static void stamp_marks(const Serve *s, const Kept *k, const json_t *before)
{
    char path[BATCH_PATH];
    json_t *marks = json_load_file(batch_path(path, s->out, "marks", k->id, k->path, "json"), 0, NULL);
    char *text = NULL;
    if (marks && !json_object_get(marks, SERVE_JUDGED) && !json_object_set(marks, SERVE_JUDGED, verdict_of(before)))
        text = json_dumps(marks, JSON_COMPACT | JSON_REAL_PRECISION(9));
    if (text)
        output_put(path, text, strlen(text));
    free(text);
    json_decref(marks);
}

static int store(Serve *s, const Kept *k, const char *result, const char *page, const json_t *doc)
{
    char path[BATCH_PATH], settings[OPTIONS_SETTINGS + 64];
    const char *name = json_string_value(json_object_get(verdict_of(doc), "policy"));
    int code = json_is_null(json_object_get(doc, "anomaly_score")) ? EXIT_UNJUDGED : json_is_true(json_object_get(verdict_of(doc), "flagged")) ? EXIT_FLAGGED : EXIT_CLEAR;
    snprintf(settings, sizeof settings, "%.*s; judged again by %.31s", (int)sizeof s->settings, s->settings, name ? name : "?");
    return (page && output_put(batch_path(path, s->out, "pages", k->id, k->path, "html"), page, strlen(page))) ||
           batch_db_finish(s->db, k->id, code, k->seconds, result, doc, NULL) || batch_db_set_settings(s->db, k->id, settings) ||
           output_put(batch_path(path, s->out, "json", k->id, k->path, "json"), result, strlen(result));
}

static int judge_one(Serve *s, const Kept *k, const char *policy, double flag_at, char why[SERVE_WHY])
{
    char path[BATCH_PATH], *old = batch_db_result(s->db, k->id);
    size_t n;
    AvalignErrorInfo e = { 0 };
    char *old_page = tool_slurp(batch_path(path, s->out, "pages", k->id, k->path, "html"), &n);
    char *result = old ? again(old, policy, flag_at, &e) : NULL, *page = result && old_page ? again(old_page, policy, flag_at, &e) : NULL;
    json_t *before = old ? json_loads(old, 0, NULL) : NULL, *doc = result ? json_loads(result, 0, NULL) : NULL;
    int code = 0;
    if (!old)
        code = 409, snprintf(why, SERVE_WHY, "there is no result to judge");
    else if (!doc || (old_page && !page))
        code = 422, snprintf(why, SERVE_WHY, "%.240s", *e.message ? e.message : "out of memory");
    if (!code)
        stamp_marks(s, k, before);
    if (!code && store(s, k, result, page, doc))
        code = 507, snprintf(why, SERVE_WHY, "the result could not be written; free space");
    json_decref(before);
    json_decref(doc);
    free(old);
    free(old_page);
    free(result);
    free(page);
    return code;
}

int serve_judge(Serve *s, int64_t id, const json_t *asked, char why[SERVE_WHY])
{
    const json_t *policy = json_object_get(asked, "policy"), *flag_at = json_object_get(asked, "flag_at");
    AvalignErrorInfo e = { 0 };
    Kept k;
    if (!json_is_object(asked) || (flag_at && !json_is_null(flag_at) && !(json_number_value(flag_at) > 0 && json_number_value(flag_at) <= 1)))
        return snprintf(why, SERVE_WHY, "\"policy\" (a name or a document) and, where wanted, \"flag_at\" (over 0, at most 1) are needed"), 422;
    char *text = json_is_object(policy) ? json_dumps(policy, 0) : json_is_string(policy) ? strdup(json_string_value(policy)) : NULL;
    int code = 422;
    if (!text || avalign_policy_check(text, &e)) {
        snprintf(why, SERVE_WHY, "%.240s", text ? e.message : "\"policy\" is missing");
    } else {
        pthread_mutex_lock(&s->lock);
        code = find_original(s, id, &k) ? (snprintf(why, SERVE_WHY, "there is no such file (any more)"), 404) : judge_one(s, &k, text, json_number_value(flag_at), why);
        pthread_mutex_unlock(&s->lock);
    }
    free(text);
    if (!code)
        serve_tell_row(s, k.id);
    return code;
}

int serve_marks_hold(Serve *s, int64_t id, const json_t *marks)
{
    const json_t *judged = json_object_get(marks, SERVE_JUDGED);
    if (!judged)
        return 1;
    pthread_mutex_lock(&s->lock);
    char *text = batch_db_result(s->db, id);
    pthread_mutex_unlock(&s->lock);
    json_t *doc = text ? json_loads(text, 0, NULL) : NULL;
    int same = doc && json_equal(judged, verdict_of(doc));
    json_decref(doc);
    free(text);
    return same;
}
