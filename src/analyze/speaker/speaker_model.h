/* speaker_model.h -- what embeddings say, as calibrated likelihood ratios. */
#ifndef AVA_SPEAKER_SPEAKER_MODEL_H
#define AVA_SPEAKER_SPEAKER_MODEL_H

#include "evidence/embedding.h"

/* Natural log likelihood ratios for "the same person" against "two people", bounded by what the
 * calibration data can support (docs/accuracy.md). speech_s: of the shorter side. */
double ava_voice_llr(double cosine, double speech_s);
double ava_identity_llr(double cosine, double speech_s);
/* The one that fits the net that made the evidence's voice vectors. */
double ava_same_voice_llr(const AvaEvidence *ev, double cosine, double speech_s);
/* Seconds of speech from one voice vector to the next. */
double ava_voice_hop_s(const AvaEvidence *ev);
double ava_face_llr(double cosine);
/* Of "this voice and this face belong together", from the log odds of either being female. */
double ava_cross_llr(double voice_female, double face_female);
/* 0-1: below .5 for no more than 2 in 100 real clips. */
double ava_cross_match(double llr);
/* Log odds of "female" from the joint nets' outputs; the voice's median pitch helps (0 = unknown). */
double ava_voice_female(double joint, double pitch_hz);
double ava_face_female(double joint);

#endif
