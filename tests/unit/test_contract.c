/* test_contract.c -- what the public header promises of every call: sizes, cleared errors, states after a refusal. */
#include "test.h"
#include "collect.h"

#include <malloc.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <jansson.h>

#include "avalign/avalign.h"

enum { RATE = AVALIGN_SPEECH_RATE };

static AvalignModels *models; /* tests/tiny */

static int load(void **state)
{
    (void)state;
    return avalign_models_load(&models, getenv("AVALIGN_TINY"), NULL, NULL);
}

static int unload(void **state) { (void)state; avalign_models_free(&models); return 0; }

/* ---- sizes ------------------------------------------------------------------------ */

/* A copy whose last byte lies before a page that can't be read. */
static void *at_page_end(const void *what, size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(p != MAP_FAILED);
    assert_int_equal(mprotect(p + page, page, PROT_NONE), 0);
    return memcpy(p + page - size, what, size);
}

static void structs_are_read_no_further_than_their_size(void **state)
{
    (void)state;
    AvalignConfig cfg;
    AvalignErrorInfo e;
    avalign_config_init(&cfg, sizeof cfg);
    for (size_t size = 0; size <= sizeof cfg; size += sizeof(void *)) {
        cfg.struct_size = size;
        AvalignConfig *old = at_page_end(&cfg, size > sizeof(size_t) ? size : sizeof(size_t));
        AvalignContext *c;
        int rc = avalign_open(&c, models, old, &e);
        assert_int_equal(rc, size < sizeof(size_t) ? AVALIGN_ERR_VERSION : 0);
        avalign_close(&c);
    }
    AvalignModelsConfig mc = { .struct_size = sizeof(size_t) };
    AvalignModels *m;
    assert_int_equal(avalign_models_load(&m, getenv("AVALIGN_TINY"), at_page_end(&mc, sizeof(size_t)), &e), 0);
    avalign_models_free(&m);
    mc.struct_size = sizeof mc + 8;
    assert_int_equal(avalign_models_load(&m, getenv("AVALIGN_TINY"), &mc, &e), AVALIGN_ERR_VERSION);
    assert_non_null(strstr(e.message, "newer library"));
    assert_null(m);
}

static void what_is_reserved_must_be_zero(void **state)
{
    (void)state;
    AvalignContext *c;
    uint8_t grey[64 * 64] = { 0 };
    float quiet[RATE / 10] = { 0 };
    assert_int_equal(avalign_open(&c, models, NULL, NULL), 0);
    AvalignImage im = { .format = AVALIGN_PIX_GRAY8, .width = 64, .height = 64, .data = { grey }, .stride = { 64 }, .reserved = { 0, 1 } };
    AvalignPcm pcm = { .sample_rate = RATE, .channels = 1, .samples = quiet, .frames = RATE / 10, .reserved = { [3] = 1 } };
    AvalignFace face = { .box = { 1, 1, 9, 9 }, .reserved = { 1 } };
    assert_int_equal(avalign_push_video(c, &im), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_push_audio(c, &pcm), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_push_faces(c, 0, &face, 1), AVALIGN_ERR_ARG);
    assert_non_null(strstr(avalign_last_error(c)->message, "reserve"));
    avalign_close(&c);
}

static void versions_can_be_checked(void **state)
{
    (void)state;
    assert_string_equal(AVALIGN_VERSION, avalign_version());
    assert_true(AVALIGN_CHECK_VERSION(1, 0, 0) && AVALIGN_CHECK_VERSION(0, 9, 9));
    assert_false(AVALIGN_CHECK_VERSION(AVALIGN_API_MAJOR + 1, 0, 0) || AVALIGN_CHECK_VERSION(AVALIGN_API_MAJOR, AVALIGN_API_MINOR, AVALIGN_API_PATCH + 1) ||
                 AVALIGN_CHECK_VERSION(AVALIGN_API_MAJOR, AVALIGN_API_MINOR + 1, 0));
}

/* ---- errors ----------------------------------------------------------------------- */

static AvalignErrorInfo why;
static AvalignContext *ctx;
static AvalignResult *made;
static float *sound;

static int write_none(void *cookie, const char *bytes, size_t n) { return (void)cookie, (void)bytes, (void)n, 0; }
static int64_t read_none(void *cookie, uint8_t *buf, size_t n) { return (void)cookie, (void)buf, (void)n, 0; }
static int no_window(void *cookie, int64_t from, int64_t to, const AvalignResult *r) { return (void)cookie, (void)from, (void)to, r == NULL; }

