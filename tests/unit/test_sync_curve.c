/* test_sync_curve.c -- the curve of similarity against lag and its peak, number by number; windows and steps of embeddings that agree at one
 * lag alone. */
#include "test.h"

#include <math.h>

#include "analyze/sync/lipsync.h"
#include "analyze/sync/sync_curve.h"
#include "analyze/sync/sync_score.h"
#include "calibration.h"

/* ---- the peak of a curve filled by hand ---------------------------------------------------- */

static void flat(AvaSyncCurve *c, double weight)
{
    memset(c, 0, sizeof *c);
    for (int l = 0; l < AVA_SYNC_LAGS; l++)
        c->weight[l] = weight;
}

static void set(AvaSyncCurve *c, int l, double similarity) { c->sum[l] = similarity * c->weight[l]; }

static void the_peak_and_what_stands_beside_it(void **state)
{
    (void)state;
    static AvaSyncCurve c;
    AvaSyncPeak p;
    flat(&c, 100);
    c.phase = .25;
    set(&c, 159, .2), set(&c, 160, .5), set(&c, 161, .3);
    set(&c, 170, .45); /* ten steps away: the same peak */
    set(&c, 171, .25); /* a rival, yet too near to count for what the curve is elsewhere */
    set(&c, 172, .22);
    set(&c, 173, .1);
    c.parts[160] = 4, c.part_sum[160] = 2, c.part_square[160] = 1.2;
    ava_sync_curve_peak(&c, 0, 3000, &p);
    double mean = .1 / 276, sd = sqrt(.01 / 276 - mean * mean), z = (.5 - mean) / (sd + .01); /* 301 lags, 25 of them about the peak */
    assert_null(p.reason);
    assert_float_equal(p.offset_ms, (10 + .25 + .1) * 20, 1e-9); /* the parabola's top lies (.2 - .3) / (.2 - 1 + .3) / 2 further */
    assert_float_equal(p.peak, .5, 1e-12);
    assert_float_equal(p.lead, .25, 1e-12);
    assert_float_equal(p.z, z, 1e-9);
    assert_float_equal(p.used_s, 4, 1e-12);
    assert_float_equal(p.peak_s, 4, 1e-12);
    assert_float_equal(p.weak_quarter, .5 - .67 * sqrt((.2 + .02) / 5) - mean, 1e-12);
    assert_true(p.p_value >= 0 && p.p_value < 1e-9);
    c.parts[160] = c.part_sum[160] = c.part_square[160] = 0; /* no half second: the mean with the spread there is elsewhere */
    ava_sync_curve_peak(&c, 0, 3000, &p);
    assert_float_equal(p.weak_quarter, .5 - .67 * sqrt(.02) - mean, 1e-12);
}

static void chance_of_the_highest_of_many(void **state)
{
    (void)state;
    static AvaSyncCurve c;
    AvaSyncPeak p;
    flat(&c, 50);
    for (int l = 0; l < AVA_SYNC_LAGS; l++)
        set(&c, l, l % 2 ? .1 : -.1);
    set(&c, 150, .3);
    for (int l = 138; l <= 162; l++)
        if (l != 150)
            set(&c, l, 0);
    ava_sync_curve_peak(&c, 0, 3000, &p);
    /* 276 lags, 138 of them up: 137 (1 .. 137: 69 odd) on the left, as many on the right; their mean is 0 */
    double z = .3 / (.1 + .01), q = .5 * erfc(z / sqrt(2));
    assert_float_equal(p.z, z, 1e-9);
    assert_float_equal(p.p_value, 1 - pow(1 - q, 276 / 5.), 1e-9);
    assert_float_equal(p.lead, .2, 1e-12);
    assert_float_equal(p.offset_ms, 0, 1e-9);
}

