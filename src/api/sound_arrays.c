/* sound_arrays.c -- the sound's own questions, from samples in memory. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/analysis.h"
#include "result/result.h"

/* The result of one analyzer on one sound. */
static int judge(AvalignModels *models, const AvalignPcm *pcm, const char *analyzer, AvalignResult **out)
{
    AvalignConfig cfg;
    AvalignContext *c = NULL;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.analyzers = analyzer;
    int rc = avalign_open(&c, models, &cfg);
    if (!rc) {
        c->need_video = 0; /* there are no pictures to come */
        rc = avalign_push_audio(c, pcm);
    }
    if (!rc)
        rc = avalign_finish(c, out);
    avalign_close(&c);
    return rc;
}

int avalign_detect_synthetic_voice(AvalignModels *models, const AvalignPcm *pcm, AvalignSyntheticVoice *out)
{
    AvalignResult *r = NULL;
    if (!models || !pcm || !out)
        return AVALIGN_ERR_ARG;
    memset(out, 0, sizeof *out);
    int rc = judge(models, pcm, "authenticity", &r);
    if (!rc) {
        out->reason = r->fields.reason[AVALIGN_VOICE_AUTHENTICITY];
        out->authenticity = r->fields.voice_authenticity;
        out->llr = isnan(r->found.authenticity.llr) ? 0 : r->found.authenticity.llr;
    }
    avalign_result_free(&r);
    return rc;
}

int avalign_detect_audio_artifacts(AvalignModels *models, const AvalignPcm *pcm, AvalignArtifact *out, size_t room, size_t *n)
{
    AvalignResult *r = NULL;
    if (!models || !pcm || (!out && room) || !n)
        return AVALIGN_ERR_ARG;
    *n = 0;
    int rc = judge(models, pcm, "artifacts", &r);
    const AvaArtifactList *l = rc ? NULL : &r->found.artifacts.segment;
    for (size_t i = 0; l && i < l->n; i++) {
        const AvaArtifact *s = &l->at[i];
        if (i < room) {
            out[i] = (AvalignArtifact){ .kind = s->kind, .start_s = ava_rounded_s(s->start_us, 3), .end_s = ava_rounded_s(s->end_us, 3),
                                        .score = ava_rounded(s->score, 3) };
            snprintf(out[i].evidence, sizeof out[i].evidence, "%s", s->evidence);
        }
        *n = i + 1;
    }
    avalign_result_free(&r);
    return rc;
}
