/* batch_run.c -- the loop over the queued files and the processes that judge them. */
#include "batch/batch_run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch/batch_tables.h"
#include "common/output.h"
#include "common/signals.h"

enum { GIVE_UP = 3, PAUSE_MS = 5000, TICK_MS = 60000 };

int batch_jobs(const Options *o)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return (int)(o->jobs ? o->jobs : cores < 1 ? 1 : cores > OPTIONS_MAX_JOBS ? OPTIONS_MAX_JOBS : cores);
}

double batch_timeout(const Options *o) { return o->timeout > 0 ? o->timeout : 3600; }

static int fault(BatchRun *b, const char *what, const char *why)
{
    snprintf(b->why, sizeof b->why, "%.120s: %.120s", what, why);
    return tool_complain(what, why);
}

static const char *fault_words(void) { return errno == ENOSPC || errno == EDQUOT ? "the disk is full; free space" : strerror(errno); }

/* ---- results ---------------------------------------------------------------------------- */

static int batch_run_put(BatchRun *b, const BatchFile *f, const char *folder, const char *ext, const char *text)
{
    char to[BATCH_PATH];
    return text && output_put(batch_path(to, b->out, folder, f->id, f->path, ext), text, strlen(text)) ? fault(b, to, fault_words()) : 0;
}

static int batch_run_finish(BatchRun *b, const BatchFile *f, const ProcessAnswer *a, double seconds)
{
    if (b->endless && batch_db_has(b->db, f->id, f->path) == 0) /* removed meanwhile */
        return 0;
    json_t *doc = a->json ? json_loads(a->json, 0, NULL) : NULL;
    const char *why = doc ? NULL : a->error ? a->error : "no result was left";
    int code = doc || a->exit_code > EXIT_UNJUDGED ? a->exit_code : EXIT_INTERNAL;
    int rc = doc ? batch_run_put(b, f, "pages", "html", a->page) || batch_run_put(b, f, "marks", "json", a->marks) : 0;
    if (!rc && batch_db_finish(b->db, f->id, code, seconds, doc ? a->json : NULL, doc, why))
        rc = fault(b, b->out, batch_db_error(b->db));
    if (!rc && doc)
        rc = batch_run_put(b, f, "json", "json", a->json); /* it is in the database already */
    json_decref(doc);
    if (!rc || !b->endless)
        b->news(b->cookie, BATCH_FINISHED, f->id, 1);
    return rc ? -1 : 0;
}

static int fail(BatchRun *b, const BatchFile *f, const char *why, double seconds)
{
    return batch_run_finish(b, f, &(ProcessAnswer){ .exit_code = EXIT_INTERNAL, .error = (char *)why }, seconds);
}

/* ---- files to processes ------------------------------------------------------------------ */

/* process_give(), with the name that the result is to have. */
static int give(BatchRun *b, WorkerProcess *j, const BatchFile *f, ProcessAnswer *a)
{
    if (!b->name)
        return process_give(j, f->id, f->path, a);
    char why[160];
    int fd = tool_open(f->path, why);
    if (fd >= 0)
        return process_give_open(j, f->id, b->name(b->cookie, f->path), fd);
    *a = (ProcessAnswer){ .exit_code = EXIT_INPUT, .error = strdup(why) };
    return -1;
}

static int at_work(const BatchRun *b, int64_t id)
{
    for (int i = 0; i < b->jobs; i++)
        if (b->process[i].file == id)
            return 1;
    return 0;
}

/* Gives the next file to an idle process; 1, 0 when there is none, -1. */
static int feed(BatchRun *b, WorkerProcess *j, BatchFile *f)
{
    ProcessAnswer a = { 0 };
    for (int got; (got = batch_db_next(b->db, f)) != 0;) {
        if (got > 0 && at_work(b, f->id))
            continue;
        if (got < 0 || batch_db_begin(b->db, f->id))
            return fault(b, b->out, batch_db_error(b->db));
        if (f->attempts >= GIVE_UP) { /* each time it was begun, all of this ended with it */
            if (fail(b, f, "given up: the batch itself ended three times while it was at work", 0))
                return -1;
            continue;
        }
        if (!j->pid && process_start(j, b->o))
            return fault(b, "worker process", strerror(errno));
        int rc = give(b, j, f, &a);
        if (rc == 0) {
            b->news(b->cookie, BATCH_BEGUN, f->id, 0);
            return 1;
        }
        if (rc == -1) {
            rc = batch_run_finish(b, f, &a, 0);
            process_answer_free(&a);
            if (rc)
                return -1;
            continue;
        }
        char why[96];
        process_end(j, 1, why);
        return fault(b, "worker process", *why ? why : "the process could not be started");
    }
    return 0;
}

/* All idle processes; 0 or -1. *more: there may be files left. */
static int feed_all(BatchRun *b, int *more)
{
    if (b->endless && *more)
        batch_db_rewind(b->db);
    for (int i = 0; i < b->jobs && *more && !signals_stopped(); i++)
        if (!b->process[i].file) {
            int got = feed(b, &b->process[i], &b->file[i]);
            if (got < 0) {
                if (b->endless) /* not the file's doing: it stays queued */
                    batch_db_put_back(b->db, b->file[i].id);
                return -1;
            }
            *more = got > 0;
            b->busy += got > 0;
        }
    return 0;
}