static void lags_with_too_few_partners_say_nothing(void **state)
{
    (void)state;
    static AvaSyncCurve c;
    AvaSyncPeak p;
    flat(&c, 100);
    set(&c, 150, .2);
    c.weight[200] = 39.9, set(&c, 200, .9);
    ava_sync_curve_peak(&c, 0, 3000, &p);
    assert_float_equal(p.offset_ms, 0, 1e-9);
    c.weight[200] = 40, set(&c, 200, .9);
    ava_sync_curve_peak(&c, 0, 3000, &p);
    assert_float_equal(p.offset_ms, 1000, 1e-9);
    assert_float_equal(p.peak_s, 1.6, 1e-12);
    assert_float_equal(p.used_s, 4, 1e-12);
    for (int weight = 11; weight <= 12; weight++) {
        flat(&c, weight);
        set(&c, 150, .2);
        ava_sync_curve_peak(&c, 0, 3000, &p);
        assert_true(!p.reason == (weight == 12));
        assert_float_equal(p.used_s, weight * .04, 1e-12);
    }
    /* twenty lags beside the peak's own 25 */
    for (int lags = 44; lags <= 45; lags++) {
        flat(&c, 0);
        for (int l = 130; l < 130 + lags; l++)
            c.weight[l] = 50;
        set(&c, 150, .2);
        ava_sync_curve_peak(&c, 0, 3000, &p);
        assert_true(!p.reason == (lags == 45));
        assert_true(!p.reason || p.p_value == 1);
    }
}

static void looked_for_where_it_was_asked_for(void **state)
{
    (void)state;
    static AvaSyncCurve c;
    AvaSyncPeak p;
    flat(&c, 100);
    set(&c, 100, .9), set(&c, 199, .1), set(&c, 200, .3), set(&c, 201, .45);
    ava_sync_curve_peak(&c, 500, 500, &p); /* lags 150 to 200: at the edge the top lies beyond it, one step at most */
    assert_float_equal(p.offset_ms, 1020, 1e-9);
    ava_sync_curve_peak(&c, 500, 499, &p);
    assert_float_equal(p.offset_ms, 980, 1e-9); /* 0, .1 and .3 make a valley: no top but the lag itself */
}

static void at_the_ends_of_the_curve(void **state)
{
    (void)state;
    static AvaSyncCurve c;
    AvaSyncPeak p;
    flat(&c, 100);
    set(&c, 0, .5), set(&c, 1, .4);
    ava_sync_curve_peak(&c, 0, 3000, &p);
    assert_float_equal(p.offset_ms, -3000, 1e-9);
    flat(&c, 100);
    set(&c, 300, .5), set(&c, 299, .4);
    ava_sync_curve_peak(&c, 0, 3000, &p);
    assert_float_equal(p.offset_ms, 3000, 1e-9);
    flat(&c, 100);
    set(&c, 160, .5), set(&c, 161, .4);
    c.weight[159] = 0; /* no neighbour, no parabola */
    ava_sync_curve_peak(&c, 0, 3000, &p);
    assert_float_equal(p.offset_ms, 200, 1e-9);
    c.weight[159] = 100, c.weight[161] = 0;
    ava_sync_curve_peak(&c, 0, 3000, &p);
    assert_float_equal(p.offset_ms, 200, 1e-9);
}

static void a_curve_at_an_offset(void **state)
{
    (void)state;
    static AvaSyncCurve c, d;
    flat(&c, 5);
    c.phase = .5;
    set(&c, 152, .4);
    assert_float_equal(ava_sync_curve_at(&c, 50), .4, 1e-12); /* (2 + .5) * 20 */
    assert_float_equal(ava_sync_curve_at(&c, 58), .4, 1e-12);
    assert_float_equal(ava_sync_curve_at(&c, 62), 0, 1e-12);
    c.weight[152] = 4;
    assert_true(isnan(ava_sync_curve_at(&c, 50)));
    assert_true(isnan(ava_sync_curve_at(&c, -3020)) && isnan(ava_sync_curve_at(&c, 3040)));
    assert_true(ava_sync_curve_at(&c, -2990) == 0 && ava_sync_curve_at(&c, 3010) == 0);
    flat(&d, 3);
    set(&d, 152, 1);
    d.parts[7] = 1, d.part_sum[7] = .5, d.part_square[7] = .25;
    ava_sync_curve_join(&d, &c);
    ava_sync_curve_join(&d, &d);
    assert_true(d.weight[152] == 14 && d.sum[152] == 10 && d.phase == .5);
    assert_true(d.parts[7] == 2 && d.part_sum[7] == 1 && d.part_square[7] == .5);
}

