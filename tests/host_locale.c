/* host_locale.c -- a program that sets a locale, as desktop programs do, and then uses the library: writes everything the library
 * can say into a folder. tests/cli/locale.sh compares the folders of different locales.
 *
 *   host_locale LOCALE FOLDER VIDEO [CACHE] */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <avalign/avalign.h>

static const char *folder;

static FILE *open_in(const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    if (!f)
        exit(1);
    return f;
}

static int to_file(void *cookie, const char *bytes, size_t n) { return fwrite(bytes, 1, n, cookie) == n ? 0 : -1; }

static void on_log(void *cookie, AvalignLogLevel level, const char *stage, const char *text) { fprintf(cookie, "%d %s: %s\n", (int)level, stage, text); }

static int on_window(void *cookie, int64_t start, int64_t end, const AvalignResult *r)
{
    fprintf(cookie, "%lld %lld\n", (long long)start, (long long)end);
    return avalign_result_write(r, AVALIGN_JSON, to_file, cookie, NULL);
}

static int64_t read_file(void *cookie, uint8_t *buf, size_t n) { return (int64_t)fread(buf, 1, n, cookie); }

static void check(int rc, const char *what, const AvalignErrorInfo *e)
{
    if (rc == 0)
        return;
    fprintf(stderr, "%s: %d %s\n", what, rc, e ? e->message : "");
    exit(1);
}

/* Flags nearly everything, so that all the sentences are written. */
static const char policy[] = "{\"format\": 1, \"name\": \"strict\", \"score\": \"sum\", \"flag_at\": 0.35, \"sum\": ["
    "{\"kind\": \"a\", \"field\": \"sync_offset_ms\", \"outside\": 0.05, \"add\": 0.3, \"weight\": 1.5},"
    "{\"kind\": \"b\", \"field\": \"voice_face_match\", \"below\": 1.5, \"add\": 0.05, \"weight\": 1.4},"
    "{\"kind\": \"c\", \"field\": \"voice_authenticity\", \"below\": 1.5, \"add\": 0.05, \"weight\": 1.3},"
    "{\"kind\": \"d\", \"field\": \"emotion_coherence\", \"below\": 1.5, \"add\": 0.05, \"weight\": 1.2},"
    "{\"kind\": \"e\", \"field\": \"lip_sync_score\", \"below\": 1.5, \"add\": 0.05, \"weight\": 1.15},"
    "{\"kind\": \"f\", \"field\": \"sync_confidence\", \"below\": 1.5, \"add\": 0.05, \"weight\": 1.12},"
    "{\"kind\": \"g\", \"field\": \"artifacts\", \"from\": 0.05, \"add\": 0.15, \"weight\": 1.1}]}";

static void all_formats(const AvalignResult *r)
{
    static const char *const names[] = { "", "json", "text", "vtt", "edl", "csv", "rttm", "textgrid", "otio", "sarif", "ass" };
    for (int k = AVALIGN_JSON; k <= AVALIGN_ASS; k++) {
        FILE *f = open_in(names[k]);
        check(avalign_result_write(r, (AvalignFormat)k, to_file, f, NULL), names[k], NULL);
        fclose(f);
    }
    FILE *f = open_in("html");
    check(avalign_result_write_page(r, "v.mp4", to_file, f, NULL), "html", NULL);
    fclose(f);
}

static void references(const AvalignResult *r)
{
    AvalignErrorInfo e = { .code = 0 };
    AvalignVerification v = { .signature = 0 };
    char *json = NULL;
    FILE *f = open_in("reference");
    int rc = avalign_reference_create(&r, 1, "somebody", "key", 3, &json, &e);
    if (rc == 0) {
        fputs(json, f);
        check(avalign_reference_verify(json, strlen(json), "key", 3, r, &v, &e), "verify", &e);
        fprintf(f, "\nvoice %ld face %ld thousandths\n", (long)(v.voice_llr * 1000), (long)(v.face_llr * 1000));
    } else {
        fprintf(f, "%d %s\n", rc, e.message);
    }
    avalign_reference_free(&json);
    fclose(f);
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    if (!setlocale(LC_ALL, argv[1])) {
        fprintf(stderr, "no locale %s\n", argv[1]);
        return 77;
    }
    folder = argv[2];
    AvalignModels *models;
    AvalignContext *c;
    AvalignResult *r;
    AvalignErrorInfo e;
    AvalignConfig cfg;
    FILE *log = open_in("log");
    avalign_config_init(&cfg, sizeof cfg);
    AvalignModelsConfig mc = { .struct_size = sizeof mc, .cache_dir = argc > 4 ? argv[4] : NULL };
    check(avalign_models_load(&models, getenv("AVALIGN_MODELS"), &mc, &e), "models", &e);
    cfg.n_threads = 1;
    cfg.log = on_log;
    cfg.min_log_level = AVALIGN_LOG_DEBUG;
    cfg.cookie = log;
    cfg.profile = "film";
    cfg.transcript = "In which I IS INDIGO, it IS the Icicle.";
    check(avalign_policy_check(policy, &e), "policy", &e);
    cfg.policy = policy;
    check(avalign_open(&c, models, &cfg, &e), "open", &e);
    check(avalign_analyze_path(c, argv[3], &r), "analyze", avalign_last_error(c));
    avalign_result_add_thumbnails(r, argv[3], &e);
    all_formats(r);
    references(r);
    avalign_result_free(&r);
    avalign_close(&c);
    cfg.transcript = NULL;
    cfg.analyzers = "lipsync,artifacts,verdict";
    check(avalign_open(&c, models, &cfg, &e), "open", &e);
    FILE *live = open_in("live"), *in = fopen(argv[3], "rb");
    AvalignReader reader = { .cookie = in, .read = read_file };
    check(in ? avalign_analyze_live(c, &reader, NULL, 5000000, on_window, live) : -1, "live", avalign_last_error(c));
    fclose(in);
    fclose(live);
    avalign_close(&c);
    FILE *said = open_in("errors");
    check(avalign_open(&c, models, &cfg, &e), "open", &e);
    static const char *const wrong[] = { "{\"format\": 1, \"frames\": [{\"t_s\": 1e9, \"faces\": []}]}", "{\"format\": 1.5}" };
    for (size_t i = 0; i < 2; i++) {
        int rc = avalign_set_tracks(c, wrong[i], strlen(wrong[i]));
        fprintf(said, "%d %s\n", rc, avalign_last_error(c)->message);
    }
    int rc = avalign_policy_check("{\"format\": 1, \"name\": \"x\", \"score\": \"sum\", \"flag_at\": 1.5}", &e);
    fprintf(said, "%d %s\n", rc, e.message);
    fclose(said);
    avalign_close(&c);
    avalign_models_free(&models);
    fclose(log);
    return 0;
}
