/* coder_lines.h -- the transforms of sound coders, taken of sound that has been decoded: the lines that a frame which
 * began at a given sample would have had. One const descriptor per coder; frame_grid.c looks for the place that fits. */
#ifndef AVA_CODER_LINES_H
#define AVA_CODER_LINES_H

#include <stdint.h>

enum { AVA_LINES_SNIP = 3072 /* samples that lines() is given */, AVA_LINES_MOST = 1024 };

typedef struct AvaCoderLines {
    const char *name;
    int period;          /* samples from frame to frame, and number of lines */
    int repeat;          /* of the short windows inside a frame; the period when these leave no trace */
    int behind;          /* where FFmpeg's decoder lets a frame begin, less the start of a block that it gives out */
    int low, high;       /* the lines that are looked at */
    int step, in_a_step; /* the order that is cheapest: offset (k % in_a_step) * step + k / in_a_step */
    void *(*open)(void); /* NULL when out of memory */
    void (*close)(void *);
    /* Lines of the frame that begins at `offset` of the snip, 0 to period - 1. What two offsets share is kept with the snip's address: other samples
     * under the same one need another offset % step first, as the cheapest order gives it, or to be opened anew. */
    void (*lines)(void *, const float snip[AVA_LINES_SNIP], int offset, float *out);
} AvaCoderLines;

extern const AvaCoderLines ava_aac_lines; /* MDCT of 1,024 lines, sine window (ISO/IEC 14496-3) */
extern const AvaCoderLines ava_mp3_lines; /* 32 bands of 18 lines each (ISO/IEC 11172-3, layer III) */

#endif
