/* picture.h -- from a decoder's frame to an AvaImage view. Inside src/media/. */
#ifndef AVA_PICTURE_H
#define AVA_PICTURE_H

#include <libavformat/avformat.h>
#include <libswscale/swscale.h>

#include "media/media.h"

typedef struct AvaPicture {
    struct SwsContext *sws;
    int turn[4]; /* display = turn * buffer, entries -1, 0, 1 */
} AvaPicture;

void ava_picture_init(AvaPicture *p, const AVStream *st);
void ava_picture_close(AvaPicture *p);
int ava_picture_rotation(const AvaPicture *p); /* degrees clockwise */
/* Upright size in square pixels. */
void ava_picture_size(const AvaPicture *p, int w, int h, AVRational sar, int *out_w, int *out_h);
/* A view with its own reference to the pixels; NULL with *code set. */
AvaFrame *ava_picture_view(AvaPicture *p, const AVFrame *f, AVRational sar, int64_t pts_us, int *code);

#endif
