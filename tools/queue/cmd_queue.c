/* cmd_queue.c -- avalign queue: what is waiting, what came out, what was given up. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "batch/batch_tables.h"
#include "common/options.h"
#include "common/output.h"
#include "queue/queue.h"
#include "queue/queue_job.h"
#include "common/tool.h"

static int broken(const Queue *q)
{
    fprintf(stderr, "avalign: queue: %s\n", queue_error(q));
    return EXIT_INTERNAL;
}

static int status(Queue *q, const Options *o)
{
    int64_t jobs, workers, results, dead, none;
    if (queue_count(q, QUEUE_JOBS, &jobs, &workers) || queue_count(q, QUEUE_RESULTS, &results, &none) || queue_count(q, QUEUE_DEAD, &dead, &none))
        return broken(q);
    if (o->json_lines)
        tool_print_json(json_pack("{s:I,s:I,s:I,s:I}", "waiting", (json_int_t)jobs, "workers", (json_int_t)workers, "results", (json_int_t)results, "dead", (json_int_t)dead));
    else
        printf("%6lld  jobs waiting\n%6lld  workers\n%6lld  results to collect\n%6lld  jobs given up\n", (long long)jobs, (long long)workers, (long long)results, (long long)dead);
    return fflush(stdout) ? EXIT_INTERNAL : EXIT_CLEAR;
}

/* Stores one result; 0, 1 it is none (left where it is), -1. */
static int queue_keep(const char *out, BatchDb *db, const QueueMessage *m)
{
    char to[BATCH_PATH];
    json_t *r = json_loadb(m->body, m->n, 0, NULL);
    const char *path = json_string_value(json_object_get(r, "path")), *text = json_string_value(json_object_get(r, "json"));
    const char *page = json_string_value(json_object_get(r, "page")), *settings = json_string_value(json_object_get(r, "settings"));
    json_t *doc = text ? json_loads(text, 0, NULL) : NULL;
    int64_t id;
    int rc = 1;
    if (path && settings && doc) {
        if (!page && strstr(settings, "; html"))
            tool_say(path, "its page was larger than a message may be; run the worker with --out");
        rc = batch_db_add(db, path, -1, 0, settings, 0) || batch_db_id(db, path, &id) ? -1 : 0;
        if (!rc && page && output_put(batch_path(to, out, "pages", id, path, "html"), page, strlen(page)))
            rc = -1;
        if (!rc && batch_db_finish(db, id, (int)json_integer_value(json_object_get(r, "exit_code")), json_number_value(json_object_get(r, "seconds")), text, doc, NULL))
            rc = -1;
        if (!rc && output_put(batch_path(to, out, "json", id, path, "json"), text, strlen(text)))
            rc = -1;
    }
    json_decref(doc);
    json_decref(r);
    return rc;
}

static int keep_dead(BatchDb *db, const QueueMessage *m)
{
    QueueJob j;
    char settings[OPTIONS_SETTINGS];
    int64_t id;
    if (queue_job_read(&j, m->body, m->n))
        return 0;
    options_settings(&j.setup, settings);
    int rc = batch_db_add(db, j.path, -1, 0, settings, 1) || batch_db_id(db, j.path, &id) || batch_db_finish(db, id, EXIT_INPUT, 0, NULL, NULL, m->reason);
    queue_job_free(&j);
    return rc ? -1 : 0;
}

static int collect(Queue *q, const Options *o)
{
    char why[256];
    QueueMessage m;
    BatchCounts n;
    int rc = 0, got;
    if (batch_folders(o->out, 1))
        return EXIT_INTERNAL;
    BatchDb *db = batch_db_open(o->out, why);
    if (!db) {
        tool_say(o->out, "%s", why);
        return EXIT_INTERNAL;
    }
    while ((got = queue_get(q, QUEUE_RESULTS, &m)) > 0) {
        rc = queue_keep(o->out, db, &m);
        if (rc > 0) /* nobody's result: it must not block the others */
            rc = queue_publish(q, QUEUE_DEAD, m.body, m.n, m.id, "no result of this version");
        if (rc < 0)
            tool_say(o->out, "output: %s; the results stay in the queue", errno ? strerror(errno) : batch_db_error(db));
        else
            rc = queue_ack(q, m.tag);
        queue_message_free(&m);
        if (rc)
            break;
    }
    while (!rc && got == 0 && queue_get(q, QUEUE_DEAD, &m) > 0) { /* left there: not acknowledged */
        rc = keep_dead(db, &m);
        queue_message_free(&m);
    }
    if (got < 0)
        broken(q);
    rc |= got < 0 || batch_tables(o->out, db);
    if (batch_db_counts(db, &n) == 0)
        fprintf(stderr, "%lld done (%lld flagged), %lld failed; %s/summary.csv\n", (long long)n.done, (long long)n.flagged, (long long)n.failed, o->out);
    batch_db_close(db);
    return rc ? EXIT_INTERNAL : EXIT_CLEAR;
}

static int dead(Queue *q, const Options *o)
{
    QueueMessage m;
    int64_t left, none;
    int rc = queue_count(q, QUEUE_DEAD, &left, &none), got = 0;
    while (!rc && left-- > 0 && (got = queue_get(q, QUEUE_DEAD, &m)) > 0) {
        QueueJob j;
        int is_job = queue_job_read(&j, m.body, m.n) == 0;
        if (o->json_lines) {
            tool_print_json(json_pack("{s:o,s:o}", "file", tool_json_text(is_job ? j.path : ""), "reason", tool_json_text(m.reason)));
        } else {
            tool_clean(is_job ? j.path : "(no job)", stdout);
            printf(": ");
            tool_clean(m.reason, stdout);
            printf("\n");
        }
        if (o->retry && is_job) {
            json_object_set_new(j.doc, "attempts", json_integer(0));
            char *text = json_dumps(j.doc, JSON_COMPACT);
            rc = !text || queue_publish(q, QUEUE_JOBS, text, strlen(text), j.id, NULL) || queue_ack(q, m.tag);
            free(text);
        } else if (o->drop) {
            rc = queue_ack(q, m.tag);
        }
        if (is_job)
            queue_job_free(&j);
        queue_message_free(&m);
    }
    return rc || got < 0 ? broken(q) : EXIT_CLEAR;
}

int cmd_queue(Options *o)
{
    static const struct {
        const char *name;
        int (*run)(Queue *q, const Options *o);
    } verbs[] = { { "status", status }, { "collect", collect }, { "dead", dead } };
    static QueueSetup setup;
    char why[QUEUE_WHY];
    size_t k = 0, n = sizeof verbs / sizeof *verbs;
    while (k < n && strcmp(o->operand[0], verbs[k].name))
        k++;
    if (k == n) {
        tool_say("queue", "status, collect or dead, not \"%.80s\"; see avalign queue --help", o->operand[0]);
        return EXIT_INPUT;
    }
    const char *misplaced = o->out && verbs[k].run != collect ? "--out is for collect" : (o->retry || o->drop) && verbs[k].run != dead ? "--retry and --drop are for dead"
                          : o->retry && o->drop ? "--retry or --drop, not both" : verbs[k].run == collect && !o->out ? "collect needs --out DIR" : NULL;
    if (misplaced) {
        tool_complain("queue", misplaced);
        return EXIT_INPUT;
    }
    if (queue_setup(&setup, o))
        return EXIT_INPUT;
    Queue *q = queue_open(&setup, why);
    if (!q) {
        tool_say(setup.url, "%s", why);
        return EXIT_INTERNAL;
    }
    int code = verbs[k].run(q, o);
    queue_close(&q);
    return code;
}
