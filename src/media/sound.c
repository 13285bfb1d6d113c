/* sound.c -- the sample count is the clock: time stamps only move it when they
 * disagree by more than TOLERANCE_US, because containers round them to a
 * millisecond or worse. A jump of over JUMP_US is a broken clock, not a pause. */
#include "media/sound.h"

#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/err.h"

enum { TOLERANCE_US = 40000, JUMP_US = 60000000, FILL = 16384 };

void ava_sound_close(AvaSoundPath *p)
{
    swr_free(&p->to_float);
    swr_free(&p->to_speech);
    av_channel_layout_uninit(&p->layout);
    ava_vec_free(&p->native);
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

/* Resamples n native samples (NULL, 0: what the filter still holds) and hands both on. */
static int emit(AvaSoundPath *p, const float *native, size_t n, const AvaMediaSink *sink, AvalignErrorInfo *e)
{
    int64_t room = swr_get_delay(p->to_speech, AVALIGN_SPEECH_RATE) + (int64_t)n * AVALIGN_SPEECH_RATE / p->rate + 64;
    p->speech.n = 0;
    if (ava_reserve(&p->speech, (size_t)room))
        return ava_fail(e, AVALIGN_ERR_NOMEM, "audio", AVA_NO_TIME, 0, "out of memory");
    uint8_t *out = (uint8_t *)p->speech.at;
    const uint8_t *in = (const uint8_t *)native;
    int got = swr_convert(p->to_speech, &out, (int)room, native ? &in : NULL, (int)n);
    if (got < 0)
        return ava_fail(e, AVALIGN_ERR_FORMAT, "audio", AVA_NO_TIME, got, "resampling failed");
    AvaSound s = { p->start_us + av_rescale(p->written, 1000000, p->rate), native, n, p->rate,
                   p->layout.nb_channels, p->speech.at, (size_t)got };
    p->written += (int64_t)n;
    if (!n && !got)
        return 0;
    return sink->audio(sink->cookie, &s);
}

static int fill(AvaSoundPath *p, int64_t samples, const AvaMediaSink *sink, AvalignErrorInfo *e)
{
    float *zero = calloc((size_t)FILL * (size_t)p->layout.nb_channels, sizeof *zero);
    int rc = zero ? 0 : ava_fail(e, AVALIGN_ERR_NOMEM, "audio", AVA_NO_TIME, 0, "out of memory");
    for (; !rc && samples > 0; samples -= FILL)
        rc = emit(p, zero, (size_t)(samples < FILL ? samples : FILL), sink, e);
    free(zero);
    return rc;
}

int ava_sound_flush(AvaSoundPath *p, const AvaMediaSink *sink, AvalignErrorInfo *e)
{
    return p->to_speech ? emit(p, NULL, 0, sink, e) : 0;
}

int ava_sound_frame(AvaSoundPath *p, const AVFrame *f, int64_t pts_us, AvaMediaStats *st, const AvaMediaSink *sink,
                    AvalignErrorInfo *e)
{
    int rc = 0;
    if (f->sample_rate <= 0 || f->nb_samples <= 0)
        return 0;
    if (!p->to_float || p->rate != f->sample_rate || p->format != f->format ||
        p->layout.nb_channels != f->ch_layout.nb_channels) {
        int first = !p->to_float;
        int64_t now = first ? pts_us : p->start_us + av_rescale(p->written, 1000000, p->rate);
        if (!first && (rc = ava_sound_flush(p, sink, e)))
            return rc;
        if (setup(p, f))
            return ava_fail(e, AVALIGN_ERR_FORMAT, "audio", pts_us, 0,
                            "%d channels at %d Hz can't be converted", f->ch_layout.nb_channels, f->sample_rate);
        p->start_us = now;
        p->written = 0;
        if (first)
            st->first_audio_us = pts_us;
    }
    int64_t skip = 0, expect = p->start_us + av_rescale(p->written, 1000000, p->rate), off = pts_us - expect;
    if (off > JUMP_US || off < -JUMP_US) {
        st->times_fixed++;
        /* keep our own clock: the stamp is not believable */
    } else if (off > TOLERANCE_US) {
        st->gaps_filled++;
        st->gap_us += off;
        if (sink->gap && (rc = sink->gap(sink->cookie, expect, pts_us)))
            return rc;
        if ((rc = fill(p, av_rescale(off, p->rate, 1000000), sink, e)))
            return rc;
    } else if (off < -TOLERANCE_US) {
        st->times_fixed++;
        if (sink->gap && (rc = sink->gap(sink->cookie, expect, expect)))
            return rc;
        skip = av_rescale(-off, p->rate, 1000000);
    }
    if (skip >= f->nb_samples)
        return 0;
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
    rc = emit(p, p->native.at + (size_t)skip * channels, (size_t)(got - skip), sink, e);
    st->last_audio_us = p->start_us + av_rescale(p->written, 1000000, p->rate);
    return rc;
}
