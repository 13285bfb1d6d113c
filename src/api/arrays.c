/* arrays.c -- lip sync of one face from the caller's arrays. */
#include <math.h>
#include <string.h>

#include "api/api.h"
#include "util/err.h"

int ava_pass_on(AvalignContext *c, int rc, AvalignErrorInfo *why)
{
    if (rc && c && c->error.code && why && !why->code)
        *why = c->error;
    return rc;
}

/* 0 for what is not known. */
static double arrays_known(double x) { return isnan(x) ? 0 : x; }

static void arrays_fill(const AvalignResult *r, AvalignLipSync *out)
{
    const AvaSyncResult *lip = &r->found.sync;
    out->reason = r->fields.reason[AVALIGN_SYNC_CONFIDENCE] ? r->fields.reason[AVALIGN_SYNC_CONFIDENCE]
                : r->fields.reason[AVALIGN_LIP_SYNC_SCORE];
    out->offset_ms = arrays_known(lip->file.offset_ms);
    out->confidence = r->fields.sync_confidence;
    out->score = r->fields.lip_sync_score;
    out->p_value = arrays_known(lip->file.p_value);
    for (size_t k = 0; k < 2; k++)
        out->interval_ms[k] = arrays_known(lip->interval_ms[k]);
}

int avalign_analyze_lip_sync(AvalignModels *models, const AvalignFace *faces, const int64_t *t_us, size_t n,
                             const AvalignPcm *pcm, AvalignLipSync *out, AvalignErrorInfo *why)
{
    ava_err_clear(why);
    if (!models || (!faces && n) || (!t_us && n) || !pcm || !out)
        return ava_fail(why, AVALIGN_ERR_ARG, "call", AVA_NO_TIME, 0, "models, faces with their times, sound or a place for the answer are missing");
    memset(out, 0, sizeof *out);
    for (size_t i = 1; i < n; i++)
        if (t_us[i] <= t_us[i - 1])
            return ava_fail(why, AVALIGN_ERR_ARG, "call", t_us[i], 0, "the times of the faces must increase");
    AvalignConfig cfg;
    AvalignContext *c = NULL;
    AvalignResult *r = NULL;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.analyzers = "lipsync";
    int rc = avalign_open(&c, models, &cfg, why);
    for (size_t i = 0; !rc && i < n; i++) {
        AvalignFace one = faces[i];
        one.track_id = 0;
        rc = avalign_push_faces(c, t_us[i], &one, 1);
    }
    if (!rc)
        rc = avalign_push_audio(c, pcm);
    if (!rc)
        rc = avalign_finish(c, &r);
    if (!rc)
        arrays_fill(r, out);
    ava_pass_on(c, rc, why);
    avalign_result_free(&r);
    avalign_close(&c);
    return rc;
}
