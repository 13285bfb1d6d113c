/* The envelope method on signals whose offset is known to the millisecond, and its arithmetic against NumPy. */
#include "test.h"

#include <math.h>
#include <stdio.h>

#include "analyze/sync/envelope.h"
#include "analyze/sync/sync_curve.h"
#include "golden/sync.h"

enum { SECONDS = 12, RATE = 16000, FPS = 25, FRAMES = SECONDS * FPS, N = SECONDS * RATE };
static float pcm[N], mouth[FRAMES];

/* Syllables of uneven length and height: log-loudness at time t (s). */
static double level(double t)
{
    return 1.3 * sin(2 * 3.14159265 * 2.9 * t) + sin(2 * 3.14159265 * 4.3 * t + 1) + .8 * sin(2 * 3.14159265 * 1.7 * t + 2);
}

/* Noise whose loudness follows level(t), and a mouth that follows it offset_ms later. */
static void make(double offset_ms)
{
    uint32_t s = 1;
    for (int i = 0; i < N; i++) {
        s = s * 1664525 + 1013904223;
        pcm[i] = (float)(.05 * exp(.8 * level((double)i / RATE)) * ((double)s / 2147483648.0 - 1));
    }
    for (int i = 0; i < FRAMES; i++)
        mouth[i] = (float)(.2 + .05 * level((double)i / FPS - offset_ms / 1000));
}

static void finds_known_offsets(void **state)
{
    (void)state;
    static const double offsets[] = { 0, 120, -120, 7, 13, -33, 440, -605, 800, -800 };
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        AvalignOffset o;
        make(offsets[i]);
        assert_int_equal(avalign_detect_av_offset(mouth, FRAMES, FPS, pcm, N, RATE, NULL, 0, 0, &o, NULL), 0);
        assert_null(o.reason);
        print_message("%+.0f ms: found %+.1f, confidence %.3f\n", offsets[i], o.offset_ms, o.confidence);
        assert_true(fabs(o.offset_ms - offsets[i]) < 6); /* positive: the sound comes first */
        assert_true(o.confidence > .8);
    }
}

static void noise_has_no_confidence(void **state)
{
    (void)state;
    uint32_t s = 7;
    AvalignOffset o;
    make(0);
    int sure = 0;
    for (int k = 0; k < 20; k++) {
        float v = 0;
        for (int i = 0; i < FRAMES; i++) {
            s = s * 1664525 + 1013904223;
            v = .7f * v + (float)((double)s / 2147483648.0 - 1);
            mouth[i] = v;
        }
        avalign_detect_av_offset(mouth, FRAMES, FPS, pcm, N, RATE, NULL, 0, 0, &o, NULL);
        sure += !o.reason && o.confidence > .5;
    }
    assert_true(sure <= 2);
}

static void holes_and_rubbish_are_survived(void **state)
{
    (void)state;
    AvalignOffset o;
    make(80);
    for (int i = 100; i < 140; i++)
        mouth[i] = NAN;
    pcm[5000] = NAN;
    pcm[5001] = INFINITY;
    assert_int_equal(avalign_detect_av_offset(mouth, FRAMES, FPS, pcm, N, RATE, NULL, 0, 0, &o, NULL), 0);
    assert_true(!o.reason && fabs(o.offset_ms - 80) < 8);
    for (int i = 0; i < FRAMES; i++)
        mouth[i] = NAN;
    avalign_detect_av_offset(mouth, FRAMES, FPS, pcm, N, RATE, NULL, 0, 0, &o, NULL);
    assert_string_equal(o.reason, "no-face");
    make(0);
    memset(pcm, 0, sizeof pcm);
    avalign_detect_av_offset(mouth, FRAMES, FPS, pcm, N, RATE, NULL, 0, 0, &o, NULL);
    assert_string_equal(o.reason, "no-speech");
    avalign_detect_av_offset(mouth, 5, FPS, pcm, 1000, RATE, NULL, 0, 0, &o, NULL);
    assert_string_equal(o.reason, "too-short");
    assert_int_equal(avalign_detect_av_offset(mouth, FRAMES, 0, pcm, N, RATE, NULL, 0, 0, &o, NULL), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_detect_av_offset(NULL, FRAMES, FPS, pcm, N, RATE, NULL, 0, 0, &o, NULL), AVALIGN_ERR_ARG);
}

