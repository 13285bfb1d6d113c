/* sync_time.c -- the offset over time: interval, windows, and what becomes of them (sync_changes.c).
 *
 * Two different questions. How repeatable the offset is: a block bootstrap, seconds of
 * evidence drawn anew and the peak found again. How far it may be from the truth: what
 * sets and people differ by in their zero, as calibrated; never less than the first. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/sync/lipsync.h"
#include "analyze/sync/sync_changes.h"
#include "analyze/sync/sync_pick.h"
#include "analyze/sync/sync_score.h"
#include "util/sort.h"

enum { WINDOW = AVA_SYNC_WINDOW, HOP = AVA_SYNC_WINDOW_HOP, NEEDED = 40, DRAWS = 200, MAX_BLOCKS = 512, BLOCK = 25, NEAR = 25 };

/* ---- interval ------------------------------------------------------------------ */

typedef struct Block {
    float sum[2 * NEAR + 1], weight[2 * NEAR + 1];
} Block;

/* Peak of the blocks drawn, in steps from the middle. */
static double peak_of(const Block *b, const uint32_t *pick, size_t n)
{
    double s[2 * NEAR + 1], w[2 * NEAR + 1];
    memset(s, 0, sizeof s);
    memset(w, 0, sizeof w);
    for (size_t i = 0; i < n; i++)
        for (int l = 0; l <= 2 * NEAR; l++) {
            s[l] += b[pick[i]].sum[l];
            w[l] += b[pick[i]].weight[l];
        }
    int best = -1;
    for (int l = 0; l <= 2 * NEAR; l++) {
        s[l] = w[l] > 0 ? s[l] / w[l] : -1;
        if (best < 0 || s[l] > s[best])
            best = l;
    }
    double frac = 0;
    if (best > 0 && best < 2 * NEAR) {
        double bend = s[best - 1] - 2 * s[best] + s[best + 1];
        frac = bend < 0 ? 0.5 * (s[best - 1] - s[best + 1]) / bend : 0;
    }
    return best - NEAR + frac;
}

/* Cuts the rows into blocks of about a second, at least one a track; *count of them. */
static int cut_blocks(const AvaEvidence *ev, const AvaTrackRows *const *tracks, size_t n, const uint8_t *speech,
                      const AvaSyncPeak *peak, Block **out, size_t *count)
{
    size_t rows = 0, k = 0;
    for (size_t i = 0; i < n; i++)
        rows += tracks[i]->sync.n;
    size_t len = rows / MAX_BLOCKS > BLOCK ? rows / MAX_BLOCKS : rows < 4 * BLOCK ? BLOCK / 2 : BLOCK;
    Block *b = *out = malloc((rows / len + n + 1) * sizeof *b);
    AvaSyncCurve *c = malloc(sizeof *c);
    for (size_t i = 0; b && c && i < n; i++)
        for (size_t from = 0; from < tracks[i]->sync.n; from += len) {
            memset(c, 0, sizeof *c);
            ava_sync_curve_add(c, ev, tracks[i], speech, from, from + len);
            int mid = (int)lrint(peak->offset_ms / AVA_SYNC_STEP_MS - c->phase) + AVA_SYNC_REACH;
            double any = 0;
            for (int l = 0; l <= 2 * NEAR; l++) {
                int at = mid + l - NEAR, in = at >= 0 && at < AVA_SYNC_LAGS;
                b[k].sum[l] = in ? (float)c->sum[at] : 0;
                b[k].weight[l] = in ? (float)c->weight[at] : 0;
                any += b[k].weight[l];
            }
            k += any > 0;
        }
    *count = k;
    int rc = b && c ? 0 : AVALIGN_ERR_NOMEM;
    free(c);
    return rc;
}

/* Half of the bootstrap's 95 % interval. Many short tracks make more blocks than MAX_BLOCKS: every
 * draw takes as many as there are. */
