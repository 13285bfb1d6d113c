/* embedding.h -- what the evidence says of a person: mean voice and face, pitch, the rhythm of speech. */
#ifndef AVA_EVIDENCE_EMBEDDING_H
#define AVA_EVIDENCE_EMBEDDING_H

#include "evidence/evidence.h"

double ava_cosine(const float *a, const float *b, size_t n);
/* Length-1 means; seconds of speech, or of face. 0 when there is nothing. */
double ava_mean_voice(const AvaEvidence *ev, float out[AVALIGN_VOICE_DIM]);
double ava_mean_face(const AvaTrackRows *t, float out[AVALIGN_FACE_DIM], double *quality);
/* Hz of every 10 ms that is spoken with a pitch, in ascending order; *out is the caller's, NULL when out of
 * memory (then 0 is returned). */
size_t ava_spoken_pitch(const AvaEvidence *ev, float **out);
/* Median pitch of what is spoken, 0 = none. */
double ava_median_pitch(const AvaEvidence *ev);

/* How somebody talks. NAN = not known. */
typedef struct AvaRhythm {
    double pitch_hz, pitch_spread;     /* median; distance of the quartiles in semitones */
    double pauses_per_minute, pause_s; /* of 0.2-2 s between speech, per minute of speech; their mean */
} AvaRhythm;

void ava_rhythm(const AvaEvidence *ev, AvaRhythm *out);

#endif
