/* test_speaker_lines.c -- voices and faces at chosen angles: what is another voice, another face, one voice on two faces, just under and just
 * over each line. */
#include "test.h"

#include <math.h>
#include <string.h>

#include "output.h"

extern const AvaAnalyzer ava_speaker;

/* Ratios of 10 times the cosine, whatever the length; voices cluster at .5. */
static AvaEvidence *evidence(void)
{
    AvaEvidence *ev = calloc(1, sizeof *ev);
    assert_non_null(ev);
    ev->calibration = *test_calibration();
    ev->calibration.voice.slope = ev->calibration.face.slope = 10;
    ev->calibration.voice.middle = ev->calibration.voice.longer = ev->calibration.face.middle = 0;
    ev->calibration.voice.bound = ev->calibration.face.bound = 20;
    ev->calibration.voice.cluster = .5;
    ev->has_audio = ev->has_video = 1;
    ev->snr_db = 40;
    ev->sound_t0_us = 500000;
    return ev;
}

static void turned(float *v, double cosine)
{
    v[0] = (float)cosine;
    v[1] = (float)sqrt(1 - cosine * cosine);
}

/* n windows of 1.6 s, each .8 s after the one before, at this cosine to the first axis. */
static void say(AvaEvidence *ev, int n, double cosine)
{
    for (int i = 0; i < n; i++) {
        AvaVoiceVec v = { .start_us = (int64_t)ev->voice.n * 800000, .speech_s = 1.6f };
        v.end_us = v.start_us + 1600000;
        turned(v.v, cosine);
        assert_int_equal(ava_push(&ev->voice, v), 0);
    }
    ev->speech_s = .8 * (double)(ev->voice.n + 1);
}

/* n views of a face, one a second, of a track from from_us to to_us. */
static AvaTrackRows *show(AvaEvidence *ev, int id, int n, double cosine, int64_t from_us, int64_t to_us)
{
    AvaTrackRows t = { .id = id };
    AvaFaceRow a = { .t_us = from_us, .presence = 1, .eye = 80 };
    for (int i = 0; i < 200; i++, a.t_us = from_us + (to_us - from_us) * i / 199) {
        a.yaw = (float)(i % 9), a.mouth_open = (float)(i % 5);
        assert_int_equal(ava_push(&t.row, a), 0);
    }
    t.row.at[199].t_us = to_us;
    for (int i = 0; i < n; i++) {
        AvaFaceVec f = { .t_us = i * 1000000LL, .quality = .8f, .female = 1, .age = 40 };
        turned(f.v, cosine);
        assert_int_equal(ava_push(&t.face, f), 0);
    }
    assert_int_equal(ava_push(&ev->track, t), 0);
    return &ev->track.at[ev->track.n - 1];
}

static AvaAnalysisOutput out; /* the last one */

static const AvaSpeakerResult *judged(AvaEvidence *ev, const AvaSegmentList *said)
{
    ava_analysis_output_free(&out);
    out = test_output();
    if (said)
        out.segment = *said;
    assert_int_equal(test_run(&ava_speaker, ev, &out), 0);
    ava_evidence_free(ev);
    free(ev);
    return &out.speaker;
}

static const char *why(void) { return out.reason[AVALIGN_VOICE_FACE_MATCH]; }

/* Four windows (3.2 s) before against four after: a ratio under -1, which is a cosine under -.1. */
static void another_voice(void **state)
{
    (void)state;
    AvaEvidence *ev = evidence();
    say(ev, 10, 1), say(ev, 10, -.099);
    assert_int_equal(judged(ev, NULL)->change.n, 0);
    ev = evidence();
    say(ev, 10, 1), say(ev, 10, -.101);
    show(ev, 0, 5, 1, 7400000, 9400000);
    const AvaSpeakerResult *r = judged(ev, NULL);
    assert_int_equal(r->change.n, 1);
    assert_int_equal(r->change.at[0].time_us, 500000 + 9 * 800000 + 800000); /* the middle of the last window before */
    assert_float_equal(r->change.at[0].llr_same, -1.01, 1e-5);
    assert_true(r->change.at[0].face_stays == 0); /* a second before and after 8.5 s: from 7.5 to 9.5 s */
    ev = evidence();
    say(ev, 10, 1), say(ev, 10, -.101);
    show(ev, 0, 5, 1, 7500000, 9500000);
    assert_true(judged(ev, NULL)->change.at[0].face_stays);
    ev = evidence(); /* two changes, nine windows apart */
    say(ev, 10, 1), say(ev, 9, -.5), say(ev, 10, 1);
    r = judged(ev, NULL);
    assert_int_equal(r->change.n, 2);
    assert_int_equal(r->change.at[1].time_us, 500000 + 18 * 800000 + 800000);
    for (int before = 1; before <= 4; before += 3) { /* one window is outvoted by the three after it */
        ev = evidence();
        say(ev, before, 1), say(ev, 12, -1);
        assert_int_equal(judged(ev, NULL)->change.n, before == 4);
    }
}

