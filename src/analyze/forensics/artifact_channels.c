/* artifact_channels.c -- how the two channels go together over time: polarity, delay, and stereo that comes and goes. */
#include <math.h>
#include <stdlib.h>

#include "analyze/forensics/artifact_finders.h"

enum { MIN_PHASE = 50, STABLE = 3 /* seconds on end */ };
static const double HEARD_DB = -50, ALIKE = .9, APART_MS = 1.5, JUMP_MS = .25, TOGETHER_MS = .1, IDENTICAL = .9999, DIFFERENT = .99;


/* ---- polarity -------------------------------------------------------------------------------- */

int ava_artifact_phase(const AvaEvidence *ev, AvaArtifactList *out)
{
    size_t n = ev->native.n, heard = 0, turned = 0, first = out->n;
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        size_t m = 0, from = i;
        while (i < n && (ev->native.at[i].correlation < -.7f || (m && ((double)ev->native.at[i].level_db < HEARD_DB || isnan(ev->native.at[i].correlation))))) {
            if (ev->native.at[i].correlation < -.7f) {
                sum += (double)ev->native.at[i].correlation;
                m++;
            }
            i++;
        }
        heard += i < n && (double)ev->native.at[i].level_db >= HEARD_DB && !isnan(ev->native.at[i].correlation);
        heard += m;
        turned += m;
        if (m >= MIN_PHASE &&
            ava_artifact_add(out, "phase", ava_frame_us(ev, from), ava_frame_us(ev, i), .6,
                          "the channels are in opposite polarity from %.2f to %.2f s (correlation %.2f) and not elsewhere", ava_seconds(ev->origin_us + ava_frame_us(ev, from)),
                          ava_seconds(ev->origin_us + ava_frame_us(ev, i)), sum / (double)m))
            return -1;
    }
    if (turned > MIN_PHASE && (double)turned > .8 * (double)heard) { /* all of it: a cable, not an edit */
        out->n = first;
        return ava_artifact_add(out, "phase", ev->sound_t0_us, ev->sound_t0_us + ev->sound_us, .3,
                             "the channels are in opposite polarity throughout; made mono, the voice would vanish");
    }
    return 0;
}

/* ---- delay ----------------------------------------------------------------------------------- */

/* Seconds from `from` on in which one channel is the other at one delay; silence belongs to what it interrupts. */
static size_t steady(const AvaEvidence *ev, size_t from, double *ms)
{
    size_t i = from, heard = 0;
    *ms = NAN;
    for (; i < ev->delay.n; i++) {
        const AvaChannelDelay *d = &ev->delay.at[i];
        if (d->match == 0)
            continue;
        if ((double)d->match < ALIKE || (heard && fabs((double)d->ms - *ms) > TOGETHER_MS))
            break;
        *ms = (double)d->ms;
        heard++;
    }
    return heard >= STABLE ? i - from : 0;
}

int ava_artifact_channel_delay(const AvaEvidence *ev, AvaArtifactList *out)
{
    double before = NAN, longest = 0, all = 0;
    size_t best = 0, heard = 0, first = out->n;
    for (size_t i = 0; i < ev->delay.n; i++)
        heard += ev->delay.at[i].match > 0;
    for (size_t i = 0; i < ev->delay.n;) {
        double ms;
        size_t n = steady(ev, i, &ms);
        if (n && !isnan(before) && fabs(ms - before) > JUMP_MS &&
            ava_artifact_add(out, "phase", ava_second_us(ev, i), ava_second_us(ev, i + 1), .55,
                          "up to %.0f s the second channel comes %.2f ms after the first, from then on %.2f ms: two recordings, or another microphone",
                          ava_seconds(ev->origin_us + ava_second_us(ev, i)), before, ms))
            return -1;
        before = n ? ms : before;
        if (n > best) {
            best = n;
            longest = ms;
        }
        all += (double)n;
        i += n ? n : 1;
    }
    if (out->n == first && fabs(longest) > APART_MS && all > .8 * (double)heard)
        return ava_artifact_add(out, "phase", ev->sound_t0_us, ev->sound_t0_us + ev->sound_us, .2,
                             "one channel is the other one %.1f ms later throughout: stereo that was made of one channel", fabs(longest));
    return 0;
}

/* ---- one channel twice, and two -------------------------------------------------------------------- */

/* 1: the same in both; 0: not; -1: can't tell. */
static int alike(const AvaChannelDelay *d)
{
    return d->match == 0 ? -1 : (double)d->same > IDENTICAL ? 1 : (double)d->same < DIFFERENT ? 0 : -1;
}

int ava_artifact_stereo(const AvaEvidence *ev, AvaArtifactList *out)
{
    int now = -1, next = -1;
    size_t at = 0, lasted = 0;
    for (size_t i = 0; i < ev->delay.n; i++) {
        int a = alike(&ev->delay.at[i]);
        if (a < 0)
            continue;
        if (a == now || a != next || !lasted) {
            lasted = 0;
            at = i;
            next = a;
        }
        if (a == now || ++lasted < STABLE)
            continue;
        if (now >= 0 && ava_artifact_add(out, "phase", ava_second_us(ev, at), ava_second_us(ev, at + 1), .3, "at %.0f s the channels, which %s before, %s: other material, or music laid over it",
                                      ava_seconds(ev->origin_us + ava_second_us(ev, at)), now ? "were the same" : "differed", a ? "become the same" : "begin to differ"))
            return -1;
        now = a;
        lasted = 0;
    }
    return 0;
}