static AvalignPcm some_sound(int rate) { return (AvalignPcm){ .sample_rate = rate, .channels = 1, .samples = sound, .frames = 3 * RATE }; }

/* Each calls one entry point twice over: badly, then well (where that is possible without a medium). */
static int load_bad(void) { AvalignModels *m; return avalign_models_load(&m, "/nowhere", NULL, &why); }
static int load_good(void)
{
    AvalignModels *m;
    int rc = avalign_models_load(&m, getenv("AVALIGN_TINY"), NULL, &why);
    avalign_models_free(&m);
    return rc;
}
static int verify_bad(void) { return avalign_models_verify(models, 999, &why); }
static int verify_good(void) { return avalign_models_verify(models, 0, &why); }
static int policy_bad(void) { return avalign_policy_check("{\"x\": 1}", &why); }
static int policy_good(void) { return avalign_policy_check("seed", &why); }
static int open_bad(void)
{
    AvalignConfig cfg;
    AvalignContext *c;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.analyzers = "astrology";
    return avalign_open(&c, models, &cfg, &why);
}
static int open_good(void)
{
    AvalignContext *c;
    int rc = avalign_open(&c, models, NULL, &why);
    avalign_close(&c);
    return rc;
}
static int open_null(void) { return avalign_open(NULL, models, NULL, &why); }
static int open_profile(void)
{
    AvalignConfig cfg;
    AvalignContext *c;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.profile = "vhs";
    return avalign_open(&c, models, &cfg, &why);
}
static int one_call_bad(void) { AvalignResult *r; return avalign_analyze_audio_visual_alignment("/nowhere", NULL, &r, &why); }
static int one_call_null(void) { return avalign_analyze_audio_visual_alignment(NULL, NULL, NULL, &why); }
static int lips_bad(void) { AvalignLipSync l; return avalign_analyze_lip_sync(models, NULL, NULL, 3, NULL, &l, &why); }
static int lips_rate(void)
{
    AvalignLipSync l;
    AvalignPcm p = some_sound(3);
    return avalign_analyze_lip_sync(models, NULL, NULL, 0, &p, &l, &why);
}
static int voice_bad(void) { AvalignVoice v; AvalignPcm p = some_sound(1); return avalign_extract_voice_embedding(models, &p, &v, &why); }
static int voice_good(void) { AvalignVoice v; AvalignPcm p = some_sound(RATE); return avalign_extract_voice_embedding(models, &p, &v, &why); }
static int speaker_bad(void) { AvalignSpeakerMatch m; return avalign_verify_speaker(models, NULL, 0, NULL, 0, &m, &why); }
static int speaker_good(void)
{
    static float face[AVALIGN_FACE_DIM] = { 1 }, voice[AVALIGN_VOICE_DIM] = { 1 };
    AvalignSpeakerMatch m;
    return avalign_verify_speaker(models, face, 1, voice, 1, &m, &why);
}
static int expression_bad(void) { AvalignExpression x; return avalign_read_expression(models, "/nowhere.png", 0, &x, &why); }
static int expression_null(void) { return avalign_read_expression(models, NULL, 0, NULL, &why); }
static int synthetic_bad(void) { AvalignSyntheticVoice v; AvalignPcm p = some_sound(1); return avalign_detect_synthetic_voice(models, &p, &v, &why); }
static int synthetic_good(void) { AvalignSyntheticVoice v; AvalignPcm p = some_sound(RATE); return avalign_detect_synthetic_voice(models, &p, &v, &why); }
static int artifacts_bad(void) { return avalign_detect_audio_artifacts(models, NULL, NULL, 1, NULL, &why); }
static int artifacts_good(void) { size_t n; AvalignPcm p = some_sound(RATE); return avalign_detect_audio_artifacts(models, &p, NULL, 0, &n, &why); }
static int offset_bad(void) { return avalign_detect_av_offset(NULL, 9, 25, NULL, 9, 1, NULL, 0, 0, NULL, &why); }
static int offset_good(void) { AvalignOffset o; return avalign_detect_av_offset(sound, 75, 25, sound, 3 * RATE, RATE, NULL, 0, 0, &o, &why); }
static int create_bad(void) { char *json; return avalign_reference_create(NULL, 0, NULL, NULL, 0, &json, &why); }
static int create_empty(void)
{
    char *json;
    const AvalignResult *one = made;
    return avalign_reference_create(&one, 1, "\xff", NULL, 0, &json, &why);
}
static int check_bad(void) { AvalignVerification v; return avalign_reference_verify("{}", 2, NULL, 0, made, &v, &why); }
static int whole_bad(void) { return avalign_reference_check("{}", 2, NULL, 0, &why); }
static int whole_null(void) { return avalign_reference_check(NULL, 0, NULL, 0, &why); }
static int check_null(void) { return avalign_reference_verify(NULL, 0, NULL, 0, NULL, NULL, &why); }
static int write_bad(void) { return avalign_result_write(made, (AvalignFormat)99, write_none, NULL, &why); }
static int write_good(void) { return avalign_result_write(made, AVALIGN_JSON, write_none, NULL, &why); }
static int again_bad(void) { return avalign_judge_again("{}", 2, NULL, 0, write_none, NULL, &why); }
static int again_null(void) { return avalign_judge_again(NULL, 0, NULL, 0, NULL, NULL, &why); }
static int page_bad(void) { return avalign_result_write_page(NULL, NULL, write_none, NULL, &why); }
static int page_good(void) { return avalign_result_write_page(made, NULL, write_none, NULL, &why); }
static int note_bad(void) { return avalign_result_add_note(NULL, "Case", "1", &why); }
static int note_empty(void) { return avalign_result_add_note(made, "", "1", &why); }
static int note_good(void) { return avalign_result_add_note(made, "Case", "1", &why); }
static int pictures_bad(void) { return avalign_result_add_thumbnails(NULL, "x", &why); }
static int pictures_reader_bad(void) { return avalign_result_add_thumbnails_reader(made, NULL, &why); }
static int pictures_good(void) { return avalign_result_add_thumbnails(made, "/nothing is wanted, so nothing is opened", &why); }

