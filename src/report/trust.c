/* trust.c -- the registry of measures as evidence: one row each. Whoever prints propositions and likelihood ratios reads it here. */
#include "report/trust.h"

#include <math.h>
#include <string.h>

static const AvaTrustRow rows[] = {
    { "lip sync", "the sound was made by this mouth, at the time at which it is shown", "the sound is another's, or was moved against the picture", "sync-sound", "lipsync.score", NULL,
      "lipsync.used_s" },
    { "mouth shapes", "the mouth makes the shapes that the sounds ask for", "the mouth spoke something else", "mouth-shape", "viseme.z", "viseme.llr", NULL },
    { "voice and face", "the voice and the face are one person's", "the voice is somebody else's", "face-joint", "speaker.match", "speaker.llr", NULL },
    { "emotion", "voice and face express what one person felt", "voice and face come from two recordings", "voice-emotion", "emotion.agreement", "emotion.llr", NULL },
    { "voice authenticity", "a person spoke", "a program made the voice", "voice-person", "authenticity.score", "authenticity.llr", NULL },
    { "editing of the sound", "the sound is one recording, as it was made", "something was cut out, put in or made anew", "splice", "artifacts.worst", NULL, NULL },
    { "face", "a camera saw the face", "a program drew the face, or its mouth", "drawn-face", "mouth.score", "mouth.llr", NULL },
};

const AvaTrustRow *ava_trust_row(size_t i) { return i < sizeof rows / sizeof *rows ? &rows[i] : NULL; }

double ava_trust_llr(const AvalignResult *r, const AvaTrustRow *row) { return row->llr ? ava_signal_number(&r->found, row->llr) : NAN; }

const char *ava_trust_words(double llr)
{
    static const char *const words[2][4] = { { "does not tell them apart", "weak support for the first", "moderate support for the first", "strong support for the first" },
                                             { "does not tell them apart", "weak support for the second", "moderate support for the second", "strong support for the second" } };
    return words[llr < 0][ava_strength(llr)];
}

int ava_trust_holds(const AvalignResult *r, const AvaTrustRow *row, const AvaValidation *v)
{
    double s = row->heard_s ? ava_signal_number(&r->found, row->heard_s) : r->media.has_sound ? r->media.speech_s : NAN;
    int by_length = v->from_s > -INFINITY || v->to_s < INFINITY;
    if ((by_length && !(s >= v->from_s && s < v->to_s)) || (v->codec && !(r->media.opened && !strcmp(v->codec, r->media.info.audio_codec))))
        return 0;
    return by_length || v->codec ? 2 : 1;
}
