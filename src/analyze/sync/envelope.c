/* envelope.c -- the classic baseline, done properly.
 *
 * Log energy, because loudness is heard and mouths open logarithmically; both
 * series band-passed to syllable rate (a 90 ms Hann smooth minus a 1.2 s running
 * mean), because slow drifts of head and level correlate with anything; only
 * speech counts; true Pearson correlation per lag over the samples that both
 * sides have; a parabola through the peak. Confidence looks at how far the peak
 * stands out of the curve, not at its height: see docs/scores.md. */
#include "analyze/sync/envelope.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/features.h"
#include "util/err.h"
#include "util/logistic.h"
#include "util/sort.h"

enum { SMOOTH = 9, MEAN = 120, STEP_US = AVA_ENERGY_US };

/* Weighted moving sums leave NANs out: y = smooth - running mean, NAN where unseen. */
static int band_pass(const float *x, size_t n, float *y)
{
    float hann[SMOOTH];
    for (int i = 0; i < SMOOTH; i++)
        hann[i] = 0.5f - 0.5f * cosf(6.2831853f * (i + 1) / (SMOOTH + 1));
    double *sum = calloc(n + 1, sizeof *sum);
    size_t *seen = calloc(n + 1, sizeof *seen);
    if (!sum || !seen) {
        free(sum);
        free(seen);
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        sum[i + 1] = sum[i] + (isnan(x[i]) ? 0 : x[i]);
        seen[i + 1] = seen[i] + !isnan(x[i]);
    }
    for (size_t i = 0; i < n; i++) {
        float s = 0, w = 0;
        for (int k = 0; k < SMOOTH; k++) {
            int64_t at = (int64_t)i + k - SMOOTH / 2;
            if (at >= 0 && at < (int64_t)n && !isnan(x[at])) {
                s += hann[k] * x[at];
                w += hann[k];
            }
        }
        size_t lo = i > MEAN / 2 ? i - MEAN / 2 : 0, hi = i + MEAN / 2 < n ? i + MEAN / 2 : n;
        y[i] = isnan(x[i]) || seen[hi] - seen[lo] < MEAN / 4 ? NAN
             : s / w - (float)((sum[hi] - sum[lo]) / (double)(seen[hi] - seen[lo]));
    }
    free(sum);
    free(seen);
    return 0;
}

void ava_voiced_weight(const float *voiced, size_t n, double step_us, double shift_us, float *weight, size_t m)
{
    for (size_t j = 0; j < m; j++) {
        double at = ((double)j * STEP_US + shift_us) / step_us - 0.5;
        int64_t i = (int64_t)floor(at);
        float best = 0; /* widened by a quarter second: onsets matter most */
        int64_t reach = (int64_t)ceil(250000 / step_us);
        for (int64_t k = i - reach; k <= i + reach; k++)
            if (k >= 0 && k < (int64_t)n && voiced[k] > best)
                best = voiced[k];
        weight[j] = best > 0.5f ? 1 : 0;
    }
}

int ava_envelope_add(AvaLagCurve *c, const float *mouth, size_t n, double mouth_us, int64_t mouth_t0_us,
                     const float *energy, const float *weight, size_t m, int64_t energy_t0_us)
{
    if (n < 2 || m < 2)
        return 0;
    /* the mouth at the energy's rate, from mouth_t0 on */
    size_t nn = (size_t)((double)(n - 1) * mouth_us / STEP_US) + 1;
    float *up = malloc(nn * sizeof *up), *y = malloc(nn * sizeof *y), *x = malloc(m * sizeof *x);
    int rc = up && y && x ? 0 : AVALIGN_ERR_NOMEM;
    for (size_t i = 0; !rc && i < nn; i++) {
        double at = (double)i * STEP_US / mouth_us;
        size_t k = (size_t)at;
        float f = (float)(at - (double)k), b = k + 1 < n ? mouth[k + 1] : mouth[k];
        up[i] = f < 1e-4f ? mouth[k] : mouth[k] + (b - mouth[k]) * f;
    }
    if (!rc && (band_pass(up, nn, y) || band_pass(energy, m, x)))
        rc = AVALIGN_ERR_NOMEM;
    /* energy value j is at mouth sample j + shift, a fraction kept by interpolation */
    double shift = (double)(energy_t0_us - mouth_t0_us) / STEP_US;
    int64_t whole = (int64_t)floor(shift);
    float part = (float)(shift - (double)whole);
    double var = 0, count = 0;
    for (size_t i = 0; !rc && i < nn; i++)
        if (!isnan(y[i])) {
            var += (double)y[i] * y[i];
            count++;
        }
    float scale = var > 0 ? (float)sqrt(count / var) : 0;
    for (int l = 0; !rc && l < AVA_ENV_LAGS; l++) {
        double sx = 0, sy = 0, sxy = 0, sxx = 0, syy = 0, sw = 0;
        int64_t lag = l - AVA_ENV_MAX_LAG;
        for (size_t j = 0; j < m; j++) {
            int64_t i = (int64_t)j + whole + lag;
            if (weight[j] <= 0 || i < 0 || i + 1 >= (int64_t)nn || isnan(x[j]))
                continue;
            double v = ((double)y[i] * (1 - part) + (double)y[i + 1] * part) * scale, u = x[j];
            if (isnan(v))
                continue;
            sx += u;
            sy += v;
            sxy += u * v;
            sxx += u * u;
            syy += v * v;
            sw++;
        }
        if (sw < 20)
            continue;
        c->xy[l] += sxy - sx * sy / sw;
        c->xx[l] += sxx - sx * sx / sw;
        c->yy[l] += syy - sy * sy / sw;
        c->w[l] += sw;
        if (lag == 0)
            c->voiced_s += sw * STEP_US / 1e6;
    }
    free(up);
    free(y);
    free(x);
    return rc;
}

