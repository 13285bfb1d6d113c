/* cmd_analyze.c -- avalign analyze FILE */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/case_file.h"
#include "cli/live.h"
#include "cli/overlay.h"
#include "common/output.h"
#include "common/options.h"
#include "common/signals.h"

typedef enum { PROGRESS_NONE, PROGRESS_BAR, PROGRESS_JSON } ProgressKind;

typedef struct Ui {
    ProgressKind kind;
    struct timespec last;
} Ui;

typedef struct Analysis {
    const Options *o;
    AvalignConfig cfg;
    ProgressKind progress;
    Ui ui;
    int fd;    /* the file, opened before being sandboxed */
    char *way; /* from the page to the video */
    CaseFile *about; /* for the page's head; NULL: nothing */
    FILE *lines; /* of --live */
} Analysis;

static void analyze_on_progress(void *cookie, double done, int64_t at_us)
{
    Ui *ui = cookie;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (ui->kind == PROGRESS_NONE || (now.tv_sec - ui->last.tv_sec) * 1000 + (now.tv_nsec - ui->last.tv_nsec) / 1000000 < 100)
        return;
    ui->last = now;
    if (ui->kind == PROGRESS_JSON) {
        if (done >= 0)
            fprintf(stderr, "{\"progress\": %.4f, \"at_s\": %.2f}\n", done, (double)at_us / 1e6);
        else
            fprintf(stderr, "{\"progress\": null, \"at_s\": %.2f}\n", (double)at_us / 1e6);
        return;
    }
    if (done < 0) {
        fprintf(stderr, "\r%8.1f s", (double)at_us / 1e6);
    } else {
        char bar[31] = "..............................";
        memset(bar, '#', (size_t)(done * 30));
        fprintf(stderr, "\r[%s] %3.0f %%", bar, done * 100);
    }
    fflush(stderr);
}

static int captions_wanted(const Options *o)
{
    int captions = 0;
    for (int k = 0; k < OPTIONS_MARKS; k++)
        captions |= o->marks[k] && (option_marks[k].format == AVALIGN_WORDS_VTT || option_marks[k].format == AVALIGN_WORDS_SRT);
    return captions;
}

/* What goes together; 0 or -1 with the reason printed. */
static int analyze_check(const Options *o)
{
    const char *why = NULL;
    int marked = 0, captions = captions_wanted(o), address = strstr(o->operand[0], "://") != NULL;
    for (int k = 0; k < OPTIONS_MARKS; k++)
        marked |= o->marks[k] != NULL;
    if (o->overlay && (!strcmp(o->operand[0], "-") || !strcmp(o->overlay, "-")))
        why = "--overlay goes from a file to a file, for it is read twice and ffmpeg seeks in it";
    else if (o->case_file && !o->html)
        why = "--case is for the head of the page; give --html OUT too";
    else if (o->checksums && ((!o->json && !o->html && !marked) || (o->json && !strcmp(o->json, "-")) || (o->html && !strcmp(o->html, "-"))))
        why = "--checksums is of files: give --json OUT, --html OUT or --marks too, and not - for standard output";
    else if (o->live && (o->checksums || o->html || o->overlay || o->tracks || o->transcript || o->timings || marked))
        why = "--live writes lines of JSON (--json OUT) and nothing else";
    else if (captions && !o->transcribe)
        why = "--marks words-vtt and words-srt write the words that --transcribe hears; give it too";
    else if (o->window > 0 && !o->live)
        why = "--window is for --live";
    else if (o->sandbox && (o->overlay || address))
        why = "--sandbox keeps the network and other programs out: no address, and --overlay (it runs ffmpeg) in a call of its own";
    return why ? tool_complain("analyze", why) : 0;
}

/* The way from the page to the video, for its player; NULL when there is none. To be freed. */
static char *way_to(const char *video, const char *page)
{
    char *dir = strdup(page), *slash = dir ? strrchr(dir, '/') : NULL;
    if (slash)
        slash[slash == dir] = 0;
    char *from = dir ? realpath(slash ? dir : ".", NULL) : NULL, *to = realpath(video, NULL), *out = NULL;
    free(dir);
    if (from && to) {
        size_t same = 0, ups = 0;
        for (size_t i = 0; from[i] == to[i] || (!from[i] && to[i] == '/'); i++) {
            if (to[i] == '/')
                same = i;
            if (!from[i])
                break;
        }
        for (const char *p = from + same; *p; p++)
            ups += *p == '/' && p[1];
        if ((out = malloc(3 * ups + strlen(to) + 1))) {
            char *o = out;
            for (size_t i = 0; i < ups; i++)
                o += sprintf(o, "../");
            strcpy(o, to + same + 1);
        }
    }
    free(from);
    free(to);
    return out;
}

typedef struct Page {
    const AvalignResult *r;
    const char *video; /* the way to it */
} Page;

typedef struct Marks {
    const AvalignResult *r;
    AvalignFormat format;
} Marks;

