/* The 25 fps grid: interpolation of given landmarks at true times. */
#include "test.h"

#include <math.h>

#include "track/tracker.h"
#include "util/err.h"

typedef struct Seen {
    int n;
    int64_t t_us[4096];
    float open[4096];
    int track[4096];
} Seen;

static int view(void *cookie, const AvalignFaceView *v)
{
    Seen *s = cookie;
    s->t_us[s->n] = v->t_us;
    s->track[s->n] = v->track_id;
    s->open[s->n++] = v->mouth_open;
    return 0;
}

static int cut(void *cookie, int64_t t) { (void)cookie, (void)t; return 0; }

/* A 68-point face whose mouth is open by `open` eye distances. */
static AvalignFace face(int id, float open, float lm[68 * 2])
{
    memset(lm, 0, 68 * 2 * sizeof *lm);
    lm[2 * 45] = 100; /* eyes 100 apart */
    lm[2 * 1] = -30;
    lm[2 * 15] = 130;
    lm[2 * 30] = 50;
    for (int i = 0; i < 3; i++) { /* inner lips 61 62 63 over 67 66 65 */
        lm[2 * (61 + i)] = lm[2 * (67 - i)] = 40 + 10 * (float)i;
        lm[2 * (61 + i) + 1] = 80;
        lm[2 * (67 - i) + 1] = 80 + 100 * open;
    }
    return (AvalignFace){ .track_id = id, .n_landmarks = 68, .landmark_dims = 2, .landmarks = lm };
}

static float ramp(int64_t t_us) { return .1f + .2f * (float)t_us / 1e6f; }

static void run(double fps, double jitter_us, Seen *s)
{
    AvaTrackerConfig cfg = { .max_faces = 4, .cookie = s, .view = view, .cut = cut };
    AvaTracker *t;
    AvalignErrorInfo e;
    float lm[68 * 2];
    ava_err_clear(&e);
    memset(s, 0, sizeof *s);
    assert_int_equal(ava_tracker_new(&t, &cfg, &e), 0);
    for (int i = 0; i < 2 * fps; i++) {
        int64_t us = llrint(i * 1e6 / fps + (i % 2 ? jitter_us : 0));
        AvalignFace f = face(3, ramp(us), lm);
        assert_int_equal(ava_tracker_give(t, us, &f, 1, &e), 0);
    }
    assert_int_equal(ava_tracker_finish(t, &e), 0);
    ava_tracker_free(&t);
}

static void every_rate_gives_the_same_grid(void **state)
{
    (void)state;
    static Seen s;
    static const double rates[] = { 25, 23.976, 29.97, 30, 15, 10, 50 };
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        run(rates[r], r % 2 ? 4000 : 0, &s);
        assert_true(s.n >= 47 && s.n <= 51);
        for (int i = 0; i < s.n; i++) {
            assert_int_equal(s.t_us[i], (int64_t)i * 40000); /* no jitter, no holes */
            assert_int_equal(s.track[i], 3);
            assert_true(fabsf(s.open[i] - ramp(s.t_us[i])) < 1e-3f);
        }
    }
}

static void long_holes_stay_holes(void **state)
{
    (void)state;
    static Seen s;
    AvaTrackerConfig cfg = { .max_faces = 4, .cookie = &s, .view = view, .cut = cut };
    AvaTracker *t;
    AvalignErrorInfo e;
    float lm[68 * 2];
    ava_err_clear(&e);
    memset(&s, 0, sizeof s);
    ava_tracker_new(&t, &cfg, &e);
    for (int i = 0; i < 50; i++) {
        if (i >= 10 && i < 30)
            continue;
        AvalignFace f = face(0, .2f, lm);
        ava_tracker_give(t, i * 40000, &f, 1, &e);
    }
    ava_tracker_finish(t, &e);
    ava_tracker_free(&t);
    assert_int_equal(s.n, 30);
    assert_int_equal(s.t_us[9], 9 * 40000);
    assert_int_equal(s.t_us[10], 30 * 40000);
}

static void bad_landmarks_are_refused(void **state)
{
    (void)state;
    static Seen s;
    AvaTrackerConfig cfg = { .max_faces = 4, .cookie = &s, .view = view, .cut = cut };
    AvaTracker *t;
    AvalignErrorInfo e;
    float lm[68 * 2];
    ava_err_clear(&e);
    ava_tracker_new(&t, &cfg, &e);
    AvalignFace f = face(0, .2f, lm);
    f.n_landmarks = 12;
    assert_int_equal(ava_tracker_give(t, 0, &f, 1, &e), AVALIGN_ERR_ARG);
    assert_string_equal(e.stage, "tracks");
    ava_err_clear(&e);
    f.n_landmarks = 68;
    lm[5] = NAN;
    assert_int_equal(ava_tracker_give(t, 0, &f, 1, &e), AVALIGN_ERR_ARG);
    ava_tracker_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_rate_gives_the_same_grid),
                                        cmocka_unit_test(long_holes_stay_holes), cmocka_unit_test(bad_landmarks_are_refused) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
