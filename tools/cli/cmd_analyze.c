/* cmd_analyze.c -- avalign analyze FILE */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/live.h"
#include "common/output.h"
#include "common/tool.h"

static const char help[] =
    "usage: avalign analyze FILE|- [options]\n\n"
    "  --json OUT|-         write the result as JSON (docs/result.schema.json)\n"
    "  --marks FORMAT=OUT   the findings for other tools: vtt, edl, csv, rttm, textgrid, otio, sarif or ass\n"
    "                       (docs/marks.md);\n"
    "                       may be given once for each format\n"
    "  --overlay OUT        write the video with faces, speech, offset and findings drawn over it, the sound\n"
    "                       untouched (runs ffmpeg)\n"
    "  --html OUT           write the evidence page: one HTML file with timeline, findings and pictures\n"
    "  --only NAMES         run these analyzers alone, comma-separated\n"
    "  --except NAMES       run all but these\n"
    "  --tracks FILE.json   use this face tracking (docs/tracks.schema.json)\n"
    "  --lse                also SyncNet's offset, LSE-D and LSE-C, with your copy of its net\n"
    "                       (training/import/syncnet.py)\n"
    "  --transcript FILE    what is said, as English text: phones are aligned to it\n"
    "  --audio-stream N     the N-th sound track, from 1\n"
    "  --video-stream N     the N-th picture track, from 1, cover art not counted (default: the one with a face)\n"
    "  --profile NAME       tolerance for the offset: seed, bt1359-detect, bt1359-accept, ebu-r37,\n"
    "                       atsc-is191 or film\n"
    "  --policy NAME|FILE   how the signals become the anomaly score: seed (default), calibrated, or your own\n"
    "                       (docs/policy.schema.json)\n"
    "  --flag-at X          anomaly score that flags a file (default: the policy's, 0.5)\n"
    "  --max-duration S     stop after S seconds of media\n"
    "  --max-faces N        faces followed at once (default 8)\n"
    "  --threads N          worker threads (default: all cores; results don't depend on it)\n"
    "  --models DIR         model directory (default: AVALIGN_MODELS, then the installed one)\n"
    "  --allow-network      FILE may be an address\n"
    "  --live               FILE (- or an address) is a stream that goes on: one line of JSON for each window of it\n"
    "                       (docs/live.md)\n"
    "  --window S           its length (default 10)\n"
    "  --sandbox            the process that decodes can reach neither disk nor network (seccomp)\n"
    "  --progress json      progress as JSON lines on stderr\n"
    "  --quiet              no summary, no progress\n\n"
    "A positive offset means the sound is early: it leads the picture.\n"
    "Exit codes: 0 nothing found, 1 flagged, 2 too little to judge, 3 unusable input,\n"
    "4 output or internal error.\n";

typedef enum { PROGRESS_NONE, PROGRESS_BAR, PROGRESS_JSON } ProgressKind;

static const struct {
    const char *name;
    AvalignFormat format;
} mark_formats[] = { { "vtt", AVALIGN_VTT }, { "edl", AVALIGN_EDL }, { "csv", AVALIGN_CSV }, { "rttm", AVALIGN_RTTM },
                     { "textgrid", AVALIGN_TEXTGRID }, { "otio", AVALIGN_OTIO }, { "sarif", AVALIGN_SARIF }, { "ass", AVALIGN_ASS } };
enum { N_MARKS = sizeof mark_formats / sizeof *mark_formats };

typedef struct Options {
    const char *marks[N_MARKS]; /* where each goes; NULL: not asked for */
    const char *file, *json, *html, *overlay, *tracks, *transcript, *models, *policy;
    char *analyzers;
    ProgressKind progress;
    double window_s;
    int quiet, live, sandbox, fd; /* fd: the file, opened before being shut in */
    char *way;              /* from the page to the video */
    AvalignConfig cfg;
} Options;

static volatile sig_atomic_t interrupted;
static void on_signal(int sig)
{
    (void)sig;
    interrupted = 1;
}

typedef struct Ui {
    ProgressKind kind;
    AvalignContext *ctx;
    struct timespec last;
} Ui;

