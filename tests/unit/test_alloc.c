/* test_alloc.c -- every allocation of ours fails once, or fails from then on: the call says so or does without; nothing
 * crashes, and (in the sanitizer build) nothing leaks. The linker's --wrap catches the library's own calls; jansson's go
 * through its hook, but reading a document counts as one: its lexer does not look whether its buffer could grow, and then writes
 * past a string. Other libraries' are theirs. */
#include "test.h"

#include <jansson.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>

#include "avalign/avalign.h"

static atomic_long count, fail_at; /* the fail_at-th call fails; 0: none; < 0: from the -fail_at-th on all */
static atomic_int watching;
static long judged_at; /* calls when the result was there; what follows it may do without */

static int fails(void)
{
    if (!atomic_load(&watching))
        return 0;
    long n = atomic_fetch_add(&count, 1) + 1, at = atomic_load(&fail_at);
    return at > 0 ? n == at : at < 0 && n >= -at;
}

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
char *__real_strdup(const char *s);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
char *__wrap_strdup(const char *s);
void *__wrap_malloc(size_t n) { return fails() ? NULL : __real_malloc(n); }
void *__wrap_calloc(size_t n, size_t size) { return fails() ? NULL : __real_calloc(n, size); }
void *__wrap_realloc(void *p, size_t n) { return fails() ? NULL : __real_realloc(p, n); }
char *__wrap_strdup(const char *s) { return fails() ? NULL : __real_strdup(s); }

json_t *__real_json_loadb(const char *text, size_t n, size_t flags, json_error_t *e);
json_t *__real_json_load_file(const char *path, size_t flags, json_error_t *e);
json_t *__wrap_json_loadb(const char *text, size_t n, size_t flags, json_error_t *e);
json_t *__wrap_json_load_file(const char *path, size_t flags, json_error_t *e);

static json_t *read_whole(const char *path, const char *text, size_t n, size_t flags, json_error_t *e)
{
    if (fails()) {
        *e = (json_error_t){ .line = -1, .text = "out of memory" };
        return NULL;
    }
    int was = atomic_exchange(&watching, 0);
    json_t *doc = path ? __real_json_load_file(path, flags, e) : __real_json_loadb(text, n, flags, e);
    atomic_store(&watching, was);
    return doc;
}

json_t *__wrap_json_loadb(const char *text, size_t n, size_t flags, json_error_t *e) { return read_whole(NULL, text, n, flags, e); }
json_t *__wrap_json_load_file(const char *path, size_t flags, json_error_t *e) { return read_whole(path, NULL, 0, flags, e); }

static int drop(void *cookie, const char *bytes, size_t n) { return (void)cookie, (void)bytes, (void)n, 0; }

enum { SIDE = 96, RATE = 16000, SECONDS = 4 };
static float pcm[RATE * SECONDS];
static uint8_t picture[SIDE * SIDE];

static void make_sound(void)
{
    uint32_t seed = 3;
    for (size_t i = 0; i < sizeof pcm / sizeof *pcm; i++) {
        seed = seed * 1664525 + 1013904223;
        pcm[i] = (float)(.05 * exp(sin(2 * 3.14159265 * 2.9 * (double)i / RATE)) * ((double)seed / 2147483648.0 - 1));
    }
}

static void result_is_used(AvalignResult *r)
{
    AvalignAudioVisualResult fields;
    char *json = NULL;
    AvalignErrorInfo e;
    avalign_result_fields(r, &fields);
    avalign_result_flagged(r);
    avalign_result_series(r, "mouth_open", 0);
    for (int f = AVALIGN_JSON; f <= AVALIGN_ASS; f++)
        avalign_result_write(r, (AvalignFormat)f, drop, NULL, NULL);
    avalign_result_write_page(r, "a.mp4", drop, NULL, NULL);
    const AvalignResult *one = r;
    if (avalign_reference_create(&one, 1, "somebody", "key", 3, &json, &e) == 0) {
        AvalignVerification match;
        avalign_reference_verify(json, strlen(json), "key", 3, r, &match, &e);
        avalign_reference_free(&json);
    }
}

static int whole_analysis(void)
{
    AvalignModels *models = NULL;
    AvalignContext *c = NULL;
    AvalignResult *r = NULL;
    AvalignConfig cfg;
    AvalignErrorInfo e;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.analyzers = "-viseme"; /* its recogniser ends the process when it gets no memory */
    cfg.policy = "calibrated";
    int rc = avalign_models_load(&models, getenv("AVALIGN_TINY"), NULL, &e);
    if (!rc)
        rc = avalign_open(&c, models, &cfg, NULL);
    for (int i = 0; !rc && i < SECONDS * 25; i++) {
        memset(picture, 100 + i % 40, sizeof picture);
        AvalignImage im = { AVALIGN_PIX_GRAY8, SIDE, SIDE, (int64_t)i * 40000, { picture }, { SIDE }, { 0 } };
        rc = avalign_push_video(c, &im);
        if (!rc && i % 5 == 0) {
            AvalignPcm s = { RATE, 1, (int64_t)i * 40000, pcm + (size_t)i * RATE / 25, RATE / 5, { 0 } };
            rc = avalign_push_audio(c, &s);
        }
    }
    if (!rc)
        rc = avalign_finish(c, &r);
    if (rc && c && !*avalign_last_error(c)->message)
        fail_msg("allocation %ld missing: an error %d without a message", atomic_load(&fail_at), rc);
    assert_true((rc == 0) == (r != NULL));
    judged_at = atomic_load(&count);
    if (r)
        result_is_used(r);
    avalign_result_free(&r);
    avalign_close(&c);
    avalign_models_free(&models);
    return rc;
}

