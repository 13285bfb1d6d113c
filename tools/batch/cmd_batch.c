/* cmd_batch.c -- avalign batch: many files, none lost. State and results live in OUT/avalign.db; everything else is written from it. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch/batch_db.h"
#include "batch/batch_tables.h"
#include "common/files.h"
#include "common/worker_process.h"

static const char help[] =
    "usage: avalign batch DIR|LIST|- --out DIR [options]\n\n"
    "DIR: all media files in it and below; LIST: a text file with a path on each line (-: standard input). Run it again to go on\n"
    "after an interruption: what is done is not done again, unless a file or the settings changed. See docs/batch.md.\n\n"
    "  --out DIR        avalign.db, results.jsonl, summary.csv and json/ go there\n"
    "  --html           also an evidence page for each file, in pages/\n"
    "  --jobs N         files at a time, each in a process of its own (default: cores)\n"
    "  --timeout S      a file that takes longer has failed (default 3600)\n"
    "  --memory MB      a process that wants more data memory has failed (default: no limit)\n"
    "  --retry-failed   try again what failed\n"
    "  --since DATE     only files changed since then (2026-11-23 or 2026-11-23T08:00:00, local time)\n"
    "  --sandbox        the processes can reach neither disk nor network (seccomp)\n"
    "  --only NAMES, --policy NAME, --models DIR   as for analyze\n"
    "  --quiet          no progress\n\n"
    "Exit codes: 0 every file has a result, 3 some failed (summary.csv says why), 4 the batch itself could not go on.\n";

enum { MAX_JOBS = 64, GIVE_UP = 3 };

typedef struct Batch {
    const char *out;
    BatchDb *db;
    JudgeSetup setup;
    Judge judge[MAX_JOBS];
    const char *settings;
    time_t from; /* older files are left out */
    int jobs, quiet, retry, false_starts;
    double timeout;
    int64_t todo, done;
    struct timespec start;
} Batch;

static volatile sig_atomic_t stop;
static void on_signal(int sig)
{
    (void)sig;
    stop = 1;
}

/* ---- what there is to do --------------------------------------------------------------- */

static int add(void *cookie, const char *path)
{
    Batch *b = cookie;
    struct stat st;
    int64_t size = -1, mtime = 0; /* not there: judging it says so */
    if (stat(path, &st) == 0) {
        if (st.st_mtime < b->from)
            return 0;
        size = st.st_size;
        mtime = st.st_mtime;
    }
    return batch_db_add(b->db, path, size, mtime, b->settings, b->retry) ? tool_complain(b->out, batch_db_error(b->db)) : 0;
}

/* ---- results ---------------------------------------------------------------------------- */

static void progress(const Batch *b)
{
    double s = tool_seconds_since(&b->start), rate = s > 0 ? (double)b->done / s : 0;
    if (b->quiet)
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
    if (doc && a->page && tool_put_file(batch_path(to, b->out, "pages", f->id, f->path, "html"), a->page, strlen(a->page)))
        rc = tool_complain(to, strerror(errno));
    if (!rc && batch_db_finish(b->db, f->id, code, seconds, doc ? a->json : NULL, doc, why))
        rc = tool_complain(b->out, batch_db_error(b->db));
    if (!rc && doc && tool_put_file(batch_path(to, b->out, "json", f->id, f->path, "json"), a->json, strlen(a->json))) /* it is in the database already */
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
        if (!j->pid && judge_start(j, &b->setup))
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
        if (++b->false_starts < GIVE_UP && judge_start(j, &b->setup) == 0 && judge_give(j, f->id, f->path, &a) == 0)
            return 1;
        return tool_complain("judge", *why ? why : "the process ended before it was ready");
    }
    snprintf(text, sizeof text, "%s", *why ? why : "the process ended without a word");
    if (timed_out)
        snprintf(text, sizeof text, "took longer than %g s", b->timeout);
    return fail(b, f, text, seconds);
}