static void on_progress(void *cookie, double done, int64_t at_us)
{
    Ui *ui = cookie;
    struct timespec now;
    if (interrupted)
        avalign_cancel(ui->ctx);
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

static int number(const char *name, const char *text, double min, double max, double *out)
{
    char *end;
    errno = 0;
    *out = strtod(text, &end);
    if (!*text || *end || errno || !(*out >= min && *out <= max)) {
        fprintf(stderr, "avalign: --%s takes a number from %g to %g, not \"%s\"\n", name, min, max, text);
        return -1;
    }
    return 0;
}

/* --only a,b as it is; --except a,b as -a,-b. */
static char *list_of(const char *names, int except)
{
    size_t n = strlen(names);
    char *s = malloc(2 * n + 2), *o = s;
    if (!s)
        return NULL;
    for (const char *p = names; *p; p++) {
        if (except && (p == names || p[-1] == ',') && *p != ',')
            *o++ = '-';
        *o++ = *p;
    }
    *o = 0;
    return s;
}

/* FORMAT=OUT */
static int marks(Options *o, const char *text)
{
    const char *eq = strchr(text, '=');
    for (int k = 0; eq && eq[1] && k < N_MARKS; k++)
        if (strlen(mark_formats[k].name) == (size_t)(eq - text) && !strncmp(text, mark_formats[k].name, (size_t)(eq - text))) {
            o->marks[k] = eq + 1;
            return 0;
        }
    fprintf(stderr, "avalign: --marks takes FORMAT=OUT with vtt, edl, csv, rttm, textgrid, otio, sarif or ass, not \"%s\"\n", text);
    return -1;
}

static int parse(int argc, char **argv, Options *o)
{
    enum { JSON = 256, ONLY, EXCEPT, TRACKS, AUDIO, FLAG, DURATION, FACES, THREADS, MODELS, NETWORK, PROGRESS, QUIET, HELP,
           PROFILE, VIDEO, TRANSCRIPT, LSE, HTML, MARKS, POLICY, OVERLAY, SANDBOX, LIVE, WINDOW };
    static const struct option longs[] = {
        { "json", 1, NULL, JSON },         { "html", 1, NULL, HTML }, { "policy", 1, NULL, POLICY }, { "overlay", 1, NULL, OVERLAY }, { "sandbox", 0, NULL, SANDBOX }, { "live", 0, NULL, LIVE }, { "window", 1, NULL, WINDOW }, { "marks", 1, NULL, MARKS },         { "only", 1, NULL, ONLY },           { "except", 1, NULL, EXCEPT },
        { "tracks", 1, NULL, TRACKS },     { "audio-stream", 1, NULL, AUDIO }, { "video-stream", 1, NULL, VIDEO },  { "flag-at", 1, NULL, FLAG },
        { "max-duration", 1, NULL, DURATION }, { "max-faces", 1, NULL, FACES }, { "threads", 1, NULL, THREADS },
        { "models", 1, NULL, MODELS },     { "allow-network", 0, NULL, NETWORK }, { "progress", 1, NULL, PROGRESS },
        { "transcript", 1, NULL, TRANSCRIPT }, { "lse", 0, NULL, LSE }, { "profile", 1, NULL, PROFILE },  { "quiet", 0, NULL, QUIET },       { "help", 0, NULL, HELP },           { NULL, 0, NULL, 0 },
    };
    double v;
    avalign_config_init(&o->cfg, sizeof o->cfg);
    o->progress = isatty(STDERR_FILENO) ? PROGRESS_BAR : PROGRESS_NONE;
    for (int c; (c = getopt_long(argc, argv, "qh", longs, NULL)) != -1;) {
        switch (c) {
        case JSON: o->json = optarg; break;
        case HTML: o->html = optarg; break;
        case OVERLAY: o->overlay = optarg; break;
        case SANDBOX: o->sandbox = 1; break;
        case LIVE: o->live = 1; break;
        case WINDOW:
            if (number("window", optarg, 2, 300, &o->window_s))
                return -1;
            break;
        case POLICY: o->policy = optarg; break;
        case MARKS:
            if (marks(o, optarg))
                return -1;
            break;
        case ONLY:
        case EXCEPT:
            if (o->analyzers) {
                fprintf(stderr, "avalign: give --only or --except once\n");
                return -1;
            }
            o->analyzers = list_of(optarg, c == EXCEPT);
            break;
        case TRACKS: o->tracks = optarg; break;
        case LSE: o->cfg.lse = 1; break;
        case TRANSCRIPT: o->transcript = optarg; break;
        case AUDIO:
            if (number("audio-stream", optarg, 1, 1000, &v))
                return -1;
            o->cfg.audio_stream = (int)v;
            break;
        case VIDEO:
            if (number("video-stream", optarg, 1, 1000, &v))
                return -1;
            o->cfg.video_stream = (int)v;
            break;
        case FLAG:
            if (number("flag-at", optarg, 0.001, 1, &v))
                return -1;
            o->cfg.flag_at = v;
            break;
        case DURATION:
            if (number("max-duration", optarg, 0.001, 1e9, &v))
                return -1;
            o->cfg.max_duration_us = (int64_t)(v * 1e6);
            break;
        case FACES:
            if (number("max-faces", optarg, 1, 64, &v))
                return -1;
            o->cfg.max_faces = (unsigned)v;
            break;
        case THREADS:
            if (number("threads", optarg, 1, 64, &v))
                return -1;
            o->cfg.n_threads = (unsigned)v;
            break;
        case MODELS: o->models = optarg; break;
        case NETWORK: o->cfg.allow_network = 1; break;
        case PROFILE: o->cfg.profile = optarg; break;
        case PROGRESS:
            if (strcmp(optarg, "json")) {
                fprintf(stderr, "avalign: --progress knows json alone\n");
                return -1;
            }
            o->progress = PROGRESS_JSON;
            break;
        case 'q':
        case QUIET: o->quiet = 1; break;
        case 'h':
        case HELP: fputs(help, stdout); return 1;
        default: fprintf(stderr, "see avalign analyze --help\n"); return -1;
        }
    }
    if (optind + 1 != argc) {
        fprintf(stderr, "avalign: name one file; see avalign analyze --help\n");
        return -1;
    }
    o->file = argv[optind];
    if (o->overlay && !strcmp(o->file, "-")) {
        fprintf(stderr, "avalign: --overlay needs a file, for it is read twice\n");
        return -1;
    }
    int marked = 0;
    for (int k = 0; k < N_MARKS; k++)
        marked |= o->marks[k] != NULL;
    if (o->live && (o->html || o->overlay || o->tracks || o->transcript || marked)) {
        fprintf(stderr, "avalign: --live writes lines of JSON (--json OUT) and nothing else\n");
        return -1;
    }
    if (o->sandbox && (o->overlay || strstr(o->file, "://"))) {
        fprintf(stderr, "avalign: --sandbox keeps the network and other programs out: no address, and --overlay (it runs ffmpeg) in a call of its own\n");
        return -1;
    }
    o->cfg.analyzers = o->analyzers;
    if (o->quiet && o->progress != PROGRESS_JSON)
        o->progress = PROGRESS_NONE;
    return 0;
}

static int write_to(void *cookie, const char *bytes, size_t n) { return fwrite(bytes, 1, n, cookie) == n ? 0 : -1; }

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
    return avalign_result_write(m->r, m->format, write_to, f);
}