static int put_marks(const void *what, FILE *f)
{
    const Marks *m = what;
    return avalign_result_write(m->r, m->format, tool_write_file, f, NULL);
}

static int analyze_put_json(const void *what, FILE *f) { return avalign_result_write(what, AVALIGN_JSON, tool_write_file, f, NULL); }

static int analyze_put_page(const void *what, FILE *f)
{
    const Page *p = what;
    return avalign_result_write_page(p->r, p->video, tool_write_file, f, NULL);
}

/* Opens the context with everything it is told; NULL with *code set and the reason printed. */
static AvalignContext *open_context(Analysis *a, AvalignModels *models, int *code)
{
    const Options *o = a->o;
    AvalignContext *c = NULL;
    size_t n;
    char *transcript = o->transcript ? tool_slurp_text(o->transcript, &n) : NULL;
    if (o->transcript && !transcript) {
        tool_say(o->transcript, "transcript: %s; check the path", strerror(errno));
        *code = EXIT_INPUT;
        return NULL;
    }
    a->cfg.transcript = transcript;
    AvalignErrorInfo e;
    int rc = avalign_open(&c, models, &a->cfg, &e);
    free(transcript);
    if (rc) {
        tool_error(NULL, &e);
        *code = tool_exit_code(rc);
        return NULL;
    }
    if (!o->tracks)
        return c;
    char *json = tool_slurp_text(o->tracks, &n);
    if (!json)
        tool_say(o->tracks, "tracks: %s; check the path", strerror(errno));
    else if ((rc = avalign_set_tracks(c, json, n)) != 0)
        tool_error(o->tracks, avalign_last_error(c));
    if (!json || rc) {
        avalign_close(&c);
        *code = EXIT_INPUT;
    }
    free(json);
    return c;
}

/* Everything asked for, written; the exit code. */
static int write_all(const Analysis *a, AvalignResult *r, AvalignReader *in)
{
    const Options *o = a->o;
    int flagged = avalign_result_flagged(r), code = flagged < 0 ? EXIT_UNJUDGED : flagged ? EXIT_FLAGGED : EXIT_CLEAR;
    int to_stdout = (o->json && !strcmp(o->json, "-")) || (o->html && !strcmp(o->html, "-"));
    if (o->json && output_write(analyze_put_json, r, o->json))
        code = EXIT_INTERNAL;
    for (int k = 0; k < OPTIONS_MARKS; k++) {
        if (o->marks[k] && output_write(put_marks, &(Marks){ r, option_marks[k].format }, o->marks[k]))
            code = EXIT_INTERNAL;
        to_stdout |= o->marks[k] && !strcmp(o->marks[k], "-");
    }
    if (o->html) {
        AvalignErrorInfo e;
        if (o->sandbox ? avalign_result_add_thumbnails_reader(r, in, &e) : avalign_result_add_thumbnails(r, o->operand[0], &e)) /* a pipe, say: the page goes without */
            tool_say(o->operand[0], "no pictures for the page: %s", e.message);
        if (a->about && case_note(a->about, r, o))
            code = EXIT_INTERNAL;
        if (output_write(analyze_put_page, &(Page){ r, a->way }, o->html))
            code = EXIT_INTERNAL;
    }
    if (!o->quiet && !to_stdout) { /* also when the file could not be written: nothing measured is lost */
        errno = 0;
        if (avalign_result_write(r, AVALIGN_TEXT, tool_write_file, stdout, NULL) || fflush(stdout))
            code = output_error("standard output");
    }
    if (o->overlay && overlay_write(r, o->operand[0], o->overlay))
        code = EXIT_INTERNAL;
    return code;
}

/* Opens what --live reads and writes, while that is still allowed; 0 or an exit code. */
static int live_open(Analysis *a)
{
    const Options *o = a->o;
    char why[160];
    if (!o->sandbox && !strstr(o->operand[0], "://") && (a->fd = tool_open(o->operand[0], why)) < 0) {
        tool_say(o->operand[0], "%s", why);
        return EXIT_INPUT;
    }
    a->lines = o->json && strcmp(o->json, "-") ? fopen(o->json, "ab") : stdout; /* goes on after what is there: there is no end that it could be whole at */
    return a->lines ? 0 : output_error(o->json);
}

static int live(const Analysis *a, AvalignContext *c, AvalignReader *in)
{
    int code = live_analyze(c, strstr(a->o->operand[0], "://") ? NULL : in, a->o->operand[0], a->o->window, a->lines);
    if (a->lines != stdout && fclose(a->lines) && code < EXIT_INTERNAL)
        code = output_error(a->o->json);
    return code;
}

