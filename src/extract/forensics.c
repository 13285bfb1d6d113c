#include "extract/forensics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/fingerprint.h"
#include "dsp/hum.h"
#include "nets/splice.h"
#include "util/err.h"
#include "util/window.h"

enum { RATE = AVALIGN_SPEECH_RATE, EDGE = RATE / 20, SHORT = 6 * RATE };
static const double MIN_SPEECH = .5; /* share of a stretch */
static const double SILENT = 1e-3;   /* RMS: not worth a net's time */

struct AvaTraces {
    AvaEvidence *ev;
    AvalignModels *models; /* borrowed */
    AvaTraceWants wants;
    AvaSpoofNet *net; /* NULL: not yet needed */
    float *ring;      /* ava_spoof_samples() */
    size_t n, room;
    int64_t start;    /* of the ring, samples */
    float *early;     /* the first SHORT samples, should there be no more */
    size_t n_early;
    int64_t total;
    AvaSplice *splice;
    AvaPrinter *printer;
    AvaHumFilter *hum;
    AvaPulseMeter *pulses;
    float wide[AVA_PRINT_WIN];
    size_t n_wide;
    AvaNative *native;
    AvaDelayMeter *delay; /* NULL: one channel */
    AvaFrameGrid *grid;
    int rate, channels;
};

static int no_memory(AvalignErrorInfo *e) { return ava_fail(e, AVALIGN_ERR_NOMEM, "authenticity", AVA_NO_TIME, 0, "out of memory"); }

int ava_traces_new(AvaTraces **out, AvaEvidence *ev, AvalignModels *models, AvaTraceWants wants, AvalignErrorInfo *e)
{
    AvaTraces *t = *out = calloc(1, sizeof *t);
    if (!t)
        return no_memory(e);
    t->ev = ev;
    t->models = models;
    t->wants = wants;
    return 0;
}

void ava_traces_free(AvaTraces **pt)
{
    AvaTraces *t = pt ? *pt : NULL;
    if (!t)
        return;
    ava_spoof_close(&t->net);
    ava_splice_close(&t->splice);
    ava_printer_free(t->printer);
    ava_hum_free(t->hum);
    ava_pulse_meter_free(t->pulses);
    ava_delay_meter_free(t->delay);
    ava_native_free(t->native);
    ava_frame_grid_free(t->grid);
    free(t->ring);
    free(t->early);
    free(t);
    *pt = NULL;
}

/* ---- at its own rate ----------------------------------------------------------------------- */

static int keep_frame(void *cookie, const AvaNativeFrame *f)
{
    AvaEvidence *ev = cookie;
    return ava_push(&ev->native, *f);
}

static int keep_band(void *cookie, const AvaBand *b)
{
    AvaEvidence *ev = cookie;
    return ava_push(&ev->band, *b);
}

static int keep_delay(void *cookie, const AvaChannelDelay *d)
{
    AvaEvidence *ev = cookie;
    return ava_push(&ev->delay, *d);
}

int ava_traces_native(AvaTraces *t, const AvaSound *s, AvalignErrorInfo *e)
{
    if (!t->wants.edits)
        return 0;
    if (t->native && (t->rate != s->rate || t->channels != s->channels)) { /* a stream that changes: what is known stays, with other frames */
        ava_native_free(t->native);
        ava_delay_meter_free(t->delay);
        t->native = NULL;
        t->delay = NULL;
    }
    if (!t->native && !(t->native = ava_native_new(s->rate, s->channels, keep_frame, keep_band, t->ev)))
        return no_memory(e);
    if (!t->delay && s->channels > 1 && !(t->delay = ava_delay_meter_new(s->rate, s->channels, keep_delay, t->ev)))
        return no_memory(e);
    if (!t->grid) {
        if (!(t->grid = ava_frame_grid_new()))
            return no_memory(e);
        t->ev->first_frames = (int)s->frames;
    }
    ava_frame_grid_push(t->grid, s->native, s->frames, s->channels);
    t->rate = s->rate;
    t->channels = t->ev->channels = s->channels;
    int rc = ava_native_push(t->native, s->native, s->frames);
    if (!rc && t->delay)
        rc = ava_delay_meter_push(t->delay, s->native, s->frames);
    return rc ? no_memory(e) : 0;
}

/* ---- 16 kHz -------------------------------------------------------------------------------- */

static int keep_splice(void *cookie, const float *odds, size_t n)
{
    AvaEvidence *ev = cookie;
    return ava_append(&ev->splice, odds, n);
}

static int keep_hum(void *cookie, const AvaHum *h)
{
    AvaEvidence *ev = cookie;
    return ava_push(&ev->hum, *h);
}

static int keep_pulses(void *cookie, const AvaPulses *p)
{
    AvaEvidence *ev = cookie;
    return ava_push(&ev->pulses, *p);
}

