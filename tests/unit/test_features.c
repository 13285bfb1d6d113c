/* Features against the reference implementations: max error 1e-4 of the range. */
#include "test.h"

#include <math.h>
#include <stdio.h>

#include "avalign/avalign.h"
#include "dsp/features.h"
#include "golden/features.h"
#include "golden/wav2lip_mel.h"

enum { N = 24000, SR = 16000 };
static float x[N], scaled[N];

/* The signal of tests/golden/make.py. */
static int make_signal(void **state)
{
    (void)state;
    uint64_t s = 12345;
    const double pi = 3.14159265358979323846;
    for (int i = 0; i < N; i++) {
        double t = (double)i / SR;
        s = (1103515245 * s + 12345) % 2147483648u;
        double v = .4 * sin(2 * pi * (200 * t + 400 * t * t)) + .2 * sin(2 * pi * 1500 * t + 3 * sin(2 * pi * 5 * t));
        v = (v * (t > .2) + .02 * ((double)s / 1073741824 - 1)) * 8000;
        x[i] = (float)v / 8000;
        scaled[i] = x[i] * 32768;
    }
    return 0;
}

static void compare(const char *what, const float *gold, int rows, int cols, const float *got, int64_t frames, int every)
{
    float lo = INFINITY, hi = -INFINITY, worst = 0;
    assert_true((rows - 1) * every < frames);
    for (int i = 0; i < rows * cols; i++) {
        lo = fminf(lo, gold[i]);
        hi = fmaxf(hi, gold[i]);
    }
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < cols; c++)
            worst = fmaxf(worst, fabsf(gold[r * cols + c] - got[r * every * cols + c]));
    print_message("%s: worst error %.2g of the range\n", what, worst / (hi - lo));
    assert_true(worst <= 1e-4f * (hi - lo));
}

static void psf(void **state)
{
    (void)state;
    float out[200 * 13];
    int64_t n = avalign_mfcc_psf(scaled, N, SR, NULL, 0);
    assert_int_equal(n, 149);
    assert_int_equal(avalign_mfcc_psf(scaled, N, SR, out, 200 * 13), n);
    compare("python_speech_features MFCC 13", GOLD_PSF, GOLD_PSF_ROWS, GOLD_PSF_COLS, out, n, 10);
    assert_int_equal(avalign_mfcc_psf(scaled, N, SR, out, 10), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_mfcc_psf(NULL, 4, SR, out, 200 * 13), AVALIGN_ERR_ARG);
}

static void librosa(void **state)
{
    (void)state;
    float *out = malloc(60 * 128 * sizeof *out);
    int64_t n = avalign_mel_librosa(x, N, SR, 128, out, 60 * 128);
    assert_int_equal(n, 47);
    compare("librosa mel 128", GOLD_MEL, GOLD_MEL_ROWS, GOLD_MEL_COLS, out, n, 12);
    n = avalign_mfcc_librosa(x, N, SR, 13, out, 60 * 128);
    compare("librosa MFCC 13", GOLD_MFCC13, GOLD_MFCC13_ROWS, GOLD_MFCC13_COLS, out, n, 4);
    n = avalign_mfcc_librosa(x, N, SR, 20, out, 60 * 128);
    compare("librosa MFCC 20", GOLD_MFCC20, GOLD_MFCC20_ROWS, GOLD_MFCC20_COLS, out, n, 4);
    n = avalign_spectral_contrast(x, N, SR, out, 60 * 128);
    compare("librosa spectral contrast", GOLD_CONTRAST, GOLD_CONTRAST_ROWS, GOLD_CONTRAST_COLS, out, n, 2);
    assert_int_equal(avalign_spectral_contrast(x, N, 8000, out, 60 * 128), AVALIGN_ERR_ARG);
    free(out);
}

