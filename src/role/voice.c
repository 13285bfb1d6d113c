#include "role/voice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/features.h"
#include "role/joint.h"
#include "util/err.h"
#include "util/vec.h"

enum { BANDS = AVA_GE2E_MELS, FULL = 160, STEP = 80, SHORTEST = 80, BATCH = 8, VAD_US = 32000, FRAME_US = 10000, MIDDLE_US = 12500 };

typedef struct Frame {
    int64_t index;
    float power; /* mean square */
    float mel[BANDS];
} Frame;

struct AvaVoice {
    AvaSession *net, *joint;
    AvaVoiceFn *emit;
    void *cookie;
    AvaGe2eMel *mel;
    int64_t next;        /* index of the next frame */
    AVA_VEC(Frame) wait; /* speech or not: not known yet */
    Frame speech[FULL];
    size_t n;            /* in speech */
    int emitted;         /* windows so far */
    AvaVoiceVec out[BATCH];
    float in[BATCH][FULL][BANDS];
    size_t batch;
};

int ava_voice_open(AvaVoice **out, AvalignModels *m, AvaVoiceFn *emit, void *cookie, AvalignErrorInfo *e)
{
    AvaVoice *v = *out = calloc(1, sizeof *v);
    if (!v || !(v->mel = ava_ge2e_new())) {
        ava_voice_close(out);
        return ava_fail(e, AVALIGN_ERR_NOMEM, "speaker", AVA_NO_TIME, 0, "out of memory");
    }
    v->emit = emit;
    v->cookie = cookie;
    int rc = ava_session_open(&v->net, m, "voice-embed", e);
    if (!rc)
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
    ava_ge2e_free(v->mel);
    ava_vec_free(&v->wait);
    free(v);
    *pv = NULL;
}

int ava_voice_push(AvaVoice *v, const float frame[AVA_VOICE_WIN], AvalignErrorInfo *e)
{
    Frame f = { .index = v->next++ };
    for (int i = 0; i < AVA_VOICE_HOP; i++)
        f.power += frame[i] * frame[i] / AVA_VOICE_HOP;
    ava_ge2e_frame(v->mel, frame, f.mel);
    return ava_push(&v->wait, f) ? ava_fail(e, AVALIGN_ERR_NOMEM, "speaker", AVA_NO_TIME, 0, "out of memory") : 0;
}

/* Embeds the windows gathered, all of `frames` frames. */
static int embed(AvaVoice *v, size_t frames, AvalignErrorInfo *e)
{
    size_t size = 0;
    if (!v->batch)
        return 0;
    float *x = ava_session_input(v->net, 0, (int64_t[]){ (int64_t)v->batch, (int64_t)frames, BANDS }, 3);
    for (size_t b = 0; x && b < v->batch; b++)
        memcpy(x + b * frames * BANDS, v->in[b], frames * BANDS * sizeof *x);
    int rc = x ? ava_session_run(v->net, e) : AVALIGN_ERR_NOMEM;
    const float *o = rc ? NULL : ava_session_output(v->net, 0, &size);
    if (!o || size != v->batch * AVA_VOICE_DIM)
        return rc ? rc : ava_fail(e, AVALIGN_ERR_INFER, "speaker", AVA_NO_TIME, 0, "the voice net has another shape");
    float joint[BATCH];
    if ((rc = ava_joint_run(v->joint, o, v->batch, AVA_VOICE_DIM, joint, e)))
        return rc;
    for (size_t b = 0; b < v->batch; b++) {
        memcpy(v->out[b].v, o + b * AVA_VOICE_DIM, sizeof v->out[b].v);
        v->out[b].joint = joint[b];
    }
    rc = v->emit(v->cookie, v->out, v->batch);
    v->batch = 0;
    return rc ? ava_fail(e, AVALIGN_ERR_NOMEM, "speaker", AVA_NO_TIME, 0, "out of memory") : 0;
}

/* Takes the n frames at hand as a window. */
static int window(AvaVoice *v, AvalignErrorInfo *e)
{
    AvaVoiceVec *o = &v->out[v->batch];
    double power = 0;
    for (size_t i = 0; i < v->n; i++)
        power += v->speech[i].power / (double)v->n;
    double gain = power > 0 ? fmax(1, 1e-3 / power) : 1; /* of power, to -30 dBFS */
    for (size_t i = 0; i < v->n; i++)
        for (int b = 0; b < BANDS; b++)
            v->in[v->batch][i][b] = v->speech[i].mel[b] * (float)gain;
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
        if (v->n == FULL) {
            rc = window(v, e);
            memmove(v->speech, v->speech + STEP, (FULL - STEP) * sizeof *v->speech);
            v->n = FULL - STEP;
        }
    }
    memmove(v->wait.at, v->wait.at + done, (v->wait.n - done) * sizeof *v->wait.at);
    v->wait.n -= done;
    if (rc || !last)
        return rc;
    if (v->emitted)
        return embed(v, FULL, e);
    if (v->n < SHORTEST)
        return 0;
    size_t frames = v->n; /* a single, shorter window */
    rc = window(v, e);
    return rc ? rc : embed(v, frames, e);
}
