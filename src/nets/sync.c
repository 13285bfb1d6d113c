/* sync.c -- what the sync nets see, exactly as training/lip_sync/data.py prepares it.
 *
 * The nets normalise over their window, so windows are long (10 s) and overlap;
 * vectors near a window's edge are taken from the neighbour that sees both sides.
 * Landmarks are turned to the front with the head's own axes (eye line, forehead
 * to nose), so that turning and nodding do not look like speaking. */
#include "nets/sync.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/err.h"

enum { POINTS = 49, SIDE = 48, BANDS = 40 };

/* 40 points of the lips, 9 of chin, nose and cheeks; data.py has the same list. */
static const int POINT[POINTS] = {
    61,  146, 91, 181, 84, 17,  314, 405, 321, 375, 291, 185, 40,  39,  37,  0,   267, 269, 270, 409, 78,  95,  88,  178, 87,
    14,  317, 402, 318, 324, 308, 191, 80, 81,  82,  13,  312, 311, 310, 415, 152, 148, 377, 1,   4,   205, 425, 50,  280
};

static int8_t quantised(float v)
{
    float q = v * 127;
    return (int8_t)lrintf(q < -127 ? -127 : q > 127 ? 127 : q);
}

/* ---- faces ----------------------------------------------------------------------- */

enum { F_WINDOW = 150, F_MARGIN = 20, F_KEEP = 100 };

struct AvaSyncNets {
    AvaSession *lips, *mouth;
};

typedef struct Item {
    float p[POINTS][2], eye; /* frontal, still in pixels */
    uint8_t has_lips, has_mouth;
    uint8_t mouth[SIDE * SIDE];
} Item;

struct AvaSyncFace {
    AvaSyncNets *nets;
    AvaSyncFn *emit;
    void *cookie;
    size_t n, done; /* items in the window; those already emitted */
    Item item[F_WINDOW];
    AvaSyncVec out[F_WINDOW];
};

int ava_sync_nets_open(AvaSyncNets **out, AvalignModels *m, AvalignErrorInfo *e)
{
    AvaSyncNets *n = *out = calloc(1, sizeof *n);
    if (!n)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "lipsync", AVA_NO_TIME, 0, "out of memory");
    int rc = ava_session_open(&n->lips, m, "sync-lips", e);
    if (!rc)
        rc = ava_session_open(&n->mouth, m, "sync-mouth", e);
    if (rc)
        ava_sync_nets_close(out);
    return rc;
}

void ava_sync_nets_close(AvaSyncNets **n)
{
    if (!n || !*n)
        return;
    ava_session_close(&(*n)->lips);
    ava_session_close(&(*n)->mouth);
    free(*n);
    *n = NULL;
}

AvaSyncFace *ava_sync_face_new(AvaSyncNets *nets, AvaSyncFn *emit, void *cookie)
{
    AvaSyncFace *f = calloc(1, sizeof *f);
    if (f) {
        f->nets = nets;
        f->emit = emit;
        f->cookie = cookie;
    }
    return f;
}

void ava_sync_face_free(AvaSyncFace **f)
{
    if (f) {
        free(*f);
        *f = NULL;
    }
}

static void sync_mean_of(const float *lm, const int *at, int n, float out[3])
{
    for (int k = 0; k < 3; k++) {
        out[k] = 0;
        for (int i = 0; i < n; i++)
            out[k] += lm[3 * at[i] + k] / (float)n;
    }
}

