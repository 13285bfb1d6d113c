/* sync_score.c -- what a peak of similarity is worth, as calibrated numbers. */
#include "analyze/sync/sync_score.h"

#include <math.h>

/* Fitted by training/lip_sync/calibrate.py on people and sets that the scoring nets had not seen, each set left out in
 * turn; docs/accuracy.md has the figures. The cap is what the people who bear the upper end can support. */
static const double CAP = 0.89, SURE_MS = 85, WIDER = 0.25, ALL_LAGS_MS = 3000;

static double logistic(double z) { return 1 / (1 + exp(-z)); }

double ava_sync_confidence(const AvaSyncPeak *p)
{
    return fmin(CAP, logistic(-5.73 + 1.84 * p->peak + 1.23 * p->z + 1.76 * p->lead));
}

double ava_sync_score(const AvaSyncPeak *p)
{
    return logistic(-6.49 + 1.99 * p->peak + 1.72 * p->z);
}

double ava_sync_accuracy_ms(const AvaSyncPeak *p, double repeatable_ms)
{
    double half = SURE_MS * exp(WIDER * (1 / ava_sync_confidence(p) - 1));
    return fmin(ALL_LAGS_MS, fmax(half, repeatable_ms));
}
