/* test_emotion.c -- emotions made up: the measure against SciPy, who is compared with whom, named mismatches, a face that follows. */
#include "test.h"

#include <math.h>

#include "analyze/emotion/emotion_model.h"
#include "output.h"

extern const AvaAnalyzer ava_emotion;

static void measure(void **state)
{
    (void)state; /* 1 - scipy.spatial.distance.jensenshannon() */
    const double a[] = { .7, .1, .05, .05, .05, .03, .02 }, b[] = { .1, .6, .05, .05, .1, .05, .05 };
    const double x[] = { 1, 0, 0, 0, 0, 0, 0 }, y[] = { 0, 1, 0, 0, 0, 0, 0 };
    assert_float_equal(ava_emotion_agreement(a, b), 0.515806692682, 1e-9);
    assert_float_equal(ava_emotion_agreement(x, y), 0.167445388842, 1e-9);
    assert_float_equal(ava_emotion_agreement(a, a), 1, 1e-9);
    assert_float_equal(ava_emotion_coherence(test_calibration(), 0), 0, 1e-9);
    assert_float_equal(ava_emotion_coherence(test_calibration(), 1), 1, 1e-9);
    assert_true(ava_emotion_coherence(test_calibration(), .4) > .6);
    double valence, arousal;
    ava_emotion_affect(y, &valence, &arousal);
    assert_float_equal(valence, .81, 1e-9);
    assert_float_equal(arousal, .51, 1e-9);
}

/* Places in the plane of valence and arousal (docs/scores.md), and what the calibration makes of an agreement. */
static void affect_and_ratio(void **state)
{
    (void)state;
    static const double place[AVA_N_EMOTIONS][2] = { { 0, 0 }, { .81, .51 }, { -.63, -.27 }, { -.51, .59 }, { -.64, .60 }, { -.60, .35 }, { .40, .67 } };
    double valence, arousal, p[AVA_N_EMOTIONS], v = 0, a = 0;
    for (int k = 0; k < AVA_N_EMOTIONS; k++) {
        p[k] = (k + 1) / 28.;
        v += p[k] * place[k][0];
        a += p[k] * place[k][1];
    }
    ava_emotion_affect(p, &valence, &arousal);
    assert_float_equal(valence, v, 1e-12);
    assert_float_equal(arousal, a, 1e-12);
    assert_int_equal(ava_emotion_top(p), AVA_N_EMOTIONS - 1);
    p[2] = p[4] = .9;
    assert_int_equal(ava_emotion_top(p), 2); /* the first of equals */
    AvaCalibration c = { 0 };
    c.coherence.lowest_real = .25;
    c.coherence.slope = 8;
    c.coherence.middle = .5;
    c.coherence.bound = 2;
    assert_float_equal(ava_emotion_coherence(&c, .1), .24, 1e-12);
    assert_float_equal(ava_emotion_coherence(&c, .25), .6, 1e-12);
    assert_float_equal(ava_emotion_coherence(&c, .55), .76, 1e-12);
    assert_float_equal(ava_emotion_coherence(&c, -1), 0, 1e-12);
    assert_float_equal(ava_emotion_coherence(&c, 2), 1, 1e-12);
    assert_float_equal(ava_emotion_llr(&c, .6), .8, 1e-12);
    assert_float_equal(ava_emotion_llr(&c, 1), 2, 1e-12);
    assert_float_equal(ava_emotion_llr(&c, 0), -2, 1e-12);
}

static void talking_is_taken_out(void **state)
{
    (void)state;
    const float p[] = { .4f, .1f, .05f, .05f, .05f, .05f, .3f };
    double closed[AVA_N_EMOTIONS], open[AVA_N_EMOTIONS], sum = 0;
    AvaCalibration c = { 0 };
    c.expression.talk[AVA_NEUTRAL] = -30;
    c.expression.talk[AVA_SURPRISE] = 12;
    ava_emotion_untalk(&c, p, 0, closed);
    ava_emotion_untalk(&c, p, .1, open);
    double neutral = .4 * exp(3), rest = .1 + 4 * .05, surprise = .3 * exp(-1.2);
    assert_float_equal(open[AVA_NEUTRAL], neutral / (neutral + rest + surprise), 1e-6);
    assert_float_equal(open[AVA_SURPRISE], surprise / (neutral + rest + surprise), 1e-6);
    double wide[AVA_N_EMOTIONS], wider[AVA_N_EMOTIONS];
    ava_emotion_untalk(&c, p, .4, wide);
    ava_emotion_untalk(&c, p, 3, wider); /* no mouth opens further: a tracker's slip */
    assert_float_equal(wide[AVA_SURPRISE], wider[AVA_SURPRISE], 1e-12);
    for (int k = 0; k < AVA_N_EMOTIONS; k++) {
        assert_float_equal(closed[k], p[k], 1e-6);
        sum += open[k];
    }
    assert_float_equal(sum, 1, 1e-9);
    assert_true(open[AVA_NEUTRAL] > closed[AVA_NEUTRAL] && open[AVA_SURPRISE] < closed[AVA_SURPRISE]);
}

