/* test_api.c -- the public interface on files: errors, readers, pages and marks, callbacks, cancelling, limits. */
#include "real_nets.h"

#include <sys/stat.h>
#include <unistd.h>

static int no_window(void *cookie, int64_t from, int64_t to, const AvalignResult *r) { return (void)cookie, (void)from, (void)to, r == NULL; }

static void cache_folder(void **state)
{
    (void)state;
    char room[64], was[4096];
    const char *xdg = getenv("XDG_CACHE_HOME");
    snprintf(was, sizeof was, "%s", xdg ? xdg : "");
    setenv("XDG_CACHE_HOME", "/some/where", 1);
    assert_int_equal(avalign_cache_dir(room, sizeof room), 0);
    assert_string_equal(room, "/some/where/avalign");
    assert_int_equal(avalign_cache_dir(room, sizeof "/some/where/avalign" - 1), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_cache_dir(NULL, 64), AVALIGN_ERR_ARG);
    unsetenv("XDG_CACHE_HOME");
    char home[4096];
    snprintf(home, sizeof home, "%s", getenv("HOME") ? getenv("HOME") : "");
    setenv("HOME", "/a", 1);
    assert_int_equal(avalign_cache_dir(room, sizeof room), 0);
    assert_string_equal(room, "/a/.cache/avalign");
    unsetenv("HOME");
    assert_int_equal(avalign_cache_dir(room, sizeof room), AVALIGN_ERR_ARG);
    setenv("HOME", home, 1);
    if (*was)
        setenv("XDG_CACHE_HOME", was, 1);
}

static void versions_agree(void **state)
{
    (void)state;
    char text[32];
    snprintf(text, sizeof text, "%d.%d.%d", AVALIGN_API_MAJOR, AVALIGN_API_MINOR, AVALIGN_API_PATCH);
    assert_string_equal(avalign_version(), text);
    assert_int_equal(avalign_version_api(), AVALIGN_API_MAJOR << 16 | AVALIGN_API_MINOR << 8 | AVALIGN_API_PATCH);
    assert_string_equal(avalign_strerror(AVALIGN_ERR_MODEL), "model missing or wrong");
}

static void bad_arguments_are_refused(void **state)
{
    (void)state;
    AvalignContext *c;
    AvalignResult *r;
    AvalignConfig cfg;
    assert_int_equal(avalign_open(NULL, models, NULL, NULL), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_open(&c, NULL, NULL, NULL), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_preload(NULL), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_analyze_live(NULL, NULL, NULL, 0, no_window, NULL), AVALIGN_ERR_ARG);
    avalign_config_init(&cfg, sizeof cfg);
    cfg.transcript = "one two";
    assert_int_equal(avalign_open(&c, models, &cfg, NULL), 0);
    assert_int_equal(avalign_analyze_live(c, NULL, "http://localhost/", 1, no_window, NULL), AVALIGN_ERR_ARG); /* windows that short */
    assert_int_equal(avalign_analyze_live(c, NULL, "http://localhost/", 0, no_window, NULL), AVALIGN_ERR_ARG);
    assert_non_null(strstr(avalign_last_error(c)->message, "transcript"));
    avalign_close(&c);
    avalign_config_init(&cfg, sizeof cfg);
    cfg.analyzers = "lipsync,astrology";
    assert_int_equal(avalign_open(&c, models, &cfg, NULL), AVALIGN_ERR_UNKNOWN_OPTION);
    avalign_config_init(&cfg, sizeof cfg);
    cfg.struct_size = sizeof cfg + 64; /* a newer caller */
    assert_int_equal(avalign_open(&c, models, &cfg, NULL), AVALIGN_ERR_VERSION);
    avalign_config_init(&cfg, sizeof cfg);
    cfg.struct_size = offsetof(AvalignConfig, max_pixels); /* an older caller */
    assert_int_equal(avalign_open(&c, models, &cfg, NULL), 0);
    assert_int_equal(avalign_finish(c, &r), AVALIGN_ERR_ARG);
    assert_null(r);
    assert_int_equal(avalign_analyze_path(c, "/nowhere/at/all.mp4", &r), AVALIGN_ERR_IO);
    assert_string_equal(avalign_last_error(c)->stage, "open");
    assert_int_equal(avalign_analyze_path(c, sample, &r), AVALIGN_ERR_ARG); /* used up */
    avalign_close(&c);
    assert_null(c);
    avalign_close(&c);
    avalign_close(NULL);
    avalign_result_free(NULL);
}

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void broken_manifests_are_named(void **state)
{
    (void)state;
    static const struct { const char *text, *says; } cases[] = {
        { "{", "line" },
        { "[]", "must list" },
        { "{\"models\": []}", "must list" },
        { "{\"models\": [{\"role\": \"vad\"}]}", "has no" },
        { "{\"models\": [{\"role\":\"vad\",\"name\":\"n\",\"file\":\"../x\",\"sha256\":\"0\",\"licence\":\"l\",\"source\":\"s\"}]}",
          "leaves the model directory" },
        { "{\"models\": [{\"role\":\"vad\",\"name\":\"n\",\"file\":\"x\",\"sha256\":\"XYZ\",\"licence\":\"l\",\"source\":\"s\"}]}",
          "64 lower-case" },
    };
    char dir[] = "/tmp/avalign-manifest-XXXXXX", path[64];
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/manifest.json", dir);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AvalignModels *m;
        AvalignErrorInfo e;
        write_file(path, cases[i].text);
        assert_int_equal(avalign_models_load(&m, dir, NULL, &e), AVALIGN_ERR_MODEL);
        assert_null(m);
        assert_string_equal(e.stage, "models");
        assert_non_null(strstr(e.message, cases[i].says));
    }
    unlink(path);
    rmdir(dir);
}

