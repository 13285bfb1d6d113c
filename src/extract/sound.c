#include "extract/sound.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "avalign/avalign.h"
#include "dsp/features.h"
#include "dsp/pitch.h"
#include "nets/phones.h"
#include "nets/sync.h"
#include "nets/vad.h"
#include "nets/voice.h"
#include "util/err.h"
#include "util/sort.h"
#include "util/window.h"

enum { MAX_PCM = 11 * 60 * AVALIGN_SPEECH_RATE }; /* a little more than face_lse.c looks at */

struct AvaSoundStore {
    AvaEvidence *ev;
    AvalignModels *models; /* borrowed */
    AvaSoundWants wants;
    AvaVad *vad; /* NULL: no sound yet */
    AvaLogMel *mel;
    AvaSyncSound *sync; /* NULL: nobody asked */
    AvaVoice *voice;    /* NULL: nobody asked */
    AvaPitch *pitch;    /* likewise */
    AvaBackgroundNet *background; /* NULL: nobody asked, or no such net */
    AvaPhones *phones;  /* NULL: nobody asked, or no recogniser */
    float buf[AVA_LOGMEL_WIN + AVA_LOGMEL_HOP];
    size_t n; /* samples in buf */
    float wide[AVA_PITCH_WIN]; /* for the pitch */
    size_t n_wide;
    int64_t samples;
    double square;
};

static int keep_voiced(void *cookie, const float *p, size_t n)
{
    AvaEvidence *ev = cookie;
    return ava_append(&ev->voiced, p, n);
}

static int keep_sync(void *cookie, const AvaSyncVec *v, size_t n)
{
    AvaEvidence *ev = cookie;
    return ava_append(&ev->sync, v, n);
}

static int keep_voice(void *cookie, const AvaVoiceVec *v, size_t n)
{
    AvaEvidence *ev = cookie;
    return ava_append(&ev->voice, v, n);
}

static int keep_background(void *cookie, const AvaBackground *b, size_t n)
{
    AvaEvidence *ev = cookie;
    return ava_append(&ev->background, b, n);
}

static int keep_phones(void *cookie, const AvaPhone *p, size_t n)
{
    AvaEvidence *ev = cookie;
    return ava_append(&ev->phone, p, n);
}

int ava_sound_store_new(AvaSoundStore **out, AvaEvidence *ev, AvalignModels *models, const AvaSoundWants *wants,
                        AvalignErrorInfo *e)
{
    AvaSoundStore *s = *out = calloc(1, sizeof *s);
    if (!s || !(s->mel = ava_logmel_new())) {
        ava_sound_store_free(out);
        return ava_fail(e, AVALIGN_ERR_NOMEM, "audio", AVA_NO_TIME, 0, "out of memory");
    }
    s->ev = ev;
    s->models = models;
    s->wants = *wants;
    ev->phones_absent = wants->phones ? "no-speech" : "not-asked";
    return 0;
}

void ava_sound_store_free(AvaSoundStore **ps)
{
    if (!ps || !*ps)
        return;
    ava_vad_close(&(*ps)->vad);
    ava_sync_sound_close(&(*ps)->sync);
    ava_phones_close(&(*ps)->phones);
    ava_background_close(&(*ps)->background);
    ava_voice_close(&(*ps)->voice);
    ava_pitch_free((*ps)->pitch);
    ava_logmel_free((*ps)->mel);
    free(*ps);
    *ps = NULL;
}

static int open_nets(AvaSoundStore *s, AvalignErrorInfo *e)
{
    int rc = ava_vad_open(&s->vad, s->models, keep_voiced, s->ev, e);
    if (!rc && s->wants.sync)
        rc = ava_sync_sound_open(&s->sync, s->models, keep_sync, s->ev, e);
    if (!rc && s->wants.voice)
        rc = ava_voice_open(&s->voice, s->models, keep_voice, s->ev, e);
    if (!rc && s->wants.pitch && !(s->pitch = ava_pitch_new()))
        rc = ava_fail(e, AVALIGN_ERR_NOMEM, "audio", AVA_NO_TIME, 0, "out of memory");
    if (!rc && s->wants.background)
        rc = ava_background_open(&s->background, s->models, keep_background, s->ev, e);
    if (!rc && s->wants.phones) {
        rc = ava_phones_open(&s->phones, s->models, s->wants.transcript, keep_phones, s->ev, e);
        if (rc == AVALIGN_ERR_MODEL && !s->wants.transcript) { /* the others can do without */
            s->ev->phones_absent = "no-phone-model";
            ava_err_clear(e);
            rc = 0;
        }
    }
    return rc;
}

