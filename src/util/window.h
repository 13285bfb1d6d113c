/* window.h -- windows that overlap, cut from a stream of samples. */
#ifndef AVA_WINDOW_H
#define AVA_WINDOW_H

#include <stddef.h>
#include <string.h>

/* Moves samples from *pcm (*left of them) to the end of buf, which holds *n of size. 1 when it is full then. */
static inline int ava_window_fill(float *buf, size_t *n, size_t size, const float **pcm, size_t *left)
{
    size_t take = size - *n < *left ? size - *n : *left;
    memcpy(buf + *n, *pcm, take * sizeof *buf);
    *n += take;
    *pcm += take;
    *left -= take;
    return *n == size;
}

/* Drops the first step samples. */
static inline void ava_window_step(float *buf, size_t *n, size_t step)
{
    *n -= step;
    memmove(buf, buf + step, *n * sizeof *buf);
}

#endif