/* Where the whole file matters, but not all that can be said of it. */
static AvalignConfig one_analyzer(void)
{
    AvalignConfig cfg;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.analyzers = "lipsync";
    return cfg;
}

static int full_disk(void *cookie, const char *bytes, size_t n) { (void)cookie, (void)bytes, (void)n; return 1; }

static void a_path_gives_a_whole_result(void **state)
{
    (void)state;
    AvalignResult *r = by_path(NULL);
    AvalignAudioVisualResult f;
    char *json = NULL;
    assert_int_equal(avalign_result_fields(r, &f), 0);
    assert_true(f.present & 1u << AVALIGN_SYNC_OFFSET_MS);
    assert_true(fabs(f.sync_offset_ms) < 80);
    assert_int_equal(avalign_result_n_tracks(r), 1);
    assert_int_equal(avalign_result_n_scores(r), AVALIGN_N_FIELDS);
    const AvalignSeries *s = avalign_result_series(r, "mouth_open", avalign_result_track(r, 0)->id);
    assert_true(s && s->n > 200 && s->t_us[1] - s->t_us[0] == 40000 && s->value[100] > 0);
    assert_null(avalign_result_series(r, "nothing", 0));
    assert_int_equal(avalign_result_write(r, AVALIGN_JSON, collect, &json, NULL), 0);
    assert_non_null(strstr(json, "\"sync_offset_ms\": "));
    assert_int_equal(avalign_result_write(r, AVALIGN_JSON, full_disk, NULL, NULL), AVALIGN_ERR_IO);
    free(json);
    avalign_result_free(&r);
    assert_null(r);
}

static int64_t rd(void *cookie, uint8_t *buf, size_t n) { return (int64_t)fread(buf, 1, n, cookie); }
static int64_t sk(void *cookie, int64_t off, int whence)
{
    return fseek(cookie, off, whence) ? -1 : ftell(cookie);
}

static char *read_result(AvalignReader reader)
{
    AvalignContext *c;
    AvalignResult *r;
    char *json = NULL;
    AvalignConfig cfg = one_analyzer();
    assert_int_equal(avalign_open(&c, models, &cfg, NULL), 0);
    assert_int_equal(avalign_analyze_reader(c, &reader, &r), 0);
    avalign_result_write(r, AVALIGN_JSON, collect, &json, NULL);
    avalign_result_free(&r);
    avalign_close(&c);
    return json;
}

/* Only of what can be gone back to. */
static void take_structure_out(char *json)
{
    char *from = strstr(json, "\n  \"structure\": "), *to = from ? strstr(from, "\n  \"sound\": ") : NULL;
    assert_non_null(to);
    memmove(from, to, strlen(to) + 1);
}

static void readers_give_what_a_path_gives(void **state)
{
    (void)state;
    FILE *f = fopen(sample, "rb");
    assert_non_null(f);
    char *seekable = read_result((AvalignReader){ .cookie = f, .read = rd, .seek = sk }), *path = NULL;
    rewind(f);
    char *streamed = read_result((AvalignReader){ .cookie = f, .read = rd }); /* the sample's index comes first */
    fclose(f);
    AvalignConfig cfg = one_analyzer();
    AvalignResult *r = by_path(&cfg);
    avalign_result_write(r, AVALIGN_JSON, collect, &path, NULL);
    avalign_result_free(&r);
    const char *after_name = strstr(path, "\"file_sha256\""); /* hash and all, but for the name */
    assert_string_equal(strstr(seekable, "\"file_sha256\""), after_name);
    assert_null(strstr(streamed, "\"structure\""));
    take_structure_out(path);
    assert_string_equal(strstr(streamed, "\"file_sha256\""), after_name);
    free(seekable);
    free(streamed);
    free(path);
}

