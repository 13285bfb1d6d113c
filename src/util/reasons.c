/* reasons.c -- the registry of reasons why a number is absent: code and words. docs/reasons.md tells more of each; whoever prints a code has its
 * words from here. */
#include <string.h>

#include "avalign/avalign.h"

static const AvalignReasonInfo reasons[] = {
    { "not-built", "this build has no such analyzer yet" },
    { "not-asked", "left out on request" },
    { "no-video", "there is no picture" },
    { "no-audio", "there is no sound" },
    { "no-face", "no face was found" },
    { "no-speech", "no speech was heard" },
    { "too-short", "needs more speech with a visible mouth" },
    { "no-mouth-image", "needs mouth images or 468 landmarks" },
    { "too-noisy", "too much noise under the speech" },
    { "music", "music is heard under the speech" },
    { "overlap", "others speak at the same time" },
    { "whisper", "the voice is whispered" },
    { "singing", "the voice sings" },
    { "low-bit-rate", "too little of the voice is left at this bit rate" },
    { "still-image", "a photograph with sound: nothing moves" },
    { "low-resolution", "the face is too small" },
    { "profile", "the face is turned away" },
    { "face-covered", "eyes or mouth are covered" },
    { "no-phone-model", "the phone recogniser's model is not installed" },
    { "phones-unreliable", "the phone recogniser has no footing here (language or sound quality)" },
    { "narrow-band", "telephone sound: too narrow a band to compare voices" },
    { "several-voices", "several voices; match them one by one" },
    { "several-faces", "several faces and none is sure to be speaking" },
    { "face-unclear", "needs two seconds of a larger, more frontal face" },
    { "child", "children's voices do not tell" },
    { "not-enrolled", "the reference has none" },
    { "no-model", "a net of it is not installed" },
    { "drift", "sound and picture run at different speeds: there is no one offset" },
    { "unclear", "no offset stands out; sound and mouth may not belong together" },
    { "net-left-out", "these models hold no net for it" },
    { "not-calibrated", "a net of it has no calibration that holds" },
    { "face-small", "the face is too small to tell" },
    { "too-few-frames", "too few pictures of one face" },
    { "too-little-judged", "nothing that counts could be judged" },
};

const AvalignReasonInfo *avalign_reason_info(size_t i) { return i < sizeof reasons / sizeof *reasons ? &reasons[i] : NULL; }

const char *avalign_reason_words(const char *code)
{
    for (size_t i = 0; code && i < sizeof reasons / sizeof *reasons; i++)
        if (!strcmp(reasons[i].code, code))
            return reasons[i].words;
    return code;
}
