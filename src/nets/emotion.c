/* emotion.c -- makes faces and voices ready for the nets of emotion, in the order of labels that the manifest gives. */
#include "nets/emotion.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nets/identity.h"
#include "util/err.h"
#include "util/sort.h"

enum { MAX_LABELS = 32, MAX_INSTANTS = 1000, WIDE = AVALIGN_PORTRAIT_SIDE, SIDE = 112 };

const char *const ava_emotion_names[AVA_N_EMOTIONS] = { "neutral", "happiness", "sadness", "anger", "fear", "disgust", "surprise" };

struct AvaEmotionNet {
    AvaSession *net;
    const char *role;
    int n_labels, sound, encoder, logits;
    float boxes, raised; /* of a face */
    int label[MAX_LABELS]; /* AvaEmotion, or -1 */
};

static int emotion_of(const char *name)
{
    for (int k = 0; name && k < AVA_N_EMOTIONS; k++)
        if (!strcmp(name, ava_emotion_names[k]))
            return k;
    return -1;
}

int ava_emotion_open(AvaEmotionNet **out, AvalignModels *m, const char *role, AvalignErrorInfo *e)
{
    AvaEmotionNet *n = *out = calloc(1, sizeof *n);
    if (!n)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "emotion", AVA_NO_TIME, 0, "out of memory");
    const char *input = ava_models_text(m, role, "inputs.0.name");
    int labels = ava_models_length(m, role, "labels"); /* -1: the seven, in their order */
    n->role = role;
    n->sound = input && !strcmp(input, "waveform");
    n->encoder = input && !strcmp(input, "pooled");
    n->logits = ava_models_true(m, role, "logits");
    n->n_labels = labels >= 0 ? labels : AVA_N_EMOTIONS;
    double boxes = ava_models_number(m, role, "face_boxes"), raised = ava_models_number(m, role, "raised");
    n->boxes = boxes > 0 && boxes <= 1.4 ? (float)boxes : 1;
    n->raised = isfinite(raised) ? (float)raised : 0;
    int known = 0;
    for (int i = 0; i < n->n_labels && i < MAX_LABELS; i++) {
        char path[24];
        snprintf(path, sizeof path, "labels.%d", i);
        n->label[i] = labels >= 0 ? emotion_of(ava_models_text(m, role, path)) : i;
        known += n->label[i] >= 0;
    }
    int rc = n->n_labels > MAX_LABELS || known < 2
                 ? ava_fail(e, AVALIGN_ERR_MODEL, "emotion", AVA_NO_TIME, 0, "role %s: \"labels\" must name two or more of the seven emotions", role)
                 : ava_session_open(&n->net, m, role, e);
    if (rc)
        ava_emotion_close(out);
    return rc;
}

void ava_emotion_close(AvaEmotionNet **n)
{
    if (!n || !*n)
        return;
    ava_session_close(&(*n)->net);
    free(*n);
    *n = NULL;
}

int ava_emotion_wants_sound(const AvaEmotionNet *n) { return n->sound; }
int ava_emotion_wants_encoder(const AvaEmotionNet *n) { return n->encoder; }

/* The net's classes to ours, summing to one. */
static int emotion_answer(AvaEmotionNet *n, float p[AVA_N_EMOTIONS], AvalignErrorInfo *e)
{
    size_t size = 0;
    const float *o = ava_session_output(n->net, 0, &size);
    if (!o || size != (size_t)n->n_labels)
        return ava_fail(e, AVALIGN_ERR_INFER, "emotion", AVA_NO_TIME, 0, "role %s gives %zu numbers, the manifest names %d", n->role, size, n->n_labels);
    double top = -INFINITY, sum = 0;
    for (int i = 0; i < n->n_labels; i++)
        top = (double)o[i] > top ? (double)o[i] : top; /* fmax() here breaks GCC 12's compiler for arm64 */
    memset(p, 0, AVA_N_EMOTIONS * sizeof *p);
    for (int i = 0; i < n->n_labels; i++) {
        double v = n->logits ? exp((double)o[i] - top) : fmax(0, (double)o[i]);
        if (n->label[i] >= 0) {
            p[n->label[i]] += (float)v;
            sum += v;
        }
    }
    for (int k = 0; k < AVA_N_EMOTIONS; k++)
        p[k] = sum > 0 ? (float)(p[k] / sum) : 1.f / AVA_N_EMOTIONS;
    return 0;
}

