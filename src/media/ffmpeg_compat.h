/* ffmpeg_compat.h -- one way to ask FFmpeg 5.1 to 8 for what moved between them. Only src/media includes it. */
#ifndef AVA_FFMPEG_COMPAT_H
#define AVA_FFMPEG_COMPAT_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/frame.h>

/* From 6.1 on flags tell of fields; the members went with 8. */
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
static inline int ava_frame_interlaced(const AVFrame *f) { return !!(f->flags & AV_FRAME_FLAG_INTERLACED); }
static inline int ava_frame_top_first(const AVFrame *f) { return !!(f->flags & AV_FRAME_FLAG_TOP_FIELD_FIRST); }
static inline void ava_frame_copy_fields(AVFrame *to, const AVFrame *f)
{
    const int both = AV_FRAME_FLAG_INTERLACED | AV_FRAME_FLAG_TOP_FIELD_FIRST;
    to->flags = (to->flags & ~both) | (f->flags & both);
}
#else
static inline int ava_frame_interlaced(const AVFrame *f) { return f->interlaced_frame; }
static inline int ava_frame_top_first(const AVFrame *f) { return f->top_field_first; }
static inline void ava_frame_copy_fields(AVFrame *to, const AVFrame *f)
{
    to->interlaced_frame = f->interlaced_frame;
    to->top_field_first = f->top_field_first;
}
#endif

/* From 6.1 on a stream's side data stand in its codec parameters; the call went with 8. NULL: none; size may be NULL. */
static inline const void *ava_stream_side_data(const AVStream *st, enum AVPacketSideDataType type, size_t *size)
{
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 30, 100)
    const AVPacketSideData *d = av_packet_side_data_get(st->codecpar->coded_side_data, st->codecpar->nb_coded_side_data, type);
    if (d && size)
        *size = d->size;
    return d ? d->data : NULL;
#else
    return av_stream_get_side_data(st, type, size);
#endif
}
#endif
