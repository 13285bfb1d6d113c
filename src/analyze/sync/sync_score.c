/* sync_score.c -- what a peak of similarity is worth, as calibrated numbers. */
#include "analyze/sync/sync_score.h"

#include <math.h>

#include "util/logistic.h"

static const double ALL_LAGS_MS = 3000, LONG_S = 5;

/* Longer counts for more, up to what was calibrated on: few clips of it were longer. */
static double weighed(const double w[4], const AvaSyncPeak *p)
{
    return w[0] + w[1] * p->peak + w[2] * p->weak_quarter + w[3] * log(fmin(p->peak_s, LONG_S));
}

double ava_sync_found(const AvaCalibration *c, const AvaSyncPeak *p) { return ava_logistic(weighed(c->sync.found, p) + c->sync.found[4] * p->lead); }

double ava_sync_confidence(const AvaCalibration *c, const AvaSyncPeak *p) { return c->sync.right * ava_sync_found(c, p); }

double ava_sync_score(const AvaCalibration *c, const AvaSyncPeak *p) { return ava_logistic(weighed(c->sync.score, p)); }

double ava_sync_accuracy_ms(const AvaCalibration *c, const AvaSyncPeak *p, double repeatable_ms)
{
    double half = c->sync.sure_ms * exp(c->sync.wider * (1 / ava_sync_found(c, p) - 1));
    return fmin(ALL_LAGS_MS, fmax(half, repeatable_ms));
}
