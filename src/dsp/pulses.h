/* pulses.h -- how the pulses of a voice arrive in two bands. Each closing of the glottis sounds at all frequencies at once, so the
 * envelopes of a low and a high band rise and fall together at the pitch. What was built anew from magnitudes alone (Griffin and Lim
 * 1984, mel inversion) has lost that; an all-pass, or a room, moves or smears it. */
#ifndef AVA_PULSES_H
#define AVA_PULSES_H

#include <stddef.h>

enum { AVA_PULSE_LAGS = 25, AVA_PULSE_MIDDLE = AVA_PULSE_LAGS / 2 };
#define AVA_PULSE_LAG_MS 0.5 /* from one to the next; over the middle: the high band comes later */

/* Of a second: sums over blocks of 100 ms of the correlation of the envelopes (250-900 and 1800-3800 Hz, 70-400 Hz of each) at every
 * lag, weighed by their strength, and of the weights. */
typedef struct AvaPulses {
    float sum[AVA_PULSE_LAGS], weight;
} AvaPulses;

typedef struct AvaPulseMeter AvaPulseMeter;
typedef int AvaPulseFn(void *cookie, const AvaPulses *second);

AvaPulseMeter *ava_pulse_meter_new(AvaPulseFn *second, void *cookie); /* 16 kHz; NULL when out of memory */
void ava_pulse_meter_free(AvaPulseMeter *m);
/* Contiguous from call to call; 0, or what the callback returned. */
int ava_pulse_meter_push(AvaPulseMeter *m, const float *x, size_t n);
/* The last second, which is not full. */
int ava_pulse_meter_flush(AvaPulseMeter *m);

#endif
