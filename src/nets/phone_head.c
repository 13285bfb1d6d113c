/* phone_head.c -- the phones of a window of speech: a net on the encoder's frames, then a Viterbi search (Viterbi 1967). */
#include "nets/phone_head.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nets/speech_encoder.h"
#include "util/err.h"

enum { MOST = 200, LEAST = 2 /* frames of a phone */, FIRST = 2, STATES = 3 /* of the encoder's states, those the net was taught on */ };
static const float CHANGE = 1; /* training/phones/train.py tries them */

struct AvaPhoneHead {
    AvaSession *net;
    size_t end[MOST / LEAST];
    uint8_t id[MOST / LEAST];
};

int ava_phone_head_open(AvaPhoneHead **out, AvalignModels *m, AvalignErrorInfo *e)
{
    AvaPhoneHead *h = *out = calloc(1, sizeof *h);
    int rc = h ? ava_session_open(&h->net, m, "speech-phones", e) : ava_fail(e, AVALIGN_ERR_NOMEM, "viseme", AVA_NO_TIME, 0, "out of memory");
    if (rc)
        ava_phone_head_close(out);
    return rc;
}

void ava_phone_head_close(AvaPhoneHead **h)
{
    if (!h || !*h)
        return;
    ava_session_close(&(*h)->net);
    free(*h);
    *h = NULL;
}

/* Where the best row up to a frame came from. */
typedef struct Path {
    float enter[MOST + 1];           /* the best row that ends here */
    uint8_t last[MOST + 1];          /* its last phone */
    uint8_t from[MOST + 1][AVA_N_PHONES]; /* where phone k of the best row that ends here with k begins */
} Path;

/* The best rows to frame i, given those to the frames before. stay[k]: of the one that goes on in phone k. */
static void search_frame(Path *p, const float *log_p, size_t i, float change, float stay[AVA_N_PHONES])
{
    const float *now = log_p + (i - 1) * AVA_N_PHONES, *before = now - AVA_N_PHONES;
    p->enter[i] = -INFINITY;
    for (int k = 0; k < AVA_N_PHONES; k++) {
        stay[k] += now[k];
        p->from[i][k] = p->from[i - 1][k];
        if (i >= LEAST) {
            float fresh = p->enter[i - LEAST] - (i > LEAST ? change : 0) + before[k] + now[k];
            if (fresh > stay[k]) {
                stay[k] = fresh;
                p->from[i][k] = (uint8_t)(i - LEAST);
            }
        }
        if (stay[k] > p->enter[i]) {
            p->enter[i] = stay[k];
            p->last[i] = (uint8_t)k;
        }
    }
}

size_t ava_phone_search(const float *log_p, size_t n, float change, size_t *end, uint8_t *id)
{
    Path p = { .enter = { 0 } };
    float stay[AVA_N_PHONES];
    size_t row = 0;
    if (n < LEAST)
        return 0;
    for (int k = 0; k < AVA_N_PHONES; k++)
        stay[k] = -INFINITY;
    for (size_t i = 1; i <= n; i++)
        search_frame(&p, log_p, i, change, stay);
    for (size_t i = n; i >= LEAST; i = p.from[i][p.last[i]]) { /* back to front, then turned round */
        end[row] = i;
        id[row++] = p.last[i];
    }
    for (size_t a = 0, b = row - 1; a < b; a++, b--) {
        size_t other = end[a];
        uint8_t phone = id[a];
        end[a] = end[b], id[a] = id[b];
        end[b] = other, id[b] = phone;
    }
    return row;
}

int ava_phone_head_run(AvaPhoneHead *h, const float *states, size_t n, size_t heard, int64_t start_us, AvaPhonesFn *emit, void *cookie, AvalignErrorInfo *e)
{
    float *in = ava_session_input(h->net, 0, (int64_t[]){ STATES, MOST, AVA_ENCODER_DIM }, 3);
    heard = heard < MOST ? heard : MOST;
    if (!in)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "viseme", AVA_NO_TIME, 0, "out of memory");
    memset(in, 0, (size_t)STATES * MOST * AVA_ENCODER_DIM * sizeof *in);
    for (int s = 0; s < STATES; s++)
        memcpy(in + (size_t)s * MOST * AVA_ENCODER_DIM, states + (size_t)(FIRST + s) * n * AVA_ENCODER_DIM, (n < MOST ? n : MOST) * AVA_ENCODER_DIM * sizeof *in);
    int rc = ava_session_run(h->net, e);
    size_t size = 0;
    const float *log_p = rc ? NULL : ava_session_output(h->net, 0, &size);
    if (!rc && (!log_p || size != MOST * AVA_N_PHONES))
        rc = ava_fail(e, AVALIGN_ERR_MODEL, "viseme", AVA_NO_TIME, 0, "role speech-phones gives %zu numbers, not %d of %d phones", size, MOST, AVA_N_PHONES);
    size_t found = rc ? 0 : ava_phone_search(log_p, heard, CHANGE, h->end, h->id), from = 0;
    for (size_t i = 0; !rc && i < found; from = h->end[i++]) {
        enum { FRAME_US = 1000000 / AVALIGN_ENCODER_FPS };
        AvaPhone p = { .id = h->id[i], .start_us = start_us + (int64_t)from * FRAME_US, .end_us = start_us + (int64_t)h->end[i] * FRAME_US };
        for (size_t t = from; t < h->end[i]; t++)
            p.score += log_p[t * AVA_N_PHONES + p.id] / (float)(h->end[i] - from);
        if (emit(cookie, &p, 1))
            rc = ava_fail(e, AVALIGN_ERR_NOMEM, "viseme", AVA_NO_TIME, 0, "out of memory");
    }
    return rc;
}
