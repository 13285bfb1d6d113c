/* Nets that users bring, against PyTorch on random weights in their architectures: SyncNet's and
 * Wav2Lip's measures, ECAPA-TDNN with SpeechBrain's front end, iresnet,
 * Wav2Vec2 (tests/golden/peers.py). Needs a model directory with them: tests/cli/lse.sh makes one. */
#include "test.h"

#include <math.h>
#include <stdlib.h>

#include "golden/peers.h"
#include "nets/emotion.h"
#include "nets/identity.h"
#include "nets/lse.h"
#include "nets/voice.h"

static AvalignModels *models;

static int set_up(void **state)
{
    (void)state;
    AvalignErrorInfo e = { 0 };
    const char *dir = getenv("AVALIGN_PEERS");
    if (!dir || avalign_models_load(&models, dir, NULL, &e)) {
        print_error("AVALIGN_PEERS: %s\n", dir ? e.message : "not set");
        return -1;
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    avalign_models_free(&models);
    return 0;
}

static void picture(int t, int side, uint8_t *out)
{
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++)
            for (int c = 0; c < 3; c++)
                *out++ = (uint8_t)((x * 3 + y * 5 + c * 70 + t * 11 + x * y / 37 + t * t * x / 53) % 256);
}

static float sound(int i)
{
    return (float)(rint((.3 * sin(i * .05 + 40 * sin(i * 1e-4)) + .2 * sin(i * .31) * sin(i * 7e-4)) * 32768) / 32768);
}

static void near(const float *got, const float *want, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_float_equal(got[i], want[i], 1e-4 * fmax(1, fabs(want[i])));
}

static void parity(void **state)
{
    (void)state;
    enum { N = GOLDEN_T - 4, SAMPLES = GOLDEN_T * 640 + 400 };
    AvalignErrorInfo e = { 0 };
    AvaLseNets *nets;
    AvaLse r;
    assert_int_equal(ava_lse_open(&nets, models, &e), 0);
    float *face = malloc(N * AVA_LSE_DIM * sizeof *face), *expert = malloc(N * AVA_EXPERT_DIM * sizeof *expert);
    float *pcm = malloc(SAMPLES * sizeof *pcm);
    static uint8_t big[GOLDEN_T][AVA_LSE_SIDE * AVA_LSE_SIDE * 3], small[GOLDEN_T][AVA_EXPERT_SIDE * AVA_EXPERT_SIDE * 3];
    for (int t = 0; t < GOLDEN_T; t++) {
        picture(t, AVA_LSE_SIDE, big[t]);
        picture(t, AVA_EXPERT_SIDE, small[t]);
    }
    for (int i = 0; i < SAMPLES; i++)
        pcm[i] = sound(i);
    for (int i = 0; i < N; i++) {
        const uint8_t *a[5], *b[5];
        for (int k = 0; k < 5; k++) {
            a[k] = big[i + k];
            b[k] = small[i + k];
        }
        assert_int_equal(ava_lse_face(nets, a, face + i * AVA_LSE_DIM, &e), 0);
        assert_int_equal(ava_lse_expert_face(nets, b, expert + i * AVA_EXPERT_DIM, &e), 0);
    }
    near(face + 3 * AVA_LSE_DIM, golden_lip, 16);
    near(expert + 3 * AVA_EXPERT_DIM, golden_expert, 16);
    assert_int_equal(ava_lse_measure(nets, face, expert, N, pcm, SAMPLES, &r, &e), 0);
    assert_null(r.reason);
    assert_null(r.expert_reason);
    assert_int_equal(r.windows, GOLDEN_WINDOWS);
    assert_int_equal(r.offset_frames, GOLDEN_OFFSET);
    assert_float_equal(r.distance, golden_distance, 1e-4 * golden_distance);
    assert_float_equal(r.confidence, golden_confidence, 1e-4 * golden_distance);
    assert_float_equal(r.expert, golden_cosine, 1e-4);
    assert_float_equal(r.expert_best, golden_best_cosine, 1e-4);
    assert_int_equal(r.expert_offset_frames, GOLDEN_EXPERT_OFFSET);
    assert_int_equal(ava_lse_measure(nets, face, expert, 1, pcm, SAMPLES, &r, &e), 0);
    assert_string_equal(r.reason, "too-short");
    free(face);
    free(expert);
    free(pcm);
    ava_lse_close(&nets);
}

static int take(void *cookie, const AvaVoiceVec *v, size_t n)
{
    assert_int_equal(n, 1);
    memcpy(cookie, v, sizeof *v);
    return 0;
}

static void ecapa_with_its_front_end(void **state)
{
    (void)state;
    AvalignErrorInfo e = { 0 };
    AvaVoice *v;
    AvaVoiceVec got = { 0 };
    float voiced[60], frame[AVA_VOICE_WIN];
    assert_int_equal(ava_voice_open(&v, models, take, &got, &e), 0);
    for (int j = 0; j < 160; j++) {
        for (int i = 0; i < AVA_VOICE_WIN; i++)
            frame[i] = sound(j * AVA_VOICE_HOP + i);
        assert_int_equal(ava_voice_push(v, frame, &e), 0);
    }
    for (int i = 0; i < 60; i++)
        voiced[i] = 1;
    assert_int_equal(ava_voice_settle(v, voiced, 60, 1, &e), 0);
    near(got.v, golden_ecapa, 24);
    for (int d = 192; d < AVA_VOICE_DIM; d++)
        assert_float_equal(got.v[d], 0, 0);
    ava_voice_close(&v);
}

static void wav2vec2(void **state)
{
    (void)state;
    enum { N = 48000 };
    AvalignErrorInfo e = { 0 };
    AvaEmotionNet *n;
    float *x = malloc(N * sizeof *x), p[AVA_N_EMOTIONS];
    for (int i = 0; i < N; i++)
        x[i] = sound(i);
    assert_int_equal(ava_emotion_open(&n, models, "voice-emotion", &e), 0);
    assert_true(ava_emotion_wants_sound(n));
    assert_int_equal(ava_emotion_voice(n, x, N, p, &e), 0);
    const float *g = golden_wav2vec2, rest = 1 - g[1]; /* angry, calm, happy, sad, neutral; calm is none of ours */
    assert_float_equal(p[AVA_ANGER], g[0] / rest, 1e-3);
    assert_float_equal(p[AVA_HAPPINESS], g[2] / rest, 1e-3);
    assert_float_equal(p[AVA_SADNESS], g[3] / rest, 1e-3);
    assert_float_equal(p[AVA_NEUTRAL], g[4] / rest, 1e-3);
    assert_float_equal(p[AVA_FEAR], 0, 0);
    ava_emotion_close(&n);
    free(x);
}

static void iresnet(void **state)
{
    (void)state;
    AvalignErrorInfo e = { 0 };
    AvaIdentity *n;
    AvaFaceVec got;
    static uint8_t face[112 * 112 * 3], portrait[AVALIGN_PORTRAIT_SIDE * AVALIGN_PORTRAIT_SIDE * 3];
    picture(3, 112, face);
    assert_int_equal(ava_identity_open(&n, models, &e), 0);
    assert_int_equal(ava_identity_run(n, face, portrait, &got, &e), 0);
    near(got.v, golden_iresnet, 24);
    ava_identity_close(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(parity), cmocka_unit_test(ecapa_with_its_front_end),
                                         cmocka_unit_test(iresnet), cmocka_unit_test(wav2vec2) };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
