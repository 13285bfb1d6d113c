/* crossmodal.h -- a cross-modal net that the user brings: roles cross-voice and cross-face
 * (training/import/crossmodal.py), in place of what sex tells. */
#ifndef AVA_EXTRACT_CROSSMODAL_H
#define AVA_EXTRACT_CROSSMODAL_H

#include "evidence/evidence.h"
#include "infer/infer.h"

/* Projects a mean voice and a mean face into the nets' common space: 1 and *cosine; 0 when the manifest has no such nets; a
 * negative AvalignError. */
int ava_crossmodal_compare(AvalignModels *m, const float voice[AVALIGN_VOICE_DIM], const float face[AVALIGN_FACE_DIM], double *cosine,
                      AvalignErrorInfo *e);

#endif
