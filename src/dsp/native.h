/* native.h -- what is seen of the sound at its own rate, before it is made 16 kHz mono: digital
 * silence, how the channels go together, how far up the spectrum reaches. */
#ifndef AVA_NATIVE_H
#define AVA_NATIVE_H

#include <stddef.h>

/* Of 10 ms. */
typedef struct AvaNativeFrame {
    float level_db;     /* RMS over all channels, dBFS; -120 at the least */
    float zeros;        /* share of the samples that are exactly zero, [0,1] */
    float correlation;  /* of the first two channels, [-1,1]; NAN: mono, or one of them silent */
} AvaNativeFrame;

/* Of one second. */
typedef struct AvaBand {
    float cutoff_hz; /* where the spectrum ends in a step; half the sampling rate when there is none */
    float step_db;   /* how deep the step is */
    float level_db;  /* RMS of what was heard, dBFS */
} AvaBand;

typedef struct AvaNative AvaNative;
typedef int AvaNativeFrameFn(void *cookie, const AvaNativeFrame *f);
typedef int AvaNativeBandFn(void *cookie, const AvaBand *b);

AvaNative *ava_native_new(int rate, int channels, AvaNativeFrameFn *frame, AvaNativeBandFn *band, void *cookie); /* NULL when out of memory */
void ava_native_free(AvaNative *n);
/* Interleaved samples, contiguous from call to call. 0, or what a callback returned. */
int ava_native_push(AvaNative *n, const float *x, size_t frames);

#endif
