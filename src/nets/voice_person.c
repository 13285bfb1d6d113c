/* voice_person.c -- a person's voice, a machine's, or a person's through a neural codec. */
#include "nets/voice_person.h"

#include <string.h>

#include "nets/speech_encoder.h"
#include "util/err.h"

int ava_person_run(AvaSession *s, const float *pooled, AvaPersonOdds *out, AvalignErrorInfo *e)
{
    float *in = ava_session_input(s, 0, (int64_t[]){ 1, AVA_ENCODER_POOLED }, 2);
    if (!in)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "authenticity", AVA_NO_TIME, 0, "out of memory");
    memcpy(in, pooled, AVA_ENCODER_POOLED * sizeof *in);
    int rc = ava_session_run(s, e);
    size_t size = 0;
    const float *o = rc ? NULL : ava_session_output(s, 0, &size);
    if (!rc && (!o || size != 2))
        rc = ava_fail(e, AVALIGN_ERR_MODEL, "authenticity", AVA_NO_TIME, 0, "role voice-person gives %zu numbers, not two", size);
    if (!rc) {
        out->synthetic = o[0];
        out->codec = o[1];
    }
    return rc;
}