static int open_voice(AvaTraces *t, AvalignErrorInfo *e)
{
    int rc = 0;
    if (!t->net && (rc = ava_spoof_open(&t->net, t->models, e)) == 0) {
        t->room = ava_spoof_samples(t->net);
        t->ev->n_experts = ava_spoof_experts(t->net, t->ev->expert);
        t->ring = malloc(t->room * sizeof *t->ring);
        t->early = malloc(SHORT * sizeof *t->early);
        if (!t->ring || !t->early)
            rc = no_memory(e);
    }
    return rc;
}

static int open_edits(AvaTraces *t, AvalignErrorInfo *e)
{
    int rc = t->splice ? 0 : ava_splice_open(&t->splice, t->models, keep_splice, t->ev, e);
    if (!rc && ((!t->printer && !(t->printer = ava_printer_new())) || (!t->hum && !(t->hum = ava_hum_new(RATE, keep_hum, t->ev))) ||
                (!t->pulses && !(t->pulses = ava_pulse_meter_new(keep_pulses, t->ev)))))
        rc = no_memory(e);
    return rc;
}

static int judge(AvaTraces *t, const float *x, size_t n, int64_t from, AvalignErrorInfo *e)
{
    double square = 0;
    for (size_t i = 0; i < n; i++)
        square += (double)x[i] * x[i];
    if (sqrt(square / (double)n) < SILENT)
        return 0;
    AvaSpoof s = { .start_us = from * 1000000 / RATE, .end_us = (from + (int64_t)n) * 1000000 / RATE };
    int rc = ava_spoof_run(t->net, x, n, &s, e);
    return rc ? rc : ava_push(&t->ev->spoof, s) ? no_memory(e) : 0;
}

static int push_spoof(AvaTraces *t, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    int rc = 0;
    size_t first = SHORT - t->n_early < n ? SHORT - t->n_early : n;
    memcpy(t->early + t->n_early, pcm, first * sizeof *pcm);
    t->n_early += first;
    t->total += (int64_t)n;
    while (!rc && ava_window_fill(t->ring, &t->n, t->room, &pcm, &n)) {
        rc = judge(t, t->ring, t->room, t->start, e);
        t->start += (int64_t)(t->room / 2);
        ava_window_step(t->ring, &t->n, t->room / 2);
    }
    return rc;
}

static int push_prints(AvaTraces *t, const float *pcm, size_t n)
{
    while (ava_window_fill(t->wide, &t->n_wide, AVA_PRINT_WIN, &pcm, &n)) {
        if (ava_push(&t->ev->print, ava_printer_frame(t->printer, t->wide)))
            return -1;
        ava_window_step(t->wide, &t->n_wide, AVA_PRINT_HOP);
    }
    return 0;
}

int ava_traces_voice(AvaTraces *t, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    int rc = t->wants.spoof ? open_voice(t, e) : 0;
    return rc || !t->wants.spoof ? rc : push_spoof(t, pcm, n, e);
}

int ava_traces_edits(AvaTraces *t, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    int rc = t->wants.edits ? open_edits(t, e) : 0;
    if (!rc && t->wants.edits)
        rc = ava_splice_push(t->splice, pcm, n, e);
    return rc ? rc : t->wants.edits && (push_prints(t, pcm, n) || ava_hum_push(t->hum, pcm, n) || ava_pulse_meter_push(t->pulses, pcm, n)) ? no_memory(e) : 0;
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
static int judge_short(AvaTraces *t, AvalignErrorInfo *e)
{
    AvaEvidence *ev = t->ev;
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
        return judge(t, t->early + from, to - from, (int64_t)from, e);
    for (; !rc && from + t->room <= to; from += t->room / 2)
        rc = judge(t, t->early + from, t->room, (int64_t)from, e);
    return rc;
}

int ava_traces_finish(AvaTraces *t, AvalignErrorInfo *e)
{
    AvaEvidence *ev = t->ev;
    int rc = t->splice ? ava_splice_flush(t->splice, e) : 0;
    if (!rc && t->pulses && ava_pulse_meter_flush(t->pulses))
        rc = no_memory(e);
    const AvaCoderLines *coder[] = { &ava_aac_lines, &ava_mp3_lines };
    ev->n_grids = 0;
    for (size_t i = 0; !rc && t->grid && i < sizeof coder / sizeof *coder; i++) {
        int n = ava_frame_grid_find(t->grid, coder[i], ev->grid + ev->n_grids, AVA_CODER_GRIDS);
        if (n < 0)
            rc = no_memory(e);
        else
            ev->n_grids += n;
    }
    if (!rc && t->net && t->total <= SHORT)
        return judge_short(t, e);
    size_t kept = 0;
    for (size_t i = 0; i < ev->spoof.n; i++)
        if (speech_in(ev, ev->spoof.at[i].start_us, ev->spoof.at[i].end_us) >= MIN_SPEECH)
            ev->spoof.at[kept++] = ev->spoof.at[i];
    ev->spoof.n = kept;
    return rc;
}
