/* sync_score.c -- what a peak of similarity is worth, as calibrated numbers. */
#include "analyze/sync/sync_score.h"

#include <math.h>

static const double ALL_LAGS_MS = 3000;

static double logistic(double z) { return 1 / (1 + exp(-z)); }

double ava_sync_found(const AvaCalibration *c, const AvaSyncPeak *p)
{
    const double *w = c->sync.found;
    return logistic(w[0] + w[1] * p->peak + w[2] * p->z + w[3] * p->lead);
}

double ava_sync_confidence(const AvaCalibration *c, const AvaSyncPeak *p) { return c->sync.right * ava_sync_found(c, p); }

double ava_sync_score(const AvaCalibration *c, const AvaSyncPeak *p)
{
    const double *w = c->sync.score;
    return logistic(w[0] + w[1] * p->peak + w[2] * p->z);
}

double ava_sync_accuracy_ms(const AvaCalibration *c, const AvaSyncPeak *p, double repeatable_ms)
{
    double half = c->sync.sure_ms * exp(c->sync.wider * (1 / ava_sync_found(c, p) - 1));
    return fmin(ALL_LAGS_MS, fmax(half, repeatable_ms));
}
