#include "dsp/frame_grid.h"

#include <kissfft/kiss_fft.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/sort.h"

enum { N = AVA_GRID_FRAME, SNIP = 3 * N, FIRST_SLOT = 4 * N, LOW = 8, HIGH = 704, GROUP = 8 /* coefficients that are looked at, by eight */, GROUPS = (HIGH - LOW) / GROUP, AROUND = 24, SHORT = 128, PLACES = N / SHORT };
static const float SILENT = 1e-3f;
static const float ROUNDING = 3e-4f; /* what 16 bits leave of a zero */
static const float HEARD = 4;        /* times that */
static const float RIPPLE = .15f;     /* of the strongest */
static const float STANDS_OUT = 5.5f;  /* deviations; docs/accuracy.md */

typedef struct Snip {
    int64_t at; /* of its first sample; -1: empty */
    float level, x[SNIP];
} Snip;

struct AvaFrameGrid {
    int64_t total;  /* samples heard */
    int64_t slot;   /* of each slot the loudest snip is kept; doubles when there are too many */
    float last[SNIP];
    size_t n_last;
    Snip snip[AVA_GRID_SNIPS];
};

AvaFrameGrid *ava_frame_grid_new(void)
{
    AvaFrameGrid *g = calloc(1, sizeof *g);
    if (!g)
        return NULL;
    g->slot = FIRST_SLOT;
    for (int i = 0; i < AVA_GRID_SNIPS; i++)
        g->snip[i].at = -1;
    return g;
}

void ava_frame_grid_free(AvaFrameGrid *g) { free(g); }

/* Two slots become one, of which the louder snip stays. */
static void halve(AvaFrameGrid *g)
{
    for (int i = 0; i < AVA_GRID_SNIPS; i++) {
        Snip *a = &g->snip[i], none = { .at = -1 };
        if (i < AVA_GRID_SNIPS / 2) {
            const Snip *p = &g->snip[2 * i], *q = &g->snip[2 * i + 1];
            const Snip best = p->at < 0 || (q->at >= 0 && q->level > p->level) ? *q : *p;
            *a = best;
        } else {
            *a = none;
        }
    }
    g->slot *= 2;
}

static void end_step(AvaFrameGrid *g)
{
    double square = 0;
    for (int i = 0; i < SNIP; i++)
        square += (double)g->last[i] * (double)g->last[i];
    float level = (float)sqrt(square / SNIP);
    int64_t at = g->total - SNIP;
    while (at / g->slot >= AVA_GRID_SNIPS)
        halve(g);
    Snip *s = &g->snip[at / g->slot];
    if (level > SILENT && (s->at < 0 || level > s->level)) {
        s->at = at;
        s->level = level;
        memcpy(s->x, g->last, sizeof s->x);
    }
    memmove(g->last, g->last + N, (SNIP - N) * sizeof *g->last);
    g->n_last -= N;
}

void ava_frame_grid_push(AvaFrameGrid *g, const float *x, size_t frames, int channels)
{
    for (size_t i = 0; i < frames; i++) {
        g->last[g->n_last++] = x[i * (size_t)channels];
        g->total++;
        if (g->n_last == SNIP)
            end_step(g);
    }
}

/* ---- the transform ------------------------------------------------------------------------ */

typedef struct Mdct {
    kiss_fft_cfg fft;
    float window[2 * N];
    kiss_fft_cpx twist[N / 2];
} Mdct;

static Mdct *mdct_new(void)
{
    Mdct *m = malloc(sizeof *m);
    if (!m || !(m->fft = kiss_fft_alloc(N / 2, 0, NULL, NULL))) {
        free(m);
        return NULL;
    }
    for (int i = 0; i < 2 * N; i++)
        m->window[i] = (float)sin(M_PI / (2 * N) * (i + .5));
    for (int i = 0; i < N / 2; i++)
        m->twist[i] = (kiss_fft_cpx){ (float)cos(M_PI / N * (i + .25)), (float)-sin(M_PI / N * (i + .25)) };
    return m;
}

static void mdct_free(Mdct *m)
{
    kiss_fft_free(m->fft);
    free(m);
}

