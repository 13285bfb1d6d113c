/* voice_person.c -- a person's voice, a machine's, or a person's through a neural codec. */
#include "nets/voice_person.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nets/speech_encoder.h"
#include "util/err.h"

struct AvaPersonNet {
    AvaSession *net;
    AvaPersonCalibration calibration;
};

int ava_person_open(AvaPersonNet **out, AvalignModels *m, AvalignErrorInfo *e)
{
    AvaPersonNet *n = *out = calloc(1, sizeof *n);
    if (!n)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "authenticity", AVA_NO_TIME, 0, "out of memory");
    static const char role[] = "voice-person";
    n->calibration.llr_slope = ava_models_number(m, role, "calibration.llr_slope");
    n->calibration.llr_even = ava_models_number(m, role, "calibration.llr_even");
    n->calibration.llr_bound = ava_models_number(m, role, "calibration.llr_bound");
    int rc = n->calibration.llr_slope > 0 && n->calibration.llr_bound > 0 && isfinite(n->calibration.llr_even)
                 ? ava_session_open(&n->net, m, role, e)
                 : ava_fail(e, AVALIGN_ERR_MODEL, "authenticity", AVA_NO_TIME, 0,
                            "role voice-person: its manifest row needs \"calibration\" with llr_slope and llr_bound over 0, and llr_even");
    if (rc)
        ava_person_close(out);
    return rc;
}

AvaPersonCalibration ava_person_calibration(const AvaPersonNet *n) { return n->calibration; }

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
