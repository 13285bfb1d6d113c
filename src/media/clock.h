/* clock.h -- one clock for the frames and the sound of a file, put right at the packets. Inside src/media/. */
#ifndef AVA_CLOCK_H
#define AVA_CLOCK_H

#include <libavcodec/avcodec.h>

#include "media/media.h"

enum { AVA_CLOCK_VIDEO, AVA_CLOCK_AUDIO, AVA_CLOCK_SIDES };

typedef struct AvaClock AvaClock;

/* discontinuous: the container may start its clock anew (MPEG-TS and PS, Ogg), so a jump ahead of both sides is one;
 * in all others it is a hole. st counts what is mended; the places of jumps count from zero_us. */
AvaClock *ava_clock_new(int discontinuous, int64_t zero_us, AvaMediaStats *st);
void ava_clock_free(AvaClock **c);
/* Takes what is in pkt, of a side whose stamps count in tb. 0, or -1 when out of memory. */
int ava_clock_put(AvaClock *c, AVPacket *pkt, int side, AVRational tb);
/* No more will come: what was held back is decided. */
void ava_clock_end(AvaClock *c);
/* The next packet whose stamps are right, in the order they were put; 0: none yet. */
int ava_clock_get(AvaClock *c, AVPacket *pkt, int *side);

#endif
