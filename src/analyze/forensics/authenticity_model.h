/* authenticity_model.h -- what authenticity.c and edits.c know by training: from a net's numbers to ratios and scores.
 * Printed by training/authenticity/calibrate.py and training/splice/train.py; card models/authenticity/CARD.md. */
#ifndef AVA_FORENSICS_AUTHENTICITY_MODEL_H
#define AVA_FORENSICS_AUTHENTICITY_MODEL_H

/* Mean log odds of the windows to a natural log likelihood ratio "a person's voice" against "made by a machine", bounded. */
double ava_authentic_llr(double odds);
/* And to the headline field: under .5 where at most 2 % of real clips are. */
double ava_authenticity_score(double odds);
/* Log odds of the head on the speech encoder, whose 0 lies at the threshold, to the same field. */
double ava_person_score(double odds);
/* Log odds of the splice net to [0,1]: .5 where untouched speech raises one alarm an hour. */
double ava_splice_score(double odds);
/* The phase expert's number to [0,1], .5 as above. */
double ava_vocoder_score(double odds);
int ava_is_phase_expert(const char *name);

#endif
