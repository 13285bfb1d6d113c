/* artifact_enf.c -- jumps in the phase of mains hum. Speech covers the lines now and then, so only blocks at the hum's own level
 * count, and a jump must stand far above what these wander by. */
#include <complex.h>
#include <math.h>
#include <stdlib.h>

#include "analyze/forensics/artifact_finders.h"
#include "util/sort.h"

enum { BLOCK_US = AVA_ENF_BLOCK_MS * 1000, FEWEST = 30, PAIRS = 10, REACH = 20, SIDE = 10, LEAST = 5, AWAY = 10 /* blocks */ };
static const double STEADY = .9, FAR = 25 * M_PI / 180, SIGNS = 6, SURE = 8;

typedef struct Line {
    size_t n;
    float complex *z; /* unit phasors, turned back by the hum's own drift */
    uint8_t *clean;
    double steady;    /* [0,1] */
} Line;

/* The line's blocks at its own level: within half and twice the level that 30 of 100 blocks stay under. */
static int artifact_enf_measure(const AvaEvidence *ev, int k, Line *l)
{
    size_t n = ev->enf.n, pairs = 0;
    float *a = malloc(n * sizeof *a);
    double complex sum = 0;
    if (!a)
        return -1;
    for (size_t i = 0; i < n; i++) {
        l->z[i] = ev->enf.at[i].re[k] + I * ev->enf.at[i].im[k];
        a[i] = cabsf(l->z[i]);
    }
    ava_sort_float(a, n);
    float level = a[n * 3 / 10];
    free(a);
    for (size_t i = 0; i < n; i++) {
        float size = cabsf(l->z[i]);
        l->clean[i] = size > level / 2 && size < level * 2;
        l->z[i] = size > 0 ? l->z[i] / size : 0;
    }
    for (size_t i = 1; i < n; i++)
        if (l->clean[i] && l->clean[i - 1]) {
            sum += (double complex)(l->z[i] * conjf(l->z[i - 1]));
            pairs++;
        }
    l->steady = pairs >= PAIRS ? cabs(sum) / (double)pairs : 0;
    double drift = carg(sum);
    for (size_t i = 0; i < n; i++)
        l->z[i] *= (float complex)cexp(-I * drift * (double)i);
    return 0;
}

/* Mean of up to SIDE clean blocks to one side of `at`, no more than REACH away; *edge: the nearest. 0 when there are too few. */
static int artifact_enf_side(const Line *l, size_t at, int step, double complex *mean, size_t *edge)
{
    int n = 0;
    *mean = 0;
    for (int d = step > 0 ? 0 : 1; d < REACH && n < SIDE; d++) {
        int64_t i = (int64_t)at + step * d;
        if (i < 0 || i >= (int64_t)l->n || !l->clean[i])
            continue;
        if (n++ == 0)
            *edge = (size_t)i;
        *mean += (double complex)l->z[i];
    }
    *mean /= n ? n : 1;
    return n >= LEAST ? n : 0;
}

/* How far the phase jumps at a block, in deviations; 0: it does not, or can't be said. */
static double jump_at(const Line *l, size_t at, double *turn, size_t *from, size_t *to)
{
    double complex a, b;
    int p = artifact_enf_side(l, at, -1, &a, from), q = artifact_enf_side(l, at, 1, &b, to);
    if (!p || !q)
        return 0;
    double wander = sqrt((1 - pow(cabs(a), 2)) / p + (1 - pow(cabs(b), 2)) / q) + .03;
    *turn = carg(b * conj(a));
    ++*from;
    return fabs(*turn) > FAR ? fabs(*turn) / wander : 0;
}

static int jumps(const AvaEvidence *ev, const Line *l, float hz, AvaArtifactList *out)
{
    size_t from = 0, to = 0;
    double turn = 0, best = 0;
    size_t at = 0;
    for (size_t t = LEAST; t <= l->n; t++) {
        double here = t < l->n ? jump_at(l, t, &turn, &from, &to) : 0;
        if (here > best) {
            best = here;
            at = t;
        }
        if (best < SIGNS || (t < l->n && t - at < AWAY))
            continue;
        jump_at(l, at, &turn, &from, &to); /* the strongest around */
        int64_t a = ev->sound_t0_us + (int64_t)from * BLOCK_US, b = ev->sound_t0_us + (int64_t)(to > from ? to : from) * BLOCK_US;
        if (ava_artifact_add(out, "splice", a, b, best > SURE ? .55 : .4, "the %.0f Hz hum of the mains jumps by %.0f degrees between %.1f and %.1f s", (double)hz,
                          turn * 180 / M_PI, (double)(ev->origin_us + a) / 1e6, (double)(ev->origin_us + b) / 1e6))
            return -1;
        best = 0;
    }
    return 0;
}

int ava_artifact_hum(const AvaEvidence *ev, AvaArtifactList *out)
{
    Line best = { 0 }, l = { .n = ev->enf.n };
    int line = 0, rc = 0;
    if (ev->enf.n < FEWEST)
        return 0;
    for (int k = 0; k < AVA_ENF_LINES && !rc; k++) {
        l.z = malloc(l.n * sizeof *l.z);
        l.clean = malloc(l.n);
        rc = l.z && l.clean ? artifact_enf_measure(ev, k, &l) : -1;
        if (!rc && l.steady > best.steady) {
            free(best.z);
            free(best.clean);
            best = l;
            line = k;
        } else {
            free(l.z);
            free(l.clean);
        }
    }
    if (!rc && best.steady > STEADY)
        rc = jumps(ev, &best, ava_enf_hz[line], out);
    free(best.z);
    free(best.clean);
    return rc;
}
