/* splice.c -- windows of sound at one level, with margins, for the net that hears joins. */
#include "nets/splice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/err.h"
#include "util/window.h"

/* The net hears 3 s at a time and is believed in the middle; it sees some 1.1 s around each instant. */
enum { RATE = AVALIGN_SPEECH_RATE, WINDOW = 3 * RATE, MARGIN = RATE / 2, STEP = WINDOW - 2 * MARGIN, GRAIN = RATE / 2, MAX_ANSWERS = WINDOW / AVA_SPLICE_HOP + 8 };
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

/* The net on n samples from x on, a multiple of GRAIN; its answers into odds. */
static int splice_ask(AvaSplice *s, const float *x, size_t n, double rms, float *odds, AvalignErrorInfo *e)
{
    size_t size = 0;
    float *in = ava_session_input(s->net, 0, (int64_t[]){ 1, (int64_t)n }, 2);
    if (!in)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "splice", AVA_NO_TIME, 0, "out of memory");
    for (size_t i = 0; i < n; i++)
        in[i] = x[i] * (float)(.05 / rms);
    int rc = ava_session_run(s->net, e);
    const float *o = rc ? NULL : ava_session_output(s->net, 0, &size);
    if (!rc && (!o || size + 2 < n / AVA_SPLICE_HOP))
        rc = ava_fail(e, AVALIGN_ERR_INFER, "splice", AVA_NO_TIME, 0, "role splice gives %zu answers for %zu samples", size, n);
    for (size_t k = 0; k < n / AVA_SPLICE_HOP && !rc; k++)
        odds[k] = k < size ? o[k] : NAN;
    return rc;
}

/* Answers from s->done on, up to the given sample. What is no multiple of GRAIN is heard twice, from its beginning and up to its
 * end: the engine keeps some megabytes for every length that it has seen. */
static int splice_infer(AvaSplice *s, size_t to, AvalignErrorInfo *e)
{
    float odds[MAX_ANSWERS];
    double square = 0;
    size_t n = s->n / AVA_SPLICE_HOP * AVA_SPLICE_HOP, m = n / GRAIN * GRAIN; /* the net wants whole hops */
    for (size_t i = 0; i < n; i++)
        square += (double)s->buf[i] * s->buf[i];
    double rms = sqrt(square / (double)n);
    size_t from = s->done / AVA_SPLICE_HOP, end = to / AVA_SPLICE_HOP;
    if (rms < SILENT) {
        for (size_t k = from; k < end; k++)
            odds[k] = NAN;
    } else {
        float tail[MAX_ANSWERS];
        int rc = splice_ask(s, s->buf, m, rms, odds, e);
        if (!rc && m < n)
            rc = splice_ask(s, s->buf + n - m, m, rms, tail, e);
        if (rc)
            return rc;
        size_t later = (n - m) / AVA_SPLICE_HOP;
        for (size_t k = later > (m - MARGIN) / AVA_SPLICE_HOP ? later : (m - MARGIN) / AVA_SPLICE_HOP; k < end && m < n; k++)
            odds[k] = tail[k - later];
    }
    s->done = to;
    return end > from && s->emit(s->cookie, odds + from, end - from) ? ava_fail(e, AVALIGN_ERR_NOMEM, "splice", AVA_NO_TIME, 0, "out of memory") : 0;
}

int ava_splice_push(AvaSplice *s, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    int rc = 0;
    while (!rc && ava_window_fill(s->buf, &s->n, WINDOW, &pcm, &n)) {
        rc = splice_infer(s, WINDOW - MARGIN, e);
        s->done -= STEP;
        ava_window_step(s->buf, &s->n, STEP);
    }
    return rc;
}

int ava_splice_flush(AvaSplice *s, AvalignErrorInfo *e)
{
    size_t whole = s->n / AVA_SPLICE_HOP * AVA_SPLICE_HOP;
    return s->n >= RATE / 2 && whole > s->done ? splice_infer(s, whole, e) : 0;
}