static int arrays(void)
{
    static const char given[] = "{\"format\":1,\"frames\":[{\"t_s\":0.04,\"faces\":[{\"track\":0,\"box\":[1,2,30,40]}]}]}";
    static float points[AVALIGN_LANDMARKS * 3], out[400 * 40];
    static AvalignFace faces[50];
    static int64_t t[50];
    AvalignModels *models = NULL;
    AvalignContext *c = NULL;
    AvalignErrorInfo e;
    AvalignLipSync lips;
    AvalignVoice voice;
    AvalignSyntheticVoice made;
    AvalignArtifact found[8];
    AvalignOffset offset;
    size_t n;
    AvalignPcm s = { RATE, 1, 0, pcm, sizeof pcm / sizeof *pcm, { 0 } };
    int rc = avalign_models_load(&models, getenv("AVALIGN_TINY"), NULL, &e);
    if (rc)
        return rc;
    for (int i = 0; i < 50; i++) {
        faces[i] = (AvalignFace){ .box = { 1, 2, 40, 40 }, .n_landmarks = AVALIGN_LANDMARKS, .landmark_dims = 3, .landmarks = points };
        t[i] = i * 40000;
    }
    for (size_t i = 0; i < sizeof points / sizeof *points; i++)
        points[i] = (float)(i % 37);
    rc = avalign_analyze_lip_sync(models, faces, t, 50, &s, &lips, NULL);
    rc |= avalign_extract_voice_embedding(models, &s, &voice, NULL);
    rc |= avalign_detect_synthetic_voice(models, &s, &made, NULL);
    rc |= avalign_detect_audio_artifacts(models, &s, found, 8, &n, NULL);
    rc |= avalign_detect_av_offset(pcm, 200, 25, pcm, s.frames, RATE, NULL, 0, 0, &offset, NULL);
    rc |= avalign_mfcc_psf(pcm, s.frames, RATE, out, sizeof out / sizeof *out) < 0;
    rc |= avalign_log_mel(pcm, RATE, out, sizeof out / sizeof *out) < 0;
    judged_at = atomic_load(&count);
    if (avalign_open(&c, models, NULL, NULL) == 0)
        avalign_set_tracks(c, given, sizeof given - 1);
    avalign_close(&c);
    avalign_models_free(&models);
    return rc;
}

/* How often body() allocates; it must succeed. */
static long counted(int (*body)(void))
{
    atomic_store(&count, 0);
    atomic_store(&fail_at, 0);
    atomic_store(&watching, 1);
    int rc = body();
    atomic_store(&watching, 0);
    assert_int_equal(rc, 0);
    return atomic_load(&count);
}

static void shaken(int (*body)(void), const char *name)
{
    const char *set = getenv("AVALIGN_ALLOC_RUNS");
    judged_at = 0;
    long all = counted(body), last = judged_at ? judged_at : all, runs = set ? strtol(set, NULL, 10) : 25, refused = 0, done = 0;
    long near = last / runs + 1, far = all / runs + 1; /* before the answer, and after it */
    for (int on = 0; on < 2; on++)
        for (long k = 1 + on * near / 2; k <= all; k += k < last ? near : far) {
            atomic_store(&count, 0);
            atomic_store(&fail_at, on ? -k : k);
            atomic_store(&watching, 1);
            int rc = body();
            atomic_store(&watching, 0);
            if (k <= last) { /* what comes after can do without its result */
                refused += rc != 0;
                done++;
            }
            if (on)
                assert_true(rc != 0 || k > last * 9 / 10); /* without any memory nothing can have come out */
        }
    print_message("%s: %ld allocations; %ld before the answer; %ld runs with one of these missing or all from one on, %ld refused, the others did without\n", name, all, last, done, refused);
    assert_true(refused > done / 3);
    counted(body); /* and it still works */
}

static void analysis_without_memory(void **state) { (void)state; shaken(whole_analysis, "analysis"); }
static void arrays_without_memory(void **state) { (void)state; shaken(arrays, "arrays"); }

static int set_up(void **state)
{
    (void)state;
    json_set_alloc_funcs(__wrap_malloc, free);
    make_sound();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(analysis_without_memory), cmocka_unit_test(arrays_without_memory) };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
