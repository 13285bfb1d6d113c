/* The speech encoder: front end and states against CTranslate2's (tests/golden/speech_encoder.py), windows where somebody speaks. */
#include "test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "extract/stages.h"
#include "golden/speech_encoder.h"
#include "nets/speech_encoder.h"

enum { N = 24000, SR = 16000, T = N / 160 };
static float x[N];
static AvalignModels *models;

/* The signal of tests/golden/make.py. */
static int setup(void **state)
{
    (void)state;
    uint64_t s = 12345;
    const double pi = 3.14159265358979323846;
    for (int i = 0; i < N; i++) {
        double t = (double)i / SR;
        s = (1103515245 * s + 12345) % 2147483648u;
        double v = .4 * sin(2 * pi * (200 * t + 400 * t * t)) + .2 * sin(2 * pi * 1500 * t + 3 * sin(2 * pi * 5 * t));
        x[i] = (float)((v * (t > .2) + .02 * ((double)s / 1073741824 - 1)) * 8000) / 8000;
    }
    char cache[4096]; /* the real nets take seconds to compile */
    AvalignModelsConfig cfg = { .struct_size = sizeof cfg, .cache_dir = avalign_cache_dir(cache, sizeof cache) ? NULL : cache };
    return avalign_models_load(&models, getenv("AVALIGN_MODELS"), &cfg, NULL);
}

static int teardown(void **state) { return (void)state, avalign_models_free(&models), 0; }

static void close_to(const float *gold, const float *got, size_t n, float limit)
{
    for (size_t i = 0; i < n; i++)
        if (!(fabsf(gold[i] - got[i]) <= limit))
            fail_msg("number %zu: %g, should be %g", i, (double)got[i], (double)gold[i]);
}

static void front_end(void **state)
{
    (void)state;
    AvaSpeechEncoder *n;
    assert_int_equal(ava_speech_encoder_open(&n, models, NULL), 0);
    float *mel = malloc(80 * T * sizeof *mel), row[80];
    ava_whisper_mel(n, x, N, mel);
    for (int r = 0; r < GOLD_WHISPER_MEL_ROWS; r++) { /* every 15th frame */
        for (int b = 0; b < 80; b++)
            row[b] = mel[b * T + r * 15];
        close_to(GOLD_WHISPER_MEL + r * 80, row, 80, 1e-4f);
    }
    free(mel);
    ava_speech_encoder_close(&n);
    assert_null(n);
}

static void states(void **state)
{
    (void)state;
    AvaSpeechEncoder *n;
    static float pooled[AVA_ENCODER_POOLED];
    const float *frames;
    assert_int_equal(ava_speech_encoder_open(&n, models, NULL), 0);
    assert_int_equal(ava_speech_encoder_run(n, x, N, pooled, &frames, NULL), 0);
    for (int s = 0; s < 6; s++)
        for (int r = 0; r < 3; r++) /* positions 0, 25, 50 */
            for (int c = 0; c < GOLD_WHISPER_FRAMES_COLS; c++)
                close_to(&GOLD_WHISPER_FRAMES[(s * 3 + r) * GOLD_WHISPER_FRAMES_COLS + c], &frames[(s * T / 2 + r * 25) * AVA_ENCODER_DIM + c * 16], 1, 2e-3f);
    for (int s = 0; s < 6; s++)
        for (int c = 0; c < GOLD_WHISPER_POOLED_COLS; c++)
            close_to(&GOLD_WHISPER_POOLED[s * GOLD_WHISPER_POOLED_COLS + c], &pooled[s * 2 * AVA_ENCODER_DIM + c * 16], 1, 2e-3f);
    ava_speech_encoder_close(&n);
}

static int encoder_alone(const void *cookie, const char *role) { return (void)cookie, !strcmp(role, "speech-encoder"); }

/* Noise is no speech: the net does not run, nothing is kept. */
static void silence(void **state)
{
    (void)state;
    AvaEvidence ev = { 0 };
    AvaStages *s;
    AvalignErrorInfo e = { 0 };
    float noise[SR];
    uint32_t seed = 7;
    for (int i = 0; i < SR; i++) {
        seed = seed * 1664525 + 1013904223;
        noise[i] = ((float)(seed >> 8) / 16777216.f - .5f) * .02f;
    }
    assert_int_equal(ava_stages_open(&s, &(AvaStageSetup){ .ev = &ev, .models = models, .no_video = 1 }, encoder_alone, NULL, &e), 0);
    for (int i = 0; i < 8; i++)
        assert_int_equal(ava_stages_sound(s, i * 1000000, noise, SR, &e), 0);
    assert_int_equal(ava_stages_finish(s, &e), 0);
    assert_true(ev.has_encoder);
    assert_int_equal(ev.encoded.n, 0);
    ava_stages_close(&s);
    ava_evidence_free(&ev);
}

