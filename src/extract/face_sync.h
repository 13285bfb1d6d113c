/* face_sync.h -- lip-sync embeddings of every face track, into the evidence. */
#ifndef AVA_EXTRACT_FACE_SYNC_H
#define AVA_EXTRACT_FACE_SYNC_H

#include "evidence/evidence.h"
#include "infer/infer.h"

typedef struct AvaFaceSync AvaFaceSync;

/* The nets are loaded with the first face, by the thread that follows faces. */
int ava_face_sync_new(AvaFaceSync **out, AvaEvidence *ev, AvalignModels *models, AvalignErrorInfo *e);
void ava_face_sync_free(AvaFaceSync **s);
/* Call once for every row appended to the evidence, in the same order. */
int ava_face_sync_push(AvaFaceSync *s, const AvalignFaceView *v, AvalignErrorInfo *e);
int ava_face_sync_finish(AvaFaceSync *s, AvalignErrorInfo *e);

/* The rows of a track, newest first searched; NULL when there is none. */
AvaTrackRows *ava_track_rows(AvaEvidence *ev, int id);

#endif
