/* test_sync_changes.c -- drift, steps and dropouts from windows made up to lie just under and just over each line that is drawn. */
#include "test.h"

#include <math.h>

#include "analyze/sync/sync_changes.h"

enum { MOST = 128 };

/* Windows of four seconds, one a second, of one face, at offset 0. */
static size_t row(AvaSyncWindow *w, size_t n)
{
    for (size_t i = 0; i < n; i++)
        w[i] = (AvaSyncWindow){ .start_s = (double)i, .end_s = (double)i + 4, .score = 1, .similarity = .5 };
    return n;
}

static AvaSyncResult changes(const AvaSyncWindow *w, size_t n)
{
    AvaSyncResult r = { .drift_ppm = 7 };
    assert_int_equal(ava_sync_changes(w, n, &r), 0);
    return r;
}

static void no_step(const AvaSyncWindow *w, size_t n)
{
    AvaSyncResult r = changes(w, n);
    assert_int_equal(r.step.n, 0);
}

static void one_step(const AvaSyncWindow *w, size_t n, double at_s, double ms)
{
    AvaSyncResult r = changes(w, n);
    assert_int_equal(r.step.n, 1);
    assert_float_equal(r.step.at[0].at_s, at_s, 1e-9);
    assert_float_equal(r.step.at[0].step_ms, ms, 1e-9);
    assert_true(r.drift_ppm == 0);
    ava_vec_free(&r.step);
}

static void twenty_windows_over_twenty_seconds(void **state)
{
    (void)state;
    AvaSyncWindow w[MOST];
    assert_false(ava_sync_enough(w, row(w, 20))); /* 19 s */
    assert_true(ava_sync_enough(w, row(w, 21)));
    w[18].start_s = 30;
    assert_false(ava_sync_enough(w, 19));
    row(w, 20);
    w[19].start_s = 20;
    assert_true(ava_sync_enough(w, 20));
    assert_true(changes(w, 19).drift_ppm == 7); /* left alone */
    assert_true(changes(w, 20).drift_ppm == 0);
}

/* n windows at 0, then as many at ms, each off by noise_ms, one up, one down. */
static size_t two_levels(AvaSyncWindow *w, size_t n, double ms, double noise_ms)
{
    row(w, 2 * n);
    for (size_t i = 0; i < 2 * n; i++)
        w[i].offset_ms = (i < n ? 0 : ms) + (i % 2 ? -noise_ms : noise_ms);
    return 2 * n;
}

static void a_step_is_thirty_ms_and_clear_of_the_noise(void **state)
{
    (void)state;
    AvaSyncWindow w[MOST];
    no_step(w, two_levels(w, 20, 29.9, 0));
    one_step(w, two_levels(w, 20, 30, 0), 21.5, 30); /* between the end of the 20th and the start of the 21st */
    one_step(w, two_levels(w, 20, -30, 0), 21.5, -30);
    /* 40 windows, a step of 40: it explains 40 * 40^2 / 4 = 16,000, 25 times the variance 40 d^2 / 38 * 4 at d = 12.33 */
    one_step(w, two_levels(w, 20, 40, 12.28), 21.5, 40);
    no_step(w, two_levels(w, 20, 40, 12.40));
}

/* A slope of 2 ms/s with a step: about the line is left 1.08 times as much as about two levels at 48 ms, 1.13 times at 49. */
static void a_line_wins_over_a_step(void **state)
{
    (void)state;
    AvaSyncWindow w[MOST];
    for (int ms = 48; ms < 50; ms++) {
        row(w, 40);
        for (int i = 0; i < 40; i++)
            w[i].offset_ms = 2 * i + (i >= 20 ? ms : 0);
        if (ms == 48)
            no_step(w, 40);
        else
            one_step(w, 40, 21.5, 89);
    }
}

/* Five windows a side are enough, four are not; before and after a step others are looked for. */
static void steps_within_steps(void **state)
{
    (void)state;
    AvaSyncWindow w[MOST];
    for (size_t side = 4; side <= 5; side++) {
        row(w, 30);
        for (size_t i = 0; i < 30; i++)
            w[i].offset_ms = i < side ? 0 : i < 10 ? 30 : 200;
        AvaSyncResult r = changes(w, 30);
        assert_int_equal(r.step.n, side - 3);
        assert_float_equal(r.step.at[r.step.n - 1].at_s, 11.5, 1e-9);
        assert_float_equal(r.step.at[r.step.n - 1].step_ms, side == 4 ? 182 : 185, 1e-9);
        if (side == 5) {
            assert_float_equal(r.step.at[0].at_s, 6.5, 1e-9);
            assert_float_equal(r.step.at[0].step_ms, 30, 1e-9);
        }
        ava_vec_free(&r.step);
    }
    /* nine levels, each four times the one before: each split takes the last away, and six are as deep as it goes */
    row(w, 45);
    for (size_t i = 0; i < 45; i++)
        w[i].offset_ms = 40 * pow(4, (double)(i / 5));
    AvaSyncResult r = changes(w, 45);
    assert_int_equal(r.step.n, 6);
    for (size_t k = 0; k < 6; k++) {
        double level = 40 * pow(4, (double)k + 3), below = 40 * (pow(4, (double)k + 3) - 1) / 3 / ((double)k + 3); /* the mean of all before */
        assert_float_equal(r.step.at[k].at_s, 5 * (double)k + 16.5, 1e-9);
        assert_float_equal(r.step.at[k].step_ms, level - below, 1e-6);
    }
    ava_vec_free(&r.step);
}

