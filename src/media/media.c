/* media.c -- demuxing and decoding. open.c says what is opened at all. Damage is counted
 * and decoding goes on; only a file without anything usable is an error. */
#include "media/media.h"

#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/encryption_info.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/clock.h"
#include "media/ffmpeg_compat.h"
#include "media/open.h"
#include "media/video_frame.h"
#include "media/sound.h"
#include "media/span.h"
#include "media/tags.h"
#include "media/tracks.h"
#include "media/trim.h"
#include "util/err.h"

/* DECODER_THREADS is the same whatever the caller's thread count: what a decoder
 * makes of damaged frames depends on it, and results must not. */
enum { MAX_BAD_READS = 64, DECODER_THREADS = 2 };

typedef struct Stream {
    AVStream *st;
    AVCodecContext *dec;
    int64_t last_us;  /* of the last frame out; INT64_MIN before the first */
} Stream;

struct AvaMedia {
    AvaMediaOptions opt;
    AvaSource *source;
    AVFormatContext *fmt;
    AVIOContext *io;
    Stream video, audio;
    AvaClock *clock;
    int chosen[AVA_CLOCK_SIDES]; /* both are followed, also when one alone is decoded; -1: none */
    int64_t zero_us;    /* container time of the first presented instant */
    int64_t last_kept_us;
    int64_t trimmed;    /* what the frames' stamps are short of, in their units */
    AvaVideoFrame frame_setup;
    AvaSoundPath sound;
    AvaSpan span;
    AvaMediaInfo info;
    AvaMediaStats stats;
};

static int interrupted(void *opaque)
{
    const AvaMedia *m = opaque;
    return m->opt.cancelled && m->opt.cancelled(m->opt.cookie);
}

static int is_encrypted(const AVStream *st)
{
    uint32_t tag = st->codecpar->codec_tag;
    return tag == MKTAG('e', 'n', 'c', 'v') || tag == MKTAG('e', 'n', 'c', 'a') || tag == MKTAG('d', 'r', 'm', 's') ||
           tag == MKTAG('d', 'r', 'm', 'i') || ava_stream_side_data(st, AV_PKT_DATA_ENCRYPTION_INIT_INFO, NULL);
}

/* MP4 or MOV from a pipe whose index came after the media: these have gone by. */
static int media_gone_by(const AvaMedia *m)
{
    if (!m->source || ava_source_seekable(m->source) || strncmp(m->fmt->iformat->name, "mov,", 4))
        return 0;
    for (unsigned i = 0; i < m->fmt->nb_streams; i++) {
        const AVIndexEntry *first = avformat_index_get_entry(m->fmt->streams[i], 0);
        if (first && first->pos < avio_tell(m->fmt->pb))
            return 1;
    }
    return 0;
}

static int open_input(AvaMedia *m, const char *url, AvalignErrorInfo *e)
{
    int rc = ava_input_open(&m->fmt, &m->io, m->source, url, m->opt.still, (AVIOInterruptCB){ interrupted, m }, e);
    if (!rc && media_gone_by(m))
        return ava_fail(e, AVALIGN_ERR_FORMAT, "open", AVA_NO_TIME, 0,
                        "the index of this MP4 comes after the media, too late in a pipe; name the file itself, or move the index to the "
                        "front with ffmpeg -i IN -c copy -movflags +faststart OUT");
    if (!rc && avformat_find_stream_info(m->fmt, NULL) < 0)
        m->stats.packets_damaged++;
    return rc;
}

