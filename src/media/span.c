/* span.c -- five minutes of holes are free; beyond, four fifths of the time may be holes. */
#include "media/span.h"

#include <stdlib.h>

static const int64_t FREE_US = 300000000, LONGEST_US = 1000000; /* a frame stands for a second at most */
enum { TIMES = 4 };

int ava_span_fits(AvaSpan *s, int side, int64_t t_us, int64_t length_us)
{
    int64_t gone = side == AVA_SPAN_VIDEO && s->content_us[side] ? llabs(t_us - s->last_us[side]) : length_us;
    s->content_us[side] += gone < LONGEST_US ? gone : LONGEST_US;
    s->last_us[side] = t_us;
    int64_t most = s->content_us[0] > s->content_us[1] ? s->content_us[0] : s->content_us[1];
    return t_us <= FREE_US + TIMES * most;
}
