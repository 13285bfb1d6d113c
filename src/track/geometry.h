/* geometry.h -- numbers read off face landmarks. */
#ifndef AVA_GEOMETRY_H
#define AVA_GEOMETRY_H

#include <stddef.h>

#include "image/image.h"

typedef struct AvaGeometry {
    float box[4];           /* x, y, w, h */
    float yaw, pitch, roll; /* degrees */
    float eye;              /* outer eye corners apart, pixels, 3-D */
    float mouth_open, mouth_width; /* per eye distance */
    float brow, eye_open;          /* brow above the eye, lids apart, mean of both sides, per eye distance; NAN: not known */
} AvaGeometry;

/* From the 468-point mesh, or from the 68 points of iBUG 300-W (2-D; yaw from
 * the nose's place between the jaw's edges, pitch not known: 0). */
AvaGeometry ava_geometry_mesh(const float *lm);
AvaGeometry ava_geometry_68(const float *lm, size_t dims);
AvaGeometry ava_geometry_mix(const AvaGeometry *a, const AvaGeometry *b, float share_b);

/* Maps from crop to picture: the mouth (96 x 96, eye line level, 1.1 eye
 * distances wide) and the face (112 x 112, ArcFace's five-point template). */
AvaAffine ava_mouth_map(const float *lm, const AvaGeometry *g);
AvaAffine ava_face_map(const float *lm);
/* The portrait: upright, 1.4 times the face's box. */
AvaAffine ava_portrait_map(const AvaGeometry *g);

/* Of a 112 x 112 RGB face: energy of its Laplacian, and the share of the lower
 * face whose colour is unlike the cheeks' (mask, microphone). */
float ava_face_sharpness(const uint8_t *rgb);
float ava_face_occlusion(const uint8_t *rgb);
/* Share of the skin around the eyes, lids and all, that is under half as bright as the cheeks: sunglasses. */
float ava_face_dark_eyes(const uint8_t *rgb);

#endif