/* Opens a decoder for a stream. 0 also when there is none that fits (dec stays NULL). */
static int open_decoder(AvaMedia *m, Stream *s, int index, AvalignErrorInfo *e)
{
    AVStream *st = m->fmt->streams[index];
    const AVCodecParameters *par = st->codecpar;
    if (is_encrypted(st))
        return ava_fail(e, AVALIGN_ERR_FORMAT, "open", AVA_NO_TIME, 0, "the file is encrypted; supply a decrypted copy");
    if (par->codec_type == AVMEDIA_TYPE_VIDEO && (uint64_t)par->width * (uint64_t)par->height > m->opt.max_pixels)
        return ava_fail(e, AVALIGN_ERR_LIMIT, "open", AVA_NO_TIME, 0,
                        "%d x %d pixels are over the limit of %llu; scale it down or raise max_pixels", par->width,
                        par->height, (unsigned long long)m->opt.max_pixels);
    const AVCodec *codec = avcodec_find_decoder(par->codec_id);
    AVCodecContext *c = codec ? avcodec_alloc_context3(codec) : NULL;
    if (!c)
        return 0;
    if (avcodec_parameters_to_context(c, par) >= 0) {
        c->pkt_timebase = st->time_base;
        c->max_pixels = (int64_t)m->opt.max_pixels;
        c->err_recognition = AV_EF_CRCCHECK | (m->opt.still ? AV_EF_EXPLODE : 0); /* half a frame is no frame */
        if (par->codec_type == AVMEDIA_TYPE_VIDEO) {
            c->thread_count = DECODER_THREADS;
            c->thread_type = FF_THREAD_FRAME | FF_THREAD_SLICE;
        }
        if (avcodec_open2(c, codec, NULL) >= 0) {
            s->st = st;
            s->dec = c;
            st->discard = AVDISCARD_DEFAULT;
            return 0;
        }
    }
    avcodec_free_context(&c);
    return 0;
}

static void copy_name(char out[32], const char *name) { snprintf(out, 32, "%s", name ? name : ""); }

static int pick_streams(AvaMedia *m, AvalignErrorInfo *e)
{
    AVFormatContext *f = m->fmt;
    AvaMediaInfo *info = &m->info;
    int video = ava_nth_track(f, AVMEDIA_TYPE_VIDEO, m->opt.video_stream, &info->n_video_streams);
    int audio = ava_nth_track(f, AVMEDIA_TYPE_AUDIO, m->opt.audio_stream, &info->n_audio_streams);
    for (unsigned i = 0; i < f->nb_streams; i++)
        f->streams[i]->discard = AVDISCARD_ALL;
    if (m->opt.audio_stream > info->n_audio_streams)
        return ava_fail(e, AVALIGN_ERR_NO_STREAM, "open", AVA_NO_TIME, 0,
                        "audio stream %d asked for, but there are %d", m->opt.audio_stream, info->n_audio_streams);
    if (m->opt.video_stream > info->n_video_streams)
        return ava_fail(e, AVALIGN_ERR_NO_STREAM, "open", AVA_NO_TIME, 0,
                        "video stream %d asked for, but there are %d", m->opt.video_stream, info->n_video_streams);
    if (!m->opt.video_stream)
        video = ava_default_track(f, AVMEDIA_TYPE_VIDEO, audio);
    if (!m->opt.audio_stream)
        audio = ava_default_track(f, AVMEDIA_TYPE_AUDIO, video);
    int rc = 0;
    m->chosen[AVA_CLOCK_VIDEO] = video;
    m->chosen[AVA_CLOCK_AUDIO] = audio;
    for (int i = 0; i < AVA_CLOCK_SIDES; i++)
        if (m->chosen[i] >= 0)
            f->streams[m->chosen[i]]->discard = AVDISCARD_DEFAULT;
    /* what is not there is an answer too, so the other side is read even if nobody asked for it */
    m->opt.want_video |= audio < 0;
    m->opt.want_audio |= video < 0;
    if (video >= 0 && m->opt.want_video)
        rc = open_decoder(m, &m->video, video, e);
    if (!rc && audio >= 0 && m->opt.want_audio)
        rc = open_decoder(m, &m->audio, audio, e);
    if (rc)
        return rc;
    for (int i = 0; i < 2; i++) { /* one side alone is answered, but not in silence */
        int index = i ? audio : video, wanted = i ? m->opt.want_audio : m->opt.want_video;
        if (index >= 0 && wanted && !(i ? m->audio.dec : m->video.dec))
            copy_name(m->stats.no_decoder, avcodec_get_name(f->streams[index]->codecpar->codec_id));
    }
    if (!m->video.dec && !m->audio.dec) {
        if (video >= 0 || audio >= 0)
            return ava_fail(e, AVALIGN_ERR_NO_STREAM, "open", AVA_NO_TIME, 0,
                            "no decoder for its streams (%s); convert it with ffmpeg first",
                            avcodec_get_name(f->streams[video >= 0 ? video : audio]->codecpar->codec_id));
        return ava_fail(e, AVALIGN_ERR_NO_STREAM, "open", AVA_NO_TIME, 0, "has neither picture nor sound");
    }
    info->audio_stream = ava_track_number(f, AVMEDIA_TYPE_AUDIO, audio);
    info->video_stream = ava_track_number(f, AVMEDIA_TYPE_VIDEO, video);
    return 0;
}

