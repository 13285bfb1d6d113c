/* mouth_shape.h -- role mouth-shape: what the mouth does at every picture, from the lips' geometry and
 * the sync embedding (which has seen landmarks and mouth crop). */
#ifndef AVA_EXTRACT_MOUTH_SHAPE_H
#define AVA_EXTRACT_MOUTH_SHAPE_H

#include "evidence/evidence.h"
#include "infer/infer.h"

typedef struct AvaShapeNet AvaShapeNet;
int ava_shape_open(AvaShapeNet **out, AvalignModels *m, AvalignErrorInfo *e);
void ava_shape_close(AvaShapeNet **n);
/* Fills t->shape, one per row of the track. Tracks without embeddings are left alone. */
int ava_shape_track(AvaShapeNet *n, AvaTrackRows *t, AvalignErrorInfo *e);

#endif
