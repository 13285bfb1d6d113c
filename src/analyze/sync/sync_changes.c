/* sync_changes.c -- drift, steps and dropouts, from the offsets of windows.
 *
 * The simpler explanation wins: a constant, unless a line or a step explains clearly more. */
#include "analyze/sync/sync_changes.h"

#include <math.h>
#include <stdlib.h>

#include "util/sort.h"

typedef struct Fit {
    double slope, sse; /* ms per s; about the line, or about the mean */
} Fit;

static double sse_of_mean(const AvaSyncWindow *w, size_t n, double *mean)
{
    double m = 0, s = 0;
    for (size_t i = 0; i < n; i++)
        m += w[i].offset_ms / (double)n;
    for (size_t i = 0; i < n; i++)
        s += (w[i].offset_ms - m) * (w[i].offset_ms - m);
    *mean = m;
    return s;
}

static Fit sync_changes_line(const AvaSyncWindow *w, size_t n)
{
    double mt = 0, mo, st = 0, sto = 0, so = sse_of_mean(w, n, &mo);
    for (size_t i = 0; i < n; i++)
        mt += w[i].start_s / (double)n;
    for (size_t i = 0; i < n; i++) {
        st += (w[i].start_s - mt) * (w[i].start_s - mt);
        sto += (w[i].start_s - mt) * (w[i].offset_ms - mo);
    }
    double slope = st > 0 ? sto / st : 0;
    return (Fit){ slope, so - slope * sto };
}

enum { SIDE = 5 }; /* windows on either side of a step */

/* Best place to split the windows in two levels; n when there is none. */
static size_t sync_changes_split(const AvaSyncWindow *w, size_t n, double *gain, double *step)
{
    size_t best = n;
    double m, whole = sse_of_mean(w, n, &m);
    *gain = 0;
    for (size_t i = SIDE; i + SIDE <= n; i++) {
        double a, b, s = sse_of_mean(w, i, &a) + sse_of_mean(w + i, n - i, &b);
        if (whole - s > *gain) {
            *gain = whole - s;
            *step = b - a;
            best = i;
        }
    }
    return best;
}

/* Windows overlap fourfold, so a quarter of them counts as independent. */
static double variance(double sse, size_t n) { return fmax(sse / fmax((double)n - 2, 1), 16) * AVA_SYNC_WINDOW / AVA_SYNC_WINDOW_HOP; }

/* Deviation of what faces call zero: people, cameras and pages differ by that (docs/accuracy.md, "What each set calls zero"). */
static const double ZERO_MS = 30;

/* The windows of one face: how many before and after a place, and the sum of their times from a middle. */
typedef struct Face {
    int track;
    size_t side[2];
    double lever_s;
} Face;

/* Faces of w[n], into f (room for n); their number. */
static size_t faces_of(const AvaSyncWindow *w, size_t n, size_t at, double middle_s, Face *f)
{
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < m && f[k].track != w[i].track)
            k++;
        if (k == m)
            f[m++] = (Face){ w[i].track, { 0, 0 }, 0 };
        f[k].side[i >= at]++;
        f[k].lever_s += w[i].start_s - middle_s;
    }
    return m;
}

/* How large a step before w[at] must be. 30 ms where a face is seen on both sides; else the faces' own zeros differ too, and what is no more
 * than that is no step. */
static double least_step(const AvaSyncWindow *w, size_t n, size_t at, Face *f)
{
    static const double LEAST_MS = 30;
    size_t m = faces_of(w, n, at, 0, f);
    double only[2] = { 0, 0 };
    for (size_t k = 0; k < m; k++) {
        if (f[k].side[0] >= SIDE && f[k].side[1] >= SIDE)
            return LEAST_MS;
        only[f[k].side[1] > f[k].side[0]]++;
    }
    return fmax(LEAST_MS, 3 * ZERO_MS * sqrt(1 / fmax(1, only[0]) + 1 / fmax(1, only[1])));
}

/* f: room for n faces. 0 or -1. */
static int find_steps(const AvaSyncWindow *w, size_t n, int depth, Face *f, AvaSyncResult *out)
{
    double gain, step = 0;
    size_t at = sync_changes_split(w, n, &gain, &step);
    if (at == n || depth > 5)
        return 0;
    double m, sse = sse_of_mean(w, n, &m) - gain;
    Fit l = sync_changes_line(w, n);
    if (fabs(step) < least_step(w, n, at, f) || gain / variance(sse, n) < 25 || l.sse < sse * 1.1)
        return 0;
    AvaSyncStep s = { (w[at - 1].end_s + w[at].start_s) / 2, step };
    return find_steps(w, at, depth + 1, f, out) || ava_push(&out->step, s) || find_steps(w + at, n - at, depth + 1, f, out) ? -1 : 0;
}

