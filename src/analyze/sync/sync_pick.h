/* sync_pick.h -- which faces a file's sound is held against. */
#ifndef AVA_SYNC_SYNC_PICK_H
#define AVA_SYNC_SYNC_PICK_H

#include "analyze/sync/sync_curve.h"

typedef struct AvaSyncPick {
    const AvaTrackRows *track;
    AvaSyncCurve curve;
    AvaSyncPeak peak;
    double confidence; /* -1: no peak */
} AvaSyncPick;

/* Fills out (room for ev->track.n) with every track long enough and returns their number. The
 * first *kept are the most telling face and, best first, every other that is never on screen
 * together with those before it. */
size_t ava_sync_pick(const AvaEvidence *ev, const uint8_t *speech, AvaSyncPick *out, size_t *kept);

#endif
