/* recent.h -- the last samples of a stream, for stages that cut windows out of it once they know where these end. */
#ifndef AVA_RECENT_H
#define AVA_RECENT_H

#include <stddef.h>
#include <stdint.h>

#include "avalign/avalign.h"

typedef struct AvaRecent {
    float *at;    /* at[0] is sample number `base` of the stream */
    size_t n, room;
    int64_t base;
} AvaRecent;

/* 0 or -1 (out of memory). room: samples, more than a second of them */
int ava_recent_open(AvaRecent *r, size_t room);
void ava_recent_close(AvaRecent *r);
/* Takes up to a second off the front of *pcm; the oldest goes where there is no room. */
void ava_recent_take(AvaRecent *r, const float **pcm, size_t *n);
/* The number of the sample to come. */
static inline int64_t ava_recent_end(const AvaRecent *r) { return r->base + (int64_t)r->n; }
/* Samples *from to *to (not with it), both moved to what is still here. */
const float *ava_recent_span(const AvaRecent *r, int64_t *from, int64_t *to);

#endif
