/* cmd_batch.c -- avalign batch: many files, none lost. State and results live in OUT/avalign.db; everything else is written from it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch/batch_db.h"
#include "batch/batch_tables.h"
#include "common/files.h"
#include "common/output.h"
#include "common/signals.h"
#include "common/worker_process.h"

enum { MAX_JOBS = OPTIONS_MAX_JOBS, GIVE_UP = 3 };

typedef struct Batch {
    const Options *o;
    const char *out;
    BatchDb *db;
    Judge judge[MAX_JOBS];
    const char *settings;
    int jobs, false_starts;
    double timeout;
    int64_t named, todo, done; /* named: by the folder or list */
    struct timespec start;
} Batch;

/* ---- what there is to do --------------------------------------------------------------- */

static int cmd_batch_add(void *cookie, const char *path)
{
    Batch *b = cookie;
    struct stat st;
    int64_t size = -1, mtime = 0; /* not there: judging it says so */
    if (stat(path, &st) == 0) {
        if (st.st_mtime < b->o->since)
            return 0;
        size = st.st_size;
        mtime = st.st_mtime;
    }
    b->named++;
    return signals_stopped() ? -1 : batch_db_add(b->db, path, size, mtime, b->settings, b->o->retry_failed) ? tool_complain(b->out, batch_db_error(b->db)) : 0;
}

/* ---- results ---------------------------------------------------------------------------- */

static void progress(const Batch *b)
{
    double s = tool_seconds_since(&b->start), rate = s > 0 ? (double)b->done / s : 0;
    if (b->o->quiet)
        return;
    fprintf(stderr, "%s%lld of %lld, %.1f a minute, %.0f s left%s", isatty(2) ? "\r" : "", (long long)b->done, (long long)b->todo, 60 * rate,
            rate > 0 ? (double)(b->todo - b->done) / rate : 0, isatty(2) ? "   " : "\n");
    fflush(stderr);
}

static int finish(Batch *b, const BatchFile *f, const JudgeAnswer *a, double seconds)
{
    char to[BATCH_PATH];
    json_t *doc = a->json ? json_loads(a->json, 0, NULL) : NULL;
    const char *why = doc ? NULL : a->error ? a->error : "no result was left";
    int code = doc || a->exit_code > EXIT_UNJUDGED ? a->exit_code : EXIT_INTERNAL, rc = 0;
    if (doc && a->page && output_put(batch_path(to, b->out, "pages", f->id, f->path, "html"), a->page, strlen(a->page)))
        rc = tool_complain(to, strerror(errno));
    if (!rc && batch_db_finish(b->db, f->id, code, seconds, doc ? a->json : NULL, doc, why))
        rc = tool_complain(b->out, batch_db_error(b->db));
    if (!rc && doc && output_put(batch_path(to, b->out, "json", f->id, f->path, "json"), a->json, strlen(a->json))) /* it is in the database already */
        rc = tool_complain(to, strerror(errno));
    json_decref(doc);
    b->done++;
    progress(b);
    return rc;
}

static int fail(Batch *b, const BatchFile *f, const char *why, double seconds)
{
    return finish(b, f, &(JudgeAnswer){ .exit_code = EXIT_INTERNAL, .error = (char *)why }, seconds);
}

/* ---- the loop --------------------------------------------------------------------------- */

/* Gives the next file to an idle process; 1, 0 when there is none, -1. */
static int feed(Batch *b, Judge *j, BatchFile *f)
{
    JudgeAnswer a;
    for (int got; (got = batch_db_next(b->db, f)) != 0;) {
        if (got < 0 || batch_db_begin(b->db, f->id))
            return tool_complain(b->out, batch_db_error(b->db));
        if (f->attempts >= GIVE_UP) { /* each time it was begun, all of this ended with it */
            if (fail(b, f, "given up: the batch itself ended three times while it was at work", 0))
                return -1;
            continue;
        }
        if (!j->pid && judge_start(j, b->o))
            return tool_complain("judge", strerror(errno));
        int rc = judge_give(j, f->id, f->path, &a);
        if (rc == 0)
            return 1;
        if (rc == -1) {
            rc = finish(b, f, &a, 0);
            judge_answer_free(&a);
            if (rc)
                return -1;
            continue;
        }
        char why[96];
        judge_end(j, 1, why);
        return tool_complain("judge", *why ? why : "the process could not be started");
    }
    return 0;
}

/* 0 the file has its result, 1 it was begun anew, -1. */
static int ended(Batch *b, Judge *j, BatchFile *f, int timed_out)
{
    char why[96], text[160];
    double seconds = judge_seconds(j);
    int ready = j->ready;
    judge_end(j, 1, why);
    if (!ready && !timed_out) { /* not the file's doing */
        JudgeAnswer a;
        if (++b->false_starts < GIVE_UP && judge_start(j, b->o) == 0 && judge_give(j, f->id, f->path, &a) == 0)
            return 1;
        return tool_complain("judge", *why ? why : "the process ended before it was ready");
    }
    snprintf(text, sizeof text, "%s", *why ? why : "the process ended without a word");
    if (timed_out)
        snprintf(text, sizeof text, "took longer than %g s", b->timeout);
    return fail(b, f, text, seconds);
}