/* The context's own. */
static int tracks_bad(void) { return avalign_set_tracks(ctx, "{", 1); }
static int tracks_good(void) { static const char t[] = "{\"format\": 1, \"frames\": []}"; return avalign_set_tracks(ctx, t, sizeof t - 1); }
static int tracks_null(void) { return avalign_set_tracks(ctx, NULL, 0); }
static int preload_good(void) { return avalign_preload(ctx); }
static int path_null(void) { AvalignResult *r; return avalign_analyze_path(ctx, NULL, &r); }
static int path_url(void) { AvalignResult *r; return avalign_analyze_path(ctx, "http://localhost/", &r); }
static int path_out(void) { return avalign_analyze_path(ctx, "x", NULL); }
static int reader_null(void) { AvalignResult *r; return avalign_analyze_reader(ctx, NULL, &r); }
static int live_bad(void) { return avalign_analyze_live(ctx, NULL, NULL, 0, no_window, NULL); }
static int video_bad(void) { return avalign_push_video(ctx, NULL); }
static int audio_bad(void) { return avalign_push_audio(ctx, NULL); }
static int audio_good(void) { AvalignPcm p = some_sound(RATE); return avalign_push_audio(ctx, &p); }
static int faces_bad(void) { return avalign_push_faces(ctx, 0, NULL, 1); }
static int faces_good(void) { return avalign_push_faces(ctx, 0, NULL, 0); }
static int finish_null(void) { return avalign_finish(ctx, NULL); }
static int finish_good(void) { AvalignResult *r; int rc = avalign_finish(ctx, &r); avalign_result_free(&r); return rc; }
static int path_used(void) { AvalignResult *r; return avalign_analyze_path(ctx, "x", &r); }
static int reader_used(void) { AvalignResult *r; AvalignReader in = { .read = read_none }; return avalign_analyze_reader(ctx, &in, &r); }
static int push_used(void) { return audio_good(); }
static int preload_used(void) { return avalign_preload(ctx); }

static void stale(AvalignErrorInfo *e)
{
    memset(e, 0, sizeof *e);
    e->code = -77;
    e->stage = "stale";
    strcpy(e->message, "what happened before");
}

static void told(const char *name, const AvalignErrorInfo *e, int rc)
{
    if (rc >= 0 ? e->code != 0 || *e->message : e->code != rc || !*e->message || !*e->stage || strstr(e->message, "what happened before"))
        fail_msg("%s: returned %d, but the error says %d, %s: %s", name, rc, e->code, e->stage, e->message);
}