static void prosody(void **state)
{
    (void)state;
    float pitch[100], energy[100], voiced[100], x[AVA_N_PROSODY];
    for (int i = 0; i < 100; i++) {
        voiced[i] = i < 60;
        pitch[i] = i % 2 ? 200 : 0; /* an octave above 100 Hz, half of the time */
        energy[i] = i < 30 ? 0 : 2;
    }
    assert_float_equal(ava_prosody(pitch, energy, voiced, 100, x), .6, 1e-6);
    assert_float_equal(x[0], 12, 1e-4);
    assert_float_equal(x[1], 0, 1e-4);
    assert_float_equal(x[3], .5, 1e-4);
    assert_float_equal(x[5], 1, 1e-4);
    assert_float_equal(x[7], 2, 1e-4);
    assert_float_equal(ava_prosody(pitch, energy, voiced + 60, 40, x), 0, 1e-6);
}

/* ---- the analyzer --------------------------------------------------------------------- */

static void one_hot(float *p, int k)
{
    for (int i = 0; i < AVA_N_EMOTIONS; i++)
        p[i] = i == k ? .94f : .01f;
}

static AvaEvidence *evidence(void)
{
    AvaEvidence *ev = calloc(1, sizeof *ev);
    ev->has_audio = ev->has_video = 1;
    ev->snr_db = 30;
    return ev;
}

static void say(AvaEvidence *ev, int emotion, int from_s, int to_s)
{
    for (int s = from_s; s + 3 <= to_s; s++) {
        AvaEmotionSpan v = { .start_us = s * 1000000LL, .end_us = (s + 3) * 1000000LL };
        one_hot(v.p, emotion);
        assert_int_equal(ava_push(&ev->voice_emotion, v), 0);
    }
    ev->speech_s += to_s - from_s;
}

static void show(AvaEvidence *ev, int id, int emotion, int from_s, int to_s)
{
    AvaTrackRows t = { .id = id };
    for (int i = from_s * 25; i < to_s * 25; i++) {
        AvaFaceRow r = { .t_us = i * 40000, .eye = 80, .mouth_open = i % 2 ? .1f : .15f };
        assert_int_equal(ava_push(&t.row, r), 0);
        AvaEmotionSpan x = { .start_us = r.t_us, .end_us = r.t_us };
        one_hot(x.p, emotion);
        if (i % 5 == 0)
            assert_int_equal(ava_push(&t.expression, x), 0);
    }
    assert_int_equal(ava_push(&ev->track, t), 0);
}

static AvaAnalysisOutput out; /* the last one */

/* said: who speaks when, taken over; NULL: nobody knows. */
static const AvaEmotionResult *judged(AvaEvidence *ev, const AvaSegmentList *said, double *coherence, const char **reason)
{
    ava_analysis_output_free(&out);
    out = test_output();
    if (said)
        out.segment = *said;
    assert_int_equal(test_run(&ava_emotion, ev, &out), 0);
    *coherence = out.field[AVALIGN_EMOTION_COHERENCE];
    *reason = out.reason[AVALIGN_EMOTION_COHERENCE];
    ava_evidence_free(ev);
    free(ev);
    return &out.emotion;
}

static void same_emotion(void **state)
{
    (void)state;
    double c;
    const char *why;
    AvaEvidence *ev = evidence();
    say(ev, AVA_HAPPINESS, 0, 8);
    show(ev, 0, AVA_HAPPINESS, 0, 8);
    const AvaEmotionResult *j = judged(ev, NULL, &c, &why);
    assert_null(why);
    assert_true(c > .95);
    assert_int_equal(j->voice.strongest, AVA_HAPPINESS);
    assert_int_equal(j->face.strongest, AVA_HAPPINESS);
    assert_int_equal(j->mismatch.n, 0);
    assert_int_equal(j->window.n, 6);
}

