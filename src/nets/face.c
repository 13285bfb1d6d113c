/* face.c -- pre- and post-processing of the two MediaPipe face nets.
 * Anchors, decoding and region rules: Bazarevsky et al. 2019 (BlazeFace) and
 * Kartynnik et al. 2019 (face mesh). */
#include "nets/face.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/err.h"
#include "util/rounded.h"

enum { DET = 128, MESH = 192, ANCHORS = 896, MAX_CANDIDATES = 64 };

struct AvaFaceNets {
    AvaSession *detect, *mesh;
    float anchor[ANCHORS][2];
    uint8_t rgb[MESH * MESH * 3];
};

int ava_face_nets_open(AvaFaceNets **out, AvalignModels *m, AvalignErrorInfo *e)
{
    AvaFaceNets *n = *out = calloc(1, sizeof *n);
    if (!n)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "face", AVA_NO_TIME, 0, "out of memory");
    int rc = ava_session_open(&n->detect, m, "face-detect", e);
    if (!rc)
        rc = ava_session_open(&n->mesh, m, "face-mesh", e);
    if (rc) {
        ava_face_nets_close(out);
        return rc;
    }
    /* 16 x 16 cells with two anchors, then 8 x 8 with six; all of unit size */
    int k = 0;
    for (int side = 16, per = 2; side >= 8; side /= 2, per = 6)
        for (int y = 0; y < side; y++)
            for (int x = 0; x < side; x++)
                for (int i = 0; i < per; i++, k++) {
                    n->anchor[k][0] = (x + 0.5f) / side;
                    n->anchor[k][1] = (y + 0.5f) / side;
                }
    return 0;
}

void ava_face_nets_close(AvaFaceNets **pn)
{
    AvaFaceNets *n = pn ? *pn : NULL;
    if (!n)
        return;
    ava_session_close(&n->detect);
    ava_session_close(&n->mesh);
    free(n);
    *pn = NULL;
}

static float face_sigmoid(float v) { return 1.f / (1.f + expf(-(v < -80 ? -80 : v > 80 ? 80 : v))); }

static float iou(const AvaFaceBox *p, const AvaFaceBox *q)
{
    float w = fminf(p->x + p->w, q->x + q->w) - fmaxf(p->x, q->x);
    float h = fminf(p->y + p->h, q->y + q->h) - fmaxf(p->y, q->y);
    if (w <= 0 || h <= 0)
        return 0;
    return w * h / (p->w * p->h + q->w * q->h - w * h);
}

/* Runs the detector on one square and appends what it finds. Boxes cut by a
 * square's edge inside the picture are left to the neighbouring square. */
static int detect_square(AvaFaceNets *n, const AvaImage *img, float x0, float y0, float side, AvaFaceBox *found,
                         int *count, AvalignErrorInfo *e)
{
    AvaRoi r = { x0 + side / 2 - 0.5f, y0 + side / 2 - 0.5f, side, 0 };
    AvaAffine map = ava_affine_square(r.cx, r.cy, r.side, 0, DET);
    ava_warp_rgb(img, map, DET, DET, n->rgb);
    float *in = ava_session_input(n->detect, 0, (int64_t[]){ 1, DET, DET, 3 }, 4);
    if (!in)
        return ava_fail(e, AVALIGN_ERR_INFER, "face", AVA_NO_TIME, 0, "the face detector takes no input");
    for (int i = 0; i < DET * DET * 3; i++)
        in[i] = n->rgb[i] * (1 / 127.5f) - 1;
    int rc = ava_session_run(n->detect, e);
    if (rc)
        return rc;
    size_t na = 0, nb = 0;
    const float *a = ava_session_output(n->detect, 0, &na), *b = ava_session_output(n->detect, 1, &nb);
    if (na == ANCHORS) { /* the order of outputs is the engine's choice */
        const float *t = a;
        a = b;
        b = t;
        size_t s = na;
        na = nb;
        nb = s;
    }
    if (na != ANCHORS * 16 || nb != ANCHORS || !a || !b)
        return ava_fail(e, AVALIGN_ERR_MODEL, "face", AVA_NO_TIME, 0, "the face detector's outputs have other shapes");
    float k = side / DET;
    for (int i = 0; i < ANCHORS && *count < MAX_CANDIDATES; i++) {
        if (!(b[i] > 0)) /* score .5 */
            continue;
        const float *c = a + i * 16;
        float ax = n->anchor[i][0] * DET, ay = n->anchor[i][1] * DET;
        AvaFaceBox f = { x0 + (c[0] + ax - c[2] / 2) * k, y0 + (c[1] + ay - c[3] / 2) * k, c[2] * k, c[3] * k,
                         .score = face_sigmoid(b[i]) };
        for (int p = 0; p < 6; p++) {
            f.kp[p][0] = x0 + (c[4 + 2 * p] + ax) * k;
            f.kp[p][1] = y0 + (c[5 + 2 * p] + ay) * k;
        }
        float edge = side * 0.01f;
        int cut = (x0 > 0 && f.x < x0 + edge) || (y0 > 0 && f.y < y0 + edge) ||
                  (x0 + side < img->width && f.x + f.w > x0 + side - edge) ||
                  (y0 + side < img->height && f.y + f.h > y0 + side - edge);
        if (!cut && f.w > 4 && f.h > 4 && isfinite(f.x + f.y + f.w + f.h))
            found[(*count)++] = f;
    }
    return 0;
}