static int put_json(const void *what, FILE *f) { return avalign_result_write(what, AVALIGN_JSON, write_to, f); }

static int put_page(const void *what, FILE *f)
{
    const Page *p = what;
    return avalign_result_write_page(p->r, p->video, write_to, f);
}

/* The picture track that was judged, as ffmpeg names it. */
static void picture_track(const AvalignResult *r, char *out, size_t room)
{
    char *text = NULL;
    size_t n;
    FILE *f = open_memstream(&text, &n);
    int bad = !f || avalign_result_write(r, AVALIGN_JSON, write_to, f);
    if (f)
        bad |= fclose(f) != 0;
    json_t *doc = bad ? NULL : json_loads(text, 0, NULL);
    json_int_t k = json_integer_value(json_object_get(json_object_get(json_object_get(doc, "media"), "video"), "stream"));
    snprintf(out, room, "0:V:%d", k > 0 ? (int)k - 1 : 0);
    json_decref(doc);
    free(text);
}

/* ffmpeg burns the subtitles in; no shell, and only a path of our own goes into its filter text. */
static int write_overlay(const AvalignResult *r, const char *video, const char *out)
{
    char ass[] = "/tmp/avalign-XXXXXX", filter[96], part[4200], track[24];
    const char *dot = strrchr(out, '.');
    int fd = mkstemp(ass), status = -1;
    FILE *f = fd < 0 ? NULL : fdopen(fd, "wb");
    int bad = !f || avalign_result_write(r, AVALIGN_ASS, write_to, f);
    if (f)
        bad |= fclose(f) != 0;
    if (bad) {
        remove(ass);
        return output_error(ass);
    }
    picture_track(r, track, sizeof track);
    snprintf(filter, sizeof filter, "ass=%s,pad=ceil(iw/2)*2:ceil(ih/2)*2", ass); /* yuv420p has even sizes alone */
    snprintf(part, sizeof part, "%.4000s.part%s", out, dot && !strchr(dot, '/') ? dot : ".mp4");
    pid_t pid = fork();
    if (pid == 0) {
        execlp("ffmpeg", "ffmpeg", "-nostdin", "-v", "error", "-y", "-protocol_whitelist", "file,pipe", "-i", video, "-map", track, "-map", "0:a?", "-vf", filter,
               "-c:v", "libx264", "-crf", "18", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "copy", part, (char *)NULL);
        _exit(127);
    }
    if (pid > 0)
        waitpid(pid, &status, 0);
    remove(ass);
    if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 && rename(part, out) == 0)
        return 0;
    fprintf(stderr, "avalign: %s: overlay: %s\n", out,
            WIFEXITED(status) && WEXITSTATUS(status) == 127 ? "ffmpeg is not installed; install it, or use --marks ass=FILE with a player" : "ffmpeg could not write it; try another container, say .mkv");
    remove(part);
    return -1;
}

