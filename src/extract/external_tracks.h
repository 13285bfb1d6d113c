/* external_tracks.h -- the caller's face tracking as a JSON document. */
#ifndef AVA_EXTERNAL_TRACKS_H
#define AVA_EXTERNAL_TRACKS_H

#include <jansson.h>

#include "track/tracker.h"

int ava_given_check(const json_t *doc, AvalignErrorInfo *e);
int ava_given_feed(const json_t *doc, AvaTracker *t, AvalignErrorInfo *e);

#endif
