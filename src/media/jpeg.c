/* jpeg.c -- encodes RGB as a small JPEG with FFmpeg. */
#include "media/jpeg.h"

#include <libavcodec/avcodec.h>
#include <libswscale/swscale.h>
#include <stdlib.h>
#include <string.h>

enum { QUALITY = 4 }; /* FFmpeg's scale: 2 is best */

static int jpeg_encode(AVCodecContext *c, AVFrame *f, AVPacket *p, uint8_t **out, size_t *size)
{
    if (avcodec_send_frame(c, f) < 0 || avcodec_receive_packet(c, p) < 0 || !(*out = malloc((size_t)p->size)))
        return -1;
    memcpy(*out, p->data, (size_t)p->size);
    *size = (size_t)p->size;
    return 0;
}

int ava_jpeg(const uint8_t *rgb, int w, int h, uint8_t **out, size_t *size)
{
    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
    AVCodecContext *c = codec ? avcodec_alloc_context3(codec) : NULL;
    AVFrame *f = av_frame_alloc();
    AVPacket *p = av_packet_alloc();
    struct SwsContext *s = sws_getContext(w, h, AV_PIX_FMT_RGB24, w, h, AV_PIX_FMT_YUVJ420P, SWS_BILINEAR, NULL, NULL, NULL);
    int rc = -1;
    if (c && f && p && s) {
        c->width = f->width = w;
        c->height = f->height = h;
        c->pix_fmt = AV_PIX_FMT_YUVJ420P;
        f->format = AV_PIX_FMT_YUVJ420P;
        c->time_base = (AVRational){ 1, 25 };
        c->flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT;
        c->global_quality = f->quality = QUALITY * FF_QP2LAMBDA;
        if (avcodec_open2(c, codec, NULL) >= 0 && av_frame_get_buffer(f, 0) >= 0 &&
            sws_scale(s, (const uint8_t *const[]){ rgb }, (const int[]){ w * 3 }, 0, h, f->data, f->linesize) == h)
            rc = jpeg_encode(c, f, p, out, size);
    }
    sws_freeContext(s);
    av_packet_free(&p);
    av_frame_free(&f);
    avcodec_free_context(&c);
    return rc;
}
