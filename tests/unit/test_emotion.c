/* Feelings made up: the measure against SciPy, who is compared with whom, named mismatches, gestures in and out of time. */
#include "test.h"

#include <math.h>

#include "analyze/emotion/emotion_model.h"
#include "golden/gesture.h"
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

static void say(AvaEvidence *ev, int feeling, int from_s, int to_s)
{
    for (int s = from_s; s + 3 <= to_s; s++) {
        AvaEmotionSpan v = { .start_us = s * 1000000LL, .end_us = (s + 3) * 1000000LL };
        one_hot(v.p, feeling);
        assert_int_equal(ava_push(&ev->voice_emotion, v), 0);
    }
    ev->speech_s += to_s - from_s;
}

static void show(AvaEvidence *ev, int id, int feeling, int from_s, int to_s)
{
    AvaTrackRows t = { .id = id };
    for (int i = from_s * 25; i < to_s * 25; i++) {
        AvaFaceRow r = { .t_us = i * 40000, .eye = 80, .mouth_open = i % 2 ? .1f : .15f };
        assert_int_equal(ava_push(&t.row, r), 0);
        AvaEmotionSpan x = { .start_us = r.t_us, .end_us = r.t_us };
        one_hot(x.p, feeling);
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

static void same_feeling(void **state)
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

static void another_feeling(void **state)
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

/* ---- gestures --------------------------------------------------------------------------- */

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
    const struct CMUnitTest tests[] = { cmocka_unit_test(measure), cmocka_unit_test(affect_and_ratio), cmocka_unit_test(talking_is_taken_out), cmocka_unit_test(prosody),
                                        cmocka_unit_test(same_feeling), cmocka_unit_test(sides_say_why),
        cmocka_unit_test(another_feeling),
                                        cmocka_unit_test(of_two_faces_the_speaker_counts), cmocka_unit_test(reasons),
                                        cmocka_unit_test(gestures_in_time), cmocka_unit_test(gestures_as_numpy_has_them) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
