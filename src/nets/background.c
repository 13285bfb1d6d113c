/* background.c -- windows of sound through the net, their answers on one time line. */
#include "nets/background.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/err.h"
#include "util/window.h"

enum { RATE = AVALIGN_SPEECH_RATE, WINDOW = AVA_BACKGROUND_WINDOW, HOP = AVA_BACKGROUND_HOP };
static const double SILENT = 1e-3, LEVEL = .05; /* RMS; LEVEL: as in training */

struct AvaBackgroundNet {
    AvaSession *net;
    AvaBackgroundFn *emit;
    void *cookie;
    float buf[WINDOW];
    size_t n;
    int64_t at; /* first sample of buf */
};

int ava_background_open(AvaBackgroundNet **out, AvalignModels *m, AvaBackgroundFn *emit, void *cookie, AvalignErrorInfo *e)
{
    AvaBackgroundNet *b = *out = calloc(1, sizeof *b);
    if (!b)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "background", AVA_NO_TIME, 0, "out of memory");
    b->emit = emit;
    b->cookie = cookie;
    int rc = ava_session_open(&b->net, m, "background", e);
    if (rc)
        ava_background_close(out);
    return rc;
}

void ava_background_close(AvaBackgroundNet **b)
{
    if (!b || !*b)
        return;
    ava_session_close(&(*b)->net);
    free(*b);
    *b = NULL;
}

static int background_infer(AvaBackgroundNet *b, AvalignErrorInfo *e)
{
    double square = 0;
    size_t size = 0;
    for (size_t i = 0; i < b->n; i++)
        square += (double)b->buf[i] * b->buf[i];
    double rms = sqrt(square / (double)b->n);
    if (rms < SILENT)
        return 0;
    float *x = ava_session_input(b->net, 0, (int64_t[]){ 1, WINDOW }, 2);
    if (!x)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "background", AVA_NO_TIME, 0, "out of memory");
    for (size_t i = 0; i < WINDOW; i++)
        x[i] = b->buf[i % b->n] * (float)(LEVEL / rms); /* what is short is repeated */
    int rc = ava_session_run(b->net, e);
    const float *o = rc ? NULL : ava_session_output(b->net, 0, &size);
    if (rc)
        return rc;
    if (!o || size != 2)
        return ava_fail(e, AVALIGN_ERR_INFER, "background", AVA_NO_TIME, 0, "role background gives %zu numbers, not 2", size);
    AvaBackground w = { b->at * 1000000 / RATE, (b->at + (int64_t)b->n) * 1000000 / RATE, o[0], o[1] };
    return b->emit(b->cookie, &w, 1) ? ava_fail(e, AVALIGN_ERR_NOMEM, "background", AVA_NO_TIME, 0, "out of memory") : 0;
}

int ava_background_push(AvaBackgroundNet *b, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    int rc = 0;
    while (!rc && ava_window_fill(b->buf, &b->n, WINDOW, &pcm, &n)) {
        rc = background_infer(b, e);
        ava_window_step(b->buf, &b->n, HOP);
        b->at += HOP;
    }
    return rc;
}

int ava_background_flush(AvaBackgroundNet *b, AvalignErrorInfo *e)
{
    return b->n >= RATE && (b->at == 0 || b->n > WINDOW - HOP) ? background_infer(b, e) : 0;
}
