/* reference.h -- how somebody talks, for reference files. */
#ifndef AVA_RESULT_REFERENCE_H
#define AVA_RESULT_REFERENCE_H

#include "evidence/evidence.h"

/* NAN = not known. */
typedef struct AvaRhythm {
    double pitch_hz, pitch_spread;     /* median; distance of the quartiles in semitones */
    double pauses_per_minute, pause_s; /* of 0.2-2 s between speech, per minute of speech; their mean */
} AvaRhythm;

void ava_rhythm(const AvaEvidence *ev, AvaRhythm *out);

#endif