static double draw(uint32_t *s)
{
    *s = *s * 1664525 + 1013904223;
    return (double)*s / 2147483648.0 - 1;
}

/* The signals of tests/golden/sync.py: two series that begin elsewhere, with a hole, and stretches that do not count. */
static void as_numpy_has_it(void **state)
{
    (void)state;
    enum { MOUTH_T0 = 130000, ENERGY_T0 = 12500, SEEN = 200, HEARD = 700 };
    static float seen[SEEN], heard[HEARD], weight[HEARD];
    static AvaLagCurve c;
    AvalignOffset o;
    uint32_t a = 5, b = 9;
    for (int i = 0; i < SEEN; i++)
        seen[i] = (float)(.3 + .05 * level(i * .04 + MOUTH_T0 / 1e6 - .09) + .06 * draw(&a));
    for (int i = 60; i < 75; i++)
        seen[i] = NAN;
    for (int i = 0; i < HEARD; i++) {
        heard[i] = (float)(2 + .8 * level(i * .01 + ENERGY_T0 / 1e6) + .9 * draw(&b));
        weight[i] = i / 90 % 3 != 2;
    }
    assert_int_equal(ava_envelope_add(&c, seen, SEEN, 40000, MOUTH_T0, heard, weight, HEARD, ENERGY_T0), 0);
    for (int k = 0; k < 5; k++)
        assert_float_equal(c.xy[50 * k] / sqrt(c.xx[50 * k] * c.yy[50 * k]), GOLD_CORRELATION[k], 1e-4);
    static AvaLagCurve soft;
    AvalignOffset s;
    for (int i = 0; i < HEARD; i++)
        heard[i] *= 1e-3f; /* a correlation does not ask how large its sides are */
    assert_int_equal(ava_envelope_add(&soft, seen, SEEN, 40000, MOUTH_T0, heard, weight, HEARD, ENERGY_T0), 0);
    ava_envelope_peak(&soft, &s);
    assert_float_equal(s.correlation, GOLD_ENVELOPE[1], 1e-4);
    ava_envelope_peak(&c, &o);
    const double got[6] = { o.offset_ms, o.correlation, o.prominence, o.lead, o.used_s, o.confidence };
    for (int k = 0; k < 6; k++) {
        print_message("%.6f, %.6f\n", got[k], GOLD_ENVELOPE[k]);
        assert_float_equal(got[k], GOLD_ENVELOPE[k], 2e-4 * fmax(1, fabs(GOLD_ENVELOPE[k])));
    }
}

/* Frames of 32 ms onto steps of 10 ms: speech eight frames (a quarter of a second) around what is heard, and .5 is none. */
static void speech_is_widened(void **state)
{
    (void)state;
    float voiced[100] = { 0 }, weight[300];
    voiced[50] = .6f;
    voiced[90] = .5f;
    ava_voiced_weight(voiced, 100, 32000, 12500, weight, 300);
    for (int j = 0; j < 300; j++) /* from the middle of frame 42, 1360 ms, to that of frame 59, 1904 ms */
        assert_true(weight[j] == (j * 10 + 12.5 >= 1360 && j * 10 + 12.5 < 1904));
    voiced[50] = 0, voiced[0] = voiced[99] = 1;
    ava_voiced_weight(voiced, 100, 32000, 12500, weight, 300);
    for (int j = 0; j < 300; j++)
        assert_true(weight[j] == (j * 10 + 12.5 < 304 || j * 10 + 12.5 >= 2928));
}

/* Correlations of -.1, 0 and .1 in turns, so a median of 0 and deviations of .1 (1.4826 * .1), and a peak of .5. */
static void a_curve(AvaLagCurve *c, int peak)
{
    memset(c, 0, sizeof *c);
    for (int l = 0; l < AVA_ENV_LAGS; l++) {
        c->xx[l] = 4, c->yy[l] = 1;
        c->xy[l] = 2 * (l % 3 - 1) * .1;
    }
    c->xy[peak] = 2 * .5;
    c->voiced_s = 3;
}

