/* joint.h -- roles voice-joint and face-joint: what voices and faces share, from their embeddings. */
#ifndef AVA_NETS_JOINT_H
#define AVA_NETS_JOINT_H

#include "avalign/avalign.h"
#include "infer/infer.h"

/* Log odds of "female" for each of n embeddings of dim numbers; s: a session of either role. */
int ava_joint_run(AvaSession *s, const float *embedding, size_t n, size_t dim, float *out, AvalignErrorInfo *e);

#endif
