/* image.c -- affine crops of planar, packed and grey images, to grey or RGB. */
#include "image/image.h"

#include <math.h>
#include <string.h>

AvaAffine ava_affine_mul(AvaAffine p, AvaAffine q)
{
    return (AvaAffine){ p.a * q.a + p.b * q.d, p.a * q.b + p.b * q.e, p.a * q.c + p.b * q.f + p.c,
                        p.d * q.a + p.e * q.d, p.d * q.b + p.e * q.e, p.d * q.c + p.e * q.f + p.f };
}

AvaAffine ava_affine_square(float cx, float cy, float side, float angle, int n)
{
    float k = side / n, c = cosf(angle) * k, s = sinf(angle) * k, h = (n - 1) * 0.5f;
    return (AvaAffine){ c, -s, cx - (c - s) * h, s, c, cy - (s + c) * h };
}

AvaAffine ava_affine_similarity(const float (*src)[2], const float (*dst)[2], int n)
{
    double ms[2] = { 0 }, md[2] = { 0 }, var = 0, dot = 0, cross = 0;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 2; k++) {
            ms[k] += src[i][k] / n;
            md[k] += dst[i][k] / n;
        }
    for (int i = 0; i < n; i++) {
        double sx = src[i][0] - ms[0], sy = src[i][1] - ms[1];
        double dx = dst[i][0] - md[0], dy = dst[i][1] - md[1];
        var += sx * sx + sy * sy;
        dot += sx * dx + sy * dy;
        cross += sx * dy - sy * dx;
    }
    if (var <= 0)
        return (AvaAffine){ 1, 0, 0, 0, 1, 0 };
    double a = dot / var, b = cross / var;
    return (AvaAffine){ (float)a, (float)-b, (float)(md[0] - a * ms[0] + b * ms[1]),
                        (float)b, (float)a, (float)(md[1] - b * ms[0] - a * ms[1]) };
}

AvaImage ava_image_view(AvaLayout layout, int w, int h, const uint8_t *const plane[3],
                        const ptrdiff_t stride[3])
{
    AvaImage v = { .layout = layout, .width = w, .height = h, .buf_width = w, .buf_height = h,
                   .to_buf = { 1, 0, 0, 0, 1, 0 } };
    for (int i = 0; i < (layout == AVA_I420 ? 3 : 1); i++) {
        v.plane[i] = plane[i];
        v.stride[i] = stride[i];
    }
    return v;
}

static inline uint8_t clip8(int v) { return v < 0 ? 0 : v > 255 ? 255 : (uint8_t)v; }

static inline int clamp(int v, int n) { return v < 0 ? 0 : v >= n ? n - 1 : v; }

/* One plane at 16.16 position, bilinear. Unless the position is known to be
 * inside, coordinates are clamped to the plane. */
static inline int bilinear(const uint8_t *p, ptrdiff_t stride, int step, int w, int h, int x16, int y16, int inside)
{
    int x = x16 >> 16, y = y16 >> 16, fx = (x16 >> 8) & 255, fy = (y16 >> 8) & 255;
    int x1 = x + 1, y1 = y + 1;
    if (!inside) {
        x = clamp(x, w);
        y = clamp(y, h);
        x1 = clamp(x1, w);
        y1 = clamp(y1, h);
    }
    const uint8_t *r0 = p + y * stride, *r1 = p + y1 * stride;
    /* both columns at once: a sum of two bytes times at most 256 fits 16 bits */
    uint32_t top = r0[x * step] | (uint32_t)r0[x1 * step] << 16, bottom = r1[x * step] | (uint32_t)r1[x1 * step] << 16;
    uint32_t both = top * (uint32_t)(256 - fy) + bottom * (uint32_t)fy;
    return (int)(((both & 0xffff) * (uint32_t)(256 - fx) + (both >> 16) * (uint32_t)fx + 32768) >> 16);
}

/* Mean of n x n nearest samples spread over one output pixel; reciprocal is 65536 / count. */
static inline int grid_mean(const uint8_t *p, ptrdiff_t stride, int step, int w, int h, int x16, int y16,
                            const int *off_x, const int *off_y, int count, int reciprocal, int inside)
{
    int sum = 0;
    for (int i = 0; i < count; i++) {
        int x = (x16 + off_x[i] + 32768) >> 16, y = (y16 + off_y[i] + 32768) >> 16;
        if (!inside) {
            x = clamp(x, w);
            y = clamp(y, h);
        }
        sum += p[y * stride + x * step];
    }
    return (sum * reciprocal + 32768) >> 16;
}

enum { MAX_GRID = 4 };

typedef struct Sampler {
    const AvaImage *img;
    AvaAffine map; /* output -> buffer */
    int n_off;     /* 0 = bilinear */
    int reciprocal;
    int off_x[MAX_GRID * MAX_GRID], off_y[MAX_GRID * MAX_GRID];
} Sampler;

