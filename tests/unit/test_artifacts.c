/* test_artifacts.c -- what the picture says to traces in the sound, just inside and just outside each reach; their order; what the sound is like. */
#include "test.h"

#include <math.h>
#include <string.h>

#include "analyze/analyzer.h"
#include "calibration.h"
#include "output.h"

extern const AvaAnalyzer ava_artifacts;

/* Ten seconds whose splice net has its say in logits: the score is logistic(odds). */
static void sound(AvaEvidence *ev)
{
    memset(ev, 0, sizeof *ev);
    ev->calibration = *test_calibration();
    ev->calibration.splice.at = 0, ev->calibration.splice.soft = 1;
    ev->has_audio = ev->has_video = 1;
    ev->sound_us = 10000000;
    for (int i = 0; i < 1000; i++)
        assert_int_equal(ava_push(&ev->splice, -20.f), 0);
}

static double logit(double p) { return log(p / (1 - p)); }

/* One at 5 s with this score: from 4.99 to 5.01 s. */
static void splice(AvaEvidence *ev, double score) { ev->splice.at[500] = (float)logit(score); }

static void face(AvaEvidence *ev, int64_t from_us, int64_t to_us)
{
    AvaTrackRows t = { .id = 0 };
    AvaFaceRow a = { .t_us = from_us }, b = { .t_us = to_us };
    assert_int_equal(ava_push(&t.row, a), 0);
    assert_int_equal(ava_push(&t.row, b), 0);
    assert_int_equal(ava_push(&ev->track, t), 0);
}

/* The only artifact; its sentence goes to `says`. */
static double scored(AvaEvidence *ev, AvaAnalysisOutput *out, char says[200])
{
    assert_int_equal(test_run(&ava_artifacts, ev, out), 0);
    assert_int_equal(out->artifacts.segment.n, 1);
    AvaArtifact x = out->artifacts.segment.at[0];
    assert_true(x.start_us == 4990000 && x.end_us == 5010000);
    assert_float_equal(out->artifacts.worst, x.score, 1e-12);
    strcpy(says, x.evidence);
    ava_evidence_free(ev);
    ava_analysis_output_free(out);
    return x.score;
}

static void a_cut_of_the_picture_excuses(void **state)
{
    (void)state;
    static const struct { int64_t cut_us; int excused; } like[] = { { 5130000, 1 }, { 5130001, 0 }, { 4870000, 1 }, { 4869999, 0 } };
    for (size_t i = 0; i < sizeof like / sizeof *like; i++)
        for (int sure = 0; sure < 2; sure++) { /* 120 ms and half the splice's own length */
            AvaEvidence ev;
            AvaAnalysisOutput out = test_output();
            char says[200];
            sound(&ev);
            splice(&ev, sure ? .8 : .35);
            face(&ev, 0, 9000000);
            assert_int_equal(ava_push(&ev.cut_us, 1000000), 0);
            assert_int_equal(ava_push(&ev.cut_us, like[i].cut_us), 0);
            assert_float_equal(scored(&ev, &out, says), !sure ? .35 : like[i].excused ? .4 : .8, 1e-6);
            assert_int_equal(strstr(says, "the picture is cut there too") != NULL, like[i].excused);
            assert_int_equal(strstr(says, "the shot with the face goes on") != NULL, !like[i].excused);
        }
}

static void lip_sync_that_breaks_says_more(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) { /* a step, or either end of a dropout, within a second */
        AvaEvidence ev;
        AvaAnalysisOutput out = test_output();
        char says[200];
        double at = i % 2 ? 6.001 : 6;
        sound(&ev);
        splice(&ev, i < 6 ? .6 : .9);
        at = i % 4 < 2 ? at : 10 - at;
        if (i % 3 == 0)
            assert_int_equal(ava_push(&out.sync.step, ((AvaSyncStep){ at, 100 })), 0);
        else
            assert_int_equal(ava_push(&out.sync.dropout, ((AvaSyncDropout){ i % 3 == 1 ? at : -9, i % 3 == 2 ? at : 90, 0 })), 0);
        assert_float_equal(scored(&ev, &out, says), i % 2 ? (i < 6 ? .6 : .9) : i < 6 ? .8 : 1, 1e-6);
        assert_int_equal(strstr(says, "lip sync breaks there") != NULL, i % 2 == 0);
    }
}

static void the_shot_goes_on(void **state)
{
    (void)state;
    static const struct { int64_t from_us, to_us; int goes_on; } like[] = {
        { 5000000, 9000000, 1 }, { 5000001, 9000000, 0 }, { 0, 5000000, 1 }, { 0, 4999999, 0 }
    };
    for (size_t i = 0; i < sizeof like / sizeof *like; i++)
        for (int video = 0; video < 2; video++) {
            AvaEvidence ev;
            AvaAnalysisOutput out = test_output();
            char says[200];
            sound(&ev);
            ev.has_video = video;
            splice(&ev, .6);
            assert_int_equal(ava_push(&ev.track, ((AvaTrackRows){ .id = 4 })), 0); /* one without rows */
            face(&ev, like[i].from_us, like[i].to_us);
            assert_float_equal(scored(&ev, &out, says), .6, 1e-6);
            assert_int_equal(strstr(says, "goes on") != NULL, like[i].goes_on && video);
        }
}

