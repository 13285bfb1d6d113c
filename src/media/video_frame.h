/* video_frame.h -- from a decoder's frame to an AvaImage view. Inside src/media/. */
#ifndef AVA_VIDEO_FRAME_H
#define AVA_VIDEO_FRAME_H

#include <libavformat/avformat.h>
#include <libswscale/swscale.h>

#include "media/media.h"

typedef struct AvaVideoFrame {
    struct SwsContext *sws;
    int turn[4]; /* display = turn * buffer, entries -1, 0, 1 */
} AvaVideoFrame;

void ava_video_frame_init(AvaVideoFrame *p, const AVStream *st);
void ava_video_frame_close(AvaVideoFrame *p);
int ava_video_frame_rotation(const AvaVideoFrame *p); /* degrees clockwise */
/* Upright size in square pixels. */
void ava_video_frame_size(const AvaVideoFrame *p, int w, int h, AVRational sar, int *out_w, int *out_h);
/* A view with its own reference to the pixels; NULL with *code set. */
AvaFrame *ava_video_frame_view(AvaVideoFrame *p, const AVFrame *f, AVRational sar, int64_t pts_us, int *code);

#endif
