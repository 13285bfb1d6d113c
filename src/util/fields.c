/* fields.c -- the registry of output fields: one row each, in the order of AvalignField. Whoever lists, prints or stores them reads it here. */
#include <math.h>

#include "avalign/avalign.h"

static const AvalignFieldInfo fields[] = {
    [AVALIGN_SYNC_OFFSET_MS] = { "sync_offset_ms", "ms", "lip-sync offset", "over 0: sound early, it leads the picture", 1, NAN, NAN, 0, NAN },
    [AVALIGN_SYNC_CONFIDENCE] = { "sync_confidence", "probability", "offset confidence", "0-1, share of such answers within 80 ms of the truth", 3, 0, 1, 0, NAN },
    [AVALIGN_LIP_SYNC_SCORE] = { "lip_sync_score", "", "lip-sync score", "0-1, 1 = mouth and sound match", 3, 0, 1, -1, NAN },
    [AVALIGN_VOICE_FACE_MATCH] = { "voice_face_match", "", "voice-face match", "0-1, 1 = the voice fits the face", 3, 0, 1, -1, .5 },
    [AVALIGN_EMOTION_COHERENCE] = { "emotion_coherence", "", "emotion coherence", "0-1, 1 = voice and face agree; weak evidence", 3, 0, 1, -1, .6 },
    [AVALIGN_VOICE_AUTHENTICITY] = { "voice_authenticity", "", "voice authenticity", "0-1, 1 = a person's voice", 3, 0, 1, -1, .5 },
    [AVALIGN_ANOMALY_SCORE] = { "anomaly_score", "", "anomaly score", "0-1, from the policy's flag_at on the file is flagged", 3, 0, 1, 1, NAN },
};

const AvalignFieldInfo *avalign_field_info(size_t i) { return i < sizeof fields / sizeof *fields ? &fields[i] : NULL; }
