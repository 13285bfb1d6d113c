/* background.h -- role background: is music, or another voice, heard under the one that speaks? Optional: a model directory
 * without it leaves the question open. */
#ifndef AVA_NETS_BACKGROUND_H
#define AVA_NETS_BACKGROUND_H

#include "infer/infer.h"

enum { AVA_BACKGROUND_WINDOW = 48000, AVA_BACKGROUND_HOP = 24000 }; /* samples */

typedef struct AvaBackground {
    int64_t start_us, end_us; /* since the first sample */
    float music, voices;      /* log odds */
} AvaBackground;

typedef int AvaBackgroundFn(void *cookie, const AvaBackground *b, size_t n);

typedef struct AvaBackgroundNet AvaBackgroundNet;
int ava_background_open(AvaBackgroundNet **out, AvalignModels *m, AvaBackgroundFn *emit, void *cookie, AvalignErrorInfo *e);
void ava_background_close(AvaBackgroundNet **b);
int ava_background_push(AvaBackgroundNet *b, const float *pcm, size_t n, AvalignErrorInfo *e); /* 16 kHz mono */
/* What is left, if it is a second at least. */
int ava_background_flush(AvaBackgroundNet *b, AvalignErrorInfo *e);

#endif
