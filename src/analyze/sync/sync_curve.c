/* sync_curve.c -- sums of agreement at every lag over rows of a face, and the peak of them. */
#include "analyze/sync/sync_curve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_US = 12500, WIDE_STEPS = 12, PART = 12, PART_LEAST = 6 }; /* vector 0 is centred there; a peak's own width and more; rows of half a second */

uint8_t *ava_sync_speech(const AvaEvidence *ev)
{
    uint8_t *s = calloc(ev->sync.n + 1, 1);
    /* speech widened by a quarter second: how it starts and stops tells most */
    for (size_t i = 0; s && i < ev->voiced.n; i++) {
        if (ev->voiced.at[i] <= 0.5f)
            continue;
        int64_t a = ((int64_t)i * AVA_VAD_US - FIRST_US - 250000) / AVA_SYNC_SOUND_US;
        int64_t b = ((int64_t)(i + 1) * AVA_VAD_US - FIRST_US + 250000) / AVA_SYNC_SOUND_US;
        for (int64_t j = a < 0 ? 0 : a; j <= b && j < (int64_t)ev->sync.n; j++)
            s[j] = 1;
    }
    return s;
}

int ava_sync_usable(const AvaFaceRow *r, const AvaSyncVec *v)
{
    static const AvaSyncVec none;
    return fabsf(r->yaw) < 60 && r->occlusion < AVA_COVERED && memcmp(v, &none, sizeof none) != 0;
}

static int sync_curve_dot(const int8_t *a, const int8_t *b)
{
    int s = 0;
    for (int i = 0; i < AVA_SYNC_DIM; i++)
        s += a[i] * b[i];
    return s;
}

double ava_sync_dot(const AvaSyncVec *a, const AvaSyncVec *b) { return sync_curve_dot(a->v, b->v) / (127. * 127.); }

int64_t ava_sync_partner(const AvaEvidence *ev, int64_t t_us, double offset_ms)
{
    double at = ((double)(t_us - ev->sound_t0_us - FIRST_US) - offset_ms * 1000) / AVA_SYNC_SOUND_US;
    int64_t j = (int64_t)lrint(at);
    return j >= 0 && j < (int64_t)ev->sync.n ? j : -1;
}

typedef struct Part {
    double sum[AVA_SYNC_LAGS];
    int weight[AVA_SYNC_LAGS], rows;
} Part;

static void end_part(AvaSyncCurve *c, Part *p)
{
    for (int l = 0; l < AVA_SYNC_LAGS; l++) {
        c->sum[l] += p->sum[l];
        c->weight[l] += p->weight[l];
        if (p->weight[l] < PART_LEAST)
            continue;
        double mean = p->sum[l] / p->weight[l];
        c->parts[l] += 1;
        c->part_sum[l] += mean;
        c->part_square[l] += mean * mean;
    }
    memset(p, 0, sizeof *p);
}

void ava_sync_curve_add(AvaSyncCurve *c, const AvaEvidence *ev, const AvaTrackRows *t, const uint8_t *speech, size_t from,
                        size_t to)
{
    Part part = { 0 };
    for (size_t i = from; i < to && i < t->sync.n; i++) {
        const AvaFaceRow *r = &t->row.at[i];
        if (i % 64 == 0 && ava_cancelled(ev))
            return; /* who runs the analyzers asks again */
        if (part.rows == PART)
            end_part(c, &part);
        if (!ava_sync_usable(r, &t->sync.at[i]))
            continue;
        double at = (double)(r->t_us - ev->sound_t0_us - FIRST_US) / AVA_SYNC_SOUND_US;
        int64_t base = (int64_t)floor(at + 1e-6);
        c->phase = fmax(0, at - (double)base);
        part.rows++;
        for (int l = 0; l < AVA_SYNC_LAGS; l++) {
            int64_t j = base - (l - AVA_SYNC_REACH);
            if (j < 0 || j >= (int64_t)ev->sync.n || !speech[j])
                continue;
            part.sum[l] += sync_curve_dot(t->sync.at[i].v, ev->sync.at[j].v) / (127. * 127.);
            part.weight[l]++;
        }
    }
    end_part(c, &part);
}

