/* geometry.c -- eyes, mouth, angles and boxes from landmarks. */
#include "track/geometry.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "avalign/avalign.h"
#include "util/rounded.h"

static const float DEG = 57.2957795f;

/* MediaPipe mesh indices; right and left are the subject's. */
enum {
    EYE_R_OUT = 33, EYE_R_IN = 133, EYE_L_OUT = 263, EYE_L_IN = 362, NOSE_TIP = 1, FOREHEAD = 10, CHIN = 152,
    LIP_R = 61, LIP_L = 291, FACE_R = 234, FACE_L = 454
};
static const int INNER_TOP[3] = { 82, 13, 312 }, INNER_BOTTOM[3] = { 87, 14, 317 };
static const int BROW[2] = { 105, 334 }, EYE_TOP[2] = { 159, 386 }, EYE_LOW[2] = { 145, 374 };

static float dist3(const float *p, const float *q)
{
    float x = p[0] - q[0], y = p[1] - q[1], z = p[2] - q[2];
    return sqrtf(x * x + y * y + z * z);
}

static void bounding_box(const float *lm, size_t n, size_t dims, float box[4])
{
    float x0 = lm[0], x1 = lm[0], y0 = lm[1], y1 = lm[1];
    for (size_t i = 1; i < n; i++) {
        const float *p = lm + i * dims;
        x0 = fminf(x0, p[0]);
        x1 = fmaxf(x1, p[0]);
        y0 = fminf(y0, p[1]);
        y1 = fmaxf(y1, p[1]);
    }
    box[0] = x0;
    box[1] = y0;
    box[2] = x1 - x0;
    box[3] = y1 - y0;
}

AvaGeometry ava_geometry_mesh(const float *lm)
{
    AvaGeometry g;
    const float *r = lm + 3 * EYE_R_OUT, *l = lm + 3 * EYE_L_OUT;
    bounding_box(lm, AVALIGN_LANDMARKS, 3, g.box);
    g.eye = fmaxf(dist3(r, l), 1e-3f);
    g.roll = ava_atan2f(l[1] - r[1], l[0] - r[0]) * DEG;
    const float *fr = lm + 3 * FACE_R, *fl = lm + 3 * FACE_L, *top = lm + 3 * FOREHEAD, *chin = lm + 3 * CHIN;
    g.yaw = ava_atan2f(fl[2] - fr[2], hypotf(fl[0] - fr[0], fl[1] - fr[1])) * DEG;
    g.pitch = ava_atan2f(chin[2] - top[2], hypotf(chin[0] - top[0], chin[1] - top[1])) * DEG;
    float gap = 0;
    for (int i = 0; i < 3; i++)
        gap += dist3(lm + 3 * INNER_TOP[i], lm + 3 * INNER_BOTTOM[i]) / 3;
    g.mouth_open = gap / g.eye;
    g.mouth_width = dist3(lm + 3 * LIP_R, lm + 3 * LIP_L) / g.eye;
    g.brow = g.eye_open = 0;
    for (int i = 0; i < 2; i++) {
        g.brow += dist3(lm + 3 * BROW[i], lm + 3 * EYE_LOW[i]) / 2 / g.eye; /* the lower lid stays when the eye blinks */
        g.eye_open += dist3(lm + 3 * EYE_TOP[i], lm + 3 * EYE_LOW[i]) / 2 / g.eye;
    }
    return g;
}

AvaGeometry ava_geometry_68(const float *lm, size_t dims)
{
    AvaGeometry g = { 0 };
#define P(i) (lm + (size_t)(i) * dims)
#define D(i, j) hypotf(P(i)[0] - P(j)[0], P(i)[1] - P(j)[1])
    bounding_box(lm, 68, dims, g.box);
    g.eye = fmaxf(D(36, 45), 1e-3f);
    g.roll = ava_atan2f(P(45)[1] - P(36)[1], P(45)[0] - P(36)[0]) * DEG;
    float right = D(30, 1), left = D(30, 15);
    g.yaw = ava_asinf(fmaxf(-1, fminf(1, (left - right) / fmaxf(left + right, 1e-3f)))) * DEG;
    g.mouth_open = (D(61, 67) + D(62, 66) + D(63, 65)) / 3 / g.eye;
    g.mouth_width = D(48, 54) / g.eye;
    g.brow = g.eye_open = NAN;
#undef D
#undef P
    return g;
}

AvaGeometry ava_geometry_mix(const AvaGeometry *a, const AvaGeometry *b, float t)
{
    AvaGeometry g = *a;
    const float *pa = (const float *)a, *pb = (const float *)b;
    float *po = (float *)&g;
    for (size_t i = 0; i < sizeof g / sizeof(float); i++)
        po[i] = pa[i] + (pb[i] - pa[i]) * t;
    return g;
}

