/* cmd_doctor.c -- avalign doctor: is everything there, and if not, how to get it. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/options.h"

static void doctor_say(const char *mark, const char *what, const char *text) { printf("%-8s %-28s %s\n", mark, what, text); }

/* A program on PATH. */
static int on_path(const char *name)
{
    const char *path = getenv("PATH");
    char *copy = path ? strdup(path) : NULL, *save = NULL, full[4096];
    int found = 0;
    for (char *d = copy ? strtok_r(copy, ":", &save) : NULL; d && !found; d = strtok_r(NULL, ":", &save)) {
        snprintf(full, sizeof full, "%s/%s", d, name);
        found = access(full, X_OK) == 0;
    }
    free(copy);
    return found;
}

static int check_models(AvalignModels *m)
{
    int bad = 0;
    for (size_t i = 0; i < avalign_models_count(m); i++) {
        AvalignModelInfo info;
        AvalignErrorInfo e;
        char what[64], text[400];
        avalign_models_info(m, i, &info);
        snprintf(what, sizeof what, "net %s", info.role);
        if (avalign_models_verify(m, i, &e)) {
            snprintf(text, sizeof text, "%s: %s", info.file, e.message);
            doctor_say("MISSING", what, text);
            bad++;
        } else {
            snprintf(text, sizeof text, "%s (%s)", info.name, info.licence);
            doctor_say("ok", what, text);
        }
    }
    return bad;
}

/* A role that an analyzer needs and the manifest has not: the analyzer is absent then, the rest answers. */
static void check_roles(AvalignModels *m)
{
    const char *permissive = getenv("AVALIGN_PERMISSIVE_ONLY");
    for (size_t a = 0; avalign_analyzer(a); a++)
        for (const char *const *role = avalign_analyzer(a)->roles; *role; role++) {
            int found = 0;
            AvalignModelInfo info;
            for (size_t i = 0; i < avalign_models_count(m) && !found; i++)
                found = avalign_models_info(m, i, &info) == 0 && !strcmp(info.role, *role);
            if (!found && strcmp(avalign_analyzer(a)->name, "lse")) {
                char what[64], text[200];
                snprintf(what, sizeof what, "net %s", *role);
                snprintf(text, sizeof text, "analyzer %s answers nothing without it; %s", avalign_analyzer(a)->name,
                         permissive && !strcmp(permissive, "1") ? "AVALIGN_PERMISSIVE_ONLY leaves out what is for research only" : "take the full models of this version");
                doctor_say("absent", what, text);
            }
        }
}

/* What the nets' code likes to have; Linux says it in words. */
static void check_processor(void)
{
    FILE *f = fopen("/proc/cpuinfo", "r");
    char line[8192];
    int known = 0, avx2 = 0;
    while (f && !known && fgets(line, sizeof line, f))
        if (!strncmp(line, "flags", 5)) {
            known = 1;
            avx2 = strstr(line, " avx2 ") || strstr(line, " avx2\n");
        }
    if (f)
        fclose(f);
    if (known)
        doctor_say(avx2 ? "ok" : "absent", "processor", avx2 ? "has AVX2" : "no AVX2: the nets take several times as long, and numbers can differ in the last digits; use a newer one for both");
}

static void check_temporary(void)
{
    int kept = access("/tmp", W_OK | X_OK) == 0;
    doctor_say(kept ? "ok" : "absent", "temporary files", kept ? "/tmp" : "/tmp can't be written: --overlay and selftest need it; make it writable, or give selftest --keep DIR");
}

/* Asked after the nets were loaded, which makes the folder. */
static void check_cache(void)
{
    char dir[4096] = "no folder", text[4352];
    int kept = avalign_cache_dir(dir, sizeof dir) == 0 && access(dir, W_OK | X_OK) == 0;
    snprintf(text, sizeof text, "%s can't be written: every process compiles its nets anew, which takes seconds; set XDG_CACHE_HOME", dir);
    doctor_say(kept ? "ok" : "absent", "compiled nets", kept ? dir : text);
}

int cmd_doctor(Options *o)
{
    doctor_say("ok", "avalign", avalign_version());
    int code = EXIT_CLEAR, bad = 0;
    AvalignModels *m = tool_models(o->models, &code);
    if (m) {
        check_roles(m);
        bad = check_models(m);
        avalign_models_free(&m);
    } else {
        doctor_say("MISSING", "models", "run make setup in the source tree, install the package, or name them: --models DIR, AVALIGN_MODELS=DIR");
        bad++;
    }
    check_cache();
    check_processor();
    check_temporary();
    const char *given = getenv("AVALIGN_POCKETSPHINX"), *phones = given && *given ? given : AVALIGN_POCKETSPHINX_DIR "/en-us";
    if (access(phones, R_OK) == 0)
        doctor_say("ok", "phone recogniser", phones);
    else
        doctor_say("absent", "phone recogniser", "--transcript has nobody to align it (models without speech-phones judge no visemes either); install Debian's pocketsphinx-en-us or set AVALIGN_POCKETSPHINX");
    doctor_say(on_path("ffmpeg") ? "ok" : "absent", "ffmpeg", on_path("ffmpeg") ? "for --overlay and selftest" : "--overlay and selftest need it; install Debian's ffmpeg");
    printf("%s\n", bad ? "Something that analyze needs is missing." : "Everything that analyze needs is there.");
    return bad ? EXIT_INPUT : EXIT_CLEAR;
}
