/* cmd_serve.c -- avalign serve: a web page on this machine. This thread judges, as batch does; the HTTP side has threads of its own. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch/batch_tables.h"
#include "common/output.h"
#include "common/signals.h"
#include "serve/serve.h"

enum { PORT = 8470, MAX_FILE_MB = 4096, MAX_TOTAL_MB = 65536, EXPIRE_DAYS = 7 };

/* ---- what the judging side says ------------------------------------------------------------------ */

static void note_work(Serve *s, BatchNews what, int64_t id, double done)
{
    int at = -1, room = -1;
    for (int i = 0; i < OPTIONS_MAX_JOBS; i++) {
        at = s->at_work[i] == id ? i : at;
        room = s->at_work[i] == 0 ? i : room;
    }
    at = at < 0 ? room : at;
    if (at < 0)
        return;
    s->at_work[at] = what == BATCH_FINISHED ? 0 : id;
    s->done[at] = done;
}

static void cmd_serve_news(void *cookie, BatchNews what, int64_t id, double done)
{
    Serve *s = cookie;
    pthread_mutex_lock(&s->lock);
    note_work(s, what, id, done);
    pthread_mutex_unlock(&s->lock);
    if (what != BATCH_PROGRESS) {
        serve_tell_row(s, id);
        return;
    }
    char line[96];
    if (done >= 0)
        snprintf(line, sizeof line, "{\"progress\":{\"id\":%lld,\"done\":%.2f}}", (long long)id, done);
    else
        snprintf(line, sizeof line, "{\"progress\":{\"id\":%lld,\"done\":null}}", (long long)id);
    events_put(s->events, line);
}

static const char *name_of(void *cookie, const char *path) { return upload_name(cookie, path); }

static void trouble(void *cookie, const char *what)
{
    Serve *s = cookie;
    pthread_mutex_lock(&s->lock);
    snprintf(s->trouble, sizeof s->trouble, "%s", what ? what : "");
    memset(s->at_work, 0, sizeof s->at_work);
    pthread_mutex_unlock(&s->lock);
    json_t *event = json_pack("{s:o}", "trouble", what ? tool_json_text(what) : json_null());
    char *text = json_dumps(event, JSON_COMPACT);
    if (text)
        events_put(s->events, text);
    free(text);
    json_decref(event);
}

static void tick(void *cookie)
{
    static struct timespec last;
    if (last.tv_sec && tool_seconds_since(&last) < 30)
        return;
    clock_gettime(CLOCK_MONOTONIC, &last);
    uploads_expire(cookie);
}

/* ---- the folder ------------------------------------------------------------------------------------- */

/* Makes all folders on the way. */
static int make_folders(char *path)
{
    for (char *p = path + 1;; p++)
        if (!*p || *p == '/') {
            char was = *p;
            *p = 0;
            int bad = mkdir(path, 0700) && errno != EEXIST;
            *p = was;
            if (bad)
                return tool_complain(path, strerror(errno));
            if (!was)
                return 0;
        }
}

static int own_folder(Serve *s)
{
    char path[sizeof s->out];
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    struct stat st;
    int n = s->o->out ? snprintf(path, sizeof path, "%s", s->o->out)
          : data && *data ? snprintf(path, sizeof path, "%s/avalign/serve", data)
                          : snprintf(path, sizeof path, "%s/.local/share/avalign/serve", home && *home ? home : "/nonexistent");
    if (n >= (int)sizeof path)
        return tool_complain("serve", "the folder's name is too long; name another with --out");
    if (make_folders(path))
        return -1;
    char *whole = realpath(path, NULL);
    int fits = whole && strlen(whole) < sizeof s->out;
    if (fits)
        strcpy(s->out, whole);
    free(whole);
    if (!fits || stat(s->out, &st))
        return tool_complain(path, fits ? strerror(errno) : "the folder's name is too long; name another with --out");
    if (st.st_uid != geteuid() || (st.st_mode & 077))
        return tool_complain(s->out, "others can look into this folder, and uploads are private; chmod 700 it, or name another with --out");
    snprintf(s->uploads, sizeof s->uploads, "%.2790s/uploads", s->out);
    snprintf(path, sizeof path, "%.2790s/marks", s->out);
    return batch_folders(s->out, 1) || (mkdir(path, 0700) && errno != EEXIST ? tool_complain(path, strerror(errno)) : 0);
}

/* The token stays the same over restarts, so that a page that is open goes on. */
static int own_token(Serve *s)
{
    char path[3000];
    uint8_t bytes[16];
    size_t n = 0;
    snprintf(path, sizeof path, "%.2790s/token", s->out);
    char *old = tool_slurp(path, &n);
    if (old && n == 33 && strspn(old, "0123456789abcdef") == 32) {
        memcpy(s->token, old, 32);
        free(old);
        return 0;
    }
    free(old);
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return tool_complain("serve", strerror(errno));
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(s->token + 2 * i, 3, "%02x", bytes[i]);
    char line[40];
    snprintf(line, sizeof line, "%.32s\n", s->token);
    return output_put(path, line, strlen(line)) ? tool_complain(path, strerror(errno)) : 0;
}

/* ---- the command -------------------------------------------------------------------------------------- */

static int cmd_serve_run(Serve *s)
{
    static BatchRun run;
    char why[SERVE_WHY];
    ServeHttp *http = serve_http_open(s, why);
    if (!http)
        return tool_complain("serve", why);
    printf("http://127.0.0.1:%u/#token=%s\n", s->port, s->token);
    fflush(stdout);
    if (!s->o->quiet)
        fprintf(stderr, "Open this address in a browser on this machine. Files are kept in %s; Ctrl-C ends it.\n", s->out);
    run = (BatchRun){ .o = s->o, .out = s->out, .jobs = batch_jobs(s->o), .timeout = batch_timeout(s->o), .cookie = s, .news = cmd_serve_news, .name = name_of, .endless = 1, .wake = s->wake,
                      .tick = tick, .trouble = trouble };
    if (!(run.db = batch_db_open(s->out, why)))
        return tool_complain(s->out, why);
    int rc = batch_run(&run);
    batch_db_close(run.db);
    events_close(s->events);
    serve_http_close(http);
    return rc;
}

int cmd_serve(Options *o)
{
    static Serve s = { .lock = PTHREAD_MUTEX_INITIALIZER };
    char why[SERVE_WHY];
    int code = EXIT_INTERNAL, held;
    umask(077);
    o->page = o->all_marks = 1;
    o->sandbox = !o->no_sandbox;
    s.o = o;
    s.port = o->port ? (unsigned)o->port : PORT;
    s.max_file = (uint64_t)(o->max_file ? o->max_file : MAX_FILE_MB) << 20;
    s.max_total = (uint64_t)(o->max_total ? o->max_total : MAX_TOTAL_MB) << 20;
    s.expire_s = 86400 * (o->expire > 0 ? o->expire : EXPIRE_DAYS);
    if (process_check(o, &code)) /* told here once, not for each file */
        return code;
    options_settings(o, s.settings);
    if (own_folder(&s) || (held = batch_lock(s.out)) < 0)
        return EXIT_INTERNAL;
    if (!(s.events = events_open()) || (s.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0) {
        tool_complain("serve", "out of memory");
    } else if (!(s.db = batch_db_open(s.out, why))) {
        tool_complain(s.out, why);
    } else if (own_token(&s) == 0 && uploads_open(&s) == 0) {
        code = cmd_serve_run(&s) ? EXIT_INTERNAL : EXIT_CLEAR;
        batch_db_close(s.db);
    }
    close(held);
    return code;
}