/* One long block or many small ones: the same windows. The recording is the sample's voice. */
static float *voice;
static size_t n_voice;

static int keep(void *cookie, int64_t t_us, const float *pcm, size_t n)
{
    (void)cookie, (void)t_us;
    voice = realloc(voice, (n_voice + n) * sizeof *voice);
    memcpy(voice + n_voice, pcm, n * sizeof *pcm);
    n_voice += n;
    return 0;
}

/* What a caller is shown: times, lengths and means of windows. */
typedef struct Shown {
    int64_t t_us[64];
    size_t n[64];
    double mean[64][AVALIGN_ENCODER_STATES];
    int windows, stop_at;
} Shown;

static int seen(void *cookie, int64_t t_us, const float *states, size_t n)
{
    Shown *s = cookie;
    assert_true(s->windows < 64);
    s->t_us[s->windows] = t_us;
    s->n[s->windows] = n;
    for (int k = 0; k < AVALIGN_ENCODER_STATES; k++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += states[((size_t)k * n + i) * AVALIGN_ENCODER_DIM + 7];
        s->mean[s->windows][k] = sum / (double)n;
    }
    return ++s->windows == s->stop_at;
}

static void shown_as_it_is(const AvaEvidence *ev, const Shown *s)
{
    assert_int_equal(s->windows, ev->encoded.n);
    for (size_t i = 0; i < ev->encoded.n; i++) {
        const AvaEncoded *w = &ev->encoded.at[i];
        assert_int_equal(s->t_us[i], ev->sound_t0_us + w->start_us);
        assert_int_equal(s->n[i], (w->end_us - w->start_us) / 20000);
        for (int k = 0; k < AVALIGN_ENCODER_STATES; k++)
            assert_true(fabs(s->mean[i][k] - w->pooled[k * 2 * AVALIGN_ENCODER_DIM + 7]) < 1e-3);
    }
}

static void the_caller_may_stop(void **state)
{
    (void)state;
    AvalignConfig cfg;
    Shown shown = { .stop_at = 2 };
    avalign_config_init(&cfg, sizeof cfg);
    cfg.on_encoder = seen;
    cfg.cookie = &shown;
    cfg.analyzers = "artifacts"; /* which does not listen to the encoder */
    AvalignContext *c;
    AvalignResult *r;
    assert_int_equal(avalign_open(&c, models, &cfg, NULL), 0);
    assert_int_equal(avalign_analyze_path(c, getenv("AVALIGN_SAMPLE"), &r), AVALIGN_ERR_CANCELLED);
    assert_int_equal(shown.windows, 2);
    avalign_close(&c);
}

static void any_blocks(void **state)
{
    (void)state;
    AvalignConfig cfg;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.on_speech = keep;
    cfg.analyzers = "authenticity";
    AvalignContext *c;
    AvalignResult *r;
    assert_int_equal(avalign_open(&c, models, &cfg, NULL), 0);
    assert_int_equal(avalign_analyze_path(c, getenv("AVALIGN_SAMPLE"), &r), 0);
    avalign_result_free(&r);
    avalign_close(&c);
    assert_true(n_voice > 10 * SR);
    AvaEvidence first = { 0 };
    for (size_t block = n_voice; block > 700; block /= 20) {
        AvaEvidence ev = { 0 };
        AvaStages *s;
        AvalignErrorInfo e = { 0 };
        Shown shown = { 0 };
        assert_int_equal(ava_stages_open(&s, &(AvaStageSetup){ .ev = &ev, .models = models, .no_video = 1, .on_encoder = seen, .cookie = &shown }, encoder_alone, NULL, &e), 0);
        for (size_t at = 0; at < n_voice; at += block)
            assert_int_equal(ava_stages_sound(s, (int64_t)at * 1000000 / SR, voice + at, n_voice - at < block ? n_voice - at : block, &e), 0);
        assert_int_equal(ava_stages_finish(s, &e), 0);
        ava_stages_close(&s);
        shown_as_it_is(&ev, &shown);
        if (block == n_voice) {
            first = ev;
            assert_true(ev.encoded.n >= 3);
            assert_true(ev.encoded.at[0].end_us - ev.encoded.at[0].start_us == 4000000);
            continue;
        }
        assert_int_equal(ev.encoded.n, first.encoded.n);
        for (size_t i = 0; i < ev.encoded.n; i++)
            assert_memory_equal(&ev.encoded.at[i], &first.encoded.at[i], sizeof ev.encoded.at[i]);
        ava_evidence_free(&ev);
    }
    ava_evidence_free(&first);
    free(voice);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(front_end), cmocka_unit_test(states), cmocka_unit_test(silence), cmocka_unit_test(any_blocks),
                                        cmocka_unit_test(the_caller_may_stop) };
    return cmocka_run_group_tests(tests, setup, teardown);
}
