/* Voices and faces made up: who changes, who is two, and what the likelihood ratios say. */
#include "test.h"

#include <math.h>
#include <string.h>

#include "analyze/speaker/speaker_model.h"
#include "output.h"

extern const AvaAnalyzer ava_speaker;

/* Person p's voice or face: a fixed direction with a little noise. */
static void made_up(int p, int i, float *v, size_t n)
{
    uint32_t s = (uint32_t)p * 2654435761u + 12345, r = (uint32_t)i * 40503u + 7;
    double norm = 0;
    for (size_t d = 0; d < n; d++) {
        s = s * 1664525u + 1013904223u;
        r = r * 1664525u + 1013904223u;
        v[d] = (float)((double)(s >> 8) / (1 << 24) - 0.5 + 0.3 * ((double)(r >> 8) / (1 << 24) - 0.5));
        norm += v[d] * v[d];
    }
    for (size_t d = 0; d < n; d++)
        v[d] /= (float)sqrt(norm);
}

static void say(AvaEvidence *ev, int person, int windows, float joint)
{
    for (int i = 0; i < windows; i++) {
        AvaVoiceVec v = { .start_us = (int64_t)ev->voice.n * 800000, .speech_s = 1.6f, .joint = joint };
        v.end_us = v.start_us + 1600000;
        made_up(person, (int)ev->voice.n, v.v, AVALIGN_VOICE_DIM);
        assert_int_equal(ava_push(&ev->voice, v), 0);
    }
    ev->speech_s = 0.8 * (double)ev->voice.n;
}

static void show(AvaEvidence *ev, int id, int person, int from_s, int to_s, float female)
{
    AvaTrackRows t = { .id = id };
    for (int i = from_s * 25; i < to_s * 25; i++) {
        AvaFaceRow r = { .t_us = i * 40000, .presence = 1, .eye = 80, .mouth_open = 0.1f };
        assert_int_equal(ava_push(&t.row, r), 0);
    }
    for (int s = from_s; s < to_s; s++) {
        AvaFaceVec f = { .t_us = s * 1000000, .quality = 0.8f, .female = female, .age = 40 };
        made_up(person, s, f.v, AVALIGN_FACE_DIM);
        assert_int_equal(ava_push(&t.face, f), 0);
    }
    assert_int_equal(ava_push(&ev->track, t), 0);
}

static AvaEvidence *evidence(void)
{
    AvaEvidence *ev = calloc(1, sizeof *ev);
    ev->has_audio = ev->has_video = 1;
    ev->snr_db = 40;
    return ev;
}

static AvaAnalysisOutput out; /* the last one */

/* said: who speaks when, taken over; NULL: nobody knows. */
static const AvaSpeakerResult *judged(AvaEvidence *ev, const AvaSegmentList *said, double *match, const char **reason)
{
    ava_analysis_output_free(&out);
    out = test_output();
    if (said)
        out.segment = *said;
    assert_int_equal(test_run(&ava_speaker, ev, &out), 0);
    *match = out.field[AVALIGN_VOICE_FACE_MATCH];
    *reason = out.reason[AVALIGN_VOICE_FACE_MATCH];
    ava_evidence_free(ev);
    free(ev);
    return &out.speaker;
}

static void voice_and_face_of_one_sex_match(void **state)
{
    (void)state;
    for (int voice = -1; voice <= 1; voice += 2)
        for (int face = -1; face <= 1; face += 2) {
            AvaEvidence *ev = evidence();
            double match;
            const char *reason;
            say(ev, 1, 12, 2.f * (float)voice);
            show(ev, 0, 2, 0, 10, 3.f * (float)face);
            const AvaSpeakerResult *v = judged(ev, NULL, &match, &reason);
            assert_null(reason);
            assert_true(voice == face ? match > 0.7 : match < 0.4);
            assert_int_equal(v->voice.n, 1);
            assert_int_equal(v->change.n + v->drift.n, 0);
        }
}

static void a_second_voice_is_found(void **state)
{
    (void)state;
    AvaEvidence *ev = evidence();
    double match;
    const char *reason;
    say(ev, 1, 10, 1);
    say(ev, 7, 10, 1);
    show(ev, 0, 2, 0, 16, 1);
    const AvaSpeakerResult *v = judged(ev, NULL, &match, &reason);
    assert_int_equal(v->voice.n, 2);
    assert_int_equal(v->change.n, 1);
    assert_float_equal((double)v->change.at[0].time_us / 1e6, 8.4, 1.0);
    assert_true(v->change.at[0].face_stays);
    assert_string_equal(reason, "several-voices");
}