static float sync_dot(const float *a, const float *b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

static void unit(float v[3])
{
    float n = sqrtf(sync_dot(v, v));
    for (int k = 0; k < 3; k++)
        v[k] /= n > 1e-6f ? n : 1;
}

static void frontal(Item *it, const float *lm)
{
    float right[3], left[3], top[3], low[3], x[3], y[3], nose[3];
    sync_mean_of(lm, (int[]){ 33, 133 }, 2, right);
    sync_mean_of(lm, (int[]){ 263, 362 }, 2, left);
    sync_mean_of(lm, (int[]){ 10, 151, 9 }, 3, top);
    sync_mean_of(lm, (int[]){ 195, 5, 197 }, 3, low);
    sync_mean_of(lm, (int[]){ 168, 6 }, 2, nose);
    for (int k = 0; k < 3; k++) {
        x[k] = left[k] - right[k];
        y[k] = low[k] - top[k];
    }
    unit(x);
    float c = sync_dot(x, y);
    for (int k = 0; k < 3; k++)
        y[k] -= c * x[k];
    unit(y);
    for (int i = 0; i < POINTS; i++) {
        float d[3];
        for (int k = 0; k < 3; k++)
            d[k] = lm[3 * POINT[i] + k] - nose[k];
        it->p[i][0] = sync_dot(d, x);
        it->p[i][1] = sync_dot(d, y);
    }
    const float *a = lm + 3 * 33, *b = lm + 3 * 263;
    float e[3] = { b[0] - a[0], b[1] - a[1], b[2] - a[2] };
    it->eye = fmaxf(sqrtf(sync_dot(e, e)), 1e-3f);
}

/* Eye distance smoothed over a second, edges repeated. */
static float smooth_eye(const AvaSyncFace *f, size_t i)
{
    float sum = 0;
    for (int d = -12; d <= 12; d++) {
        int64_t k = (int64_t)i + d;
        k = k < 0 ? 0 : k >= (int64_t)f->n ? (int64_t)f->n - 1 : k;
        sum += f->item[k].eye;
    }
    return sum / 25;
}

/* Runs one of the nets over the whole window; NULL on failure. */
static const float *run_net(AvaSession *s, size_t *n, AvalignErrorInfo *e)
{
    if (ava_session_run(s, e))
        return NULL;
    const float *o = ava_session_output(s, 0, n);
    if (!o)
        ava_fail(e, AVALIGN_ERR_INFER, "lipsync", AVA_NO_TIME, 0, "a sync net gave nothing");
    return o;
}

static int embed_faces(AvaSyncFace *f, AvalignErrorInfo *e)
{
    size_t n = f->n, lips = 0, mouths = 0, size = 0;
    for (size_t i = 0; i < n; i++) {
        lips += f->item[i].has_lips;
        mouths += f->item[i].has_mouth;
    }
    const float *a = NULL, *b = NULL;
    if (lips == n) {
        float *in = ava_session_input(f->nets->lips, 0, (int64_t[]){ 1, (int64_t)n, POINTS * 2 }, 3);
        for (size_t i = 0; in && i < n; i++) {
            float eye = smooth_eye(f, i);
            for (int k = 0; k < POINTS * 2; k++)
                in[i * POINTS * 2 + (size_t)k] = (&f->item[i].p[0][0])[k] / eye;
        }
        if (!in || !(a = run_net(f->nets->lips, &size, e)) || size != n * AVA_SYNC_DIM)
            return ava_fail(e, AVALIGN_ERR_INFER, "lipsync", AVA_NO_TIME, 0, "the lips net has another shape");
    }
    if (mouths == n) {
        float *in = ava_session_input(f->nets->mouth, 0, (int64_t[]){ 1, (int64_t)n, SIDE, SIDE }, 4);
        for (size_t i = 0; in && i < n; i++)
            for (int k = 0; k < SIDE * SIDE; k++)
                in[i * SIDE * SIDE + (size_t)k] = (float)f->item[i].mouth[k] / 255.f;
        if (!in || !(b = run_net(f->nets->mouth, &size, e)) || size != n * AVA_SYNC_DIM)
            return ava_fail(e, AVALIGN_ERR_INFER, "lipsync", AVA_NO_TIME, 0, "the mouth net has another shape");
    }
    for (size_t i = 0; i < n; i++) {
        float v[AVA_SYNC_DIM], norm = 0;
        for (size_t d = 0; d < AVA_SYNC_DIM; d++) {
            v[d] = (a ? a[d * n + i] : 0) + (b ? b[d * n + i] : 0);
            norm += v[d] * v[d];
        }
        norm = norm > 0 ? 1 / sqrtf(norm) : 0;
        for (size_t d = 0; d < AVA_SYNC_DIM; d++)
            f->out[i].v[d] = quantised(v[d] * norm);
    }
    return 0;
}

static int emit_faces(AvaSyncFace *f, size_t to, AvalignErrorInfo *e)
{
    int rc = embed_faces(f, e);
    if (!rc && to > f->done && f->emit(f->cookie, f->out + f->done, to - f->done))
        rc = ava_fail(e, AVALIGN_ERR_NOMEM, "lipsync", AVA_NO_TIME, 0, "out of memory");
    f->done = to;
    return rc;
}

int ava_sync_face_push(AvaSyncFace *f, const AvalignFaceView *v, AvalignErrorInfo *e)
{
    if (f->n == F_WINDOW) {
        int rc = emit_faces(f, F_WINDOW - F_MARGIN, e);
        if (rc)
            return rc;
        memmove(f->item, f->item + F_WINDOW - F_KEEP, F_KEEP * sizeof *f->item);
        f->n = F_KEEP;
        f->done = F_KEEP - F_MARGIN;
    }
    Item *it = &f->item[f->n++];
    it->has_lips = v->landmarks != NULL;
    it->has_mouth = v->mouth != NULL;
    if (v->landmarks)
        frontal(it, v->landmarks);
    for (int y = 0; v->mouth && y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            const uint8_t *m = v->mouth + 2 * y * AVALIGN_MOUTH_SIDE + 2 * x;
            it->mouth[y * SIDE + x] = (uint8_t)((m[0] + m[1] + m[AVALIGN_MOUTH_SIDE] + m[AVALIGN_MOUTH_SIDE + 1]) / 4);
        }
    return 0;
}

int ava_sync_face_flush(AvaSyncFace *f, AvalignErrorInfo *e)
{
    int rc = f->n > f->done ? emit_faces(f, f->n, e) : 0;
    f->n = f->done = 0;
    return rc;
}

/* ---- sound ------------------------------------------------------------------------- */

enum { S_WINDOW = 1000, S_MARGIN = 40, S_KEEP = 400 }; /* mel frames, all even */

struct AvaSyncSound {
    AvaSession *net;
    AvaSyncFn *emit;
    void *cookie;
    size_t n, done; /* mel frames */
    float mel[S_WINDOW][BANDS];
    AvaSyncVec out[S_WINDOW / 2];
};

int ava_sync_sound_open(AvaSyncSound **out, AvalignModels *m, AvaSyncFn *emit, void *cookie, AvalignErrorInfo *e)
{
    AvaSyncSound *s = *out = calloc(1, sizeof *s);
    if (!s)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "lipsync", AVA_NO_TIME, 0, "out of memory");
    s->emit = emit;
    s->cookie = cookie;
    int rc = ava_session_open(&s->net, m, "sync-sound", e);
    if (rc)
        ava_sync_sound_close(out);
    return rc;
}

