/* cmd_selftest.c -- avalign selftest --degrade FILE: the user's own file under noise, codecs and rescaling; how stable is the verdict? */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/options.h"
#include "common/output.h"
#include "common/signals.h"

enum { MAX_ARGS = 12 };

typedef struct Variant {
    const char *name;
    const char *args[MAX_ARGS]; /* for ffmpeg, between input and output */
} Variant;

#define NOISE(amplitude) "-filter_complex", "anoisesrc=c=pink:r=48000:a=" amplitude "[n];[0:a:0]aresample=48000,dynaudnorm=f=500:g=31[a];[a][n]amix=duration=first:normalize=0[o]", \
                         "-map", "0:v:0?", "-map", "[o]", "-c:v", "copy"
static const Variant variants[] = {
    { "as it is", { "-map", "0:v:0?", "-map", "0:a:0?", "-c", "copy" } },
    { "faint noise", { NOISE("0.02") } },
    { "noise", { NOISE("0.08") } },
    { "loud noise", { NOISE("0.3") } },
    { "MP3 32 kbit/s", { "-map", "0:v:0?", "-map", "0:a:0", "-c:v", "copy", "-c:a", "libmp3lame", "-b:a", "32k" } },
    { "Opus 12 kbit/s", { "-map", "0:v:0?", "-map", "0:a:0", "-c:v", "copy", "-c:a", "libopus", "-b:a", "12k" } },
    { "telephone 8 kHz", { "-map", "0:v:0?", "-map", "0:a:0", "-c:v", "copy", "-ar", "8000", "-c:a", "pcm_mulaw" } },
    { "half size", { "-map", "0:v:0", "-map", "0:a:0?", "-vf", "scale=trunc(iw/4)*2:-2", "-c:a", "copy", "-c:v", "libx264", "-preset", "veryfast" } },
    { "240 lines, coarse", { "-map", "0:v:0", "-map", "0:a:0?", "-vf", "scale=-2:240", "-c:a", "copy", "-c:v", "libx264", "-crf", "35" } },
    { "12 frames a second", { "-map", "0:v:0", "-map", "0:a:0?", "-r", "12", "-c:a", "copy", "-c:v", "libx264", "-crf", "20" } },
};
enum { N = sizeof variants / sizeof *variants };

