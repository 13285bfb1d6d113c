/* arrays.c -- lip sync of one face from the caller's arrays. */
#include <math.h>
#include <string.h>

#include "pipeline/analysis.h"
#include "result/result.h"

/* 0 for what is not known. */
static double known(double x) { return isnan(x) ? 0 : x; }

int avalign_analyze_lip_sync(AvalignModels *models, const AvalignFace *faces, const int64_t *t_us, size_t n,
                             const AvalignPcm *pcm, AvalignLipSync *out)
{
    if (!models || (!faces && n) || (!t_us && n) || !pcm || !out)
        return AVALIGN_ERR_ARG;
    memset(out, 0, sizeof *out);
    AvalignConfig cfg;
    AvalignContext *c = NULL;
    AvalignResult *r = NULL;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.analyzers = "lipsync";
    int rc = avalign_open(&c, models, &cfg);
    for (size_t i = 0; !rc && i < n; i++) {
        AvalignFace one = faces[i];
        one.track_id = 0;
        rc = i && t_us[i] <= t_us[i - 1] ? AVALIGN_ERR_ARG : avalign_push_faces(c, t_us[i], &one, 1);
    }
    if (!rc)
        rc = avalign_push_audio(c, pcm);
    if (!rc)
        rc = avalign_finish(c, &r);
    if (!rc) {
        const AvaSyncResult *lip = &r->found.sync;
        out->reason = r->fields.reason[AVALIGN_SYNC_CONFIDENCE] ? r->fields.reason[AVALIGN_SYNC_CONFIDENCE]
                    : r->fields.reason[AVALIGN_LIP_SYNC_SCORE];
        out->offset_ms = known(lip->file.offset_ms);
        out->confidence = r->fields.sync_confidence;
        out->score = r->fields.lip_sync_score;
        out->p_value = known(lip->file.p_value);
        for (size_t k = 0; k < 2; k++)
            out->interval_ms[k] = known(lip->interval_ms[k]);
    }
    avalign_result_free(&r);
    avalign_close(&c);
    return rc;
}
