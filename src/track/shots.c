/* shots.c -- a cut changes the layout (correlation of the thumbnails) and the
 * level (mean difference) at once; motion changes the first a little, lighting
 * the second alone. FLAT is a variance below which a frame has no layout: fades
 * and flashes of an empty picture are no cuts. */
#include "track/shots.h"

#include <math.h>
#include <string.h>

enum { N = AVA_THUMB_W * AVA_THUMB_H, SUB = 4, FLAT = 16 };

static void thumbnail(const AvaImage *img, float *out)
{
    int step = img->layout == AVA_RGB24 ? 3 : 1, green = img->layout == AVA_RGB24;
    for (int ty = 0; ty < AVA_THUMB_H; ty++)
        for (int tx = 0; tx < AVA_THUMB_W; tx++) {
            int sum = 0;
            for (int i = 0; i < SUB; i++)
                for (int j = 0; j < SUB; j++) {
                    int y = (int)((int64_t)img->buf_height * (2 * (ty * SUB + i) + 1) / (2 * AVA_THUMB_H * SUB));
                    int x = (int)((int64_t)img->buf_width * (2 * (tx * SUB + j) + 1) / (2 * AVA_THUMB_W * SUB));
                    sum += img->plane[0][y * img->stride[0] + x * step + green];
                }
            *out++ = (float)sum / (SUB * SUB);
        }
}

int ava_shots_push(AvaShots *s, const AvaImage *img)
{
    float now[N], ma = 0, mb = 0, diff = 0, ab = FLAT * N, aa = FLAT * N, bb = FLAT * N;
    thumbnail(img, now);
    for (int i = 0; i < N; i++) {
        ma += now[i] / N;
        mb += s->last[i] / N;
        diff += fabsf(now[i] - s->last[i]) / N;
    }
    for (int i = 0; i < N; i++) {
        float a = now[i] - ma, b = s->last[i] - mb;
        ab += a * b;
        aa += a * a;
        bb += b * b;
    }
    float unlike = 1 - ab / sqrtf(aa * bb);
    int cut = s->has_last && ((unlike > 0.4f && diff > 8) || (unlike > 0.2f && diff > 30));
    memcpy(s->last, now, sizeof now);
    s->has_last = 1;
    return cut;
}
