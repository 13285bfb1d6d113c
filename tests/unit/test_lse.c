/* SyncNet's and Wav2Lip's measures against PyTorch, on random weights in their architectures
 * (tests/golden/peers.py). Needs a model directory with them: tests/cli/lse.sh makes one. */
#include "test.h"

#include <math.h>
#include <stdlib.h>

#include "golden/peers.h"
#include "role/lse.h"

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
        pcm[i] = (float)(rint((.3 * sin(i * .05 + 40 * sin(i * 1e-4)) + .2 * sin(i * .31) * sin(i * 7e-4)) * 32768) / 32768);
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
    assert_int_equal(ava_lse_judge(nets, face, expert, N, pcm, SAMPLES, &r, &e), 0);
    assert_null(r.reason);
    assert_null(r.expert_reason);
    assert_int_equal(r.windows, GOLDEN_WINDOWS);
    assert_int_equal(r.offset_frames, GOLDEN_OFFSET);
    assert_float_equal(r.distance, golden_distance, 1e-4 * golden_distance);
    assert_float_equal(r.confidence, golden_confidence, 1e-4 * golden_distance);
    assert_float_equal(r.expert, golden_cosine, 1e-4);
    assert_float_equal(r.expert_best, golden_best_cosine, 1e-4);
    assert_int_equal(r.expert_offset_frames, GOLDEN_EXPERT_OFFSET);
    assert_int_equal(ava_lse_judge(nets, face, expert, 1, pcm, SAMPLES, &r, &e), 0);
    assert_string_equal(r.reason, "too-short");
    free(face);
    free(expert);
    free(pcm);
    ava_lse_close(&nets);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(parity) };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
