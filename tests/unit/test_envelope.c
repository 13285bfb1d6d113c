/* The envelope method on signals whose offset is known to the millisecond. */
#include "test.h"

#include <math.h>
#include <stdio.h>

#include "avalign/avalign.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(finds_known_offsets), cmocka_unit_test(noise_has_no_confidence),
                                        cmocka_unit_test(holes_and_rubbish_are_survived) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
