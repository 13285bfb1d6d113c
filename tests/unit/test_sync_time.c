/* Lip sync over time: drift, steps, dropouts and cuts that were put into made-up embeddings. */
#include "sync_evidence.h"

#include <stdatomic.h>
#include <time.h>

static double drift_50ppm(double t) { return -60 + t * .05; }
static double step_40(double t) { return t < 33 ? 20 : 60; }

/* A film of many shots: the interval lies about the offset although every shot is a track of its own. */
static void many_short_tracks(void **state)
{
    (void)state;
    enum { SHOTS = 560, ROWS = 12 };
    AvaEvidence ev;
    wanted = 0;
    make(&ev, SHOTS * ROWS * .04, constant, 1.5, 31);
    AvaTrackRows whole = ev.track.at[0];
    ev.track.n = 0;
    for (size_t i = 0; i < SHOTS; i++) {
        AvaTrackRows t = { .id = (int)i };
        for (size_t k = 0; k < ROWS; k++) {
            assert_int_equal(ava_push(&t.row, whole.row.at[i * ROWS + k]), 0);
            assert_int_equal(ava_push(&t.sync, whole.sync.at[i * ROWS + k]), 0);
        }
        assert_int_equal(ava_push(&ev.track, t), 0);
    }
    free(whole.row.at);
    free(whole.sync.at);
    AvaAnalysisOutput f = judged(&ev);
    double got = f.field[AVALIGN_SYNC_OFFSET_MS], lo = f.sync.interval_ms[0],
           hi = f.sync.interval_ms[1], r = f.sync.repeatable_ms;
    print_message("%d short tracks: %+.1f [%+.1f, %+.1f], repeatable within %.1f ms\n", SHOTS, got, lo, hi, r);
    assert_true(fabs((lo + hi) / 2 - got) < 1);
    assert_true(r > 0 && r < 30 && hi - lo >= 2 * r);
    done(&f);
}

static void drift_is_found_and_constants_are_not_called_drift(void **state)
{
    (void)state;
    AvaEvidence ev;
    for (uint32_t i = 0; i < 2; i++) {
        make(&ev, 600, drift_50ppm, 1.5, 70 + i);
        AvaAnalysisOutput f = judged(&ev);
        double ppm = f.sync.drift_ppm;
        print_message("50 ppm over 10 min: %.1f ppm, %zu steps\n", ppm, f.sync.step.n);
        assert_true(fabs(ppm - 50) < 12);
        assert_int_equal(f.sync.step.n, 0);
        done(&f);
    }
    wanted = 55;
    for (uint32_t i = 0; i < 8; i++) {
        make(&ev, 60 + 50 * i, constant, 1.5, 170 + i);
        AvaAnalysisOutput f = judged(&ev);
        assert_true(f.sync.drift_ppm == 0);
        assert_int_equal(f.sync.step.n, 0);
        assert_int_equal(f.sync.dropout.n, 0);
        done(&f);
    }
}

static void a_step_is_located(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 5; i++) {
        AvaEvidence ev;
        make(&ev, 70, step_40, 1.5, 270 + i);
        AvaAnalysisOutput f = judged(&ev);
        assert_int_equal(f.sync.step.n, 1);
        double at = f.sync.step.at[0].at_s, ms = f.sync.step.at[0].step_ms;
        print_message("step of 40 ms at 33 s: %.1f ms at %.1f s\n", ms, at);
        assert_true(fabs(at - 33) < 2.5 && fabs(ms - 40) < 10);
        assert_true(f.sync.drift_ppm == 0);
        done(&f);
    }
}

/* The one track cut in so many of one length, as by cuts of the picture. */
static void cut_in_shots(AvaEvidence *ev, size_t shots)
{
    size_t n = ev->track.at[0].row.n / shots;
    for (size_t k = 1; k < shots; k++) {
        AvaTrackRows t = { .id = (int)k };
        assert_int_equal(ava_append(&t.row, ev->track.at[0].row.at + k * n, n), 0);
        assert_int_equal(ava_append(&t.sync, ev->track.at[0].sync.at + k * n, n), 0);
        assert_int_equal(ava_push(&ev->track, t), 0);
    }
    ev->track.at[0].row.n = ev->track.at[0].sync.n = n;
}

static double two_zeros(double t) { return t < 30 ? -10 : 45; }
static double redubbed(double t) { return t < 30 ? -10 : 290; }
static double two_promille(double t) { return -60 + t * 2; }

/* Faces' zeros differ by tens of milliseconds: where every shot has its own, so much is neither a step nor a drift. What is more than that is. */
static void shots_have_zeros_of_their_own(void **state)
{
    (void)state;
    static const struct {
        double seconds;
        OffsetAt *offset;
        size_t shots, steps;
        double ppm; /* NAN: can't be told */
    } like[] = { { 60, two_zeros, 2, 0, NAN }, { 60, redubbed, 2, 1, 0 }, { 45, two_promille, 3, 0, NAN }, { 120, two_promille, 12, 0, 2000 },
                 { 60, two_zeros, 1, 1, 0 },   { 60, two_promille, 1, 0, 2000 } };
    for (size_t i = 0; i < sizeof like / sizeof *like; i++) {
        AvaEvidence ev;
        make(&ev, like[i].seconds, like[i].offset, 1.5, 970 + (uint32_t)i);
        cut_in_shots(&ev, like[i].shots);
        AvaAnalysisOutput f = judged(&ev);
        print_message("%zu shots: %.0f ppm, %zu steps\n", like[i].shots, f.sync.drift_ppm, f.sync.step.n);
        assert_int_equal(f.sync.step.n, like[i].steps);
        if (isnan(like[i].ppm))
            assert_true(isnan(f.sync.drift_ppm));
        else
            assert_true(fabs(f.sync.drift_ppm - like[i].ppm) < 150);
        done(&f);
    }
}