/* Positions are clamped so that 16.16 arithmetic cannot overflow. */
static inline int fixed(float v)
{
    return (int)((v < -16000.f ? -16000.f : v > 16000.f ? 16000.f : v) * 65536.f);
}

static void sampler_init(Sampler *s, const AvaImage *img, AvaAffine map)
{
    s->img = img;
    s->map = ava_affine_mul(img->to_buf, map);
    float shrink = fmaxf(hypotf(s->map.a, s->map.d), hypotf(s->map.b, s->map.e));
    int n = shrink < 1.6f ? 0 : (int)ceilf(shrink * 0.75f);
    if (n > MAX_GRID)
        n = MAX_GRID;
    s->n_off = n * n;
    s->reciprocal = s->n_off ? 65536 / s->n_off : 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            float u = (i + 0.5f) / n - 0.5f, v = (j + 0.5f) / n - 0.5f;
            s->off_x[i * n + j] = fixed(s->map.a * u + s->map.b * v);
            s->off_y[i * n + j] = fixed(s->map.d * u + s->map.e * v);
        }
}

/* grid is the number of samples, a constant where speed matters: 0 = bilinear. */
static inline int sample(const Sampler *s, const AvaImage *img, int plane, int step, int offset, int x16, int y16, int inside, int grid)
{
    const uint8_t *p = img->plane[plane] + offset;
    int w = img->buf_width, h = img->buf_height;
    return grid ? grid_mean(p, img->stride[plane], step, w, h, x16, y16, s->off_x, s->off_y, grid, s->reciprocal, inside)
                : bilinear(p, img->stride[plane], step, w, h, x16, y16, inside);
}

/* Is every sample of a w x h output inside the buffer? Then the inner loops need no clamping. */
static int all_inside(const Sampler *s, int w, int h)
{
    const AvaAffine *m = &s->map;
    float margin = 2 + fabsf(m->a) + fabsf(m->b) + fabsf(m->d) + fabsf(m->e);
    for (int i = 0; i < 4; i++) {
        float x = i & 1 ? w - 1 : 0, y = i & 2 ? h - 1 : 0;
        float bx = m->a * x + m->b * y + m->c, by = m->d * x + m->e * y + m->f;
        if (!(bx > margin && by > margin && bx < s->img->buf_width - margin && by < s->img->buf_height - margin))
            return 0;
    }
    return 1;
}

typedef struct Yuv { int y0, yk, rv, gu, gv, bu; } Yuv; /* 16.16 */

static Yuv yuv_matrix(const AvaImage *img)
{
    double kr = img->bt709 ? .2126 : .299, kb = img->bt709 ? .0722 : .114, kg = 1 - kr - kb;
    double ys = img->full_range ? 1 : 255. / 219, cs = img->full_range ? 1 : 255. / 224;
    return (Yuv){ img->full_range ? 0 : 16, (int)(ys * 65536), (int)(2 * (1 - kr) * cs * 65536),
                  (int)(-2 * kb * (1 - kb) / kg * cs * 65536), (int)(-2 * kr * (1 - kr) / kg * cs * 65536),
                  (int)(2 * (1 - kb) * cs * 65536) };
}

enum { MAX_ROW = 512 };

typedef struct YuvRow { uint8_t y[MAX_ROW], u[MAX_ROW], v[MAX_ROW]; } YuvRow;

/* The arithmetic apart from the look-ups, so that it runs on whole vectors; integers, the same on every machine. */
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
__attribute__((target_clones("default", "avx2")))
#endif
static void rgb_of(const Yuv *m, const YuvRow *row, int w, uint8_t *out)
{
    uint8_t r[MAX_ROW], g[MAX_ROW], b[MAX_ROW];
    const Yuv k = *m;
    for (int x = 0; x < w; x++) {
        int l = (row->y[x] - k.y0) * k.yk + 32768, u = row->u[x] - 128, v = row->v[x] - 128;
        r[x] = clip8((l + k.rv * v) >> 16);
        g[x] = clip8((l + k.gu * u + k.gv * v) >> 16);
        b[x] = clip8((l + k.bu * u) >> 16);
    }
    for (int x = 0; x < w; x++) {
        out[3 * x] = r[x];
        out[3 * x + 1] = g[x];
        out[3 * x + 2] = b[x];
    }
}

