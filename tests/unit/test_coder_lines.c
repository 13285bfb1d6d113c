/* The transforms of sound coders: a tone lies in the line of its frequency, nearly all of it, as strong in every line; what is computed for one
 * offset does not depend on what was asked before. */
#include "test.h"

#include <math.h>

#include "dsp/coder_lines.h"
#include "dsp/coding_grid.h"
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

/* ---- the grid of frames ----------------------------------------------------------------- */

enum { FRAME = 1024, FRAMES = 72, SOUND = FRAME * FRAMES };
static float sound[2 * SOUND]; /* of two channels */

/* Noise as AAC would give it back: frames from sample `from` on, by the formulas alone, lines under `least` left out. */
static void coded(int from, double least)
{
    static double circle[8 * FRAME], window[2 * FRAME], plain[SOUND + 2 * FRAME], out[SOUND + 2 * FRAME];
    uint64_t r = 7;
    for (int i = 0; i < 8 * FRAME; i++)
        circle[i] = cos(2 * PI * i / (8 * FRAME));
    for (int i = 0; i < 2 * FRAME; i++)
        window[i] = sin(PI / (2 * FRAME) * (i + .5));
    for (int i = 0; i < SOUND + 2 * FRAME; i++) {
        r = r * 6364136223846793005u + 1442695040888963407u;
        plain[i] = .2 * ((double)(r >> 40) / 16777216 - .5);
        out[i] = 0;
    }
    for (int f = from; least > 0 && f + 2 * FRAME <= SOUND + 2 * FRAME; f += FRAME) {
        double x[2 * FRAME], y[2 * FRAME] = { 0 };
        for (int n = 0; n < 2 * FRAME; n++)
            x[n] = plain[f + n] * window[n];
        for (int k = 0; k < FRAME; k++) {
            double c = 0;
            for (int n = 0; n < 2 * FRAME; n++)
                c += x[n] * circle[(2 * n + 1 + FRAME) * (2 * k + 1) % (8 * FRAME)];
            if (fabs(c) < least)
                continue;
            for (int n = 0; n < 2 * FRAME; n++)
                y[n] += c * circle[(2 * n + 1 + FRAME) * (2 * k + 1) % (8 * FRAME)];
        }
        for (int n = 0; n < 2 * FRAME; n++)
            out[f + n] += y[n] * window[n] / FRAME;
    }
    for (int i = 0; i < SOUND; i++) {
        sound[2 * i] = (float)(rint(32768 * (least > 0 ? out[i] : plain[i])) / 32768);
        sound[2 * i + 1] = (float)plain[i];
    }
}

static int grids(int channels, int n, AvaGrid *out, atomic_int *cancel)
{
    AvaCodingGrid *g = ava_coding_grid_new();
    static float one[SOUND];
    assert_non_null(g);
    for (int i = 0; i < n; i++)
        one[i] = sound[2 * i];
    for (int i = 0; i < n; i += 777)
        ava_coding_grid_push(g, channels == 1 ? one + i : sound + 2 * i, (size_t)(n - i < 777 ? n - i : 777), channels);
    int found = ava_coding_grid_find(g, &ava_aac_lines, out, 3, cancel);
    ava_coding_grid_free(g);
    return found;
}

static void a_grid_is_found_where_it_lies(void **state)
{
    (void)state;
    AvaGrid g[3], mono[3];
    atomic_int cancel = 0;
    coded(300, 2);
    assert_int_equal(grids(2, SOUND, g, &cancel), 1);
    print_message("grid at %d, %.1f deviations, %zu places\n", g[0].offset, (double)g[0].strength, g[0].n);
    assert_int_equal(g[0].offset, 300);
    assert_true(g[0].strength > 15);
    assert_ptr_equal(g[0].coder, &ava_aac_lines);
    assert_in_range(g[0].n, 17, AVA_GRID_SNIPS); /* slots of 4,096 samples: 18 of them, the last not full */
    for (size_t i = 0; i < g[0].n; i++) { /* and it is seen in each place by itself */
        assert_true(g[0].at[i] % FRAME == 0 && g[0].at[i] / (4 * FRAME) == (int64_t)i);
        assert_true(g[0].here[i] > 5.5f || i == 0);
    }
    assert_int_equal(grids(1, SOUND, mono, NULL), 1); /* the first channel is the one that is looked at */
    assert_true(mono[0].offset == 300 && mono[0].strength == g[0].strength);
    assert_int_equal(grids(2, 3 * 4 * FRAME, g, NULL), 0); /* three places are too few */
    cancel = 1;
    assert_int_equal(grids(2, SOUND, g, &cancel), 0);
}

/* Of every slot the loudest 3,072 samples that begin at a multiple of 1,024 are looked at; when forty slots are full, they become twice as
 * long. */
static void slots_become_longer(void **state)
{
    (void)state;
    enum { TIMES = 3, ALL = TIMES * SOUND, SLOT = 8 * FRAME, SNIP = 3 * FRAME };
    static float one[SOUND];
    AvaGrid g[3];
    coded(300, 2);
    AvaCodingGrid *grid = ava_coding_grid_new();
    assert_non_null(grid);
    for (int i = 0; i < SOUND; i++)
        one[i] = sound[2 * i] * (1 + (float)(i / 5000 % 3)); /* louder and softer */
    for (int k = 0; k < TIMES; k++)
        ava_coding_grid_push(grid, one, SOUND, 1);
    assert_int_equal(ava_coding_grid_find(grid, &ava_aac_lines, g, 3, NULL), 1);
    assert_int_equal(g[0].offset, 300);
    assert_int_equal(g[0].n, ALL / SLOT);
    for (int s = 0; s < ALL / SLOT; s++) {
        double most = -1;
        int64_t loudest = -1;
        for (int64_t at = (int64_t)s * SLOT; at < (int64_t)(s + 1) * SLOT && at + SNIP <= ALL; at += FRAME) {
            double square = 0;
            for (int i = 0; i < SNIP; i++)
                square += pow((double)one[(at + i) % SOUND], 2);
            if (square > most * (1 + 1e-6)) {
                most = square;
                loudest = at;
            }
        }
        assert_int_equal(g[0].at[s], loudest);
    }
    ava_coding_grid_free(grid);
}

static void noise_has_no_grid(void **state)
{
    (void)state;
    AvaGrid g[3];
    coded(0, 0);
    assert_int_equal(grids(2, SOUND, g, NULL), 0);
    for (int i = 0; i < 2 * SOUND; i++)
        sound[i] *= 1e-3f;
    assert_int_equal(grids(2, SOUND, g, NULL), 0); /* silence has no places at all */
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(aac), cmocka_unit_test(mp3), cmocka_unit_test(mp3_alias), cmocka_unit_test(mp3_window), cmocka_unit_test(any_order),
                                        cmocka_unit_test(a_grid_is_found_where_it_lies), cmocka_unit_test(slots_become_longer), cmocka_unit_test(noise_has_no_grid) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