/* 0 the file has its result, 1 it was begun anew, -1. */
static int ended(BatchRun *b, WorkerProcess *j, BatchFile *f, int timed_out)
{
    char why[96], text[160];
    double seconds = process_seconds(j);
    int ready = j->ready;
    process_end(j, 1, why);
    if (!ready && !timed_out) { /* not the file's doing */
        ProcessAnswer a = { 0 };
        if (++b->false_starts < GIVE_UP && process_start(j, b->o) == 0 && give(b, j, f, &a) == 0)
            return 1;
        process_answer_free(&a);
        return fault(b, "worker process", *why ? why : "the process ended before it was ready");
    }
    snprintf(text, sizeof text, "%s", *why ? why : "the process ended without a word");
    if (timed_out)
        snprintf(text, sizeof text, "took longer than %g s", b->timeout);
    return fail(b, f, text, seconds);
}

/* What one process says; 0 or -1. */
static int batch_run_hear(BatchRun *b, int i, int readable)
{
    WorkerProcess *j = &b->process[i];
    ProcessAnswer a;
    double before = j->done;
    int heard = readable ? process_hear(j, &a) : 0, rc = 0;
    if (heard > 0) {
        rc = batch_run_finish(b, &b->file[i], &a, process_seconds(j));
        process_answer_free(&a);
        b->busy--;
    } else if (heard < 0 || process_seconds(j) > b->timeout) {
        rc = ended(b, j, &b->file[i], heard == 0);
        b->busy -= rc <= 0;
        rc = rc < 0 ? -1 : 0;
    } else if (j->done != before) {
        b->news(b->cookie, BATCH_PROGRESS, j->file, j->done);
    }
    if (rc && b->endless) /* not the file's doing: it stays queued */
        batch_db_put_back(b->db, b->file[i].id);
    return rc;
}

/* Ends those whose file was removed. */
static void drop_removed(BatchRun *b)
{
    char why[96];
    for (int i = 0; i < b->jobs; i++)
        if (b->process[i].file && batch_db_has(b->db, b->file[i].id, b->file[i].path) == 0) {
            process_end(&b->process[i], 1, why);
            b->busy--;
        }
}

/* Waits for something to happen; 0 or -1. */
static int wait_and_hear(BatchRun *b, int *more)
{
    struct pollfd p[OPTIONS_MAX_JOBS + 2];
    uint64_t woken;
    int rc = 0;
    for (int i = 0; i < b->jobs; i++)
        p[i] = (struct pollfd){ .fd = b->process[i].file ? b->process[i].fd : -1, .events = POLLIN };
    p[b->jobs] = (struct pollfd){ .fd = signals_fd(), .events = POLLIN };
    p[b->jobs + 1] = (struct pollfd){ .fd = b->endless ? b->wake : -1, .events = POLLIN };
    int n = poll(p, (nfds_t)b->jobs + 2, b->busy ? 200 : TICK_MS);
    if (n > 0 && p[b->jobs + 1].revents && read(b->wake, &woken, sizeof woken) > 0) {
        *more = 1;
        drop_removed(b);
    }
    for (int i = 0; i < b->jobs && !rc; i++)
        if (b->process[i].file) {
            rc = batch_run_hear(b, i, n > 0 && p[i].revents);
            *more |= b->endless && !b->process[i].file;
        }
    return rc;
}

/* A run without end that could not go on: says so, and waits a little. */
static void batch_run_rest(BatchRun *b)
{
    b->trouble(b->cookie, b->why);
    b->false_starts = 0;
    poll(&(struct pollfd){ .fd = signals_fd(), .events = POLLIN }, 1, PAUSE_MS);
}

int batch_run(BatchRun *b)
{
    int rc = 0, more = 1;
    while (!signals_stopped() && !rc && (more || b->busy || b->endless)) {
        rc = feed_all(b, &more);
        if (!rc && !signals_stopped() && (b->busy || b->endless))
            rc = wait_and_hear(b, &more);
        if (!b->endless)
            continue;
        if (rc) {
            batch_run_rest(b);
            rc = 0;
            more = 1;
        } else if (*b->why) {
            *b->why = 0;
            b->trouble(b->cookie, NULL);
        }
        b->tick(b->cookie);
    }
    for (int i = 0; i < b->jobs; i++) {
        char why[96];
        if (b->process[i].file && signals_stopped()) /* it was not the file that ended this */
            batch_db_put_back(b->db, b->file[i].id);
        process_end(&b->process[i], b->process[i].file != 0, why);
    }
    return rc;
}

int batch_lock(const char *out)
{
    char path[4200];
    snprintf(path, sizeof path, "%.4100s/.lock", out);
    int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0666);
    struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    if (fd >= 0 && fcntl(fd, F_SETLK, &l) == 0)
        return fd;
    tool_complain(out, fd < 0 ? strerror(errno) : "another batch is at work in this folder; wait for it or name another");
    tool_close(fd);
    return -1;
}
