/* sound.c -- the sample count is the clock, because containers round time stamps to a
 * millisecond or worse. Stamps move it when they disagree by more than TOLERANCE_US at once, or
 * by LEAN_US and more, always to the same side, for LEAN_FOR_US: a packet that was lost. */
#include "media/sound.h"

#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/err.h"

enum { TOLERANCE_US = 40000, LEAN_US = 10000, LEAN_FOR_US = 500000, JUMP_US = 60000000, FILL = 16384 };
static const int64_t HOLE_US = 6 * 3600 * 1000000LL; /* more is no hole but a broken clock */
static const double TURNED = -.7, UPRIGHT = -.2, HEARD = 1e-7, PRESENT = 1e-3; /* correlations; power; share of the strongest channel's power */


void ava_sound_close(AvaSoundPath *p)
{
    swr_free(&p->to_float);
    swr_free(&p->to_speech);
    av_channel_layout_uninit(&p->layout);
    ava_vec_free(&p->native);
    ava_vec_free(&p->mix);
    ava_vec_free(&p->speech);
}

static int setup(AvaSoundPath *p, const AVFrame *f)
{
    AVChannelLayout mono = AV_CHANNEL_LAYOUT_MONO;
    swr_free(&p->to_float);
    swr_free(&p->to_speech);
    av_channel_layout_uninit(&p->layout);
    if (f->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC || f->ch_layout.nb_channels < 1)
        av_channel_layout_default(&p->layout, f->ch_layout.nb_channels > 0 ? f->ch_layout.nb_channels : 1);
    else if (av_channel_layout_copy(&p->layout, &f->ch_layout) < 0)
        return -1;
    p->rate = f->sample_rate;
    p->format = f->format;
    p->polarity = (AvaPolarity){ 0 };
    if (swr_alloc_set_opts2(&p->to_float, &p->layout, AV_SAMPLE_FMT_FLT, p->rate, &p->layout, f->format, p->rate, 0,
                            NULL) < 0 || swr_init(p->to_float) < 0)
        return -1;
    if (swr_alloc_set_opts2(&p->to_speech, &mono, AV_SAMPLE_FMT_FLT, AVALIGN_SPEECH_RATE, &p->layout,
                            AV_SAMPLE_FMT_FLT, p->rate, 0, NULL) < 0)
        return -1;
    /* a long filter: resampling must not leave traces that forensics would find */
    av_opt_set_int(p->to_speech, "filter_size", 64, 0);
    av_opt_set_double(p->to_speech, "cutoff", 0.97, 0);
    return swr_init(p->to_speech) < 0 ? -1 : 0;
}

/* A cable that swaps the wires of one channel: made mono, the voice would vanish. Which channels, from the last half second. */
static unsigned turned(AvaPolarity *y, const float *x, size_t n, int channels, int rate)
{
    double keep = exp(-2. * (double)n / rate), top = 0;
    int strongest = 0;
    for (int a = 0; a < channels; a++)
        for (int b = 0; b <= a; b++) {
            double sum = 0;
            for (size_t i = 0; i < n; i++)
                sum += (double)(x[i * (size_t)channels + (size_t)a] * x[i * (size_t)channels + (size_t)b]);
            y->cross[a][b] = y->cross[b][a] = y->cross[a][b] * keep + sum;
            if (a == b && y->cross[a][a] > top) {
                top = y->cross[a][a];
                strongest = a;
            }
        }
    if (top < HEARD * rate / 2)
        return y->turned;
    if (y->cross[y->reference][y->reference] < PRESENT * top)
        y->reference = strongest;
    double own = y->cross[y->reference][y->reference];
    for (int k = 0; k < channels; k++) {
        double power = y->cross[k][k], r = y->cross[k][y->reference] / sqrt(power * own + 1e-30);
        if (k == y->reference || power < PRESENT * top || r > UPRIGHT)
            y->turned &= ~(1u << k);
        else if (r < TURNED)
            y->turned |= 1u << k;
    }
    return y->turned;
}

