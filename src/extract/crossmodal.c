/* crossmodal.c -- a cross-modal net that the user brings, in place of what sex tells. */
#include "extract/crossmodal.h"

#include <string.h>

#include "evidence/embedding.h"
#include "extract/stage.h"
#include "util/err.h"

enum { MOST = 1024 };

static int project(AvalignModels *m, const char *role, const float *in, size_t dim, float out[MOST], size_t *n, AvalignErrorInfo *e)
{
    AvaSession *s = NULL;
    int rc = ava_session_open(&s, m, role, e);
    float *x = rc ? NULL : ava_session_input(s, 0, (int64_t[]){ 1, (int64_t)dim }, 2);
    if (x)
        memcpy(x, in, dim * sizeof *x);
    if (!rc)
        rc = x ? ava_session_run(s, e) : ava_fail(e, AVALIGN_ERR_NOMEM, "speaker", AVA_NO_TIME, 0, "out of memory");
    const float *o = rc ? NULL : ava_session_output(s, 0, n);
    if (!rc && (!o || *n < 1 || *n > MOST))
        rc = ava_fail(e, AVALIGN_ERR_INFER, "speaker", AVA_NO_TIME, 0, "the net of %s gives %zu numbers; 1 to %d may be", role, *n, MOST);
    if (!rc)
        memcpy(out, o, *n * sizeof *out);
    ava_session_close(&s);
    return rc;
}

int ava_crossmodal_compare(AvalignModels *m, const float voice[AVALIGN_VOICE_DIM], const float face[AVALIGN_FACE_DIM], double *cosine,
                      AvalignErrorInfo *e)
{
    float a[MOST], b[MOST];
    size_t na, nb;
    if (!ava_models_has(m, "cross-face") || !ava_models_has(m, "cross-voice"))
        return 0;
    int rc = project(m, "cross-voice", voice, AVALIGN_VOICE_DIM, a, &na, e);
    if (!rc)
        rc = project(m, "cross-face", face, AVALIGN_FACE_DIM, b, &nb, e);
    if (!rc && na != nb)
        rc = ava_fail(e, AVALIGN_ERR_MODEL, "speaker", AVA_NO_TIME, 0, "cross-voice gives %zu numbers, cross-face %zu; they must be as many", na, nb);
    if (rc)
        return rc;
    *cosine = ava_cosine(a, b, na);
    return 1;
}

/* The mean voice against every track's mean face. */
static int crossmodal_finish(void *state, AvalignErrorInfo *e)
{
    const AvaStageSetup *s = state;
    float voice[AVALIGN_VOICE_DIM], face[AVALIGN_FACE_DIM];
    double quality;
    if (ava_mean_voice(s->ev, voice) <= 0)
        return 0;
    for (size_t i = 0; i < s->ev->track.n; i++) {
        AvaTrackRows *t = &s->ev->track.at[i];
        if (ava_mean_face(t, face, &quality) <= 0)
            continue;
        int rc = ava_crossmodal_compare(s->models, voice, face, &t->cross_cosine, e);
        if (rc < 0)
            return rc;
        t->has_cross = rc;
    }
    return 0;
}

const AvaStage ava_stage_crossmodal = {
    .name = "crossmodal",
    .roles = (const char *const[]){ "voice-joint", NULL },
    .size = sizeof(AvaStageSetup),
    .finish = crossmodal_finish,
};
