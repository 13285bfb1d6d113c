/* voice.c -- collects speech, and embeds it by two nets, fused. */
#include "nets/voice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/features.h"
#include "nets/joint.h"
#include "util/err.h"
#include "util/rounded.h"
#include "util/vec.h"

enum { MAX_EARS = 2, MAX_BANDS = 40 + AVA_VOICE_MEL_MAX, MOST = 160 /* frames of a window */, SHORTEST = 80, BATCH = 4, VAD_US = 32000, FRAME_US = 10000, MIDDLE_US = 12500 };

typedef struct Frame {
    int64_t index;
    float power; /* mean square */
    float mel[MAX_BANDS];
} Frame;

/* A net with the bands that it hears. */
typedef struct Ear {
    const char *role;
    AvaVoiceMelKind kind;
    AvaVoiceMel *mel;
    AvaSession *net;
    size_t first, bands; /* its place in a frame's bands */
} Ear;

struct AvaVoice {
    Ear ear[MAX_EARS];
    int n_ears;
    AvaSession *fusion, *joint; /* of two ears; NULL: one, or no joint net for it */
    AvaVoiceFn *emit;
    void *cookie;
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

/* The ears of a scale as the manifest names it. */
static void choose(AvaVoice *v, const char *scale)
{
    static const struct {
        const char *scale;
        Ear ear[MAX_EARS];
    } known[] = {
        { "two-embeddings", { { .role = "voice-dvector", .kind = AVA_MEL_DVECTOR }, { .role = "voice-tdnn", .kind = AVA_MEL_KALDI } } },
        { "speechbrain-fbank", { { .role = "voice-embed", .kind = AVA_MEL_SPEECHBRAIN } } },
        { "kaldi-fbank", { { .role = "voice-embed", .kind = AVA_MEL_KALDI } } },
        { "dvector-log10", { { .role = "voice-embed", .kind = AVA_MEL_DVECTOR } } },
        { "", { { .role = "voice-embed", .kind = AVA_MEL_GE2E } } },
    };
    size_t k = 0;
    while (*known[k].scale && (!scale || strcmp(known[k].scale, scale)))
        k++;
    memcpy(v->ear, known[k].ear, sizeof v->ear);
    v->n_ears = v->ear[1].role ? 2 : 1;
    v->full = v->n_ears == 1 && v->ear[0].kind == AVA_MEL_DVECTOR ? MOST / 2 : MOST;
}

int ava_voice_open(AvaVoice **out, AvalignModels *m, AvaVoiceFn *emit, void *cookie, AvalignErrorInfo *e)
{
    AvaVoice *v = *out = calloc(1, sizeof *v);
    size_t bands = 0;
    int rc = v ? 0 : AVALIGN_ERR_NOMEM;
    if (v)
        choose(v, ava_models_text(m, "voice-embed", "inputs.0.scale"));
    for (int k = 0; !rc && k < v->n_ears; k++) {
        Ear *a = &v->ear[k];
        if (!(a->mel = ava_voice_mel_new(a->kind))) {
            rc = AVALIGN_ERR_NOMEM;
            break;
        }
        a->first = bands;
        a->bands = (size_t)ava_voice_mel_bands(a->mel);
        bands += a->bands;
        rc = ava_session_open(&a->net, m, a->role, e);
    }
    if (rc == AVALIGN_ERR_NOMEM)
        ava_fail(e, rc, "speaker", AVA_NO_TIME, 0, "out of memory");
    if (!rc && v->n_ears == 2)
        rc = ava_session_open(&v->fusion, m, "voice-embed", e);
    else if (!rc && ava_models_has(m, "voice-joint") && (v->ear[0].kind == AVA_MEL_GE2E || v->ear[0].kind == AVA_MEL_SPEECHBRAIN)) /* the joint net knows no others */
        rc = ava_session_open(&v->joint, m, "voice-joint", e);
    if (rc) {
        ava_voice_close(out);
        return rc;
    }
    v->emit = emit;
    v->cookie = cookie;
    return 0;
}

void ava_voice_close(AvaVoice **pv)
{
    AvaVoice *v = pv ? *pv : NULL;
    if (!v)
        return;
    for (int k = 0; k < MAX_EARS; k++) {
        ava_session_close(&v->ear[k].net);
        ava_voice_mel_free(v->ear[k].mel);
    }
    ava_session_close(&v->fusion);
    ava_session_close(&v->joint);
    ava_vec_free(&v->wait);
    free(v);
    *pv = NULL;
}

int ava_voice_push(AvaVoice *v, const float frame[AVA_VOICE_WIN], AvalignErrorInfo *e)
{
    Frame f = { .index = v->next++ };
    for (int i = 0; i < AVA_VOICE_HOP; i++)
        f.power += frame[i] * frame[i] / AVA_VOICE_HOP;
    for (int k = 0; k < v->n_ears; k++)
        ava_voice_mel_frame(v->ear[k].mel, frame, f.mel + v->ear[k].first);
    return ava_push(&v->wait, f) ? ava_fail(e, AVALIGN_ERR_NOMEM, "speaker", AVA_NO_TIME, 0, "out of memory") : 0;
}

static int other_shape(AvalignErrorInfo *e) { return ava_fail(e, AVALIGN_ERR_INFER, "speaker", AVA_NO_TIME, 0, "the voice net has another shape"); }

/* What an ear's net says of the windows gathered, *dim numbers each. */
static int listen(AvaVoice *v, const Ear *a, size_t frames, const float **out, size_t *dim, AvalignErrorInfo *e)
{
    size_t size = 0;
    float *x = ava_session_input(a->net, 0, (int64_t[]){ (int64_t)v->batch, (int64_t)frames, (int64_t)a->bands }, 3);
    if (!x)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "speaker", AVA_NO_TIME, 0, "out of memory");
    for (size_t b = 0; b < v->batch; b++)
        for (size_t i = 0; i < frames; i++)
            memcpy(x + (b * frames + i) * a->bands, v->in[b][i] + a->first, a->bands * sizeof *x);
    int rc = ava_session_run(a->net, e);
    *out = rc ? NULL : ava_session_output(a->net, 0, &size);
    *dim = size / v->batch;
    return rc ? rc : !*out || size % v->batch || *dim < 1 || *dim > AVA_VOICE_DIM ? other_shape(e) : 0;
}

