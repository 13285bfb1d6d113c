#include "queue/queue_job.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *queue_job_write(const JudgeSetup *s, const char *path, const char *sha256, char id[65])
{
    char settings[512];
    struct sha256_ctx h;
    judge_settings(s, settings);
    sha256_init(&h);
    sha256_update(&h, strlen(sha256) + 1, (const uint8_t *)sha256);
    sha256_update(&h, strlen(settings), (const uint8_t *)settings);
    tool_sha256_end(&h, id);
    json_t *doc = json_pack("{s:i,s:s,s:s,s:s,s:s?,s:s?,s:b,s:i}", "avalign_job", 1, "id", id, "path", path, "sha256", sha256, "only", s->only, "policy", s->policy, "html",
                            s->html, "attempts", 0);
    char *text = doc ? json_dumps(doc, JSON_COMPACT) : NULL;
    json_decref(doc);
    return text;
}

static int is_hash(const char *s) { return s && strlen(s) == 64 && strspn(s, "0123456789abcdef") == 64; } /* it names files */

int queue_job_read(QueueJob *j, const char *body, size_t n)
{
    memset(j, 0, sizeof *j);
    j->doc = json_loadb(body, n, 0, NULL);
    j->id = json_string_value(json_object_get(j->doc, "id"));
    j->path = json_string_value(json_object_get(j->doc, "path"));
    j->sha256 = json_string_value(json_object_get(j->doc, "sha256"));
    j->setup = (JudgeSetup){ .only = json_string_value(json_object_get(j->doc, "only")), .policy = json_string_value(json_object_get(j->doc, "policy")),
                             .html = json_is_true(json_object_get(j->doc, "html")) };
    j->attempts = (int)json_integer_value(json_object_get(j->doc, "attempts"));
    if (json_integer_value(json_object_get(j->doc, "avalign_job")) == 1 && is_hash(j->id) && j->path && is_hash(j->sha256))
        return 0;
    queue_job_free(j);
    return -1;
}

void queue_job_free(QueueJob *j)
{
    json_decref(j->doc);
    memset(j, 0, sizeof *j);
}

char *queue_result_write(const QueueJob *j, const JudgeAnswer *a, double seconds)
{
    char settings[512], host[256] = "";
    judge_settings(&j->setup, settings);
    gethostname(host, sizeof host - 1);
    json_t *doc = json_pack("{s:i,s:s,s:s,s:s,s:s,s:s,s:f,s:i,s:s,s:s?}", "avalign_result", 1, "id", j->id, "path", j->path, "sha256", j->sha256, "settings", settings,
                            "worker", host, "seconds", seconds, "exit_code", a->exit_code, "json", a->json, "page", a->page);
    char *text = doc ? json_dumps(doc, JSON_COMPACT) : NULL;
    json_decref(doc);
    return text;
}