static int make(const Variant *v, const char *in, const char *out)
{
    const char *argv[MAX_ARGS + 20] = { "ffmpeg", "-nostdin", "-v", "fatal", "-y", "-protocol_whitelist", "file,pipe", "-i", in };
    int n = 9, status = -1;
    for (int k = 0; k < MAX_ARGS && v->args[k]; k++)
        argv[n++] = v->args[k];
    argv[n++] = out;
    argv[n] = NULL;
    pid_t pid = fork();
    if (pid == 0) {
        signals_restore();
        execvp("ffmpeg", (char *const *)argv);
        _exit(127);
    }
    signals_child(pid);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    signals_child(0);
    return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void selftest_column(double x, int present, const char *reason, int width, int decimals)
{
    if (present)
        printf(" %*.*f", width, decimals, x);
    else
        printf(" %*.*s", width, width, reason);
}

/* Two lines: the answers, and what changed. */
static int selftest_compare(const char *name, const AvalignAudioVisualResult *f, int flagged, const AvalignAudioVisualResult *first, int first_flagged)
{
    const double *v = &f->sync_offset_ms, *w = &first->sync_offset_ms; /* the fields in the order of AvalignField */
    printf("%-22s", name);
    for (int k = 0; k < AVALIGN_N_FIELDS; k++)
        selftest_column(v[k], (int)(f->present >> k & 1), f->reason[k], k ? 11 : 8, k ? 2 : 0);
    printf("  %s\n", flagged < 0 ? "not judged" : flagged ? "flagged" : "not flagged");
    int changed = flagged >= 0 && first_flagged >= 0 && flagged != first_flagged;
    for (int k = 0; k < AVALIGN_N_FIELDS; k++) {
        if (!(f->present >> k & 1) || !(first->present >> k & 1))
            continue;
        double limit = avalign_field_info((size_t)k)->limit; /* NAN: none */
        changed |= isfinite(limit) && (v[k] < limit) != (w[k] < limit);
        changed |= k == AVALIGN_SYNC_OFFSET_MS && fabs(v[k] - w[k]) > 80;
    }
    return changed;
}

typedef struct Test {
    const char *file, *dir;
    AvalignModels *models;
    AvalignConfig cfg;
    AvalignAudioVisualResult first; /* of the file as it is */
    int first_flagged, changed, compared, withheld, unjudged; /* unjudged: copies without a verdict of their own */
} Test;

static int has_answers(const AvalignAudioVisualResult *f) { return f->present != 0; }

/* One copy: 0, or an exit code. */
static int test_copy(Test *t, int k, const char *path)
{
    AvalignContext *c = NULL;
    AvalignResult *r = NULL;
    AvalignErrorInfo e;
    int rc = avalign_open(&c, t->models, &t->cfg, &e);
    if (!rc)
        rc = tool_analyze(c, path, &r);
    if (rc) {
        tool_error(path, c ? avalign_last_error(c) : &e);
    } else {
        AvalignAudioVisualResult f;
        avalign_result_fields(r, &f);
        int flagged = avalign_result_flagged(r);
        if (k == 0) {
            t->first = f;
            t->first_flagged = flagged;
        }
        int changed = selftest_compare(variants[k].name, &f, flagged, &t->first, t->first_flagged);
        if (k && has_answers(&f)) {
            t->changed += changed;
            t->compared++;
        }
        t->unjudged += k && (!has_answers(&f) || (flagged < 0 && t->first_flagged >= 0));
        for (int i = 0; i < AVALIGN_N_FIELDS; i++)
            t->withheld += !(f.present >> i & 1) && (t->first.present >> i & 1);
        fflush(stdout);
    }
    avalign_result_free(&r);
    avalign_close(&c);
    return rc ? tool_exit_code(rc) : 0;
}

static void conclude(const Test *t)
{
    printf("\n%d of %d worse copies change an answer (verdict, a threshold crossed, or the offset by over 80 ms); %d answers are withheld with a reason: ", t->changed, t->compared,
           t->withheld);
    if (t->compared == 0)
        printf("no copy could be judged, so nothing is known about stability.\n");
    else if (t->unjudged * 2 > t->compared + t->unjudged)
        printf("%s, but most copies (%d) could not be judged.\n", t->changed ? "not stable" : "stable where it was judged", t->unjudged);
    else
        printf("%s.\n", t->changed == 0 ? "stable" : t->changed <= t->compared / 4 ? "mostly stable" : "not stable, mind the conditions under which it changes");
}

static int cmd_selftest_run(Test *t)
{
    printf("%-22s %8s %11s %11s %11s %11s %11s %11s\n", "", "offset", "confidence", "lip sync", "voice-face", "emotion", "authentic", "anomaly");
    for (int k = 0; k < N; k++) {
        char path[4200];
        snprintf(path, sizeof path, "%s/%02d.mkv", t->dir, k);
        int made = signals_stopped() ? -1 : make(&variants[k], t->file, path);
        if (signals_stopped())
            return EXIT_INTERNAL;
        if (made == 127) {
            fprintf(stderr, "avalign: selftest: ffmpeg is not installed; install it\n");
            return EXIT_INTERNAL;
        }
        if (made && k == 0) {
            tool_say(t->file, "selftest: ffmpeg can't read it; check the path");
            return EXIT_INPUT;
        }
        if (made) {
            printf("%-22s (does not apply: no such stream)\n", variants[k].name);
            continue;
        }
        int code = test_copy(t, k, path);
        if (code)
            return code;
        if (k == 0 && !has_answers(&t->first)) {
            printf("\nThe file itself could not be judged, so there is nothing that could be stable.\n");
            return EXIT_UNJUDGED;
        }
    }
    conclude(t);
    return EXIT_CLEAR;
}

/* Copies must not land on the file they are made of. */
static int would_overwrite(const char *file, const char *dir)
{
    int code = 0;
    for (int k = 0; k < N && !code; k++) {
        OutputNames names = { NULL, 0 };
        char path[4200];
        snprintf(path, sizeof path, "%s/%02d.mkv", dir, k);
        output_names_in(&names, file);
        code = output_names_out(&names, path);
        output_names_free(&names);
    }
    return code;
}

int cmd_selftest(Options *o)
{
    Test t = { .file = o->degrade, .first_flagged = -1 };
    char own[] = "/tmp/avalign-XXXXXX";
    int code = EXIT_INPUT;
    if (!o->degrade) {
        fprintf(stderr, "avalign: selftest: --degrade FILE is missing; see avalign selftest --help\n");
        return EXIT_INPUT;
    }
    if (o->keep && (code = would_overwrite(o->degrade, o->keep)))
        return code;
    if (options_config(o, &t.cfg))
        return EXIT_INTERNAL;
    t.dir = o->keep ? o->keep : mkdtemp(own);
    if (!t.dir || (o->keep && mkdir(o->keep, 0777) && errno != EEXIST)) {
        tool_say(o->keep ? o->keep : own, "output: %s; name another place", strerror(errno));
        return EXIT_INTERNAL;
    }
    if ((t.models = tool_models(o->models, &code)) != NULL)
        code = cmd_selftest_run(&t);
    tool_models_end(&t.models);
    for (int k = 0; k < N && !o->keep; k++) {
        char path[64];
        snprintf(path, sizeof path, "%s/%02d.mkv", t.dir, k);
        remove(path);
    }
    if (!o->keep)
        rmdir(t.dir);
    return code;
}
