/* aac_lines.c -- AAC's long frame: a DCT-IV of 2,048 windowed samples folded to 1,024, by a complex transform of half its length. */
#include <kissfft/kiss_fft.h>
#include <math.h>
#include <stdlib.h>

#include "dsp/coder_lines.h"

enum { N = 1024 };

typedef struct Mdct {
    kiss_fft_cfg fft;
    float window[2 * N];
    kiss_fft_cpx twist[N / 2];
} Mdct;

static void *mdct_new(void)
{
    Mdct *m = malloc(sizeof *m);
    if (!m || !(m->fft = kiss_fft_alloc(N / 2, 0, NULL, NULL))) {
        free(m);
        return NULL;
    }
    for (int i = 0; i < 2 * N; i++)
        m->window[i] = (float)sin(M_PI / (2 * N) * (i + .5));
    for (int i = 0; i < N / 2; i++)
        m->twist[i] = (kiss_fft_cpx){ (float)cos(M_PI / N * (i + .125)), (float)-sin(M_PI / N * (i + .125)) };
    return m;
}

static void mdct_free(void *state)
{
    Mdct *m = state;
    kiss_fft_free(m->fft);
    free(m);
}

static void mdct(void *state, const float snip[AVA_LINES_SNIP], int offset, float *out)
{
    const Mdct *m = state;
    const float *x = snip + offset, *w = m->window;
    float u[N];
    for (int i = 0; i < N / 2; i++) {
        u[i] = -x[3 * N / 2 - 1 - i] * w[3 * N / 2 - 1 - i] - x[3 * N / 2 + i] * w[3 * N / 2 + i];
        u[N / 2 + i] = x[i] * w[i] - x[N - 1 - i] * w[N - 1 - i];
    }
    kiss_fft_cpx in[N / 2], f[N / 2];
    for (int i = 0; i < N / 2; i++) {
        float a = u[2 * i], b = u[N - 1 - 2 * i];
        in[i] = (kiss_fft_cpx){ a * m->twist[i].r - b * m->twist[i].i, a * m->twist[i].i + b * m->twist[i].r };
    }
    kiss_fft(m->fft, in, f);
    for (int i = 0; i < N / 2; i++) {
        out[2 * i] = f[i].r * m->twist[i].r - f[i].i * m->twist[i].i;
        out[N - 1 - 2 * i] = -(f[i].r * m->twist[i].i + f[i].i * m->twist[i].r);
    }
}

const AvaCoderLines ava_aac_lines = { "aac", N, 128, 0, 8, 704, 0, 1, mdct_new, mdct_free, mdct };