/* A window joins the nearest voice from a cosine of .5 on; two windows are no voice, unless there is no other. */
static void how_many_voices(void **state)
{
    (void)state;
    AvaEvidence *ev = evidence();
    say(ev, 9, 1), say(ev, 3, .51);
    assert_int_equal(judged(ev, NULL)->voice.n, 1);
    ev = evidence();
    say(ev, 9, 1), say(ev, 3, .49);
    const AvaSpeakerResult *r = judged(ev, NULL);
    assert_true(r->ran && r->has_voice && !r->has_face);
    assert_int_equal(r->voice.n, 2);
    assert_float_equal(r->voice.at[0].share, .75, 1e-12);
    assert_float_equal(r->voice.at[1].share, .25, 1e-12);
    assert_float_equal(r->voice.at[0].speech_s, 7.2, 1e-5);
    assert_float_equal(r->voice.at[1].speech_s, 2.4, 1e-5);
    assert_float_equal(r->speech_s, .8 * 13, 1e-5);
    ev = evidence();
    say(ev, 9, 1), say(ev, 2, .49);
    assert_int_equal(judged(ev, NULL)->voice.n, 1);
    ev = evidence();
    say(ev, 2, 1);
    assert_int_equal(judged(ev, NULL)->voice.n, 1);
}

/* Of five views and more, one with a ratio under -1.5 to the mean of all, and of quality. */
static void a_view_of_somebody_else(void **state)
{
    (void)state;
    for (int n = 4; n <= 5; n++) {
        AvaEvidence *ev = evidence();
        AvaTrackRows *t = show(ev, 3, n, 1, 0, 9000000);
        t->face.at[2].v[0] = -1;
        const AvaSpeakerResult *r = judged(ev, NULL);
        assert_int_equal(r->drift.n, n == 5);
        if (n == 5) {
            assert_true(r->drift.at[0].track == 3 && r->drift.at[0].time_us == 2000000);
            assert_float_equal(r->drift.at[0].llr_same, -10, 1e-4);
        }
    }
    static const struct { double cosine; float quality; size_t n; } like[] = { { -.16, .8f, 1 }, { -.14, .8f, 0 }, { -1, .29f, 0 }, { -1, .31f, 1 } };
    for (size_t i = 0; i < sizeof like / sizeof *like; i++) {
        AvaEvidence *ev = evidence();
        AvaTrackRows *t = show(ev, 3, 200, 1, 0, 9000000); /* so many that the one hardly moves their mean */
        turned(t->face.at[77].v, like[i].cosine);
        t->face.at[77].quality = like[i].quality;
        assert_int_equal(judged(ev, NULL)->drift.n, like[i].n);
    }
}

/* Two seconds of voice and two views of each; a voice over 1.5, faces under -2. */
static void one_voice_on_two_faces(void **state)
{
    (void)state;
    static const struct { int windows, views; double voice, face; size_t n; } like[] = {
        { 3, 2, .172, -.21, 1 }, { 2, 2, .3, -.21, 0 }, { 3, 1, .172, -.21, 0 }, { 3, 2, .169, -.21, 0 }, { 3, 2, .172, -.19, 0 }
    };
    for (size_t i = 0; i < sizeof like / sizeof *like; i++)
        for (int second = 0; second < 2; second++) { /* it is so for either face */
            AvaEvidence *ev = evidence();
            AvaSegmentList said = { 0 };
            int n[2] = { 8, 8 };
            n[second] = like[i].windows;
            say(ev, n[0], 1), say(ev, n[1], like[i].voice);
            /* windows' middles lie .8 s apart from 1.3 s on */
            AvaSegment a = { "speaking", 1300000, 1300000 + (n[0] - 1) * 800000, 5 }, b = { "speaking", a.end_us + 800000, a.end_us + n[1] * 800000, 6 };
            AvaSegment off = { "voice-without-face", 0, 99000000, 5 };
            assert_int_equal(ava_push(&said, a) || ava_push(&said, b) || ava_push(&said, off), 0);
            show(ev, 5, second == 0 ? like[i].views : 9, 1, 0, 3000000);
            show(ev, 6, second == 1 ? like[i].views : 9, like[i].face, 4000000, 9000000);
            const AvaSpeakerResult *r = judged(ev, &said);
            assert_int_equal(r->shared.n, like[i].n);
            assert_int_equal(r->offscreen.n, 1);
            if (r->shared.n) {
                assert_true(r->shared.at[0].track[0] == 5 && r->shared.at[0].track[1] == 6);
                assert_float_equal(r->shared.at[0].voice_llr_same, 8.8 * .172, 1e-4); /* 2.4 s of speech count .4 + .2 * 2.4 = .88 */
            }
        }
}