/* One embedding of two. */
static int fuse(AvaVoice *v, const float *const said[MAX_EARS], const size_t dim[MAX_EARS], const float **out, size_t *n, AvalignErrorInfo *e)
{
    size_t size = 0;
    for (int k = 0; k < MAX_EARS; k++) {
        float *x = ava_session_input(v->fusion, (size_t)k, (int64_t[]){ (int64_t)v->batch, (int64_t)dim[k] }, 2);
        if (!x)
            return other_shape(e);
        memcpy(x, said[k], v->batch * dim[k] * sizeof *x);
    }
    int rc = ava_session_run(v->fusion, e);
    *out = rc ? NULL : ava_session_output(v->fusion, 0, &size);
    *n = size / v->batch;
    return rc ? rc : !*out || size % v->batch || *n < 1 || *n > AVA_VOICE_DIM ? other_shape(e) : 0;
}

/* Embeds the windows gathered, all of `frames` frames. */
static int voice_embed(AvaVoice *v, size_t frames, AvalignErrorInfo *e)
{
    const float *said[MAX_EARS] = { NULL }, *o = NULL;
    size_t dim[MAX_EARS] = { 0 }, n = 0;
    int rc = 0;
    if (!v->batch)
        return 0;
    for (int k = 0; !rc && k < v->n_ears; k++)
        rc = listen(v, &v->ear[k], frames, &said[k], &dim[k], e);
    if (!rc && (!said[0] || (v->fusion && !said[1])))
        rc = other_shape(e);
    if (!rc && v->fusion) {
        rc = fuse(v, said, dim, &o, &n, e);
    } else if (!rc) {
        o = said[0];
        n = dim[0];
    }
    for (size_t b = 0; b < v->batch && !rc; b++) { /* shorter embeddings end in zeros */
        memset(v->out[b].v, 0, sizeof v->out[b].v);
        memcpy(v->out[b].v, o + b * n, n * sizeof *o);
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

/* Logarithms of an ear's bands, each less its mean over the window: natural ones as Kaldi writes them (of samples in 16 bits), or
 * SpeechBrain's dB, at most 80 below the loudest. */
static void to_log(const Ear *a, float (*x)[MAX_BANDS], size_t n)
{
    int decibels = a->kind == AVA_MEL_SPEECHBRAIN;
    float top = -1e9f;
    for (size_t i = 0; i < n; i++)
        for (size_t b = a->first; b < a->first + a->bands; b++) {
            x[i][b] = decibels ? 10 * ava_log10f(fmaxf(x[i][b], 1e-10f)) : logf(fmaxf(x[i][b] * 32768 * 32768, 1.1920929e-7f));
            top = fmaxf(top, x[i][b]);
        }
    for (size_t b = a->first; b < a->first + a->bands; b++) {
        double mean = 0;
        for (size_t i = 0; i < n; i++) {
            x[i][b] = decibels ? fmaxf(x[i][b], top - 80) : x[i][b];
            mean += (double)x[i][b] / (double)n;
        }
        for (size_t i = 0; i < n; i++)
            x[i][b] -= (float)mean;
    }
}

/* What an ear's net reads, from power. */
static void scaled(const Ear *a, float (*x)[MAX_BANDS], size_t n, double power)
{
    float gain = power > 0 ? (float)fmax(1, 1e-3 / power) : 1; /* of power, to -30 dBFS */
    if (a->kind == AVA_MEL_SPEECHBRAIN || a->kind == AVA_MEL_KALDI) {
        to_log(a, x, n);
        return;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t b = a->first; b < a->first + a->bands; b++)
            x[i][b] = a->kind == AVA_MEL_DVECTOR ? ava_log10f(x[i][b] + 1e-10f) : x[i][b] * gain;
}

/* Takes the n frames at hand as a window. */
static int voice_window(AvaVoice *v, AvalignErrorInfo *e)
{
    AvaVoiceVec *o = &v->out[v->batch];
    double power = 0;
    for (size_t i = 0; i < v->n; i++)
        power += v->speech[i].power / (double)v->n;
    for (size_t i = 0; i < v->n; i++)
        memcpy(v->in[v->batch][i], v->speech[i].mel, sizeof v->speech[i].mel);
    for (int k = 0; k < v->n_ears; k++)
        scaled(&v->ear[k], v->in[v->batch], v->n, power);
    o->start_us = v->speech[0].index * FRAME_US;
    o->end_us = (v->speech[v->n - 1].index + 1) * FRAME_US;
    o->speech_s = (float)v->n / 100;
    v->batch++;
    v->emitted++;
    return v->batch == BATCH ? voice_embed(v, v->n, e) : 0;
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
            rc = voice_window(v, e);
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
        return voice_embed(v, v->full, e);
    if (v->n < SHORTEST)
        return 0;
    size_t frames = v->n; /* a single, shorter window */
    rc = voice_window(v, e);
    return rc ? rc : voice_embed(v, frames, e);
}