static double too_fast(double t) { return 130 + t * 41; } /* 25 for 24: the sound runs 4 % fast */
static double too_slow(double t) { return -40 - t * 41; }

/* One track, then the same cut in three, as after cuts of the picture. */
static void a_wrong_speed_is_named(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 4; i++) {
        AvaEvidence ev;
        make(&ev, 45, i % 2 ? too_slow : too_fast, 1.2, 370 + i);
        cut_in_shots(&ev, i >= 2 ? 3 : 1);
        AvaAnalysisOutput f = judged(&ev);
        print_message("4.1 %% %s: %.0f ppm, %zu steps\n", i % 2 ? "slow" : "fast", f.sync.drift_ppm, f.sync.step.n);
        assert_true(fabs(f.sync.drift_ppm - (i % 2 ? -41000 : 41000)) < 2000);
        assert_int_equal(f.sync.step.n, 0);
        assert_string_equal(f.reason[AVALIGN_SYNC_OFFSET_MS], "drift");
        assert_string_equal(f.reason[AVALIGN_LIP_SYNC_SCORE], "drift"); /* it is the mouth of this sound */
        done(&f);
    }
}

static double cut_out(double t) { return t < 4 ? 130 : 2130; } /* two seconds of sound cut out of twelve */
static double put_in(double t) { return t < 7 ? 30 : -970; }

static void a_large_step_in_a_short_clip_is_named(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 6; i++) {
        AvaEvidence ev;
        double want_s = i % 2 ? 7 : 4, want_ms = i % 2 ? -1000 : 2000;
        make(&ev, 12, i % 2 ? put_in : cut_out, 1.5, 470 + i);
        AvaAnalysisOutput f = judged(&ev);
        assert_int_equal(f.sync.step.n, 1);
        print_message("step of %.0f ms at %.0f s: %.0f ms at %.1f s\n", want_ms, want_s, f.sync.step.at[0].step_ms, f.sync.step.at[0].at_s);
        assert_true(fabs(f.sync.step.at[0].at_s - want_s) <= 1 && fabs(f.sync.step.at[0].step_ms - want_ms) < 30);
        done(&f);
    }
    for (uint32_t i = 0; i < 40; i++) { /* and none where there is none */
        AvaEvidence ev;
        wanted = 55;
        make(&ev, 8 + i % 10, i < 20 ? constant : scattered, 2, 570 + i);
        AvaAnalysisOutput f = judged(&ev);
        assert_int_equal(f.sync.step.n, 0);
        done(&f);
    }
}

static double busy(void) { return (double)clock() / CLOCKS_PER_SEC; }

static void it_leaves_off_when_cancelled(void **state)
{
    (void)state;
    double took[2];
    wanted = 55;
    for (int k = 0; k < 2; k++) {
        AvaEvidence ev;
        atomic_int cancel = k;
        make(&ev, 600, constant, 1.5, 71);
        ev.cancel = &cancel;
        AvaAnalysisOutput f = test_output();
        took[k] = busy();
        test_run(ava_analyzers[0], &ev, &f);
        took[k] = busy() - took[k];
        ava_evidence_free(&ev);
        done(&f);
    }
    print_message("ten minutes: %.2f s, cancelled %.3f s\n", took[0], took[1]);
    assert_true(took[1] < took[0] / 5);
}

static double swapped_middle(double t) { return t > 20 && t < 32 ? 7000 * (uniform() - .5) : 0; }

static void a_swapped_stretch_is_a_dropout(void **state)
{
    (void)state;
    AvaEvidence ev;
    make(&ev, 60, swapped_middle, 1.2, 99);
    AvaAnalysisOutput f = judged(&ev);
    assert_int_equal(f.sync.dropout.n, 1);
    double a = f.sync.dropout.at[0].start_s, b = f.sync.dropout.at[0].end_s;
    print_message("dropout 20-32 s: %.1f-%.1f s\n", a, b);
    assert_true(fabs(a - 20) < 3 && fabs(b - 32) < 3);
    done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_short_tracks),
        cmocka_unit_test(drift_is_found_and_constants_are_not_called_drift),
        cmocka_unit_test(a_step_is_located),
        cmocka_unit_test(shots_have_zeros_of_their_own),
        cmocka_unit_test(it_leaves_off_when_cancelled),
        cmocka_unit_test(a_wrong_speed_is_named),
        cmocka_unit_test(a_large_step_in_a_short_clip_is_named),
        cmocka_unit_test(a_swapped_stretch_is_a_dropout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
