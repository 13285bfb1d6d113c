/* video_frame.c -- rotation, pixel aspect and interlacing become part of the view's
 * matrix. Of an interlaced frame the first field alone is used: it is what is on
 * screen at the frame's time, and weaving two instants would blur moving lips. */
#include "media/video_frame.h"

#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
#include <math.h>
#include <stdlib.h>

#include "media/ffmpeg_compat.h"

static int sign16(int32_t v) { return v > 0x8000 ? 1 : v < -0x8000 ? -1 : 0; }

void ava_video_frame_init(AvaVideoFrame *p, const AVStream *st)
{
    p->sws = NULL;
    p->turn[0] = p->turn[3] = 1;
    p->turn[1] = p->turn[2] = 0;
    size_t size = 0;
    const int32_t *m = ava_stream_side_data(st, AV_PKT_DATA_DISPLAYMATRIX, &size);
    if (!m || size < 9 * sizeof *m)
        return;
    /* row vectors: x' = m0 x + m3 y, y' = m1 x + m4 y */
    int t[4] = { sign16(m[0]), sign16(m[3]), sign16(m[1]), sign16(m[4]) };
    int straight = t[0] && t[3] && !t[1] && !t[2], turned = t[1] && t[2] && !t[0] && !t[3];
    if (straight || turned)
        for (int i = 0; i < 4; i++)
            p->turn[i] = t[i];
}

void ava_video_frame_close(AvaVideoFrame *p) { sws_freeContext(p->sws); p->sws = NULL; }

int ava_video_frame_rotation(const AvaVideoFrame *p)
{
    return p->turn[0] ? (p->turn[0] < 0 && p->turn[3] < 0 ? 180 : 0) : p->turn[2] > 0 ? 90 : 270;
}

static void square_size(int w, int h, AVRational sar, double *sw, double *sh)
{
    double r = sar.num > 0 && sar.den > 0 ? av_q2d(sar) : 1;
    if (!(r > 0.1 && r < 10))
        r = 1;
    *sw = r > 1 ? w * r : w;
    *sh = r > 1 ? h : h / r;
}

void ava_video_frame_size(const AvaVideoFrame *p, int w, int h, AVRational sar, int *out_w, int *out_h)
{
    double sw, sh;
    square_size(w, h, sar, &sw, &sh);
    *out_w = (int)lrint(p->turn[0] ? sw : sh);
    *out_h = (int)lrint(p->turn[0] ? sh : sw);
}

/* The same frame as 8-bit 4:2:0. */
static AVFrame *to_i420(AvaVideoFrame *p, const AVFrame *f)
{
    AVFrame *g = av_frame_alloc();
    if (!g)
        return NULL;
    g->format = AV_PIX_FMT_YUV420P;
    g->width = f->width;
    g->height = f->height;
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(f->format);
    int rgb = d && (d->flags & AV_PIX_FMT_FLAG_RGB), full = !rgb && f->color_range == AVCOL_RANGE_JPEG;
    p->sws = sws_getCachedContext(p->sws, f->width, f->height, f->format, g->width, g->height,
                                  AV_PIX_FMT_YUV420P, SWS_BILINEAR | SWS_ACCURATE_RND, NULL, NULL, NULL);
    if (p->sws)
        sws_setColorspaceDetails(p->sws, sws_getCoefficients(SWS_CS_DEFAULT), rgb || full,
                                 sws_getCoefficients(SWS_CS_DEFAULT), full, 0, 1 << 16, 1 << 16);
    if (!p->sws || av_frame_get_buffer(g, 0) < 0 ||
        sws_scale(p->sws, (const uint8_t *const *)f->data, f->linesize, 0, f->height, g->data, g->linesize) < 0) {
        av_frame_free(&g);
        return NULL;
    }
    ava_frame_copy_fields(g, f);
    g->color_range = full ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    g->colorspace = f->colorspace;
    return g;
}

AvaFrame *ava_video_frame_view(AvaVideoFrame *p, const AVFrame *f, AVRational sar, int64_t pts_us, int *code)
{
    int plain = f->format == AV_PIX_FMT_YUV420P || f->format == AV_PIX_FMT_YUVJ420P;
    AVFrame *g = plain ? av_frame_clone(f) : to_i420(p, f);
    AvaFrame *out = calloc(1, sizeof *out);
    if (!g || !out) {
        av_frame_free(&g);
        free(out);
        *code = AVALIGN_ERR_NOMEM;
        return NULL;
    }
    double sw, sh;
    square_size(g->width, g->height, sar, &sw, &sh);
    AvaImage *v = &out->img;
    v->layout = AVA_I420;
    ava_video_frame_size(p, g->width, g->height, sar, &v->width, &v->height);
    v->buf_width = g->width;
    v->buf_height = g->height;
    v->full_range = f->format == AV_PIX_FMT_YUVJ420P || g->color_range == AVCOL_RANGE_JPEG;
    v->bt709 = g->colorspace == AVCOL_SPC_BT709 || (g->colorspace == AVCOL_SPC_UNSPECIFIED && g->height >= 720);
    int field = ava_frame_interlaced(g) && g->height >= 64, bottom = field && !ava_frame_top_first(g);
    for (int i = 0; i < 3; i++) {
        v->plane[i] = g->data[i] + (bottom ? g->linesize[i] : 0);
        v->stride[i] = (ptrdiff_t)g->linesize[i] * (field ? 2 : 1);
    }
    /* buffer = turn^T (upright - centre), scaled to buffer pixels, about the buffer's centre */
    double kx = g->width / sw, ky = g->height / sh;
    double ucx = (v->width - 1) / 2., ucy = (v->height - 1) / 2.;
    double bcx = (g->width - 1) / 2., bcy = (g->height - 1) / 2.;
    double a = p->turn[0] * kx, b = p->turn[2] * kx, d = p->turn[1] * ky, e = p->turn[3] * ky;
    double c = bcx - a * ucx - b * ucy, h = bcy - d * ucx - e * ucy;
    if (field) {
        d /= 2;
        e /= 2;
        h = (h - bottom) / 2;
        v->buf_height = (g->height + !bottom) / 2;
    }
    v->to_buf = (AvaAffine){ (float)a, (float)b, (float)c, (float)d, (float)e, (float)h };
    out->pts_us = pts_us;
    out->bytes = (size_t)g->width * (size_t)g->height * 3 / 2;
    out->ref = g;
    return out;
}

void ava_frame_free(AvaFrame *f)
{
    if (!f)
        return;
    AVFrame *g = f->ref;
    av_frame_free(&g);
    free(f);
}
