/* sync_score.c -- what a peak of similarity is worth, as calibrated numbers. */
#include "analyze/sync/sync_score.h"

#include <math.h>

/* Logistic regressions fitted by training/lip_sync/calibrate.py on training people
 * whom the scoring nets had not seen; docs/accuracy.md has the figures. */
static double logistic(double z) { return 1 / (1 + exp(-z)); }

double ava_sync_confidence(const AvaSyncPeak *p)
{
    return logistic(-5.20 + 0.83 * p->peak + 1.39 * p->z + 0.94 * p->lead + 0.55 * log(fmax(p->used_s, 0.1)));
}

double ava_sync_score(const AvaSyncPeak *p)
{
    return logistic(-5.30 + 1.01 * p->peak + 1.69 * p->z);
}

double ava_sync_accuracy_ms(const AvaSyncPeak *p, double repeatable_ms)
{
    return fmax(70 + 0 * p->z, repeatable_ms);
}
