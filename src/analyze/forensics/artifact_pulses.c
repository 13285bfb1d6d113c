/* artifact_pulses.c -- do the pulses of the voice arrive in all bands at once? docs/accuracy.md has what real voices, rooms, codecs and
 * copies from magnitudes measure. */
#include <math.h>
#include <stdlib.h>

#include "analyze/forensics/artifact_finders.h"
#include "util/sort.h"

enum { SECOND_US = 1000000, LEAST = 2 /* seconds with voice */, SIDE = 3 /* likewise, on either side of a change */ };
static const double VOICE = .3 /* share of a second */, PEAK = .6 /* of the highest */;
static const double SMEARED = .3, ECHO = .2; /* under which the bands do not agree: where no room is heard, and at all */
static const double COHERENT = .3;           /* over which their delay can be told */
static const double DRY_DB = 8;
static const double USUAL_MS = -.3, ODD_MS = 1.5, JUMP_MS = 1.5;


static double voice_in(const AvaEvidence *ev, size_t second)
{
    double sum = 0;
    for (int k = 0; k < 10; k++)
        sum += ava_voiced_at(ev, ava_second_us(ev, second) + k * SECOND_US / 10 + SECOND_US / 20) > .5f;
    return sum / 10;
}

/* The peak nearest to zero of those that are nearly as high as the highest: a high voice has one in every period. */
static double delay_of(const double *c)
{
    int best = -1;
    double top = 0;
    for (int k = 0; k < AVA_PULSE_LAGS; k++)
        top = fmax(top, c[k]);
    for (int k = 1; k + 1 < AVA_PULSE_LAGS; k++)
        if (c[k] >= c[k - 1] && c[k] >= c[k + 1] && c[k] > PEAK * top && (best < 0 || abs(k - AVA_PULSE_MIDDLE) < abs(best - AVA_PULSE_MIDDLE)))
            best = k;
    if (best < 0)
        return NAN;
    double bend = c[best - 1] - 2 * c[best] + c[best + 1], shift = bend < 0 ? .5 * (c[best - 1] - c[best + 1]) / bend : 0;
    return (best - AVA_PULSE_MIDDLE + shift) * AVA_PULSE_LAG_MS;
}

AvaPulseView ava_pulse_view(const AvaEvidence *ev, size_t from, size_t to)
{
    AvaPulseView v = { NAN, NAN, 0 };
    double c[AVA_PULSE_LAGS] = { 0 }, weight = 0;
    for (size_t i = from; i < to && i < ev->pulses.n; i++) {
        if (voice_in(ev, i) < VOICE)
            continue;
        for (int k = 0; k < AVA_PULSE_LAGS; k++)
            c[k] += (double)ev->pulses.at[i].sum[k];
        weight += (double)ev->pulses.at[i].weight;
        v.seconds++;
    }
    if (weight <= 0)
        return v;
    v.coherence = 0;
    for (int k = 0; k < AVA_PULSE_LAGS; k++)
        v.coherence = fmax(v.coherence, c[k] /= weight);
    v.delay_ms = delay_of(c);
    return v;
}

double ava_decay_db(const AvaEvidence *ev)
{
    const float *e = ev->energy.at;
    size_t n = ev->energy.n, m = 0;
    float top = -1e9f, *fall = malloc((n + 1) * sizeof *fall);
    for (size_t i = 0; i < n; i++)
        top = fmaxf(top, e[i]);
    for (size_t i = 2; fall && i < n; i++)
        fall[m++] = fmaxf(e[i], top - 11.5f) - fmaxf(e[i - 2], top - 11.5f); /* 50 dB */
    if (m)
        ava_sort_float(fall, m);
    double r = m ? -4.343 * (double)fall[m / 20] : NAN;
    free(fall);
    return r;
}

/* Where the delay changes most between two stretches that both have one. */
static int artifact_pulses_changes(const AvaEvidence *ev, AvaArtifactList *out)
{
    size_t n = ev->pulses.n, at = 0;
    double before = 0, after = 0;
    for (size_t i = SIDE; i + SIDE <= n; i++) {
        AvaPulseView l = ava_pulse_view(ev, i < 2 * SIDE ? 0 : i - 2 * SIDE, i), r = ava_pulse_view(ev, i, i + 2 * SIDE);
        if (l.seconds >= SIDE && r.seconds >= SIDE && l.coherence > COHERENT && r.coherence > COHERENT &&
            fabs(l.delay_ms - r.delay_ms) > fmax(JUMP_MS, fabs(before - after))) {
            at = i;
            before = l.delay_ms;
            after = r.delay_ms;
        }
    }
    return at ? ava_artifact_add(out, "phase", ava_second_us(ev, at - 1), ava_second_us(ev, at + 1), .45,
                              "about %.0f s the delay of the voice's high sounds against its low ones changes from %.1f to %.1f ms: other equipment, or another recording",
                              ava_seconds(ev->origin_us + ava_second_us(ev, at)), before, after)
              : 0;
}

int ava_artifact_pulses(const AvaEvidence *ev, AvaArtifactList *out)
{
    AvaPulseView v = ava_pulse_view(ev, 0, ev->pulses.n);
    double decay = ava_decay_db(ev);
    int64_t from = ev->sound_t0_us, to = from + ev->sound_us;
    if (v.seconds < LEAST || isnan(v.coherence))
        return 0;
    if (v.coherence < (decay > DRY_DB ? SMEARED : ECHO))
        return ava_artifact_add(out, "vocoder", from, to, decay > DRY_DB ? .55 : .2,
                             "the pulses of the voice do not arrive together in low and high bands (correlation %.2f), %s", v.coherence,
                             decay > DRY_DB ? "though no room is heard: its phase was made anew, as by a vocoder" : "as in a room with echo, or from a vocoder");
    if (v.coherence > COHERENT && fabs(v.delay_ms - USUAL_MS) > ODD_MS)
        return ava_artifact_add(out, "phase", from, to, .2, "the voice's high sounds come %.1f ms %s than its low ones: an all-pass or other processing moved them",
                             fabs(v.delay_ms), v.delay_ms > 0 ? "later" : "earlier");
    return artifact_pulses_changes(ev, out);
}