static void voice_mel(void **state)
{
    (void)state;
    enum { BANDS = 40, FRAMES = (N - 400) / 160 + 1 };
    struct { AvaVoiceMelKind kind; const char *what; const float *gold; int rows; } const kinds[] = {
        { AVA_MEL_GE2E, "GE2E's mel", GOLD_GE2E, GOLD_GE2E_ROWS }, { AVA_MEL_DVECTOR, "the d-vector net's mel", GOLD_DVECTOR, GOLD_DVECTOR_ROWS }
    };
    static float out[FRAMES * BANDS];
    for (size_t k = 0; k < 2; k++) {
        AvaVoiceMel *m = ava_voice_mel_new(kinds[k].kind);
        assert_int_equal(ava_voice_mel_bands(m), BANDS);
        for (int i = 0; i < FRAMES; i++)
            ava_voice_mel_frame(m, x + 160 * i, out + BANDS * i);
        compare(kinds[k].what, kinds[k].gold, kinds[k].rows, BANDS, out, FRAMES, 16);
        ava_voice_mel_free(m);
    }
}

static void wav2lip_mel(void **state)
{
    (void)state;
    int64_t frames = ava_mel_wav2lip(x, N, NULL, 0);
    float *mel = malloc((size_t)frames * 80 * sizeof *mel);
    assert_int_equal(frames, N / 200 + 1);
    assert_int_equal(ava_mel_wav2lip(x, N, mel, (size_t)frames * 80), frames);
    compare("Wav2Lip's mel", GOLD_W2L, GOLD_W2L_ROWS, GOLD_W2L_COLS, mel, frames, 15);
    assert_int_equal(ava_mel_wav2lip(x, N, mel, (size_t)frames * 80 - 1), AVALIGN_ERR_ARG);
    assert_int_equal(ava_mel_wav2lip(x, 400, mel, (size_t)frames * 80), AVALIGN_ERR_ARG); /* too short to mirror */
    assert_int_equal(ava_mel_wav2lip(x, 401, mel, (size_t)frames * 80), 3);
    free(mel);
}

static void kaldi_mel(void **state)
{
    (void)state;
    enum { BANDS = 80, FRAMES = (N - 400) / 160 + 1 };
    static float out[FRAMES * BANDS];
    AvaVoiceMel *m = ava_voice_mel_new(AVA_MEL_KALDI);
    assert_int_equal(ava_voice_mel_bands(m), BANDS);
    for (int i = 0; i < FRAMES; i++)
        ava_voice_mel_frame(m, x + 160 * i, out + BANDS * i);
    for (int i = 0; i < FRAMES * BANDS; i++)
        out[i] = logf(out[i] * 32768 * 32768);
    compare("Kaldi's filter bank", GOLD_KALDI, GOLD_KALDI_ROWS, BANDS, out, FRAMES, 16);
    ava_voice_mel_free(m);
}

static void log_mel(void **state)
{
    (void)state;
    float out[200 * 40];
    assert_int_equal(avalign_log_mel(x, 399, NULL, 0), 0);
    int64_t n = avalign_log_mel(x, N, out, 200 * 40);
    assert_int_equal(n, 148);
    /* the glide at t = 1 s is at 1000 Hz: 13.8 of the 41 mel steps above 60 Hz, so band 13 */
    const float *row = out + 99 * 40;
    int best = 0;
    for (int b = 1; b < 40; b++)
        best = row[b] > row[best] ? b : best;
    assert_int_equal(best, 13);
    /* digital silence sits on the floor */
    float zero[400] = { 0 };
    avalign_log_mel(zero, 400, out, 40);
    for (int b = 0; b < 40; b++)
        assert_true(fabsf(out[b] - logf(1e-6f)) < 1e-4f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(psf), cmocka_unit_test(librosa), cmocka_unit_test(voice_mel), cmocka_unit_test(kaldi_mel), cmocka_unit_test(wav2lip_mel), cmocka_unit_test(log_mel) };
    return cmocka_run_group_tests(tests, make_signal, NULL);
}