/* ---- rows against sound ---------------------------------------------------------------------- */

static void speech_is_a_quarter_second_wider(void **state)
{
    (void)state;
    AvaEvidence ev = { .has_audio = 1 };
    for (int i = 0; i < 100; i++)
        assert_int_equal(ava_push(&ev.sync, (AvaSyncVec){ { 0 } }), 0);
    for (int i = 0; i < 62; i++)
        assert_int_equal(ava_push(&ev.voiced, i == 20 ? .51f : .5f), 0);
    uint8_t *s = ava_sync_speech(&ev);
    for (int j = 0; j < 100; j++) /* 640 - 12.5 - 250 ms to 672 - 12.5 + 250 ms, in steps of 20 */
        assert_int_equal(s[j], j >= 18 && j <= 45);
    free(s);
    ev.voiced.at[20] = 0, ev.voiced.at[0] = 1, ev.voiced.at[61] = 1;
    s = ava_sync_speech(&ev);
    for (int j = 0; j < 100; j++)
        assert_int_equal(s[j], j <= 13 || j >= 84);
    free(s);
    ava_evidence_free(&ev);
}

static void rows_that_can_be_used(void **state)
{
    (void)state;
    AvaSyncVec v = { { 1 } }, none = { { 0 } };
    AvaFaceRow r = { .yaw = -59.9f };
    assert_true(ava_sync_usable(&r, &v));
    assert_false(ava_sync_usable(&r, &none));
    r.yaw = 60;
    assert_false(ava_sync_usable(&r, &v));
    r.yaw = 0, r.occlusion = AVA_COVERED;
    assert_false(ava_sync_usable(&r, &v));
}

enum { SOUND = 1200 };

/* 24 s of sound whose every 20 ms are like no others: signs drawn at random, 64 * 15^2 / 127^2 = .893 like themselves. */
static void coded(AvaEvidence *ev, uint8_t speech[SOUND])
{
    uint32_t seed = 12345;
    memset(ev, 0, sizeof *ev);
    ev->calibration = *test_calibration();
    ev->has_audio = ev->has_video = 1;
    for (int j = 0; j < SOUND; j++) {
        AvaSyncVec v;
        for (int d = 0; d < AVA_SYNC_DIM; d++) {
            seed = seed * 1664525 + 1013904223;
            v.v[d] = seed >> 31 ? 15 : -15;
        }
        assert_int_equal(ava_push(&ev->sync, v), 0);
    }
    memset(speech, 1, SOUND);
}

/* Rows from `first` on, on the grid and as far from 0 as the sound's vectors, each showing what is heard `lag` steps before it (sound early). */
static void show(AvaEvidence *ev, AvaTrackRows *t, int first, int n, int lag)
{
    for (int i = first; i < first + n; i++) {
        AvaFaceRow r = { .t_us = 12500 + (int64_t)i * AVA_GRID_US, .presence = 1 };
        int j = 2 * i - lag;
        assert_int_equal(ava_push(&t->row, r), 0);
        assert_int_equal(ava_push(&t->sync, j >= 0 && j < SOUND ? ev->sync.at[j] : ev->sync.at[SOUND - 1 - i]), 0);
    }
}

static void forget(AvaEvidence *ev, AvaTrackRows *t)
{
    ava_vec_free(&t->row);
    ava_vec_free(&t->sync);
    ava_evidence_free(ev);
}

