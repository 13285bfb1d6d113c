/* enf.c -- mixes the mains' lines down to slow complex envelopes. */
#include "dsp/enf.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

const float ava_enf_hz[AVA_ENF_LINES] = { 50, 100, 60, 120 };

struct AvaEnfFilter {
    AvaHumFn *block;
    void *cookie;
    size_t size, n; /* samples of a block, and gathered */
    /* A block holds whole periods of every line, so one block's clock serves all: one period's place times the window. */
    float *cosine[AVA_ENF_LINES], *sine[AVA_ENF_LINES];
    double re[AVA_ENF_LINES], im[AVA_ENF_LINES];
};

AvaEnfFilter *ava_enf_new(int rate, AvaHumFn *block, void *cookie)
{
    AvaEnfFilter *h = calloc(1, sizeof *h);
    if (!h)
        return NULL;
    h->block = block;
    h->cookie = cookie;
    h->size = (size_t)rate * AVA_ENF_BLOCK_MS / 1000;
    for (int k = 0; k < AVA_ENF_LINES; k++) {
        if (!(h->cosine[k] = malloc(h->size * sizeof(float))) || !(h->sine[k] = malloc(h->size * sizeof(float)))) {
            ava_enf_free(h);
            return NULL;
        }
        for (size_t i = 0; i < h->size; i++) {
            double w = (1 - cos(2 * M_PI * ((double)i + .5) / (double)h->size)) / (double)h->size, a = 2 * M_PI * (double)ava_enf_hz[k] * (double)i / rate;
            h->cosine[k][i] = (float)(w * cos(a));
            h->sine[k][i] = (float)(-w * sin(a));
        }
    }
    return h;
}

void ava_enf_free(AvaEnfFilter *h)
{
    if (!h)
        return;
    for (int k = 0; k < AVA_ENF_LINES; k++) {
        free(h->cosine[k]);
        free(h->sine[k]);
    }
    free(h);
}

static int end_block(AvaEnfFilter *h)
{
    AvaEnf b;
    for (int k = 0; k < AVA_ENF_LINES; k++) {
        b.re[k] = (float)h->re[k];
        b.im[k] = (float)h->im[k];
        h->re[k] = h->im[k] = 0;
    }
    h->n = 0;
    return h->block(h->cookie, &b);
}

int ava_enf_push(AvaEnfFilter *h, const float *x, size_t n)
{
    int rc = 0;
    while (n && !rc) {
        size_t take = h->size - h->n < n ? h->size - h->n : n;
        for (int k = 0; k < AVA_ENF_LINES; k++) {
            const float *c = h->cosine[k] + h->n, *s = h->sine[k] + h->n;
            float re = 0, im = 0;
            for (size_t i = 0; i < take; i++) {
                re += x[i] * c[i];
                im += x[i] * s[i];
            }
            h->re[k] += (double)re;
            h->im[k] += (double)im;
        }
        h->n += take;
        x += take;
        n -= take;
        if (h->n == h->size)
            rc = end_block(h);
    }
    return rc;
}
