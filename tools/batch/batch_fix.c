/* batch_fix.c -- the second pass of batch --fix: decides from each file's result as `avalign fix` does, moves the sound, and has the copy measured in a process
 * of its own, some at a time. Each step is in the database before it is taken, so that a kill leaves nothing that is not known. */
#include "batch/batch_fix.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/ffmpeg.h"
#include "common/output.h"
#include "common/shift.h"
#include "common/signals.h"
#include "common/worker_process.h"

typedef struct Item {
    int64_t id;
    char *path, *out, *was; /* owned; was: where this batch put a copy before, "": nowhere */
    int twin; /* another file's copy has this name */
} Item;

typedef struct Pass {
    const Options *o;
    BatchDb *db;
    double timeout;
    pthread_mutex_t lock;   /* of all below, and of the database */
    pthread_mutex_t moving; /* ffmpeg, one at a time: the signals know of one */
    Item *item;
    size_t n, next, done;
    int failed; /* the pass can't go on; told */
} Pass;

/* One thread's process, started anew where another sound track is asked for. */
typedef struct Measurer {
    WorkerProcess process;
    Options o;
} Measurer;

/* ---- where copies go ------------------------------------------------------------------------ */

/* The part of a path that is kept below the folder of the copies: below what was named, or all of it. */
static const char *below(const char *root, const char *path)
{
    size_t n = strlen(root);
    while (n > 1 && root[n - 1] == '/')
        n--;
    if (!strncmp(path, root, n) && path[n] == '/')
        path += n;
    while (*path == '/' || (path[0] == '.' && path[1] == '/'))
        path += 1 + (*path == '.');
    return path;
}

/* "FIX/a/b.mp4" of "IN/a/b.mp4"; ".." becomes "_", and a container that can't hold a shift gets another. */
static char *copy_path(const Options *o, const char *path)
{
    const char *rest = below(o->operand[0], path);
    char *out = malloc(strlen(o->fix) + strlen(rest) + 8);
    if (!out)
        return NULL;
    char *to = out + sprintf(out, "%s/", o->fix);
    for (const char *p = rest; *p;) {
        size_t len = strcspn(p, "/");
        int up = len == 2 && p[0] == '.' && p[1] == '.';
        to += sprintf(to, "%.*s%s", up ? 1 : (int)len, up ? "_" : p, p[len] ? "/" : "");
        p += len + (p[len] == '/');
    }
    if (!shift_holds(out))
        strcat(out, ".mkv");
    return out;
}

static int make_way(const char *path)
{
    char *way = strdup(path);
    int bad = !way;
    for (char *p = way; !bad && (p = strchr(p + 1, '/')) != NULL;) {
        *p = 0;
        bad = mkdir(way, 0777) && errno != EEXIST;
        *p = '/';
    }
    free(way);
    return bad;
}

/* The nearest folder on the way that is there, as the system knows it; -1: there is none, or the rest of the way leads back (".."). */
static int real_folder(const char *path, char out[PATH_MAX])
{
    char way[PATH_MAX];
    snprintf(way, sizeof way, "%s", path);
    while (!realpath(way, out)) {
        char *slash = strrchr(way, '/');
        if (!strcmp(slash ? slash + 1 : way, "..")) /* made on the way, it would lead elsewhere */
            return -1;
        if (errno != ENOENT || slash == way)
            return -1;
        if (!slash)
            return realpath(".", out) ? 0 : -1;
        *slash = 0;
    }
    return 0;
}

static int has_name(const char *list, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = list; p && *p; p += strcspn(p, ","), p += *p == ',')
        if (!strncmp(p, name, n) && (p[n] == ',' || !p[n]))
            return 1;
    return 0;
}

