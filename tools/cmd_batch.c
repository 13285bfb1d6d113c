/* cmd_batch.c -- avalign batch: many files, none lost. State and results live in OUT/avalign.db; everything else is written from it. */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <getopt.h>
#include <nettle/sha2.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch_db.h"
#include "batch_worker.h"

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
    "  --only NAMES, --policy NAME, --models DIR   as for analyze\n"
    "  --quiet          no progress\n\n"
    "Exit codes: 0 every file has a result, 3 some failed (summary.csv says why), 4 the batch itself could not go on.\n";

enum { MAX_JOBS = 64, GIVE_UP = 3, MAX_LINE = 4096 };

typedef struct Batch {
    const char *out;
    BatchDb *db;
    WorkerSetup setup;
    Worker worker[MAX_JOBS];
    int jobs, quiet, html;
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

static double since(const struct timespec *t)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - t->tv_sec) + (double)(now.tv_nsec - t->tv_nsec) / 1e9;
}

static int complain(const char *what, const char *why)
{
    fprintf(stderr, "avalign: %s: %s\n", what, why);
    return -1;
}

/* ---- what there is to do --------------------------------------------------------------- */

static int is_media(const char *name)
{
    static const char *const ends[] = { "mp4", "m4v", "mov", "mkv", "webm", "avi", "mpg", "mpeg", "ts", "mts", "m2ts", "flv", "wmv", "3gp", "ogv", "mxf",
                                        "wav", "mp3", "m4a", "aac", "flac", "ogg", "opus" };
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof ends / sizeof *ends; i++)
        if (!strcasecmp(dot + 1, ends[i]))
            return 1;
    return 0;
}

static int add(Batch *b, const char *path, const char *settings, int retry, time_t from)
{
    struct stat st;
    int64_t size = -1, mtime = 0; /* not there: the worker says so */
    if (strlen(path) >= MAX_LINE - 1)
        return complain(path, "list: the path is too long");
    if (stat(path, &st) == 0) {
        if (st.st_mtime < from)
            return 0;
        size = st.st_size;
        mtime = st.st_mtime;
    }
    return batch_db_add(b->db, path, size, mtime, settings, retry) ? complain(b->out, batch_db_error(b->db)) : 0;
}

static int add_tree(Batch *b, const char *dir, const char *settings, int retry, time_t from)
{
    char *roots[] = { (char *)dir, NULL };
    FTS *t = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    int rc = t ? 0 : complain(dir, strerror(errno));
    for (FTSENT *f; t && !rc && (f = fts_read(t));) {
        if (f->fts_info == FTS_F && is_media(f->fts_name))
            rc = add(b, f->fts_path, settings, retry, from);
        else if (f->fts_info == FTS_DNR || f->fts_info == FTS_ERR)
            complain(f->fts_path, strerror(f->fts_errno));
    }
    if (t)
        fts_close(t);
    return rc;
}

static int add_list(Batch *b, FILE *f, const char *settings, int retry, time_t from)
{
    char line[MAX_LINE + 2];
    int rc = 0;
    while (!rc && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\r\n")] = 0;
        if (*line)
            rc = add(b, line, settings, retry, from);
    }
    return rc;
}

