#include "role/identity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "image/image.h"
#include "role/joint.h"
#include "util/err.h"

enum { SMALL = 64 };

struct AvaIdentity {
    AvaSession *embed, *sex, *age, *joint;
};

int ava_identity_open(AvaIdentity **out, AvalignModels *m, AvalignErrorInfo *e)
{
    AvaIdentity *n = *out = calloc(1, sizeof *n);
    if (!n)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "speaker", AVA_NO_TIME, 0, "out of memory");
    int rc = ava_session_open(&n->embed, m, "face-embed", e);
    if (!rc && !(rc = ava_session_open(&n->sex, m, "face-sex", e)))
        rc = ava_session_open(&n->age, m, "face-age", e);
    if (!rc)
        rc = ava_session_open(&n->joint, m, "face-joint", e);
    if (rc)
        ava_identity_close(out);
    return rc;
}

void ava_identity_close(AvaIdentity **n)
{
    if (!n || !*n)
        return;
    ava_session_close(&(*n)->embed);
    ava_session_close(&(*n)->sex);
    ava_session_close(&(*n)->age);
    ava_session_close(&(*n)->joint);
    free(*n);
    *n = NULL;
}

float ava_identity_quality(const AvalignFaceView *v)
{
    if (!v->face || !v->portrait || v->eye_distance < 20 || fabsf(v->yaw) > 50)
        return 0;
    float size = fminf(v->eye_distance / 70, 1), sharp = v->sharpness / (v->sharpness + 30);
    return fmaxf(0.01f, size * (0.3f + 0.7f * sharp) * cosf(v->yaw * 0.01745f) * cosf(v->pitch * 0.01745f) * (1 - v->occlusion));
}

/* SSR-Net (Yang et al. 2018): three stages of soft bins refine a number in [0, top]. */
static int ssr(AvaSession *s, const uint8_t *rgb, double top, float *out, AvalignErrorInfo *e)
{
    static const float mean[3] = { 0.485f, 0.456f, 0.406f }, deviation[3] = { 0.229f, 0.224f, 0.225f };
    float *x = ava_session_input(s, 0, (int64_t[]){ 1, 3, SMALL, SMALL }, 4);
    for (int c = 0; x && c < 3; c++)
        for (int i = 0; i < SMALL * SMALL; i++)
            *x++ = ((float)rgb[3 * i + c] / 255 - mean[c]) / deviation[c];
    int rc = x ? ava_session_run(s, e) : AVALIGN_ERR_NOMEM;
    if (rc)
        return rc;
    double value = 0, bins = 1;
    for (size_t k = 0; k < 3; k++) {
        size_t n[3];
        const float *p = ava_session_output(s, k, &n[0]), *delta = ava_session_output(s, 3 + k, &n[1]),
                    *shift = ava_session_output(s, 6 + k, &n[2]);
        if (!p || !delta || !shift || n[0] != 3 || n[1] != 1 || n[2] != 3)
            return ava_fail(e, AVALIGN_ERR_INFER, "speaker", AVA_NO_TIME, 0, "a face net has another shape");
        double sum = 0;
        for (int i = 0; i < 3; i++)
            sum += (i + shift[i]) * p[i];
        bins *= 3 * (1 + *delta);
        value += sum / bins;
    }
    *out = (float)(value * top);
    return 0;
}

int ava_identity_run(AvaIdentity *n, const uint8_t *face, const uint8_t *portrait, AvaFaceVec *out, AvalignErrorInfo *e)
{
    enum { SIDE = AVALIGN_FACE_SIDE, WIDE = AVALIGN_PORTRAIT_SIDE };
    float *x = ava_session_input(n->embed, 0, (int64_t[]){ 1, 3, SIDE, SIDE }, 4);
    for (int c = 0; x && c < 3; c++)
        for (int i = 0; i < SIDE * SIDE; i++)
            *x++ = ((float)face[3 * i + c] - 127) / 128;
    size_t size = 0;
    int rc = x ? ava_session_run(n->embed, e) : AVALIGN_ERR_NOMEM;
    const float *o = rc ? NULL : ava_session_output(n->embed, 0, &size);
    if (!o || size != AVALIGN_FACE_DIM)
        return rc ? rc : ava_fail(e, AVALIGN_ERR_INFER, "speaker", AVA_NO_TIME, 0, "the face net has another shape");
    double norm = 1e-12;
    for (int i = 0; i < AVALIGN_FACE_DIM; i++)
        norm += (double)o[i] * o[i];
    for (int i = 0; i < AVALIGN_FACE_DIM; i++)
        out->v[i] = (float)(o[i] / sqrt(norm));
    uint8_t small[SMALL * SMALL * 3];
    const uint8_t *plane[3] = { portrait, NULL, NULL };
    const ptrdiff_t stride[3] = { 3 * WIDE, 0, 0 };
    AvaImage img = ava_image_view(AVA_RGB24, WIDE, WIDE, plane, stride);
    ava_warp_rgb(&img, ava_affine_square(WIDE / 2.f, WIDE / 2.f, WIDE, 0, SMALL), SMALL, SMALL, small);
    float male = 0;
    if ((rc = ssr(n->sex, small, 1, &male, e)) || (rc = ssr(n->age, small, 101, &out->age, e)))
        return rc;
    if ((rc = ava_joint_run(n->joint, out->v, 1, AVALIGN_FACE_DIM, &out->joint, e)))
        return rc;
    out->female = 1 - fmaxf(0, fminf(male, 1));
    return 0;
}
