/* logistic.h -- probabilities of log odds, and log odds held to what a calibration can support. */
#ifndef AVA_LOGISTIC_H
#define AVA_LOGISTIC_H

#include <math.h>

static inline double ava_logistic(double log_odds) { return 1 / (1 + exp(-log_odds)); }

/* From -limit to limit; what is not known (NAN) stays so. */
static inline double ava_bounded(double x, double limit) { return isnan(x) ? NAN : fmax(-limit, fmin(x, limit)); }

#endif
