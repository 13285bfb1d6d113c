/* voice_emotion.c -- what the voice expresses, in windows of 3 s, one a second. */
#include <math.h>
#include <string.h>

#include <stdlib.h>

#include "avalign/avalign.h"
#include "extract/stage.h"
#include "util/err.h"
#include "util/window.h"

enum { RATE = AVALIGN_SPEECH_RATE, WINDOW = 3, WINDOW_SAMPLES = WINDOW * RATE, INSTANTS = WINDOW * 100 };
static const float MIN_SPEECH_S = 1;

typedef struct VoiceEmotion {
    AvaStageSetup in;
    AvaEmotionNet *net;          /* NULL: not yet needed */
    float ring[WINDOW_SAMPLES];  /* the last three seconds, for nets that hear the waveform */
    size_t n;
    int64_t start_us; /* of the ring */
    AVA_VEC(AvaEmotionSpan) heard;
} VoiceEmotion;

static void voice_emotion_close(void *state)
{
    VoiceEmotion *f = state;
    ava_emotion_close(&f->net);
    ava_vec_free(&f->heard);
}

static int voice_emotion_listen(void *state, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    VoiceEmotion *f = state;
    int rc = f->net ? 0 : ava_emotion_open(&f->net, f->in.models, "voice-emotion", e);
    while (!rc && ava_emotion_wants_sound(f->net) && ava_window_fill(f->ring, &f->n, WINDOW_SAMPLES, &pcm, &n)) {
        AvaEmotionSpan x = { .start_us = f->start_us, .end_us = f->start_us + WINDOW * 1000000 };
        rc = ava_emotion_voice(f->net, f->ring, WINDOW_SAMPLES, x.p, e);
        if (!rc && ava_push(&f->heard, x))
            rc = ava_fail(e, AVALIGN_ERR_NOMEM, "emotion", AVA_NO_TIME, 0, "out of memory");
        f->start_us += 1000000;
        ava_window_step(f->ring, &f->n, RATE);
    }
    return rc;
}

/* The window of 10 ms instants from the j-th on. Value j of the energy lies 12.5 ms, of the pitch 20 ms after the first
 * sample; the difference is less than a step. */
static float prosody_at(const AvaEvidence *ev, size_t j, size_t n, float out[AVA_N_PROSODY])
{
    float voiced[INSTANTS], pitch[INSTANTS], energy[INSTANTS];
    for (size_t i = 0; i < n; i++) {
        voiced[i] = ava_voiced_at(ev, ev->sound_t0_us + 12500 + (int64_t)(j + i) * AVA_ENERGY_US);
        energy[i] = ev->energy.at[j + i];
        pitch[i] = j + i < ev->pitch.n ? ev->pitch.at[j + i] : 0;
    }
    return ava_prosody(pitch, energy, voiced, n, out);
}

/* The encoder's windows before the head. */
static int voice_emotion_encoded(VoiceEmotion *f, AvalignErrorInfo *e)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < f->in.ev->encoded.n; i++) {
        const AvaEncoded *w = &f->in.ev->encoded.at[i];
        AvaEmotionSpan x = { .start_us = w->start_us, .end_us = w->end_us };
        rc = ava_emotion_voice(f->net, w->pooled, AVA_ENCODER_POOLED, x.p, e);
        if (!rc && ava_push(&f->heard, x))
            rc = ava_fail(e, AVALIGN_ERR_NOMEM, "emotion", AVA_NO_TIME, 0, "out of memory");
    }
    return rc;
}

/* What was heard within a window, by the share of it. 0: under half a second of it was. */
static int heard_within(const VoiceEmotion *f, AvaEmotionSpan *v)
{
    double total = 0, p[AVA_N_EMOTIONS] = { 0 };
    for (size_t i = 0; i < f->heard.n; i++) {
        const AvaEmotionSpan *h = &f->heard.at[i];
        double both = (double)((h->end_us < v->end_us ? h->end_us : v->end_us) - (h->start_us > v->start_us ? h->start_us : v->start_us));
        if (both <= 0)
            continue;
        total += both;
        for (int k = 0; k < AVA_N_EMOTIONS; k++)
            p[k] += both * (double)h->p[k];
    }
    if (total < 500000)
        return 0;
    for (int k = 0; k < AVA_N_EMOTIONS; k++)
        v->p[k] = (float)(p[k] / total);
    return 1;
}

/* voiced, pitch, energy and the encoder's windows are complete by now. */
static int voice_emotion_finish(void *state, AvalignErrorInfo *e)
{
    VoiceEmotion *f = state;
    AvaEvidence *ev = f->in.ev;
    int rc = f->net && ava_emotion_wants_encoder(f->net) ? voice_emotion_encoded(f, e) : 0;
    size_t total = ev->energy.n, step = 100, heard = 0;
    for (size_t j = 0; f->net && !rc && (j == 0 || j + INSTANTS <= total); j += step) {
        size_t n = total - j < INSTANTS ? total - j : INSTANTS;
        AvaEmotionSpan v = { .start_us = (int64_t)j * AVA_ENERGY_US, .end_us = (int64_t)(j + n) * AVA_ENERGY_US };
        int told = 1;
        float speech = prosody_at(ev, j, n, v.prosody);
        if (ava_emotion_wants_encoder(f->net))
            told = heard_within(f, &v);
        else if (!ava_emotion_wants_sound(f->net))
            rc = ava_emotion_voice(f->net, v.prosody, AVA_N_PROSODY, v.p, e);
        else if ((told = heard < f->heard.n))
            memcpy(v.p, f->heard.at[heard++].p, sizeof v.p);
        if (!rc && told && speech >= MIN_SPEECH_S && ava_push(&ev->voice_emotion, v))
            rc = ava_fail(e, AVALIGN_ERR_NOMEM, "emotion", AVA_NO_TIME, 0, "out of memory");
    }
    return rc;
}

const AvaStage ava_stage_voice_emotion = {
    .name = "voice emotion",
    .roles = (const char *const[]){ "voice-emotion", NULL },
    .size = sizeof(VoiceEmotion),
    .on_listen = voice_emotion_listen,
    .finish = voice_emotion_finish,
    .close = voice_emotion_close,
};
