/* face.h -- roles face-detect (BlazeFace) and face-mesh (468 landmarks). */
#ifndef AVA_NETS_FACE_H
#define AVA_NETS_FACE_H

#include "image/image.h"
#include "infer/infer.h"

typedef struct AvaFaceNets AvaFaceNets;

typedef struct AvaFaceBox {
    float x, y, w, h;  /* upright pixels */
    float kp[6][2];    /* right eye, left eye, nose tip, mouth, right ear, left ear */
    float score;       /* [0,1] */
} AvaFaceBox;

typedef struct AvaRoi {
    float cx, cy, side, angle; /* square, radians */
} AvaRoi;

int ava_face_nets_open(AvaFaceNets **out, AvalignModels *m, AvalignErrorInfo *e);
void ava_face_nets_close(AvaFaceNets **n);

/* Faces in the picture, best first, at most max. The whole frame is looked at;
 * with tiles also squares of the frame's short side (faces a few metres away) and,
 * when nothing was found, of half that side. Returns the number or a negative
 * AvalignError. */
int ava_face_detect(AvaFaceNets *n, const AvaImage *img, int tiles, AvaFaceBox *out, int max, AvalignErrorInfo *e);
AvaRoi ava_roi_from_box(const AvaFaceBox *box);
AvaRoi ava_roi_from_landmarks(const float *lm);
/* lm: 468 * 3 in upright pixels. presence: probability that the region shows a face. */
int ava_face_mesh(AvaFaceNets *n, const AvaImage *img, AvaRoi roi, float *lm, float *presence,
                  AvalignErrorInfo *e);

#endif
