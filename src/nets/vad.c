/* vad.c -- batches of windows with their context for the net. */
#include "nets/vad.h"

#include <stdlib.h>
#include <string.h>

#include "util/err.h"

enum { CONTEXT = 64, WINDOW = CONTEXT + AVA_VAD_HOP, BATCH = 32, STATE = 128 };

struct AvaVad {
    AvaSession *net;
    AvaVadFn *emit;
    void *cookie;
    float h[STATE], c[STATE];
    float pcm[CONTEXT + BATCH * AVA_VAD_HOP]; /* context, then samples not yet judged */
    size_t n;                                 /* samples after the context */
};

int ava_vad_open(AvaVad **out, AvalignModels *m, AvaVadFn *emit, void *cookie, AvalignErrorInfo *e)
{
    AvaVad *v = *out = calloc(1, sizeof *v);
    if (!v)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "vad", AVA_NO_TIME, 0, "out of memory");
    v->emit = emit;
    v->cookie = cookie;
    int rc = ava_session_open(&v->net, m, "vad", e);
    if (rc)
        ava_vad_close(out);
    return rc;
}

void ava_vad_close(AvaVad **pv)
{
    if (!pv || !*pv)
        return;
    ava_session_close(&(*pv)->net);
    free(*pv);
    *pv = NULL;
}

/* Judges the first `windows` windows in the buffer and drops them. */
static int vad_infer(AvaVad *v, size_t windows, AvalignErrorInfo *e)
{
    float *in = ava_session_input(v->net, 0, (int64_t[]){ (int64_t)windows, WINDOW }, 2);
    float *h = ava_session_input(v->net, 1, (int64_t[]){ 1, 1, STATE }, 3);
    float *c = ava_session_input(v->net, 2, (int64_t[]){ 1, 1, STATE }, 3);
    if (!in || !h || !c)
        return ava_fail(e, AVALIGN_ERR_INFER, "vad", AVA_NO_TIME, 0, "the voice activity net takes no input");
    for (size_t i = 0; i < windows; i++)
        memcpy(in + i * WINDOW, v->pcm + i * AVA_VAD_HOP, WINDOW * sizeof *in);
    memcpy(h, v->h, sizeof v->h);
    memcpy(c, v->c, sizeof v->c);
    int rc = ava_session_run(v->net, e);
    if (rc)
        return rc;
    size_t n = 0, nh = 0, nc = 0;
    const float *hn = ava_session_output(v->net, 1, &nh), *cn = ava_session_output(v->net, 2, &nc);
    const float *p = ava_session_output(v->net, 0, &n);
    if (!p || !hn || !cn || n != windows || nh != STATE || nc != STATE)
        return ava_fail(e, AVALIGN_ERR_MODEL, "vad", AVA_NO_TIME, 0, "the voice activity net's outputs have other shapes");
    memcpy(v->h, hn, sizeof v->h);
    memcpy(v->c, cn, sizeof v->c);
    if (v->emit(v->cookie, p, n))
        return ava_fail(e, AVALIGN_ERR_NOMEM, "vad", AVA_NO_TIME, 0, "out of memory");
    size_t used = windows * AVA_VAD_HOP;
    memmove(v->pcm, v->pcm + used, (CONTEXT + v->n - used) * sizeof *v->pcm);
    v->n -= used;
    return 0;
}

int ava_vad_push(AvaVad *v, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    while (n) {
        size_t take = BATCH * AVA_VAD_HOP - v->n;
        if (take > n)
            take = n;
        memcpy(v->pcm + CONTEXT + v->n, pcm, take * sizeof *pcm);
        v->n += take;
        pcm += take;
        n -= take;
        /* always full batches: results don't depend on how the caller cut the sound */
        if (v->n == BATCH * AVA_VAD_HOP) {
            int rc = vad_infer(v, BATCH, e);
            if (rc)
                return rc;
        }
    }
    return 0;
}

int ava_vad_flush(AvaVad *v, AvalignErrorInfo *e)
{
    if (!v->n)
        return 0;
    size_t windows = (v->n + AVA_VAD_HOP - 1) / AVA_VAD_HOP, pad = windows * AVA_VAD_HOP - v->n;
    memset(v->pcm + CONTEXT + v->n, 0, pad * sizeof *v->pcm);
    v->n += pad;
    return vad_infer(v, windows, e);
}
