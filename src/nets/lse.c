/* lse.c -- SyncNet's and Wav2Lip's pre-processing, and distance, confidence and offset over all lags. */
#include "nets/lse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/features.h"
#include "util/err.h"
#include "util/sort.h"

enum { CEPS = 13, SYNC_FRAMES = 20, BATCH = 20, SHIFTS = 2 * AVA_LSE_SHIFT + 1, EXPERT_FRAMES = 16, MELS = AVA_W2L_MELS };

struct AvaLseNets {
    AvaSession *face, *sound, *expert_face, *expert_sound;
};

int ava_lse_open(AvaLseNets **out, AvalignModels *m, AvalignErrorInfo *e)
{
    AvaLseNets *n = *out = calloc(1, sizeof *n);
    if (!n)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "lse", AVA_NO_TIME, 0, "out of memory");
    int syncnet = ava_models_has(m, "syncnet-face"), expert = ava_models_has(m, "wav2lip-face"), rc = 0;
    if (!syncnet && !expert)
        rc = ava_fail(e, AVALIGN_ERR_MODEL, "lse", AVA_NO_TIME, 0,
                      "the model directory has no SyncNet; add your copy with training/import/syncnet.py");
    if (!rc && syncnet && !(rc = ava_session_open(&n->face, m, "syncnet-face", e)))
        rc = ava_session_open(&n->sound, m, "syncnet-sound", e);
    if (!rc && expert && !(rc = ava_session_open(&n->expert_face, m, "wav2lip-face", e)))
        rc = ava_session_open(&n->expert_sound, m, "wav2lip-sound", e);
    if (rc)
        ava_lse_close(out);
    return rc;
}

void ava_lse_close(AvaLseNets **n)
{
    if (!n || !*n)
        return;
    ava_session_close(&(*n)->face);
    ava_session_close(&(*n)->sound);
    ava_session_close(&(*n)->expert_face);
    ava_session_close(&(*n)->expert_sound);
    free(*n);
    *n = NULL;
}

int ava_lse_has_syncnet(const AvaLseNets *n) { return n->sound != NULL; }
int ava_lse_has_expert(const AvaLseNets *n) { return n->expert_sound != NULL; }

static int lse_embed(AvaSession *s, size_t want, float *out, AvalignErrorInfo *e)
{
    size_t size = 0;
    int rc = ava_session_run(s, e);
    const float *o = rc ? NULL : ava_session_output(s, 0, &size);
    if (!o || size != want)
        return rc ? rc : ava_fail(e, AVALIGN_ERR_INFER, "lse", AVA_NO_TIME, 0, "a net gave %zu numbers for %zu", size, want);
    memcpy(out, o, want * sizeof *out);
    return 0;
}

static int no_input(AvalignErrorInfo *e) { return ava_fail(e, AVALIGN_ERR_NOMEM, "lse", AVA_NO_TIME, 0, "out of memory"); }

int ava_lse_face(AvaLseNets *n, const uint8_t *const bgr[AVA_LSE_FRAMES], float out[AVA_LSE_DIM], AvalignErrorInfo *e)
{
    enum { AREA = AVA_LSE_SIDE * AVA_LSE_SIDE };
    float *x = ava_session_input(n->face, 0, (int64_t[]){ 1, 3, AVA_LSE_FRAMES, AVA_LSE_SIDE, AVA_LSE_SIDE }, 5);
    if (!x)
        return no_input(e);
    for (int c = 0; c < 3; c++)
        for (int t = 0; t < AVA_LSE_FRAMES; t++)
            for (int i = 0; i < AREA; i++)
                *x++ = bgr[t][i * 3 + c];
    return lse_embed(n->face, AVA_LSE_DIM, out, e);
}

