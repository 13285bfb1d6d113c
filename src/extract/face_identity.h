/* face_identity.h -- the best view of every face in every second, embedded. */
#ifndef AVA_EXTRACT_FACE_IDENTITY_H
#define AVA_EXTRACT_FACE_IDENTITY_H

#include "evidence/evidence.h"

typedef struct AvaFaceIdentity AvaFaceIdentity;

/* Embeddings go to the tracks of ev. */
int ava_face_identity_new(AvaFaceIdentity **out, AvaEvidence *ev, AvalignModels *models, AvalignErrorInfo *e);
void ava_face_identity_free(AvaFaceIdentity **s);
int ava_face_identity_push(AvaFaceIdentity *s, const AvalignFaceView *v, AvalignErrorInfo *e);
int ava_face_identity_finish(AvaFaceIdentity *s, AvalignErrorInfo *e);

#endif
