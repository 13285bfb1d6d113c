/* input_quality.h -- is the material fit to be judged at all? The reasons that several analyzers share, in one place. */
#ifndef AVA_ANALYZE_INPUT_QUALITY_H
#define AVA_ANALYZE_INPUT_QUALITY_H

#include "evidence/evidence.h"

/* Why the voice can't be judged: "whisper", "singing", "too-noisy", "low-bit-rate", "music", "overlap"; NULL: it can. */
const char *ava_voice_unfit(const AvaEvidence *ev);

/* Nobody in the picture moves a muscle: a photograph with sound. */
int ava_still_image(const AvaEvidence *ev);

/* Share of the pitch that is held like a note: much in song, next to nothing in speech. NAN: under a second with a pitch. */
double ava_share_held(const AvaEvidence *ev);
/* Why faces that were found are of no use: "low-resolution", "profile", "face-covered"; NULL: none of these. */
const char *ava_face_unfit(const AvaEvidence *ev);
/* The same for lips, to which covered eyes are nothing. */
const char *ava_lips_unfit(const AvaEvidence *ev);

#endif