static void sums_over_rows(void **state)
{
    (void)state;
    static AvaSyncCurve c;
    static uint8_t speech[SOUND];
    AvaEvidence ev;
    const double like = 64 * 225 / (127. * 127);
    for (int rows = 29; rows <= 30; rows++) { /* half seconds of 12 rows; six make one, five don't */
        AvaTrackRows t = { .id = 3 };
        coded(&ev, speech);
        show(&ev, &t, 100, rows, 20);
        t.row.at[3].yaw = 90; /* one that can't be used is in none */
        memset(&c, 0, sizeof c);
        ava_sync_curve_add(&c, &ev, &t, speech, 0, 1000);
        assert_int_equal(c.weight[AVA_SYNC_REACH + 20], rows - 1);
        assert_float_equal(c.sum[AVA_SYNC_REACH + 20], (rows - 1) * like, 1e-9);
        assert_int_equal(c.parts[AVA_SYNC_REACH + 20], 2);
        show(&ev, &t, 100 + rows, 1, 20);
        memset(&c, 0, sizeof c);
        ava_sync_curve_add(&c, &ev, &t, speech, 0, 1000);
        assert_int_equal(c.parts[AVA_SYNC_REACH + 20], rows == 30 ? 3 : 2);
        assert_float_equal(c.part_sum[AVA_SYNC_REACH + 20], (rows == 30 ? 3 : 2) * like, 1e-9);
        assert_float_equal(c.part_square[AVA_SYNC_REACH + 20], (rows == 30 ? 3 : 2) * like * like, 1e-9);
        memset(&c, 0, sizeof c);
        ava_sync_curve_add(&c, &ev, &t, speech, 10, 12);
        assert_int_equal(c.weight[AVA_SYNC_REACH + 20], 2);
        assert_true(c.phase == 0);
        memset(speech, 0, 2 * 110 - 20 + 1); /* row 110's partner, and all before, is no speech */
        memset(&c, 0, sizeof c);
        ava_sync_curve_add(&c, &ev, &t, speech, 10, 12);
        assert_int_equal(c.weight[AVA_SYNC_REACH + 20], 1);
        assert_int_equal(c.weight[AVA_SYNC_REACH + 21], 1);
        assert_int_equal(c.weight[AVA_SYNC_REACH + 22], 0);
        forget(&ev, &t);
    }
    coded(&ev, speech);
    AvaTrackRows t = { .id = 3 };
    show(&ev, &t, 100, 12, 0);
    for (size_t i = 0; i < t.row.n; i++)
        t.row.at[i].t_us += 5000; /* a quarter of a step later */
    memset(&c, 0, sizeof c);
    ava_sync_curve_add(&c, &ev, &t, speech, 0, 12);
    assert_float_equal(c.phase, .25, 1e-9);
    ev.sound_t0_us = 7000; /* a sound that begins later lies earlier in its own steps */
    memset(&c, 0, sizeof c);
    ava_sync_curve_add(&c, &ev, &t, speech, 0, 12);
    assert_float_equal(c.phase, .9, 1e-9);
    ev.sound_t0_us = 0;
    assert_int_equal(ava_sync_partner(&ev, 12500 + 40000, 0), 2);
    assert_int_equal(ava_sync_partner(&ev, 12500 + 40000 + 9000, 0), 2);
    assert_int_equal(ava_sync_partner(&ev, 12500 + 40000 + 11000, 0), 3);
    assert_int_equal(ava_sync_partner(&ev, 12500 + 40000, 40), 0);
    assert_int_equal(ava_sync_partner(&ev, 12500 + 40000, 60), -1);
    assert_int_equal(ava_sync_partner(&ev, 12500 + (SOUND - 1) * 20000, 0), SOUND - 1);
    assert_int_equal(ava_sync_partner(&ev, 12500 + SOUND * 20000, 0), -1);
    forget(&ev, &t);
}

/* ---- over time ----------------------------------------------------------------------------- */

static AvaSyncResult over_time(const AvaEvidence *ev, const AvaTrackRows *t, const uint8_t *speech, double offset_ms)
{
    AvaSyncResult r = { .drift_ppm = 0 };
    AvaSyncPeak peak = { .offset_ms = offset_ms, .peak = .89, .weak_quarter = .85, .lead = .8, .z = 9, .peak_s = 4, .used_s = 4 };
    assert_int_equal(ava_sync_over_time(ev, &t, 1, speech, &peak, &r), 0);
    return r;
}

