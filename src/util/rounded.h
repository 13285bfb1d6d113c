/* rounded.h -- functions of floats that C libraries round differently (glibc 2.41's atan2f is not 2.36's): taken from those of doubles, whose last
 * bit is lost on the way. A bit in a head's angle moves the crop that a net sees, and shows in the third digit of what it says. */
#ifndef AVA_ROUNDED_H
#define AVA_ROUNDED_H

#include <math.h>

static inline float ava_atan2f(float y, float x) { return (float)atan2((double)y, (double)x); }
static inline float ava_asinf(float x) { return (float)asin((double)x); }
static inline float ava_log10f(float x) { return (float)log10((double)x); }
#endif