int ava_lse_expert_face(AvaLseNets *n, const uint8_t *const bgr[AVA_LSE_FRAMES], float out[AVA_EXPERT_DIM], AvalignErrorInfo *e)
{
    enum { HALF = AVA_EXPERT_SIDE / 2, AREA = HALF * AVA_EXPERT_SIDE };
    float *x = ava_session_input(n->expert_face, 0, (int64_t[]){ 1, 3 * AVA_LSE_FRAMES, HALF, AVA_EXPERT_SIDE }, 4);
    if (!x)
        return no_input(e);
    for (int t = 0; t < AVA_LSE_FRAMES; t++)
        for (int c = 0; c < 3; c++)
            for (int i = 0; i < AREA; i++)
                *x++ = (float)bgr[t][(AREA + i) * 3 + c] / 255.f;
    return lse_embed(n->expert_face, AVA_EXPERT_DIM, out, e);
}

/* Embeddings of n windows; cell(i, row, column) of a window of rows x columns. */
typedef struct Windows {
    const float *frame; /* feature rows */
    int64_t frames;
    int rows, columns;  /* of the net's picture: features x time */
    size_t start[BATCH];
} Windows;

static int embed_windows(AvaSession *s, const Windows *w, size_t n, size_t dim, float *out, AvalignErrorInfo *e)
{
    float *x = ava_session_input(s, 0, (int64_t[]){ (int64_t)n, 1, w->rows, w->columns }, 4);
    if (!x)
        return no_input(e);
    for (size_t i = 0; i < n; i++)
        for (int r = 0; r < w->rows; r++)
            for (int c = 0; c < w->columns; c++) {
                int64_t at = (int64_t)w->start[i] + c;
                at = at < w->frames ? at : w->frames - 1;
                *x++ = w->frame[at * w->rows + r];
            }
    return lse_embed(s, n * dim, out, e);
}

/* First feature frame of the sound that belongs to picture i: 100 and 80 frames a second. */
static size_t syncnet_start(size_t i) { return i * 4; }
static size_t expert_start(size_t i) { return (size_t)(80. * ((double)i / 25.)); }

static int embed_sound(AvaSession *s, Windows *w, size_t (*start)(size_t), size_t n, size_t dim, float *out, AvalignErrorInfo *e)
{
    int rc = 0;
    for (size_t i = 0; i < n && !rc; i += BATCH) {
        size_t take = n - i < BATCH ? n - i : BATCH;
        for (size_t k = 0; k < take; k++)
            w->start[k] = start(i + k);
        rc = embed_windows(s, w, take, dim, out + i * dim, e);
    }
    return rc;
}

/* torch.nn.functional.pairwise_distance: the difference plus 1e-6 in every number. NULL: zeros. */
static double distance(const float *a, const float *b)
{
    double sum = 0;
    for (int d = 0; d < AVA_LSE_DIM; d++) {
        double v = (double)a[d] - (b ? b[d] : 0) + 1e-6;
        sum += v * v;
    }
    return sqrt(sum);
}

static void lse_of_distances(const float *face, const float *sound, size_t n, AvaLse *out)
{
    double mean[SHIFTS], sorted[SHIFTS];
    int best = 0;
    for (int v = 0; v < SHIFTS; v++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++) {
            int64_t j = (int64_t)i + v - AVA_LSE_SHIFT;
            sum += distance(face + i * AVA_LSE_DIM, j >= 0 && j < (int64_t)n ? sound + (size_t)j * AVA_LSE_DIM : NULL);
        }
        sorted[v] = mean[v] = sum / (double)n;
        best = mean[v] < mean[best] ? v : best;
    }
    ava_sort_double(sorted, SHIFTS);
    out->offset_frames = AVA_LSE_SHIFT - best;
    out->distance = mean[best];
    out->confidence = sorted[SHIFTS / 2] - mean[best];
    out->windows = n;
}