static void track(AvaSyncWindow *w, size_t from, size_t to, int id)
{
    for (size_t i = from; i < to; i++)
        w[i].track = id;
}

/* Zeros of faces differ by 30 ms: 3 * 30 * sqrt(1 / before + 1 / after) where no face is seen on both sides. */
static void faces_have_zeros_of_their_own(void **state)
{
    (void)state;
    AvaSyncWindow w[MOST];
    static const struct { int four, seen_again; double least; } like[] = { { 0, 0, 127.279 }, { 1, 0, 90 }, { 0, 4, 127.279 }, { 0, 5, 30 } };
    for (size_t k = 0; k < sizeof like / sizeof *like; k++)
        for (int over = 0; over < 2; over++) {
            two_levels(w, 20, like[k].least + (over ? .01 : -.01), 0);
            track(w, 20, 40, 1);
            track(w, 30, 30 + (size_t)like[k].seen_again, 0);
            if (like[k].four)
                track(w, 10, 20, 2), track(w, 30, 40, 3);
            if (over)
                one_step(w, 40, 21.5, like[k].least + .01);
            else
                no_step(w, 40);
        }
}

static double drift(AvaSyncWindow *w, size_t n, double ms_per_s)
{
    for (size_t i = 0; i < n; i++)
        w[i].offset_ms = 100 + ms_per_s * w[i].start_s;
    AvaSyncResult r = changes(w, n);
    assert_int_equal(r.step.n, 0);
    return r.drift_ppm;
}

static void a_drift_is_four_errors_and_fifteen_ms(void **state)
{
    (void)state;
    AvaSyncWindow w[MOST];
    /* 21 windows: the squares of their times sum to 770, the error is sqrt(64 / 770) = .2883 ms/s */
    row(w, 21);
    assert_true(drift(w, 21, 1.152) == 0);
    assert_float_equal(drift(w, 21, 1.155), 1155, 1e-6);
    assert_float_equal(drift(w, 21, -1.155), -1155, 1e-6);
    /* 61: the error is .0582, so 15 ms over 60 s are more */
    row(w, 61);
    assert_true(drift(w, 61, .2499) == 0);
    assert_float_equal(drift(w, 61, .2501), 250.1, 1e-6);
    assert_float_equal(drift(w, 61, -.2501), -250.1, 1e-6);
    /* noise, d up, d down, which makes the slope .308: four errors are 4 sqrt(4 * 61 d^2 / 59 / 18910) = .308 at d = 5.21 */
    for (int over = 0; over < 2; over++) {
        row(w, 61);
        for (size_t i = 0; i < 61; i++)
            w[i].offset_ms = .3 * w[i].start_s + (i % 4 == 0 || i % 4 == 3 ? 1 : -1) * (over ? 5.3 : 5.15);
        AvaSyncResult r = changes(w, 61);
        assert_true(over ? r.drift_ppm == 0 : fabs(r.drift_ppm - 308.2) < .2);
    }
}

/* Two faces, one in each half of 40 s: their zeros' 30 ms make the slope uncertain by 30 * sqrt(2) * 200 / 5330 = 1.592 ms/s. */
static void a_drift_that_faces_could_make_is_not_told(void **state)
{
    (void)state;
    AvaSyncWindow w[MOST];
    row(w, 40);
    track(w, 20, 40, 1);
    assert_true(isnan(drift(w, 40, 6.37)));
    assert_float_equal(drift(w, 40, 6.40), 6400, 1e-6);
    for (size_t i = 0; i < 40; i++) /* both all the time: they cancel */
        w[i].track = i % 4 == 1 || i % 4 == 2;
    assert_float_equal(drift(w, 40, .6), 600, 1e-6);
}