/* What is made mono: native, or with the channels turned back that are upside down. NULL: out of memory. */
static const float *to_mix(AvaSoundPath *p, const float *native, size_t n, AvaMediaStats *st, int *changed)
{
    size_t channels = (size_t)p->layout.nb_channels;
    unsigned before = p->polarity.turned;
    *changed = 0;
    if (channels < 2 || channels > AVA_MIX_CHANNELS)
        return native;
    unsigned now = turned(&p->polarity, native, n, (int)channels, p->rate);
    *changed = now != before && p->written > 0;
    if (!now)
        return native;
    p->mix.n = 0;
    if (ava_reserve(&p->mix, n * channels))
        return NULL;
    for (size_t i = 0; i < n * channels; i++)
        p->mix.at[i] = now >> (i % channels) & 1 ? -native[i] : native[i];
    st->turned_us += (int64_t)n * 1000000 / p->rate;
    return p->mix.at;
}

/* Resamples n native samples (NULL, 0: what the filter still holds) of which mix is made mono, and hands both on. */
static int emit(AvaSoundPath *p, const float *native, const float *mix, size_t n, const AvaMediaSink *sink, AvalignErrorInfo *e)
{
    int64_t room = swr_get_delay(p->to_speech, AVALIGN_SPEECH_RATE) + (int64_t)n * AVALIGN_SPEECH_RATE / p->rate + 64;
    p->speech.n = 0;
    if (ava_reserve(&p->speech, (size_t)room))
        return ava_fail(e, AVALIGN_ERR_NOMEM, "audio", AVA_NO_TIME, 0, "out of memory");
    uint8_t *out = (uint8_t *)p->speech.at;
    const uint8_t *in = (const uint8_t *)mix;
    int got = swr_convert(p->to_speech, &out, (int)room, mix ? &in : NULL, (int)n);
    if (got < 0)
        return ava_fail(e, AVALIGN_ERR_FORMAT, "audio", AVA_NO_TIME, got, "resampling failed");
    AvaSound s = { p->start_us + av_rescale(p->written, 1000000, p->rate), native, n, p->rate,
                   p->layout.nb_channels, p->speech.at, (size_t)got };
    p->written += (int64_t)n;
    if (!n && !got)
        return 0;
    return sink->audio(sink->cookie, &s);
}

static int sound_fill(AvaSoundPath *p, int64_t samples, const AvaMediaSink *sink, AvalignErrorInfo *e)
{
    float *zero = calloc((size_t)FILL * (size_t)p->layout.nb_channels, sizeof *zero);
    int rc = zero ? 0 : ava_fail(e, AVALIGN_ERR_NOMEM, "audio", AVA_NO_TIME, 0, "out of memory");
    for (; !rc && samples > 0; samples -= FILL)
        rc = emit(p, zero, zero, (size_t)(samples < FILL ? samples : FILL), sink, e);
    free(zero);
    return rc;
}

int ava_sound_flush(AvaSoundPath *p, const AvaMediaSink *sink, AvalignErrorInfo *e)
{
    return p->to_speech ? emit(p, NULL, NULL, 0, sink, e) : 0;
}

static int mended(const AvaMediaSink *sink, int64_t from_us, int64_t to_us)
{
    return sink->gap ? sink->gap(sink->cookie, from_us, to_us) : 0;
}

/* How far the clock is to be moved by a stamp that is off by off_us: 0 when it is the stamp that errs. */
static int64_t correction(AvaSoundPath *p, int64_t off_us, int64_t length_us)
{
    if (off_us > TOLERANCE_US || off_us < -TOLERANCE_US)
        return off_us;
    int side = off_us >= LEAN_US ? 1 : off_us <= -LEAN_US ? -1 : 0;
    if (!side || (p->leaning && (p->lean_us > 0) != (side > 0)))
        p->leaning = 0;
    if (!side)
        return 0;
    if (!p->leaning || llabs(off_us) < llabs(p->lean_us))
        p->lean_us = off_us;
    p->leaning += length_us;
    return p->leaning > LEAN_FOR_US ? p->lean_us : 0;
}

