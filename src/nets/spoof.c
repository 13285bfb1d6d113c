/* spoof.c -- runs the experts on synthetic voices side by side on a stretch of speech. */
#include "nets/spoof.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/err.h"

struct AvaSpoofNet {
    AvaSession *net;
    size_t samples;
    int n;
    int even;  /* the net wants -26 dBFS */
    const char *name[AVA_MAX_EXPERTS];
    double weight[AVA_MAX_EXPERTS], bias;
};

int ava_spoof_open(AvaSpoofNet **out, AvalignModels *m, AvalignErrorInfo *e)
{
    AvaSpoofNet *n = *out = calloc(1, sizeof *n);
    if (!n)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "authenticity", AVA_NO_TIME, 0, "out of memory");
    static const char role[] = "voice-spoof";
    double samples = ava_models_number(m, role, "inputs.0.shape.1");
    int names = ava_models_length(m, role, "experts");
    int rc = 0, bad = !(samples >= 8000 && samples <= 160000) || names < 1 || names > AVA_MAX_EXPERTS || ava_models_length(m, role, "weights") != names;
    n->samples = bad ? 0 : (size_t)samples;
    n->n = bad ? 0 : names;
    n->even = !ava_models_true(m, role, "level_as_is");
    double bias = ava_models_number(m, role, "bias");
    n->bias = isnan(bias) ? 0 : bias;
    for (int k = 0; k < n->n; k++) {
        char path[24];
        snprintf(path, sizeof path, "experts.%d", k);
        n->name[k] = ava_models_text(m, role, path);
        snprintf(path, sizeof path, "weights.%d", k);
        n->weight[k] = ava_models_number(m, role, path);
        bad |= !n->name[k] || isnan(n->weight[k]);
    }
    if (ava_models_has(m, role) && bad)
        rc = ava_fail(e, AVALIGN_ERR_MODEL, "authenticity", AVA_NO_TIME, 0,
                      "role voice-spoof: needs an input of 8000 to 160000 samples, and as many \"weights\" as \"experts\", 1 to %d", AVA_MAX_EXPERTS);
    if (!rc)
        rc = ava_session_open(&n->net, m, role, e);
    if (rc)
        ava_spoof_close(out);
    return rc;
}

void ava_spoof_close(AvaSpoofNet **n)
{
    if (!n || !*n)
        return;
    ava_session_close(&(*n)->net);
    free(*n);
    *n = NULL;
}

size_t ava_spoof_samples(const AvaSpoofNet *n) { return n->samples; }

int ava_spoof_experts(const AvaSpoofNet *n, const char *name[AVA_MAX_EXPERTS])
{
    memcpy(name, n->name, sizeof n->name);
    return n->n;
}

int ava_spoof_run(AvaSpoofNet *n, const float *x, size_t len, AvaSpoof *out, AvalignErrorInfo *e)
{
    float *in = len ? ava_session_input(n->net, 0, (int64_t[]){ 1, (int64_t)n->samples }, 2) : NULL;
    if (!in)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "authenticity", AVA_NO_TIME, 0, "out of memory");
    double square = 0;
    for (size_t i = 0; i < len; i++)
        square += (double)x[i] * x[i];
    float gain = n->even ? (float)(.05 / fmax(1e-6, sqrt(square / (double)len))) : 1;
    for (size_t i = 0; i < n->samples; i++)
        in[i] = x[i % len] * gain;
    int rc = ava_session_run(n->net, e);
    size_t size = 0;
    const float *o = rc ? NULL : ava_session_output(n->net, 0, &size);
    if (!rc && (!o || size != (size_t)n->n))
        rc = ava_fail(e, AVALIGN_ERR_INFER, "authenticity", AVA_NO_TIME, 0, "role voice-spoof gives %zu numbers, the manifest names %d", size, n->n);
    if (rc)
        return rc;
    double odds = n->bias;
    memset(out->expert, 0, sizeof out->expert);
    for (int k = 0; k < n->n; k++) {
        out->expert[k] = o[k];
        odds += n->weight[k] * (double)o[k];
    }
    out->odds = (float)odds;
    return 0;
}