void ava_envelope_peak(const AvaLagCurve *c, AvalignOffset *out)
{
    double r[AVA_ENV_LAGS], sorted[AVA_ENV_LAGS], dev[AVA_ENV_LAGS];
    int best = -1, n = 0;
    memset(out, 0, sizeof *out);
    for (int l = 0; l < AVA_ENV_LAGS; l++) {
        r[l] = c->xx[l] > 0 && c->yy[l] > 0 ? c->xy[l] / sqrt(c->xx[l] * c->yy[l]) : NAN;
        if (isnan(r[l]))
            continue;
        sorted[n++] = r[l];
        if (best < 0 || r[l] > r[best])
            best = l;
    }
    if (c->voiced_s < 0.8 || n < AVA_ENV_LAGS / 2) {
        out->reason = "too-short";
        return;
    }
    ava_sort_double(sorted, (size_t)n);
    double median = sorted[n / 2];
    for (int i = 0; i < n; i++)
        dev[i] = fabs(sorted[i] - median);
    ava_sort_double(dev, (size_t)n);
    double spread = fmax(1.4826 * dev[n / 2], 1e-6), second = -1;
    for (int l = 0; l < AVA_ENV_LAGS; l++) /* the best rival outside the peak's own width */
        if (!isnan(r[l]) && abs(l - best) > 15 && r[l] > second)
            second = r[l];
    double frac = 0;
    if (best > 0 && best < AVA_ENV_LAGS - 1 && !isnan(r[best - 1]) && !isnan(r[best + 1])) {
        double bend = r[best - 1] - 2 * r[best] + r[best + 1];
        frac = bend < 0 ? 0.5 * (r[best - 1] - r[best + 1]) / bend : 0;
    }
    out->offset_ms = (best - AVA_ENV_MAX_LAG + frac) * STEP_US / 1000.0;
    out->correlation = r[best];
    out->prominence = (r[best] - median) / spread;
    /* logistic regression fitted on the training clips: training/lip_sync/envelope_fit.py */
    out->lead = r[best] - second;
    out->used_s = c->voiced_s;
    double z = -7.26 + 0.45 * out->prominence + 4.62 * out->lead + 1.76 * log(out->used_s) + 4.56 * out->correlation;
    out->confidence = ava_logistic(z);
}

int avalign_detect_av_offset(const float *mouth, size_t n, double mouth_fps, const float *pcm, size_t n_samples,
                             int sample_rate, const float *voiced, size_t n_voiced, double voiced_fps,
                             AvalignOffset *out, AvalignErrorInfo *why)
{
    ava_err_clear(why);
    if (!out || (!mouth && n) || (!pcm && n_samples) || !(mouth_fps >= 1 && mouth_fps <= 1000) || sample_rate < 8000 ||
        sample_rate > 192000 || (voiced && !(voiced_fps > 0)))
        return ava_fail(why, AVALIGN_ERR_ARG, "call", AVA_NO_TIME, 0, "needs a mouth series at 1-1000 a second, sound of 8000-192000 Hz, and a place for the answer");
    memset(out, 0, sizeof *out);
    /* speech-band energy straight from a 25 ms window every 10 ms, at any rate:
     * band-limited by a difference and a running mean, which is enough for a level */
    size_t win = (size_t)sample_rate / 40, m = 0;
    while (win + (size_t)((double)m * sample_rate / 100) <= n_samples)
        m++;
    size_t seen = 0;
    for (size_t i = 0; i < n; i++)
        seen += isfinite(mouth[i]);
    if (m < 80 || n / mouth_fps < 0.8) {
        out->reason = "too-short";
        return 0;
    }
    if (seen / mouth_fps < 0.8) {
        out->reason = "no-face";
        return 0;
    }
    float *energy = malloc(m * sizeof *energy), *weight = malloc(m * sizeof *weight);
    float *clean = malloc(n * sizeof *clean);
    AvaLagCurve *c = calloc(1, sizeof *c);
    int rc = energy && weight && clean && c ? 0 : AVALIGN_ERR_NOMEM;
    if (!rc) {
        float top = -1e9f;
        for (size_t j = 0; j < m; j++) {
            const float *p = pcm + (size_t)((double)j * sample_rate / 100);
            double sum = 0, mean = 0;
            for (size_t i = 0; i < win; i++)
                mean += isfinite(p[i]) ? p[i] / (double)win : 0;
            for (size_t i = 0; i < win; i++) {
                double v = isfinite(p[i]) ? p[i] - mean : 0;
                sum += v * v;
            }
            energy[j] = (float)log(sum / (double)win + 1e-9);
            top = fmaxf(top, energy[j]);
        }
        for (size_t j = 0; j < m; j++)
            weight[j] = 1;
        if (voiced)
            ava_voiced_weight(voiced, n_voiced, 1e6 / voiced_fps, 12500, weight, m);
        for (size_t i = 0; i < n; i++)
            clean[i] = isfinite(mouth[i]) ? mouth[i] : NAN;
        if (top < -18) /* all but digital silence */
            out->reason = "no-speech";
        else if (!(rc = ava_envelope_add(c, clean, n, 1e6 / mouth_fps, 0, energy, weight, m, 12500)))
            ava_envelope_peak(c, out);
        if (!rc && !out->reason && c->xx[AVA_ENV_MAX_LAG] <= 0)
            out->reason = "no-speech";
    }
    free(energy);
    free(weight);
    free(clean);
    free(c);
    return rc ? ava_fail(why, rc, "call", AVA_NO_TIME, 0, "out of memory") : 0;
}
