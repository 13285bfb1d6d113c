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
    static float loud[1600]; /* held between -4 and 4 */
    for (int i = 0; i < 1600; i++)
        loud[i] = (float)(3e3 * sin(i * .9));
    assert_int_equal(ava_mel_wav2lip(loud, 1600, mel, (size_t)frames * 80), 9);
    float top = -9;
    for (int i = 0; i < 9 * 80; i++)
        top = fmaxf(top, mel[i]);
    assert_true(top == 4);
    memset(loud, 0, sizeof loud);
    assert_int_equal(ava_mel_wav2lip(loud, 1600, mel, (size_t)frames * 80), 9);
    assert_true(mel[0] == -4 && mel[9 * 80 - 1] == -4);
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

/* ---- by their definitions -------------------------------------------------------------------- */

static double mel_of(double hz) { return 2595 * log10(1 + hz / 700); }
static double hz_of(double mel) { return 700 * (pow(10, mel / 2595) - 1); }

/* Power of a windowed stretch at bin k of an FFT of so many points, summed up one by one. */
static double power_at(const float *pcm, int n, int points, int k, double mid)
{
    double re = 0, im = 0;
    for (int i = 0; i < n; i++) {
        double v = (double)pcm[i] * (mid - (1 - mid) * cos(2 * M_PI * i / n));
        re += v * cos(2 * M_PI * k * i / points);
        im += v * sin(2 * M_PI * k * i / points);
    }
    return re * re + im * im;
}

/* Our own: triangles between 41 points on the mel scale from 60 to 7600 Hz. */
static void log_mel_by_definition(void **state)
{
    (void)state;
    float out[AVA_LOGMEL_BANDS];
    assert_int_equal(avalign_log_mel(x + 9000, AVA_LOGMEL_WIN, out, AVA_LOGMEL_BANDS), 1);
    for (int b = 0; b < AVA_LOGMEL_BANDS; b++) {
        double f[3], sum = 0;
        for (int k = 0; k < 3; k++)
            f[k] = hz_of(mel_of(60) + (mel_of(7600) - mel_of(60)) * (b + k) / (AVA_LOGMEL_BANDS + 1));
        for (int k = 0; k <= AVA_LOGMEL_FFT / 2; k++) {
            double hz = k * 16000. / AVA_LOGMEL_FFT, w = hz < f[1] ? (hz - f[0]) / (f[1] - f[0]) : (f[2] - hz) / (f[2] - f[1]);
            sum += fmax(0, w) * power_at(x + 9000, AVA_LOGMEL_WIN, AVA_LOGMEL_FFT, k, .5);
        }
        assert_float_equal(out[b], log(sum + 1e-6), 1e-3);
    }
    float none[AVA_LOGMEL_WIN] = { 0 };
    assert_int_equal(avalign_log_mel(none, AVA_LOGMEL_WIN, out, AVA_LOGMEL_BANDS), 1);
    assert_float_equal(out[17], log(1e-6), 1e-5);
}

/* SpeechBrain's: 80 triangles from 0 to 8 kHz whose upper side is as steep as the lower one; Hamming window, no padding. */
static void speechbrain_mel(void **state)
{
    (void)state;
    enum { BANDS = 80 };
    float out[BANDS];
    AvaVoiceMel *m = ava_voice_mel_new(AVA_MEL_SPEECHBRAIN);
    assert_int_equal(ava_voice_mel_bands(m), BANDS);
    ava_voice_mel_frame(m, x + 9000, out);
    for (int b = 0; b < BANDS; b++) {
        double low = hz_of(mel_of(8000) * b / (BANDS + 1)), mid = hz_of(mel_of(8000) * (b + 1) / (BANDS + 1)), sum = 0;
        for (int k = 0; k <= 200; k++)
            sum += fmax(0, 1 - fabs(k * 40 - mid) / (mid - low)) * power_at(x + 9000, 400, 400, k, .54);
        assert_float_equal(out[b], sum, 1e-4 * sum + 1e-7);
    }
    ava_voice_mel_free(m);
}

/* ---- what is asked for, and what is refused -------------------------------------------------- */

static void frames_and_refusals_psf(void **state)
{
    (void)state;
    static const struct { size_t n; int rate, frames; } like[] = { { 0, 16000, 1 },   { 400, 16000, 1 }, { 401, 16000, 2 }, { 560, 16000, 2 },
                                                                   { 561, 16000, 3 }, { 276, 11025, 1 }, { 277, 11025, 2 }, { 387, 11025, 3 } };
    float out[4 * 13];
    for (size_t i = 0; i < sizeof like / sizeof *like; i++) {
        assert_int_equal(avalign_mfcc_psf(x, like[i].n, like[i].rate, NULL, 0), like[i].frames);
        assert_int_equal(avalign_mfcc_psf(x, like[i].n, like[i].rate, out, 13 * (size_t)like[i].frames), like[i].frames);
        assert_int_equal(avalign_mfcc_psf(x, like[i].n, like[i].rate, out, 13 * (size_t)like[i].frames - 1), AVALIGN_ERR_ARG);
    }
    assert_int_equal(avalign_mfcc_psf(x, 20, 999, NULL, 0), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_mfcc_psf(x, 20, 192001, NULL, 0), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_mfcc_psf(x, 20, 1000, NULL, 0), 1);
    assert_int_equal(avalign_mfcc_psf(x, 20, 192000, NULL, 0), 1);
    assert_int_equal(avalign_mfcc_psf(NULL, 0, 16000, out, 13), 1); /* silence: the least that there is, and no shape */
    for (int c = 0; c < 13; c++)
        assert_float_equal(out[c], c ? 0 : log(2.220446049250313e-16), 1e-4);
}