static void near_the_offset_or_among_others_like_it(void **state)
{
    (void)state;
    AvaSyncWindow w[MOST], out[MOST];
    row(w, 40);
    w[10].offset_ms = 499.9;
    w[20].offset_ms = 500;
    w[30].offset_ms = -500;
    assert_int_equal(ava_sync_near_or_together(w, 40, 0, out), 38);
    assert_true(out[10].start_s == 10 && out[20].start_s == 21 && out[28].start_s == 29 && out[29].start_s == 31);
    /* three of the four on each side within 100 ms, and a score over .9 */
    for (int alike = 2; alike <= 3; alike++)
        for (int side = -1; side <= 1; side += 2) {
            row(w, 40);
            for (int k = 0; k <= alike; k++) {
                w[20 + side * (k ? 4 - alike + k : 0)].offset_ms = 900 + (k ? 99.9 : 0);
                w[20 + side * (k ? 4 - alike + k : 0)].score = k ? .9 : .91; /* they themselves are not sure enough */
            }
            assert_int_equal(ava_sync_near_or_together(w, 40, 0, out), 39 - alike + (alike == 3));
            w[20 + side * 4].offset_ms = 1000; /* 100 away */
            assert_int_equal(ava_sync_near_or_together(w, 40, 0, out), 39 - alike);
        }
    row(w, 5); /* at either end there are fewer neighbours */
    for (size_t i = 0; i < 5; i++)
        w[i].offset_ms = i < 4 ? 900 : 0;
    assert_int_equal(ava_sync_near_or_together(w, 5, 0, out), 5);
    assert_int_equal(ava_sync_near_or_together(w, 3, 0, out), 0);
}

static void six_in_ten_along_a_line(void **state)
{
    (void)state;
    AvaSyncWindow w[MOST], out[MOST];
    static const size_t off[] = { 1, 3, 6, 8, 11, 13, 16, 18 }, nine[] = { 1, 3, 6, 8, 10, 12, 14, 16, 18 };
    row(w, 20);
    for (size_t i = 0; i < 20; i++)
        w[i].offset_ms = -2000 + 41 * w[i].start_s;
    w[4].offset_ms += 149.9;
    for (size_t k = 0; k < 8; k++)
        w[off[k]].offset_ms += k % 2 ? -5000 : 5000;
    assert_int_equal(ava_sync_along_a_line(w, 20, out), 12);
    for (size_t k = 0; k < 12; k++)
        assert_true(out[k].offset_ms < 0);
    w[4].offset_ms += .2;
    assert_int_equal(ava_sync_along_a_line(w, 20, out), 0); /* 11 of 20 */
    for (size_t i = 0; i < 20; i++)
        w[i].offset_ms = 41 * w[i].start_s;
    for (size_t k = 0; k < 9; k++)
        w[nine[k]].offset_ms += k % 2 ? -5000 : 5000;
    assert_int_equal(ava_sync_along_a_line(w, 20, out), 0);
    /* twenty pairs that lie four seconds apart or more: 10 windows have 21, and one less when the last comes half a second sooner */
    row(w, 10);
    assert_int_equal(ava_sync_along_a_line(w, 9, out), 0);
    assert_int_equal(ava_sync_along_a_line(w, 10, out), 10);
    w[9].start_s = 8.5;
    assert_int_equal(ava_sync_along_a_line(w, 10, out), 10);
    w[9].start_s = 7.5;
    assert_int_equal(ava_sync_along_a_line(w, 10, out), 0);
}

static void drops_out(AvaSyncResult *r, size_t i, double from, double to, double score)
{
    assert_true(i < r->dropout.n);
    assert_float_equal(r->dropout.at[i].start_s, from, 1e-9);
    assert_float_equal(r->dropout.at[i].end_s, to, 1e-9);
    assert_float_equal(r->dropout.at[i].score, score, 1e-9);
}

static void where_the_match_drops_out(void **state)
{
    (void)state;
    AvaSyncResult r = { .drift_ppm = 0 };
    assert_int_equal(ava_reserve(&r.window, 30), 0);
    AvaSyncWindow *w = r.window.at;
    r.window.n = row(w, 30);
    w[0].similarity = .05; /* just enough */
    for (int i = 3; i < 6; i++)
        w[i].similarity = .049, w[i].score = i == 4 ? .2 : .4;
    w[12].similarity = w[13].similarity = w[29].similarity = -1;
    w[12].score = .6, w[13].score = .7;
    w[13].start_s = 16; /* as the one before ends */
    w[14].similarity = 0, w[14].start_s = 20.5, w[14].end_s = 24; /* after that one ended */
    assert_int_equal(ava_sync_dropouts(&r), 0);
    assert_int_equal(r.dropout.n, 4);
    drops_out(&r, 0, 3, 9, .2);
    drops_out(&r, 1, 12, 17, .6);
    drops_out(&r, 2, 20.5, 24, 1);
    drops_out(&r, 3, 29, 33, 1);
    ava_vec_free(&r.dropout);
    ava_vec_free(&r.window);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twenty_windows_over_twenty_seconds),
        cmocka_unit_test(a_step_is_thirty_ms_and_clear_of_the_noise),
        cmocka_unit_test(a_line_wins_over_a_step),
        cmocka_unit_test(steps_within_steps),
        cmocka_unit_test(faces_have_zeros_of_their_own),
        cmocka_unit_test(a_drift_is_four_errors_and_fifteen_ms),
        cmocka_unit_test(a_drift_that_faces_could_make_is_not_told),
        cmocka_unit_test(near_the_offset_or_among_others_like_it),
        cmocka_unit_test(six_in_ten_along_a_line),
        cmocka_unit_test(where_the_match_drops_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
