/* recent.c -- the last samples of a stream. */
#include "extract/recent.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = AVALIGN_SPEECH_RATE };

int ava_recent_open(AvaRecent *r, size_t room)
{
    *r = (AvaRecent){ .at = malloc(room * sizeof *r->at), .room = room };
    return r->at ? 0 : -1;
}

void ava_recent_close(AvaRecent *r)
{
    free(r->at);
    r->at = NULL;
}

void ava_recent_take(AvaRecent *r, const float **pcm, size_t *n)
{
    size_t take = *n < MOST ? *n : MOST;
    if (r->n + take > r->room) { /* a second at least, or every block would move all */
        size_t drop = r->n < MOST ? r->n : MOST;
        memmove(r->at, r->at + drop, (r->n - drop) * sizeof *r->at);
        r->n -= drop;
        r->base += (int64_t)drop;
    }
    memcpy(r->at + r->n, *pcm, take * sizeof **pcm);
    r->n += take;
    *pcm += take;
    *n -= take;
}

const float *ava_recent_span(const AvaRecent *r, int64_t *from, int64_t *to)
{
    *from = *from < r->base ? r->base : *from;
    *to = *to > ava_recent_end(r) ? ava_recent_end(r) : *to;
    return r->at + (*from - r->base);
}
