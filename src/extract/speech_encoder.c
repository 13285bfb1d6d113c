/* speech_encoder.c -- windows of speech through the encoder, once for every net that listens to speech.
 *
 * A window begins with speech and lasts four seconds, or ends where nobody has spoken for a second; silence at both ends is cut,
 * pauses inside stay, its level is made even: as the heads learned it. Where nobody speaks the net does not run. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "avalign/avalign.h"
#include "extract/recent.h"
#include "extract/stage.h"
#include "nets/speech_encoder.h"
#include "util/err.h"

/* Lengths are rounded down to half a second: the engine keeps memory for every length that it has seen. */
enum { RATE = AVALIGN_SPEECH_RATE, FULL = 4 * RATE, SHORTEST = RATE * 3 / 2, STEP = RATE / 2, EDGE = RATE / 20, PAUSE = RATE, FRAME = RATE / AVALIGN_ENCODER_FPS, FEWEST = RATE / 5,
       VAD_HOP = AVA_VAD_US / 1000 * (RATE / 1000), ROOM = FULL + PAUSE + 8 * RATE };

typedef struct Encoder {
    AvaStageSetup in;
    AvaSpeechEncoder *net; /* NULL: nobody has spoken yet */
    AvaRecent sound;
    float *even;           /* a window at its level */
    size_t heard;          /* values of ev->voiced that are dealt with */
    int64_t start, last, free_from; /* of the window in the making (-1: none), its last speech, the end of the one before */
} Encoder;

static int encoder_open(void *state, AvalignErrorInfo *e)
{
    Encoder *s = state;
    s->start = -1;
    s->in.ev->has_encoder = 1;
    s->even = malloc(FULL * sizeof *s->even);
    return !ava_recent_open(&s->sound, ROOM) && s->even ? 0 : ava_fail(e, AVALIGN_ERR_NOMEM, "speech", AVA_NO_TIME, 0, "out of memory");
}

static void encoder_close(void *state)
{
    Encoder *s = state;
    ava_speech_encoder_close(&s->net);
    ava_recent_close(&s->sound);
    free(s->even);
}

/* n samples at an even level, then zeros up to `room`. */
static void speech_encoder_level(Encoder *s, const float *pcm, size_t n, size_t room)
{
    double square = 0;
    for (size_t i = 0; i < n; i++)
        square += (double)pcm[i] * pcm[i];
    float gain = (float)(.05 / fmax(1e-6, sqrt(square / (double)n)));
    for (size_t i = 0; i < n; i++)
        s->even[i] = pcm[i] * gain;
    memset(s->even + n, 0, (room - n) * sizeof *s->even);
}

static int speech_encoder_hand_on(Encoder *s, const float *states, size_t samples, size_t heard, int64_t from, AvalignErrorInfo *e)
{
    AvaEncoderFrames w = { .states = states, .n = samples / FRAME, .heard = (heard + FRAME - 1) / FRAME, .start_us = from * 1000000 / RATE };
    return s->in.encoded(s->in.stages, &w, e);
}

/* Those who want frames miss nothing of a window that was cut to half seconds, or was too short to judge. */
static int speech_encoder_frames(Encoder *s, const float *pcm, size_t n, int64_t from, AvalignErrorInfo *e)
{
    size_t room = (n + STEP - 1) / STEP * STEP;
    room = room > SHORTEST ? room : SHORTEST;
    if (!s->in.encoded || n < FEWEST)
        return 0;
    speech_encoder_level(s, pcm, n, room);
    const float *states = NULL;
    int rc = s->net ? 0 : ava_speech_encoder_open(&s->net, s->in.models, e);
    if (!rc)
        rc = ava_speech_encoder_run(s->net, s->even, room, NULL, &states, e);
    return rc ? rc : speech_encoder_hand_on(s, states, room, n, from, e);
}

