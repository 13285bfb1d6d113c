/* authenticity.c -- is the voice a person's or a machine's?
 *
 * A head on the speech encoder hears windows of up to four seconds of speech; the measure is the mean of its log odds over the
 * file. Where the models have no such head, the experts of role voice-spoof answer in its place. Generators that were not taught
 * are recognised less well, see docs/accuracy.md, so the ratio is bounded. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyze/analyzer.h"
#include "analyze/forensics/authenticity_model.h"
#include "analyze/input_quality.h"
#include "util/err.h"

static int authenticity_run(const AvaAnalysisInput *in, AvaAnalysisOutput *out, AvalignErrorInfo *e);

const AvaAnalyzer ava_authenticity = {
    { "authenticity", "is the voice a person's", (const char *const[]){ "vad", NULL },
      (const char *const[]){ "voice_authenticity", "authenticity.llr", NULL }, 1 },
    (const AvalignField[]){ AVALIGN_VOICE_AUTHENTICITY, AVALIGN_N_FIELDS }, offsetof(AvaAnalysisOutput, authenticity.absent),
    .optional = (const char *const[]){ "speech-encoder", "voice-person", "voice-spoof", "background", NULL }, .run = authenticity_run
};

static const double MIN_SPEECH_S = 1;

static int has_head(const AvaEvidence *ev) { return ev->has_encoder && ev->has_person && ava_calibrated(&ev->calibration, "voice-person"); }

static const char *why_not(const AvaEvidence *ev)
{
    if (!ev->has_audio)
        return "no-audio";
    if (ev->speech_s < .5)
        return "no-speech";
    int head = has_head(ev);
    if (!head && !ev->n_experts && ev->speech_s >= MIN_SPEECH_S)
        return ev->has_encoder && ev->has_person ? "not-calibrated" : "net-left-out";
    if (!head && ev->n_experts && !ava_calibrated(&ev->calibration, "voice-spoof"))
        return "not-calibrated";
    if (ev->speech_s < MIN_SPEECH_S || !(head ? ev->person.n : ev->spoof.n))
        return "too-short";
    return ava_voice_unfit(ev);
}

/* Means of the experts' numbers over windows from..to-1. */
static void authenticity_experts(const AvaEvidence *ev, size_t from, size_t to, double out[AVA_MAX_EXPERTS])
{
    for (int k = 0; k < ev->n_experts; k++) {
        double sum = 0;
        for (size_t i = from; i < to; i++)
            sum += (double)ev->spoof.at[i].expert[k];
        out[k] = sum / (double)(to - from);
    }
}

static int by_experts(const AvaEvidence *ev, AvaAuthenticityResult *r)
{
    for (size_t i = 0; i < ev->spoof.n; i++)
        r->odds += (double)ev->spoof.at[i].odds / (double)ev->spoof.n;
    r->method = "voice-spoof";
    r->score = ava_authenticity_score(&ev->calibration, r->odds);
    r->llr = ava_authentic_llr(&ev->calibration, r->odds);
    for (size_t i = 0; i < ev->spoof.n; i++) {
        const AvaSpoof *s = &ev->spoof.at[i];
        AvaVoiceWindow w = { .start_us = ev->sound_t0_us + s->start_us, .end_us = ev->sound_t0_us + s->end_us,
                             .score = ava_authenticity_score(&ev->calibration, (double)s->odds), .codec = NAN };
        authenticity_experts(ev, i, i + 1, w.expert);
        if (ava_push(&r->window, w))
            return -1;
    }
    return 0;
}

static int by_head(const AvaEvidence *ev, AvaAuthenticityResult *r)
{
    r->method = "speech-encoder";
    r->codec = 0;
    for (size_t i = 0; i < ev->person.n; i++) {
        const AvaPersonOdds *o = &ev->person.at[i];
        AvaVoiceWindow w = { .start_us = ev->sound_t0_us + o->start_us, .end_us = ev->sound_t0_us + o->end_us,
                             .score = ava_person_score(&ev->calibration, (double)o->synthetic), .codec = (double)o->codec };
        r->odds += (double)o->synthetic / (double)ev->person.n;
        r->codec += (double)o->codec / (double)ev->person.n;
        if (ava_push(&r->window, w))
            return -1;
    }
    r->score = ava_person_score(&ev->calibration, r->odds);
    r->llr = ava_person_llr(&ev->calibration, r->odds);
    return 0;
}

static int authenticity_run(const AvaAnalysisInput *in, AvaAnalysisOutput *out, AvalignErrorInfo *e)
{
    const AvaEvidence *ev = in->ev;
    AvaAuthenticityResult *r = &out->authenticity;
    const char *why = why_not(ev);
    if (why) {
        ava_absent(out, &ava_authenticity, why);
        return 0;
    }
    r->absent = NULL;
    r->odds = 0;
    r->codec = NAN;
    r->n_experts = ev->spoof.n ? ev->n_experts : 0;
    for (int k = 0; k < r->n_experts; k++)
        snprintf(r->name[k], sizeof r->name[k], "%s", ev->expert[k]);
    if (r->n_experts)
        authenticity_experts(ev, 0, ev->spoof.n, r->expert);
    if ((has_head(ev) ? by_head : by_experts)(ev, r))
        return ava_fail(e, AVALIGN_ERR_NOMEM, "authenticity", AVA_NO_TIME, 0, "out of memory");
    out->field[AVALIGN_VOICE_AUTHENTICITY] = r->score;
    out->reason[AVALIGN_VOICE_AUTHENTICITY] = NULL;
    return 0;
}