static void fill_info(AvaMedia *m)
{
    AvaMediaInfo *i = &m->info;
    ava_tags_read(m->fmt, &i->tags);
    copy_name(i->container, m->fmt->iformat->name);
    i->duration_us = m->fmt->duration > 0 ? m->fmt->duration : 0;
    if (m->video.dec) {
        const AVCodecParameters *p = m->video.st->codecpar;
        i->has_video = 1;
        copy_name(i->video_codec, avcodec_get_name(p->codec_id));
        AVRational sar = av_guess_sample_aspect_ratio(m->fmt, m->video.st, NULL);
        ava_video_frame_size(&m->frame_setup, p->width, p->height, sar, &i->width, &i->height);
        i->rotation = ava_video_frame_rotation(&m->frame_setup);
        AVRational r = m->video.st->avg_frame_rate;
        i->fps = r.num > 0 && r.den > 0 ? av_q2d(r) : 0;
        i->rate_num = i->fps > 0 ? r.num : 0;
        i->rate_den = i->fps > 0 ? r.den : 0;
        static const char *const timecode[] = { "timecode", NULL };
        const char *own = ava_tag(m->video.st->metadata, timecode);
        ava_clean_line(i->timecode, sizeof i->timecode, *own ? own : ava_tag(m->fmt->metadata, timecode));
    }
    if (m->audio.dec) {
        const AVCodecParameters *p = m->audio.st->codecpar;
        i->has_audio = 1;
        copy_name(i->audio_codec, avcodec_get_name(p->codec_id));
        i->sample_rate = p->sample_rate;
        i->channels = p->ch_layout.nb_channels;
    }
}

int ava_media_open(AvaMedia **out, AvaSource *source, const char *url, const AvaMediaOptions *opt, AvalignErrorInfo *e)
{
    AvaMedia *m = *out = calloc(1, sizeof *m);
    if (!m)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "open", AVA_NO_TIME, 0, "out of memory");
    if (!opt->keep_ffmpeg_log)
        av_log_set_level(AV_LOG_QUIET);
    m->opt = *opt;
    m->source = source;
    m->video.last_us = m->audio.last_us = m->last_kept_us = INT64_MIN;
    m->stats.first_video_us = m->stats.first_audio_us = m->stats.last_video_us = m->stats.last_audio_us = INT64_MIN;
    int rc = open_input(m, url, e);
    if (!rc)
        rc = pick_streams(m, e);
    if (rc) {
        ava_media_close(out);
        return rc;
    }
    if (m->video.dec)
        ava_video_frame_init(&m->frame_setup, m->video.st);
    m->zero_us = m->fmt->start_time != AV_NOPTS_VALUE ? m->fmt->start_time : 0;
    fill_info(m);
    m->trimmed = ava_trimmed(source, m->fmt, m->chosen[AVA_CLOCK_VIDEO]);
    if (!(m->clock = ava_clock_new((m->fmt->iformat->flags & AVFMT_TS_DISCONT) != 0, m->zero_us, &m->stats))) {
        ava_media_close(out);
        return ava_fail(e, AVALIGN_ERR_NOMEM, "open", AVA_NO_TIME, 0, "out of memory");
    }
    return 0;
}

