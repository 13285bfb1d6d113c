/* authenticity.c -- stretches of the voice before the nets that tell a person from a machine. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "avalign/avalign.h"
#include "extract/stage.h"
#include "nets/spoof.h"
#include "util/err.h"
#include "util/window.h"

enum { RATE = AVALIGN_SPEECH_RATE, EDGE = RATE / 20, SHORT = 6 * RATE };
static const double MIN_SPEECH = .5; /* share of a stretch */
static const double SILENT = 1e-3;   /* RMS: not worth a net's time */

typedef struct Authenticity {
    AvaStageSetup in;
    AvaSpoofNet *net; /* NULL: not yet needed */
    float *ring;      /* ava_spoof_samples() */
    size_t n, room;
    int64_t start;    /* of the ring, samples */
    float *early;     /* the first SHORT samples, should there be no more */
    size_t n_early;
    int64_t total;
} Authenticity;

static int no_memory(AvalignErrorInfo *e) { return ava_fail(e, AVALIGN_ERR_NOMEM, "authenticity", AVA_NO_TIME, 0, "out of memory"); }

static void authenticity_close(void *state)
{
    Authenticity *t = state;
    ava_spoof_close(&t->net);
    free(t->ring);
    free(t->early);
}

static int authenticity_first(Authenticity *t, AvalignErrorInfo *e)
{
    int rc = ava_spoof_open(&t->net, t->in.models, e);
    if (rc)
        return rc;
    t->room = ava_spoof_samples(t->net);
    t->in.ev->n_experts = ava_spoof_experts(t->net, t->in.ev->expert);
    t->ring = malloc(t->room * sizeof *t->ring);
    t->early = malloc(SHORT * sizeof *t->early);
    return t->ring && t->early ? 0 : no_memory(e);
}

static int authenticity_window(Authenticity *t, const float *x, size_t n, int64_t from, AvalignErrorInfo *e)
{
    double square = 0;
    for (size_t i = 0; i < n; i++)
        square += (double)x[i] * x[i];
    if (sqrt(square / (double)n) < SILENT)
        return 0;
    AvaSpoof s = { .start_us = from * 1000000 / RATE, .end_us = (from + (int64_t)n) * 1000000 / RATE };
    int rc = ava_spoof_run(t->net, x, n, &s, e);
    return rc ? rc : ava_push(&t->in.ev->spoof, s) ? no_memory(e) : 0;
}

static int authenticity_push(Authenticity *t, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    int rc = 0;
    size_t first = SHORT - t->n_early < n ? SHORT - t->n_early : n;
    memcpy(t->early + t->n_early, pcm, first * sizeof *pcm);
    t->n_early += first;
    t->total += (int64_t)n;
    while (!rc && ava_window_fill(t->ring, &t->n, t->room, &pcm, &n)) {
        rc = authenticity_window(t, t->ring, t->room, t->start, e);
        t->start += (int64_t)(t->room / 2);
        ava_window_step(t->ring, &t->n, t->room / 2);
    }
    return rc;
}

static int authenticity_listen(void *state, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    Authenticity *t = state;
    int rc = t->net ? 0 : authenticity_first(t, e);
    return rc ? rc : authenticity_push(t, pcm, n, e);
}

/* Share of the stretch that is speech. */
static double speech_in(const AvaEvidence *ev, int64_t from, int64_t to)
{
    int n = 0, yes = 0;
    for (int64_t at = from + AVA_VAD_US / 2; at < to; at += AVA_VAD_US, n++)
        yes += ava_voiced_at(ev, ev->sound_t0_us + at) > .5f;
    return n ? (double)yes / n : 0;
}

/* A short sound: from the first speech to the last, as the net learned it. */
static int authenticity_short(Authenticity *t, AvalignErrorInfo *e)
{
    AvaEvidence *ev = t->in.ev;
    size_t hop = (size_t)AVA_VAD_US * RATE / 1000000, first = 0, last = ev->voiced.n;
    while (first < last && ev->voiced.at[first] <= .5f)
        first++;
    while (last > first && ev->voiced.at[last - 1] <= .5f)
        last--;
    size_t from = first * hop > EDGE ? first * hop - EDGE : 0, to = last * hop + EDGE < t->n_early ? last * hop + EDGE : t->n_early;
    int rc = 0;
    ev->spoof.n = 0;
    if (last == first || to <= from)
        return 0;
    if (to - from < t->room)
        return authenticity_window(t, t->early + from, to - from, (int64_t)from, e);
    for (; !rc && from + t->room <= to; from += t->room / 2)
        rc = authenticity_window(t, t->early + from, t->room, (int64_t)from, e);
    return rc;
}

/* voiced is complete by now: stretches without speech are dropped. */
static int authenticity_finish(void *state, AvalignErrorInfo *e)
{
    Authenticity *t = state;
    AvaEvidence *ev = t->in.ev;
    if (t->net && t->total <= SHORT)
        return authenticity_short(t, e);
    size_t kept = 0;
    for (size_t i = 0; i < ev->spoof.n; i++)
        if (speech_in(ev, ev->spoof.at[i].start_us, ev->spoof.at[i].end_us) >= MIN_SPEECH)
            ev->spoof.at[kept++] = ev->spoof.at[i];
    ev->spoof.n = kept;
    return 0;
}

const AvaStage ava_stage_authenticity = {
    .name = "authenticity",
    .roles = (const char *const[]){ "voice-spoof", NULL },
    .size = sizeof(Authenticity),
    .on_listen = authenticity_listen,
    .finish = authenticity_finish,
    .close = authenticity_close,
};
