/* image.h -- a view of a decoded picture, and crops sampled straight from it.
 *
 * Why no conversion of whole frames: a talking head needs a 192 x 192 patch, not
 * the frame. A view keeps the decoder's planes and a matrix from upright, square
 * pixels to buffer positions, so rotation, mirroring, pixel aspect and field
 * selection cost nothing; colour is converted for the sampled points alone. */
#ifndef AVA_IMAGE_H
#define AVA_IMAGE_H

#include <stddef.h>
#include <stdint.h>

typedef enum { AVA_GRAY = 1, AVA_RGB24, AVA_I420 } AvaLayout;

typedef struct AvaAffine { float a, b, c, d, e, f; } AvaAffine; /* x' = ax+by+c, y' = dx+ey+f */

typedef struct AvaImage {
    AvaLayout layout;
    int width, height;          /* upright, square pixels */
    int buf_width, buf_height;  /* of plane 0 */
    const uint8_t *plane[3];
    ptrdiff_t stride[3];
    AvaAffine to_buf;           /* upright pixel centre -> buffer pixel centre */
    int full_range, bt709;      /* I420 only */
} AvaImage;

AvaAffine ava_affine_mul(AvaAffine p, AvaAffine q); /* p(q(x)) */
/* Square of the given side at (cx, cy), turned by angle (radians), as a map
 * from an n x n output to the upright image. */
AvaAffine ava_affine_square(float cx, float cy, float side, float angle, int n);
/* Least-squares similarity taking src[n] to dst[n] (Umeyama 1991, 2-D, no reflection). */
AvaAffine ava_affine_similarity(const float (*src)[2], const float (*dst)[2], int n);

/* out = img sampled at map(x, y): w * h RGB triples, or grey values. Bilinear
 * where the map enlarges, mean of a grid of samples where it shrinks; black
 * outside. */
void ava_warp_rgb(const AvaImage *img, AvaAffine map, int w, int h, uint8_t *out);
void ava_warp_gray(const AvaImage *img, AvaAffine map, int w, int h, uint8_t *out);

/* A plain view without rotation. */
AvaImage ava_image_view(AvaLayout layout, int w, int h, const uint8_t *const plane[3],
                        const ptrdiff_t stride[3]);

#endif