void ava_sync_curve_join(AvaSyncCurve *sum, const AvaSyncCurve *c)
{
    for (int l = 0; l < AVA_SYNC_LAGS; l++) {
        sum->sum[l] += c->sum[l];
        sum->weight[l] += c->weight[l];
        sum->parts[l] += c->parts[l];
        sum->part_sum[l] += c->part_sum[l];
        sum->part_square[l] += c->part_square[l];
    }
    sum->phase = c->phase;
}

static double offset_of(const AvaSyncCurve *c, double l) { return (l - AVA_SYNC_REACH + c->phase) * AVA_SYNC_STEP_MS; }

double ava_sync_curve_at(const AvaSyncCurve *c, double offset_ms)
{
    int l = (int)lrint(offset_ms / AVA_SYNC_STEP_MS - c->phase) + AVA_SYNC_REACH;
    return l < 0 || l >= AVA_SYNC_LAGS || c->weight[l] < 5 ? NAN : c->sum[l] / c->weight[l];
}

/* Were the half seconds at the lag normal: their lower quartile. Of few, the spread is held near what it is elsewhere; s: the mean. */
static double lower_quartile(const AvaSyncCurve *c, int lag, double s)
{
    static const double SD = 0.1, QUARTILE = 0.67;
    double n = c->parts[lag], mean = n > 0 ? c->part_sum[lag] / n : s;
    double square = fmax(0, c->part_square[lag] - n * mean * mean);
    return mean - QUARTILE * sqrt((square + 2 * SD * SD) / (n + 1));
}

void ava_sync_curve_peak(const AvaSyncCurve *c, double around_ms, double reach_ms, AvaSyncPeak *out)
{
    double s[AVA_SYNC_LAGS], most = 0;
    int best = -1;
    memset(out, 0, sizeof *out);
    out->p_value = 1;
    for (int l = 0; l < AVA_SYNC_LAGS; l++)
        most = fmax(most, c->weight[l]);
    for (int l = 0; l < AVA_SYNC_LAGS; l++) {
        /* a lag that leaves most of the clip without a partner says nothing */
        s[l] = c->weight[l] >= 0.4 * most && c->weight[l] >= 12 ? c->sum[l] / c->weight[l] : NAN;
        if (!isnan(s[l]) && fabs(offset_of(c, l) - around_ms) <= reach_ms && (best < 0 || s[l] > s[best]))
            best = l;
    }
    out->used_s = most * AVA_GRID_US / 1e6;
    if (best < 0) {
        out->reason = "too-short";
        return;
    }
    double sum = 0, sq = 0, rival = -1;
    int n = 0;
    for (int l = 0; l < AVA_SYNC_LAGS; l++) {
        if (isnan(s[l]) || abs(l - best) <= 10)
            continue;
        rival = fmax(rival, s[l]);
        if (abs(l - best) > WIDE_STEPS) {
            sum += s[l];
            sq += s[l] * s[l];
            n++;
        }
    }
    if (n < 20) {
        out->reason = "too-short";
        return;
    }
    double mean = sum / n, sd = sqrt(fmax(sq / n - mean * mean, 0)), frac = 0;
    if (best > 0 && best < AVA_SYNC_LAGS - 1 && !isnan(s[best - 1]) && !isnan(s[best + 1])) {
        double bend = s[best - 1] - 2 * s[best] + s[best + 1];
        frac = bend < 0 ? fmax(-1, fmin(1, 0.5 * (s[best - 1] - s[best + 1]) / bend)) : 0;
    }
    out->offset_ms = offset_of(c, best + frac);
    out->peak = s[best];
    out->z = (s[best] - mean) / (sd + 0.01);
    out->lead = s[best] - rival;
    out->weak_quarter = lower_quartile(c, best, s[best]) - mean;
    out->peak_s = c->weight[best] * AVA_GRID_US / 1e6;
    /* the highest of n lags of which every fifth is independent, were none of them right */
    out->p_value = -expm1(n / 5. * log1p(-0.5 * erfc(out->z / sqrt(2))));
}