void ava_media_close(AvaMedia **pm)
{
    AvaMedia *m = pm ? *pm : NULL;
    if (!m)
        return;
    avcodec_free_context(&m->video.dec);
    avcodec_free_context(&m->audio.dec);
    avformat_close_input(&m->fmt);
    ava_source_io_free(&m->io);
    ava_video_frame_close(&m->frame_setup);
    ava_sound_close(&m->sound);
    ava_clock_free(&m->clock);
    free(m);
    *pm = NULL;
}

const AvaMediaInfo *ava_media_info(const AvaMedia *m) { return &m->info; }
const AvaMediaStats *ava_media_stats(const AvaMedia *m) { return &m->stats; }

/* Presentation time of a frame; stamps that are missing or absurd are replaced
 * by the previous frame's end. What jumps was put right at the packets (clock.c). */
static int64_t frame_time(AvaMedia *m, Stream *s, const AVFrame *f, int64_t length_us)
{
    int64_t next = s->last_us == INT64_MIN ? 0 : s->last_us + length_us;
    if (f->best_effort_timestamp == AV_NOPTS_VALUE)
        return next;
    int64_t t = av_rescale_q(f->best_effort_timestamp, s->st->time_base, AV_TIME_BASE_Q);
    return t > INT64_MAX / 4 || t < INT64_MIN / 4 ? next : t - m->zero_us;
}

/* 1: the end, for the times run ahead of what there is. */
static int too_sparse(AvaMedia *m, int side, int64_t t, int64_t length_us)
{
    if (m->opt.endless || ava_span_fits(&m->span, side, t, length_us))
        return 0;
    m->stats.sparse_us = t;
    return 1;
}

static int got_video(AvaMedia *m, AVFrame *f, const AvaMediaSink *sink, AvalignErrorInfo *e)
{
    AvaMediaStats *st = &m->stats;
    AVRational rate = m->video.st->avg_frame_rate;
    int64_t length = rate.num > 0 && rate.den > 0 ? av_rescale(1000000, rate.den, rate.num) : 40000;
    int64_t t = frame_time(m, &m->video, f, length);
    if (m->video.last_us != INT64_MIN && t <= m->video.last_us) {
        st->times_fixed++;
        t = m->video.last_us + 1000;
    }
    if (too_sparse(m, AVA_SPAN_VIDEO, t, length))
        return 1;
    if (m->video.last_us == INT64_MIN) {
        st->first_video_us = t;
    } else {
        double gap = (double)(t - m->video.last_us) / 1000;
        st->min_interval_ms = st->frames == 1 || gap < st->min_interval_ms ? gap : st->min_interval_ms;
        st->max_interval_ms = gap > st->max_interval_ms ? gap : st->max_interval_ms;
    }
    m->video.last_us = st->last_video_us = t;
    st->frames++;
    st->no_picture_times |= f->pict_type == AV_PICTURE_TYPE_B && !strcmp(m->fmt->iformat->name, "avi");
    if (f->flags & AV_FRAME_FLAG_CORRUPT) /* decode_error_flags depends on the decoder threads' timing */
        st->frames_damaged++;
    if (ava_frame_interlaced(f))
        st->interlaced = 1;
    if (m->last_kept_us != INT64_MIN && t - m->last_kept_us < AVA_MIN_FRAME_GAP_US)
        return 0;
    m->last_kept_us = t;
    if ((uint64_t)f->width * (uint64_t)f->height > m->opt.max_pixels)
        return ava_fail(e, AVALIGN_ERR_LIMIT, "video", t, 0, "a frame of %d x %d pixels is over the limit", f->width,
                        f->height);
    int code = 0;
    AVRational sar = av_guess_sample_aspect_ratio(m->fmt, m->video.st, f);
    AvaFrame *frame = ava_video_frame_view(&m->frame_setup, f, sar, t, &code);
    if (!frame)
        return ava_fail(e, code, "video", t, 0, "a frame could not be converted");
    st->frames_kept++;
    return sink->video(sink->cookie, frame);
}

