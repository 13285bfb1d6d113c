/* The transforms of sound coders: a tone lies in the line of its frequency, nearly all of it, as strong in every line; what is computed for one
 * offset does not depend on what was asked before. */
#include "test.h"

#include <math.h>

#include "dsp/coder_lines.h"
#include "golden/mp3_lines.h"

static const double PI = 3.14159265358979323846;
static float snip[AVA_LINES_SNIP], line[AVA_LINES_MOST], again[AVA_LINES_MOST];

static void tone(double at, int lines, double phase)
{
    for (int i = 0; i < AVA_LINES_SNIP; i++)
        snip[i] = (float)(.5 * sin(PI * (at + .5) / lines * i + phase));
}

/* The strongest line, the share of all energy within `reach` lines of `at`, and the energy. */
static int strongest(int n, int at, int reach, double *share, double *energy)
{
    int best = 0;
    double all = 0, near = 0;
    for (int k = 0; k < n; k++) {
        double e = (double)line[k] * (double)line[k];
        all += e;
        near += abs(k - at) <= reach ? e : 0;
        best = fabsf(line[k]) > fabsf(line[best]) ? k : best;
    }
    *share = near / all;
    *energy = all;
    return best;
}

static void tones(const AvaCoderLines *c, const int *at, int n_tones, double most_db)
{
    double loud = 0, soft = INFINITY;
    for (int t = 0; t < n_tones; t++)
        for (int offset = 0; offset < c->period; offset += c->period / 4 + 1) {
            double share, energy, mean = 0;
            for (int quarter = 0; quarter < 2; quarter++) { /* an MDCT line alone depends on the tone's phase, two a quarter apart do not */
                void *state = c->open();
                assert_non_null(state);
                tone(at[t], c->period, quarter * PI / 2);
                c->lines(state, snip, offset, line);
                c->close(state);
                int best = strongest(c->period, at[t], 4, &share, &energy);
                assert_in_range(best, at[t] - 1, at[t] + 1);
                assert_true(share > .9);
                mean += energy / 2;
            }
            loud = fmax(loud, mean);
            soft = fmin(soft, mean);
        }
    print_message("%s: loudest tone %.1f dB over the softest\n", c->name, 10 * log10(loud / soft));
    assert_true(10 * log10(loud / soft) < most_db);
}

static void aac(void **state)
{
    (void)state;
    static const int at[] = { 30, 111, 400, 777, 1000 };
    tones(&ava_aac_lines, at, 5, 1);
}

static void mp3(void **state)
{
    (void)state;
    static const int at[] = { 26, 80, 188, 300, 386 }; /* the middles of bands, where neighbours add nothing */
    tones(&ava_mp3_lines, at, 5, 1);
}

/* Between two bands the butterflies take the mirror image away (ISO/IEC 11172-3, 2.4.3.4.9.2). */
static void mp3_alias(void **state)
{
    (void)state;
    const AvaCoderLines *c = &ava_mp3_lines;
    for (int edge = 18; edge < c->high - 18; edge += 90) {
        double share, energy;
        void *s = c->open();
        tone(edge + 2, c->period, 0);
        c->lines(s, snip, 100, line);
        strongest(c->period, edge + 2, 1, &share, &energy);
        c->close(s);
        double mirror = (double)line[edge - 3] * (double)line[edge - 3] / energy;
        print_message("edge %d: within a line %.3f, mirror image %.4f\n", edge, share, mirror);
        assert_true(share > .9 && mirror < .002);
    }
}

/* Every tap of the window, every turn: single samples, against the standard's formulas with another decoder's table. */
static void mp3_window(void **state)
{
    (void)state;
    const AvaCoderLines *c = &ava_mp3_lines;
    enum { N = sizeof GOLD_MP3_AT / sizeof *GOLD_MP3_AT };
    double worst = 0;
    for (int i = 0; i < 32; i++) {
        void *s = c->open();
        memset(snip, 0, sizeof snip);
        snip[640 + i] = 1;
        c->lines(s, snip, 0, line);
        c->close(s);
        for (int k = 0; k < N; k++)
            worst = fmax(worst, fabs((double)line[GOLD_MP3_AT[k]] - GOLD_MP3[i][k]));
    }
    print_message("single samples: off by %.1e at most\n", worst);
    assert_true(worst < 2e-6);
}

static void offsets(const AvaCoderLines *c)
{
    void *one = c->open(), *two = c->open();
    uint64_t r = 5;
    for (int i = 0; i < AVA_LINES_SNIP; i++) {
        r = r * 6364136223846793005u + 1442695040888963407u;
        snip[i] = (float)((double)(r >> 40) / 16777216 - .5);
    }
    for (int k = 0; k < c->period; k += 37)
        c->lines(one, snip, k % c->in_a_step * c->step + k / c->in_a_step, line); /* the cheapest order */
    c->lines(one, snip, 123, line);
    c->lines(two, snip, 123, again);
    for (int k = 0; k < c->period; k++)
        assert_float_equal(line[k], again[k], 1e-4 * (1 + fabs((double)again[k])));
    c->close(one);
    c->close(two);
}

static void any_order(void **state)
{
    (void)state;
    offsets(&ava_aac_lines);
    offsets(&ava_mp3_lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(aac), cmocka_unit_test(mp3), cmocka_unit_test(mp3_alias), cmocka_unit_test(mp3_window), cmocka_unit_test(any_order) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