static void the_envelopes_peak_by_hand(void **state)
{
    (void)state;
    static AvaLagCurve c;
    AvalignOffset o;
    a_curve(&c, 120);
    c.xy[119] = 2 * .2, c.xy[121] = 2 * .3, c.xy[135] = 2 * .4, c.xy[136] = 2 * .25;
    ava_envelope_peak(&c, &o);
    assert_null(o.reason);
    assert_float_equal(o.offset_ms, 201, 1e-6); /* (.2 - .3) / (.2 - 1 + .3) / 2 = .1 of a step further */
    assert_float_equal(o.correlation, .5, 1e-6);
    assert_float_equal(o.prominence, .5 / .14826, 1e-5);
    assert_float_equal(o.lead, .25, 1e-6); /* 15 steps away it is the same peak, 16 is a rival */
    assert_float_equal(o.used_s, 3, 1e-6);
    assert_float_equal(o.confidence, 1 / (1 + exp(7.26 - .45 * .5 / .14826 - 4.62 * .25 - 1.76 * log(3) - 4.56 * .5)), 1e-6);
    a_curve(&c, 0); /* at an end there is no parabola */
    ava_envelope_peak(&c, &o);
    assert_float_equal(o.offset_ms, -1000, 1e-6);
    a_curve(&c, AVA_ENV_LAGS - 1);
    ava_envelope_peak(&c, &o);
    assert_float_equal(o.offset_ms, 1000, 1e-6);
    for (int side = -1; side <= 1; side += 2) { /* nor where a neighbour is not known */
        a_curve(&c, 120);
        c.xx[120 + side] = 0;
        ava_envelope_peak(&c, &o);
        assert_float_equal(o.offset_ms, 200, 1e-6);
        a_curve(&c, 120);
        c.yy[120 + side] = 0;
        ava_envelope_peak(&c, &o);
        assert_float_equal(o.offset_ms, 200, 1e-6);
    }
    a_curve(&c, 120);
    c.voiced_s = .79;
    ava_envelope_peak(&c, &o);
    assert_string_equal(o.reason, "too-short");
    for (int known = 99; known <= 100; known++) { /* half of all lags */
        a_curve(&c, 120);
        c.voiced_s = .8;
        for (int l = 0; l < AVA_ENV_LAGS - known; l++)
            c.xx[l] = 0;
        ava_envelope_peak(&c, &o);
        assert_true(!o.reason == (known == 100));
    }
}

static int64_t detect(size_t frames, double fps, size_t n, int rate, AvalignOffset *o)
{
    return avalign_detect_av_offset(mouth, frames, fps, pcm, n, rate, NULL, 0, 0, o, NULL);
}

static void what_a_call_must_bring(void **state)
{
    (void)state;
    AvalignOffset o;
    float voiced[400];
    make(80);
    assert_int_equal(detect(FRAMES, .99, N, RATE, &o), AVALIGN_ERR_ARG);
    assert_int_equal(detect(FRAMES, 1, N, RATE, &o), 0);
    assert_int_equal(detect(FRAMES, 1000, N, RATE, &o), 0);
    assert_int_equal(detect(FRAMES, 1001, N, RATE, &o), AVALIGN_ERR_ARG);
    assert_int_equal(detect(FRAMES, FPS, N, 7999, &o), AVALIGN_ERR_ARG);
    assert_int_equal(detect(FRAMES, FPS, N, 8000, &o), 0);
    assert_int_equal(detect(FRAMES, FPS, N, 192000, &o), 0);
    assert_int_equal(detect(FRAMES, FPS, N, 192001, &o), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_detect_av_offset(mouth, FRAMES, FPS, NULL, N, RATE, NULL, 0, 0, &o, NULL), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_detect_av_offset(mouth, FRAMES, FPS, pcm, N, RATE, voiced, 400, 0, &o, NULL), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_detect_av_offset(mouth, FRAMES, FPS, pcm, N, RATE, NULL, 0, 0, NULL, NULL), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_detect_av_offset(NULL, 0, FPS, NULL, 0, RATE, NULL, 0, 0, &o, NULL), 0);
    assert_string_equal(o.reason, "too-short");
    /* speech in the first half alone: so much is used */
    for (int i = 0; i < 400; i++)
        voiced[i] = i < 200;
    assert_int_equal(avalign_detect_av_offset(mouth, FRAMES, FPS, pcm, N, RATE, voiced, 400, 100 / 3., &o, NULL), 0);
    assert_true(!o.reason && fabs(o.offset_ms - 80) < 8 && fabs(o.used_s - 6.25) < .2);
    /* .8 s of mouth are a face */
    for (int i = 0; i < FRAMES; i++)
        mouth[i] = i < 20 ? mouth[i] : NAN;
    assert_int_equal(detect(FRAMES, FPS, N, RATE, &o), 0);
    assert_string_equal(o.reason, "too-short");
    mouth[0] = NAN;
    assert_int_equal(detect(FRAMES, FPS, N, RATE, &o), 0);
    assert_string_equal(o.reason, "no-face");
}

