#include "nets/voice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/features.h"
#include "nets/joint.h"
#include "util/err.h"
#include "util/vec.h"

enum { MAX_BANDS = AVA_VOICE_MEL_MAX, MOST = 160 /* frames of a window */, SHORTEST = 80, BATCH = 4, VAD_US = 32000, FRAME_US = 10000, MIDDLE_US = 12500 };

typedef struct Frame {
    int64_t index;
    float power; /* mean square */
    float mel[MAX_BANDS];
} Frame;

struct AvaVoice {
    AvaSession *net, *joint;
    AvaVoiceFn *emit;
    void *cookie;
    AvaVoiceMel *mel;
    AvaVoiceMelKind kind;
    int bands;
    size_t full;         /* frames of a window; the next begins half of it later */
    int64_t next;        /* index of the next frame */
    AVA_VEC(Frame) wait; /* speech or not: not known yet */
    Frame speech[MOST];
    size_t n;            /* in speech */
    int emitted;         /* windows so far */
    AvaVoiceVec out[BATCH];
    float in[BATCH][MOST][MAX_BANDS];
    size_t batch;
};

int ava_voice_open(AvaVoice **out, AvalignModels *m, AvaVoiceFn *emit, void *cookie, AvalignErrorInfo *e)
{
    AvaVoice *v = *out = calloc(1, sizeof *v);
    const char *scale = ava_models_text(m, "voice-embed", "inputs.0.scale");
    AvaVoiceMelKind kind = scale && !strcmp(scale, "speechbrain-fbank") ? AVA_MEL_SPEECHBRAIN : scale && !strcmp(scale, "dvector-log10") ? AVA_MEL_DVECTOR : AVA_MEL_GE2E;
    if (!v || !(v->mel = ava_voice_mel_new(kind))) {
        ava_voice_close(out);
        return ava_fail(e, AVALIGN_ERR_NOMEM, "speaker", AVA_NO_TIME, 0, "out of memory");
    }
    v->emit = emit;
    v->cookie = cookie;
    v->bands = ava_voice_mel_bands(v->mel);
    v->kind = kind;
    v->full = kind == AVA_MEL_DVECTOR ? MOST / 2 : MOST;
    int rc = ava_session_open(&v->net, m, "voice-embed", e);
    if (!rc && kind != AVA_MEL_DVECTOR) /* the joint net does not know its embeddings */
        rc = ava_session_open(&v->joint, m, "voice-joint", e);
    if (rc)
        ava_voice_close(out);
    return rc;
}

void ava_voice_close(AvaVoice **pv)
{
    AvaVoice *v = pv ? *pv : NULL;
    if (!v)
        return;
    ava_session_close(&v->net);
    ava_session_close(&v->joint);
    ava_voice_mel_free(v->mel);
    ava_vec_free(&v->wait);
    free(v);
    *pv = NULL;
}

int ava_voice_push(AvaVoice *v, const float frame[AVA_VOICE_WIN], AvalignErrorInfo *e)
{
    Frame f = { .index = v->next++ };
    for (int i = 0; i < AVA_VOICE_HOP; i++)
        f.power += frame[i] * frame[i] / AVA_VOICE_HOP;
    ava_voice_mel_frame(v->mel, frame, f.mel);
    return ava_push(&v->wait, f) ? ava_fail(e, AVALIGN_ERR_NOMEM, "speaker", AVA_NO_TIME, 0, "out of memory") : 0;
}

/* Embeds the windows gathered, all of `frames` frames. */
static int embed(AvaVoice *v, size_t frames, AvalignErrorInfo *e)
{
    size_t size = 0;
    if (!v->batch)
        return 0;
    float *x = ava_session_input(v->net, 0, (int64_t[]){ (int64_t)v->batch, (int64_t)frames, v->bands }, 3);
    size_t bands = (size_t)v->bands;
    for (size_t b = 0; x && b < v->batch; b++)
        for (size_t i = 0; i < frames; i++)
            memcpy(x + (b * frames + i) * bands, v->in[b][i], bands * sizeof *x);
    int rc = x ? ava_session_run(v->net, e) : AVALIGN_ERR_NOMEM;
    const float *o = rc ? NULL : ava_session_output(v->net, 0, &size);
    size_t dim = size / v->batch;
    if (!o || size % v->batch || dim < 1 || dim > AVA_VOICE_DIM)
        return rc ? rc : ava_fail(e, AVALIGN_ERR_INFER, "speaker", AVA_NO_TIME, 0, "the voice net has another shape");
    for (size_t b = 0; b < v->batch && !rc; b++) { /* shorter embeddings end in zeros */
        memset(v->out[b].v, 0, sizeof v->out[b].v);
        memcpy(v->out[b].v, o + b * dim, dim * sizeof *o);
        v->out[b].joint = 0;
        if (v->joint)
            rc = ava_joint_run(v->joint, v->out[b].v, 1, AVA_VOICE_DIM, &v->out[b].joint, e);
    }
    if (rc)
        return rc;
    rc = v->emit(v->cookie, v->out, v->batch);
    v->batch = 0;
    return rc ? ava_fail(e, AVALIGN_ERR_NOMEM, "speaker", AVA_NO_TIME, 0, "out of memory") : 0;
}