static int fail_later(void *cookie, const char *bytes, size_t n)
{
    (void)bytes, (void)n;
    return --*(int *)cookie <= 0;
}

static void pages_and_marks(void **state)
{
    (void)state;
    AvalignConfig cfg;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.max_duration_us = 5000000;
    AvalignResult *r = by_path(&cfg);
    AvalignErrorInfo e;
    char *page = NULL;
    assert_int_equal(avalign_result_add_thumbnails(r, getenv("AVALIGN_SAMPLE"), &e), 0);
    assert_int_equal(avalign_result_write_page(r, "a/b.mp4", collect, &page, NULL), 0);
    assert_non_null(strstr(page, "\"video_src\": \"a/b.mp4\""));
    assert_non_null(strstr(page, "data:image/jpeg;base64,/9j/"));
    assert_null(strstr(page, "@DATA@"));
    free(page);
    page = NULL;
    assert_null(strstr((avalign_result_write_page(r, NULL, collect, &page, NULL), page), "\"notes\""));
    free(page);
    page = NULL;
    assert_int_equal(avalign_result_add_note(r, "Exhibit", "two\nlines & \xff", &e), 0);
    assert_int_equal(avalign_result_write_page(r, NULL, collect, &page, NULL), 0);
    assert_non_null(strstr(page, "two lines \\u0026 ?"));
    assert_non_null(strstr(page, "\"propositions\""));
    free(page);
    char *json = NULL, longer[AVALIGN_MAX_NOTE_TEXT + 2];
    assert_int_equal(avalign_result_write(r, AVALIGN_JSON, collect, &json, NULL), 0);
    assert_null(strstr(json, "Exhibit")); /* the result stays the same for the same file */
    assert_null(strstr(json, "propositions"));
    free(json);
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    assert_int_equal(avalign_result_add_note(r, "Exhibit", longer, &e), AVALIGN_ERR_ARG);
    for (int i = 1; i < AVALIGN_MAX_NOTES; i++)
        assert_int_equal(avalign_result_add_note(r, "Exhibit", "x", NULL), 0);
    assert_int_equal(avalign_result_add_note(r, "Exhibit", "x", &e), AVALIGN_ERR_LIMIT);
    for (int left = 1; left < 30; left += 3) { /* a disk that fills up somewhere */
        int count = left;
        assert_int_equal(avalign_result_write_page(r, NULL, fail_later, &count, NULL), AVALIGN_ERR_IO);
    }
    assert_int_equal(avalign_result_add_thumbnails(r, "/nowhere.mp4", &e), AVALIGN_ERR_IO);
    assert_true(*e.message);
    assert_int_equal(avalign_result_add_thumbnails(NULL, "x", &e), AVALIGN_ERR_ARG);
    for (int format = AVALIGN_VTT; format <= AVALIGN_ASS; format++) {
        char *text = NULL;
        assert_int_equal(avalign_result_write(r, (AvalignFormat)format, collect, &text, NULL), 0);
        assert_true(text && *text);
        free(text);

        assert_int_equal(avalign_result_write(r, (AvalignFormat)format, full_disk, NULL, NULL), AVALIGN_ERR_IO);
    }
    assert_int_equal(avalign_result_write(r, (AvalignFormat)99, collect, &page, NULL), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_result_flagged(r) >= 0, 1);
    assert_int_equal(avalign_result_flagged(NULL), -1);
    avalign_result_free(&r);
}

static int stop_at_third(void *cookie, const AvalignFaceView *v)
{
    (void)v;
    return ++*(int *)cookie == 3;
}

static void callbacks_and_cancel_stop_the_run(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= 2; threads++) {
        AvalignContext *c;
        AvalignResult *r;
        AvalignConfig cfg;
        int seen = 0;
        avalign_config_init(&cfg, sizeof cfg);
        cfg.n_threads = threads;
        cfg.on_face = stop_at_third;
        cfg.cookie = &seen;
        assert_int_equal(avalign_open(&c, models, &cfg, NULL), 0);
        assert_int_equal(avalign_analyze_path(c, sample, &r), AVALIGN_ERR_CANCELLED);
        assert_int_equal(seen, 3);
        avalign_close(&c);
        cfg.on_face = NULL;
        assert_int_equal(avalign_open(&c, models, &cfg, NULL), 0);
        avalign_cancel(c);
        assert_int_equal(avalign_analyze_path(c, sample, &r), AVALIGN_ERR_CANCELLED);
        assert_null(r);
        avalign_close(&c);
    }
}

