/* sync.h -- roles sync-lips, sync-mouth, sync-sound: embeddings in which a mouth and its sound agree.
 *
 * Streams: frames go in one by one, unit vectors come out in order, a few seconds later. */
#ifndef AVA_NETS_SYNC_H
#define AVA_NETS_SYNC_H

#include "avalign/avalign.h"
#include "infer/infer.h"

enum { AVA_SYNC_DIM = 64, AVA_SYNC_SOUND_US = 20000 };

/* A unit vector times 127, all zero when the frame could not be embedded. */
typedef struct AvaSyncVec {
    int8_t v[AVA_SYNC_DIM];
} AvaSyncVec;

typedef int AvaSyncFn(void *cookie, const AvaSyncVec *v, size_t n); /* non-zero: out of memory */

typedef struct AvaSyncNets AvaSyncNets; /* lips and mouth, for one thread */
int ava_sync_nets_open(AvaSyncNets **out, AvalignModels *m, AvalignErrorInfo *e);
void ava_sync_nets_close(AvaSyncNets **n);

/* One face without holes in time. */
typedef struct AvaSyncFace AvaSyncFace;
AvaSyncFace *ava_sync_face_new(AvaSyncNets *nets, AvaSyncFn *emit, void *cookie); /* NULL: out of memory */
void ava_sync_face_free(AvaSyncFace **f);
int ava_sync_face_push(AvaSyncFace *f, const AvalignFaceView *v, AvalignErrorInfo *e);
int ava_sync_face_flush(AvaSyncFace *f, AvalignErrorInfo *e);

/* Sound: 40 log-mel values every 10 ms in, a vector every 20 ms out; vector j is
 * centred where mel frame 2 j is. */
typedef struct AvaSyncSound AvaSyncSound;
int ava_sync_sound_open(AvaSyncSound **out, AvalignModels *m, AvaSyncFn *emit, void *cookie, AvalignErrorInfo *e);
void ava_sync_sound_close(AvaSyncSound **s);
int ava_sync_sound_push(AvaSyncSound *s, const float mel[40], AvalignErrorInfo *e);
int ava_sync_sound_flush(AvaSyncSound *s, AvalignErrorInfo *e);

#endif