/* SpeechBrain's Fbank and sentence normalisation: dB, at most 80 below the loudest, less the mean of every band. */
static void to_decibels(float (*x)[MAX_BANDS], size_t n, int bands)
{
    float top = -1e9f;
    for (size_t i = 0; i < n; i++)
        for (int b = 0; b < bands; b++) {
            x[i][b] = 10 * log10f(fmaxf(x[i][b], 1e-10f));
            top = fmaxf(top, x[i][b]);
        }
    for (int b = 0; b < bands; b++) {
        double mean = 0;
        for (size_t i = 0; i < n; i++) {
            x[i][b] = fmaxf(x[i][b], top - 80);
            mean += x[i][b] / (double)n;
        }
        for (size_t i = 0; i < n; i++)
            x[i][b] -= (float)mean;
    }
}

/* What the net reads, from power. */
static void scaled(const AvaVoice *v, float (*x)[MAX_BANDS], double power)
{
    float gain = power > 0 ? (float)fmax(1, 1e-3 / power) : 1; /* of power, to -30 dBFS */
    if (v->kind == AVA_MEL_SPEECHBRAIN) {
        to_decibels(x, v->n, v->bands);
        return;
    }
    for (size_t i = 0; i < v->n; i++)
        for (int b = 0; b < v->bands; b++)
            x[i][b] = v->kind == AVA_MEL_DVECTOR ? log10f(x[i][b] + 1e-10f) : x[i][b] * gain;
}

/* Takes the n frames at hand as a window. */
static int window(AvaVoice *v, AvalignErrorInfo *e)
{
    AvaVoiceVec *o = &v->out[v->batch];
    double power = 0;
    for (size_t i = 0; i < v->n; i++)
        power += v->speech[i].power / (double)v->n;
    for (size_t i = 0; i < v->n; i++)
        memcpy(v->in[v->batch][i], v->speech[i].mel, sizeof v->speech[i].mel);
    scaled(v, v->in[v->batch], power);
    o->start_us = v->speech[0].index * FRAME_US;
    o->end_us = (v->speech[v->n - 1].index + 1) * FRAME_US;
    o->speech_s = (float)v->n / 100;
    v->batch++;
    v->emitted++;
    return v->batch == BATCH ? embed(v, v->n, e) : 0;
}

int ava_voice_settle(AvaVoice *v, const float *voiced, size_t n, int last, AvalignErrorInfo *e)
{
    int rc = 0;
    size_t done = 0;
    for (; !rc && done < v->wait.n; done++) {
        int64_t at = (v->wait.at[done].index * FRAME_US + MIDDLE_US) / VAD_US;
        if (at >= (int64_t)n)
            break;
        if (voiced[at] <= 0.5f)
            continue;
        v->speech[v->n++] = v->wait.at[done];
        if (v->n == v->full) {
            rc = window(v, e);
            v->n = v->full / 2;
            memmove(v->speech, v->speech + v->n, v->n * sizeof *v->speech);
        }
    }
    if (done) /* else nothing may have come yet, and there is no memory */
        memmove(v->wait.at, v->wait.at + done, (v->wait.n - done) * sizeof *v->wait.at);
    v->wait.n -= done;
    if (rc || !last)
        return rc;
    if (v->emitted)
        return embed(v, v->full, e);
    if (v->n < SHORTEST)
        return 0;
    size_t frames = v->n; /* a single, shorter window */
    rc = window(v, e);
    return rc ? rc : embed(v, frames, e);
}