int ava_sync_dropouts(AvaSyncResult *out)
{
    double from = -1, to = -1, low = 1;
    for (size_t i = 0; i <= out->window.n; i++) {
        const AvaSyncWindow *w = i < out->window.n ? &out->window.at[i] : NULL;
        int odd = w && w->similarity < 0.05;
        if (from >= 0 && (!odd || w->start_s > to)) {
            AvaSyncDropout d = { from, to, low };
            if (ava_push(&out->dropout, d))
                return -1;
            from = -1;
        }
        if (odd) {
            low = from < 0 ? w->score : fmin(low, w->score);
            from = from < 0 ? w->start_s : from;
            to = w->end_s;
        }
    }
    return 0;
}

size_t ava_sync_near_or_together(const AvaSyncWindow *w, size_t n, double offset_ms, AvaSyncWindow *out)
{
    enum { AROUND = 4, ALIKE = 3 };
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        int alike = 0;
        for (size_t k = i < AROUND ? 0 : i - AROUND; k <= i + AROUND && k < n; k++)
            alike += k != i && fabs(w[k].offset_ms - w[i].offset_ms) < 100;
        if (fabs(w[i].offset_ms - offset_ms) < 500 || (w[i].score > 0.9 && alike >= ALIKE))
            out[kept++] = w[i];
    }
    return kept;
}

size_t ava_sync_along_a_line(const AvaSyncWindow *w, size_t n, AvaSyncWindow *out)
{
    enum { MOST = 150, AWAY_MS = 150 };
    size_t kept = 0, k = 0, by = n / MOST + 1;
    double *v = malloc(((MOST + 1) * (MOST + 1) / 2 + n) * sizeof *v);
    for (size_t i = 0; v && i < n; i += by)
        for (size_t j = i + by; j < n; j += by)
            if (w[j].start_s - w[i].start_s >= 4)
                v[k++] = (w[j].offset_ms - w[i].offset_ms) / (w[j].start_s - w[i].start_s);
    if (k >= 20) {
        ava_sort_double(v, k);
        double slope = v[k / 2];
        for (size_t i = 0; i < n; i++)
            v[i] = w[i].offset_ms - slope * w[i].start_s;
        ava_sort_double(v, n);
        for (size_t i = 0; i < n; i++)
            if (fabs(w[i].offset_ms - slope * w[i].start_s - v[n / 2]) < AWAY_MS)
                out[kept++] = w[i];
    }
    free(v);
    return kept * 10 >= n * 6 ? kept : 0;
}

int ava_sync_enough(const AvaSyncWindow *w, size_t n) { return n >= 20 && w[n - 1].start_s - w[0].start_s >= 20; }

int ava_sync_changes(const AvaSyncWindow *w, size_t n, AvaSyncResult *out)
{
    if (!ava_sync_enough(w, n))
        return 0;
    Face *f = calloc(n, sizeof *f);
    if (!f || find_steps(w, n, 0, f, out)) {
        free(f);
        return -1;
    }
    Fit l = sync_changes_line(w, n);
    double mt = 0, st = 0, zeros = 0;
    for (size_t i = 0; i < n; i++)
        mt += w[i].start_s / (double)n;
    for (size_t i = 0; i < n; i++)
        st += (w[i].start_s - mt) * (w[i].start_s - mt);
    for (size_t k = faces_of(w, n, 0, mt, f); k-- > 0;)
        zeros += f[k].lever_s * f[k].lever_s;
    free(f);
    double error = sqrt(variance(l.sse, n) / st), faces = ZERO_MS * sqrt(zeros) / st, span = w[n - 1].start_s - w[0].start_s; /* of the slope */
    int sloping = out->step.n == 0 && fabs(l.slope) > 4 * error && fabs(l.slope) * span > 15;
    out->drift_ppm = !sloping ? 0 : fabs(l.slope) > 4 * sqrt(error * error + faces * faces) ? l.slope * 1000 : NAN; /* NAN: or the faces' zeros differ */
    return 0;
}