static void forget_result(AvaSyncResult *r)
{
    ava_vec_free(&r->window);
    ava_vec_free(&r->step);
    ava_vec_free(&r->dropout);
}

static void windows_of_four_seconds_each_second(void **state)
{
    (void)state;
    static uint8_t speech[SOUND];
    AvaEvidence ev;
    for (int rows = 99; rows <= 125; rows += rows == 99 ? 1 : 25) {
        AvaTrackRows t = { .id = 3 };
        coded(&ev, speech);
        show(&ev, &t, 100, rows, 20);
        AvaSyncResult r = over_time(&ev, &t, speech, 400);
        assert_int_equal(r.window.n, rows / 25 - 3);
        for (size_t i = 0; i < r.window.n; i++) {
            const AvaSyncWindow *w = &r.window.at[i];
            assert_float_equal(w->start_s, 4.0125 + (double)i, 1e-9);
            assert_float_equal(w->end_s, 8.0125 + (double)i, 1e-9);
            assert_float_equal(w->offset_ms, 400, .3);
            assert_float_equal(w->similarity, .893, .001);
            assert_true(w->score > .9 && w->track == 3);
        }
        assert_true(r.repeatable_ms < .5 && isnan(r.drift_ppm));
        forget_result(&r);
        forget(&ev, &t);
    }
}

static void a_window_may_be_a_third_hole(void **state)
{
    (void)state;
    static uint8_t speech[SOUND];
    AvaEvidence ev;
    for (int hole = 51; hole <= 52; hole++) { /* frames; six seconds from the first row to the last */
        AvaTrackRows t = { .id = 3 };
        coded(&ev, speech);
        show(&ev, &t, 100, 50, 20);
        show(&ev, &t, 150 + hole, 50, 20);
        AvaSyncResult r = over_time(&ev, &t, speech, 400);
        assert_int_equal(r.window.n, hole == 51);
        forget_result(&r);
        forget(&ev, &t);
    }
}

/* Forty of a window's rows have a partner in speech, or it is left out. */
static void windows_need_speech(void **state)
{
    (void)state;
    static uint8_t speech[SOUND];
    AvaEvidence ev;
    for (int rows = 39; rows <= 40; rows++) {
        AvaTrackRows t = { .id = 3 };
        coded(&ev, speech);
        show(&ev, &t, 200, 100, 0);
        memset(speech, 0, SOUND);
        memset(speech + 2 * 200, 1, 2 * (size_t)rows);
        AvaSyncResult r = over_time(&ev, &t, speech, 0);
        assert_int_equal(r.window.n, rows == 40);
        forget_result(&r);
        forget(&ev, &t);
    }
}

/* What does not fit within a second of the file's offset is looked for everywhere. */
static void windows_that_fit_elsewhere(void **state)
{
    (void)state;
    static uint8_t speech[SOUND];
    AvaEvidence ev;
    for (int lag = 40; lag <= 120; lag += 80) {
        AvaTrackRows t = { .id = 3 };
        coded(&ev, speech);
        show(&ev, &t, 150, 100, lag);
        AvaSyncResult r = over_time(&ev, &t, speech, 0);
        assert_int_equal(r.window.n, 1);
        assert_float_equal(r.window.at[0].offset_ms, 20 * lag, .3);
        assert_float_equal(r.window.at[0].similarity, 0, .05);
        forget_result(&r);
        forget(&ev, &t);
    }
}

/* Two blocks at least, or nothing is known but how far is looked. */
static void what_a_block_repeats(void **state)
{
    (void)state;
    static uint8_t speech[SOUND];
    AvaEvidence ev;
    for (int rows = 12; rows <= 13; rows++) {
        AvaTrackRows t = { .id = 3 };
        coded(&ev, speech);
        show(&ev, &t, 100, rows, 20);
        AvaSyncResult r = over_time(&ev, &t, speech, 400);
        if (rows == 12)
            assert_float_equal(r.repeatable_ms, 500, 1e-9);
        else
            assert_true(r.repeatable_ms < 10);
        assert_float_equal((r.interval_ms[0] + r.interval_ms[1]) / 2, 400, 1e-9);
        assert_true(r.interval_ms[1] - r.interval_ms[0] >= 2 * r.repeatable_ms);
        forget_result(&r);
        forget(&ev, &t);
    }
}

