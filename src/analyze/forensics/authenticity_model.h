/* authenticity_model.h -- from a net's numbers to ratios and scores, for authenticity.c and artifact_splices.c. The
 * calibrations are printed by training/authenticity/calibrate.py and training/splice/train.py; card models/authenticity/CARD.md. */
#ifndef AVA_FORENSICS_AUTHENTICITY_MODEL_H
#define AVA_FORENSICS_AUTHENTICITY_MODEL_H

#include "nets/calibration.h"

/* Mean log odds of the windows to a natural log likelihood ratio "a person's voice" against "made by a machine", bounded. */
double ava_authentic_llr(const AvaCalibration *c, double odds);
/* And to the headline field: under .5 where at most 2 % of real clips are. */
double ava_authenticity_score(const AvaCalibration *c, double odds);
/* The same two for the log odds of the head on the speech encoder, whose 0 lies at the threshold. */
double ava_person_llr(const AvaCalibration *c, double odds);
double ava_person_score(const AvaCalibration *c, double odds);
/* Log odds of the splice net to [0,1]: .5 where untouched speech raises one alarm an hour. */
double ava_splice_score(const AvaCalibration *c, double odds);
/* The phase expert's number to [0,1], .5 as above. */
double ava_vocoder_score(const AvaCalibration *c, double odds);
int ava_is_phase_expert(const char *name);

#endif
