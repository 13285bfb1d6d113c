/* shots.h -- hard cuts from small grey thumbnails. */
#ifndef AVA_SHOTS_H
#define AVA_SHOTS_H

#include "image/image.h"

enum { AVA_THUMB_W = 32, AVA_THUMB_H = 18 };

typedef struct AvaShots {
    int has_last;
    float last[AVA_THUMB_W * AVA_THUMB_H];
} AvaShots;

/* 1 when img is the first frame of a new shot (not for the very first). */
int ava_shots_push(AvaShots *s, const AvaImage *img);

#endif
