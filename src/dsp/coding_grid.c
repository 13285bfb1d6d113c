/* coding_grid.c -- looks for the frames of an earlier AAC or MP3 at every place where they could begin. */
#include "dsp/coding_grid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/coder_lines.h"
#include "util/sort.h"

enum { SNIP = AVA_LINES_SNIP, STEP = 1024, FIRST_SLOT = 4 * STEP, MOST = AVA_LINES_MOST, GROUP = 8 /* lines, looked at together */, AROUND = 24, PLACES = 8, APART = 64 };
static const float SILENT = 1e-3f;
static const float ROUNDING = 3e-4f; /* what 16 bits leave of a zero; mp3_lines.c is scaled to it */
static const float HEARD = 4;        /* times that */
static const float RIPPLE = .15f;     /* of the strongest */
static const float STANDS_OUT = 5.5f;  /* deviations; docs/accuracy.md */

typedef struct Snip {
    int64_t at; /* of its first sample; -1: empty */
    float level, x[SNIP];
} Snip;

struct AvaCodingGrid {
    int64_t total;  /* samples heard */
    int64_t slot;   /* of each slot the loudest snip is kept; doubles when there are too many */
    float last[SNIP];
    size_t n_last;
    Snip snip[AVA_GRID_SNIPS];
};

AvaCodingGrid *ava_coding_grid_new(void)
{
    AvaCodingGrid *g = calloc(1, sizeof *g);
    if (!g)
        return NULL;
    g->slot = FIRST_SLOT;
    for (int i = 0; i < AVA_GRID_SNIPS; i++)
        g->snip[i].at = -1;
    return g;
}

void ava_coding_grid_free(AvaCodingGrid *g) { free(g); }

/* Two slots become one, of which the louder snip stays. */
static void halve(AvaCodingGrid *g)
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

static void end_step(AvaCodingGrid *g)
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
    memmove(g->last, g->last + STEP, (SNIP - STEP) * sizeof *g->last);
    g->n_last -= STEP;
}

void ava_coding_grid_push(AvaCodingGrid *g, const float *x, size_t frames, int channels)
{
    for (size_t i = 0; i < frames; i++) {
        g->last[g->n_last++] = x[i * (size_t)channels];
        g->total++;
        if (g->n_last == SNIP)
            end_step(g);
    }
}

/* ---- one place -------------------------------------------------------------------------------- */

/* Groups of lines that hold anything: the others are empty wherever frames begin. */
static void heard(const AvaCoderLines *d, void *state, const Snip *s, uint8_t *use)
{
    float level[MOST / GROUP] = { 0 }, c[MOST];
    for (int o = 0; o < PLACES; o++) {
        d->lines(state, s->x, o * APART, c);
        for (int k = d->low; k < d->high; k++)
            level[(k - d->low) / GROUP] += fabsf(c[k]) / (GROUP * PLACES);
    }
    for (int k = 0; k < (d->high - d->low) / GROUP; k++)
        use[k] = level[k] > HEARD * ROUNDING;
}

/* Mean of -log2 of the lines: high where many are almost zero. */
static float emptiness(const AvaCoderLines *d, const float *c, const uint8_t *use)
{
    double sum = 0;
    int n = 1;
    for (int k = 0; k < (d->high - d->low) / GROUP; k++) {
        if (!use[k])
            continue;
        float p = 1; /* a group at a time: far from both ends of what a float holds */
        for (int j = 0; j < GROUP; j++)
            p *= fabsf(c[d->low + k * GROUP + j]) + ROUNDING;
        sum -= (double)log2f(p);
        n++;
    }
    return (float)(sum / n);
}

/* At each sample of a period, counted from the sound's first. */
static void coding_grid_look(const AvaCoderLines *d, void *state, const Snip *s, float *curve)
{
    uint8_t use[MOST / GROUP];
    float c[MOST];
    heard(d, state, s, use);
    for (int k = 0; k < d->period; k++) {
        int o = k % d->in_a_step * d->step + k / d->in_a_step;
        d->lines(state, s->x, o, c);
        curve[(s->at + o) % d->period] = emptiness(d, c, use);
    }
}

/* ---- finding ------------------------------------------------------------------------------- */

/* What stands above the median of the places around it, in deviations. */
static void contrast(const float *v, int n, float *out)
{
    float near[2 * AROUND + 1], size[MOST];
    for (int o = 0; o < n; o++) {
        for (int k = -AROUND; k <= AROUND; k++)
            near[k + AROUND] = v[(o + k + n) % n];
        ava_sort_float(near, 2 * AROUND + 1);
        out[o] = v[o] - near[AROUND];
        size[o] = fabsf(out[o]);
    }
    ava_sort_float(size, (size_t)n);
    float deviation = 1.48f * size[n / 2] + 1e-9f;
    for (int o = 0; o < n; o++)
        out[o] /= deviation;
}

/* Is it the same grid, that of the short windows of its frames, or a ripple beside it? */
static int taken(const AvaCoderLines *d, const AvaGrid *out, int n, int offset, float strength)
{
    for (int i = 0; i < n; i++) {
        int apart = (offset - out[i].offset + d->period) % d->period;
        if ((apart + 2) % d->repeat <= 4 || apart <= AROUND || apart >= d->period - AROUND || strength < RIPPLE * out[i].strength)
            return 1;
    }
    return 0;
}

/* The offsets at which c stands out, the strongest first. */
static int peaks(const AvaCoderLines *d, const float *c, size_t n, AvaGrid *out, int most)
{
    int found = 0;
    while (found < most) {
        int best = -1;
        for (int o = 0; o < d->period; o++)
            if (c[o] > STANDS_OUT && (best < 0 || c[o] > c[best]) && !taken(d, out, found, o, c[o]))
                best = o;
        if (best < 0)
            break;
        out[found++] = (AvaGrid){ .coder = d, .offset = best, .strength = c[best], .n = n };
    }
    return found;
}

int ava_coding_grid_find(const AvaCodingGrid *g, const AvaCoderLines *d, AvaGrid *out, int most, atomic_int *cancel)
{
    void *state = d->open();
    float(*curve)[MOST] = calloc(AVA_GRID_SNIPS + 1, sizeof *curve), c[MOST], *sum = curve ? curve[AVA_GRID_SNIPS] : NULL;
    int64_t at[AVA_GRID_SNIPS];
    size_t n = 0;
    int found = state && curve ? 0 : -1;
    for (int i = 0; i < AVA_GRID_SNIPS && !found; i++) {
        if (g->snip[i].at < 0)
            continue;
        if (cancel && atomic_load(cancel)) {
            n = 0;
            break;
        }
        coding_grid_look(d, state, &g->snip[i], curve[n]);
        for (int o = 0; o < d->period; o++)
            sum[o] += curve[n][o];
        at[n++] = g->snip[i].at;
    }
    if (n >= 4) {
        contrast(sum, d->period, c);
        found = peaks(d, c, n, out, most);
    }
    for (size_t i = 0; i < n && found > 0; i++) {
        contrast(curve[i], d->period, c);
        for (int k = 0; k < found; k++) {
            out[k].at[i] = at[i];
            out[k].here[i] = c[out[k].offset];
        }
    }
    if (state)
        d->close(state);
    free(curve);
    return found;
}
