/* hum.h -- mains hum: its lines at 50 and 60 Hz and twice that, as slow complex envelopes. The phase of hum runs on evenly for as long
 * as a recording does and jumps where something was cut out or put in (Nicolalde and Apolinario, "Evaluating digital audio
 * authenticity with spectral distances and ENF phase change", ICASSP 2009). */
#ifndef AVA_HUM_H
#define AVA_HUM_H

#include <stddef.h>

enum { AVA_HUM_LINES = 4, AVA_HUM_BLOCK_MS = 100 };
extern const float ava_hum_hz[AVA_HUM_LINES];

/* Of 100 ms of sound: each line's amplitude and phase against a clock that starts with the sound. */
typedef struct AvaHum {
    float re[AVA_HUM_LINES], im[AVA_HUM_LINES];
} AvaHum;

typedef struct AvaHumFilter AvaHumFilter;
typedef int AvaHumFn(void *cookie, const AvaHum *block);

AvaHumFilter *ava_hum_new(int rate, AvaHumFn *block, void *cookie); /* NULL when out of memory */
void ava_hum_free(AvaHumFilter *h);
/* Contiguous from call to call; 0, or what the callback returned. */
int ava_hum_push(AvaHumFilter *h, const float *x, size_t n);

#endif