static int run(Batch *b)
{
    static BatchFile file[MAX_JOBS];
    int rc = 0, more = 1, busy = 0;
    while (!rc && (more || busy)) {
        struct pollfd p[MAX_JOBS];
        for (int i = 0; i < b->jobs && more && !rc && !stop; i++)
            if (!b->judge[i].file) {
                int got = feed(b, &b->judge[i], &file[i]);
                rc = got < 0 ? -1 : 0;
                more = got > 0;
                busy += got > 0;
            }
        if (stop || rc || !busy)
            break;
        for (int i = 0; i < b->jobs; i++)
            p[i] = (struct pollfd){ .fd = b->judge[i].file ? b->judge[i].fd : -1, .events = POLLIN };
        int n = poll(p, (nfds_t)b->jobs, 200);
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
    if (!b->quiet)
        fprintf(stderr, "%s%lld done (%lld flagged), %lld failed, %lld duplicates%s; %s/summary.csv\n", isatty(2) ? "\n" : "", (long long)n.done, (long long)n.flagged,
                (long long)n.failed, (long long)n.duplicates, n.queued ? ", interrupted: run it again to go on" : "", b->out);
    return n.failed || n.queued ? EXIT_INPUT : EXIT_CLEAR;
}

int cmd_batch(int argc, char **argv)
{
    static const struct option longs[] = { { "out", 1, NULL, 'O' },   { "jobs", 1, NULL, 'j' },   { "timeout", 1, NULL, 't' }, { "memory", 1, NULL, 'm' },
                                           { "html", 0, NULL, 'w' },  { "only", 1, NULL, 'o' },   { "policy", 1, NULL, 'p' },  { "models", 1, NULL, 'd' },
                                           { "since", 1, NULL, 's' }, { "sandbox", 0, NULL, 'x' }, { "retry-failed", 0, NULL, 'r' }, { "quiet", 0, NULL, 'q' }, { "help", 0, NULL, 'h' },
                                           { NULL, 0, NULL, 0 } };
    static Batch b;
    static char settings[512];
    char why[256], *policy_text = NULL;
    b.jobs = (int)sysconf(_SC_NPROCESSORS_ONLN);
    b.timeout = 3600;
    for (int c; (c = getopt_long(argc, argv, "qh", longs, NULL)) != -1;) {
        struct tm tm = { .tm_isdst = -1 };
        int parts, day = 0, all = 0;
        switch (c) {
        case 'O': b.out = optarg; break;
        case 'j': b.jobs = (int)strtol(optarg, NULL, 10); break;
        case 't': b.timeout = strtod(optarg, NULL); break;
        case 'm': b.setup.memory_mb = strtol(optarg, NULL, 10); break;
        case 'w': b.setup.html = 1; break;
        case 'o': b.setup.only = optarg; break;
        case 'p': b.setup.policy = optarg; break;
        case 'd': b.setup.models = optarg; break;
        case 'x': b.setup.sandbox = 1; break;
        case 's':
            parts = sscanf(optarg, "%4d-%2d-%2d%nT%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &day, &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &all);
            tm.tm_year -= 1900;
            tm.tm_mon--;
            if (!(parts == 3 && !optarg[day]) && !(parts == 6 && !optarg[all])) {
                fprintf(stderr, "avalign: --since takes 2026-11-23 or 2026-11-23T08:00:00, not \"%s\"\n", optarg);
                return EXIT_INPUT;
            }
            b.from = mktime(&tm);
            break;
        case 'r': b.retry = 1; break;
        case 'q': b.quiet = 1; break;
        case 'h': fputs(help, stdout); return EXIT_CLEAR;
        default: fprintf(stderr, "see avalign batch --help\n"); return EXIT_INPUT;
        }
    }
    if (optind + 1 != argc || !b.out || b.jobs < 1 || b.jobs > MAX_JOBS || !(b.timeout > 0)) {
        fprintf(stderr, "avalign: batch needs one DIR or LIST and --out DIR (--jobs 1 to %d); see avalign batch --help\n", MAX_JOBS);
        return EXIT_INPUT;
    }
    int code = EXIT_INTERNAL;
    AvalignModels *m = tool_models(b.setup.models, &code); /* told here once, not for each file */
    if (!m)
        return code;
    avalign_models_free(&m);
    if (tool_policy(&b.setup.policy, &policy_text))
        return EXIT_INPUT;
    judge_settings(&b.setup, settings);
    b.settings = settings;
    int held = -1;
    code = EXIT_INTERNAL;
    if (batch_folders(b.out, b.setup.html) || (held = lock(&b)) < 0)
        return EXIT_INTERNAL;
    struct sigaction sa = { .sa_handler = on_signal };
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
    if (!(b.db = batch_db_open(b.out, why)))
        tool_complain(b.out, why);
    else if (files_each(argv[optind], add, &b) == 0) {
        BatchCounts counts;
        clock_gettime(CLOCK_MONOTONIC, &b.start);
        if (batch_db_duplicates(b.db, tool_hash_file) || batch_db_counts(b.db, &counts)) {
            tool_complain(b.out, batch_db_error(b.db));
        } else {
            b.todo = counts.queued;
            int rc = run(&b);
            rc |= batch_tables(b.out, b.db);
            code = report(&b);
            code = rc ? EXIT_INTERNAL : code;
        }
    }
    batch_db_close(b.db);
    close(held);
    free(policy_text);
    return code;
}