static int by_score(const void *p, const void *q)
{
    const AvaFaceBox *a = p, *b = q;
    if (a->score != b->score)
        return a->score < b->score ? 1 : -1;
    if (a->x != b->x)
        return a->x < b->x ? -1 : 1;
    return a->y != b->y ? (a->y < b->y ? -1 : 1) : (a->w > b->w) - (a->w < b->w);
}

/* Tiles of the given side covering the frame with half overlap. */
static int detect_tiles(AvaFaceNets *n, const AvaImage *img, float side, AvaFaceBox *found, int *count,
                        AvalignErrorInfo *e)
{
    int nx = (int)ceilf((img->width - side) / (side * 0.5f)) + 1, ny = (int)ceilf((img->height - side) / (side * 0.5f)) + 1;
    nx = nx < 1 ? 1 : nx > 6 ? 6 : nx;
    ny = ny < 1 ? 1 : ny > 6 ? 6 : ny;
    for (int j = 0; j < ny; j++)
        for (int i = 0; i < nx; i++) {
            float x = nx > 1 ? (img->width - side) * i / (nx - 1) : (img->width - side) / 2;
            float y = ny > 1 ? (img->height - side) * j / (ny - 1) : (img->height - side) / 2;
            int rc = detect_square(n, img, x, y, side, found, count, e);
            if (rc)
                return rc;
        }
    return 0;
}

int ava_face_detect(AvaFaceNets *n, const AvaImage *img, int tiles, AvaFaceBox *out, int max, AvalignErrorInfo *e)
{
    AvaFaceBox found[MAX_CANDIDATES];
    int count = 0, kept = 0;
    float w = (float)img->width, h = (float)img->height, lng = fmaxf(w, h), shrt = fminf(w, h);
    int rc = detect_square(n, img, (w - lng) / 2, (h - lng) / 2, lng, found, &count, e);
    if (!rc && tiles && lng > shrt * 1.2f)
        rc = detect_tiles(n, img, shrt, found, &count, e);
    if (!rc && tiles && count == 0 && shrt >= 200)
        rc = detect_tiles(n, img, shrt / 2, found, &count, e);
    if (rc)
        return rc;
    qsort(found, (size_t)count, sizeof *found, by_score);
    for (int i = 0; i < count && kept < max; i++) {
        int dup = 0;
        for (int j = 0; j < kept && !dup; j++)
            dup = iou(&found[i], &out[j]) > 0.3f;
        if (!dup)
            out[kept++] = found[i];
    }
    return kept;
}

AvaRoi ava_roi_from_box(const AvaFaceBox *b)
{
    return (AvaRoi){ b->x + b->w / 2, b->y + b->h / 2, 1.5f * fmaxf(b->w, b->h),
                     ava_atan2f(b->kp[1][1] - b->kp[0][1], b->kp[1][0] - b->kp[0][0]) };
}

AvaRoi ava_roi_from_landmarks(const float *lm)
{
    enum { EYE_R = 33, EYE_L = 263 };
    float angle = ava_atan2f(lm[EYE_L * 3 + 1] - lm[EYE_R * 3 + 1], lm[EYE_L * 3] - lm[EYE_R * 3]);
    float c = cosf(angle), s = sinf(angle), x0 = 1e9f, x1 = -1e9f, y0 = 1e9f, y1 = -1e9f;
    for (int i = 0; i < AVALIGN_LANDMARKS; i++) {
        float x = lm[3 * i] * c + lm[3 * i + 1] * s, y = -lm[3 * i] * s + lm[3 * i + 1] * c;
        x0 = fminf(x0, x);
        x1 = fmaxf(x1, x);
        y0 = fminf(y0, y);
        y1 = fmaxf(y1, y);
    }
    float mx = (x0 + x1) / 2, my = (y0 + y1) / 2;
    return (AvaRoi){ mx * c - my * s, mx * s + my * c, 1.5f * fmaxf(x1 - x0, y1 - y0), angle };
}

int ava_face_mesh(AvaFaceNets *n, const AvaImage *img, AvaRoi roi, float *lm, float *presence, AvalignErrorInfo *e)
{
    AvaAffine map = ava_affine_square(roi.cx, roi.cy, roi.side, roi.angle, MESH);
    ava_warp_rgb(img, map, MESH, MESH, n->rgb);
    float *in = ava_session_input(n->mesh, 0, (int64_t[]){ 1, MESH, MESH, 3 }, 4);
    if (!in)
        return ava_fail(e, AVALIGN_ERR_INFER, "face", AVA_NO_TIME, 0, "the face mesh takes no input");
    for (int i = 0; i < MESH * MESH * 3; i++)
        in[i] = n->rgb[i] * (1 / 255.f);
    int rc = ava_session_run(n->mesh, e);
    if (rc)
        return rc;
    const float *pts = NULL, *score = NULL;
    for (size_t i = 0, size = 0; i < 2; i++) {
        const float *o = ava_session_output(n->mesh, i, &size);
        if (o && size == AVALIGN_LANDMARKS * 3)
            pts = o;
        else if (o && size == 1)
            score = o;
    }
    if (!pts || !score)
        return ava_fail(e, AVALIGN_ERR_MODEL, "face", AVA_NO_TIME, 0, "the face mesh's outputs have other shapes");
    float k = roi.side / MESH;
    for (int i = 0; i < AVALIGN_LANDMARKS; i++) {
        float x = pts[3 * i], y = pts[3 * i + 1];
        lm[3 * i] = map.a * x + map.b * y + map.c;
        lm[3 * i + 1] = map.d * x + map.e * y + map.f;
        lm[3 * i + 2] = pts[3 * i + 2] * k;
    }
    *presence = face_sigmoid(*score);
    return 0;
}