/* Silence into a hole before the frame at pts_us; *skip: samples of it that were heard already. */
static int keep_time(AvaSoundPath *p, int64_t pts_us, int64_t length_us, int64_t *skip, AvaMediaStats *st, const AvaMediaSink *sink,
                     AvalignErrorInfo *e)
{
    int64_t expect = p->start_us + av_rescale(p->written, 1000000, p->rate), off = pts_us - expect;
    *skip = 0;
    if (off > HOLE_US || off < -JUMP_US) { /* keep our own clock: the stamp is not believable */
        st->times_fixed++;
        return 0;
    }
    off = correction(p, off, length_us);
    if (!off)
        return 0;
    p->leaning = 0;
    int rc = mended(sink, expect, off > 0 ? expect + off : expect);
    if (off > 0) {
        st->gaps_filled++;
        st->gap_us += off;
        return rc ? rc : sound_fill(p, av_rescale(off, p->rate, 1000000), sink, e);
    }
    st->times_fixed++;
    *skip = av_rescale(-off, p->rate, 1000000);
    return rc;
}

/* Another rate, layout or format: what the filter holds goes out first. */
static int sound_change(AvaSoundPath *p, const AVFrame *f, int64_t pts_us, AvaMediaStats *st, const AvaMediaSink *sink, AvalignErrorInfo *e)
{
    int first = !p->to_float, rc = 0;
    int64_t now = first ? pts_us : p->start_us + av_rescale(p->written, 1000000, p->rate);
    if (!first && ((rc = ava_sound_flush(p, sink, e)) || (rc = mended(sink, now, now))))
        return rc;
    if (setup(p, f))
        return ava_fail(e, AVALIGN_ERR_FORMAT, "audio", pts_us, 0, "%d channels at %d Hz can't be converted",
                        f->ch_layout.nb_channels, f->sample_rate);
    p->start_us = now;
    p->written = 0;
    if (first)
        st->first_audio_us = pts_us;
    return 0;
}

int ava_sound_frame(AvaSoundPath *p, const AVFrame *f, int64_t pts_us, AvaMediaStats *st, const AvaMediaSink *sink,
                    AvalignErrorInfo *e)
{
    int rc = 0, changed;
    int64_t skip = 0;
    if (f->sample_rate <= 0 || f->nb_samples <= 0)
        return 0;
    if (!p->to_float || p->rate != f->sample_rate || p->format != f->format ||
        p->layout.nb_channels != f->ch_layout.nb_channels)
        rc = sound_change(p, f, pts_us, st, sink, e);
    if (!rc)
        rc = keep_time(p, pts_us, av_rescale(f->nb_samples, 1000000, f->sample_rate), &skip, st, sink, e);
    if (rc || skip >= f->nb_samples)
        return rc;
    p->native.n = 0;
    size_t channels = (size_t)p->layout.nb_channels;
    if (ava_reserve(&p->native, (size_t)f->nb_samples * channels))
        return ava_fail(e, AVALIGN_ERR_NOMEM, "audio", pts_us, 0, "out of memory");
    uint8_t *out = (uint8_t *)p->native.at;
    int got = swr_convert(p->to_float, &out, f->nb_samples, (const uint8_t **)f->extended_data, f->nb_samples);
    if (got < 0)
        return ava_fail(e, AVALIGN_ERR_FORMAT, "audio", pts_us, got, "sample conversion failed");
    for (size_t i = 0; i < (size_t)got * channels; i++)
        if (!(fabsf(p->native.at[i]) <= 64.f)) { /* NaN, infinity, garbage */
            p->native.at[i] = 0;
            st->samples_bad++;
        }
    if (got <= skip)
        return 0;
    const float *native = p->native.at + (size_t)skip * channels, *mix = to_mix(p, native, (size_t)(got - skip), st, &changed);
    if (!mix)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "audio", pts_us, 0, "out of memory");
    int64_t now = p->start_us + av_rescale(p->written, 1000000, p->rate);
    if (changed && (rc = mended(sink, now, now)))
        return rc;
    rc = emit(p, native, mix, (size_t)(got - skip), sink, e);
    st->last_audio_us = p->start_us + av_rescale(p->written, 1000000, p->rate);
    return rc;
}