/* Either side says by itself why it is not answered. */
static void sides_say_why(void **state)
{
    (void)state;
    double c;
    const char *why;
    AvaEvidence *ev = evidence();
    say(ev, AVA_HAPPINESS, 0, 8);
    ev->snr_db = 0;
    show(ev, 0, AVA_HAPPINESS, 0, 8);
    const AvaEmotionResult *j = judged(ev, NULL, &c, &why);
    assert_string_equal(why, "too-noisy");
    assert_string_equal(j->voice.absent, "too-noisy");
    assert_int_equal(j->voice.windows, 0);
    assert_null(j->face.absent);
    ev = evidence();
    say(ev, AVA_SADNESS, 0, 8);
    ev->has_video = 0;
    j = judged(ev, NULL, &c, &why);
    assert_string_equal(why, "no-video");
    assert_string_equal(j->face.absent, "no-video");
    assert_null(j->voice.absent);
    assert_int_equal(j->voice.strongest, AVA_SADNESS);
}

static void another_emotion(void **state)
{
    (void)state;
    double c;
    const char *why;
    AvaEvidence *ev = evidence();
    say(ev, AVA_ANGER, 0, 8);
    show(ev, 0, AVA_HAPPINESS, 0, 8);
    const AvaEmotionResult *j = judged(ev, NULL, &c, &why);
    assert_null(why);
    assert_true(j->agreement < .4);
    assert_true(j->llr < 0);
    assert_int_equal(j->mismatch.n, 1); /* one stretch, not six windows */
    char words[AVA_MISMATCH];
    assert_string_equal(ava_mismatch_text(&j->mismatch.at[0], words), "anger in the voice, happiness in the face");
    assert_int_equal(j->mismatch.at[0].start_us, 0);
    assert_int_equal(j->mismatch.at[0].end_us, 8000000);
}

static void of_two_faces_the_speaker_counts(void **state)
{
    (void)state;
    double c;
    const char *why;
    for (int known = 0; known < 2; known++) {
        AvaEvidence *ev = evidence();
        say(ev, AVA_SADNESS, 0, 8);
        show(ev, 0, AVA_HAPPINESS, 0, 8);
        show(ev, 1, AVA_SADNESS, 0, 8);
        AvaSegmentList said = { 0 };
        if (known)
            test_says(&said, 1, 0, 8);
        judged(ev, &said, &c, &why);
        if (known) {
            assert_null(why);
            assert_true(c > .9);
        } else {
            assert_string_equal(why, "several-faces");
        }
    }
}

static void reasons(void **state)
{
    (void)state;
    double c;
    const char *why;
    AvaEvidence *ev = evidence();
    show(ev, 0, AVA_HAPPINESS, 0, 8);
    ev->has_audio = 0;
    const AvaEmotionResult *j = judged(ev, NULL, &c, &why);
    assert_string_equal(why, "no-audio");
    assert_int_equal(j->face.strongest, AVA_HAPPINESS); /* answered all the same */
    assert_int_equal(j->voice.windows, 0);
    ev = evidence();
    say(ev, AVA_FEAR, 0, 8);
    j = judged(ev, NULL, &c, &why);
    assert_string_equal(why, "no-face");
    assert_int_equal(j->voice.strongest, AVA_FEAR);
    ev = evidence();
    say(ev, AVA_FEAR, 0, 8);
    show(ev, 0, AVA_FEAR, 0, 8);
    ev->snr_db = 1;
    judged(ev, NULL, &c, &why);
    assert_string_equal(why, "too-noisy");
    ev = evidence();
    say(ev, AVA_FEAR, 0, 3);
    show(ev, 0, AVA_FEAR, 0, 3);
    judged(ev, NULL, &c, &why);
    assert_string_equal(why, "too-short");
    ev = evidence();
    say(ev, AVA_FEAR, 0, 8);
    show(ev, 0, AVA_FEAR, 0, 8);
    AvaSegmentList said = { 0 };
    test_says(&said, -1, 0, 8);
    judged(ev, &said, &c, &why);
    assert_string_equal(why, "too-short"); /* a voice from off screen is nobody's */
}

/* ---- number by number -------------------------------------------------------------------- */

/* Windows of a second in which anger has p, happiness the rest. */
static void say_p(AvaEvidence *ev, int s, double p)
{
    AvaEmotionSpan v = { .start_us = s * 1000000LL, .end_us = (s + 1) * 1000000LL };
    v.p[AVA_ANGER] = (float)p, v.p[AVA_HAPPINESS] = (float)(1 - p);
    assert_int_equal(ava_push(&ev->voice_emotion, v), 0);
    ev->speech_s += 1;
}

