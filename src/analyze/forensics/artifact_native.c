/* artifact_native.c -- what the sound at its own rate tells: silence that no room has, and a spectrum that ends where
 * it should not. */
#include <math.h>
#include <stdlib.h>

#include "analyze/forensics/artifact_finders.h"
#include "util/sort.h"

enum { STEP_US = 10000, MIN_ZERO = 6, SMOOTH = 25, MIN_BANDS = 2, MAX_SILENCES = 100 };
static const double ROOM_DB = -75, LOUD_DB = -45;

static int silent(const AvaNativeFrame *f) { return f->zeros > .99f; }

/* ---- silence --------------------------------------------------------------------------------- */

/* Level of what is quietest without being digital silence: the room, or louder. -120 when there is nothing. */
static double room_level(const AvaEvidence *ev)
{
    size_t n = ev->native.n, m = 0;
    float *v = malloc((n + 1) * sizeof *v);
    for (size_t i = 0; v && i < n; i++)
        if (ev->native.at[i].zeros == 0)
            v[m++] = ev->native.at[i].level_db;
    if (m)
        ava_sort_float(v, m);
    double r = m >= 100 ? (double)v[m / 20] : -120;
    free(v);
    return r;
}

int ava_artifact_silence(const AvaEvidence *ev, AvaArtifactList *out)
{
    size_t n = ev->native.n, total = 0, runs = 0, first = 0, last = n;
    double room = room_level(ev);
    while (first < last && silent(&ev->native.at[first]))
        first++;
    while (last > first && silent(&ev->native.at[last - 1]))
        last--;
    for (size_t i = first; i < last; i++) {
        size_t from = i;
        while (i < last && silent(&ev->native.at[i]))
            i++;
        if (i - from < MIN_ZERO)
            continue;
        total += i - from;
        if (room < ROOM_DB || ++runs > MAX_SILENCES)
            continue;
        double before = (double)ev->native.at[from - 1].level_db, after = (double)ev->native.at[i].level_db;
        int hole = ava_near_gap(ev, ava_frame_us(ev, from), ava_frame_us(ev, i), STEP_US);
        double score = hole ? .3 : before > ROOM_DB && after > ROOM_DB && !ev->gap_us ? .6 : .4; /* who loses sound may lose it elsewhere too */
        if (ava_artifact_add(out, "silence", ava_frame_us(ev, from), ava_frame_us(ev, i), score,
                          "%.2f s of digital zero at %.2f s, while the room elsewhere is heard at %.0f dBFS%s", ava_seconds((int64_t)(i - from) * STEP_US),
                          ava_seconds(ev->origin_us + ava_frame_us(ev, from)), room, hole ? "; the stream has a hole there, which is filled with zeros" : ""))
            return -1;
    }
    if (total > 100 && room < ROOM_DB) /* a gate, or a machine that speaks into nothing */
        return ava_artifact_add(out, "silence", ava_frame_us(ev, first), ava_frame_us(ev, last), .2,
                             "%.1f s of the pauses are digital zero and no room is heard in the others: a noise gate, or sound that was made", (double)total / 100);
    return 0;
}

/* ---- bandwidth ------------------------------------------------------------------------------- */

static int tells(const AvaEvidence *ev, size_t i)
{
    return (double)ev->band.at[i].level_db > LOUD_DB && ava_voiced_at(ev, ev->sound_t0_us + (int64_t)i * 1000000 + 500000) > .2f;
}

double ava_usual_cutoff(const AvaEvidence *ev)
{
    size_t m = 0;
    float *v = malloc((ev->band.n + 1) * sizeof *v);
    for (size_t i = 0; v && i < ev->band.n; i++)
        if (tells(ev, i))
            v[m++] = ev->band.at[i].cutoff_hz;
    if (m)
        ava_sort_float(v, m);
    double r = m ? (double)v[m / 2] : 0;
    free(v);
    return r;
}

/* A step far below the usual one, for seconds on end. */
static int narrower(const AvaEvidence *ev, double usual, AvaArtifactList *out)
{
    for (size_t i = 0; i < ev->band.n; i++) {
        size_t from = i, m = 0;
        double lo = INFINITY, hi = 0;
        for (; i < ev->band.n; i++) {
            const AvaBand *b = &ev->band.at[i];
            if (!tells(ev, i) && m) /* a pause says nothing */
                continue;
            if (!tells(ev, i) || b->step_db < 30 || (double)b->cutoff_hz > .6 * usual)
                break;
            lo = fmin(lo, (double)b->cutoff_hz);
            hi = fmax(hi, (double)b->cutoff_hz);
            m++;
        }
        if (m < MIN_BANDS || hi > 1.25 * lo)
            continue;
        int64_t a = ev->sound_t0_us + (int64_t)from * 1000000, b = ev->sound_t0_us + (int64_t)i * 1000000;
        if (ava_artifact_add(out, "compression", a, b, .55, "the spectrum ends at %.1f kHz from %.0f to %.0f s and at %.1f kHz elsewhere: this part came another way",
                          lo / 1000, ava_seconds(ev->origin_us + a), ava_seconds(ev->origin_us + b), usual / 1000))
            return -1;
    }
    return 0;
}

int ava_artifact_bandwidth(const AvaEvidence *ev, AvaArtifactList *out)
{
    static const double rates[] = { 8000, 11025, 16000, 22050, 24000 };
    double usual = ava_usual_cutoff(ev), half = ev->sample_rate / 2.;
    size_t steps = 0, heard = 0;
    for (size_t i = 0; i < ev->band.n; i++)
        if (tells(ev, i)) {
            heard++;
            steps += ev->band.at[i].step_db > 25 && fabs((double)ev->band.at[i].cutoff_hz - usual) < .05 * usual;
        }
    for (size_t k = 0; heard >= 2 && k < sizeof rates / sizeof *rates; k++)
        if (rates[k] / 2 < .8 * half && usual > .94 * rates[k] / 2 && usual < 1.1 * rates[k] / 2 && /* resamplers leave a little above */ (double)steps > .6 * (double)heard &&
            ava_artifact_add(out, "resampling", ev->sound_t0_us, ev->sound_t0_us + ev->sound_us, .2,
                          "stored at %.1f kHz but nothing is heard over %.1f kHz: it once was sampled at %.1f kHz, or a codec cut it there",
                          ev->sample_rate / 1000., usual / 1000, rates[k] / 1000))
            return -1;
    return usual > 0 ? narrower(ev, usual, out) : 0;
}
