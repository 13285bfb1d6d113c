/* sync_pick.h -- which faces a file's sound is held against. */
#ifndef AVA_SYNC_SYNC_PICK_H
#define AVA_SYNC_SYNC_PICK_H

#include "analyze/sync/sync_curve.h"

typedef struct AvaSyncPick {
    const AvaTrackRows *track;
    AvaSyncCurve curve;
    AvaSyncPeak peak;
    double found; /* ava_sync_found(); -1: no peak */
} AvaSyncPick;

/* From the first on there is an answer; from the second on it tells of the file's parts, too. */
#define AVA_SYNC_ANSWERED 0.5
#define AVA_SYNC_SURE 0.8

/* All of a file's faces that are seen long enough, and the weight of its sound; made once, read by several analyzers. */
typedef struct AvaSyncFaces {
    uint8_t *speech; /* one of every sound vector, NULL: not made yet */
    AvaSyncPick *pick;
    size_t n, kept; /* as of ava_sync_pick() */
} AvaSyncFaces;

/* Finds them, if nobody did so before. 0 or AVALIGN_ERR_NOMEM. */
int ava_sync_faces_find(AvaSyncFaces *f, const AvaEvidence *ev);
void ava_sync_faces_free(AvaSyncFaces *f);

/* Fills out (room for ev->track.n) with every track long enough and returns their number. The
 * first *kept are the most telling face and, best first, every other that is never on screen
 * together with those before it. */
size_t ava_sync_pick(const AvaEvidence *ev, const uint8_t *speech, AvaSyncPick *out, size_t *kept);

#endif
