/* timecode.h -- SMPTE time codes (ST 12-1): labels of frames, counted at the exact rate. */
#ifndef AVA_TIMECODE_H
#define AVA_TIMECODE_H

#include <stdint.h>

enum { AVA_TIMECODE = 24 }; /* room for one */

typedef struct AvaRate {
    int num, den; /* frames a second: 30000/1001 */
    int count;    /* frames in a second of labels: 30 */
    int drop;     /* drop-frame: labels left out so that they keep up with the clock */
} AvaRate;

/* rate: "30000/1001", what the file says; NULL, nonsense and rates that time codes don't know: the nearest whole number up to
 * 60 (over that: a half or a quarter of it), 25 without one. start: the file's own first time code, whose ";" asks for
 * drop-frame, or NULL. */
AvaRate ava_rate(const char *rate, const char *start);
/* The picture nearest to a time. */
int64_t ava_rate_frame(AvaRate r, double s);
/* "01:00:00:00" as the number of a frame; 0 when it is none. */
int64_t ava_timecode_frame(AvaRate r, const char *text);
void ava_timecode(AvaRate r, int64_t frame, char out[AVA_TIMECODE]);

#endif
