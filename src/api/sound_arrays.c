/* sound_arrays.c -- the sound's own questions, from samples in memory. */
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
        out->llr = json_number_value(json_object_get(json_object_get(json_object_get(r->root, "signals"), "authenticity"), "llr"));
    }
    avalign_result_free(&r);
    return rc;
}

/* The kind as static text, for the result goes away. */
static const char *kind_of(const char *kind)
{
    static const char *const kinds[] = { "splice", "copy_move", "silence", "phase", "vocoder", "compression", "resampling" };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(kind, kinds[i]))
            return kinds[i];
    return "";
}

int avalign_detect_audio_artifacts(AvalignModels *models, const AvalignPcm *pcm, AvalignArtifact *out, size_t room, size_t *n)
{
    AvalignResult *r = NULL;
    if (!models || !pcm || (!out && room) || !n)
        return AVALIGN_ERR_ARG;
    *n = 0;
    int rc = judge(models, pcm, "artifacts", &r);
    const json_t *s;
    size_t i;
    json_array_foreach(rc ? NULL : json_object_get(json_object_get(json_object_get(r->root, "signals"), "artifacts"), "segments"), i, s) {
        if (i < room) {
            AvalignArtifact *a = &out[i];
            a->kind = kind_of(json_string_value(json_object_get(s, "kind")));
            a->start_s = json_number_value(json_object_get(s, "start_s"));
            a->end_s = json_number_value(json_object_get(s, "end_s"));
            a->score = json_number_value(json_object_get(s, "score"));
            snprintf(a->evidence, sizeof a->evidence, "%s", json_string_value(json_object_get(s, "evidence")));
        }
        *n = i + 1;
    }
    avalign_result_free(&r);
    return rc;
}