static void frames_and_refusals_librosa(void **state)
{
    (void)state;
    static float out[128 * 512], loud[2048 + 4 * 512];
    for (size_t n = 511; n <= 512; n++) {
        assert_int_equal(avalign_mel_librosa(x, n, SR, 40, NULL, 0), n - 510);
        assert_int_equal(avalign_mel_librosa(x, n, SR, 40, out, 40 * (n - 510)), n - 510);
        assert_int_equal(avalign_mel_librosa(x, n, SR, 40, out, 40 * (n - 510) - 1), AVALIGN_ERR_ARG);
        assert_int_equal(avalign_mfcc_librosa(x, n, SR, 20, NULL, 0), n - 510);
        assert_int_equal(avalign_mfcc_librosa(x, n, SR, 20, out, 20 * (n - 510)), n - 510);
        assert_int_equal(avalign_mfcc_librosa(x, n, SR, 20, out, 20 * (n - 510) - 1), AVALIGN_ERR_ARG);
        assert_int_equal(avalign_spectral_contrast(x, n, SR, NULL, 0), n - 510);
        assert_int_equal(avalign_spectral_contrast(x, n, SR, out, 7 * (n - 510)), n - 510);
        assert_int_equal(avalign_spectral_contrast(x, n, SR, out, 7 * (n - 510) - 1), AVALIGN_ERR_ARG);
    }
    assert_int_equal(avalign_mel_librosa(x, 9, SR, 0, NULL, 0), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_mel_librosa(x, 9, SR, 1, NULL, 0), 1);
    assert_int_equal(avalign_mel_librosa(x, 9, SR, 512, NULL, 0), 1);
    assert_int_equal(avalign_mel_librosa(x, 9, SR, 513, NULL, 0), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_mel_librosa(x, 9, 999, 40, NULL, 0), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_mel_librosa(x, 9, 1000, 40, NULL, 0), 1);
    assert_int_equal(avalign_mel_librosa(NULL, 9, SR, 40, NULL, 0), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_mfcc_librosa(x, 9, SR, 0, NULL, 0), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_mfcc_librosa(x, 9, SR, 1, NULL, 0), 1);
    assert_int_equal(avalign_mfcc_librosa(x, 9, SR, 128, NULL, 0), 1);
    assert_int_equal(avalign_mfcc_librosa(x, 9, SR, 129, NULL, 0), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_mfcc_librosa(NULL, 9, SR, 13, NULL, 0), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_spectral_contrast(x, 9, 12800, NULL, 0), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_spectral_contrast(x, 9, 12801, NULL, 0), 1);
    assert_int_equal(avalign_spectral_contrast(NULL, 9, SR, NULL, 0), AVALIGN_ERR_ARG);
    /* silence: -100 dB in each band, so 128 * -100 * sqrt(1 / 128) and nothing more; peaks and valleys alike */
    assert_int_equal(avalign_mfcc_librosa(NULL, 0, SR, 13, out, 13), 1);
    for (int c = 0; c < 13; c++)
        assert_float_equal(out[c], c ? 0 : -100 * sqrt(128), 1e-2);
    assert_int_equal(avalign_spectral_contrast(NULL, 0, SR, out, 7), 1);
    for (int b = 0; b < 7; b++)
        assert_float_equal(out[b], 0, 1e-6);
    /* a loud start: what is silent lies 80 dB under its loudest band */
    memcpy(loud, x + 9000, 2048 * sizeof *loud);
    assert_int_equal(avalign_mel_librosa(loud, 2048 + 4 * 512, SR, 128, out, 128 * 512), 9);
    double top = 0;
    for (int i = 0; i < 9 * 128; i++)
        top = fmax(top, (double)out[i]);
    assert_int_equal(avalign_mfcc_librosa(loud, 2048 + 4 * 512, SR, 13, out, 13 * 9), 9);
    assert_float_equal(out[8 * 13], (10 * log10(top) - 80) * sqrt(128), 1e-2);
    assert_float_equal(out[8 * 13 + 1], 0, 1e-3);
}

static void frames_and_refusals_log_mel(void **state)
{
    (void)state;
    float out[80];
    assert_int_equal(avalign_log_mel(x, 400, NULL, 0), 1);
    assert_int_equal(avalign_log_mel(x, 559, NULL, 0), 1);
    assert_int_equal(avalign_log_mel(x, 560, out, 80), 2);
    assert_int_equal(avalign_log_mel(x, 560, out, 79), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_log_mel(NULL, 560, out, 80), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_log_mel(NULL, 0, out, 80), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(psf), cmocka_unit_test(librosa), cmocka_unit_test(voice_mel), cmocka_unit_test(kaldi_mel), cmocka_unit_test(wav2lip_mel),
        cmocka_unit_test(log_mel), cmocka_unit_test(log_mel_by_definition), cmocka_unit_test(speechbrain_mel),
        cmocka_unit_test(frames_and_refusals_psf), cmocka_unit_test(frames_and_refusals_librosa), cmocka_unit_test(frames_and_refusals_log_mel),
    };
    return cmocka_run_group_tests(tests, make_signal, NULL);
}