static int cmd_analyze_run(Analysis *a, AvalignModels *models)
{
    const Options *o = a->o;
    const char *file = o->operand[0];
    AvalignResult *r = NULL;
    int code = EXIT_CLEAR;
    a->cfg.progress = analyze_on_progress;
    a->ui = (Ui){ .kind = a->progress };
    a->cfg.cookie = &a->ui;
    AvalignContext *c = open_context(a, models, &code);
    if (!c)
        return code;
    if (o->live && (code = live_open(a))) {
        avalign_close(&c);
        return code;
    }
    AvalignReader in = tool_reader(&a->fd, strcmp(file, "-") ? file : NULL);
    if (o->sandbox && (avalign_preload(c) || tool_sandbox())) {
        if (*avalign_last_error(c)->message)
            tool_error(NULL, avalign_last_error(c));
        avalign_close(&c);
        return EXIT_INTERNAL;
    }
    signals_add(c);
    int rc = 0;
    if (o->live)
        code = live(a, c, &in);
    else
        rc = o->sandbox ? avalign_analyze_reader(c, &in, &r) : tool_analyze(c, file, &r);
    signals_remove(c);
    if (a->ui.kind == PROGRESS_BAR)
        fprintf(stderr, "\r%50s\r", "");
    if (rc) {
        tool_error(file, avalign_last_error(c));
        code = tool_exit_code(rc);
    } else if (r) {
        code = write_all(a, r, &in);
    }
    avalign_result_free(&r);
    avalign_close(&c);
    return code;
}

static int hears_words(const AvalignModels *models)
{
    AvalignModelInfo m;
    for (size_t i = 0; avalign_models_info(models, i, &m) == 0; i++)
        if (!strcmp(m.role, "speech-words"))
            return 1;
    return 0;
}

static int cmd_analyze_here(Analysis *a)
{
    int code = EXIT_CLEAR;
    AvalignModels *models = tool_models(a->o->models, &code);
    if (models && captions_wanted(a->o) && !hears_words(models)) {
        tool_complain("analyze", "--marks words-vtt and words-srt: these models have no net that hears words (role speech-words); take those that come with avalign");
        code = EXIT_INPUT;
    } else if (models)
        code = cmd_analyze_run(a, models);
    tool_models_end(&models);
    return code;
}

static int prepare(const Options *o)
{
    int code = o->live ? 0 : output_prepare(o->json);
    if (!code)
        code = output_prepare(o->html);
    for (int k = 0; k < OPTIONS_MARKS && !code; k++)
        code = output_prepare(o->marks[k]);
    return code;
}

/* A process of its own reads the file; this one, which doesn't, puts the results in place. */
static int analyze_in_sandbox(Analysis *a)
{
    const char *file = a->o->operand[0];
    char why[160];
    int code, status = 0;
    if ((a->fd = tool_open(file, why)) < 0) {
        tool_say(file, "%s", why);
        return EXIT_INPUT;
    }
    if ((code = prepare(a->o))) {
        output_settle(); /* those before it: empty, so they go */
        tool_close(a->fd);
        return code;
    }
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        signals_start(EXIT_INTERNAL);
        exit(tool_end(cmd_analyze_here(a)));
    }
    signals_child(pid);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    signals_child(0);
    tool_close(a->fd);
    code = output_settle();
    if (pid < 0 || (WIFSIGNALED(status) && !signals_stopped())) {
        tool_say(file, "decode: %s", pid < 0 ? strerror(errno) : "the process died; the file may be made to do harm, nothing else was touched");
        return EXIT_INTERNAL;
    }
    return code ? code : WIFSIGNALED(status) ? EXIT_INTERNAL : WEXITSTATUS(status);
}

static int put_sum(const void *path, FILE *f)
{
    const char *slash = strrchr(path, '/');
    char hex[65];
    return tool_hash_file(path, hex) || fprintf(f, "%s  %s\n", hex, slash ? slash + 1 : (const char *)path) < 0;
}

/* OUT.sha256 beside a file that was written. 0, or an exit code with the reason printed. */
static int write_sum(const char *out)
{
    char *path = out && strcmp(out, "-") ? malloc(strlen(out) + 8) : NULL;
    if (!path)
        return 0;
    sprintf(path, "%s.sha256", out);
    int code = output_write(put_sum, out, path);
    free(path);
    return code;
}

static int write_sums(const Options *o)
{
    int code = write_sum(o->json), more = write_sum(o->html);
    for (int k = 0; k < OPTIONS_MARKS; k++)
        more |= write_sum(o->marks[k]);
    return code || more ? EXIT_INTERNAL : 0;
}

int cmd_analyze(Options *o)
{
    Analysis a = { .o = o };
    if (analyze_check(o) || (o->case_file && !(a.about = case_read(o->case_file))))
        return EXIT_INPUT;
    if (options_config(o, &a.cfg)) {
        case_free(&a.about);
        return EXIT_INTERNAL;
    }
    a.progress = o->progress ? PROGRESS_JSON : o->quiet || !isatty(STDERR_FILENO) ? PROGRESS_NONE : PROGRESS_BAR;
    a.way = o->html && strcmp(o->html, "-") ? way_to(o->operand[0], o->html) : NULL;
    int code = o->sandbox ? analyze_in_sandbox(&a) : cmd_analyze_here(&a);
    if (o->checksums && code <= EXIT_UNJUDGED && write_sums(o))
        code = EXIT_INTERNAL;
    free(a.way);
    case_free(&a.about);
    return code;
}