static int check_marks(const Options *o)
{
    int code = 0;
    for (int k = 0; k < N_MARKS && !code; k++)
        code = output_check(o->marks[k]);
    return code;
}

static int live(const Options *o, AvalignContext *c, AvalignReader *in)
{
    int address = strstr(o->file, "://") != NULL, to_file = o->json && strcmp(o->json, "-");
    FILE *out = to_file ? fopen(o->json, "ab") : stdout; /* goes on after what is there: there is no end that it could be whole at */
    if (!out)
        return output_error(o->json);
    int code = live_analyze(c, address ? NULL : in, o->file, o->window_s, out);
    if (to_file && fclose(out) && code < EXIT_INTERNAL)
        code = output_error(o->json);
    return code;
}

static int run(Options *o, AvalignModels *models)
{
    Ui ui = { .kind = o->progress };
    AvalignContext *c = NULL;
    AvalignResult *r = NULL;
    o->cfg.progress = on_progress;
    o->cfg.cookie = &ui;
    char *transcript = NULL;
    if (o->transcript) {
        size_t n;
        if (!(transcript = tool_slurp(o->transcript, &n))) {
            fprintf(stderr, "avalign: %s: transcript: %s; check the path\n", o->transcript, strerror(errno));
            return EXIT_INPUT;
        }
        o->cfg.transcript = transcript;
    }
    char *policy = NULL;
    o->cfg.policy = o->policy;
    if (tool_policy(&o->cfg.policy, &policy)) {
        free(transcript);
        return EXIT_INPUT;
    }
    int rc = avalign_open(&c, models, &o->cfg);
    free(transcript);
    free(policy);
    if (rc) {
        if (rc == AVALIGN_ERR_UNKNOWN_OPTION) {
            fprintf(stderr, "avalign: no such analyzer or profile in \"%s\"; see --help; analyzers:",
                    o->cfg.profile ? o->cfg.profile : o->analyzers);
            for (size_t i = 0; avalign_analyzer(i); i++)
                fprintf(stderr, " %s", avalign_analyzer(i)->name);
            fprintf(stderr, "\n");
            return EXIT_INPUT;
        }
        fprintf(stderr, "avalign: %s\n", avalign_strerror(rc));
        return tool_exit_code(rc);
    }
    ui.ctx = c;
    if (o->tracks) {
        size_t n = 0;
        char *json = tool_slurp(o->tracks, &n);
        if (!json) {
            fprintf(stderr, "avalign: %s: tracks: %s; check the path\n", o->tracks, strerror(errno));
            rc = AVALIGN_ERR_IO;
        } else if ((rc = avalign_set_tracks(c, json, n)) != 0) {
            tool_error(o->tracks, avalign_last_error(c));
        }
        free(json);
        if (rc) {
            avalign_close(&c);
            return EXIT_INPUT;
        }
    }
    char why[160];
    if (o->live && !o->sandbox && !strstr(o->file, "://") && (o->fd = tool_open(o->file, why)) < 0) {
        fprintf(stderr, "avalign: %s: %s\n", o->file, why);
        avalign_close(&c);
        return EXIT_INPUT;
    }
    AvalignReader in = tool_reader(&o->fd, strcmp(o->file, "-") ? o->file : NULL);
    if (o->sandbox && (avalign_preload(c) || tool_sandbox())) {
        if (*avalign_last_error(c)->message)
            tool_error(NULL, avalign_last_error(c));
        avalign_close(&c);
        return EXIT_INTERNAL;
    }
    if (o->live) {
        int code = live(o, c, &in);
        avalign_close(&c);
        return code;
    }
    rc = o->sandbox ? avalign_analyze_reader(c, &in, &r) : tool_analyze(c, o->file, &r);
    if (ui.kind == PROGRESS_BAR)
        fprintf(stderr, "\r%50s\r", "");
    if (rc) {
        tool_error(o->file, avalign_last_error(c));
        avalign_close(&c);
        return tool_exit_code(rc);
    }
    int flagged = avalign_result_flagged(r), code = flagged < 0 ? EXIT_UNJUDGED : flagged ? EXIT_FLAGGED : EXIT_CLEAR;
    int to_stdout = o->json && !strcmp(o->json, "-");
    if (o->json && output_write(put_json, r, o->json))
        code = EXIT_INTERNAL;
    for (int k = 0; k < N_MARKS; k++) {
        if (o->marks[k] && output_write(put_marks, &(Marks){ r, mark_formats[k].format }, o->marks[k]))
            code = EXIT_INTERNAL;
        to_stdout |= o->marks[k] && !strcmp(o->marks[k], "-");
    }
    if (o->html) {
        AvalignErrorInfo e;
        if (o->sandbox ? avalign_result_pictures_reader(r, &in, &e) : avalign_result_pictures(r, o->file, &e)) /* a pipe, say: the page goes without */
            fprintf(stderr, "avalign: %s: no pictures for the page: %s\n", o->file, e.message);
        if (output_write(put_page, &(Page){ r, o->way }, o->html))
            code = EXIT_INTERNAL;
    }
    if (!o->quiet && !to_stdout) { /* also when the file could not be written: nothing measured is lost */
        errno = 0;
        if (avalign_result_write(r, AVALIGN_TEXT, write_to, stdout) || fflush(stdout))
            code = output_error("standard output");
    }
    if (o->overlay && write_overlay(r, o->file, o->overlay))
        code = EXIT_INTERNAL;
    avalign_result_free(&r);
    avalign_close(&c);
    return code;
}