/* In a clip too short for windows on both sides: 100 ms or more, three seconds on each side, at the second where it is. */
static void one_step_in_a_short_clip(void **state)
{
    (void)state;
    static uint8_t speech[SOUND];
    static const struct { int before, after, lag, found; } like[] = { { 100, 100, 6, 1 },  { 100, 100, -6, 1 }, { 100, 100, 4, 0 },
                                                                      { 75, 125, 30, 1 }, { 125, 75, 30, 1 },  { 110, 40, 30, 0 } };
    AvaEvidence ev;
    for (size_t i = 0; i < sizeof like / sizeof *like; i++) {
        AvaTrackRows t = { .id = 3 };
        coded(&ev, speech);
        show(&ev, &t, 100, like[i].before, 10);
        show(&ev, &t, 100 + like[i].before, like[i].after, 10 + like[i].lag);
        AvaSyncResult r = over_time(&ev, &t, speech, 200);
        assert_int_equal(r.step.n, like[i].found);
        if (like[i].found) {
            assert_float_equal(r.step.at[0].at_s, .0125 + .04 * (100 + like[i].before), 1e-9);
            assert_float_equal(r.step.at[0].step_ms, 20 * like[i].lag, .5);
        }
        forget_result(&r);
        forget(&ev, &t);
    }
}

/* What a peak is worth, by the formulas; time counts up to five seconds, an interval reaches as far as is looked. */
static void worth_of_a_peak(void **state)
{
    (void)state;
    AvaCalibration c = *test_calibration();
    const double found[5] = { -1, 2, 3, .5, 4 }, score[4] = { -2, 1, 2, .25 };
    memcpy(c.sync.found, found, sizeof found);
    memcpy(c.sync.score, score, sizeof score);
    c.sync.right = .9, c.sync.sure_ms = 50, c.sync.wider = 2;
    for (double s = 2; s < 30; s *= 2.4) {
        AvaSyncPeak p = { .peak = .3, .weak_quarter = .2, .lead = .1, .peak_s = s };
        double z = -1 + .6 + .6 + .5 * log(fmin(s, 5)) + .4, f = 1 / (1 + exp(-z));
        assert_float_equal(ava_sync_found(&c, &p), f, 1e-12);
        assert_float_equal(ava_sync_confidence(&c, &p), .9 * f, 1e-12);
        assert_float_equal(ava_sync_score(&c, &p), 1 / (1 + exp(2 - .3 - .4 - .25 * log(fmin(s, 5)))), 1e-12);
        assert_float_equal(ava_sync_accuracy_ms(&c, &p, 0), 50 * exp(2 * (1 / f - 1)), 1e-9);
        assert_float_equal(ava_sync_accuracy_ms(&c, &p, 900), 900, 1e-9);
        c.sync.wider = 200;
        assert_float_equal(ava_sync_accuracy_ms(&c, &p, 0), 3000, 1e-9);
        c.sync.wider = 2;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_peak_and_what_stands_beside_it),
        cmocka_unit_test(chance_of_the_highest_of_many),
        cmocka_unit_test(lags_with_too_few_partners_say_nothing),
        cmocka_unit_test(looked_for_where_it_was_asked_for),
        cmocka_unit_test(at_the_ends_of_the_curve),
        cmocka_unit_test(a_curve_at_an_offset),
        cmocka_unit_test(speech_is_a_quarter_second_wider),
        cmocka_unit_test(rows_that_can_be_used),
        cmocka_unit_test(sums_over_rows),
        cmocka_unit_test(windows_of_four_seconds_each_second),
        cmocka_unit_test(a_window_may_be_a_third_hole),
        cmocka_unit_test(windows_need_speech),
        cmocka_unit_test(windows_that_fit_elsewhere),
        cmocka_unit_test(what_a_block_repeats),
        cmocka_unit_test(one_step_in_a_short_clip),
        cmocka_unit_test(worth_of_a_peak),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
