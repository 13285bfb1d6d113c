/* lipsync.h -- shared between lipsync.c (the answer) and sync_time.c (its course over time). */
#ifndef AVA_SYNC_LIPSYNC_H
#define AVA_SYNC_LIPSYNC_H

#include <jansson.h>

#include "analyze/sync/sync_curve.h"

/* Probability that the offset is right (within 80 ms). */
double ava_sync_confidence(const AvaSyncPeak *p);
/* How well mouth and sound match at the best lag, 0-1. */
double ava_sync_score(const AvaSyncPeak *p);

typedef struct AvaSyncTime {
    double interval_ms[2]; /* 95 % */
    double drift_ppm;      /* NAN: none measurable */
    json_t *steps, *windows, *dropouts; /* arrays, the caller's */
} AvaSyncTime;

/* tracks: faces never on screen together; peak: of their joint curve. 0 or AVALIGN_ERR_NOMEM. */
int ava_sync_over_time(const AvaEvidence *ev, const AvaTrackRows *const *tracks, size_t n, const uint8_t *speech,
                       const AvaSyncPeak *peak, AvaSyncTime *out);

/* Adds segments "speaking" (with track) and "voice-without-face", and each track's
 * share of speaking, at the file's offset. 0 or AVALIGN_ERR_NOMEM. */
int ava_speaking(const AvaEvidence *ev, const uint8_t *speech, double offset_ms, json_t *segments, json_t *track_extra);

#endif
