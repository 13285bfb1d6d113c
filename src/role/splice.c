#include "role/splice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/err.h"
#include "util/window.h"

/* The net hears 3 s at a time and is believed in the middle; it sees some 0.7 s around each instant. */
enum { RATE = AVALIGN_SPEECH_RATE, WINDOW = 3 * RATE, MARGIN = RATE / 2, STEP = WINDOW - 2 * MARGIN, MAX_ANSWERS = WINDOW / AVA_SPLICE_HOP + 8 };
static const double SILENT = 1e-3; /* RMS */

struct AvaSplice {
    AvaSession *net;
    AvaSpliceFn *emit;
    void *cookie;
    float buf[WINDOW];
    size_t n, done; /* samples in buf; of these, answered already */
};

int ava_splice_open(AvaSplice **out, AvalignModels *m, AvaSpliceFn *emit, void *cookie, AvalignErrorInfo *e)
{
    AvaSplice *s = *out = calloc(1, sizeof *s);
    if (!s)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "splice", AVA_NO_TIME, 0, "out of memory");
    s->emit = emit;
    s->cookie = cookie;
    int rc = ava_session_open(&s->net, m, "splice", e);
    if (rc)
        ava_splice_close(out);
    return rc;
}

void ava_splice_close(AvaSplice **s)
{
    if (!s || !*s)
        return;
    ava_session_close(&(*s)->net);
    free(*s);
    *s = NULL;
}

/* Answers from s->done on, up to the given sample. */
static int judge(AvaSplice *s, size_t to, AvalignErrorInfo *e)
{
    float odds[MAX_ANSWERS];
    double square = 0;
    size_t n = s->n / AVA_SPLICE_HOP * AVA_SPLICE_HOP; /* the net wants whole hops */
    for (size_t i = 0; i < n; i++)
        square += (double)s->buf[i] * s->buf[i];
    double rms = sqrt(square / (double)n);
    size_t from = s->done / AVA_SPLICE_HOP, end = to / AVA_SPLICE_HOP, size = 0;
    if (rms < SILENT) {
        for (size_t k = from; k < end; k++)
            odds[k] = NAN;
    } else {
        float *x = ava_session_input(s->net, 0, (int64_t[]){ 1, (int64_t)n }, 2);
        if (!x)
            return ava_fail(e, AVALIGN_ERR_NOMEM, "splice", AVA_NO_TIME, 0, "out of memory");
        for (size_t i = 0; i < n; i++)
            x[i] = s->buf[i] * (float)(.05 / rms);
        int rc = ava_session_run(s->net, e);
        const float *o = rc ? NULL : ava_session_output(s->net, 0, &size);
        if (rc)
            return rc;
        if (!o || size + 2 < end)
            return ava_fail(e, AVALIGN_ERR_INFER, "splice", AVA_NO_TIME, 0, "role splice gives %zu answers for %zu samples", size, n);
        for (size_t k = from; k < end; k++)
            odds[k] = k < size ? o[k] : NAN;
    }
    s->done = to;
    return end > from && s->emit(s->cookie, odds + from, end - from) ? ava_fail(e, AVALIGN_ERR_NOMEM, "splice", AVA_NO_TIME, 0, "out of memory") : 0;
}

int ava_splice_push(AvaSplice *s, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    int rc = 0;
    while (!rc && ava_window_fill(s->buf, &s->n, WINDOW, &pcm, &n)) {
        rc = judge(s, WINDOW - MARGIN, e);
        s->done -= STEP;
        ava_window_step(s->buf, &s->n, STEP);
    }
    return rc;
}

int ava_splice_flush(AvaSplice *s, AvalignErrorInfo *e)
{
    size_t whole = s->n / AVA_SPLICE_HOP * AVA_SPLICE_HOP;
    return s->n >= RATE / 2 && whole > s->done ? judge(s, whole, e) : 0;
}