int batch_fix_check(const Options *o)
{
    char in[PATH_MAX], out[PATH_MAX];
    struct stat st;
    if (!o->fix)
        return o->dry_run ? tool_complain("batch", "--dry-run goes with --fix: it says what would be moved"), EXIT_INPUT : 0;
    if ((o->only && !has_name(o->only, "lipsync")) || has_name(o->except, "lipsync"))
        return tool_complain("batch", "--fix goes by lip sync; leave lipsync among the analyzers"), EXIT_INPUT;
    if (!o->dry_run && !ffmpeg_is_there())
        return tool_complain("batch", "--fix: ffmpeg is not installed; install it"), EXIT_INTERNAL;
    if (real_folder(o->fix, out))
        return tool_complain(o->fix, "there is no way to this folder; name it without \"..\", or make it"), EXIT_INPUT;
    if (stat(o->operand[0], &st) || !S_ISDIR(st.st_mode) || !realpath(o->operand[0], in))
        return 0;
    size_t n = strlen(in);
    if (!strncmp(in, out, n) && (out[n] == '/' || !out[n] || n == 1))
        return tool_complain(o->fix, "the copies would lie among the files that are judged; name a folder beside them with --fix"), EXIT_INPUT;
    return 0;
}

/* ---- a measurement in a process of its own --------------------------------------------------- */

static void measure_with(Measurer *m, const Options *o, long stream)
{
    char why[96];
    if (m->process.pid && m->o.audio_stream == stream)
        return;
    process_end(&m->process, 0, why);
    m->o = (Options){ .only = "lipsync", .audio_stream = stream, .video_stream = o->video_stream, .max_duration = o->max_duration, .max_faces = o->max_faces, .models = o->models,
                      .sandbox = o->sandbox, .memory = o->memory, .offset_ms = NAN };
}

/* 0; -1 with why, "" when a signal came. */
static int measure(Measurer *m, const Options *o, double timeout, int64_t id, const char *path, long stream, ShiftReading *r, char why[SHIFT_WHY])
{
    ProcessAnswer a = { 0 };
    char ended[96] = "";
    int heard = 0, given = -2;
    *why = 0;
    measure_with(m, o, stream);
    if (m->process.pid || process_start(&m->process, &m->o) == 0)
        given = process_give(&m->process, id, path, &a);
    while (given == 0 && !heard && !signals_stopped() && process_seconds(&m->process) <= timeout) {
        struct pollfd p[2] = { { .fd = m->process.fd, .events = POLLIN }, { .fd = signals_fd(), .events = POLLIN } };
        if (poll(p, 2, 200) > 0 && p[0].revents)
            heard = process_hear(&m->process, &a);
    }
    if (signals_stopped()) {
        process_end(&m->process, 1, ended);
    } else if (heard <= 0 && given != -1) { /* it is slow, or gone */
        process_end(&m->process, 1, ended);
        snprintf(why, SHIFT_WHY, "measuring the copy: %s", heard < 0 && *ended ? ended : given == 0 && !heard ? "it took too long" : "the process could not be started");
    } else if (!a.json) {
        snprintf(why, SHIFT_WHY, "measuring the copy: %.200s", a.error ? a.error : "no result was left");
    }
    json_t *doc = a.json && !*why ? json_loads(a.json, 0, NULL) : NULL;
    if (doc)
        shift_read(doc, r);
    json_decref(doc);
    process_answer_free(&a);
    return doc ? 0 : -1;
}

/* ---- one file ---------------------------------------------------------------------------------- */

static int set(Pass *p, const Item *it, const BatchFix *f)
{
    pthread_mutex_lock(&p->lock);
    int bad = batch_db_set_fix(p->db, it->id, f);
    if (bad && !p->failed)
        p->failed = 1, tool_complain(p->o->out, batch_db_error(p->db));
    pthread_mutex_unlock(&p->lock);
    return bad ? -1 : 0;
}

/* Would the copy lie where the file itself or somebody else's is? */
static int place_is_taken(const Item *it, char why[SHIFT_WHY])
{
    struct stat in, out;
    if (it->twin)
        return snprintf(why, SHIFT_WHY, "the copy of another file of this batch has the same name; judge the two in batches of their own");
    if (lstat(it->out, &out))
        return 0;
    if (stat(it->path, &in) == 0 && in.st_dev == out.st_dev && in.st_ino == out.st_ino)
        return snprintf(why, SHIFT_WHY, "the copy would lie where the file itself is; name another folder with --fix");
    if (!S_ISREG(out.st_mode) || strcmp(it->was, it->out))
        return snprintf(why, SHIFT_WHY, "there is something of this name that this batch did not write; name another folder with --fix");
    return 0;
}

