/* queue_job.c -- jobs and results to JSON and back. */
#include "queue/queue_job.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *queue_job_write(const Options *o, const char *path, const char *sha256, char id[65])
{
    char settings[OPTIONS_SETTINGS], room[32];
    const char *value;
    size_t i = 0;
    struct sha256_ctx h;
    options_settings(o, settings);
    sha256_init(&h);
    sha256_update(&h, strlen(sha256) + 1, (const uint8_t *)sha256);
    sha256_update(&h, strlen(settings), (const uint8_t *)settings);
    tool_sha256_end(&h, id);
    json_t *doc = json_pack("{s:i,s:s,s:s,s:s,s:i}", "avalign_job", 2, "id", id, "path", path, "sha256", sha256, "attempts", 0);
    for (const Option *row; doc && (row = options_next_passed(o, &i, &value, room)) != NULL;)
        json_object_set_new(doc, row->name, row->kind == OPTION_FLAG ? json_true() : json_string(value));
    char *text = doc ? json_dumps(doc, JSON_COMPACT) : NULL;
    json_decref(doc);
    return text;
}

static int is_hash(const char *s) { return s && strlen(s) == 64 && strspn(s, "0123456789abcdef") == 64; } /* it names files */

static const char *const about_job[] = { "avalign_job", "id", "path", "sha256", "attempts" };

/* One setting of a job: 0, or -1 for one that this version doesn't know or take. */
static int read_setting(Options *o, const char *name, const json_t *v)
{
    char why[256];
    const Option *row = NULL;
    for (size_t i = 0; i < sizeof about_job / sizeof *about_job; i++)
        if (!strcmp(name, about_job[i]))
            return 0;
    for (size_t i = 0; i < option_count && !row; i++)
        if (option_table[i].passed_on && !strcmp(option_table[i].name, name))
            row = &option_table[i];
    if (!row || (row->kind == OPTION_FLAG ? !json_is_boolean(v) : !json_is_string(v) && !json_is_null(v)))
        return -1;
    if (json_is_null(v) || json_is_false(v)) /* version 1 names what is not set */
        return 0;
    if (row->kind == OPTION_POLICY && avalign_policy_check(json_string_value(v), NULL)) /* a name or a document; no file of this machine */
        return -1;
    return options_set(o, row, json_is_string(v) ? json_string_value(v) : "", why);
}

int queue_job_read(QueueJob *j, const char *body, size_t n)
{
    const char *name;
    json_t *v;
    memset(j, 0, sizeof *j);
    j->doc = json_loadb(body, n, 0, NULL);
    j->id = json_string_value(json_object_get(j->doc, "id"));
    j->path = json_string_value(json_object_get(j->doc, "path"));
    j->sha256 = json_string_value(json_object_get(j->doc, "sha256"));
    j->attempts = (int)json_integer_value(json_object_get(j->doc, "attempts"));
    json_int_t version = json_integer_value(json_object_get(j->doc, "avalign_job"));
    int bad = (version != 1 && version != 2) || !is_hash(j->id) || !j->path || !is_hash(j->sha256);
    json_object_foreach(j->doc, name, v)
        bad |= bad || read_setting(&j->setup, name, v);
    if (!bad)
        return 0;
    queue_job_free(j);
    return -1;
}

void queue_job_free(QueueJob *j)
{
    options_free(&j->setup);
    json_decref(j->doc);
    memset(j, 0, sizeof *j);
}

char *queue_result_write(const QueueJob *j, const ProcessAnswer *a, double seconds)
{
    char settings[OPTIONS_SETTINGS], host[256] = "";
    options_settings(&j->setup, settings);
    gethostname(host, sizeof host - 1);
    json_t *doc = json_pack("{s:i,s:s,s:s,s:s,s:s,s:s,s:f,s:i,s:s,s:s?}", "avalign_result", 1, "id", j->id, "path", j->path, "sha256", j->sha256, "settings", settings,
                            "worker", host, "seconds", seconds, "exit_code", a->exit_code, "json", a->json, "page", a->page);
    char *text = doc ? json_dumps(doc, JSON_COMPACT) : NULL;
    json_decref(doc);
    return text;
}