/* The same of a face, mouth shut, looked at five times in the second. */
static void show_p(AvaTrackRows *t, int s, double p)
{
    for (int i = 0; i < 25; i++) {
        AvaFaceRow r = { .t_us = s * 1000000LL + i * 40000, .eye = 80, .mouth_open = .1f, .pitch = (float)(i % 7) };
        AvaEmotionSpan x = { .start_us = r.t_us, .end_us = r.t_us };
        x.p[AVA_ANGER] = (float)p, x.p[AVA_HAPPINESS] = (float)(1 - p);
        assert_int_equal(ava_push(&t->row, r), 0);
        if (i % 5 == 0)
            assert_int_equal(ava_push(&t->expression, x), 0);
    }
}

/* A mouth is open by what it is more than in its lowest tenth. */
static void the_mouth_at_rest(void **state)
{
    (void)state;
    double c, talking[AVA_N_EMOTIONS];
    const char *why;
    for (int shut = 20; shut <= 21; shut++) { /* of 200 rows */
        AvaEvidence *ev = evidence();
        say(ev, AVA_HAPPINESS, 0, 8);
        show(ev, 0, AVA_HAPPINESS, 0, 8);
        float p[AVA_N_EMOTIONS] = { .2f, .3f, .1f, .1f, .1f, .1f, .1f };
        AvaTrackRows *t = &ev->track.at[0];
        for (size_t i = 0; i < t->row.n; i++)
            t->row.at[i].mouth_open = (int)i < shut ? .1f : .3f;
        for (size_t i = 0; i < t->expression.n; i++)
            memcpy(t->expression.at[i].p, p, sizeof p);
        t->expression.n = 1;
        t->expression.at[0].start_us = 4000000 + 1; /* the next row is the one that counts */
        ava_emotion_untalk(test_calibration(), p, shut == 21 ? (double).3f - (double).1f : 0, talking);
        const AvaEmotionResult *j = judged(ev, NULL, &c, &why);
        for (int k = 0; k < AVA_N_EMOTIONS; k++)
            assert_float_equal(j->face.p[k], talking[k], 1e-9);
        assert_true(j->ran && j->face.windows == 1 && j->face_track == 0);
    }
}

/* Five views in a window, from its first instant up to its end; a face that is there in it, and who speaks in it. */
static void whose_voice_it_is(void **state)
{
    (void)state;
    double c;
    const char *why;
    for (int late = 0; late < 2; late++) { /* the fifth lies at the window's end */
        AvaEvidence *ev = evidence();
        AvaTrackRows t = { .id = 7 };
        for (int s = 0; s < 3; s++) {
            say_p(ev, s, .9);
            show_p(&t, s, .9);
        }
        for (size_t i = 0; i < t.expression.n; i++)
            t.expression.at[i].start_us = 1000000 + (int64_t)(i % 5) * (late ? 250000 : 249999);
        t.expression.n = 5;
        assert_int_equal(ava_push(&ev->track, t), 0);
        const AvaEmotionResult *j = judged(ev, NULL, &c, &why);
        assert_true(j->window.at[0].track == -1 && j->window.at[2].track == -1);
        assert_int_equal(j->window.at[1].track, late ? -1 : 7);
        assert_true(isnan(j->window.at[1].agreement) == late);
    }
    static const struct { int64_t from_us, to_us; int whose; } like[] = { /* of two faces, said to speak in a part of second 1 */
        { 1999999, 9000000, 7 }, { 2000000, 9000000, -1 }, { 0, 1000000, -1 }, { 0, 1000001, 7 }
    };
    for (size_t i = 0; i < sizeof like / sizeof *like; i++) {
        AvaEvidence *ev = evidence();
        AvaSegmentList said = { 0 };
        AvaSegment seg = { "speaking", like[i].from_us, like[i].to_us, 7 };
        for (int id = 7; id < 9; id++) {
            AvaTrackRows t = { .id = id };
            for (int s = 0; s < 3; s++)
                show_p(&t, s, .9);
            assert_int_equal(ava_push(&ev->track, t), 0);
        }
        for (int s = 0; s < 3; s++)
            say_p(ev, s, .9);
        assert_int_equal(ava_push(&said, seg), 0);
        const AvaEmotionResult *j = judged(ev, &said, &c, &why);
        assert_int_equal(j->window.at[1].track, like[i].whose);
    }
    for (int64_t off = 0; off < 2; off++) { /* a second face that leaves as the window begins, or comes as it ends, is not in it */
        AvaEvidence *ev = evidence();
        AvaTrackRows a = { .id = 1 }, b = { .id = 2 };
        for (int s = 0; s < 3; s++) {
            say_p(ev, s, .9);
            show_p(&a, s, .9);
        }
        show_p(&b, off ? 2 : 0, .9);
        assert_int_equal(ava_push(&ev->track, a), 0);
        assert_int_equal(ava_push(&ev->track, b), 0);
        const AvaEmotionResult *j = judged(ev, NULL, &c, &why);
        assert_int_equal(j->window.at[1].track, 1);
        assert_int_equal(j->window.at[off ? 2 : 0].track, -1);
    }
}

