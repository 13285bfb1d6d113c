/* sync_score.h -- what a peak of similarity is worth, as calibrated numbers. The calibration comes from
 * training/lip_sync/calibrate.py, on people and sets that the scoring nets had not seen, each set left out in turn
 * (docs/accuracy.md). */
#ifndef AVA_SYNC_SYNC_SCORE_H
#define AVA_SYNC_SYNC_SCORE_H

#include "analyze/sync/sync_curve.h"
#include "nets/calibration.h"

/* Is the peak the match of mouth and sound, rather than another? */
double ava_sync_found(const AvaCalibration *c, const AvaSyncPeak *p);
/* Share of such answers that lie within 80 ms of the truth: of those found, what sets and people call zero keeps some away. */
double ava_sync_confidence(const AvaCalibration *c, const AvaSyncPeak *p);
/* How well mouth and sound match at the best lag, 0-1. */
double ava_sync_score(const AvaCalibration *c, const AvaSyncPeak *p);
/* Half of the 95 % interval of the offset as an absolute value, given how repeatable it is. */
double ava_sync_accuracy_ms(const AvaCalibration *c, const AvaSyncPeak *p, double repeatable_ms);

#endif
