/* cmd_worker.c -- avalign worker: takes jobs from the queue and judges them, one after the other.
 *
 * This process owns the connection: it answers heartbeats, keeps long jobs from being taken away and stores results. The
 * media is read by a judge process, which can be killed by a file, by its time limit or by hand without anything being lost.
 * A job is acknowledged when its result is stored for good, or when it is in the dead-letter queue with the reason. */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/worker_process.h"
#include "queue/queue.h"
#include "queue/queue_job.h"
#include "common/tool.h"

static const char help[] =
    "usage: avalign worker --queue amqp://HOST [options]\n\n"
    "Takes jobs that `avalign submit` queued, one at a time, until it is told to stop (SIGTERM: after the job at hand; twice: at once,\n"
    "another worker gets the job). See docs/queue.md.\n\n"
    "  --queue URL, --credentials FILE, --name NAME   as for submit\n"
    "  --out DIR        results go to this (shared) folder as ID.json and ID.html (default: to the results queue)\n"
    "  --root DIR       take only files below DIR\n"
    "  --threads N      threads for a job (default: cores)\n"
    "  --timeout S      a job that takes longer goes to the dead-letter queue (default 7200)\n"
    "  --memory MB      a job that wants more data memory likewise (default: no limit)\n"
    "  --renew S        a job is held anew after so long; less than half of the broker's consumer_timeout (default 600)\n"
    "  --idle-exit S    leave when there was no job for so long\n"
    "  --no-sandbox     let the process that decodes reach disk and network\n"
    "  --models DIR     as for analyze\n"
    "  --quiet          no line for each job\n\n"
    "Exit codes: 0 told to stop or idle, 4 it could not start.\n";

enum { TRIES = 3, LONGEST_PAUSE_MS = 10000 };

typedef struct WorkerState {
    QueueSetup setup;
    Queue *queue;
    Judge judge;
    JudgeSetup at;     /* what the judge process was started for; texts in at_doc */
    json_t *at_doc;
    const char *out, *models;
    char *root;
    double timeout, renew, idle_exit;
    int threads, sandbox, quiet, broken; /* broken: judging can't even start here; other workers may do better */
    int64_t memory_mb;
} WorkerState;

static volatile sig_atomic_t stop; /* 1: after this job, 2: now */
static void on_signal(int sig)
{
    (void)sig;
    stop = stop ? 2 : 1;
}

static void note(const WorkerState *w, const char *path, const char *what)
{
    if (!w->quiet)
        fprintf(stderr, "%s: %s\n", path, what);
}

typedef enum Outcome { STORED, DEAD, LOST } Outcome; /* LOST: the connection, or told to stop now; another worker gets the job */

static int same_text(const char *a, const char *b) { return a == b || (a && b && !strcmp(a, b)); }

/* A judge process for the job's settings. 0 or -1. */
static int ready(WorkerState *w, const QueueJob *j)
{
    char why[96];
    if (w->judge.pid && same_text(w->at.only, j->setup.only) && same_text(w->at.policy, j->setup.policy) && w->at.html == j->setup.html)
        return 0;
    judge_end(&w->judge, 1, why);
    json_decref(w->at_doc);
    w->at_doc = json_incref(j->doc);
    w->at = j->setup;
    w->at.models = w->models;
    w->at.threads = w->threads;
    w->at.sandbox = w->sandbox;
    w->at.memory_mb = w->memory_mb;
    return judge_start(&w->judge, &w->at);
}

typedef enum Heard { ANSWERED, DIED, TOO_LONG, GONE } Heard;

/* Waits for the answer, and meanwhile keeps the connection alive and the job ours. */
static Heard await(WorkerState *w, QueueMessage *m, struct timespec *held, JudgeAnswer *a)
{
    for (;;) {
        struct pollfd p[2] = { { .fd = w->judge.fd, .events = POLLIN }, { .fd = queue_fd(w->queue), .events = POLLIN } };
        poll(p, 2, 250);
        if (p[0].revents) {
            int heard = judge_hear(&w->judge, a);
            if (heard)
                return heard > 0 ? ANSWERED : DIED;
        }
        if (queue_wait(w->queue, NULL, 1) < 0 || stop > 1)
            return GONE;
        if (judge_seconds(&w->judge) > w->timeout)
            return TOO_LONG;
        if (tool_seconds_since(held) > w->renew) {
            if (queue_hold(w->queue, m))
                return GONE;
            clock_gettime(CLOCK_MONOTONIC, held);
        }
    }
}

/* Puts the number of workers lost so far into the message, for a copy starts at 0 again. */
static void count_attempts(QueueMessage *m, const QueueJob *j)
{
    json_object_set_new(j->doc, "attempts", json_integer(j->attempts + m->deliveries + 1));
    char *text = json_dumps(j->doc, JSON_COMPACT);
    if (text) {
        free(m->body);
        m->body = text;
        m->n = strlen(text);
    }
}

