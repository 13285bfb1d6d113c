/* Is the voice a person's: who answers, when nobody does, and what becomes of the nets' numbers. */
#include "test.h"

#include <math.h>

#include "output.h"

extern const AvaAnalyzer ava_authenticity;

/* A recording in which somebody speaks for so long; nothing has listened yet. */
static AvaEvidence spoken(double speech_s)
{
    return (AvaEvidence){ .has_audio = 1, .sound_us = 10000000, .sound_t0_us = 200000, .speech_s = speech_s, .snr_db = 30, .calibration = *test_calibration() };
}

static void hear(AvaEvidence *ev, float synthetic, float codec)
{
    AvaPersonOdds o = { .start_us = (int64_t)ev->person.n * 4000000, .end_us = (int64_t)ev->person.n * 4000000 + 4000000, .synthetic = synthetic, .codec = codec };
    assert_int_equal(ava_push(&ev->person, o), 0);
    ev->has_encoder = ev->has_person = 1;
}

static void hear_experts(AvaEvidence *ev, float odds)
{
    AvaSpoof s = { .start_us = 0, .end_us = 3000000, .odds = odds };
    s.expert[0] = odds;
    assert_int_equal(ava_push(&ev->spoof, s), 0);
    ev->n_experts = 1;
    ev->expert[0] = "spectrum";
}

/* The reason, or the method that answered. */
static const char *says(AvaEvidence *ev)
{
    AvaAnalysisOutput out = test_output();
    assert_int_equal(test_run(&ava_authenticity, ev, &out), 0);
    const char *absent = out.authenticity.absent, *method = out.authenticity.method;
    assert_int_equal(absent == NULL, out.reason[AVALIGN_VOICE_AUTHENTICITY] == NULL);
    ava_analysis_output_free(&out);
    ava_evidence_free(ev);
    return absent ? absent : method;
}

static void who_answers_and_why_nobody_does(void **state)
{
    (void)state;
    AvaEvidence ev = { .has_video = 1, .calibration = *test_calibration() };
    assert_string_equal(says(&ev), "no-audio");
    static const struct { double speech_s; const char *reason; } lengths[] = {
        { .4, "no-speech" }, { .5, "too-short" }, { .9, "too-short" }, { 1, "speech-encoder" }, { 5, "speech-encoder" },
    };
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        ev = spoken(lengths[i].speech_s);
        hear(&ev, -1, -1);
        assert_string_equal(says(&ev), lengths[i].reason);
    }
    ev = spoken(5);
    assert_string_equal(says(&ev), "net-left-out");
    ev = spoken(5);
    ev.has_encoder = ev.has_person = 1; /* they heard nothing that was long enough */
    assert_string_equal(says(&ev), "too-short");
    ev = spoken(5);
    hear(&ev, -1, -1);
    ev.calibration.person.score_bound = NAN;
    assert_string_equal(says(&ev), "not-calibrated");
    ev = spoken(5);
    hear(&ev, -1, -1);
    hear_experts(&ev, 0);
    ev.calibration.person.llr_even = NAN; /* the experts, then */
    assert_string_equal(says(&ev), "voice-spoof");
    ev = spoken(5);
    hear_experts(&ev, 0);
    ev.calibration.spoof.real_99 = NAN;
    assert_string_equal(says(&ev), "not-calibrated");
    ev = spoken(5);
    hear(&ev, -1, -1);
    ev.snr_db = 2; /* nor is anybody accused in noise */
    assert_string_equal(says(&ev), "too-noisy");
}

static void windows_have_their_own_and_the_mean_decides(void **state)
{
    (void)state;
    AvaEvidence ev = spoken(8);
    AvaAnalysisOutput out = test_output();
    hear(&ev, -2, .5f);
    hear(&ev, 1, -1.5f);
    assert_int_equal(test_run(&ava_authenticity, &ev, &out), 0);
    const AvaAuthenticityResult *r = &out.authenticity;
    const AvaCalibration *c = &ev.calibration;
    assert_float_equal(r->odds, -.5, 1e-6);
    assert_float_equal(r->codec, -.5, 1e-6);
    assert_float_equal(r->score, 1 / (1 + exp(-.5)), 1e-6);
    assert_float_equal(out.field[AVALIGN_VOICE_AUTHENTICITY], r->score, 0);
    assert_float_equal(r->llr, fmax(-c->person.llr_bound, fmin(c->person.llr_slope * (c->person.llr_even + .5), c->person.llr_bound)), 1e-6);
    assert_int_equal(r->window.n, 2);
    assert_int_equal(r->window.at[1].start_us, 4200000); /* presentation times */
    assert_int_equal(r->window.at[1].end_us, 8200000);
    assert_float_equal(r->window.at[0].score, 1 / (1 + exp(-2)), 1e-6);
    assert_float_equal(r->window.at[1].score, 1 / (1 + exp(1)), 1e-6);
    ava_analysis_output_free(&out);
    ava_evidence_free(&ev);
}

static void no_odds_are_believed_without_bound(void **state)
{
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) {
        AvaEvidence ev = spoken(8);
        AvaAnalysisOutput out = test_output();
        hear(&ev, (float)sign * 50, 0);
        assert_int_equal(test_run(&ava_authenticity, &ev, &out), 0);
        assert_float_equal(out.authenticity.score, 1 / (1 + exp(sign * ev.calibration.person.score_bound)), 1e-6);
        assert_float_equal(out.authenticity.llr, -sign * ev.calibration.person.llr_bound, 1e-6);
        ava_analysis_output_free(&out);
        ava_evidence_free(&ev);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_answers_and_why_nobody_does),
        cmocka_unit_test(windows_have_their_own_and_the_mean_decides),
        cmocka_unit_test(no_odds_are_believed_without_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
