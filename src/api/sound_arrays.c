/* sound_arrays.c -- the sound's own questions, from samples in memory. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "util/err.h"

/* The result of one analyzer on one sound. */
static int sound_arrays_analyze(AvalignModels *models, const AvalignPcm *pcm, const char *analyzer, AvalignResult **out, AvalignErrorInfo *why)
{
    AvalignConfig cfg;
    AvalignContext *c = NULL;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.analyzers = analyzer;
    int rc = avalign_open(&c, models, &cfg, why);
    if (!rc) {
        c->need_video = 0; /* there are no frames to come */
        rc = avalign_push_audio(c, pcm);
    }
    if (!rc)
        rc = avalign_finish(c, out);
    ava_pass_on(c, rc, why);
    avalign_close(&c);
    return rc;
}

int avalign_detect_synthetic_voice(AvalignModels *models, const AvalignPcm *pcm, AvalignSyntheticVoice *out, AvalignErrorInfo *why)
{
    AvalignResult *r = NULL;
    ava_err_clear(why);
    if (!models || !pcm || !out)
        return ava_fail(why, AVALIGN_ERR_ARG, "call", AVA_NO_TIME, 0, "models, sound or a place for the answer are missing");
    memset(out, 0, sizeof *out);
    int rc = sound_arrays_analyze(models, pcm, "authenticity", &r, why);
    if (!rc) {
        out->reason = r->fields.reason[AVALIGN_VOICE_AUTHENTICITY];
        out->authenticity = r->fields.voice_authenticity;
        out->llr = isnan(r->found.authenticity.llr) ? 0 : r->found.authenticity.llr;
    }
    avalign_result_free(&r);
    return rc;
}

int avalign_detect_audio_artifacts(AvalignModels *models, const AvalignPcm *pcm, AvalignArtifact *out, size_t room, size_t *n,
                                   AvalignErrorInfo *why)
{
    AvalignResult *r = NULL;
    ava_err_clear(why);
    if (!models || !pcm || (!out && room) || !n)
        return ava_fail(why, AVALIGN_ERR_ARG, "call", AVA_NO_TIME, 0, "models, sound or a place for the answer are missing");
    *n = 0;
    int rc = sound_arrays_analyze(models, pcm, "artifacts", &r, why);
    const AvaArtifactList *l = rc ? NULL : &r->found.artifacts.segment;
    for (size_t i = 0; l && i < l->n; i++) {
        const AvaArtifact *s = &l->at[i];
        if (i < room) {
            out[i] = (AvalignArtifact){ .start_s = ava_rounded_s(s->start_us, 3), .end_s = ava_rounded_s(s->end_us, 3),
                                        .score = ava_rounded(s->score, 3) };
            snprintf(out[i].kind, sizeof out[i].kind, "%s", s->kind);
            snprintf(out[i].evidence, sizeof out[i].evidence, "%s", s->evidence);
        }
        *n = i + 1;
    }
    avalign_result_free(&r);
    return rc;
}
