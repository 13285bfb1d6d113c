/* lipsync.h -- inside lip sync: its parts, as lipsync.c puts them together. */
#ifndef AVA_SYNC_LIPSYNC_H
#define AVA_SYNC_LIPSYNC_H

#include "analyze/sync/sync_curve.h"
#include "evidence/results.h"

/* sync_time.c: repeatability, interval, drift, steps, windows and dropouts. tracks: faces never on screen together; peak: of their joint curve.
 * 0 or AVALIGN_ERR_NOMEM. */
int ava_sync_over_time(const AvaEvidence *ev, const AvaTrackRows *const *tracks, size_t n, const uint8_t *speech,
                       const AvaSyncPeak *peak, AvaSyncResult *out);

/* speaking.c: adds segments "speaking" (with track) and "voice-without-face", and the share of speaking of each track that lip
 * sync looked at, at the file's offset. 0 or AVALIGN_ERR_NOMEM. */
int ava_speaking(const AvaEvidence *ev, const uint8_t *speech, double offset_ms, AvaAnalysisOutput *out);

#endif
