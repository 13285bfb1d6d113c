/* pulses.c -- envelopes of two bands, and how their pulses agree and decay. */
#include "dsp/pulses.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/window.h"

enum { RATE = 16000, DOWN = 8, SLOW = RATE / DOWN, BLOCK = SLOW / 10, STEP = BLOCK / 2, EDGE = AVA_PULSE_MIDDLE, ROOM = BLOCK + 2 * EDGE, STEPS = SLOW / STEP };

typedef struct Biquad {
    double b0, b1, b2, a1, a2, x1, x2;
} Biquad;

/* Second-order Butterworth (Bristow-Johnson's cookbook, Q = 1/sqrt 2). */
static Biquad section(double hz, double rate, int high)
{
    double w = 2 * M_PI * hz / rate, c = cos(w), alpha = sin(w) / M_SQRT2, b = high ? (1 + c) / 2 : (1 - c) / 2, a0 = 1 + alpha;
    return (Biquad){ b / a0, (high ? -2 : 2) * b / a0, b / a0, -2 * c / a0, (1 - alpha) / a0, 0, 0 };
}

static double pass(Biquad *q, double x)
{
    double y = q->b0 * x + q->x1;
    q->x1 = q->b1 * x - q->a1 * y + q->x2;
    q->x2 = q->b2 * x - q->a2 * y;
    return y;
}

typedef struct Band {
    Biquad above, below, smooth, slow_above, slow_below;
    float envelope[ROOM];
    size_t n;
} Band;

struct AvaPulseMeter {
    AvaPulseFn *second;
    void *cookie;
    Band low, high;
    int phase, steps;
    AvaPulses now;
};

static void band_open(Band *b, double from, double to)
{
    b->above = section(from, RATE, 1);
    b->below = section(to, RATE, 0);
    b->smooth = section(600, RATE, 0);
    b->slow_above = section(70, SLOW, 1);
    b->slow_below = section(400, SLOW, 0);
}

AvaPulseMeter *ava_pulse_meter_new(AvaPulseFn *second, void *cookie)
{
    AvaPulseMeter *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->second = second;
    m->cookie = cookie;
    band_open(&m->low, 250, 900);
    band_open(&m->high, 1800, 3800);
    return m;
}

void ava_pulse_meter_free(AvaPulseMeter *m) { free(m); }

static void pulses_block(AvaPulseMeter *m)
{
    const float *a = m->low.envelope + EDGE, *b = m->high.envelope;
    double aa = 0, bb = 0, ab[AVA_PULSE_LAGS] = { 0 };
    for (int i = 0; i < BLOCK; i++) {
        aa += (double)a[i] * (double)a[i];
        bb += (double)b[EDGE + i] * (double)b[EDGE + i];
        for (int k = 0; k < AVA_PULSE_LAGS; k++)
            ab[k] += (double)(a[i] * b[i + k]);
    }
    double norm = sqrt(aa * bb), weight = sqrt(norm);
    if (norm < 1e-12) /* silence */
        return;
    for (int k = 0; k < AVA_PULSE_LAGS; k++)
        m->now.sum[k] += (float)(ab[k] / norm * weight);
    m->now.weight += (float)weight;
}

static void pulses_envelope(Band *b, double x, int keep)
{
    double e = pass(&b->smooth, fabs(pass(&b->below, pass(&b->above, x))));
    if (keep)
        b->envelope[b->n++] = (float)pass(&b->slow_below, pass(&b->slow_above, e));
}

static int pulses_give(AvaPulseMeter *m)
{
    AvaPulses now = m->now;
    m->steps = 0;
    memset(&m->now, 0, sizeof m->now);
    return m->second(m->cookie, &now);
}

int ava_pulse_meter_flush(AvaPulseMeter *m) { return m->steps ? pulses_give(m) : 0; }

int ava_pulse_meter_push(AvaPulseMeter *m, const float *x, size_t n)
{
    int rc = 0;
    for (size_t i = 0; i < n && !rc; i++) {
        int keep = m->phase == 0;
        m->phase = (m->phase + 1) % DOWN;
        pulses_envelope(&m->low, (double)x[i], keep);
        pulses_envelope(&m->high, (double)x[i], keep);
        if (m->low.n < ROOM)
            continue;
        pulses_block(m);
        ava_window_step(m->low.envelope, &m->low.n, STEP);
        ava_window_step(m->high.envelope, &m->high.n, STEP);
        rc = ++m->steps == STEPS ? pulses_give(m) : 0;
    }
    return rc;
}
