/* voice_person.h -- role voice-person: from the speech encoder's summary of a window to log odds. */
#ifndef AVA_NETS_VOICE_PERSON_H
#define AVA_NETS_VOICE_PERSON_H

#include "infer/infer.h"

typedef struct AvaPersonOdds {
    int64_t start_us, end_us; /* since the first sample */
    float synthetic;          /* log odds "made by a machine"; 0 where the calibration's share of genuine windows lies */
    float codec;              /* log odds "a person's speech that went through a neural codec or restoration" */
} AvaPersonOdds;

/* s: a session of the role; pooled: AVA_ENCODER_POOLED numbers. Fills the odds. */
int ava_person_run(AvaSession *s, const float *pooled, AvaPersonOdds *out, AvalignErrorInfo *e);

#endif