static int emotion_look(AvaEmotionNet *n, const AvaImage *img, AvaAffine map, float p[AVA_N_EMOTIONS], AvalignErrorInfo *e)
{
    if (!ava_crop_input(n->net, img, map))
        return ava_fail(e, AVALIGN_ERR_NOMEM, "emotion", AVA_NO_TIME, 0, "out of memory");
    int rc = ava_session_run(n->net, e);
    return rc ? rc : emotion_answer(n, p, e);
}

int ava_emotion_face(AvaEmotionNet *n, const uint8_t *portrait, float p[AVA_N_EMOTIONS], AvalignErrorInfo *e)
{
    const uint8_t *plane[3] = { portrait, NULL, NULL };
    const ptrdiff_t stride[3] = { 3 * WIDE, 0, 0 };
    AvaImage img = ava_image_view(AVA_RGB24, WIDE, WIDE, plane, stride);
    float box = WIDE / 1.4f;
    return emotion_look(n, &img, ava_affine_square(WIDE / 2.f, WIDE / 2.f - n->raised * box, n->boxes * box, 0, SIDE), p, e);
}

int ava_emotion_crop(AvaEmotionNet *n, const AvaImage *crop, float p[AVA_N_EMOTIONS], AvalignErrorInfo *e)
{
    float side = fminf((float)crop->width, (float)crop->height);
    return emotion_look(n, crop, ava_affine_square((float)crop->width / 2, (float)crop->height / 2, side, 0, SIDE), p, e);
}

int ava_emotion_voice(AvaEmotionNet *n, const float *x, size_t len, float p[AVA_N_EMOTIONS], AvalignErrorInfo *e)
{
    float *in = ava_session_input(n->net, 0, (int64_t[]){ 1, (int64_t)len }, 2);
    if (!in)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "emotion", AVA_NO_TIME, 0, "out of memory");
    memcpy(in, x, len * sizeof *x);
    int rc = ava_session_run(n->net, e);
    return rc ? rc : emotion_answer(n, p, e);
}

/* ---- pitch and loudness of a stretch -------------------------------------------------- */

static void mean_and_deviation(const float *v, size_t n, double *mean, double *deviation)
{
    double s = 0, q = 0;
    for (size_t i = 0; i < n; i++)
        s += v[i];
    *mean = n ? s / (double)n : 0;
    for (size_t i = 0; i < n; i++)
        q += (v[i] - *mean) * (v[i] - *mean);
    *deviation = n ? sqrt(q / (double)n) : 0;
}

static double mean_step(const float *v, size_t n)
{
    double s = 0;
    for (size_t i = 1; i < n; i++)
        s += fabs((double)v[i] - v[i - 1]);
    return n > 1 ? s / (double)(n - 1) : 0;
}

/* Sorts v. */
static double range(float *v, size_t n, double lo, double hi)
{
    ava_sort_float(v, n);
    return n ? v[(size_t)(hi * (double)(n - 1))] - v[(size_t)(lo * (double)(n - 1))] : 0;
}

float ava_prosody(const float *pitch, const float *energy, const float *voiced, size_t n, float out[AVA_N_PROSODY])
{
    float semitone[MAX_INSTANTS], loud[MAX_INSTANTS];
    size_t ns = 0, nl = 0;
    double mean, deviation;
    for (size_t i = 0; i < n && nl < MAX_INSTANTS; i++) {
        if (voiced[i] <= 0.5f)
            continue;
        loud[nl++] = energy[i];
        if (pitch[i] > 0)
            semitone[ns++] = 12 * log2f(pitch[i] / 100);
    }
    mean_and_deviation(semitone, ns, &mean, &deviation);
    out[0] = (float)mean;
    out[1] = (float)deviation;
    out[4] = (float)mean_step(semitone, ns);
    out[2] = (float)range(semitone, ns, .1, .9);
    out[3] = nl ? (float)ns / (float)nl : 0;
    mean_and_deviation(loud, nl, &mean, &deviation);
    out[5] = (float)deviation;
    out[6] = (float)mean_step(loud, nl);
    out[7] = (float)range(loud, nl, .5, .95);
    return (float)nl * .01f;
}