/* Windows of a voice that from the middle on has this cosine to before, as a net gives them every `hop` s. */
static void say_in_two_tones(AvaEvidence *ev, double cosine, double hop)
{
    int n = (int)(16 / hop);
    for (int i = 0; i < n; i++) {
        AvaVoiceVec v = { .start_us = llrint(i * hop * 1e6), .end_us = llrint((i + 2) * hop * 1e6), .speech_s = (float)(2 * hop), .joint = 1 };
        v.v[0] = i < n / 2 ? 1 : (float)cosine;
        v.v[1] = i < n / 2 ? 0 : (float)sqrt(1 - cosine * cosine);
        assert_int_equal(ava_push(&ev->voice, v), 0);
    }
    ev->speech_s = 16;
}

/* What is another voice by the one net is the same by the other: each has its scale and its windows. */
static void each_net_is_judged_by_its_own_scale(void **state)
{
    (void)state;
    static const struct { int identity; double cosine, hop; size_t voices; } cases[] = {
        { 0, .62, .8, 2 }, { 0, .75, .8, 1 }, { 1, .62, .4, 1 }, { 1, .40, .4, 2 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AvaEvidence *ev = evidence();
        double match;
        const char *reason;
        ev->calibration = test_calibration_of(cases[i].identity);
        say_in_two_tones(ev, cases[i].cosine, cases[i].hop);
        const AvaSpeakerResult *v = judged(ev, NULL, &match, &reason);
        assert_int_equal(v->voice.n, cases[i].voices);
        assert_int_equal(v->change.n, cases[i].voices - 1);
        if (v->change.n)
            assert_float_equal((double)v->change.at[0].time_us / 1e6, 8.4, 1);
        double speech = 0;
        for (size_t k = 0; k < v->voice.n; k++)
            speech += v->voice.at[k].speech_s;
        assert_float_equal(speech, 16, .1);
    }
}

static void a_face_that_flickers_is_found(void **state)
{
    (void)state;
    AvaEvidence *ev = evidence();
    double match;
    const char *reason;
    say(ev, 1, 12, 1);
    show(ev, 0, 2, 0, 12, 1);
    made_up(9, 5, ev->track.at[0].face.at[5].v, AVALIGN_FACE_DIM);
    const AvaSpeakerResult *v = judged(ev, NULL, &match, &reason);
    assert_int_equal(v->drift.n, 1);
    assert_float_equal((double)v->drift.at[0].time_us / 1e6, 5, 0.01);
}

static void one_voice_on_two_faces(void **state)
{
    (void)state;
    for (int same = 0; same < 2; same++) {
        AvaEvidence *ev = evidence();
        double match;
        const char *reason;
        say(ev, 1, 10, 1);
        say(ev, same ? 1 : 7, 10, 1);
        show(ev, 0, 2, 0, 8, 1);
        show(ev, 1, 3, 8, 16, 1);
        AvaSegmentList said = { 0 };
        test_says(&said, 0, 0, 8);
        test_says(&said, 1, 8, 16);
        const AvaSpeakerResult *v = judged(ev, &said, &match, &reason);
        assert_int_equal(v->shared.n, same);
    }
}

static void too_little_is_not_judged(void **state)
{
    (void)state;
    double match;
    const char *reason;
    AvaEvidence *ev = evidence();
    say(ev, 1, 1, 1);
    show(ev, 0, 2, 0, 10, 1);
    judged(ev, NULL, &match, &reason);
    assert_string_equal(reason, "too-short");
    ev = evidence();
    say(ev, 1, 12, 1);
    show(ev, 0, 2, 0, 1, 1);
    judged(ev, NULL, &match, &reason);
    assert_string_equal(reason, "face-unclear");
    ev = evidence();
    say(ev, 1, 12, 1);
    show(ev, 0, 2, 0, 10, 1);
    for (size_t i = 0; i < ev->track.at[0].face.n; i++)
        ev->track.at[0].face.at[i].age = 8;
    judged(ev, NULL, &match, &reason);
    assert_string_equal(reason, "child");
    ev = evidence();
    say(ev, 1, 12, 1);
    show(ev, 0, 2, 0, 10, 1);
    ev->sample_rate = 8000;
    judged(ev, NULL, &match, &reason);
    assert_string_equal(reason, "narrow-band");
}

static void ratios_are_bounded(void **state)
{
    (void)state;
    assert_true(ava_voice_llr(test_calibration(), 1, 100) <= 3.2 && ava_voice_llr(test_calibration(), -1, 100) >= -3.2);
    assert_true(ava_face_llr(test_calibration(), 1) <= 3.2 && ava_face_llr(test_calibration(), -1) >= -3.2);
    assert_true(ava_cross_llr(test_calibration(), 50, -50) >= -2 && ava_cross_llr(test_calibration(), 50, 50) <= log(2) + 1e-9);
    assert_float_equal(ava_cross_llr(test_calibration(), 0, 3), 0, 1e-9); /* a voice that does not tell says nothing */
    assert_true(ava_cross_match(test_calibration(), 0) > 0.5);
}

/* The calibrated ratios by their formulas, with numbers that are easy to follow; and their bounds. */
static void ratios_by_their_formulas(void **state)
{
    (void)state;
    AvaCalibration c = { 0 };
    AvaEvidence ev = { 0 };
    AvaVoiceVec v = { .speech_s = 1.6f };
    c.voice.middle = .5, c.voice.longer = .01, c.voice.slope = 10, c.voice.bound = 3;
    assert_float_equal(ava_voice_llr(&c, .6, 1), 10 * .6 * (.6 - .51), 1e-12); /* a second counts .6 */
    assert_float_equal(ava_voice_llr(&c, .6, 3), 10 * (.6 - .53), 1e-12);      /* three and more all */
    assert_float_equal(ava_voice_llr(&c, .6, 8), 10 * (.6 - .58), 1e-12);
    assert_float_equal(ava_voice_llr(&c, .6, 80), 10 * (.6 - .58), 1e-12);     /* longer is no more alike */
    assert_float_equal(ava_voice_llr(&c, 1, 8), 3, 1e-12);
    assert_float_equal(ava_voice_llr(&c, -1, 8), -3, 1e-12);
    assert_true(isnan(ava_voice_llr(&c, NAN, 8)));
    assert_float_equal(ava_voice_hop_s(&ev), 0, 1e-12);
    assert_int_equal(ava_push(&ev.voice, v), 0);
    assert_float_equal(ava_voice_hop_s(&ev), .8, 1e-6); /* windows lie half over each other */
    ava_evidence_free(&ev);
    c.face.middle = .25, c.face.slope = 8, c.face.bound = 4;
    assert_float_equal(ava_face_llr(&c, .5), 2, 1e-12);
    assert_float_equal(ava_face_llr(&c, -1), -4, 1e-12);
    c.voice_sex.even = .3, c.voice_sex.slope = 2, c.voice_sex.pitch = 5, c.voice_sex.bound = 6;
    assert_float_equal(ava_voice_female(&c, .5, 0), 1.3, 1e-12);
    assert_float_equal(ava_voice_female(&c, .5, 160), 1.3, 1e-12);
    assert_float_equal(ava_voice_female(&c, .5, 220), 1.3 + 5 * log(220 / 160.), 1e-12);
    assert_float_equal(ava_voice_female(&c, 9, 400), 6, 1e-12);
    c.face_sex.even = -.1, c.face_sex.slope = 3, c.face_sex.bound = 5, c.face_sex.match_bound = .6;
    assert_float_equal(ava_face_female(&c, .2), .5, 1e-12);
    assert_float_equal(ava_face_female(&c, -9), -5, 1e-12);
    double p = 1 / (1 + exp(-1.)), q = 1 / (1 + exp(.5));
    assert_float_equal(ava_cross_llr(&c, 1, -.5), log(2 * (p * q + (1 - p) * (1 - q))), 1e-12);
    assert_float_equal(ava_cross_llr(&c, 5, 5), .6, 1e-12);
    assert_float_equal(ava_cross_llr(&c, 5, -5), -.6, 1e-12);
    assert_true(isnan(ava_cross_llr(&c, NAN, 1)));
    c.cross.middle = .1, c.cross.slope = 4, c.cross.bound = 2;
    assert_float_equal(ava_cross_net_llr(&c, .35), 1, 1e-12);
    assert_float_equal(ava_cross_net_llr(&c, 1), 2, 1e-12);
    c.face_sex.match_slope = 2, c.face_sex.match_even = .5;
    assert_float_equal(ava_cross_match(&c, .25), 1 / (1 + exp(-1.5)), 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(voice_and_face_of_one_sex_match), cmocka_unit_test(a_second_voice_is_found), cmocka_unit_test(each_net_is_judged_by_its_own_scale),
        cmocka_unit_test(a_face_that_flickers_is_found),   cmocka_unit_test(one_voice_on_two_faces),
        cmocka_unit_test(too_little_is_not_judged),        cmocka_unit_test(ratios_are_bounded),
        cmocka_unit_test(ratios_by_their_formulas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
