/* meters.c -- meters without a net, for the finders of artifacts: the sound at its own rate (digital silence, band, channels,
 * frames of an earlier encoding), and at 16 kHz fingerprints, mains hum and a voice's pulses. */
#include <stdlib.h>

#include "avalign/avalign.h"
#include "dsp/fingerprint.h"
#include "dsp/enf.h"
#include "extract/stage.h"
#include "util/err.h"
#include "util/window.h"

enum { RATE = AVALIGN_SPEECH_RATE };

typedef struct Meters {
    AvaStageSetup in;
    AvaFingerprinter *printer;
    AvaEnfFilter *enf;
    AvaPulseMeter *pulses;
    float wide[AVA_PRINT_WIN];
    size_t n_wide;
    AvaNative *native;    /* this and the next: NULL until there is sound */
    AvaDelayMeter *delay; /* NULL: one channel */
    AvaCodingGrid *grid;
    int rate, channels;
} Meters;

static int meters_no_memory(AvalignErrorInfo *e) { return ava_fail(e, AVALIGN_ERR_NOMEM, "artifacts", AVA_NO_TIME, 0, "out of memory"); }

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

static int meters_native(void *state, const AvaSound *s, AvalignErrorInfo *e)
{
    Meters *t = state;
    if (t->native && (t->rate != s->rate || t->channels != s->channels)) { /* a stream that changes: what is known stays, with other frames */
        ava_native_free(t->native);
        ava_delay_meter_free(t->delay);
        t->native = NULL;
        t->delay = NULL;
    }
    if (!t->native && !(t->native = ava_native_new(s->rate, s->channels, keep_frame, keep_band, t->in.ev)))
        return meters_no_memory(e);
    if (!t->delay && s->channels > 1 && !(t->delay = ava_delay_meter_new(s->rate, s->channels, keep_delay, t->in.ev)))
        return meters_no_memory(e);
    if (!t->grid) {
        if (!(t->grid = ava_coding_grid_new()))
            return meters_no_memory(e);
        t->in.ev->first_frames = (int)s->frames;
    }
    ava_coding_grid_push(t->grid, s->native, s->frames, s->channels);
    t->rate = s->rate;
    t->channels = t->in.ev->channels = s->channels;
    int rc = ava_native_push(t->native, s->native, s->frames);
    if (!rc && t->delay)
        rc = ava_delay_meter_push(t->delay, s->native, s->frames);
    return rc ? meters_no_memory(e) : 0;
}

/* ---- 16 kHz -------------------------------------------------------------------------------- */

static int keep_enf(void *cookie, const AvaEnf *h)
{
    AvaEvidence *ev = cookie;
    return ava_push(&ev->enf, *h);
}

static int keep_pulses(void *cookie, const AvaPulses *p)
{
    AvaEvidence *ev = cookie;
    return ava_push(&ev->pulses, *p);
}

static int meters_prints(Meters *t, const float *pcm, size_t n)
{
    while (ava_window_fill(t->wide, &t->n_wide, AVA_PRINT_WIN, &pcm, &n)) {
        if (ava_push(&t->in.ev->print, ava_fingerprinter_frame(t->printer, t->wide)))
            return -1;
        ava_window_step(t->wide, &t->n_wide, AVA_PRINT_HOP);
    }
    return 0;
}

static int meters_open(void *state, AvalignErrorInfo *e)
{
    Meters *t = state;
    t->printer = ava_fingerprinter_new();
    t->enf = ava_enf_new(RATE, keep_enf, t->in.ev);
    t->pulses = ava_pulse_meter_new(keep_pulses, t->in.ev);
    return t->printer && t->enf && t->pulses ? 0 : meters_no_memory(e);
}

static void meters_close(void *state)
{
    Meters *t = state;
    ava_fingerprinter_free(t->printer);
    ava_enf_free(t->enf);
    ava_pulse_meter_free(t->pulses);
    ava_delay_meter_free(t->delay);
    ava_native_free(t->native);
    ava_coding_grid_free(t->grid);
}

static int meters_sound(void *state, int64_t t_us, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    Meters *t = state;
    (void)t_us;
    return meters_prints(t, pcm, n) || ava_enf_push(t->enf, pcm, n) || ava_pulse_meter_push(t->pulses, pcm, n) ? meters_no_memory(e) : 0;
}

static int meters_finish(void *state, AvalignErrorInfo *e)
{
    Meters *t = state;
    AvaEvidence *ev = t->in.ev;
    const AvaCoderLines *coder[] = { &ava_aac_lines, &ava_mp3_lines };
    if (ava_pulse_meter_flush(t->pulses))
        return meters_no_memory(e);
    ev->n_grids = 0;
    for (size_t i = 0; t->grid && i < sizeof coder / sizeof *coder; i++) {
        int n = ava_coding_grid_find(t->grid, coder[i], ev->grid + ev->n_grids, AVA_CODER_GRIDS, ev->cancel);
        if (n < 0)
            return meters_no_memory(e);
        ev->n_grids += n;
    }
    return 0;
}

/* No net's: they run for the analyzer itself. */
const AvaStage ava_stage_meters = {
    .name = "meters",
    .roles = (const char *const[]){ "artifacts", NULL },
    .size = sizeof(Meters),
    .open = meters_open,
    .on_native = meters_native,
    .on_sound = meters_sound,
    .finish = meters_finish,
    .close = meters_close,
};
