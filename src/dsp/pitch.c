/* pitch.c -- normalised square difference by FFT, the first high peak of it. */
#include "dsp/pitch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* At 8 kHz after a short low-pass: lags of 19 (421 Hz) to 133 samples (60 Hz). */
enum { N = AVA_PITCH_WIN / 2, MIN_LAG = 19, MAX_LAG = 133 };
static const float CLEAR = 0.6f, NEAR_BEST = 0.85f;

struct AvaPitch {
    float x[N], square[N + 1], nsdf[MAX_LAG + 2];
};

AvaPitch *ava_pitch_new(void) { return calloc(1, sizeof(AvaPitch)); }
void ava_pitch_free(AvaPitch *p) { free(p); }

float ava_pitch_frame(AvaPitch *p, const float w[AVA_PITCH_WIN])
{
    float mean = 0, best = 0;
    for (int i = 0; i < N; i++) {
        p->x[i] = 0.25f * w[2 * i > 0 ? 2 * i - 1 : 0] + 0.5f * w[2 * i] + 0.25f * w[2 * i + 1];
        mean += p->x[i] / N;
    }
    for (int i = 0; i < N; i++) {
        p->x[i] -= mean;
        p->square[i + 1] = p->square[i] + p->x[i] * p->x[i];
    }
    if (p->square[N] < 1e-7f * N)
        return 0;
    for (int lag = MIN_LAG - 1; lag <= MAX_LAG + 1; lag++) {
        float r = 0;
        for (int i = 0; i + lag < N; i++)
            r += p->x[i] * p->x[i + lag];
        float m = p->square[N - lag] + p->square[N] - p->square[lag];
        p->nsdf[lag] = m > 0 ? 2 * r / m : 0;
    }
    for (int lag = MIN_LAG; lag <= MAX_LAG; lag++)
        if (p->nsdf[lag] >= p->nsdf[lag - 1] && p->nsdf[lag] > p->nsdf[lag + 1])
            best = fmaxf(best, p->nsdf[lag]);
    if (best < CLEAR)
        return 0;
    for (int lag = MIN_LAG; lag <= MAX_LAG; lag++) { /* the first peak that is nearly as high as the best: no octave below */
        float a = p->nsdf[lag - 1], b = p->nsdf[lag], c = p->nsdf[lag + 1];
        if (b < a || b <= c || b < NEAR_BEST * best)
            continue;
        float bend = a - 2 * b + c;
        return 8000.f / ((float)lag + (bend < 0 ? 0.5f * (a - c) / bend : 0));
    }
    return 0;
}
