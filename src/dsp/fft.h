/* fft.h -- real FFT (kissfft). */
#ifndef AVA_FFT_H
#define AVA_FFT_H

#include <stddef.h>

typedef struct AvaFft AvaFft;

AvaFft *ava_fft_new(size_t n); /* n even; NULL when out of memory */
void ava_fft_free(AvaFft *f);
/* power[k] = |X_k|^2, k = 0..n/2. */
void ava_fft_power(AvaFft *f, const float *x, float *power);

#endif