static void lse_of_cosines(const float *face, const float *sound, size_t n, AvaLse *out)
{
    double best = -2;
    for (int v = -AVA_LSE_SHIFT; v <= AVA_LSE_SHIFT; v++) {
        double sum = 0;
        size_t count = 0;
        for (size_t i = 0; i < n; i++) {
            int64_t j = (int64_t)i + v;
            if (j < 0 || j >= (int64_t)n)
                continue;
            for (int d = 0; d < AVA_EXPERT_DIM; d++)
                sum += (double)face[i * AVA_EXPERT_DIM + (size_t)d] * sound[(size_t)j * AVA_EXPERT_DIM + (size_t)d];
            count++;
        }
        if (!count)
            continue;
        sum /= (double)count;
        if (v == 0)
            out->expert = sum;
        if (sum > best) {
            best = sum;
            out->expert_offset_frames = -v;
        }
    }
    out->expert_best = best;
}

static int lse_by_syncnet(AvaLseNets *nets, const float *face, size_t n, const float *pcm, size_t samples, AvaLse *out, AvalignErrorInfo *e)
{
    int64_t frames = avalign_mfcc_psf(pcm, samples, AVALIGN_SPEECH_RATE, NULL, 0);
    float *scaled = malloc(samples * sizeof *scaled), *mfcc = malloc((size_t)frames * CEPS * sizeof *mfcc);
    float *sound = malloc(n * AVA_LSE_DIM * sizeof *sound);
    int rc = scaled && mfcc && sound ? 0 : no_input(e);
    for (size_t i = 0; !rc && i < samples; i++)
        scaled[i] = rintf(fmaxf(-32768, fminf(pcm[i] * 32768, 32767)));
    if (!rc && avalign_mfcc_psf(scaled, samples, AVALIGN_SPEECH_RATE, mfcc, (size_t)frames * CEPS) < 0)
        rc = no_input(e);
    Windows w = { mfcc, frames, CEPS, SYNC_FRAMES, { 0 } };
    if (!rc && !(rc = embed_sound(nets->sound, &w, syncnet_start, n, AVA_LSE_DIM, sound, e)))
        lse_of_distances(face, sound, n, out);
    free(scaled);
    free(mfcc);
    free(sound);
    return rc;
}

static int lse_by_expert(AvaLseNets *nets, const float *face, size_t n, const float *pcm, size_t samples, AvaLse *out, AvalignErrorInfo *e)
{
    int64_t frames = ava_mel_wav2lip(pcm, samples, NULL, 0);
    float *mel = malloc((size_t)frames * MELS * sizeof *mel), *sound = malloc(n * AVA_EXPERT_DIM * sizeof *sound);
    int rc = mel && sound && ava_mel_wav2lip(pcm, samples, mel, (size_t)frames * MELS) == frames ? 0 : no_input(e);
    Windows w = { mel, frames, MELS, EXPERT_FRAMES, { 0 } };
    if (!rc && !(rc = embed_sound(nets->expert_sound, &w, expert_start, n, AVA_EXPERT_DIM, sound, e)))
        lse_of_cosines(face, sound, n, out);
    free(mel);
    free(sound);
    return rc;
}

int ava_lse_measure(AvaLseNets *nets, const float *face, const float *expert, size_t n, const float *pcm, size_t samples,
                  AvaLse *out, AvalignErrorInfo *e)
{
    memset(out, 0, sizeof *out);
    size_t pictures = n + AVA_LSE_FRAMES - 1, heard = samples / (AVALIGN_SPEECH_RATE / AVALIGN_GRID_FPS);
    pictures = heard < pictures ? heard : pictures;
    out->reason = face ? NULL : "no-model";
    out->expert_reason = expert ? NULL : "no-model";
    if (n == 0 || pictures <= AVA_LSE_FRAMES) {
        out->reason = out->expert_reason = "too-short";
        return 0;
    }
    n = pictures - AVA_LSE_FRAMES; /* one fewer than there are, as SyncNet's script counts */
    int rc = face ? lse_by_syncnet(nets, face, n, pcm, samples, out, e) : 0;
    return rc || !expert ? rc : lse_by_expert(nets, expert, n, pcm, samples, out, e);
}
