/* external_face.c -- checks and copies a caller's face: landmarks as they are, its mouth at our size. */
#include "track/external_face.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "image/image.h"
#include "util/err.h"

static int copy_mouth(AvaExternalFace *g, const AvalignImage *m)
{
    AvaLayout layout = m->format == AVALIGN_PIX_RGB24 ? AVA_RGB24 : m->format == AVALIGN_PIX_I420 ? AVA_I420 : AVA_GRAY;
    AvaImage v = ava_image_view(layout, m->width, m->height, m->data, m->stride);
    if (!(g->mouth = malloc(AVALIGN_MOUTH_SIDE * AVALIGN_MOUTH_SIDE)))
        return -1;
    float kx = (float)m->width / AVALIGN_MOUTH_SIDE, ky = (float)m->height / AVALIGN_MOUTH_SIDE;
    AvaAffine map = { kx, 0, kx / 2 - 0.5f, 0, ky, ky / 2 - 0.5f };
    ava_warp_gray(&v, map, AVALIGN_MOUTH_SIDE, AVALIGN_MOUTH_SIDE, g->mouth);
    return 0;
}

int ava_external_face_check(const AvalignFace *f, int64_t t_us, AvalignErrorInfo *e)
{
    const AvalignImage *m = &f->mouth;
    if (f->n_landmarks) {
        int fits = (f->n_landmarks == 68 && (f->landmark_dims == 2 || f->landmark_dims == 3)) ||
                   (f->n_landmarks == AVALIGN_LANDMARKS && f->landmark_dims == 3);
        if (!fits || !f->landmarks)
            return ava_fail(e, AVALIGN_ERR_ARG, "tracks", t_us, 0,
                            "landmarks must be 468 points of 3 or 68 points of 2 or 3 numbers");
        for (size_t j = 0; j < f->n_landmarks * f->landmark_dims; j++)
            if (!isfinite(f->landmarks[j]) || fabsf(f->landmarks[j]) > 1e6f)
                return ava_fail(e, AVALIGN_ERR_ARG, "tracks", t_us, 0, "a landmark is not a finite number");
    }
    if (m->format && (m->width < 8 || m->height < 8 || !m->data[0]))
        return ava_fail(e, AVALIGN_ERR_ARG, "tracks", t_us, 0, "a mouth image needs 8 pixels each way, and its pixels");
    return 0;
}

int ava_external_face_copy(AvaExternalFace *out, int64_t t_us, const AvalignFace *f)
{
    *out = (AvaExternalFace){ .t_us = t_us, .track_id = f->track_id };
    memcpy(out->box, f->box, sizeof out->box);
    if (f->n_landmarks) {
        out->n_lm = f->n_landmarks;
        out->dims = f->landmark_dims;
        if (!(out->lm = malloc(out->n_lm * out->dims * sizeof *out->lm)))
            return -1;
        memcpy(out->lm, f->landmarks, out->n_lm * out->dims * sizeof *out->lm);
    }
    return f->mouth.format ? copy_mouth(out, &f->mouth) : 0;
}

void ava_external_face_free(AvaExternalFace *f)
{
    free(f->lm);
    free(f->mouth);
    f->lm = NULL;
    f->mouth = NULL;
}