static int judge(Options *o)
{
    int code = EXIT_CLEAR;
    struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND };
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
    AvalignModels *models = tool_models(o->models, &code);
    if (models)
        code = run(o, models);
    avalign_models_free(&models);
    return code;
}

/* A process of its own reads the file; this one, which doesn't, puts the results in place. */
static int judge_shut_in(Options *o)
{
    char why[160];
    int code, status = 0;
    if ((o->fd = tool_open(o->file, why)) < 0) {
        fprintf(stderr, "avalign: %s: %s\n", o->file, why);
        return EXIT_INPUT;
    }
    if ((code = output_prepare(o->json)) || (code = output_prepare(o->html)))
        return code;
    for (int k = 0; k < N_MARKS; k++)
        if ((code = output_prepare(o->marks[k])))
            return code;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        exit(judge(o));
    signal(SIGINT, SIG_IGN); /* the other process ends, and with it this one */
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    close(o->fd);
    code = output_settle();
    if (pid < 0 || WIFSIGNALED(status)) {
        fprintf(stderr, "avalign: %s: decode: %s\n", o->file, pid < 0 ? strerror(errno) : "the process died; the file may be made to do harm, nothing else was touched");
        return EXIT_INTERNAL;
    }
    return code ? code : WEXITSTATUS(status);
}

int cmd_analyze(int argc, char **argv)
{
    Options o = { 0 };
    int rc = parse(argc, argv, &o), code = rc > 0 ? EXIT_CLEAR : EXIT_INPUT;
    if (rc == 0 && (code = output_check(o.json)) == 0 && (code = output_check(o.html)) == 0 && (code = output_check(o.overlay)) == 0 && (code = check_marks(&o)) == 0) {
        o.way = o.html && strcmp(o.html, "-") ? way_to(o.file, o.html) : NULL;
        code = o.sandbox ? judge_shut_in(&o) : judge(&o);
        free(o.way);
    }
    free(o.analyzers);
    return code;
}
