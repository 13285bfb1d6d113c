/* sync_score.h -- what a peak of similarity is worth, as calibrated numbers. */
#ifndef AVA_SYNC_SYNC_SCORE_H
#define AVA_SYNC_SYNC_SCORE_H

#include "analyze/sync/sync_curve.h"

/* Share of such answers that lie within 80 ms of the truth, as calibrated on people and sets that the nets had not
 * seen; never over what that many can support. */
double ava_sync_confidence(const AvaSyncPeak *p);
/* How well mouth and sound match at the best lag, 0-1. */
double ava_sync_score(const AvaSyncPeak *p);
/* Half of the 95 % interval of the offset as an absolute value, given how repeatable it is. */
double ava_sync_accuracy_ms(const AvaSyncPeak *p, double repeatable_ms);

#endif
