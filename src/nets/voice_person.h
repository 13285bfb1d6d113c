/* voice_person.h -- role voice-person: from the speech encoder's summary of a window to log odds. */
#ifndef AVA_NETS_VOICE_PERSON_H
#define AVA_NETS_VOICE_PERSON_H

#include "infer/infer.h"

typedef struct AvaPersonOdds {
    int64_t start_us, end_us; /* since the first sample */
    float synthetic;          /* log odds "made by a machine"; 0 where the calibration's share of genuine windows lies */
    float codec;              /* log odds "a person's speech that went through a neural codec or restoration" */
} AvaPersonOdds;

typedef struct AvaPersonNet AvaPersonNet;
int ava_person_open(AvaPersonNet **out, AvalignModels *m, AvalignErrorInfo *e);
void ava_person_close(AvaPersonNet **n);
int ava_person_run(AvaPersonNet *n, const float *pooled, AvaPersonOdds *out, AvalignErrorInfo *e);

#endif