/* Loudest 25 ms at exp(-18) of full power, or nobody speaks. */
static void all_but_silence(void **state)
{
    (void)state;
    AvalignOffset o;
    make(80);
    double top = 0;
    for (size_t j = 0; 400 + j * 160 <= N; j++) {
        double sum = 0, mean = 0;
        for (int i = 0; i < 400; i++)
            mean += (double)pcm[j * 160 + (size_t)i] / 400;
        for (int i = 0; i < 400; i++)
            sum += pow((double)pcm[j * 160 + (size_t)i] - mean, 2);
        top = fmax(top, sum / 400);
    }
    for (int loud = 0; loud < 2; loud++) {
        double to = exp(-18) * (loud ? 1.02 : .98) - 1e-9, by = sqrt(to / top); /* 1e-9 is added to it */
        for (int i = 0; i < N; i++)
            pcm[i] *= (float)by;
        top = to;
        assert_int_equal(detect(FRAMES, FPS, N, RATE, &o), 0);
        if (loud)
            assert_null(o.reason);
        else
            assert_string_equal(o.reason, "no-speech");
    }
    make(80);
    for (int i = 0; i < FRAMES; i++)
        mouth[i] = .3f; /* a mouth that stands still */
    assert_int_equal(detect(FRAMES, FPS, N, RATE, &o), 0);
    assert_true(o.reason || o.confidence < .5);
}

/* A weak peak where it is looked for beats a high one elsewhere, and lags with little behind them do not count. */
static void the_peak_of_a_curve(void **state)
{
    (void)state;
    static AvaSyncCurve c;
    AvaSyncPeak p;
    uint32_t r = 3;
    c.phase = .25;
    for (int l = 0; l < AVA_SYNC_LAGS; l++) {
        double s = .1 * draw(&r) + (l == 163 ? .16 : l == 162 ? .11 : l == 164 ? .13 : 0);
        s = l == 40 ? .5 : l == 295 ? .9 : l == 10 ? .8 : s;
        c.weight[l] = l < 20 ? 15 : l >= 290 ? 11 : 40 + l % 7;
        c.sum[l] = s * c.weight[l];
    }
    ava_sync_curve_peak(&c, 200, 300, &p);
    assert_null(p.reason);
    const double got[6] = { p.offset_ms, p.peak, p.z, p.lead, p.used_s, p.p_value };
    for (int k = 0; k < 6; k++) {
        print_message("%.6f, %.6f\n", got[k], GOLD_PEAK[k]);
        assert_float_equal(got[k], GOLD_PEAK[k], 1e-6 * fmax(1, fabs(GOLD_PEAK[k])));
    }
    assert_true(fabs(ava_sync_curve_at(&c, p.offset_ms) - p.peak) < 1e-12); /* the lag nearest to it */
    assert_true(isnan(ava_sync_curve_at(&c, 3100)) && isnan(ava_sync_curve_at(&c, -3100)));
    ava_sync_curve_peak(&c, 0, 3000, &p);
    assert_true(fabs(p.offset_ms - (40 - AVA_SYNC_REACH + .25) * AVA_SYNC_STEP_MS) < 10);
    for (int l = 0; l < AVA_SYNC_LAGS; l++)
        c.weight[l] = 11;
    ava_sync_curve_peak(&c, 0, 3000, &p);
    assert_string_equal(p.reason, "too-short");
    assert_true(p.p_value == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(finds_known_offsets), cmocka_unit_test(noise_has_no_confidence),
                                        cmocka_unit_test(holes_and_rubbish_are_survived), cmocka_unit_test(as_numpy_has_it),
                                        cmocka_unit_test(speech_is_widened), cmocka_unit_test(the_peak_of_a_curve),
                                        cmocka_unit_test(the_envelopes_peak_by_hand), cmocka_unit_test(what_a_call_must_bring),
                                        cmocka_unit_test(all_but_silence) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