static inline __attribute__((always_inline)) void rgb_rows(const Sampler *s, const Yuv *m, int w, int h, uint8_t *out,
                                                           int inside, int grid, AvaLayout layout)
{
    /* copies: stores through out could otherwise change them, for all the compiler knows */
    const Sampler copy = *s;
    const AvaImage view = *s->img, *img = &view;
    const Yuv k = *m;
    s = &copy;
    int bw = img->buf_width, bh = img->buf_height, cw = (bw + 1) / 2, ch = (bh + 1) / 2;
    int dx = fixed(s->map.a), dy = fixed(s->map.d);
    YuvRow row;
    for (int y = 0; y < h; y++) {
        int x16 = fixed(s->map.b * y + s->map.c), y16 = fixed(s->map.e * y + s->map.f), n = 0;
        for (int x = 0; x < w; x++, out += 3, x16 += dx, y16 += dy) {
            if (layout == AVA_I420 && n == MAX_ROW) {
                rgb_of(&k, &row, n, out - 3 * n);
                n = 0;
            }
            if (!inside) {
                float bx = s->map.a * x + s->map.b * y + s->map.c, by = s->map.d * x + s->map.e * y + s->map.f;
                if (!(bx >= -0.5f && by >= -0.5f && bx <= bw - 0.5f && by <= bh - 0.5f)) {
                    if (layout == AVA_I420) {
                        row.y[n] = (uint8_t)k.y0;
                        row.u[n] = row.v[n] = 128;
                        n++;
                    } else {
                        out[0] = out[1] = out[2] = 0;
                    }
                    continue;
                }
                x16 = fixed(bx);
                y16 = fixed(by);
            }
            if (layout == AVA_I420) {
                /* chroma: nearest is enough at half resolution */
                int cx = (x16 + 32768) >> 17, cy = (y16 + 32768) >> 17;
                if (!inside) {
                    cx = clamp(cx, cw);
                    cy = clamp(cy, ch);
                }
                row.y[n] = (uint8_t)sample(s, img, 0, 1, 0, x16, y16, inside, grid);
                row.u[n] = img->plane[1][cy * img->stride[1] + cx];
                row.v[n] = img->plane[2][cy * img->stride[2] + cx];
                n++;
            } else if (layout == AVA_RGB24) {
                for (int c = 0; c < 3; c++)
                    out[c] = (uint8_t)sample(s, img, 0, 3, c, x16, y16, inside, grid);
            } else {
                out[0] = out[1] = out[2] = (uint8_t)sample(s, img, 0, 1, 0, x16, y16, inside, grid);
            }
        }
        if (layout == AVA_I420)
            rgb_of(&k, &row, n, out - 3 * n);
    }
}

void ava_warp_rgb(const AvaImage *img, AvaAffine map, int w, int h, uint8_t *out)
{
    Sampler s;
    sampler_init(&s, img, map);
    Yuv m = yuv_matrix(img);
    /* the usual cases, each compiled on its own */
    if (img->layout == AVA_I420 && all_inside(&s, w, h) && s.n_off == 0)
        rgb_rows(&s, &m, w, h, out, 1, 0, AVA_I420);
    else if (img->layout == AVA_I420 && all_inside(&s, w, h) && s.n_off == 4)
        rgb_rows(&s, &m, w, h, out, 1, 4, AVA_I420);
    else if (all_inside(&s, w, h))
        rgb_rows(&s, &m, w, h, out, 1, s.n_off, img->layout);
    else
        rgb_rows(&s, &m, w, h, out, 0, s.n_off, img->layout);
}

static inline void gray_rows(const Sampler *s, int w, int h, uint8_t *out, int inside)
{
    int grid = s->n_off;
    const AvaImage *img = s->img;
    int bw = img->buf_width, bh = img->buf_height, dx = fixed(s->map.a), dy = fixed(s->map.d);
    int limited = img->layout == AVA_I420 && !img->full_range;
    for (int y = 0; y < h; y++) {
        int x16 = fixed(s->map.b * y + s->map.c), y16 = fixed(s->map.e * y + s->map.f);
        for (int x = 0; x < w; x++, out++, x16 += dx, y16 += dy) {
            if (!inside) {
                float bx = s->map.a * x + s->map.b * y + s->map.c, by = s->map.d * x + s->map.e * y + s->map.f;
                if (!(bx >= -0.5f && by >= -0.5f && bx <= bw - 0.5f && by <= bh - 0.5f)) {
                    *out = 0;
                    continue;
                }
                x16 = fixed(bx);
                y16 = fixed(by);
            }
            if (img->layout == AVA_RGB24) {
                int r = sample(s, img, 0, 3, 0, x16, y16, inside, grid), g = sample(s, img, 0, 3, 1, x16, y16, inside, grid),
                    b = sample(s, img, 0, 3, 2, x16, y16, inside, grid);
                *out = (uint8_t)((r * 19595 + g * 38470 + b * 7471 + 32768) >> 16);
            } else {
                int l = sample(s, img, 0, 1, 0, x16, y16, inside, grid);
                *out = limited ? clip8(((l - 16) * 76309 + 32768) >> 16) : (uint8_t)l;
            }
        }
    }
}

void ava_warp_gray(const AvaImage *img, AvaAffine map, int w, int h, uint8_t *out)
{
    Sampler s;
    sampler_init(&s, img, map);
    if (all_inside(&s, w, h))
        gray_rows(&s, w, h, out, 1);
    else
        gray_rows(&s, w, h, out, 0);
}
