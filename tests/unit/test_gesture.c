/* test_gesture.c -- do pitch and loudness move with head, brows and lids: gestures in and out of time, and against NumPy. */
#include "test.h"

#include <math.h>

#include "analyze/emotion/emotion_model.h"
#include "golden/gesture.h"
#include "output.h"

static AvaEvidence *evidence(void)
{
    AvaEvidence *ev = calloc(1, sizeof *ev);
    assert_non_null(ev);
    ev->has_audio = ev->has_video = 1;
    return ev;
}

/* Brows that follow the loudness, late by so many pictures. */
static double brow_z(int late, double *overall)
{
    AvaEvidence *ev = evidence();
    AvaTrackRows t = { .id = 0 };
    uint32_t r = 1;
    enum { N = 20 * 25 };
    static float loud[4 * N];
    float level = 0;
    for (int i = 0; i < 4 * N; i++) { /* a wandering loudness, 10 ms a step */
        r = r * 1664525u + 1013904223u;
        level = .9f * level + (float)((double)(r >> 8) / (1 << 24) - .5);
        loud[i] = level;
    }
    for (int i = 0; i < 4 * N; i++) {
        assert_int_equal(ava_push(&ev->energy, loud[i]), 0);
        assert_int_equal(ava_push(&ev->pitch, 0.f), 0);
    }
    for (int i = 0; i < N * 40 / 32; i++)
        assert_int_equal(ava_push(&ev->voiced, 1.f), 0);
    for (int i = 0; i < N; i++) {
        AvaFaceRow row = { .t_us = i * 40000, .brow = loud[4 * ((i + N - late) % N)], .eye_open = .2f };
        assert_int_equal(ava_push(&t.row, row), 0);
    }
    assert_int_equal(ava_push(&ev->track, t), 0);
    AvaGestureResult g;
    double z = NAN;
    assert_int_equal(ava_gesture(ev, &ev->track.at[0], &g), 0);
    assert_true(g.n > 0);
    *overall = g.mean_square_z;
    for (size_t i = 0; i < g.n; i++)
        if (!strcmp(g.pair[i].face, "brow"))
            z = g.pair[i].z;
    ava_evidence_free(ev);
    free(ev);
    return z;
}

static void gestures_in_time(void **state)
{
    (void)state;
    double with, without;
    assert_true(brow_z(0, &with) > 4);
    assert_true(fabs(brow_z(60, &without)) < 4);
    assert_true(with > 4 * without);
}

static double walk(uint32_t *s, double *v)
{
    *s = *s * 1664525 + 1013904223;
    return *v = .9 * *v + ((double)*s / 2147483648.0 - 1);
}

/* The series of tests/golden/gesture.py: every pair of contours, with holes on both sides and a sound that began earlier. */
static void gestures_as_numpy_has_them(void **state)
{
    (void)state;
    enum { N = 400, STEPS = 1700 };
    AvaEvidence *ev = evidence();
    AvaTrackRows t = { .id = 0 };
    AvaGestureResult g;
    uint32_t s[6] = { 1, 2, 3, 4, 5, 6 };
    double v[6] = { 0 }, squares = 0;
    ev->sound_t0_us = -70000;
    for (int i = 0; i < STEPS; i++) {
        assert_int_equal(ava_push(&ev->energy, (float)walk(&s[0], &v[0])), 0);
        float hz = (float)(150 + 10 * walk(&s[1], &v[1]));
        assert_int_equal(ava_push(&ev->pitch, i % 7 ? hz : 0), 0);
    }
    for (int i = 0; i < STEPS * 10 / 32; i++)
        assert_int_equal(ava_push(&ev->voiced, i % 250 >= 200 ? .2f : .9f), 0);
    for (int i = 0; i < N; i++) {
        AvaFaceRow row = { .t_us = i * 40000 };
        row.yaw = (float)(3 * walk(&s[2], &v[2]));
        row.pitch = (float)(2 * walk(&s[3], &v[3])) + 2 * ev->energy.at[(i * 40000 + 70000 - 12500) / 10000];
        row.brow = (float)(.02 * walk(&s[4], &v[4]));
        row.eye_open = (float)(.03 * walk(&s[5], &v[5]));
        row.brow = i >= 100 && i < 130 ? NAN : row.brow;
        assert_int_equal(ava_push(&t.row, row), 0);
    }
    assert_int_equal(ava_push(&ev->track, t), 0);
    assert_int_equal(ava_gesture(ev, &ev->track.at[0], &g), 0);
    assert_int_equal(g.n, 8);
    for (size_t i = 0; i < g.n; i++) {
        print_message("%s and %s: %.4f, %.3f (%.4f, %.3f)\n", g.pair[i].voice, g.pair[i].face, g.pair[i].correlation, g.pair[i].z, GOLD_GESTURE[i][0], GOLD_GESTURE[i][1]);
        assert_float_equal(g.pair[i].correlation, GOLD_GESTURE[i][0], 1e-4);
        assert_float_equal(g.pair[i].z, GOLD_GESTURE[i][1], 1e-3);
        squares += GOLD_GESTURE[i][1] * GOLD_GESTURE[i][1] / 8;
    }
    assert_float_equal(g.mean_square_z, squares, 2e-3);
    assert_float_equal(g.seconds, 16, 1e-9);
    ev->track.at[0].row.n = 199; /* under eight seconds nothing is said */
    assert_int_equal(ava_gesture(ev, &ev->track.at[0], &g), 0);
    assert_true(g.n == 0 && isnan(g.mean_square_z));
    ava_evidence_free(ev);
    free(ev);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(gestures_in_time), cmocka_unit_test(gestures_as_numpy_has_them) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