/* Bands of the 40 that lie in 200-4000 Hz. */
enum { BAND_LO = 3, BAND_HI = 28 };

static int one_frame(AvaSoundStore *s, AvalignErrorInfo *e)
{
    float bands[AVA_LOGMEL_BANDS], sum = 0;
    ava_logmel_frame(s->mel, s->buf, bands);
    for (int b = BAND_LO; b <= BAND_HI; b++)
        sum += expf(bands[b]);
    if (ava_push(&s->ev->energy, logf(sum)))
        return ava_fail(e, AVALIGN_ERR_NOMEM, "audio", AVA_NO_TIME, 0, "out of memory");
    int rc = s->sync ? ava_sync_sound_push(s->sync, bands, e) : 0;
    if (!rc && s->voice)
        rc = ava_voice_push(s->voice, s->buf, e);
    s->n -= AVA_LOGMEL_HOP;
    memmove(s->buf, s->buf + AVA_LOGMEL_HOP, s->n * sizeof *s->buf);
    return rc;
}

static int push_pitch(AvaSoundStore *s, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    while (ava_window_fill(s->wide, &s->n_wide, AVA_PITCH_WIN, &pcm, &n)) {
        if (ava_push(&s->ev->pitch, ava_pitch_frame(s->pitch, s->wide)))
            return ava_fail(e, AVALIGN_ERR_NOMEM, "audio", AVA_NO_TIME, 0, "out of memory");
        ava_window_step(s->wide, &s->n_wide, AVA_PITCH_HOP);
    }
    return 0;
}

int ava_sound_store_push(AvaSoundStore *s, int64_t t_us, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    if (s->samples == 0)
        s->ev->sound_t0_us = t_us;
    s->samples += (int64_t)n;
    for (size_t i = 0; i < n; i++) {
        double v = pcm[i];
        s->square += v * v;
        s->ev->peak = fmax(s->ev->peak, fabs(v));
    }
    int rc = s->vad ? 0 : open_nets(s, e);
    if (!rc)
        rc = ava_vad_push(s->vad, pcm, n, e);
    if (!rc && s->phones)
        rc = ava_phones_push(s->phones, pcm, n, e);
    if (!rc && s->background)
        rc = ava_background_push(s->background, pcm, n, e);
    if (!rc && s->pitch)
        rc = push_pitch(s, pcm, n, e);
    for (size_t i = 0; !rc && s->wants.pcm && i < n && s->ev->pcm.n < MAX_PCM; i++)
        if (ava_push(&s->ev->pcm, (int16_t)lrintf(fmaxf(-32768, fminf(pcm[i] * 32768, 32767)))))
            rc = ava_fail(e, AVALIGN_ERR_NOMEM, "audio", AVA_NO_TIME, 0, "out of memory");
    const float *p = pcm;
    size_t left = n;
    while (!rc && ava_window_fill(s->buf, &s->n, AVA_LOGMEL_WIN, &p, &left))
        rc = one_frame(s, e);
    if (!rc && s->voice)
        rc = ava_voice_settle(s->voice, s->ev->voiced.at, s->ev->voiced.n, 0, e);
    return rc;
}

/* Power of speech above the power of pauses; without pauses above the quietest
 * twentieth. */
static double snr(const AvaEvidence *ev)
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

int ava_sound_store_finish(AvaSoundStore *s, AvalignErrorInfo *e)
{
    AvaEvidence *ev = s->ev;
    int rc = s->vad ? ava_vad_flush(s->vad, e) : 0;
    if (!rc && s->sync)
        rc = ava_sync_sound_flush(s->sync, e);
    if (!rc && s->voice)
        rc = ava_voice_settle(s->voice, ev->voiced.at, ev->voiced.n, 1, e);
    if (!rc && s->background)
        rc = ava_background_flush(s->background, e);
    if (!rc && s->phones) {
        rc = ava_phones_flush(s->phones, e);
        ev->phones_aligned = s->wants.transcript != NULL;
        ev->unknown_words = ava_phones_unknown_words(s->phones);
        ev->phones_absent = ava_phones_fitted(s->phones) ? NULL : "transcript-mismatch";
    }
    ev->has_audio = s->samples > 0;
    ev->sound_us = s->samples * 1000000 / AVALIGN_SPEECH_RATE;
    ev->loudness_db = s->samples && s->square > 0 ? 10 * log10(s->square / (double)s->samples) : -INFINITY;
    for (size_t i = 0; i < ev->voiced.n; i++)
        ev->speech_s += ev->voiced.at[i] > 0.5f ? AVA_VAD_US / 1e6 : 0;
    ev->snr_db = snr(ev);
    return rc;
}