/* Within 200 ms of a place where we mended the sound ourselves. */
static void our_own_work_is_no_edit(void **state)
{
    (void)state;
    static const struct { int64_t from_us, to_us; int own; } like[] = {
        { 5210000, 5300000, 1 }, { 5210001, 5300000, 0 }, { 4700000, 4790000, 1 }, { 4700000, 4789999, 0 }
    };
    for (size_t i = 0; i < sizeof like / sizeof *like; i++)
        for (int sure = 0; sure < 2; sure++) {
            AvaEvidence ev;
            AvaAnalysisOutput out = test_output();
            char says[200];
            sound(&ev);
            splice(&ev, sure ? .8 : .301);
            face(&ev, 0, 9000000);
            assert_int_equal(ava_add_gap(&ev, like[i].from_us, like[i].to_us), 0);
            assert_float_equal(scored(&ev, &out, says), like[i].own ? .3 : sure ? .8 : .301, 1e-6);
            assert_int_equal(strstr(says, "which was mended") != NULL, like[i].own);
            assert_int_equal(strstr(says, "goes on") != NULL, !like[i].own);
        }
}

/* Silence in the middle of a room, of which 30 ms lie before a splice. */
static void in_order_of_time(void **state)
{
    (void)state;
    AvaEvidence ev;
    AvaAnalysisOutput out = test_output();
    sound(&ev);
    splice(&ev, .6);
    ev.splice.at[800] = 3;
    ev.splice.at[200] = 1;
    for (int i = 0; i < 1000; i++) {
        int zero = i >= 495 && i < 520;
        AvaNativeFrame f = { .level_db = zero ? -120 : -40, .zeros = (float)zero, .correlation = NAN };
        assert_int_equal(ava_push(&ev.native, f), 0);
    }
    assert_int_equal(test_run(&ava_artifacts, &ev, &out), 0);
    assert_int_equal(out.artifacts.segment.n, 4);
    static const struct { const char *kind; int64_t start_us; } like[] = { { "splice", 1990000 }, { "silence", 4950000 }, { "splice", 4990000 }, { "splice", 7990000 } };
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(out.artifacts.segment.at[i].kind, like[i].kind);
        assert_int_equal(out.artifacts.segment.at[i].start_us, like[i].start_us);
    }
    assert_float_equal(out.artifacts.worst, 1 / (1 + exp(-3)), 1e-6);
    ava_evidence_free(&ev);
    ava_analysis_output_free(&out);
}

static const char *channels(int n, int same, int heard)
{
    AvaEvidence ev;
    AvaAnalysisOutput out = test_output();
    sound(&ev);
    ev.channels = n;
    for (int i = 0; i < 200; i++) {
        AvaNativeFrame f = { .level_db = -40, .correlation = i >= heard ? NAN : i < same ? .99995f : .9998f };
        assert_int_equal(ava_push(&ev.native, f), 0);
    }
    assert_int_equal(test_run(&ava_artifacts, &ev, &out), 0);
    const char *says = out.artifacts.channels;
    ava_evidence_free(&ev);
    ava_analysis_output_free(&out);
    return says;
}

static void what_the_channels_are(void **state)
{
    (void)state;
    assert_null(channels(0, 0, 0));
    assert_string_equal(channels(1, 100, 100), "mono");
    assert_string_equal(channels(2, 99, 100), "the same in both channels"); /* over 98 of 100 that are heard */
    assert_string_equal(channels(2, 98, 100), "stereo");
    assert_string_equal(channels(2, 0, 0), "stereo");
}

static void without_sound_or_calibration(void **state)
{
    (void)state;
    AvaEvidence ev;
    AvaAnalysisOutput out = test_output();
    sound(&ev);
    ev.has_audio = 0;
    assert_int_equal(test_run(&ava_artifacts, &ev, &out), 0);
    assert_string_equal(out.artifacts.absent, "no-audio");
    ev.has_audio = 1;
    ev.calibration.splice.soft = NAN, ev.calibration.splice.at = NAN;
    out.artifacts.absent = NULL;
    assert_int_equal(test_run(&ava_artifacts, &ev, &out), 0);
    assert_string_equal(out.artifacts.absent, "not-calibrated");
    ev.splice.n = 0;
    assert_int_equal(test_run(&ava_artifacts, &ev, &out), 0);
    assert_null(out.artifacts.absent);
    assert_true(out.artifacts.worst == 0 && isnan(out.artifacts.bandwidth_hz) && !out.artifacts.pulse_seconds);
    ev.splice.n = 1000;
    ava_evidence_free(&ev);
    ava_analysis_output_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_of_the_picture_excuses), cmocka_unit_test(lip_sync_that_breaks_says_more), cmocka_unit_test(the_shot_goes_on),
        cmocka_unit_test(our_own_work_is_no_edit),      cmocka_unit_test(in_order_of_time),               cmocka_unit_test(what_the_channels_are),
        cmocka_unit_test(without_sound_or_calibration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