static int hash_file(const char *path, char hex[65])
{
    static uint8_t buf[1 << 16];
    struct sha256_ctx h;
    uint8_t digest[SHA256_DIGEST_SIZE];
    FILE *f = fopen(path, "rb");
    sha256_init(&h);
    for (size_t n; f && (n = fread(buf, 1, sizeof buf, f)) > 0;)
        sha256_update(&h, n, buf);
    int bad = !f || ferror(f);
    if (f)
        fclose(f);
    sha256_digest(&h, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        sprintf(hex + 2 * i, "%02x", digest[i]);
    return bad ? -1 : 0;
}

/* ---- results ---------------------------------------------------------------------------- */

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static char *in_out(const Batch *b, char room[4800], const char *folder, int64_t id, const char *path, const char *ext)
{
    snprintf(room, 4800, "%s/%s/%06lld-%.180s.%s", b->out, folder, (long long)id, base_of(path), ext);
    return room;
}

/* What the worker left for a file: its text, or NULL. The file is removed when that is asked for. */
static char *left(const Batch *b, int64_t id, const char *ext, int gone)
{
    char path[4400];
    size_t n;
    snprintf(path, sizeof path, "%s/%lld.%s", b->setup.scratch, (long long)id, ext);
    char *s = tool_slurp(path, &n);
    if (gone)
        remove(path);
    return s;
}

static void progress(const Batch *b)
{
    double s = since(&b->start), rate = s > 0 ? (double)b->done / s : 0;
    if (b->quiet)
        return;
    fprintf(stderr, "%s%lld of %lld, %.1f a minute, %.0f s left%s", isatty(2) ? "\r" : "", (long long)b->done, (long long)b->todo, 60 * rate,
            rate > 0 ? (double)(b->todo - b->done) / rate : 0, isatty(2) ? "   " : "\n");
    fflush(stderr);
}

static int finish(Batch *b, const BatchFile *f, int exit_code, double seconds, const char *why)
{
    char from[4400], to[4800];
    char *text = why ? NULL : left(b, f->id, "json", 0), *error = left(b, f->id, "err", 1);
    json_t *doc = text ? json_loads(text, 0, NULL) : NULL;
    if (!doc && !why)
        why = error ? error : "no result was left";
    if (doc && b->html) {
        snprintf(from, sizeof from, "%s/%lld.html", b->setup.scratch, (long long)f->id);
        rename(from, in_out(b, to, "pages", f->id, f->path, "html"));
    }
    int rc = batch_db_finish(b->db, f->id, doc ? exit_code : exit_code > EXIT_UNJUDGED ? exit_code : EXIT_INTERNAL, seconds, doc ? text : NULL, doc, doc ? NULL : why);
    if (rc) {
        complain(b->out, batch_db_error(b->db));
    } else if (doc) { /* kept in the database; now the file may follow */
        snprintf(from, sizeof from, "%s/%lld.json", b->setup.scratch, (long long)f->id);
        if (rename(from, in_out(b, to, "json", f->id, f->path, "json")))
            rc = complain(to, strerror(errno));
    } else {
        free(left(b, f->id, "json", 1));
    }
    json_decref(doc);
    free(text);
    free(error);
    b->done++;
    progress(b);
    return rc;
}

static void csv_text(FILE *f, const char *s)
{
    fputc('"', f);
    if (s && strchr("=+-@", *s) && *s) /* a spreadsheet would take it for a formula */
        fputc('\'', f);
    for (; s && *s; s++) {
        if (*s == '"')
            fputc('"', f);
        fputc(*s, f);
    }
    fputc('"', f);
}

typedef struct Tables {
    const Batch *b;
    FILE *jsonl, *csv;
} Tables;

static int write_row(void *cookie, int64_t id, const char *path, const char *status, int exit_code, double seconds, const char *error, const char *original,
                     const char *result)
{
    static const char *const names[] = { "anomaly_score",    "sync_offset_ms",    "sync_confidence",   "lip_sync_score",
                                         "voice_face_match", "emotion_coherence", "voice_authenticity" };
    Tables *t = cookie;
    json_t *doc = result ? json_loads(result, 0, NULL) : NULL;
    if (result && !doc)
        return -1;
    csv_text(t->csv, path);
    fprintf(t->csv, ",%s,%s,%.2f", status, !doc ? "" : exit_code == EXIT_FLAGGED ? "1" : exit_code == EXIT_CLEAR ? "0" : "", seconds);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const json_t *v = json_object_get(doc, names[i]);
        fputc(',', t->csv);
        if (json_is_number(v))
            fprintf(t->csv, "%.3f", json_number_value(v));
    }
    fputc(',', t->csv);
    csv_text(t->csv, error ? error : original ? original : "");
    fputs("\r\n", t->csv);
    if (doc) {
        char to[4800];
        struct stat st;
        json_object_del(doc, "series"); /* the long curves are in json/ */
        char *line = json_dumps(doc, JSON_COMPACT | JSON_REAL_PRECISION(9));
        if (line)
            fprintf(t->jsonl, "%s\n", line);
        free(line);
        if (stat(in_out(t->b, to, "json", id, path, "json"), &st)) { /* killed between the two */
            FILE *f = fopen(to, "wb");
            if (f)
                fputs(result, f);
            if (f)
                fclose(f);
        }
    }
    if (!doc) {
        json_t *line = json_pack("{s:s,s:s,s:s}", "file", path, "status", status, error ? "error" : "duplicate_of", error ? error : original ? original : "");
        char *text = json_dumps(line, JSON_COMPACT); /* NULL: the name is no UTF-8 */
        fprintf(t->jsonl, "%s\n", text ? text : "{\"file\":null,\"status\":\"failed\",\"error\":\"its name is no UTF-8; see summary.csv\"}");
        free(text);
        json_decref(line);
    }
    json_decref(doc);
    return ferror(t->csv) || ferror(t->jsonl) ? -1 : 0;
}

static FILE *part(const Batch *b, const char *name, char path[4300])
{
    snprintf(path, 4300, "%s/%s.part", b->out, name);
    return fopen(path, "wb");
}

static int whole(FILE *f, const char *part_path)
{
    char path[4300];
    snprintf(path, sizeof path, "%.*s", (int)strlen(part_path) - 5, part_path);
    return fclose(f) || rename(part_path, path) ? complain(path, strerror(errno)) : 0;
}