void ava_sync_sound_close(AvaSyncSound **s)
{
    if (!s || !*s)
        return;
    ava_session_close(&(*s)->net);
    free(*s);
    *s = NULL;
}

static int emit_sound(AvaSyncSound *s, size_t to, AvalignErrorInfo *e)
{
    size_t size = 0, n = s->n / 2;
    float *in = ava_session_input(s->net, 0, (int64_t[]){ 1, (int64_t)n * 2, BANDS }, 3);
    if (in)
        memcpy(in, s->mel, n * 2 * sizeof *s->mel);
    const float *o = in ? run_net(s->net, &size, e) : NULL;
    if (!o || size != n * AVA_SYNC_DIM)
        return ava_fail(e, AVALIGN_ERR_INFER, "lipsync", AVA_NO_TIME, 0, "the sound net has another shape");
    for (size_t i = s->done / 2; i < to / 2; i++)
        for (size_t d = 0; d < AVA_SYNC_DIM; d++)
            s->out[i].v[d] = quantised(o[d * n + i]);
    if (to > s->done && s->emit(s->cookie, s->out + s->done / 2, (to - s->done) / 2))
        return ava_fail(e, AVALIGN_ERR_NOMEM, "lipsync", AVA_NO_TIME, 0, "out of memory");
    s->done = to;
    return 0;
}

int ava_sync_sound_push(AvaSyncSound *s, const float mel[BANDS], AvalignErrorInfo *e)
{
    if (s->n == S_WINDOW) {
        int rc = emit_sound(s, S_WINDOW - S_MARGIN, e);
        if (rc)
            return rc;
        memmove(s->mel, s->mel + S_WINDOW - S_KEEP, S_KEEP * sizeof *s->mel);
        s->n = S_KEEP;
        s->done = S_KEEP - S_MARGIN;
    }
    memcpy(s->mel[s->n++], mel, sizeof *s->mel);
    return 0;
}

int ava_sync_sound_flush(AvaSyncSound *s, AvalignErrorInfo *e)
{
    size_t even = s->n & ~(size_t)1;
    int rc = 0;
    if (even >= 20 && even > s->done) { /* under a fifth of a second there is nothing to embed */
        s->n = even;
        rc = emit_sound(s, even, e);
    }
    s->n = s->done = 0;
    return rc;
}