static int got_audio(AvaMedia *m, AVFrame *f, const AvaMediaSink *sink, AvalignErrorInfo *e)
{
    int64_t length = f->sample_rate > 0 ? av_rescale(f->nb_samples, 1000000, f->sample_rate) : 0;
    int64_t t = frame_time(m, &m->audio, f, length);
    m->audio.last_us = t;
    if (too_sparse(m, AVA_SPAN_AUDIO, t, length))
        return 1;
    return ava_sound_frame(&m->sound, f, t, &m->stats, sink, e);
}

/* Feeds one packet (NULL: drain) and hands on what comes out. 1: this was the end. */
static int media_decode(AvaMedia *m, Stream *s, const AVPacket *pkt, AVFrame *f, const AvaMediaSink *sink,
                  AvalignErrorInfo *e)
{
    int rc = avcodec_send_packet(s->dec, pkt);
    if (rc < 0 && rc != AVERROR_EOF) {
        if (rc == AVERROR(ENOMEM))
            return ava_fail(e, AVALIGN_ERR_NOMEM, "decode", AVA_NO_TIME, rc, "out of memory");
        m->stats.packets_damaged++;
    }
    for (;;) {
        rc = avcodec_receive_frame(s->dec, f);
        if (rc == AVERROR(EAGAIN) || rc == AVERROR_EOF)
            return 0;
        if (rc == AVERROR(ENOMEM))
            return ava_fail(e, AVALIGN_ERR_NOMEM, "decode", AVA_NO_TIME, rc, "out of memory");
        if (rc < 0) {
            m->stats.packets_damaged++;
            if (!pkt)
                return 0;
            continue;
        }
        rc = s == &m->video ? got_video(m, f, sink, e) : got_audio(m, f, sink, e);
        av_frame_unref(f);
        if (rc)
            return rc;
    }
}

static int64_t packet_time(const AvaMedia *m, const AVPacket *pkt)
{
    int64_t ts = pkt->dts != AV_NOPTS_VALUE ? pkt->dts : pkt->pts;
    if (ts == AV_NOPTS_VALUE)
        return INT64_MIN;
    return av_rescale_q(ts, m->fmt->streams[pkt->stream_index]->time_base, AV_TIME_BASE_Q) - m->zero_us;
}

/* What a packet leads to, once its stamps are right. 1: the limit of duration is reached. */
static int media_handle(AvaMedia *m, AVPacket *pkt, int side, AVFrame *f, const AvaMediaSink *sink, int64_t *told_us, AvalignErrorInfo *e)
{
    Stream *s = side == AVA_CLOCK_VIDEO ? &m->video : &m->audio;
    int64_t t = packet_time(m, pkt);
    int rc = 0;
    if (m->opt.max_duration_us && t != INT64_MIN && t >= m->opt.max_duration_us) {
        m->stats.hit_duration_limit = 1;
        return 1;
    }
    if (s->dec) {
        if (pkt->flags & AV_PKT_FLAG_CORRUPT)
            m->stats.packets_damaged++;
        if (s == &m->audio)
            m->stats.audio_bytes += (uint64_t)pkt->size;
        rc = media_decode(m, s, pkt, f, sink, e);
    }
    if (!rc && sink->progress && t != INT64_MIN && (*told_us == INT64_MIN || t > *told_us + 200000)) {
        *told_us = t;
        int64_t at = t < 0 ? 0 : t; /* codec priming comes before 0 */
        double done = m->info.duration_us > 0 ? (double)at / (double)m->info.duration_us : -1;
        sink->progress(sink->cookie, done > 1 ? 1 : done, at);
    }
    return rc;
}

/* All packets that the clock lets go. */
static int release(AvaMedia *m, AVPacket *pkt, AVFrame *f, const AvaMediaSink *sink, int64_t *told_us, AvalignErrorInfo *e)
{
    int rc = 0, side;
    while (!rc && ava_clock_get(m->clock, pkt, &side)) {
        rc = media_handle(m, pkt, side, f, sink, told_us, e);
        av_packet_unref(pkt);
    }
    return rc;
}

