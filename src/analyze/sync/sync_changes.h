/* sync_changes.h -- drift, steps and dropouts, from the offsets of windows. */
#ifndef AVA_SYNC_SYNC_CHANGES_H
#define AVA_SYNC_SYNC_CHANGES_H

#include "evidence/results.h"

enum { AVA_SYNC_WINDOW = 100, AVA_SYNC_WINDOW_HOP = 25 }; /* rows; windows overlap */

/* Windows for drift and steps, into out (room for n): those that are near the file's offset, or sure of themselves with others like
 * them beside them. Their number. */
size_t ava_sync_near_or_together(const AvaSyncWindow *w, size_t n, double offset_ms, AvaSyncWindow *out);

/* Where the file has no offset, for sound and picture run at different speeds: the windows along the line that most pairs of
 * them agree on (after Theil and Sen), into out; 0 when fewer than six in ten lie there. */
size_t ava_sync_along_a_line(const AvaSyncWindow *w, size_t n, AvaSyncWindow *out);

/* Are they enough to tell a drift or a step from chance? */
int ava_sync_enough(const AvaSyncWindow *w, size_t n);

/* Drift and steps, from windows in time order; when they are not enough, out stays as it is. 0 or -1 when out of memory. */
int ava_sync_changes(const AvaSyncWindow *w, size_t n, AvaSyncResult *out);

/* Where the match drops out, from out->window, in a file whose mouth and sound belong together. 0 or -1. */
int ava_sync_dropouts(AvaSyncResult *out);

#endif