static Outcome give_up(WorkerState *w, const QueueMessage *m, const char *path, const char *why)
{
    char line[200];
    snprintf(line, sizeof line, "%.199s", why);
    note(w, path, line);
    return queue_publish(w->queue, QUEUE_DEAD, m->body, m->n, m->id, line) || queue_ack(w->queue, m->tag) ? LOST : DEAD;
}

static int store(WorkerState *w, const QueueJob *j, const JudgeAnswer *a, double seconds)
{
    char path[4400];
    if (w->out) {
        snprintf(path, sizeof path, "%.4200s/%s.html", w->out, j->id);
        int bad = a->page && tool_put_file(path, a->page, strlen(a->page));
        snprintf(path, sizeof path, "%.4200s/%s.json", w->out, j->id);
        if (!bad)
            bad = tool_put_file(path, a->json, strlen(a->json));
        if (bad)
            fprintf(stderr, "avalign: %s: output: %s; the job goes back, free space\n", w->out, strerror(errno));
        return bad ? -1 : 0;
    }
    char *text = queue_result_write(j, a, seconds);
    int bad = !text || queue_publish(w->queue, QUEUE_RESULTS, text, strlen(text), j->id, NULL);
    free(text);
    return bad ? -1 : 0;
}

static int stored_before(const WorkerState *w, const QueueJob *j)
{
    char path[4400];
    snprintf(path, sizeof path, "%.4200s/%s.json", w->out ? w->out : "", j->id);
    return w->out && access(path, R_OK) == 0;
}

static int outside(const WorkerState *w, const char *path)
{
    char *whole = w->root ? realpath(path, NULL) : NULL;
    size_t n = w->root ? strlen(w->root) : 0;
    int out = w->root && whole && (strncmp(whole, w->root, n) || (whole[n] != '/' && w->root[n - 1] != '/'));
    free(whole);
    return out;
}

static Outcome settle(WorkerState *w, const QueueMessage *m, const QueueJob *j, JudgeAnswer *a, double seconds)
{
    char line[80];
    json_t *doc = json_loads(a->json, 0, NULL);
    const char *hash = json_string_value(json_object_get(doc, "file_sha256"));
    int changed = hash && strcmp(hash, j->sha256);
    json_decref(doc);
    if (!doc || changed)
        return give_up(w, m, j->path, doc ? "open: the file is not the one that was submitted; submit it again" : "output: the result is no JSON");
    if (store(w, j, a, seconds) || queue_ack(w->queue, m->tag))
        return LOST;
    snprintf(line, sizeof line, "%s, %.1f s", a->exit_code == EXIT_FLAGGED ? "flagged" : a->exit_code == EXIT_CLEAR ? "not flagged" : "not judged", seconds);
    note(w, j->path, line);
    return STORED;
}

static Outcome work(WorkerState *w, QueueMessage *m, QueueJob *j)
{
    char why[200] = "", how[96];
    struct timespec held;
    clock_gettime(CLOCK_MONOTONIC, &held);
    if (j->attempts + m->deliveries >= QUEUE_DELIVERIES)
        return give_up(w, m, j->path, "given up: too many workers were lost while they were at it");
    if (stored_before(w, j))
        return queue_ack(w->queue, m->tag) ? LOST : STORED;
    if (outside(w, j->path))
        return give_up(w, m, j->path, "open: the file is not below the worker's --root");
    count_attempts(m, j);
    for (int tries = 0; tries < TRIES; tries++) {
        JudgeAnswer a = { 0 };
        Outcome done;
        int given = ready(w, j) ? -2 : judge_give(&w->judge, 1, j->path, &a);
        Heard heard = given == -2 ? DIED : given ? ANSWERED : await(w, m, &held, &a);
        double seconds = judge_seconds(&w->judge);
        if (heard == ANSWERED && a.json) {
            done = settle(w, m, j, &a, seconds);
            judge_answer_free(&a);
            return done;
        }
        if (heard == ANSWERED) {
            snprintf(why, sizeof why, "%.190s", a.error ? a.error : "no result was left");
            int hopeless = a.exit_code == EXIT_INPUT;
            judge_answer_free(&a);
            if (hopeless)
                break;
            continue;
        }
        int unready = !w->judge.ready;
        judge_end(&w->judge, 1, how);
        if (heard == GONE)
            return LOST;
        if (unready && heard == DIED) { /* no fault of the job's */
            if (tries + 1 < TRIES)
                continue;
            fprintf(stderr, "avalign: judge: %s before it was ready\n", *how ? how : "the process ended");
            w->broken = 1;
            return LOST;
        }
        snprintf(why, sizeof why, "%s", *how ? how : "the process ended without a word");
        if (heard == TOO_LONG) {
            snprintf(why, sizeof why, "took longer than %g s", w->timeout);
            break;
        }
    }
    return give_up(w, m, j->path, why);
}

