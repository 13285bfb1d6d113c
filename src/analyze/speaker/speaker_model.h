/* speaker_model.h -- what embeddings say, as calibrated likelihood ratios. The calibrations come from training/speaker/train.py, which
 * see: logistic regressions on the training people. Its pairs of one person come mostly from one recording, which flatters; so the
 * slopes are about two thirds of the fitted ones and the voice's midpoint a little higher. */
#ifndef AVA_SPEAKER_SPEAKER_MODEL_H
#define AVA_SPEAKER_SPEAKER_MODEL_H

#include "evidence/embedding.h"
#include "nets/calibration.h"

/* Natural log likelihood ratios for "the same person" against "two people", bounded by what the calibration data can support
 * (docs/accuracy.md); NAN: that net has no calibration. speech_s: of the shorter side. */
double ava_voice_llr(const AvaCalibration *c, double cosine, double speech_s);
double ava_face_llr(const AvaCalibration *c, double cosine);
/* Seconds of speech from one voice vector to the next. */
double ava_voice_hop_s(const AvaEvidence *ev);
/* Of "this voice and this face belong together", from the log odds of either being female; and from a cross-modal net's cosine. */
double ava_cross_llr(const AvaCalibration *c, double voice_female, double face_female);
double ava_cross_net_llr(const AvaCalibration *c, double cosine);
/* 0-1: below .5 for no more than 2 in 100 real clips. */
double ava_cross_match(const AvaCalibration *c, double llr);
/* Log odds of "female" from the joint nets' outputs; the voice's median pitch helps (0 = unknown). */
double ava_voice_female(const AvaCalibration *c, double joint, double pitch_hz);
double ava_face_female(const AvaCalibration *c, double joint);

#endif
