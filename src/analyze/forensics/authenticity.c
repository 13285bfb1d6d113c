/* authenticity.c -- is the voice a person's or a machine's?
 *
 * Experts hear stretches of a few seconds; the measure is the mean of their log odds over the file. Generators that the nets
 * were not taught on are recognised poorly, see docs/accuracy.md, so the ratio is bounded. */
#include <stdio.h>
#include <stdlib.h>

#include "analyze/analyzer.h"
#include "analyze/forensics/authenticity_model.h"
#include "analyze/input_quality.h"

static int run(const AvaAnalysisInput *in, AvaAnalysisOutput *out, AvalignErrorInfo *e);

const AvaAnalyzer ava_authenticity = {
    { "authenticity", "is the voice a person's", (const char *const[]){ "vad", "voice-spoof", NULL },
      (const char *const[]){ "voice_authenticity", "authenticity.llr", NULL }, 1 },
    (const AvalignField[]){ AVALIGN_VOICE_AUTHENTICITY, AVALIGN_N_FIELDS }, offsetof(AvaAnalysisOutput, authenticity.absent),
    .optional = (const char *const[]){ "background", NULL }, .run = run
};

static const double MIN_SPEECH_S = 1;

static const char *why_not(const AvaEvidence *ev)
{
    if (!ev->has_audio)
        return "no-audio";
    if (ev->speech_s < .5)
        return "no-speech";
    if (ev->speech_s < MIN_SPEECH_S || !ev->spoof.n)
        return "too-short";
    return ava_voice_unfit(ev);
}

/* Means of the experts' numbers over windows from..to-1. */
static void experts(const AvaEvidence *ev, size_t from, size_t to, double out[AVA_MAX_EXPERTS])
{
    for (int k = 0; k < ev->n_experts; k++) {
        double sum = 0;
        for (size_t i = from; i < to; i++)
            sum += (double)ev->spoof.at[i].expert[k];
        out[k] = sum / (double)(to - from);
    }
}

static int windows(const AvaEvidence *ev, AvaAuthenticityResult *r)
{
    if (ava_reserve(&r->window, ev->spoof.n))
        return AVALIGN_ERR_NOMEM;
    for (size_t i = 0; i < ev->spoof.n; i++) {
        const AvaSpoof *s = &ev->spoof.at[i];
        AvaVoiceWindow *w = &r->window.at[r->window.n++];
        *w = (AvaVoiceWindow){ ev->sound_t0_us + s->start_us, ev->sound_t0_us + s->end_us, ava_authenticity_score((double)s->odds), { 0 } };
        experts(ev, i, i + 1, w->expert);
    }
    return 0;
}

static int run(const AvaAnalysisInput *in, AvaAnalysisOutput *out, AvalignErrorInfo *e)
{
    (void)e;
    const AvaEvidence *ev = in->ev;
    AvaAuthenticityResult *r = &out->authenticity;
    const char *why = why_not(ev);
    if (why) {
        ava_absent(out, &ava_authenticity, why);
        return 0;
    }
    double odds = 0;
    for (size_t i = 0; i < ev->spoof.n; i++)
        odds += (double)ev->spoof.at[i].odds / (double)ev->spoof.n;
    r->absent = NULL;
    r->odds = odds;
    r->score = ava_authenticity_score(odds);
    r->llr = ava_authentic_llr(odds);
    r->n_experts = ev->n_experts;
    for (int k = 0; k < ev->n_experts; k++)
        snprintf(r->name[k], sizeof r->name[k], "%s", ev->expert[k]);
    experts(ev, 0, ev->spoof.n, r->expert);
    out->field[AVALIGN_VOICE_AUTHENTICITY] = r->score;
    out->reason[AVALIGN_VOICE_AUTHENTICITY] = NULL;
    return windows(ev, r);
}
