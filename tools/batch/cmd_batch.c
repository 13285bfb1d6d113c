/* cmd_batch.c -- avalign batch: many files, none lost. State and results live in OUT/avalign.db; everything else is written from it. */
#include <sys/stat.h>
#include <unistd.h>

#include "batch/batch_fix.h"
#include "batch/batch_run.h"
#include "batch/batch_tables.h"
#include "common/files.h"
#include "common/output.h"
#include "common/signals.h"

typedef struct Batch {
    const Options *o;
    const char *out;
    BatchDb *db;
    BatchRun run;
    const char *settings;
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

/* ---- the run ---------------------------------------------------------------------------- */

static void batch_news(void *cookie, BatchNews what, int64_t id, double done)
{
    Batch *b = cookie;
    (void)id, (void)done;
    if (what != BATCH_FINISHED)
        return;
    b->done++;
    double s = tool_seconds_since(&b->start), rate = s > 0 ? (double)b->done / s : 0;
    if (b->o->quiet)
        return;
    fprintf(stderr, "%s%lld of %lld, %.1f a minute, %.0f s left%s", isatty(2) ? "\r" : "", (long long)b->done, (long long)b->todo, 60 * rate,
            rate > 0 ? (double)(b->todo - b->done) / rate : 0, isatty(2) ? "   " : "\n");
    fflush(stderr);
}

/* ---- the command ------------------------------------------------------------------------- */

static int batch_report(const Batch *b)
{
    BatchCounts n;
    if (batch_db_counts(b->db, &n))
        return EXIT_INTERNAL;
    if (!b->o->quiet)
        fprintf(stderr, "%s%lld done (%lld flagged), %lld failed, %lld duplicates%s; %s/summary.csv\n", isatty(2) ? "\n" : "", (long long)n.done, (long long)n.flagged,
                (long long)n.failed, (long long)n.duplicates, n.queued ? ", interrupted: run it again to go on" : "", b->out);
    return n.failed || n.queued ? EXIT_INPUT : EXIT_CLEAR;
}

/* What --fix did, in a line; 0, or EXIT_INPUT where a copy is missing or not right. */
static int batch_report_fixes(const Batch *b)
{
    static const char *const status[] = { "moved", "would move", "in sync", "refused", "check", "failed", "moving" };
    static const char *const words[] = { "moved", "to be moved", "in sync", "refused", "moved but not right (look at them)", "failed", "not done yet: run it again to go on" };
    int64_t n[sizeof status / sizeof *status];
    int bad = 0, first = 1;
    for (size_t i = 0; i < sizeof status / sizeof *status; i++) {
        n[i] = batch_db_count_fixes(b->db, status[i]);
        bad |= i > 3 && n[i] != 0;
    }
    for (size_t i = 0; !b->o->quiet && i < sizeof status / sizeof *status; i++)
        if (n[i]) {
            fprintf(stderr, "%s%lld %s", first ? "fix: " : ", ", (long long)n[i], words[i]);
            first = 0;
        }
    if (!first)
        fputc('\n', stderr);
    return bad ? EXIT_INPUT : 0;
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

static int batch_all(Batch *b, const char *what)
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
        tool_say(what, "there is no file in it to judge%s; nothing was done", b->o->since ? " that is new enough" : "");
        return EXIT_UNJUDGED;
    }
    clock_gettime(CLOCK_MONOTONIC, &b->start);
    if (batch_db_duplicates(b->db, tool_hash_file) || batch_db_counts(b->db, &counts)) {
        tool_complain(b->out, batch_db_error(b->db));
        return EXIT_INTERNAL;
    }
    b->todo = counts.queued;
    b->run.db = b->db;
    int rc = batch_run(&b->run);
    if (!rc && b->o->fix && !signals_stopped())
        rc = batch_fix(b->o, b->db, b->run.jobs, b->run.timeout);
    rc |= batch_tables(b->out, b->db);
    code = batch_report(b);
    if (b->o->fix && batch_report_fixes(b))
        code = EXIT_INPUT;
    return rc ? EXIT_INTERNAL : code;
}

int cmd_batch(Options *o)
{
    static Batch b;
    static char settings[OPTIONS_SETTINGS];
    int code = EXIT_INTERNAL, held;
    b.o = o;
    b.out = o->out;
    b.run = (BatchRun){ .o = o, .out = o->out, .jobs = batch_jobs(o), .timeout = batch_timeout(o), .cookie = &b, .news = batch_news };
    if (!o->out) {
        fprintf(stderr, "avalign: batch: --out DIR is missing; see avalign batch --help\n");
        return EXIT_INPUT;
    }
    if ((code = batch_fix_check(o)) || (code = list_is_output(o->operand[0], o->out)) || process_check(o, &code)) /* told here once, not for each file */
        return code;
    options_settings(o, settings);
    b.settings = settings;
    if (batch_folders(b.out, o->page) || (held = batch_lock(b.out)) < 0)
        return EXIT_INTERNAL;
    code = batch_all(&b, o->operand[0]);
    batch_db_close(b.db);
    close(held);
    return code;
}