static int repeatable(const AvaEvidence *ev, const AvaTrackRows *const *tracks, size_t n, const uint8_t *speech,
                      const AvaSyncPeak *peak, double *half_ms)
{
    Block *b = NULL;
    size_t k = 0;
    int rc = cut_blocks(ev, tracks, n, speech, peak, &b, &k);
    uint32_t *pick = malloc((k + 1) * sizeof *pick), seed = 20240229;
    rc = rc || pick ? rc : AVALIGN_ERR_NOMEM;
    *half_ms = NEAR * AVA_SYNC_STEP_MS;
    if (!rc && k >= 2) {
        double draw[DRAWS];
        for (int d = 0; d < DRAWS; d++) {
            for (size_t i = 0; i < k; i++) {
                seed = seed * 1664525 + 1013904223;
                pick[i] = (uint32_t)(((uint64_t)seed * k) >> 32);
            }
            draw[d] = peak_of(b, pick, k) * AVA_SYNC_STEP_MS;
        }
        ava_sort_double(draw, DRAWS);
        *half_ms = (draw[DRAWS - 1 - DRAWS * 25 / 1000] - draw[DRAWS * 25 / 1000]) / 2;
    }
    free(pick);
    free(b);
    return rc;
}

/* ---- windows --------------------------------------------------------------------- */

static int by_start(const void *p, const void *q)
{
    const AvaSyncWindow *a = p, *b = q;
    return a->start_s != b->start_s ? (a->start_s < b->start_s ? -1 : 1) : a->track - b->track;
}

static int cut_windows(const AvaEvidence *ev, const AvaTrackRows *const *tracks, size_t n, const uint8_t *speech,
                       const AvaSyncPeak *peak, AvaSyncResult *out)
{
    size_t most = 0;
    for (size_t i = 0; i < n; i++)
        most += tracks[i]->sync.n / HOP + 1;
    AvaSyncCurve *c = malloc(sizeof *c);
    if (!c || ava_reserve(&out->window, most)) {
        free(c);
        return AVALIGN_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t from = 0; from + WINDOW <= tracks[i]->sync.n; from += HOP) {
            const AvaFaceRow *a = &tracks[i]->row.at[from], *b = &tracks[i]->row.at[from + WINDOW - 1];
            if (b->t_us - a->t_us > 3 * WINDOW * AVA_GRID_US / 2)
                continue; /* mostly a hole */
            memset(c, 0, sizeof *c);
            ava_sync_curve_add(c, ev, tracks[i], speech, from, from + WINDOW);
            int l = (int)lrint(peak->offset_ms / AVA_SYNC_STEP_MS - c->phase) + AVA_SYNC_REACH;
            AvaSyncPeak p;
            ava_sync_curve_peak(c, peak->offset_ms, 1000, &p);
            if (!p.reason && ava_sync_score(&ev->calibration, &p) <= 0.5) { /* perhaps it fits elsewhere, behind a step or far along a drift */
                AvaSyncPeak far;
                ava_sync_curve_peak(c, 0, 3000, &far);
                p = !far.reason && ava_sync_score(&ev->calibration, &far) > 0.9 ? far : p;
            }
            if (p.reason || l < 0 || l >= AVA_SYNC_LAGS || c->weight[l] < NEEDED)
                continue;
            out->window.at[out->window.n++] = (AvaSyncWindow){ (double)a->t_us / 1e6, (double)(b->t_us + AVA_GRID_US) / 1e6, p.offset_ms, ava_sync_score(&ev->calibration, &p),
                               ava_sync_curve_at(c, peak->offset_ms), tracks[i]->id };
        }
    free(c);
    if (out->window.n)
        qsort(out->window.at, out->window.n, sizeof *out->window.at, by_start);
    return 0;
}

/* Step within a clip too short for windows on both sides: the second where the sum of two curves' peaks is highest, each curve
 * sure of itself and neither fitting where the other does. 0 or AVALIGN_ERR_NOMEM. */
typedef struct Second {
    int64_t t_us;
    size_t order; /* of two at one time: as they came, for sums depend on it */
    AvaSyncCurve curve;
} Second;

static int sync_time_by_time(const void *p, const void *q)
{
    const Second *a = p, *b = q;
    return a->t_us != b->t_us ? (a->t_us < b->t_us ? -1 : 1) : (a->order > b->order) - (a->order < b->order);
}