/* Anger with p in the voice and 1 - p in the face: an agreement of .45 lies between .86 and .88. */
static void how_sure_a_mismatch_must_be(void **state)
{
    (void)state;
    double c;
    const char *why;
    for (int sure = 0; sure < 2; sure++) {
        AvaEvidence *ev = evidence();
        AvaTrackRows t = { .id = 7 };
        for (int s = 0; s < 6; s++) {
            double p = s == 3 ? .5 : sure ? .88 : .86; /* in second 3 nothing is sure */
            say_p(ev, s, p);
            show_p(&t, s, 1 - p);
        }
        assert_int_equal(ava_push(&ev->track, t), 0);
        const AvaEmotionResult *j = judged(ev, NULL, &c, &why);
        assert_float_equal(j->window.at[0].agreement, ava_emotion_agreement(j->window.at[0].voice, j->window.at[0].face), 1e-12);
        assert_int_equal(j->mismatch.n, sure ? 2 : 0);
        if (sure) {
            assert_true(j->mismatch.at[0].start_us == 0 && j->mismatch.at[0].end_us == 3000000);
            assert_true(j->mismatch.at[1].start_us == 4000000 && j->mismatch.at[1].end_us == 6000000);
            assert_true(j->mismatch.at[0].voice == AVA_ANGER && j->mismatch.at[0].face == AVA_HAPPINESS);
        }
    }
}

/* A face that shows what the voice said `late` seconds before: the lag is found, and how far the sides are apart on the mean. Twelve
 * windows are enough. */
static void a_face_that_follows(void **state)
{
    (void)state;
    static const double mood[] = { .1, .7, .2, .9, .4, .3, .8, .15, .55, .95, .25, .6, .35, .85, .5, .05, .75, .45, .65, .3 };
    double c;
    const char *why;
    for (int late = -2; late <= 2; late += 2)
        for (int n = 11; n <= 14; n += 3) {
            AvaEvidence *ev = evidence();
            AvaTrackRows t = { .id = 7 };
            double apart[2] = { 0, 0 };
            for (int s = 0; s < n; s++) {
                double v[2], f[2], voice[AVA_N_EMOTIONS] = { 0 }, face[AVA_N_EMOTIONS] = { 0 };
                say_p(ev, s, mood[s + 3]);
                show_p(&t, s, mood[s + 3 - late]);
                voice[AVA_ANGER] = mood[s + 3], voice[AVA_HAPPINESS] = 1 - mood[s + 3];
                float seen[AVA_N_EMOTIONS] = { 0 };
                seen[AVA_ANGER] = (float)mood[s + 3 - late], seen[AVA_HAPPINESS] = (float)(1 - mood[s + 3 - late]);
                ava_emotion_untalk(test_calibration(), seen, 0, face);
                ava_emotion_affect(voice, &v[0], &v[1]);
                ava_emotion_affect(face, &f[0], &f[1]);
                for (int k = 0; k < 2; k++)
                    apart[k] += fabs(v[k] - f[k]) / n;
            }
            assert_int_equal(ava_push(&ev->track, t), 0);
            const AvaEmotionResult *j = judged(ev, NULL, &c, &why);
            assert_true(j->has_affect == (n == 14));
            if (!j->has_affect)
                continue;
            assert_int_equal(j->valence.face_later_s, late);
            assert_int_equal(j->arousal.face_later_s, late);
            assert_float_equal(j->valence.correlation, 1, 1e-6);
            assert_float_equal(j->valence.mean_difference, apart[0], 1e-6);
            assert_float_equal(j->arousal.mean_difference, apart[1], 1e-6);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measure),
        cmocka_unit_test(affect_and_ratio),
        cmocka_unit_test(talking_is_taken_out),
        cmocka_unit_test(prosody),
        cmocka_unit_test(same_emotion),
        cmocka_unit_test(sides_say_why),
        cmocka_unit_test(another_emotion),
        cmocka_unit_test(of_two_faces_the_speaker_counts),
        cmocka_unit_test(reasons),
        cmocka_unit_test(the_mouth_at_rest),
        cmocka_unit_test(whose_voice_it_is),
        cmocka_unit_test(how_sure_a_mismatch_must_be),
        cmocka_unit_test(a_face_that_follows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