/* Do the other sound tracks agree? 0; 1 refused or failed with why; -1 a signal. */
static int tracks_differ(Pass *p, Measurer *m, const Item *it, const ShiftReading *first, BatchFix *f, char why[SHIFT_WHY])
{
    for (int k = 1; k <= first->streams && first->streams > 1 && !p->o->audio_stream; k++) {
        ShiftReading other;
        if (measure(m, p->o, p->timeout, it->id, it->path, k, &other, why))
            return f->status = "failed", *why ? 1 : -1;
        if (shift_tracks_differ(first, &other, k, why))
            return f->status = "refused", 1;
    }
    return 0;
}

/* A shift as its number, all else in words. */
static void note_how(const Shift *s, BatchFix *f, char why[SHIFT_WHY])
{
    if (s->how == SHIFT_WHOLE)
        f->moved_ms = s->ms;
    else
        shift_words(s, why);
}

/* A link on the way could lead out of the folder of the copies, or among the files that are judged. */
static int way_leads_elsewhere(const Options *o, const Item *it, char why[SHIFT_WHY])
{
    char fix[PATH_MAX], in[PATH_MAX], at[PATH_MAX], way[PATH_MAX];
    struct stat st;
    snprintf(way, sizeof way, "%s", it->out);
    char *slash = strrchr(way, '/');
    *slash = 0; /* copy_path() put one there */
    if (!realpath(o->fix, fix) || !realpath(way, at))
        return snprintf(why, SHIFT_WHY, "%s", strerror(errno));
    size_t n = strlen(fix), m = 0;
    if (n > 1 && (strncmp(fix, at, n) || (at[n] && at[n] != '/')))
        return snprintf(why, SHIFT_WHY, "a link leads the copy out of %.100s; take it away", o->fix);
    if (stat(o->operand[0], &st) == 0 && S_ISDIR(st.st_mode) && realpath(o->operand[0], in))
        m = strlen(in);
    if (m && !strncmp(in, at, m) && (at[m] == '/' || !at[m] || m == 1))
        return snprintf(why, SHIFT_WHY, "the copy would lie among the files that are judged; name another folder with --fix");
    return 0;
}

/* Writes the copy and measures it; f says what became of it. 0, or -1: stopped. */
static int move_and_measure(Pass *p, Measurer *m, const Item *it, const ShiftReading *before, BatchFix *f, char why[SHIFT_WHY])
{
    ShiftReading after;
    f->status = "moving";
    f->out = it->out;
    note_how(&before->shift, f, why);
    if (set(p, it, f))
        return -1;
    pthread_mutex_lock(&p->moving);
    int code = signals_stopped() ? -1 : make_way(it->out) ? (snprintf(why, SHIFT_WHY, "%s", strerror(errno)), -1)
               : way_leads_elsewhere(p->o, it, why) ? -1 : shift_write(it->path, it->out, &before->shift, before, why);
    pthread_mutex_unlock(&p->moving);
    if (signals_stopped())
        return -1;
    f->status = "failed";
    if (code) {
        f->moved_ms = NAN;
        f->out = strcmp(it->was, it->out) ? NULL : it->out; /* an earlier copy stays this batch's */
        return 0;
    }
    if (measure(m, p->o, p->timeout, it->id, it->out, p->o->audio_stream, &after, why))
        return *why ? 0 : -1;
    int right = shift_right(&before->shift, &after);
    f->after_ms = after.offset_ms;
    f->status = right ? "moved" : "check";
    note_how(&before->shift, f, why);
    if (!right)
        snprintf(why, SHIFT_WHY, "the copy does not read as it should; look at it before it is used");
    return 0;
}

/* 0, or -1: stopped, or the pass can't go on. */
static int fix_one(Pass *p, Measurer *m, const Item *it)
{
    BatchFix f = { .moved_ms = NAN, .before_ms = NAN, .after_ms = NAN };
    ShiftReading before;
    char why[SHIFT_WHY] = "";
    pthread_mutex_lock(&p->lock);
    char *text = batch_db_result(p->db, it->id);
    pthread_mutex_unlock(&p->lock);
    json_t *doc = text ? json_loads(text, 0, NULL) : NULL;
    shift_read(doc, &before);
    json_decref(doc);
    free(text);
    f.before_ms = before.offset_ms;
    ShiftAnswer answer = shift_answer(&before, why);
    int no = 0, rc = 0;
    if (answer != SHIFT_MOVE)
        f.status = answer == SHIFT_IN_SYNC ? "in sync" : "refused";
    else if ((no = tracks_differ(p, m, it, &before, &f, why)) != 0)
        rc = no < 0 ? -1 : 0;
    else if (place_is_taken(it, why))
        f.status = "failed";
    else if (p->o->dry_run)
        f.status = "would move", note_how(&before.shift, &f, why);
    else
        rc = move_and_measure(p, m, it, &before, &f, why);
    if (!f.out && *it->was && strcmp(f.status, "failed") != 0) { /* what it was before */
        f.out = it->was;
        size_t n = strlen(why);
        snprintf(why + n, SHIFT_WHY - n, "%sthe copy is of an earlier content", n ? "; " : "");
    }
    f.note = why;
    return rc ? rc : set(p, it, &f);
}

