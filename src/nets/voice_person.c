/* voice_person.c -- a person's voice, a machine's, or a person's through a neural codec. */
#include "nets/voice_person.h"

#include <stdlib.h>
#include <string.h>

#include "nets/speech_encoder.h"
#include "util/err.h"

struct AvaPersonNet {
    AvaSession *net;
};

int ava_person_open(AvaPersonNet **out, AvalignModels *m, AvalignErrorInfo *e)
{
    AvaPersonNet *n = *out = calloc(1, sizeof *n);
    if (!n)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "authenticity", AVA_NO_TIME, 0, "out of memory");
    int rc = ava_session_open(&n->net, m, "voice-person", e);
    if (rc)
        ava_person_close(out);
    return rc;
}

void ava_person_close(AvaPersonNet **n)
{
    if (!n || !*n)
        return;
    ava_session_close(&(*n)->net);
    free(*n);
    *n = NULL;
}

int ava_person_run(AvaPersonNet *n, const float *pooled, AvaPersonOdds *out, AvalignErrorInfo *e)
{
    float *in = ava_session_input(n->net, 0, (int64_t[]){ 1, AVA_ENCODER_POOLED }, 2);
    if (!in)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "authenticity", AVA_NO_TIME, 0, "out of memory");
    memcpy(in, pooled, AVA_ENCODER_POOLED * sizeof *in);
    int rc = ava_session_run(n->net, e);
    size_t size = 0;
    const float *o = rc ? NULL : ava_session_output(n->net, 0, &size);
    if (!rc && (!o || size != 2))
        rc = ava_fail(e, AVALIGN_ERR_MODEL, "authenticity", AVA_NO_TIME, 0, "role voice-person gives %zu numbers, not two", size);
    if (!rc) {
        out->synthetic = o[0];
        out->codec = o[1];
    }
    return rc;
}
