/* span.h -- how far a file's times may run ahead of what it holds. Inside src/media/. */
#ifndef AVA_SPAN_H
#define AVA_SPAN_H

#include <stdint.h>

enum { AVA_SPAN_VIDEO, AVA_SPAN_AUDIO, AVA_SPAN_SIDES };

typedef struct AvaSpan {
    int64_t content_us[AVA_SPAN_SIDES], last_us[AVA_SPAN_SIDES];
} AvaSpan;

/* A picture or a block of sound of length_us is shown at t_us, counted from the beginning. 0: so much time for so
 * little content is not believed. Work and memory of an analysis grow with time, holes or not, and a few bytes can
 * claim hours; a hole in one side costs nothing of the allowance while the other goes on. */
int ava_span_fits(AvaSpan *s, int side, int64_t t_us, int64_t length_us);

#endif
