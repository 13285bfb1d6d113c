/* face_lse.h -- faces cropped as SyncNet's pipeline crops them, embedded picture by picture. */
#ifndef AVA_EXTRACT_FACE_LSE_H
#define AVA_EXTRACT_FACE_LSE_H

#include "evidence/evidence.h"
#include "nets/lse.h"
#include "track/tracker.h"

typedef struct AvaFaceLse AvaFaceLse;

/* Answers go to ev->lse. */
int ava_face_lse_new(AvaFaceLse **out, AvaEvidence *ev, AvalignModels *models, AvalignErrorInfo *e);
void ava_face_lse_free(AvaFaceLse **s);
int ava_face_lse_push(AvaFaceLse *s, const AvalignFaceView *v, const AvaWideCrop *w, AvalignErrorInfo *e);
/* Ends the faces and holds them against ev->pcm. */
int ava_face_lse_finish(AvaFaceLse *s, AvalignErrorInfo *e);

#endif