/* Decoding and presentation time of one packet lie on the same side of where the stamps' bits are full. */
static void unwrap(AVPacket *p, int bits)
{
    if (bits >= 63 || p->pts == AV_NOPTS_VALUE || p->dts == AV_NOPTS_VALUE)
        return;
    int64_t period = INT64_C(1) << bits, apart = p->pts - p->dts;
    p->pts += apart < -period / 2 ? period : apart > period / 2 ? -period : 0;
}

static int read_all(AvaMedia *m, AVPacket *pkt, AVFrame *f, const AvaMediaSink *sink, AvalignErrorInfo *e)
{
    int bad = 0, rc = 0;
    int64_t told_us = INT64_MIN;
    while (!rc) {
        if (interrupted(m))
            return ava_fail(e, AVALIGN_ERR_CANCELLED, "demux", AVA_NO_TIME, 0, "cancelled");
        int got = av_read_frame(m->fmt, pkt);
        if (got == AVERROR(EAGAIN))
            continue;
        if (got < 0 && interrupted(m)) /* the reader or the address gave up for that reason */
            return ava_fail(e, AVALIGN_ERR_CANCELLED, "demux", AVA_NO_TIME, 0, "cancelled");
        if (got < 0 && got != AVERROR_EOF) {
            m->stats.truncated = 1;
            if (got != AVERROR(EIO) && got != AVERROR_EXIT && ++bad <= MAX_BAD_READS)
                continue;
        }
        if (got < 0) { /* what was decoded is still answered */
            ava_clock_end(m->clock);
            rc = release(m, pkt, f, sink, &told_us, e);
            break;
        }
        int side = pkt->stream_index == m->chosen[AVA_CLOCK_VIDEO]   ? AVA_CLOCK_VIDEO
                   : pkt->stream_index == m->chosen[AVA_CLOCK_AUDIO] ? AVA_CLOCK_AUDIO : -1;
        if (side < 0) {
            av_packet_unref(pkt);
            continue;
        }
        if (av_packet_get_side_data(pkt, AV_PKT_DATA_ENCRYPTION_INFO, NULL)) {
            int64_t t = packet_time(m, pkt);
            av_packet_unref(pkt);
            return ava_fail(e, AVALIGN_ERR_FORMAT, "demux", t, 0, "the file is encrypted; supply a decrypted copy");
        }
        unwrap(pkt, m->fmt->streams[pkt->stream_index]->pts_wrap_bits);
        if (side == AVA_CLOCK_VIDEO) {
            pkt->pts += pkt->pts != AV_NOPTS_VALUE ? m->trimmed : 0;
            pkt->dts += pkt->dts != AV_NOPTS_VALUE ? m->trimmed : 0;
        }
        if (ava_clock_put(m->clock, pkt, side, m->fmt->streams[pkt->stream_index]->time_base))
            return ava_fail(e, AVALIGN_ERR_NOMEM, "demux", AVA_NO_TIME, 0, "out of memory");
        rc = release(m, pkt, f, sink, &told_us, e);
    }
    return rc == 1 ? 0 : rc;
}

int ava_media_run(AvaMedia *m, const AvaMediaSink *sink, AvalignErrorInfo *e)
{
    AVPacket *pkt = av_packet_alloc();
    AVFrame *f = av_frame_alloc();
    int rc = pkt && f ? 0 : ava_fail(e, AVALIGN_ERR_NOMEM, "demux", AVA_NO_TIME, 0, "out of memory");
    if (!rc)
        rc = read_all(m, pkt, f, sink, e);
    if (!rc && m->video.dec && !m->stats.sparse_us)
        rc = media_decode(m, &m->video, NULL, f, sink, e);
    if (rc >= 0 && m->audio.dec && !m->stats.sparse_us)
        rc = media_decode(m, &m->audio, NULL, f, sink, e);
    if (rc >= 0)
        rc = ava_sound_flush(&m->sound, sink, e);
    av_packet_free(&pkt);
    av_frame_free(&f);
    return rc;
}