static void every_call_clears_its_error(void **state)
{
    (void)state;
#define C(f) { #f, f }
    static const struct { const char *name; int (*call)(void); } plain[] = {
        C(load_bad), C(load_good), C(verify_bad), C(verify_good), C(policy_bad), C(policy_good), C(open_bad), C(open_good), C(open_null), C(open_profile),
        C(one_call_bad), C(one_call_null), C(lips_bad), C(lips_rate), C(voice_bad), C(voice_good), C(speaker_bad), C(speaker_good), C(expression_bad), C(expression_null), C(synthetic_bad),
        C(synthetic_good), C(artifacts_bad), C(artifacts_good), C(offset_bad), C(offset_good), C(create_bad), C(create_empty), C(check_bad), C(check_null), C(whole_bad), C(whole_null),
        C(write_bad), C(write_good), C(again_bad), C(again_null), C(page_bad), C(page_good), C(note_bad), C(note_empty), C(note_good), C(pictures_bad), C(pictures_reader_bad), C(pictures_good),
    }, context[] = { /* in this order: each finds what the one before it left */
        C(tracks_bad), C(tracks_good), C(tracks_null), C(preload_good), C(path_null), C(path_url), C(path_out), C(reader_null), C(live_bad), C(video_bad), C(audio_bad),
        C(audio_good), C(faces_bad), C(faces_good), C(finish_null), C(finish_good), C(path_used), C(reader_used), C(push_used), C(preload_used), C(live_bad),
    };
    sound = calloc(3 * RATE, sizeof *sound);
    AvalignPcm p = some_sound(RATE);
    assert_int_equal(avalign_open(&ctx, models, NULL, NULL), 0);
    assert_int_equal(avalign_push_audio(ctx, &p), 0);
    assert_int_equal(avalign_finish(ctx, &made), 0);
    avalign_close(&ctx);
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        stale(&why);
        told(plain[i].name, &why, plain[i].call());
    }
    assert_int_equal(avalign_open(&ctx, models, NULL, NULL), 0);
    for (size_t i = 0; i < sizeof context / sizeof *context; i++) {
        int rc = context[i].call();
        told(context[i].name, avalign_last_error(ctx), rc);
        if (strstr(context[i].name, "_good"))
            assert_int_equal(rc, 0);
    }
    avalign_close(&ctx);
    avalign_result_free(&made);
    free(sound);
}

static int stop(void *cookie, int64_t t_us, const float *s, size_t n) { return (void)cookie, (void)t_us, (void)s, (void)n, 1; }

/* A refused push changes nothing; one that fails ends the analysis, which keeps saying why. */
static void refused_pushes_leave_a_stated_state(void **state)
{
    (void)state;
    AvalignContext *c;
    AvalignResult *r;
    AvalignConfig cfg;
    sound = calloc(3 * RATE, sizeof *sound);
    AvalignPcm good = some_sound(RATE), bad = some_sound(1);
    assert_int_equal(avalign_open(&c, models, NULL, NULL), 0);
    assert_int_equal(avalign_push_audio(c, &bad), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_finish(c, &r), AVALIGN_ERR_ARG); /* nothing was pushed yet */
    assert_int_equal(avalign_push_audio(c, &good), 0);
    assert_int_equal(avalign_push_audio(c, &bad), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_finish(c, &r), 0);
    avalign_result_free(&r);
    avalign_close(&c);
    avalign_config_init(&cfg, sizeof cfg);
    cfg.on_speech = stop;
    assert_int_equal(avalign_open(&c, models, &cfg, NULL), 0);
    assert_int_equal(avalign_push_audio(c, &good), AVALIGN_ERR_CANCELLED);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(avalign_push_audio(c, &good), AVALIGN_ERR_CANCELLED);
        assert_non_null(strstr(avalign_last_error(c)->message, "stopped by the caller"));
        assert_int_equal(avalign_finish(c, &r), AVALIGN_ERR_CANCELLED);
        assert_null(r);
    }
    avalign_close(&c);
    free(sound);
}

static void refused_pushes_leak_nothing(void **state)
{
    (void)state;
    AvalignConfig cfg;
    AvalignContext *c;
    AvalignFace none = { 0 };
    avalign_config_init(&cfg, sizeof cfg);
    cfg.lse = 1; /* SyncNet is not among these models */
    cfg.analyzers = "lipsync,authenticity";
    size_t before = 0;
    assert_int_equal(avalign_open(&c, models, &cfg, NULL), 0);
    for (int i = 0; i < 300; i++) {
        assert_int_equal(avalign_push_faces(c, i, &none, 0), AVALIGN_ERR_MODEL);
        if (i == 20)
            before = mallinfo2().uordblks;
    }
    assert_true(mallinfo2().uordblks < before + 65536);
    avalign_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(structs_are_read_no_further_than_their_size), cmocka_unit_test(what_is_reserved_must_be_zero), cmocka_unit_test(versions_can_be_checked),
        cmocka_unit_test(every_call_clears_its_error), cmocka_unit_test(refused_pushes_leave_a_stated_state), cmocka_unit_test(refused_pushes_leak_nothing),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