static int cmd_batch_run(Batch *b)
{
    static BatchFile file[MAX_JOBS];
    int rc = 0, more = 1, busy = 0;
    while (!rc && (more || busy)) {
        struct pollfd p[MAX_JOBS + 1];
        for (int i = 0; i < b->jobs && more && !rc && !signals_stopped(); i++)
            if (!b->judge[i].file) {
                int got = feed(b, &b->judge[i], &file[i]);
                rc = got < 0 ? -1 : 0;
                more = got > 0;
                busy += got > 0;
            }
        if (signals_stopped() || rc || !busy)
            break;
        for (int i = 0; i < b->jobs; i++)
            p[i] = (struct pollfd){ .fd = b->judge[i].file ? b->judge[i].fd : -1, .events = POLLIN };
        p[b->jobs] = (struct pollfd){ .fd = signals_fd(), .events = POLLIN };
        int n = poll(p, (nfds_t)b->jobs + 1, 200);
        for (int i = 0; i < b->jobs && !rc; i++) {
            Judge *j = &b->judge[i];
            JudgeAnswer a;
            int heard = n > 0 && j->file && p[i].revents ? judge_hear(j, &a) : 0;
            if (heard > 0) {
                rc = finish(b, &file[i], &a, judge_seconds(j));
                judge_answer_free(&a);
                busy--;
            } else if (heard < 0 || (j->file && judge_seconds(j) > b->timeout)) {
                rc = ended(b, j, &file[i], heard == 0);
                busy -= rc <= 0;
                rc = rc < 0 ? -1 : 0;
            }
        }
    }
    for (int i = 0; i < b->jobs; i++) {
        char why[96];
        if (b->judge[i].file && signals_stopped()) /* it was not the file that ended this */
            batch_db_put_back(b->db, file[i].id);
        judge_end(&b->judge[i], b->judge[i].file != 0, why);
    }
    return rc;
}

/* ---- the command ------------------------------------------------------------------------- */

/* One batch at a time in a folder. */
static int lock(const Batch *b)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/.lock", b->out);
    int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0666);
    struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    if (fd < 0 || fcntl(fd, F_SETLK, &l))
        return tool_complain(b->out, fd < 0 ? strerror(errno) : "another batch is at work in this folder; wait for it or name another");
    return fd;
}

static int report(const Batch *b)
{
    BatchCounts n;
    if (batch_db_counts(b->db, &n))
        return EXIT_INTERNAL;
    if (!b->o->quiet)
        fprintf(stderr, "%s%lld done (%lld flagged), %lld failed, %lld duplicates%s; %s/summary.csv\n", isatty(2) ? "\n" : "", (long long)n.done, (long long)n.flagged,
                (long long)n.failed, (long long)n.duplicates, n.queued ? ", interrupted: run it again to go on" : "", b->out);
    return n.failed || n.queued ? EXIT_INPUT : EXIT_CLEAR;
}

/* The list must not be one of the files that are written. */
static int list_is_output(const char *list, const char *out)
{
    static const char *const names[] = { "avalign.db", "results.jsonl", "summary.csv" };
    char path[4200];
    int code = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names && !code; i++) {
        OutputNames n = { NULL, 0 };
        snprintf(path, sizeof path, "%.4100s/%s", out, names[i]);
        output_names_in(&n, list);
        code = output_names_out(&n, path);
        output_names_free(&n);
    }
    return code;
}

static int judge_all(Batch *b, const char *what)
{
    BatchCounts counts;
    char why[256];
    int listed = 0, code = EXIT_INTERNAL;
    if (!(b->db = batch_db_open(b->out, why))) {
        tool_complain(b->out, why);
        return EXIT_INTERNAL;
    }
    if ((listed = files_each(what, cmd_batch_add, b)) != 0)
        return listed == FILES_NO_LIST ? EXIT_INPUT : signals_stopped() ? EXIT_INPUT : EXIT_INTERNAL;
    if (!b->named) {
        fprintf(stderr, "avalign: %s: there is no file in it to judge%s; nothing was done\n", what, b->o->since ? " that is new enough" : "");
        return EXIT_UNJUDGED;
    }
    clock_gettime(CLOCK_MONOTONIC, &b->start);
    if (batch_db_duplicates(b->db, tool_hash_file) || batch_db_counts(b->db, &counts)) {
        tool_complain(b->out, batch_db_error(b->db));
        return EXIT_INTERNAL;
    }
    b->todo = counts.queued;
    int rc = cmd_batch_run(b);
    rc |= batch_tables(b->out, b->db);
    code = report(b);
    return rc ? EXIT_INTERNAL : code;
}

int cmd_batch(Options *o)
{
    static Batch b;
    static char settings[OPTIONS_SETTINGS];
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int code = EXIT_INTERNAL, held;
    b.o = o;
    b.out = o->out;
    b.jobs = (int)(o->jobs ? o->jobs : cores < 1 ? 1 : cores > MAX_JOBS ? MAX_JOBS : cores);
    b.timeout = o->timeout > 0 ? o->timeout : 3600;
    if (!o->out) {
        fprintf(stderr, "avalign: batch: --out DIR is missing; see avalign batch --help\n");
        return EXIT_INPUT;
    }
    if ((code = list_is_output(o->operand[0], o->out)) || judge_check(o, &code)) /* told here once, not for each file */
        return code;
    options_settings(o, settings);
    b.settings = settings;
    if (batch_folders(b.out, o->page) || (held = lock(&b)) < 0)
        return EXIT_INTERNAL;
    code = judge_all(&b, o->operand[0]);
    batch_db_close(b.db);
    close(held);
    return code;
}
