/* splice.h -- role splice: log odds, each 10 ms, that two recordings were put together there. */
#ifndef AVA_NETS_SPLICE_H
#define AVA_NETS_SPLICE_H

#include "infer/infer.h"

enum { AVA_SPLICE_HOP = 160 }; /* samples per answer */

typedef int AvaSpliceFn(void *cookie, const float *odds, size_t n); /* NAN: silence, not judged */

typedef struct AvaSplice AvaSplice;
int ava_splice_open(AvaSplice **out, AvalignModels *m, AvaSpliceFn *emit, void *cookie, AvalignErrorInfo *e);
void ava_splice_close(AvaSplice **s);
/* Takes 16 kHz samples; emits answers in order as they come. */
int ava_splice_push(AvaSplice *s, const float *pcm, size_t n, AvalignErrorInfo *e);
int ava_splice_flush(AvaSplice *s, AvalignErrorInfo *e);

#endif