static int write_tables(const Batch *b)
{
    char jsonl[4300], csv[4300];
    Tables t = { b, part(b, "results.jsonl", jsonl), part(b, "summary.csv", csv) };
    int rc = !t.jsonl || !t.csv ? complain(b->out, strerror(errno)) : 0;
    if (!rc) {
        fprintf(t.csv, "file,status,flagged,seconds,anomaly_score,sync_offset_ms,sync_confidence,lip_sync_score,voice_face_match,emotion_coherence,voice_authenticity,note\r\n");
        rc = batch_db_each(b->db, write_row, &t) ? complain(b->out, "output: the tables could not be written; free space and run it again") : 0;
    }
    if (t.jsonl && (rc ? fclose(t.jsonl), 1 : whole(t.jsonl, jsonl)))
        rc = -1;
    if (t.csv && (rc ? fclose(t.csv), 1 : whole(t.csv, csv)))
        rc = -1;
    return rc;
}

/* ---- the loop --------------------------------------------------------------------------- */

/* Gives the next file to an idle worker; 1, 0 when there is none, -1. */
static int feed(Batch *b, Worker *w, BatchFile *f)
{
    for (int got; (got = batch_db_next(b->db, f)) != 0;) {
        if (got < 0 || batch_db_begin(b->db, f->id))
            return complain(b->out, batch_db_error(b->db));
        if (f->attempts >= GIVE_UP) { /* each time it was begun, all of this ended with it */
            if (finish(b, f, EXIT_INTERNAL, 0, "given up: the batch itself ended three times while it was at work"))
                return -1;
            continue;
        }
        if (!w->pid && worker_start(w, &b->setup))
            return complain("worker", strerror(errno));
        if (worker_give(w, f->id, f->path) == 0)
            return 1;
        char why[96];
        worker_end(w, 1, why); /* it did not even start: the models, say */
        return complain("worker", *why ? why : "could not be started");
    }
    return 0;
}

static int ended(Batch *b, Worker *w, BatchFile *f, int timed_out)
{
    char why[96], text[160];
    double seconds = since(&w->since);
    worker_end(w, 1, why);
    snprintf(text, sizeof text, "%s", why);
    if (timed_out)
        snprintf(text, sizeof text, "took longer than %g s", b->timeout);
    return finish(b, f, EXIT_INTERNAL, seconds, *text ? text : "the process ended without a word");
}

static int run(Batch *b)
{
    static BatchFile file[MAX_JOBS];
    int rc = 0, more = 1, busy = 0;
    while (!rc && (more || busy)) {
        struct pollfd p[MAX_JOBS];
        for (int i = 0; i < b->jobs && more && !rc && !stop; i++)
            if (!b->worker[i].file) {
                int got = feed(b, &b->worker[i], &file[i]);
                rc = got < 0 ? -1 : 0;
                more = got > 0;
                busy += got > 0;
            }
        if (stop || rc || !busy)
            break;
        for (int i = 0; i < b->jobs; i++)
            p[i] = (struct pollfd){ .fd = b->worker[i].file ? b->worker[i].from : -1, .events = POLLIN };
        int n = poll(p, (nfds_t)b->jobs, 200);
        for (int i = 0; i < b->jobs && !rc; i++) {
            Worker *w = &b->worker[i];
            int code = 0, heard = n > 0 && w->file && p[i].revents ? worker_hear(w, &code) : 0;
            if (heard > 0) {
                rc = finish(b, &file[i], code, since(&w->since), NULL);
                w->file = 0;
                busy--;
            } else if (heard < 0 || (w->file && since(&w->since) > b->timeout)) {
                rc = ended(b, w, &file[i], heard == 0);
                busy--;
            }
        }
    }
    for (int i = 0; i < b->jobs; i++) {
        char why[96];
        worker_end(&b->worker[i], b->worker[i].file != 0, why);
    }
    return rc;
}

/* ---- the command ------------------------------------------------------------------------- */

static int make_folders(Batch *b, char scratch[4200])
{
    char path[4200];
    static const char *const names[] = { "", "/json", "/work", "/pages" };
    for (size_t i = 0; i < (b->html ? 4u : 3u); i++) {
        snprintf(path, sizeof path, "%s%s", b->out, names[i]);
        if (mkdir(path, 0777) && errno != EEXIST)
            return complain(path, strerror(errno));
    }
    snprintf(scratch, 4200, "%s/work", b->out);
    b->setup.scratch = scratch;
    return 0;
}

/* One batch at a time in a folder. */
static int lock(const Batch *b)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/work/lock", b->out);
    int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0666);
    struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    if (fd < 0 || fcntl(fd, F_SETLK, &l))
        return complain(b->out, fd < 0 ? strerror(errno) : "another batch is at work in this folder; wait for it or name another");
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

