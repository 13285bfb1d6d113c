/* emotion.h -- what faces and the voice seem to feel, into the evidence. */
#ifndef AVA_EXTRACT_EMOTION_H
#define AVA_EXTRACT_EMOTION_H

#include "avalign/avalign.h"
#include "evidence/evidence.h"
#include "infer/infer.h"

typedef struct AvaFeelings AvaFeelings;
int ava_feelings_new(AvaFeelings **out, AvaEvidence *ev, AvalignModels *models, AvalignErrorInfo *e);
void ava_feelings_free(AvaFeelings **f);
/* Both may be called by different threads. */
int ava_feelings_face(AvaFeelings *f, const AvalignFaceView *v, AvalignErrorInfo *e);
int ava_feelings_sound(AvaFeelings *f, const float *pcm, size_t n, AvalignErrorInfo *e);
/* After the evidence's voiced, pitch and energy are complete. */
int ava_feelings_finish(AvaFeelings *f, AvalignErrorInfo *e);

#endif
