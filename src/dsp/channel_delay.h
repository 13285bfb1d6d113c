/* channel_delay.h -- how the first two channels of the sound go together, second by second: by how much one is the other one later,
 * from the peak of their cross-correlation within +-40 ms. */
#ifndef AVA_CHANNEL_DELAY_H
#define AVA_CHANNEL_DELAY_H

#include <stddef.h>

/* Of one second. */
typedef struct AvaChannelDelay {
    float ms;    /* above zero: the second channel comes later */
    float match; /* normalised cross-correlation there, [0,1]; of either sign. 0: one of them silent */
    float same;  /* share of the power that is in both alike, without a delay: 1 - |a-b|^2 / (|a|^2 + |b|^2), [-1,1] */
} AvaChannelDelay;

typedef struct AvaDelayMeter AvaDelayMeter;
typedef int AvaDelayFn(void *cookie, const AvaChannelDelay *second);

AvaDelayMeter *ava_delay_meter_new(int rate, int channels, AvaDelayFn *second, void *cookie); /* two channels or more; NULL when out of memory */
void ava_delay_meter_free(AvaDelayMeter *m);
/* Interleaved samples, contiguous from call to call. 0, or what the callback returned. */
int ava_delay_meter_push(AvaDelayMeter *m, const float *x, size_t frames);

#endif
