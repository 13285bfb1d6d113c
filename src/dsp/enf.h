/* enf.h -- mains hum: its lines at 50 and 60 Hz and twice that, as slow complex envelopes. The phase of hum runs on evenly for as long
 * as a recording does and jumps where something was cut out or put in (Nicolalde and Apolinario, "Evaluating digital audio
 * authenticity with spectral distances and ENF phase change", ICASSP 2009). */
#ifndef AVA_ENF_H
#define AVA_ENF_H

#include <stddef.h>

enum { AVA_ENF_LINES = 4, AVA_ENF_BLOCK_MS = 100 };
extern const float ava_enf_hz[AVA_ENF_LINES];

/* Of 100 ms of sound: each line's amplitude and phase against a clock that starts with the sound. */
typedef struct AvaEnf {
    float re[AVA_ENF_LINES], im[AVA_ENF_LINES];
} AvaEnf;

typedef struct AvaEnfFilter AvaEnfFilter;
typedef int AvaHumFn(void *cookie, const AvaEnf *block);

AvaEnfFilter *ava_enf_new(int rate, AvaHumFn *block, void *cookie); /* NULL when out of memory */
void ava_enf_free(AvaEnfFilter *h);
/* Contiguous from call to call; 0, or what the callback returned. */
int ava_enf_push(AvaEnfFilter *h, const float *x, size_t n);

#endif
