/* lse.h -- SyncNet's and Wav2Lip's own sync measures, with the user's copy of their nets.
 *
 * Roles syncnet-face, syncnet-sound (training/import/syncnet.py) and wav2lip-face,
 * wav2lip-sound (training/import/wav2lip_expert.py). The arithmetic is that of
 * syncnet_python's SyncNetInstance.evaluate() and of Wav2Lip's color_syncnet_train.py. */
#ifndef AVA_NETS_LSE_H
#define AVA_NETS_LSE_H

#include "avalign/avalign.h"
#include "infer/infer.h"

enum {
    AVA_LSE_SIDE = 224, AVA_LSE_FRAMES = 5, AVA_LSE_DIM = 1024, AVA_LSE_SHIFT = 15, /* +-, frames */
    AVA_EXPERT_SIDE = 96, AVA_EXPERT_DIM = 512
};

/* Of one face without holes. */
typedef struct AvaLse {
    const char *reason, *expert_reason; /* NULL, or why there is no answer */
    int offset_frames;                  /* > 0: sound early */
    double distance, confidence;        /* LSE-D, LSE-C */
    size_t windows;
    double expert, expert_best;         /* mean cosine as played, and at the best shift */
    int expert_offset_frames;
} AvaLse;

typedef struct AvaLseNets AvaLseNets;
/* AVALIGN_ERR_MODEL when the manifest has neither pair. */
int ava_lse_open(AvaLseNets **out, AvalignModels *m, AvalignErrorInfo *e);
void ava_lse_close(AvaLseNets **n);
int ava_lse_has_syncnet(const AvaLseNets *n);
int ava_lse_has_expert(const AvaLseNets *n);
/* Five BGR frames on end, 224 x 224 and (face box alone) 96 x 96, to an embedding. */
int ava_lse_face(AvaLseNets *n, const uint8_t *const bgr[AVA_LSE_FRAMES], float out[AVA_LSE_DIM], AvalignErrorInfo *e);
int ava_lse_expert_face(AvaLseNets *n, const uint8_t *const bgr[AVA_LSE_FRAMES], float out[AVA_EXPERT_DIM], AvalignErrorInfo *e);
/* face: n embeddings, one for every frame but the last four (NULL: none); expert
 * likewise. pcm: 16 kHz, from the first frame on. */
int ava_lse_measure(AvaLseNets *nets, const float *face, const float *expert, size_t n, const float *pcm, size_t samples,
                  AvaLse *out, AvalignErrorInfo *e);

#endif