static void best_cut(const AvaEvidence *ev, const Second *b, size_t k, AvaSyncCurve side[2], AvaSyncStep *step)
{
    enum { LEAST = 3 }; /* seconds */
    double most = 0;
    for (size_t cut = LEAST; cut + LEAST <= k; cut++) {
        AvaSyncPeak p[2];
        memset(side, 0, 2 * sizeof *side);
        for (size_t i = 0; i < k; i++)
            ava_sync_curve_join(&side[i >= cut], &b[i].curve);
        for (int i = 0; i < 2; i++)
            ava_sync_curve_peak(&side[i], 0, 3000, &p[i]);
        if (p[0].reason || p[1].reason || fabs(p[1].offset_ms - p[0].offset_ms) < 100)
            continue;
        double sum = p[0].peak * p[0].used_s + p[1].peak * p[1].used_s;
        if (sum <= most || ava_sync_score(&ev->calibration, &p[0]) < 0.95 || ava_sync_score(&ev->calibration, &p[1]) < 0.95 ||
            ava_sync_curve_at(&side[0], p[1].offset_ms) > p[0].peak / 2 || ava_sync_curve_at(&side[1], p[0].offset_ms) > p[1].peak / 2)
            continue;
        most = sum;
        *step = (AvaSyncStep){ (double)b[cut].t_us / 1e6, p[1].offset_ms - p[0].offset_ms };
    }
}

static int find_one_step(const AvaEvidence *ev, const AvaTrackRows *const *tracks, size_t n, const uint8_t *speech, AvaSyncResult *out)
{
    enum { MOST = 64 };
    size_t k = 0, room = 0;
    for (size_t i = 0; i < n; i++)
        room += tracks[i]->sync.n / BLOCK + 1;
    if (room > MOST)
        return 0;
    Second *b = calloc(room + 1, sizeof *b);
    AvaSyncCurve *side = malloc(2 * sizeof *side);
    AvaSyncStep step = { 0, 0 };
    for (size_t i = 0; b && side && i < n; i++)
        for (size_t from = 0; from < tracks[i]->sync.n; from += BLOCK, k++) {
            b[k].t_us = tracks[i]->row.at[from].t_us;
            b[k].order = k;
            ava_sync_curve_add(&b[k].curve, ev, tracks[i], speech, from, from + BLOCK);
        }
    int rc = b && side ? 0 : AVALIGN_ERR_NOMEM;
    if (!rc && k) {
        qsort(b, k, sizeof *b, sync_time_by_time);
        best_cut(ev, b, k, side, &step);
        rc = step.step_ms != 0 && ava_push(&out->step, step) ? AVALIGN_ERR_NOMEM : 0;
    }
    free(b);
    free(side);
    return rc;
}

int ava_sync_over_time(const AvaEvidence *ev, const AvaTrackRows *const *tracks, size_t n, const uint8_t *speech,
                       const AvaSyncPeak *peak, AvaSyncResult *out)
{
    int rc = repeatable(ev, tracks, n, speech, peak, &out->repeatable_ms);
    double half = ava_sync_accuracy_ms(&ev->calibration, peak, out->repeatable_ms);
    out->interval_ms[0] = peak->offset_ms - half;
    out->interval_ms[1] = peak->offset_ms + half;
    if (!rc)
        rc = cut_windows(ev, tracks, n, speech, peak, out);
    if (rc)
        return rc;
    AvaSyncWindow *w = calloc(2 * out->window.n + 1, sizeof *w), *kept = w ? w + out->window.n : NULL;
    size_t sure = 0, n_kept = 0;
    for (size_t i = 0; w && i < out->window.n; i++)
        if (out->window.at[i].score > 0.5)
            w[sure++] = out->window.at[i];
    double found = ava_sync_found(&ev->calibration, peak);
    if (w && found < AVA_SYNC_ANSWERED)
        n_kept = ava_sync_along_a_line(w, sure, kept);
    if (w && !n_kept)
        n_kept = ava_sync_near_or_together(w, sure, peak->offset_ms, kept);
    out->drift_ppm = NAN;
    if (!w || (found >= AVA_SYNC_SURE && ava_sync_dropouts(out)) || ava_sync_changes(kept, n_kept, out))
        rc = AVALIGN_ERR_NOMEM;
    else if (!ava_sync_enough(kept, n_kept))
        rc = find_one_step(ev, tracks, n, speech, out);
    free(w);
    return rc;
}
