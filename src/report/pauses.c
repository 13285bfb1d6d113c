/* pauses.c -- the silence between words. */
#include "report/pauses.h"

#include <string.h>

int64_t ava_pause_before(const AvalignResult *r, size_t i)
{
    const AvaWord *x = &r->found.transcript.word.at[i];
    const AvaSegmentList *l = &r->found.segment;
    int64_t from = i ? x[-1].start_us : x->start_us, silent = x->start_us - from;
    for (size_t k = 0; k < l->n; k++) {
        const AvaSegment *s = &l->at[k];
        int64_t a = s->start_us > from ? s->start_us : from, b = s->end_us < x->start_us ? s->end_us : x->start_us;
        if (!strcmp(s->kind, "speech") && b > a)
            silent -= b - a;
    }
    return silent;
}
