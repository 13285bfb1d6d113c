/* speech_encoder.c -- Whisper's front end and encoder. */
#include "nets/speech_encoder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/features.h"
#include "util/err.h"
#include "util/rounded.h"

enum { WIN = 400, HOP = 160, MELS = 80 };

struct AvaSpeechEncoder {
    AvaSession *net;
    AvaVoiceMel *mel;
};

int ava_speech_encoder_open(AvaSpeechEncoder **out, AvalignModels *m, AvalignErrorInfo *e)
{
    AvaSpeechEncoder *n = *out = calloc(1, sizeof *n);
    int rc = n && (n->mel = ava_voice_mel_new(AVA_MEL_WHISPER)) ? 0 : ava_fail(e, AVALIGN_ERR_NOMEM, "speech", AVA_NO_TIME, 0, "out of memory");
    if (!rc)
        rc = ava_session_open(&n->net, m, "speech-encoder", e);
    if (rc)
        ava_speech_encoder_close(out);
    return rc;
}

void ava_speech_encoder_close(AvaSpeechEncoder **pn)
{
    AvaSpeechEncoder *n = pn ? *pn : NULL;
    if (!n)
        return;
    ava_session_close(&n->net);
    ava_voice_mel_free(n->mel);
    free(n);
    *pn = NULL;
}

void ava_whisper_mel(AvaSpeechEncoder *n, const float *pcm, size_t samples, float *out)
{
    size_t frames = samples / HOP;
    float top = -INFINITY;
    for (size_t f = 0; f < frames; f++) {
        float x[WIN], bands[MELS];
        for (int i = 0; i < WIN; i++) { /* centred, mirrored at both ends */
            int64_t at = (int64_t)(f * HOP) + i - WIN / 2;
            at = at < 0 ? -at : at >= (int64_t)samples ? 2 * ((int64_t)samples - 1) - at : at;
            x[i] = pcm[at];
        }
        ava_voice_mel_frame(n->mel, x, bands);
        for (size_t b = 0; b < MELS; b++) {
            float v = ava_log10f(fmaxf(bands[b], 1e-10f));
            out[b * frames + f] = v;
            top = fmaxf(top, v);
        }
    }
    for (size_t i = 0; i < frames * MELS; i++)
        out[i] = (fmaxf(out[i], top - 8) + 4) / 4;
}

int ava_speech_encoder_run(AvaSpeechEncoder *n, const float *pcm, size_t samples, float *pooled, const float **frames, AvalignErrorInfo *e)
{
    size_t size = 0, n_frames = 0;
    float *in = ava_session_input(n->net, 0, (int64_t[]){ 1, MELS, (int64_t)(samples / HOP) }, 3);
    if (!in)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "speech", AVA_NO_TIME, 0, "out of memory");
    ava_whisper_mel(n, pcm, samples, in);
    int rc = ava_session_run(n->net, e);
    if (rc)
        return rc;
    const float *states = ava_session_output(n->net, 0, &n_frames), *o = ava_session_output(n->net, 1, &size);
    if (!o || !states || size != AVA_ENCODER_POOLED || n_frames != AVA_ENCODER_DIM * AVA_ENCODER_STATES * (samples / (2 * HOP)))
        return ava_fail(e, AVALIGN_ERR_MODEL, "speech", AVA_NO_TIME, 0, "role speech-encoder gives %zu and %zu numbers, not %d a state and %d in all", n_frames,
                        size, AVA_ENCODER_DIM, AVA_ENCODER_POOLED);
    if (pooled)
        memcpy(pooled, o, AVA_ENCODER_POOLED * sizeof *pooled);
    if (frames)
        *frames = states;
    return 0;
}
