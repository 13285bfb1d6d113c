/* authenticity.c -- is the voice a person's or a machine's?
 *
 * Experts hear stretches of a few seconds; the measure is the mean of their log odds over the file. Generators that the nets
 * were not taught on are recognised poorly, see docs/accuracy.md, so the ratio is bounded. */
#include <math.h>
#include <stdio.h>

#include "analyze/analyzer.h"
#include "analyze/forensics/authenticity_model.h"
#include "analyze/input_quality.h"

static int run(const AvaEvidence *ev, AvaFindings *out, AvalignErrorInfo *e);

const AvaAnalyzer ava_authenticity = {
    { "authenticity", "is the voice a person's", (const char *const[]){ "vad", "voice-spoof", NULL },
      (const char *const[]){ "voice_authenticity", "authenticity.llr", NULL }, 1 },
    (const AvalignField[]){ AVALIGN_VOICE_AUTHENTICITY, AVALIGN_N_FIELDS }, .run = run
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

static json_t *experts(const AvaEvidence *ev, size_t from, size_t to)
{
    json_t *j = json_object();
    for (int k = 0; k < ev->n_experts; k++) {
        double sum = 0;
        for (size_t i = from; i < to; i++)
            sum += (double)ev->spoof.at[i].expert[k];
        json_object_set_new(j, ev->expert[k], ava_json_real(sum / (double)(to - from), 2));
    }
    return j;
}

static json_t *windows(const AvaEvidence *ev)
{
    json_t *list = json_array();
    for (size_t i = 0; i < ev->spoof.n; i++) {
        const AvaSpoof *s = &ev->spoof.at[i];
        json_array_append_new(list, json_pack("{s:o,s:o,s:o,s:o}", "start_s", ava_json_real((double)(ev->sound_t0_us + s->start_us) / 1e6, 2),
                                              "end_s", ava_json_real((double)(ev->sound_t0_us + s->end_us) / 1e6, 2), "score",
                                              ava_json_real(ava_authenticity_score((double)s->odds), 3), "experts", experts(ev, i, i + 1)));
    }
    return list;
}

static int run(const AvaEvidence *ev, AvaFindings *out, AvalignErrorInfo *e)
{
    (void)e;
    const char *why = why_not(ev);
    if (why) {
        ava_absent(out, &ava_authenticity, why);
        return 0;
    }
    double odds = 0;
    for (size_t i = 0; i < ev->spoof.n; i++)
        odds += (double)ev->spoof.at[i].odds / (double)ev->spoof.n;
    double score = ava_authenticity_score(odds);
    json_object_set_new(out->signals, "authenticity",
                        json_pack("{s:o,s:o,s:o,s:o,s:o}", "score", ava_json_real(score, 3), "llr", ava_json_real(ava_authentic_llr(odds), 2), "odds",
                                  ava_json_real(odds, 2), "experts", experts(ev, 0, ev->spoof.n), "windows", windows(ev)));
    out->field[AVALIGN_VOICE_AUTHENTICITY] = score;
    out->reason[AVALIGN_VOICE_AUTHENTICITY] = NULL;
    return 0;
}
