/* vad.h -- role vad: speech probability of each 32 ms of 16 kHz sound. */
#ifndef AVA_NETS_VAD_H
#define AVA_NETS_VAD_H

#include "infer/infer.h"

enum { AVA_VAD_HOP = 512 }; /* samples per probability */

typedef struct AvaVad AvaVad;

typedef int AvaVadFn(void *cookie, const float *probability, size_t n);

int ava_vad_open(AvaVad **out, AvalignModels *m, AvaVadFn *emit, void *cookie, AvalignErrorInfo *e);
void ava_vad_close(AvaVad **v);
/* Takes 16 kHz samples in [-1,1]; emits probabilities in order as they come. */
int ava_vad_push(AvaVad *v, const float *pcm, size_t n, AvalignErrorInfo *e);
int ava_vad_flush(AvaVad *v, AvalignErrorInfo *e); /* end of sound: pads the last window with zeros */

#endif