AvaAffine ava_mouth_map(const float *lm, const AvaGeometry *g)
{
    static const int around[4] = { LIP_R, LIP_L, 13, 14 };
    float x = 0, y = 0;
    for (int i = 0; i < 4; i++) {
        x += lm[3 * around[i]] / 4;
        y += lm[3 * around[i] + 1] / 4;
    }
    return ava_affine_square(x, y, 1.1f * g->eye, g->roll / DEG, AVALIGN_MOUTH_SIDE);
}

AvaAffine ava_portrait_map(const AvaGeometry *g)
{
    const float *b = g->box;
    return ava_affine_square(b[0] + b[2] / 2, b[1] + b[3] / 2, 1.4f * fmaxf(b[2], b[3]), 0, AVALIGN_PORTRAIT_SIDE);
}

AvaAffine ava_face_map(const float *lm)
{
    /* InsightFace's arcface_dst for 112 x 112 (Deng et al. 2019) */
    static const float dst[5][2] = { { 38.2946f, 51.6963f }, { 73.5318f, 51.5014f }, { 56.0252f, 71.7366f },
                                     { 41.5493f, 92.3655f }, { 70.7299f, 92.2041f } };
    static const int pick[5][2] = { { EYE_R_OUT, EYE_R_IN }, { EYE_L_OUT, EYE_L_IN }, { NOSE_TIP, NOSE_TIP },
                                    { LIP_R, LIP_R }, { LIP_L, LIP_L } };
    float src[5][2];
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < 2; k++)
            src[i][k] = (lm[3 * pick[i][0] + k] + lm[3 * pick[i][1] + k]) / 2;
    return ava_affine_similarity(dst, (const float(*)[2])src, 5);
}

enum { SIDE = AVALIGN_FACE_SIDE };

static int luma(const uint8_t *p) { return (p[0] * 77 + p[1] * 150 + p[2] * 29) >> 8; }

float ava_face_sharpness(const uint8_t *rgb)
{
    double sum = 0;
    for (int y = 21; y < SIDE - 10; y++)
        for (int x = 21; x < SIDE - 21; x++) {
            const uint8_t *p = rgb + (y * SIDE + x) * 3;
            int lap = 4 * luma(p) - luma(p - 3) - luma(p + 3) - luma(p - SIDE * 3) - luma(p + SIDE * 3);
            sum += lap * lap;
        }
    return (float)sqrt(sum / ((SIDE - 31) * (SIDE - 42)));
}

/* Median of 8-bit values by counting. */
static int geometry_median(const int *count, int n)
{
    int seen = 0, v = 0;
    while (v < 255 && (seen += count[v]) * 2 < n)
        v++;
    return v;
}

float ava_face_occlusion(const uint8_t *rgb)
{
    int cb[256] = { 0 }, cr[256] = { 0 }, n = 0, odd = 0, all = 0;
    for (int y = 60; y < 78; y++)
        for (int x = 32; x < 80; x++, n++) {
            const uint8_t *p = rgb + (y * SIDE + x) * 3;
            int l = luma(p);
            cb[128 + (p[2] - l) / 2]++;
            cr[128 + (p[0] - l) / 2]++;
        }
    int mb = geometry_median(cb, n), mr = geometry_median(cr, n);
    for (int y = 80; y < 108; y++)
        for (int x = 36; x < 76; x++, all++) {
            const uint8_t *p = rgb + (y * SIDE + x) * 3;
            int l = luma(p);
            odd += abs(128 + (p[2] - l) / 2 - mb) + abs(128 + (p[0] - l) / 2 - mr) > 28;
        }
    return (float)odd / (float)all;
}

float ava_face_dark_eyes(const uint8_t *rgb)
{
    static const int eye[2] = { 38, 73 }, level = 52;
    int count[256] = { 0 }, n = 0, dark = 0, all = 0;
    for (int y = 66; y < 82; y++)
        for (int k = 0; k < 2; k++)
            for (int x = k ? 66 : 28; x < (k ? 84 : 46); x++, n++)
                count[luma(rgb + (y * SIDE + x) * 3)]++;
    int cheek = geometry_median(count, n);
    for (int k = 0; k < 2; k++)
        for (int y = -8; y <= 8; y++)
            for (int x = -12; x <= 12; x++) {
                if (abs(x) < 9 && abs(y) < 5) /* the eye itself may be dark */
                    continue;
                dark += 2 * luma(rgb + ((level + y) * SIDE + eye[k] + x) * 3) < cheek;
                all++;
            }
    return (float)dark / (float)all;
}