static void what_is_compared(void **state)
{
    (void)state;
    AvaEvidence *ev = evidence();
    say(ev, 8, 1);
    AvaTrackRows *t = show(ev, 4, 2, 1, 0, 9000000);
    t->face.at[0].quality = .25f, t->face.at[0].female = 4, t->face.at[0].age = 20;
    t->face.at[1].quality = .75f, t->face.at[1].female = -2, t->face.at[1].age = 40;
    const AvaSpeakerResult *r = judged(ev, NULL);
    assert_null(why());
    assert_float_equal(r->face_age, 35, 1e-5); /* by quality */
    assert_float_equal(r->face_female, 1 / (1 + exp(.5)), 1e-6);
    assert_int_equal(r->track, 4);
    assert_true(out.track.n == 1 && out.track.at[0].views == 2);
    assert_float_equal(out.track.at[0].female, r->face_female, 1e-12);
    for (int k = 0; k < 2; k++) { /* log odds count up to 5 */
        ev = evidence();
        say(ev, 8, 1);
        t = show(ev, 4, 2, 1, 0, 9000000);
        t->face.at[0].female = t->face.at[1].female = k ? 50 : -50;
        assert_float_equal(judged(ev, NULL)->face_female, 1 / (1 + exp(k ? -5 : 5)), 1e-9);
    }
    for (int cross = 0; cross < 2; cross++) { /* a net of one's own goes before what both tell */
        ev = evidence();
        say(ev, 8, 1);
        t = show(ev, 4, 2, 1, 0, 9000000);
        ev->calibration.cross.slope = 3, ev->calibration.cross.middle = .1, ev->calibration.cross.bound = 9;
        t->has_cross = cross;
        t->cross_cosine = .6;
        r = judged(ev, NULL);
        assert_true(isnan(r->cross_net_cosine) == !cross);
        if (cross)
            assert_float_equal(r->llr, 1.5, 1e-9);
        assert_float_equal(r->match, out.field[AVALIGN_VOICE_FACE_MATCH], 1e-12);
    }
}

static void why_there_is_no_answer(void **state)
{
    (void)state;
    static const struct { int windows, views, rate; float age; const char *why; } like[] = {
        { 8, 2, 11025, 40, NULL },     { 8, 2, 11024, 40, "narrow-band" }, { 8, 1, 0, 40, "face-unclear" }, { 8, 2, 0, 13.9f, "child" },
        { 8, 2, 0, 14, NULL },         { 8, 2, 0, 0, NULL },               { 2, 2, 0, 40, NULL },           { 1, 2, 0, 40, "too-short" },
    };
    for (size_t i = 0; i < sizeof like / sizeof *like; i++) {
        AvaEvidence *ev = evidence();
        say(ev, like[i].windows, 1);
        ev->sample_rate = like[i].rate;
        AvaTrackRows *t = show(ev, 4, like[i].views, 1, 0, 9000000);
        for (size_t k = 0; k < t->face.n; k++)
            t->face.at[k].age = like[i].age, t->face.at[k].quality = 1;
        judged(ev, NULL);
        print_message("case %zu\n", i);
        assert_true(like[i].why ? why() && !strcmp(why(), like[i].why) : !why());
    }
    AvaEvidence *two = evidence(); /* either may be who speaks */
    say(two, 8, 1);
    show(two, 4, 2, 1, 0, 9000000);
    show(two, 5, 2, 1, 0, 9000000);
    judged(two, NULL);
    assert_string_equal(why(), "several-faces");
    for (int first = 0; first < 2; first++) { /* one view is nobody to be taken for another; what was looked at first is it */
        two = evidence();
        say(two, 8, 1);
        show(two, 4, first ? 2 : 1, 1, 0, 9000000);
        show(two, 5, first ? 1 : 2, 1, 0, 9000000);
        judged(two, NULL);
        assert_true(first ? !why() && out.speaker.track == 4 : why() && !strcmp(why(), "face-unclear"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_voice),    cmocka_unit_test(how_many_voices),        cmocka_unit_test(a_view_of_somebody_else),
        cmocka_unit_test(one_voice_on_two_faces), cmocka_unit_test(what_is_compared), cmocka_unit_test(why_there_is_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
