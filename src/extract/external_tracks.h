/* external_tracks.h -- the caller's face tracking as a JSON document. */
#ifndef AVA_EXTERNAL_TRACKS_H
#define AVA_EXTERNAL_TRACKS_H

#include "track/tracker.h"

typedef struct AvaExternalTracks AvaExternalTracks;

/* Reads and checks a document; what stood in *out goes when it is good, and stays when it is not. max_memory: for
 * the series on the times of the faces. */
int ava_external_tracks_read(AvaExternalTracks **out, const char *json, size_t size, uint64_t max_memory, AvalignErrorInfo *e);
void ava_external_tracks_free(AvaExternalTracks **t);
/* Do its times, span_s, come within a second of these? A document without frames does. */
int ava_external_tracks_meet(const AvaExternalTracks *t, int64_t from_us, int64_t to_us, double span_s[2]);
int ava_external_tracks_feed(const AvaExternalTracks *given, AvaTracker *t, AvalignErrorInfo *e);

#endif
