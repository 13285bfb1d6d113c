/* channel_delay.c -- cross-correlates the first two channels second by second, through the spectrum. */
#include "dsp/channel_delay.h"

#include <kissfft/kiss_fftr.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 4096, FFT = 2 * BLOCK, BINS = FFT / 2 + 1 }; /* blocks are padded with zeros: no lag wraps around */

struct AvaDelayMeter {
    int rate, channels;
    AvaDelayFn *second;
    void *cookie;
    kiss_fftr_cfg ahead, back;
    float a[FFT], b[FFT]; /* their second halves stay zero */
    kiss_fft_cpx x[BINS], y[BINS], cross[BINS];
    double aa, bb, apart;
    size_t n, in_second;
};

AvaDelayMeter *ava_delay_meter_new(int rate, int channels, AvaDelayFn *second, void *cookie)
{
    AvaDelayMeter *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    *m = (AvaDelayMeter){ .rate = rate, .channels = channels, .second = second, .cookie = cookie,
                          .ahead = kiss_fftr_alloc(FFT, 0, NULL, NULL), .back = kiss_fftr_alloc(FFT, 1, NULL, NULL) };
    if (!m->ahead || !m->back) {
        ava_delay_meter_free(m);
        return NULL;
    }
    return m;
}

void ava_delay_meter_free(AvaDelayMeter *m)
{
    if (!m)
        return;
    kiss_fftr_free(m->ahead);
    kiss_fftr_free(m->back);
    free(m);
}

static void channel_delay_block(AvaDelayMeter *m)
{
    kiss_fftr(m->ahead, m->a, m->x);
    kiss_fftr(m->ahead, m->b, m->y);
    for (int k = 0; k < BINS; k++) { /* conj(X) Y: its transform peaks where b is a, later */
        m->cross[k].r += m->x[k].r * m->y[k].r + m->x[k].i * m->y[k].i;
        m->cross[k].i += m->x[k].r * m->y[k].i - m->x[k].i * m->y[k].r;
    }
    m->n = 0;
}

static int channel_delay_end_second(AvaDelayMeter *m)
{
    AvaChannelDelay d = { 0 };
    double norm = sqrt(m->aa * m->bb);
    int far = m->rate * 40 / 1000, best = 0;
    float c[FFT];
    if (far > BLOCK / 2)
        far = BLOCK / 2;
    if (m->aa > 1e-9 * m->rate && m->bb > 1e-9 * m->rate) {
        kiss_fftri(m->back, m->cross, c);
        for (int k = -far; k <= far; k++)
            if (fabsf(c[(k + FFT) % FFT]) > fabsf(c[(best + FFT) % FFT]))
                best = k;
        d.ms = (float)best * 1000 / (float)m->rate;
        double overlap = 1 - abs(best) / (double)BLOCK; /* of a block with itself, shifted */
        d.match = (float)(fabs((double)c[(best + FFT) % FFT]) / FFT / norm / overlap);
        d.same = (float)(1 - m->apart / (m->aa + m->bb));
    }
    memset(m->cross, 0, sizeof m->cross);
    m->aa = m->bb = m->apart = 0;
    m->in_second = 0;
    return m->second(m->cookie, &d);
}

int ava_delay_meter_push(AvaDelayMeter *m, const float *x, size_t frames)
{
    int rc = 0;
    for (size_t i = 0; i < frames && !rc; i++, x += m->channels) {
        double a = (double)x[0], b = (double)x[1];
        m->a[m->n] = x[0];
        m->b[m->n] = x[1];
        m->aa += a * a;
        m->bb += b * b;
        m->apart += (a - b) * (a - b);
        if (++m->n == BLOCK)
            channel_delay_block(m);
        if (++m->in_second == (size_t)m->rate)
            rc = channel_delay_end_second(m);
    }
    return rc;
}
