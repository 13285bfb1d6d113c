#include "analyze/forensics/authenticity_model.h"

#include <math.h>
#include <string.h>

static const double LLR_SLOPE = .5, LLR_MIDDLE = 0, LLR_BOUND = 1.5, REAL_99 = 2.5, SOFT = 1;
static const double SPLICE_AT = 11.3, SPLICE_SOFT = 2, VOCODER_AT = 4.2, PERSON_BOUND = 3;

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

double ava_authentic_llr(double odds) { return fmax(-LLR_BOUND, fmin(LLR_SLOPE * (LLR_MIDDLE - odds), LLR_BOUND)); }
double ava_authenticity_score(double odds) { return sigmoid((REAL_99 - odds) / SOFT); }
double ava_person_score(double odds) { return sigmoid(-fmax(-PERSON_BOUND, fmin(odds, PERSON_BOUND))); }
double ava_splice_score(double odds) { return sigmoid((odds - SPLICE_AT) / SPLICE_SOFT); }
double ava_vocoder_score(double odds) { return sigmoid(odds - VOCODER_AT); }
int ava_is_phase_expert(const char *name) { return name && !strcmp(name, "phase"); }
