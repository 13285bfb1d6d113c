/* samples.c -- the samples themselves, for SyncNet, which hears them when all faces are known. */
#include <math.h>

#include "avalign/avalign.h"
#include "extract/stage.h"
#include "util/err.h"

enum { MAX_PCM = 11 * 60 * AVALIGN_SPEECH_RATE }; /* a little more than face_lse.c looks at */

static int samples_sound(void *state, int64_t t_us, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    AvaEvidence *ev = ((AvaStageSetup *)state)->ev;
    for (size_t i = 0; i < n && ev->pcm.n < MAX_PCM; i++)
        if (ava_push(&ev->pcm, (int16_t)lrintf(fmaxf(-32768, fminf(pcm[i] * 32768, 32767)))))
            return ava_fail(e, AVALIGN_ERR_NOMEM, "audio", t_us, 0, "out of memory");
    return 0;
}

const AvaStage ava_stage_samples = {
    .name = "samples",
    .roles = (const char *const[]){ "syncnet-sound", NULL },
    .size = sizeof(AvaStageSetup),
    .on_sound = samples_sound,
};