/* ---- all of them --------------------------------------------------------------------------------- */

static const Item *fix_next(Pass *p)
{
    pthread_mutex_lock(&p->lock);
    const Item *it = p->next < p->n && !p->failed && !signals_stopped() ? &p->item[p->next++] : NULL;
    pthread_mutex_unlock(&p->lock);
    return it;
}

static void fix_tell_progress(Pass *p)
{
    pthread_mutex_lock(&p->lock);
    p->done++;
    if (!p->o->quiet) {
        fprintf(stderr, "%sfix: %zu of %zu%s", isatty(2) ? "\r" : "", p->done, p->n, isatty(2) ? "   " : "\n");
        fflush(stderr);
    }
    pthread_mutex_unlock(&p->lock);
}

static void *fix_some(void *cookie)
{
    Pass *p = cookie;
    Measurer m = { 0 };
    char why[96];
    for (const Item *it; (it = fix_next(p)) != NULL && fix_one(p, &m, it) == 0;)
        fix_tell_progress(p);
    process_end(&m.process, 0, why);
    return NULL;
}

/* Is there something to do for this file? */
static int to_do(const Options *o, const BatchFix *f, const char *out)
{
    struct stat st;
    if (!f->status || !strcmp(f->status, "moving"))
        return 1;
    if (!strcmp(f->status, "failed"))
        return o->retry_failed;
    if (!strcmp(f->status, "would move"))
        return !o->dry_run;
    return (!strcmp(f->status, "moved") || !strcmp(f->status, "check")) && !o->dry_run && (strcmp(f->out, out) || stat(out, &st));
}

static int take_item(void *cookie, int64_t id, const char *path, const BatchFix *f)
{
    Pass *p = cookie;
    char *out = copy_path(p->o, path);
    if (!out || !to_do(p->o, f, out)) {
        int bad = !out;
        free(out);
        return bad ? -1 : 0;
    }
    Item *more = realloc(p->item, (p->n + 1) * sizeof *more);
    if (!more) {
        free(out);
        return -1;
    }
    p->item = more;
    Item *it = &p->item[p->n++]; /* freed in the end, whole or not */
    *it = (Item){ .id = id, .path = strdup(path), .out = out, .was = strdup(f->out ? f->out : "") };
    for (const Item *other = p->item; other < it && !it->twin; other++)
        it->twin = !strcmp(other->out, out);
    return it->path && it->was ? 0 : -1;
}

int batch_fix(const Options *o, BatchDb *db, int jobs, double timeout)
{
    Pass p = { .o = o, .db = db, .timeout = timeout, .lock = PTHREAD_MUTEX_INITIALIZER, .moving = PTHREAD_MUTEX_INITIALIZER };
    pthread_t thread[OPTIONS_MAX_JOBS];
    int n = 0;
    if (batch_db_fixes(db, take_item, &p))
        p.failed = 1, tool_complain(o->out, batch_db_error(db));
    while (n < jobs && (size_t)n < p.n && !p.failed && pthread_create(&thread[n], NULL, fix_some, &p) == 0)
        n++;
    if (!n && p.n && !p.failed)
        p.failed = 1, tool_complain("batch", "fix: no thread could be started");
    for (int i = 0; i < n; i++)
        pthread_join(thread[i], NULL);
    for (size_t i = 0; i < p.n; i++) {
        free(p.item[i].path);
        free(p.item[i].out);
        free(p.item[i].was);
    }
    free(p.item);
    if (p.done && !o->quiet && isatty(2))
        fputc('\n', stderr);
    return p.failed ? -1 : 0;
}
