/* external_face.h -- a face that the caller tracked, kept until its picture comes. */
#ifndef AVA_TRACK_EXTERNAL_FACE_H
#define AVA_TRACK_EXTERNAL_FACE_H

#include "avalign/avalign.h"

typedef struct AvaExternalFace {
    int64_t t_us;
    int track_id;
    size_t n_lm, dims;
    float box[4], *lm; /* lm NULL: no landmarks */
    uint8_t *mouth;    /* NULL: no frame of it */
} AvaExternalFace;

/* Can it be used? 0, or AVALIGN_ERR_ARG with the reason. */
int ava_external_face_check(const AvalignFace *f, int64_t t_us, AvalignErrorInfo *e);
/* A copy of one that was checked; 0 or -1: out of memory (to be freed all the same). */
int ava_external_face_copy(AvaExternalFace *out, int64_t t_us, const AvalignFace *f);
void ava_external_face_free(AvaExternalFace *f);

#endif