static int speech_encoder_encode(Encoder *s, int64_t from, int64_t to, AvalignErrorInfo *e)
{
    const float *pcm = ava_recent_span(&s->sound, &from, &to);
    s->start = -1;
    s->free_from = to;
    size_t all = to > from ? (size_t)(to - from) : 0;
    all = all < FULL ? all : FULL;
    size_t n = all / STEP * STEP;
    if (n < SHORTEST)
        return speech_encoder_frames(s, pcm, all, from, e);
    speech_encoder_level(s, pcm, n, n);
    if (ava_reserve(&s->in.ev->encoded, 1))
        return ava_fail(e, AVALIGN_ERR_NOMEM, "speech", AVA_NO_TIME, 0, "out of memory");
    AvaEncoded *w = &s->in.ev->encoded.at[s->in.ev->encoded.n];
    w->start_us = from * 1000000 / RATE;
    w->end_us = (from + (int64_t)n) * 1000000 / RATE;
    int rc = s->net ? 0 : ava_speech_encoder_open(&s->net, s->in.models, e);
    const float *states = NULL;
    if (!rc)
        rc = ava_speech_encoder_run(s->net, s->even, n, w->pooled, &states, e);
    int64_t t_us = s->in.ev->sound_t0_us + w->start_us;
    if (!rc && s->in.on_encoder && s->in.on_encoder(s->in.cookie, t_us, states, n * AVALIGN_ENCODER_FPS / RATE))
        rc = ava_fail(e, AVALIGN_ERR_CANCELLED, "speech", t_us, 0, "stopped by the caller");
    s->in.ev->encoded.n += !rc;
    if (!rc && s->in.encoded)
        rc = n < all ? speech_encoder_frames(s, pcm, all, from, e) : speech_encoder_hand_on(s, states, n, n, from, e);
    return rc;
}

/* Deals with what the speech stage (before this one in the table) has found by now, as far as the samples of a window's end are
 * here: what comes out does not depend on how the sound was cut into blocks. */
static int speech_encoder_advance(Encoder *s, int last, AvalignErrorInfo *e)
{
    int rc = 0;
    for (; !rc && s->heard < s->in.ev->voiced.n; s->heard++) {
        int64_t at = (int64_t)s->heard * VAD_HOP, end = at + VAD_HOP;
        if (!last && end + EDGE > ava_recent_end(&s->sound))
            break;
        if (s->in.ev->voiced.at[s->heard] > .5f) {
            if (s->start < 0)
                s->start = at - EDGE > s->free_from ? at - EDGE : s->free_from;
            s->last = end;
        }
        if (s->start >= 0 && end - s->start >= FULL)
            rc = speech_encoder_encode(s, s->start, s->last + EDGE < s->start + FULL ? s->last + EDGE : s->start + FULL, e);
        else if (s->start >= 0 && end - s->last >= PAUSE)
            rc = speech_encoder_encode(s, s->start, s->last + EDGE, e);
    }
    return rc;
}

static int encoder_sound(void *state, int64_t t_us, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    Encoder *s = state;
    int rc = 0;
    (void)t_us;
    while (n && !rc) {
        ava_recent_take(&s->sound, &pcm, &n);
        rc = speech_encoder_advance(s, 0, e);
    }
    return rc;
}

static int encoder_finish(void *state, AvalignErrorInfo *e)
{
    Encoder *s = state;
    int rc = speech_encoder_advance(s, 1, e);
    if (!rc && s->start >= 0)
        rc = speech_encoder_encode(s, s->start, s->last + EDGE, e);
    return rc;
}

static int encoder_preload(const AvaStageSetup *setup, AvalignErrorInfo *e)
{
    AvaSpeechEncoder *net = NULL;
    int rc = ava_speech_encoder_open(&net, setup->models, e);
    ava_speech_encoder_close(&net);
    return rc;
}

const AvaStage ava_stage_speech_encoder = {
    .name = "speech encoder",
    .roles = (const char *const[]){ "speech-encoder", NULL },
    .size = sizeof(Encoder),
    .open = encoder_open,
    .on_sound = encoder_sound,
    .finish = encoder_finish,
    .close = encoder_close,
    .preload = encoder_preload,
};
