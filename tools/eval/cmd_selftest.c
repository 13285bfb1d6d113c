/* cmd_selftest.c -- avalign selftest --degrade FILE: the user's own file under noise, codecs and rescaling; how stable is the verdict? */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/tool.h"

static const char help[] =
    "usage: avalign selftest --degrade FILE [--only NAMES] [--policy NAME|FILE] [--models DIR] [--keep DIR]\n\n"
    "Makes worse copies of the file with ffmpeg (noise, codecs, telephone sound, small pictures), judges each and says which answers\n"
    "change, and which are withheld with a reason. --keep keeps the copies.\n";

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
    { "12 pictures a second", { "-map", "0:v:0", "-map", "0:a:0?", "-r", "12", "-c:a", "copy", "-c:v", "libx264", "-crf", "20" } },
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
        execvp("ffmpeg", (char *const *)argv);
        _exit(127);
    }
    if (pid > 0)
        waitpid(pid, &status, 0);
    return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void column(double x, int present, const char *reason, int width, int decimals)
{
    if (present)
        printf(" %*.*f", width, decimals, x);
    else
        printf(" %*.*s", width, width, reason);
}

/* Two lines: the answers, and what changed. */
static int compare(const char *name, const AvalignAudioVisualResult *f, int flagged, const AvalignAudioVisualResult *first, int first_flagged)
{
    const double *v = &f->sync_offset_ms, *w = &first->sync_offset_ms; /* the fields in the order of AvalignField */
    static const double limit[AVALIGN_N_FIELDS] = { 0, 0, 0, .5, .6, .5, 0 };
    printf("%-22s", name);
    for (int k = 0; k < AVALIGN_N_FIELDS; k++)
        column(v[k], (int)(f->present >> k & 1), f->reason[k], k ? 11 : 8, k ? 2 : 0);
    printf("  %s\n", flagged < 0 ? "not judged" : flagged ? "flagged" : "not flagged");
    int changed = flagged >= 0 && first_flagged >= 0 && flagged != first_flagged;
    for (int k = 0; k < AVALIGN_N_FIELDS; k++) {
        if (!(f->present >> k & 1) || !(first->present >> k & 1))
            continue;
        changed |= limit[k] > 0 && (v[k] < limit[k]) != (w[k] < limit[k]);
        changed |= k == AVALIGN_SYNC_OFFSET_MS && fabs(v[k] - w[k]) > 80;
    }
    return changed;
}

static int run(const char *file, const char *dir, const char *only, const char *policy, AvalignModels *models)
{
    AvalignAudioVisualResult first = { 0 };
    int first_flagged = -1, changed = 0, judged = 0, withheld = 0;
    printf("%-22s %8s %11s %11s %11s %11s %11s %11s\n", "", "offset", "confidence", "lip sync", "voice-face", "emotion", "authentic", "anomaly");
    for (int k = 0; k < N; k++) {
        char path[4200];
        snprintf(path, sizeof path, "%s/%02d.mkv", dir, k);
        int made = make(&variants[k], file, path);
        if (made == 127) {
            fprintf(stderr, "avalign: selftest: ffmpeg is not installed; install it\n");
            return EXIT_INTERNAL;
        }
        if (made) {
            if (k == 0) {
                fprintf(stderr, "avalign: %s: selftest: ffmpeg can't read it; check the path\n", file);
                return EXIT_INPUT;
            }
            printf("%-22s (does not apply: no such stream)\n", variants[k].name);
            continue;
        }
        AvalignConfig cfg;
        AvalignContext *c = NULL;
        AvalignResult *r = NULL;
        avalign_config_init(&cfg, sizeof cfg);
        cfg.analyzers = only;
        cfg.policy = policy;
        int rc = avalign_open(&c, models, &cfg);
        if (!rc)
            rc = avalign_analyze_path(c, path, &r);
        if (rc) {
            tool_error(path, avalign_last_error(c));
        } else {
            AvalignAudioVisualResult f;
            avalign_result_fields(r, &f);
            int flagged = avalign_result_flagged(r);
            if (k == 0) {
                first = f;
                first_flagged = flagged;
            }
            changed += compare(variants[k].name, &f, flagged, &first, first_flagged);
            judged++;
            for (int i = 0; i < AVALIGN_N_FIELDS; i++)
                withheld += !(f.present >> i & 1) && (first.present >> i & 1);
        }
        avalign_result_free(&r);
        avalign_close(&c);
        if (rc)
            return tool_exit_code(rc);
        fflush(stdout);
    }
    printf("\n%d of %d worse copies change an answer (verdict, a threshold crossed, or the offset by over 80 ms); %d answers are withheld with a reason: %s.\n", changed,
           judged - 1, withheld, changed == 0 ? "stable" : changed <= (judged - 1) / 4 ? "mostly stable" : "not stable, mind the conditions under which it changes");
    return EXIT_CLEAR;
}

int cmd_selftest(int argc, char **argv)
{
    static const struct option longs[] = { { "degrade", 1, NULL, 'g' }, { "only", 1, NULL, 'o' }, { "policy", 1, NULL, 'p' }, { "models", 1, NULL, 'd' },
                                           { "keep", 1, NULL, 'k' },    { "help", 0, NULL, 'h' }, { NULL, 0, NULL, 0 } };
    const char *file = NULL, *only = NULL, *policy = NULL, *models = NULL, *keep = NULL;
    for (int c; (c = getopt_long(argc, argv, "h", longs, NULL)) != -1;) {
        switch (c) {
        case 'g': file = optarg; break;
        case 'o': only = optarg; break;
        case 'p': policy = optarg; break;
        case 'd': models = optarg; break;
        case 'k': keep = optarg; break;
        case 'h': fputs(help, stdout); return EXIT_CLEAR;
        default: fprintf(stderr, "see avalign selftest --help\n"); return EXIT_INPUT;
        }
    }
    if (!file || optind != argc) {
        fprintf(stderr, "avalign: selftest needs --degrade FILE; see avalign selftest --help\n");
        return EXIT_INPUT;
    }
    char own[] = "/tmp/avalign-XXXXXX", *text = NULL;
    const char *dir = keep ? keep : mkdtemp(own);
    if (!dir || (keep && mkdir(keep, 0777) && errno != EEXIST)) {
        fprintf(stderr, "avalign: %s: output: %s; name another place\n", keep ? keep : own, strerror(errno));
        return EXIT_INTERNAL;
    }
    int code = EXIT_INPUT;
    AvalignModels *m = tool_policy(&policy, &text) ? NULL : tool_models(models, &code);
    if (m)
        code = run(file, dir, only, policy, m);
    avalign_models_free(&m);
    free(text);
    for (int k = 0; k < N && !keep; k++) {
        char path[64];
        snprintf(path, sizeof path, "%s/%02d.mkv", dir, k);
        remove(path);
    }
    if (!keep)
        rmdir(dir);
    return code;
}
