/* identity.c -- embeddings, age and sex of a face from its crops. */
#include "nets/identity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "image/image.h"
#include "nets/joint.h"
#include "util/err.h"

enum { SIDE = AVALIGN_FACE_SIDE, WIDE = AVALIGN_PORTRAIT_SIDE };

struct AvaIdentity {
    AvaSession *embed, *age_sex, *joint; /* joint NULL: left out of these models */
    float mean, scale; /* of the face net's input */
};

int ava_identity_open(AvaIdentity **out, AvalignModels *m, AvalignErrorInfo *e)
{
    AvaIdentity *n = *out = calloc(1, sizeof *n);
    if (!n)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "speaker", AVA_NO_TIME, 0, "out of memory");
    const char *text = ava_models_text(m, "face-embed", "inputs.0.scale");
    int insightface = text && !strncmp(text, "(rgb - 127.5) / 127.5", 21);
    n->mean = insightface ? 127.5f : 127;
    n->scale = insightface ? 127.5f : 128;
    int rc = ava_session_open(&n->embed, m, "face-embed", e);
    if (!rc)
        rc = ava_session_open(&n->age_sex, m, "face-age-sex", e);
    if (!rc && ava_models_has(m, "face-joint"))
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
    ava_session_close(&(*n)->age_sex);
    ava_session_close(&(*n)->joint);
    free(*n);
    *n = NULL;
}

float ava_identity_quality(const AvalignFaceView *v)
{
    if (!v->face || !v->portrait || v->eye_distance < 20 || fabsf(v->yaw) > 50)
        return 0;
    float size = fminf(v->eye_distance / 70, 1), sharp = v->sharpness / (v->sharpness + 30);
    return fmaxf(0.01f, size * (0.3f + 0.7f * sharp) * cosf(v->yaw * 0.01745f) * cosf(v->pitch * 0.01745f) * (1 - v->occlusion) * (1 - v->dark_eyes));
}

/* An RGB picture as three planes, (value - mean) / scale. */
static float *planes(AvaSession *s, const uint8_t *rgb, float mean, float scale)
{
    float *x = ava_session_input(s, 0, (int64_t[]){ 1, 3, SIDE, SIDE }, 4), *at = x;
    for (int c = 0; x && c < 3; c++)
        for (int i = 0; i < SIDE * SIDE; i++)
            *at++ = ((float)rgb[3 * i + c] - mean) / scale;
    return x;
}

float *ava_crop_input(AvaSession *s, const AvaImage *img, AvaAffine map)
{
    uint8_t face[SIDE * SIDE * 3];
    ava_warp_rgb(img, map, SIDE, SIDE, face);
    return planes(s, face, 0, 1);
}

float *ava_portrait_input(AvaSession *s, const uint8_t *portrait)
{
    const uint8_t *plane[3] = { portrait, NULL, NULL };
    const ptrdiff_t stride[3] = { 3 * WIDE, 0, 0 };
    AvaImage img = ava_image_view(AVA_RGB24, WIDE, WIDE, plane, stride);
    return ava_crop_input(s, &img, ava_affine_square(WIDE / 2.f, WIDE / 2.f, WIDE / 1.4f, 0, SIDE));
}

static int other_net(AvalignErrorInfo *e, const char *which)
{
    return ava_fail(e, AVALIGN_ERR_INFER, "speaker", AVA_NO_TIME, 0, "the %s net has another shape", which);
}

static int age_and_sex(AvaIdentity *n, const uint8_t *portrait, AvaFaceVec *out, AvalignErrorInfo *e)
{
    size_t n_age = 0, n_sex = 0;
    int rc = ava_portrait_input(n->age_sex, portrait) ? ava_session_run(n->age_sex, e) : AVALIGN_ERR_NOMEM;
    const float *age = rc ? NULL : ava_session_output(n->age_sex, 0, &n_age), *sex = rc ? NULL : ava_session_output(n->age_sex, 1, &n_sex);
    if (!age || !sex || n_age != 1 || n_sex != 2)
        return rc ? rc : other_net(e, "age and sex");
    out->age = *age;
    out->female = sex[1] - sex[0];
    return 0;
}

int ava_identity_run(AvaIdentity *n, const uint8_t *face, const uint8_t *portrait, AvaFaceVec *out, AvalignErrorInfo *e)
{
    size_t size = 0;
    int rc = planes(n->embed, face, n->mean, n->scale) ? ava_session_run(n->embed, e) : AVALIGN_ERR_NOMEM;
    const float *o = rc ? NULL : ava_session_output(n->embed, 0, &size);
    if (!o || size != AVALIGN_FACE_DIM)
        return rc ? rc : other_net(e, "face");
    double norm = 1e-12;
    for (int i = 0; i < AVALIGN_FACE_DIM; i++)
        norm += (double)o[i] * o[i];
    for (int i = 0; i < AVALIGN_FACE_DIM; i++)
        out->v[i] = (float)(o[i] / sqrt(norm));
    rc = age_and_sex(n, portrait, out, e);
    out->joint = 0;
    return rc || !n->joint ? rc : ava_joint_run(n->joint, out->v, 1, AVALIGN_FACE_DIM, &out->joint, e);
}
