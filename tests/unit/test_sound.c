/* Measures on sound against NumPy and SciPy: pitch, pulses, mains hum, AAC's lines, levels and the end of the spectrum. */
#include "test.h"

#include <math.h>

#include "dsp/coder_lines.h"
#include "dsp/enf.h"
#include "dsp/native.h"
#include "dsp/pitch.h"
#include "dsp/pulses.h"
#include "golden/sound.h"

static const double PI = 3.14159265358979323846;

static double draw(uint32_t *s)
{
    *s = *s * 1664525 + 1013904223;
    return (double)*s / 2147483648.0 - 1;
}

static void pitch(void **state)
{
    (void)state;
    AvaPitch *p = ava_pitch_new();
    assert_non_null(p);
    for (size_t v = 0; v < sizeof GOLD_VOICES / sizeof *GOLD_VOICES; v++) {
        const double *g = GOLD_VOICES[v];
        float w[AVA_PITCH_WIN];
        uint32_t s = (uint32_t)g[0];
        for (int i = 0; i < AVA_PITCH_WIN; i++) {
            double x = .3 * sin(PI * g[0] * i / 16000);
            for (int k = 1; k < 6; k++)
                x += sin(2 * PI * g[0] * k * i / 16000 + k) / k;
            w[i] = (float)(g[1] * (x + g[2] * draw(&s)));
        }
        double hz = (double)ava_pitch_frame(p, w);
        print_message("%.1f Hz: %.2f, %.2f\n", g[0], hz, g[3]);
        assert_float_equal(hz, g[3], 2e-3 * g[3]);
    }
    ava_pitch_free(p);
}

static int seconds;
static int keep_second(void *cookie, const AvaPulses *second)
{
    const double *g = GOLD_PULSES[seconds++];
    (void)cookie;
    if (seconds > 2)
        return 7;
    for (int k = 0; k < AVA_PULSE_LAGS; k++)
        assert_float_equal((double)second->sum[k], g[k], 2e-5 * g[AVA_PULSE_LAGS]);
    assert_float_equal((double)second->weight, g[AVA_PULSE_LAGS], 2e-5 * g[AVA_PULSE_LAGS]);
    return 0;
}

static void pulses(void **state)
{
    (void)state;
    uint32_t s = 4;
    AvaPulseMeter *m = ava_pulse_meter_new(keep_second, NULL);
    assert_non_null(m);
    for (int i = 0; i < 40000; i++) {
        float x = (float)((i % 131 < 2 ? .5 : 0) + (i % 131 < 60 ? .2 * sin(2 * PI * 300 * i / 16000) : 0) + .02 * draw(&s));
        assert_int_equal(ava_pulse_meter_push(m, &x, 1), 0);
    }
    assert_int_equal(seconds, 2);
    assert_int_equal(ava_pulse_meter_flush(m), 7); /* what is left of a third, and the callback's word for it */
    assert_int_equal(ava_pulse_meter_flush(m), 0);
    assert_int_equal(seconds, 3);
    ava_pulse_meter_free(m);
}

static int blocks;
static int keep_block(void *cookie, const AvaEnf *b)
{
    (void)cookie;
    for (int k = 0; k < AVA_ENF_LINES; k++) {
        assert_float_equal((double)b->re[k], GOLD_HUM[0][k], 1e-6);
        assert_float_equal((double)b->im[k], GOLD_HUM[1][k], 1e-6);
    }
    return blocks++ ? 9 : 0;
}

/* The same hundred milliseconds twice, in uneven pieces; the second time the callback says stop. */
static void hum(void **state)
{
    (void)state;
    float x[800];
    uint32_t s = 8;
    AvaEnfFilter *h = ava_enf_new(8000, keep_block, NULL);
    assert_non_null(h);
    for (int i = 0; i < 800; i++)
        x[i] = (float)(.1 * sin(2 * PI * 50 * i / 8000 + 1) + .05 * sin(2 * PI * 120 * i / 8000 + 2) + .2 * draw(&s));
    assert_int_equal(ava_enf_push(h, x, 300), 0);
    assert_int_equal(ava_enf_push(h, x + 300, 500), 0);
    assert_int_equal(blocks, 1);
    assert_int_equal(ava_enf_push(h, x, 799), 0);
    assert_int_equal(ava_enf_push(h, x + 799, 1), 9);
    ava_enf_free(h);
}

static void aac(void **state)
{
    (void)state;
    static const int from[3] = { 0, 341, 1023 };
    float snip[AVA_LINES_SNIP], line[AVA_LINES_MOST];
    uint32_t s = 6;
    void *c = ava_aac_lines.open();
    for (int i = 0; i < AVA_LINES_SNIP; i++)
        snip[i] = (float)draw(&s);
    for (int k = 0; k < 3; k++) {
        ava_aac_lines.lines(c, snip, from[k], line);
        for (size_t i = 0; i < sizeof GOLD_AAC_AT / sizeof *GOLD_AAC_AT; i++)
            assert_float_equal((double)line[GOLD_AAC_AT[i]], GOLD_AAC[k][i], 1e-4 * (1 + fabs(GOLD_AAC[k][i])));
    }
    ava_aac_lines.close(c);
}

static int frames, bands;
static int keep_frame(void *cookie, const AvaNativeFrame *f)
{
    (void)cookie;
    for (size_t k = 0; k < sizeof GOLD_FRAMES_AT / sizeof *GOLD_FRAMES_AT; k++)
        if (GOLD_FRAMES_AT[k] == frames) {
            assert_float_equal((double)f->level_db, GOLD_FRAMES[k][0], 1e-3);
            assert_float_equal((double)f->zeros, GOLD_FRAMES[k][1], 1e-6);
            assert_true(GOLD_FRAMES[k][2] > 1 ? isnan(f->correlation) : fabs((double)f->correlation - GOLD_FRAMES[k][2]) < 1e-5);
        }
    frames++;
    return 0;
}

static int keep_band(void *cookie, const AvaBand *b)
{
    (void)cookie;
    const double *g = GOLD_BANDS[bands++];
    print_message("%.1f Hz, %.2f dB, %.2f dB (%.1f, %.2f, %.2f)\n", (double)b->cutoff_hz, (double)b->step_db, (double)b->level_db, g[0], g[1], g[2]);
    assert_float_equal((double)b->cutoff_hz, g[0], 1e-3 * g[0]);
    assert_float_equal((double)b->step_db, g[1], .02);
    assert_float_equal((double)b->level_db, g[2], 1e-3);
    return 0;
}

static void levels_and_spectrum(void **state)
{
    (void)state;
    enum { R = 22050 };
    uint32_t a = 11, b = 12;
    AvaNative *n = ava_native_new(R, 2, keep_frame, keep_band, NULL);
    assert_non_null(n);
    for (int i = 0; i < 2 * R; i++) {
        double t = (double)i / R, low = 0;
        for (int f = 150; f < 5000; f += 97)
            low += .02 * sin(2 * PI * f * t + f);
        double u = draw(&a), v = draw(&b);
        float x[2] = { (float)(low + 1e-5 * u), (float)(.5 * low + (t < 1 ? .03 * v : 0)) };
        if (i >= 4000 && i < 4300)
            x[0] = 0;
        if (i >= 4000 && i < 4200)
            x[1] = 0;
        assert_int_equal(ava_native_push(n, x, 1), 0);
    }
    assert_int_equal(frames, 200);
    assert_int_equal(bands, 2);
    ava_native_free(n);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(pitch), cmocka_unit_test(pulses), cmocka_unit_test(hum), cmocka_unit_test(aac), cmocka_unit_test(levels_and_spectrum) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
