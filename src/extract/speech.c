/* speech.c -- always: level, energy and where somebody speaks. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "avalign/avalign.h"
#include "dsp/features.h"
#include "extract/stage.h"
#include "nets/vad.h"
#include "util/err.h"
#include "util/sort.h"

typedef struct Speech {
    AvaStageSetup in;
    AvaVad *vad; /* NULL: no sound yet */
    int64_t samples;
    double square;
} Speech;

static int speech_keep(void *cookie, const float *p, size_t n)
{
    AvaEvidence *ev = cookie;
    return ava_append(&ev->voiced, p, n);
}

static void speech_close(void *state) { ava_vad_close(&((Speech *)state)->vad); }

/* Bands of the 40 that lie in 200-4000 Hz. */
enum { BAND_LO = 3, BAND_HI = 28 };

static int speech_frame(void *state, const float *window, const float *bands, AvalignErrorInfo *e)
{
    Speech *s = state;
    float sum = 0;
    (void)window;
    for (int b = BAND_LO; b <= BAND_HI; b++)
        sum += expf(bands[b]);
    return ava_push(&s->in.ev->energy, logf(sum)) ? ava_fail(e, AVALIGN_ERR_NOMEM, "audio", AVA_NO_TIME, 0, "out of memory") : 0;
}

static int speech_sound(void *state, int64_t t_us, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    Speech *s = state;
    if (s->samples == 0)
        s->in.ev->sound_t0_us = t_us;
    s->samples += (int64_t)n;
    for (size_t i = 0; i < n; i++) {
        double v = pcm[i];
        s->square += v * v;
        s->in.ev->peak = fmax(s->in.ev->peak, fabs(v));
    }
    int rc = s->vad ? 0 : ava_vad_open(&s->vad, s->in.models, speech_keep, s->in.ev, e);
    return rc ? rc : ava_vad_push(s->vad, pcm, n, e);
}

/* Power of speech above the power of pauses; without pauses above the quietest
 * twentieth. */
static double speech_snr(const AvaEvidence *ev)
{
    double speech = 0, pause = 0, ns = 0, np = 0;
    for (size_t j = 0; j < ev->energy.n; j++) {
        float v = ava_voiced_at(ev, ev->sound_t0_us + 12500 + (int64_t)j * AVA_ENERGY_US), p = expf(ev->energy.at[j]);
        if (v > 0.6f) {
            speech += p;
            ns++;
        } else if (v < 0.2f) {
            pause += p;
            np++;
        }
    }
    if (ns < 30)
        return NAN;
    if (np < 30) {
        float *copy = malloc((ev->energy.n + 1) * sizeof *copy);
        if (!copy)
            return NAN;
        memcpy(copy, ev->energy.at, ev->energy.n * sizeof *copy);
        ava_sort_float(copy, ev->energy.n);
        pause = expf(copy[ev->energy.n / 20]);
        np = 1;
        free(copy);
    }
    double noise = pause / np, clean = speech / ns - noise;
    return clean <= 0 ? 0 : fmin(80, 10 * log10(clean / fmax(noise, 1e-9)));
}

static int speech_finish(void *state, AvalignErrorInfo *e)
{
    Speech *s = state;
    AvaEvidence *ev = s->in.ev;
    int rc = s->vad ? ava_vad_flush(s->vad, e) : 0;
    ev->has_audio = s->samples > 0;
    ev->sound_us = s->samples * 1000000 / AVALIGN_SPEECH_RATE;
    ev->loudness_db = s->samples && s->square > 0 ? 10 * log10(s->square / (double)s->samples) : -INFINITY;
    for (size_t i = 0; i < ev->voiced.n; i++)
        ev->speech_s += ev->voiced.at[i] > 0.5f ? AVA_VAD_US / 1e6 : 0;
    ev->snr_db = speech_snr(ev);
    return rc;
}

const AvaStage ava_stage_speech = {
    .name = "speech",
    .size = sizeof(Speech),
    .on_frame = speech_frame,
    .on_sound = speech_sound,
    .finish = speech_finish,
    .close = speech_close,
};