static int list_files(Batch *b, const char *what, const char *settings, int retry, time_t from)
{
    struct stat st;
    int is_dir = stat(what, &st) == 0 && S_ISDIR(st.st_mode);
    if (is_dir)
        return add_tree(b, what, settings, retry, from);
    FILE *f = strcmp(what, "-") ? fopen(what, "r") : stdin;
    if (!f)
        return complain(what, strerror(errno));
    int rc = add_list(b, f, settings, retry, from);
    if (f != stdin)
        fclose(f);
    return rc;
}

int cmd_batch(int argc, char **argv)
{
    static const struct option longs[] = { { "out", 1, NULL, 'O' },   { "jobs", 1, NULL, 'j' },   { "timeout", 1, NULL, 't' }, { "memory", 1, NULL, 'm' },
                                           { "html", 0, NULL, 'w' },  { "only", 1, NULL, 'o' },   { "policy", 1, NULL, 'p' },  { "models", 1, NULL, 'd' },
                                           { "since", 1, NULL, 's' }, { "retry-failed", 0, NULL, 'r' }, { "quiet", 0, NULL, 'q' }, { "help", 0, NULL, 'h' },
                                           { NULL, 0, NULL, 0 } };
    static Batch b;
    char *args[16] = { NULL }, exe[4096], scratch[4200], settings[1024] = "", why[256];
    int n_args = 0, retry = 0;
    time_t from = 0;
    const char *policy = NULL, *models = NULL;
    char *policy_text = NULL;
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
        case 'w': b.html = 1; args[n_args++] = (char *)"--html"; break;
        case 'o': args[n_args++] = (char *)"--only"; args[n_args++] = optarg; break;
        case 'p': policy = optarg; break;
        case 'd': models = optarg; args[n_args++] = (char *)"--models"; args[n_args++] = optarg; break;
        case 's':
            parts = sscanf(optarg, "%4d-%2d-%2d%nT%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &day, &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &all);
            tm.tm_year -= 1900;
            tm.tm_mon--;
            if (!(parts == 3 && !optarg[day]) && !(parts == 6 && !optarg[all])) {
                fprintf(stderr, "avalign: --since takes 2026-11-23 or 2026-11-23T08:00:00, not \"%s\"\n", optarg);
                return EXIT_INPUT;
            }
            from = mktime(&tm);
            break;
        case 'r': retry = 1; break;
        case 'q': b.quiet = 1; break;
        case 'h': fputs(help, stdout); return EXIT_CLEAR;
        default: fprintf(stderr, "see avalign batch --help\n"); return EXIT_INPUT;
        }
        if (n_args > 12) {
            fprintf(stderr, "avalign: give each option once\n");
            return EXIT_INPUT;
        }
    }
    if (optind + 1 != argc || !b.out || b.jobs < 1 || b.jobs > MAX_JOBS || !(b.timeout > 0)) {
        fprintf(stderr, "avalign: batch needs one DIR or LIST and --out DIR (--jobs 1 to %d); see avalign batch --help\n", MAX_JOBS);
        return EXIT_INPUT;
    }
    int code = EXIT_INTERNAL;
    AvalignModels *m = tool_models(models, &code); /* told here once, not for each file */
    if (!m)
        return code;
    avalign_models_free(&m);
    if (tool_policy(&policy, &policy_text))
        return EXIT_INPUT;
    if (policy) {
        args[n_args++] = (char *)"--policy";
        args[n_args++] = (char *)policy;
    }
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    exe[n > 0 ? n : 0] = 0;
    b.setup.exe = exe;
    b.setup.args = args;
    snprintf(settings, sizeof settings, "avalign %s", avalign_version());
    for (int i = 0; i < n_args; i++)
        snprintf(settings + strlen(settings), sizeof settings - strlen(settings), " %s", args[i]);
    int held = -1;
    code = EXIT_INTERNAL;
    if (make_folders(&b, scratch) || (held = lock(&b)) < 0)
        return EXIT_INTERNAL;
    struct sigaction sa = { .sa_handler = on_signal };
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
    if (!(b.db = batch_db_open(b.out, why)))
        complain(b.out, why);
    else if (list_files(&b, argv[optind], settings, retry, from) == 0) {
        BatchCounts counts;
        clock_gettime(CLOCK_MONOTONIC, &b.start);
        if (batch_db_duplicates(b.db, hash_file) || batch_db_counts(b.db, &counts)) {
            complain(b.out, batch_db_error(b.db));
        } else {
            b.todo = counts.queued;
            int rc = run(&b);
            rc |= write_tables(&b);
            code = report(&b);
            code = rc ? EXIT_INTERNAL : code;
        }
    }
    batch_db_close(b.db);
    close(held);
    free(policy_text);
    return code;
}
