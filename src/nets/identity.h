/* identity.h -- roles face-embed, face-age-sex, face-joint: whose face it is, about once a second. */
#ifndef AVA_NETS_IDENTITY_H
#define AVA_NETS_IDENTITY_H

#include "avalign/avalign.h"
#include "image/image.h"
#include "infer/infer.h"

typedef struct AvaFaceVec {
    int64_t t_us;
    float quality; /* (0,1]: size, sharpness, frontal, uncovered */
    float female;  /* log odds, by role face-age-sex */
    float age;     /* years */
    float joint;   /* log odds of "female", by role face-joint */
    float v[AVALIGN_FACE_DIM]; /* length 1 */
} AvaFaceVec;

typedef struct AvaIdentity AvaIdentity;
int ava_identity_open(AvaIdentity **out, AvalignModels *m, AvalignErrorInfo *e);
void ava_identity_close(AvaIdentity **n);
/* How well a view serves, 0 = not at all. */
float ava_identity_quality(const AvalignFaceView *v);
/* What face-api's nets read: the face box out of a portrait, 112 x 112 RGB 0-255 in planes. Returns the
 * session's input, or NULL when out of memory. */
float *ava_portrait_input(AvaSession *s, const uint8_t *portrait);
/* The same out of any picture; map: from the 112 x 112 to the picture. */
float *ava_crop_input(AvaSession *s, const AvaImage *img, AvaAffine map);
/* face: 112 x 112 RGB (ArcFace template), portrait: AVALIGN_PORTRAIT_SIDE squared RGB. */
int ava_identity_run(AvaIdentity *n, const uint8_t *face, const uint8_t *portrait, AvaFaceVec *out, AvalignErrorInfo *e);

#endif
