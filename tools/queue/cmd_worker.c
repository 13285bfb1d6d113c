/* cmd_worker.c -- avalign worker: takes jobs from the queue and judges them, one after the other.
 *
 * This process owns the connection: it answers heartbeats, keeps long jobs from being taken away and stores results. The
 * media is read by a worker process, which can be killed by a file, by its time limit or by hand without anything being lost.
 * A job is acknowledged when its result is stored for good, or when it is in the dead-letter queue with the reason. */
#define _GNU_SOURCE /* O_PATH */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/output.h"
#include "common/signals.h"
#include "common/worker_process.h"
#include "queue/queue.h"
#include "queue/queue_job.h"
#include "common/tool.h"

enum { TRIES = 3, LONGEST_PAUSE_MS = 10000, LARGEST_MESSAGE = 15 << 20 }; /* RabbitMQ 4 takes 16 MiB */

typedef struct WorkerState {
    QueueSetup setup;
    Queue *queue;
    WorkerProcess process;
    const Options *o;
    Options at;        /* what the worker process was started for; texts in at_doc */
    json_t *at_doc;
    int root;          /* a folder's descriptor; -1: any file */
    char root_path[4096];
    double timeout, renew;
    long threads;
    int broken;        /* judging can't even start here; other workers may do better */
} WorkerState;

static void worker_note(const WorkerState *w, const char *path, const char *what)
{
    if (w->o->quiet)
        return;
    tool_clean(path, stderr);
    fprintf(stderr, ": %s\n", what);
}

typedef enum Outcome { STORED, DEAD, LOST } Outcome; /* LOST: the connection, or told to stop now; another worker gets the job */

/* A worker process for the job's settings. 0 or -1. */
static int worker_ready(WorkerState *w, const QueueJob *j)
{
    char why[96];
    if (w->process.pid && options_same_settings(&w->at, &j->setup))
        return 0;
    process_end(&w->process, 1, why);
    json_decref(w->at_doc);
    w->at_doc = json_incref(j->doc);
    w->at = j->setup;
    w->at.analyzers = w->at.policy_text = NULL; /* the job's */
    w->at.operand = NULL;
    w->at.models = w->o->models;
    w->at.threads = w->threads;
    w->at.sandbox = !w->o->no_sandbox;
    w->at.memory = w->o->memory;
    return process_start(&w->process, &w->at);
}

typedef enum Heard { ANSWERED, DIED, TOO_LONG, GONE } Heard;