/* Jobs until told to stop (0), idle for long (0) or the connection is lost (-1). */
static int serve(WorkerState *w)
{
    struct timespec idle;
    clock_gettime(CLOCK_MONOTONIC, &idle);
    while (!stop) {
        QueueMessage m;
        QueueJob j;
        int got = queue_wait(w->queue, &m, 500);
        if (got < 0)
            return -1;
        if (got == 0) {
            if (w->idle_exit > 0 && tool_seconds_since(&idle) > w->idle_exit)
                return 0;
            continue;
        }
        Outcome done = queue_job_read(&j, m.body, m.n) ? give_up(w, &m, "a message", "no job of this version") : work(w, &m, &j);
        queue_job_free(&j);
        queue_message_free(&m);
        if (w->broken)
            return 0; /* closing the connection gives the job back */
        if (done == LOST || queue_let_go(w->queue))
            return stop > 1 ? 0 : -1;
        clock_gettime(CLOCK_MONOTONIC, &idle);
    }
    return 0;
}

static int run(WorkerState *w)
{
    char why[QUEUE_WHY], how[96];
    int pause = 250, first = 1, rc = -1;
    while (rc && stop < 1 + first) {
        if (!(w->queue = queue_open(&w->setup, why))) {
            fprintf(stderr, "avalign: %s: %s%s\n", w->setup.url, why, first ? "" : "; trying again");
            if (first)
                break;
        } else {
            pause = first ? pause : 250;
            first = 0;
            rc = queue_consume(w->queue) ? -1 : serve(w);
            if (rc)
                fprintf(stderr, "avalign: %s: %s; connecting anew\n", w->setup.url, queue_error(w->queue));
            queue_close(&w->queue);
        }
        if (rc && !stop) {
            usleep((useconds_t)pause * 1000);
            pause = pause * 2 < LONGEST_PAUSE_MS ? pause * 2 : LONGEST_PAUSE_MS;
        }
    }
    judge_end(&w->judge, stop > 1, how);
    json_decref(w->at_doc);
    return w->broken || (rc && !stop) ? EXIT_INTERNAL : EXIT_CLEAR;
}

int cmd_worker(int argc, char **argv)
{
    static const struct option longs[] = { { "queue", 1, NULL, 'Q' },   { "credentials", 1, NULL, 'c' }, { "name", 1, NULL, 'n' },      { "out", 1, NULL, 'O' },
                                           { "root", 1, NULL, 'r' },    { "threads", 1, NULL, 'T' },     { "timeout", 1, NULL, 't' },   { "memory", 1, NULL, 'm' },
                                           { "renew", 1, NULL, 'R' },   { "idle-exit", 1, NULL, 'i' },   { "no-sandbox", 0, NULL, 'S' }, { "models", 1, NULL, 'd' },
                                           { "quiet", 0, NULL, 'q' },   { "help", 0, NULL, 'h' },        { NULL, 0, NULL, 0 } };
    static WorkerState w = { .timeout = 7200, .renew = 600, .sandbox = 1 };
    const char *root = NULL;
    int code = EXIT_INTERNAL;
    w.setup.url = getenv("AVALIGN_QUEUE");
    w.threads = (int)sysconf(_SC_NPROCESSORS_ONLN);
    for (int c; (c = getopt_long(argc, argv, "qh", longs, NULL)) != -1;) {
        switch (c) {
        case 'Q': w.setup.url = optarg; break;
        case 'c': w.setup.credentials = optarg; break;
        case 'n': w.setup.name = optarg; break;
        case 'O': w.out = optarg; break;
        case 'r': root = optarg; break;
        case 'T': w.threads = (int)strtol(optarg, NULL, 10); break;
        case 't': w.timeout = strtod(optarg, NULL); break;
        case 'm': w.memory_mb = strtol(optarg, NULL, 10); break;
        case 'R': w.renew = strtod(optarg, NULL); break;
        case 'i': w.idle_exit = strtod(optarg, NULL); break;
        case 'S': w.sandbox = 0; break;
        case 'd': w.models = optarg; break;
        case 'q': w.quiet = 1; break;
        case 'h': fputs(help, stdout); return EXIT_CLEAR;
        default: fprintf(stderr, "see avalign worker --help\n"); return EXIT_INPUT;
        }
    }
    if (optind != argc || !(w.timeout > 0) || !(w.renew > 0) || w.threads < 1 || w.memory_mb < 0) {
        fprintf(stderr, "avalign: worker takes options alone, with positive numbers; see avalign worker --help\n");
        return EXIT_INPUT;
    }
    struct stat st;
    if (w.out && (stat(w.out, &st) || !S_ISDIR(st.st_mode) || access(w.out, W_OK))) {
        fprintf(stderr, "avalign: %s: output: no folder that can be written to; make it\n", w.out);
        return EXIT_INPUT;
    }
    if (root && !(w.root = realpath(root, NULL))) {
        fprintf(stderr, "avalign: %s: --root: %s\n", root, strerror(errno));
        return EXIT_INPUT;
    }
    if (queue_setup(&w.setup))
        return EXIT_INPUT;
    AvalignModels *m = tool_models(w.models, &code); /* told once, not as the failure of every job */
    if (m) {
        avalign_models_free(&m);
        struct sigaction sa = { .sa_handler = on_signal };
        sigaction(SIGINT, &sa, NULL);
        sigaction(SIGTERM, &sa, NULL);
        code = run(&w);
    }
    free(w.root);
    return code;
}
