/* fft.c -- a real FFT of one size and its buffers. */
#include "dsp/fft.h"

#include <kissfft/kiss_fftr.h>
#include <stdlib.h>

struct AvaFft {
    kiss_fftr_cfg cfg;
    kiss_fft_cpx *out;
    size_t n;
};

AvaFft *ava_fft_new(size_t n)
{
    AvaFft *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->n = n;
    f->cfg = kiss_fftr_alloc((int)n, 0, NULL, NULL);
    f->out = malloc((n / 2 + 1) * sizeof *f->out);
    if (!f->cfg || !f->out) {
        ava_fft_free(f);
        return NULL;
    }
    return f;
}

void ava_fft_free(AvaFft *f)
{
    if (!f)
        return;
    kiss_fftr_free(f->cfg);
    free(f->out);
    free(f);
}

void ava_fft_power(AvaFft *f, const float *x, float *power)
{
    kiss_fftr(f->cfg, x, f->out);
    for (size_t k = 0; k <= f->n / 2; k++)
        power[k] = f->out[k].r * f->out[k].r + f->out[k].i * f->out[k].i;
}
