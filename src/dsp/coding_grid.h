/* coding_grid.h -- traces of AAC and MP3 in sound that has been decoded: at the place where a coder's frames began, many lines of its
 * transform are almost zero, for it had rounded them to zero; one sample beside it they are not. After Yang, Shi and Huang,
 * "Defeating fake-quality MP3" (ACM MM&Sec 2009). */
#ifndef AVA_FRAME_GRID_H
#define AVA_FRAME_GRID_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "dsp/coder_lines.h"

enum { AVA_GRID_SNIPS = 40 };

typedef struct AvaCodingGrid AvaCodingGrid;

/* A grid of frames: they begin at the sample `offset`, counted from the sound's first, and every period of the coder after. */
typedef struct AvaGrid {
    const AvaCoderLines *coder;
    int offset;
    float strength;              /* deviations above the places around it */
    size_t n;                    /* loud places of the sound, in time order: */
    int64_t at[AVA_GRID_SNIPS];  /* where, samples */
    float here[AVA_GRID_SNIPS];  /* how much the grid stands out there, deviations */
} AvaGrid;

AvaCodingGrid *ava_coding_grid_new(void); /* NULL when out of memory */
void ava_coding_grid_free(AvaCodingGrid *g);
/* Interleaved samples, of which the first channel is looked at; contiguous from call to call. */
void ava_coding_grid_push(AvaCodingGrid *g, const float *x, size_t frames, int channels);
/* The coder's grids that stand out, the strongest first; at most `most`. -1 when out of memory. Takes a second or more: it ends, with
 * 0, when *cancel (NULL: never) is not 0. */
int ava_coding_grid_find(const AvaCodingGrid *g, const AvaCoderLines *coder, AvaGrid *out, int most, atomic_int *cancel);

#endif
