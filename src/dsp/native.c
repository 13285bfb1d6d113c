/* native.c -- counts zeros, clipping, channels and bandwidth while the sound goes by. */
#include "dsp/native.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/fft.h"

enum { FFT = 2048, BINS = FFT / 2 + 1, BANDS = 64 };
static const float FLOOR_DB = -120, DEEP_DB = 20;

struct AvaNative {
    int rate, channels;
    AvaNativeFrameFn *frame;
    AvaNativeBandFn *band;
    void *cookie;
    AvaFft *fft;
    size_t in_frame, in_second; /* samples gathered so far */
    uint64_t frames, samples;   /* frames ended; samples heard: 22050 Hz has no whole number of samples in 10 ms */
    double square, zero, xx, yy, xy, second_square;
    float mono[FFT], window[FFT], power[BINS];
    double top[BINS]; /* highest power of the second */
    size_t n_mono;
};

AvaNative *ava_native_new(int rate, int channels, AvaNativeFrameFn *frame, AvaNativeBandFn *band, void *cookie)
{
    AvaNative *n = calloc(1, sizeof *n);
    if (!n || !(n->fft = ava_fft_new(FFT))) {
        free(n);
        return NULL;
    }
    n->rate = rate;
    n->channels = channels;
    n->frame = frame;
    n->band = band;
    n->cookie = cookie;
    for (int i = 0; i < FFT; i++)
        n->window[i] = (float)(.5 - .5 * cos(2 * M_PI * i / FFT));
    return n;
}

void ava_native_free(AvaNative *n)
{
    if (!n)
        return;
    ava_fft_free(n->fft);
    free(n);
}

static float db(double power) { return (float)(10 * log10(fmax(power, 1e-12))); }

static int end_frame(AvaNative *n)
{
    double all = (double)(n->in_frame * (size_t)n->channels), both = sqrt(n->xx * n->yy);
    AvaNativeFrame f = { .level_db = db(n->square / all), .zeros = (float)(n->zero / all),
                         .correlation = n->channels > 1 && n->xx > 1e-9 * all && n->yy > 1e-9 * all ? (float)(n->xy / both) : NAN };
    n->square = n->zero = n->xx = n->yy = n->xy = 0;
    n->in_frame = 0;
    n->frames++;
    return n->frame(n->cookie, &f);
}

/* Where the spectrum is far lower a little higher up, and stays so to the end: the lowest band whose step is not much smaller than
 * the deepest. Speech falls off too, but not in one step. */
static int native_end_second(AvaNative *n)
{
    float level[BANDS], step[BANDS] = { 0 }, after = FLOOR_DB;
    AvaBand b = { .cutoff_hz = (float)n->rate / 2, .level_db = db(n->second_square / (double)(n->in_second * (size_t)n->channels)) };
    for (int k = 0; k < BANDS; k++) {
        double sum = 0;
        for (int i = 1 + k * (FFT / 2) / BANDS; i <= (k + 1) * (FFT / 2) / BANDS; i++)
            sum += n->top[i];
        level[k] = db(sum / (FFT / 2. / BANDS) / (FFT * FFT / 16.));
    }
    for (int k = BANDS - 3; k > 4; k--) { /* the band between may lie half in, half out */
        after = fmaxf(after, level[k + 2]);
        step[k] = level[k] - after;
        b.step_db = fmaxf(b.step_db, step[k]);
    }
    for (int k = 5; k < BANDS - 2 && b.step_db > DEEP_DB; k++)
        if (step[k] > .7f * b.step_db) {
            b.cutoff_hz = ((float)k + 1.2f) * (float)n->rate / 2 / BANDS;
            break;
        }
    b.step_db = b.step_db > DEEP_DB ? b.step_db : 0;
    memset(n->top, 0, sizeof n->top);
    n->in_second = 0;
    n->second_square = 0;
    return n->band(n->cookie, &b);
}

int ava_native_push(AvaNative *n, const float *x, size_t frames)
{
    int rc = 0;
    for (size_t i = 0; i < frames && !rc; i++, x += n->channels) {
        float sum = 0;
        for (int c = 0; c < n->channels; c++) {
            n->square += (double)x[c] * x[c];
            n->second_square += (double)x[c] * x[c];
            n->zero += x[c] == 0; /* exactly: what no microphone gives */
            sum += x[c];
        }
        if (n->channels > 1) {
            n->xx += (double)x[0] * x[0];
            n->yy += (double)x[1] * x[1];
            n->xy += (double)x[0] * x[1];
        }
        n->mono[n->n_mono++] = sum / (float)n->channels;
        if (n->n_mono == FFT) {
            float w[FFT];
            for (int k = 0; k < FFT; k++)
                w[k] = n->mono[k] * n->window[k];
            ava_fft_power(n->fft, w, n->power);
            for (int k = 0; k < BINS; k++)
                n->top[k] = fmax(n->top[k], (double)n->power[k]);
            n->n_mono = 0;
        }
        n->in_frame++;
        if (++n->samples == (n->frames + 1) * (uint64_t)n->rate / 100)
            rc = end_frame(n);
        if (++n->in_second == (size_t)n->rate && !rc)
            rc = native_end_second(n);
    }
    return rc;
}