/* A DCT-IV of the folded frame, by a complex transform of half its length. */
static void mdct(const Mdct *m, const float *x, float *out)
{
    float u[N];
    const float *w = m->window;
    for (int i = 0; i < N / 2; i++) {
        u[i] = -x[3 * N / 2 - 1 - i] * w[3 * N / 2 - 1 - i] - x[3 * N / 2 + i] * w[3 * N / 2 + i];
        u[N / 2 + i] = x[i] * w[i] - x[N - 1 - i] * w[N - 1 - i];
    }
    kiss_fft_cpx in[N / 2], f[N / 2];
    for (int i = 0; i < N / 2; i++) {
        float a = u[2 * i], b = u[N - 1 - 2 * i];
        in[i] = (kiss_fft_cpx){ a * m->twist[i].r - b * m->twist[i].i, a * m->twist[i].i + b * m->twist[i].r };
    }
    kiss_fft(m->fft, in, f);
    for (int i = 0; i < N / 2; i++) {
        out[2 * i] = f[i].r * m->twist[i].r - f[i].i * m->twist[i].i;
        out[N - 1 - 2 * i] = -(f[i].r * m->twist[i].i + f[i].i * m->twist[i].r);
    }
}

/* Groups of coefficients that hold anything: the others are empty wherever frames begin. */
static void heard(const Mdct *m, const Snip *s, uint8_t use[GROUPS])
{
    float level[GROUPS] = { 0 }, c[N];
    for (int o = 0; o < N; o += SHORT) {
        mdct(m, s->x + o, c);
        for (int k = LOW; k < HIGH; k++)
            level[(k - LOW) / GROUP] += fabsf(c[k]) / (GROUP * PLACES);
    }
    for (int k = 0; k < GROUPS; k++)
        use[k] = level[k] > HEARD * ROUNDING;
}

/* Mean of -log2 of the coefficients: high where many are almost zero. */
static float emptiness(const float *c, const uint8_t use[GROUPS])
{
    double sum = 0;
    int n = 1;
    for (int k = 0; k < GROUPS; k++) {
        if (!use[k])
            continue;
        float p = 1; /* a group at a time: far from both ends of what a float holds */
        for (int j = 0; j < GROUP; j++)
            p *= fabsf(c[LOW + k * GROUP + j]) + ROUNDING;
        sum -= (double)log2f(p);
        n++;
    }
    return (float)(sum / n);
}

/* ---- finding ------------------------------------------------------------------------------- */

/* What stands above the median of the places around it, in deviations. */
static void contrast(const float *v, float *out)
{
    float near[2 * AROUND + 1], size[N];
    for (int o = 0; o < N; o++) {
        for (int k = -AROUND; k <= AROUND; k++)
            near[k + AROUND] = v[(o + k + N) % N];
        ava_sort_float(near, 2 * AROUND + 1);
        out[o] = v[o] - near[AROUND];
        size[o] = fabsf(out[o]);
    }
    ava_sort_float(size, N);
    float deviation = 1.48f * size[N / 2] + 1e-9f;
    for (int o = 0; o < N; o++)
        out[o] /= deviation;
}

/* Is it the same grid, that of the short windows of its frames, or a ripple beside it? */
static int taken(const AvaGrid *out, int n, int offset, float strength)
{
    for (int i = 0; i < n; i++) {
        int apart = (offset - out[i].offset + N) % N;
        if ((apart + 2) % SHORT <= 4 || apart <= AROUND || apart >= N - AROUND || strength < RIPPLE * out[i].strength)
            return 1;
    }
    return 0;
}

int ava_frame_grid_find(const AvaFrameGrid *g, AvaGrid *out, int most)
{
    Mdct *m = mdct_new();
    float(*curve)[N] = calloc(AVA_GRID_SNIPS + 1, sizeof *curve), c[N], *sum = curve ? curve[AVA_GRID_SNIPS] : NULL;
    int64_t at[AVA_GRID_SNIPS];
    size_t n = 0;
    int found = 0;
    if (!m || !curve) {
        if (m)
            mdct_free(m);
        free(curve);
        return -1;
    }
    for (int i = 0; i < AVA_GRID_SNIPS; i++) {
        const Snip *s = &g->snip[i];
        uint8_t use[GROUPS];
        if (s->at < 0)
            continue;
        heard(m, s, use);
        for (int o = 0; o < N; o++) {
            mdct(m, s->x + o, c);
            float v = emptiness(c, use);
            curve[n][(s->at + o) % N] = v;
            sum[(s->at + o) % N] += v;
        }
        at[n++] = s->at;
    }
    if (n >= 4) {
        contrast(sum, c);
        while (found < most) {
            int best = -1;
            for (int o = 0; o < N; o++)
                if (c[o] > STANDS_OUT && (best < 0 || c[o] > c[best]) && !taken(out, found, o, c[o]))
                    best = o;
            if (best < 0)
                break;
            out[found++] = (AvaGrid){ .offset = best, .strength = c[best], .n = n };
        }
    }
    for (size_t i = 0; i < n && found; i++) {
        contrast(curve[i], c);
        for (int k = 0; k < found; k++) {
            out[k].at[i] = at[i];
            out[k].here[i] = c[out[k].offset];
        }
    }
    mdct_free(m);
    free(curve);
    return found;
}