/* Waits for the answer, and meanwhile keeps the connection alive and the job ours. */
static Heard await(WorkerState *w, QueueMessage *m, struct timespec *held, ProcessAnswer *a)
{
    for (;;) {
        struct pollfd p[3] = { { .fd = w->process.fd, .events = POLLIN }, { .fd = queue_fd(w->queue), .events = POLLIN }, { .fd = signals_fd(), .events = POLLIN } };
        poll(p, 3, 250);
        if (signals_stopped())
            return GONE;
        if (p[0].revents) {
            int heard = process_hear(&w->process, a);
            if (heard)
                return heard > 0 ? ANSWERED : DIED;
        }
        if (queue_wait(w->queue, NULL, 1) < 0)
            return GONE;
        if (process_seconds(&w->process) > w->timeout)
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
    worker_note(w, path, line);
    return queue_publish(w->queue, QUEUE_DEAD, m->body, m->n, m->id, line) || queue_ack(w->queue, m->tag) ? LOST : DEAD;
}

static int worker_store(WorkerState *w, const QueueJob *j, const ProcessAnswer *a, double seconds)
{
    char path[4400];
    if (w->o->out) {
        snprintf(path, sizeof path, "%.4200s/%s.html", w->o->out, j->id);
        int bad = a->page && output_put(path, a->page, strlen(a->page));
        snprintf(path, sizeof path, "%.4200s/%s.json", w->o->out, j->id);
        if (!bad)
            bad = output_put(path, a->json, strlen(a->json));
        if (bad)
            tool_say(w->o->out, "output: %s; the job goes back, free space", strerror(errno));
        return bad ? -1 : 0;
    }
    char *text = queue_result_write(j, a, seconds);
    if (text && a->page && strlen(text) > LARGEST_MESSAGE) { /* the broker would close the connection, again and again */
        ProcessAnswer bare = { .exit_code = a->exit_code, .json = a->json };
        free(text);
        text = queue_result_write(j, &bare, seconds);
        worker_note(w, j->path, "the page is larger than a message may be and was left out; use --out");
    }
    int bad = !text || queue_publish(w->queue, QUEUE_RESULTS, text, strlen(text), j->id, NULL);
    free(text);
    return bad ? -1 : 0;
}

static int stored_before(const WorkerState *w, const QueueJob *j)
{
    char path[4400];
    snprintf(path, sizeof path, "%.4200s/%s.json", w->o->out ? w->o->out : "", j->id);
    return w->o->out && access(path, R_OK) == 0;
}

/* Opens a job's file: below the root whatever links are on the way, also when they change meanwhile. -1 with the reason in why. */
static int open_job(const WorkerState *w, const char *path, char why[160])
{
    size_t n = strlen(w->root_path);
    if (w->root < 0)
        return tool_open(strcmp(path, "-") ? path : "./-", why);
    char *whole = realpath(path, NULL); /* links within the root are fine; what they become after this is caught below */
    int below = whole && !strncmp(whole, w->root_path, n) && whole[n] == '/' && whole[n + 1], saved = errno;
    struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
    int fd = below ? (int)syscall(SYS_openat2, w->root, whole + n + 1, &how, sizeof how) : -1;
    errno = below ? errno : whole ? EXDEV : saved;
    free(whole);
    if (fd < 0) {
        snprintf(why, 160, errno == EXDEV || errno == ELOOP ? "open: the file is not below the worker's --root"
                           : errno == ENOSYS ? "open: this kernel can't keep to --root (no openat2); take Linux 5.6 or newer" : "open: %s; check the path", strerror(errno));
        return -1;
    }
    return tool_check_open(fd, why);
}

/* Hands the job's file to the process; as process_give(). */
static int cmd_worker_give(WorkerState *w, const QueueJob *j, ProcessAnswer *a)
{
    char why[160];
    int fd = open_job(w, j->path, why);
    if (fd >= 0)
        return process_give_open(&w->process, 1, j->path, fd);
    *a = (ProcessAnswer){ .exit_code = EXIT_INPUT, .error = strdup(why) };
    return -1;
}

/* Told to stop: a copy goes back whose attempts don't count this worker, for it was not lost. Without the broker it does count. */
static void give_back(WorkerState *w, const QueueMessage *m, QueueJob *j)
{
    json_object_set_new(j->doc, "attempts", json_integer(j->attempts + m->deliveries));
    char *text = json_dumps(j->doc, JSON_COMPACT);
    if (text && !queue_publish(w->queue, QUEUE_JOBS, text, strlen(text), m->id, NULL))
        queue_ack(w->queue, m->tag);
    free(text);
    worker_note(w, j->path, "given back");
}

static Outcome cmd_worker_settle(WorkerState *w, const QueueMessage *m, const QueueJob *j, ProcessAnswer *a, double seconds)
{
    char line[80];
    json_t *doc = json_loads(a->json, 0, NULL);
    const char *hash = json_string_value(json_object_get(doc, "file_sha256"));
    int changed = hash && strcmp(hash, j->sha256);
    json_decref(doc);
    if (!doc || changed)
        return give_up(w, m, j->path, doc ? "open: the file is not the one that was submitted; submit it again" : "output: the result is no JSON");
    if (worker_store(w, j, a, seconds) || queue_ack(w->queue, m->tag))
        return LOST;
    snprintf(line, sizeof line, "%s, %.1f s", a->exit_code == EXIT_FLAGGED ? "flagged" : a->exit_code == EXIT_CLEAR ? "not flagged" : "not judged", seconds);
    worker_note(w, j->path, line);
    return STORED;
}

static Outcome worker_work(WorkerState *w, QueueMessage *m, QueueJob *j)
{
    char why[200] = "", how[96];
    struct timespec held;
    clock_gettime(CLOCK_MONOTONIC, &held);
    if (j->attempts + m->deliveries >= QUEUE_DELIVERIES)
        return give_up(w, m, j->path, "given up: too many workers were lost while they were at it");
    if (stored_before(w, j))
        return queue_ack(w->queue, m->tag) ? LOST : STORED;
    count_attempts(m, j);
    for (int tries = 0; tries < TRIES; tries++) {
        ProcessAnswer a = { 0 };
        Outcome done;
        int given = worker_ready(w, j) ? -2 : cmd_worker_give(w, j, &a);
        Heard heard = given == -2 ? DIED : given ? ANSWERED : await(w, m, &held, &a);
        double seconds = process_seconds(&w->process);
        if (heard == ANSWERED && a.json) {
            done = cmd_worker_settle(w, m, j, &a, seconds);
            process_answer_free(&a);
            return done;
        }
        if (heard == ANSWERED) {
            snprintf(why, sizeof why, "%.190s", a.error ? a.error : "no result was left");
            int hopeless = a.exit_code == EXIT_INPUT;
            process_answer_free(&a);
            if (hopeless)
                break;
            continue;
        }
        int unready = !w->process.ready;
        process_end(&w->process, 1, how);
        if (heard == GONE) {
            if (signals_stopped())
                give_back(w, m, j);
            return LOST;
        }
        if (unready && heard == DIED) { /* no fault of the job's */
            if (tries + 1 < TRIES)
                continue;
            fprintf(stderr, "avalign: worker process: %s before it was ready\n", *how ? how : "the process ended");
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
    while (!signals_stopped() && !signals_drained()) {
        QueueMessage m;
        QueueJob j;
        int got = queue_wait(w->queue, &m, 250);
        if (got < 0)
            return -1;
        if (got == 0) {
            if (w->o->idle_exit > 0 && tool_seconds_since(&idle) > w->o->idle_exit)
                return 0;
            continue;
        }
        Outcome done = queue_job_read(&j, m.body, m.n) ? give_up(w, &m, "a message", "no job of this version") : worker_work(w, &m, &j);
        queue_job_free(&j);
        queue_message_free(&m);
        if (w->broken)
            return 0; /* closing the connection gives the job back */
        if (done == LOST || queue_let_go(w->queue))
            return signals_stopped() ? 0 : -1;
        clock_gettime(CLOCK_MONOTONIC, &idle);
    }
    return 0;
}

static int cmd_worker_run(WorkerState *w)
{
    char why[QUEUE_WHY], how[96];
    int pause = 250, first = 1, rc = -1;
    while (rc && !signals_stopped() && !signals_drained()) {
        if (!(w->queue = queue_open(&w->setup, why))) {
            tool_say(w->setup.url, "%s%s", why, first ? "" : "; trying again");
            if (first)
                break;
        } else {
            pause = first ? pause : 250;
            first = 0;
            rc = queue_consume(w->queue) ? -1 : serve(w);
            if (rc)
                tool_say(w->setup.url, "%s; connecting anew", queue_error(w->queue));
            queue_close(&w->queue);
        }
        if (rc && !signals_stopped()) {
            poll(&(struct pollfd){ .fd = signals_fd(), .events = POLLIN }, 1, pause);
            pause = pause * 2 < LONGEST_PAUSE_MS ? pause * 2 : LONGEST_PAUSE_MS;
        }
    }
    process_end(&w->process, signals_stopped(), how);
    json_decref(w->at_doc);
    return w->broken || (rc && !signals_stopped() && !signals_drained()) ? EXIT_INTERNAL : EXIT_CLEAR;
}

/* The folders that were named. 0 or -1 with the reason printed. */
static int folders(WorkerState *w)
{
    struct stat st;
    const Options *o = w->o;
    w->root = -1;
    if (o->out && (stat(o->out, &st) || !S_ISDIR(st.st_mode) || access(o->out, W_OK)))
        return tool_complain(o->out, "output: no folder that can be written to; make it");
    if (!o->root)
        return 0;
    char *whole = realpath(o->root, NULL);
    int fits = whole && strlen(whole) < sizeof w->root_path;
    if (fits)
        strcpy(w->root_path, strcmp(whole, "/") ? whole : "");
    if (fits)
        w->root = open(whole, O_PATH | O_DIRECTORY | O_CLOEXEC);
    free(whole);
    if (w->root >= 0)
        return 0;
    tool_say(o->root, "--root: %s; name a folder", strerror(errno));
    return -1;
}

int cmd_worker(Options *o)
{
    static WorkerState w;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int code = EXIT_INPUT;
    w.o = o;
    w.timeout = o->timeout > 0 ? o->timeout : 7200;
    w.renew = o->renew > 0 ? o->renew : 600;
    w.threads = o->threads ? o->threads : cores < 1 ? 1 : cores > 64 ? 64 : cores;
    if (folders(&w) || queue_setup(&w.setup, o))
        return EXIT_INPUT;
    if (process_check(o, &code) == 0) /* told once, not as the failure of every job */
        code = cmd_worker_run(&w);
    if (w.root >= 0)
        close(w.root);
    return code;
}
