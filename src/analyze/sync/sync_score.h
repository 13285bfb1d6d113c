/* sync_score.h -- what a peak of similarity is worth, as calibrated numbers. */
#ifndef AVA_SYNC_SYNC_SCORE_H
#define AVA_SYNC_SYNC_SCORE_H

#include "analyze/sync/sync_curve.h"

/* Probability that the offset is right (within 80 ms). */
double ava_sync_confidence(const AvaSyncPeak *p);
/* How well mouth and sound match at the best lag, 0-1. */
double ava_sync_score(const AvaSyncPeak *p);

#endif