static void limits_hold(void **state)
{
    (void)state;
    AvalignContext *c;
    AvalignResult *r;
    AvalignConfig cfg;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.max_pixels = 1000;
    assert_int_equal(avalign_open(&c, models, &cfg, NULL), 0);
    assert_int_equal(avalign_analyze_path(c, sample, &r), AVALIGN_ERR_LIMIT);
    avalign_close(&c);
    cfg.max_pixels = 0;
    cfg.max_duration_us = 2000000;
    r = by_path(&cfg);
    assert_int_equal(avalign_result_n_tracks(r), 1);
    assert_true(avalign_result_track(r, 0)->last_us < 2100000);
    avalign_result_free(&r);
}

static int joins(void *cookie, const char *bytes, size_t n)
{
    char *text = cookie;
    size_t have = strlen(text);
    if (have + n < 1 << 17)
        memcpy(text + have, bytes, n), text[have + n] = 0;
    return 0;
}

static void memory_belongs_to_the_budget(void **state)
{
    (void)state;
    static char text[1 << 17];
    static float noise[16000];
    AvalignContext *c;
    AvalignResult *r;
    AvalignConfig cfg;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.n_threads = 1;
    cfg.analyzers = "lipsync";
    for (size_t i = 0; i < 16000; i++)
        noise[i] = (float)((i * 7919) % 2001) / 20000 - .05f;
    /* sound: what is over the share of it is left out, and it is said */
    for (int small = 0; small < 2; small++) {
        cfg.max_memory = small ? 64 << 10 : 0;
        assert_int_equal(avalign_open(&c, models, &cfg, NULL), 0);
        for (int64_t s = 0; s < 150; s++)
            assert_int_equal(avalign_push_audio(c, &(AvalignPcm){ .sample_rate = 16000, .channels = 1, .pts_us = s * 1000000, .samples = noise, .frames = 16000 }), 0);
        assert_int_equal(avalign_finish(c, &r), 0);
        *text = 0;
        assert_int_equal(avalign_result_write(r, AVALIGN_JSON, joins, text, NULL), 0);
        assert_int_equal(strstr(text, "\"memory-limit\"") != NULL, small);
        avalign_result_free(&r);
        avalign_close(&c);
    }
    /* faces whose times span months: no series of months */
    AvalignFace f = { .track_id = 0, .box = { 1, 1, 50, 50 } };
    cfg.max_memory = 0;
    assert_int_equal(avalign_open(&c, models, &cfg, NULL), 0);
    for (int64_t t = 0; t < 10; t++)
        assert_int_equal(avalign_push_faces(c, t * 40000 + (t > 4) * 9000000000000, &f, 1), 0);
    assert_int_equal(avalign_push_audio(c, &(AvalignPcm){ .sample_rate = 16000, .channels = 1, .samples = noise, .frames = 16000 }), 0);
    assert_int_equal(avalign_finish(c, &r), AVALIGN_ERR_LIMIT);
    assert_non_null(strstr(avalign_last_error(c)->message, "max_memory"));
    avalign_close(&c);
}

static void the_one_call_entry_works(void **state)
{
    (void)state;
    AvalignResult *r;
    AvalignErrorInfo e;
    AvalignAudioVisualResult f;
    assert_int_equal(avalign_analyze_audio_visual_alignment(sample, NULL, &r, &e), 0);
    avalign_result_fields(r, &f);
    assert_true(f.present & 1u << AVALIGN_SYNC_OFFSET_MS);
    avalign_result_free(&r);
    assert_int_equal(avalign_analyze_audio_visual_alignment(sample, "{\"format\": 2}", &r, &e), AVALIGN_ERR_ARG);
    assert_string_equal(e.stage, "tracks");
    /* tracking that shows no face: then none is judged */
    assert_int_equal(avalign_analyze_audio_visual_alignment(sample, "{\"format\": 1, \"frames\": []}", &r, &e), 0);
    avalign_result_fields(r, &f);
    assert_string_equal(f.reason[AVALIGN_SYNC_OFFSET_MS], "no-face");
    avalign_result_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cache_folder),
        cmocka_unit_test(versions_agree),
        cmocka_unit_test(bad_arguments_are_refused),
        cmocka_unit_test(broken_manifests_are_named),
        cmocka_unit_test(a_path_gives_a_whole_result),
        cmocka_unit_test(readers_give_what_a_path_gives),
        cmocka_unit_test(callbacks_and_cancel_stop_the_run),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(memory_belongs_to_the_budget),
        cmocka_unit_test(the_one_call_entry_works),
        cmocka_unit_test(pages_and_marks),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
