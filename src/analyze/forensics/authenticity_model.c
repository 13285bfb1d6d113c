/* authenticity_model.c -- bounds and scores of the voice's log odds. */
#include "analyze/forensics/authenticity_model.h"

#include <string.h>

#include "util/logistic.h"

double ava_authentic_llr(const AvaCalibration *c, double odds) { return ava_bounded(c->spoof.slope * (c->spoof.middle - odds), c->spoof.bound); }
double ava_authenticity_score(const AvaCalibration *c, double odds) { return ava_logistic((c->spoof.real_99 - odds) / c->spoof.soft); }
double ava_person_llr(const AvaCalibration *c, double odds) { return ava_bounded(c->person.llr_slope * (c->person.llr_even - odds), c->person.llr_bound); }
double ava_person_score(const AvaCalibration *c, double odds) { return ava_logistic(-ava_bounded(odds, c->person.score_bound)); }
double ava_splice_score(const AvaCalibration *c, double odds) { return ava_logistic((odds - c->splice.at) / c->splice.soft); }
double ava_vocoder_score(const AvaCalibration *c, double odds) { return ava_logistic(odds - c->spoof.vocoder_at); }
int ava_is_phase_expert(const char *name) { return name && !strcmp(name, "phase"); }
