/* reasons.c -- the registry of reasons why a number is absent: code, words, and what would help. docs/reasons.md tells more of each; whoever prints a code has its
 * words from here. */
#include <string.h>

#include "avalign/avalign.h"

static const AvalignReasonInfo reasons[] = {
    { "not-built", "this build has no such analyzer yet", "a later version" },
    { "not-asked", "left out on request", "ask for it" },
    { "no-video", "there is no picture", "a file with both" },
    { "no-audio", "there is no sound", "a file with both" },
    { "no-face", "no face was found", "larger, more frontal faces" },
    { "no-speech", "no speech was heard", "speech" },
    { "too-short", "needs more speech with a visible mouth", "two seconds of frontal speech; 0.8 s for an embedding" },
    { "no-mouth-image", "needs mouth images or 468 landmarks", "468 landmarks or mouth images" },
    { "too-noisy", "too much noise under the speech", "a cleaner recording" },
    { "music", "music is heard under the speech", "the recording without it" },
    { "overlap", "others speak at the same time", "one speaker's own microphone" },
    { "whisper", "the voice is whispered", "speech aloud" },
    { "singing", "the voice sings", "speech" },
    { "low-bit-rate", "too little of the voice is left at this bit rate", "the original recording" },
    { "still-image", "a photograph with sound: nothing moves", "the video" },
    { "low-resolution", "the face is too small", "larger faces" },
    { "profile", "the face is turned away", "a more frontal view" },
    { "face-covered", "eyes or mouth are covered", "a clip without them" },
    { "no-phone-model", "the phone recogniser's model is not installed", "Debian's pocketsphinx-en-us, or AVALIGN_POCKETSPHINX=DIR" },
    { "phones-unreliable", "the phone recogniser has no footing here (language or sound quality)", "--transcript" },
    { "narrow-band", "telephone sound: too narrow a band to compare voices", "the original recording" },
    { "several-voices", "several voices; match them one by one", "a clip of one speaker" },
    { "several-faces", "several faces and none is sure to be speaking", "more speech, or --tracks" },
    { "face-unclear", "needs two seconds of a larger, more frontal face", "larger, more frontal faces" },
    { "child", "children's voices do not tell", NULL },
    { "not-enrolled", "the reference has none", "clips with both" },
    { "no-model", "a net of it is not installed", "import it" },
    { "drift", "sound and picture run at different speeds: there is no one offset", "ffmpeg -af atempo= or setpts by the drift, then again" },
    { "unclear", "no offset stands out; sound and mouth may not belong together", "longer material; see lip_sync_score" },
    { "net-left-out", "these models hold no net for it", "the full models" },
    { "not-calibrated", "a net of it has no calibration that holds", "the nets of this release, or a calibration (src/nets/calibration.h names the numbers)" },
    { "face-small", "the face is too small to tell", "larger faces, the original size" },
    { "too-few-frames", "too few frames of one face", "a longer stretch of one face" },
    { "too-little-judged", "nothing that counts could be judged", "see the other reasons" },
};

const AvalignReasonInfo *avalign_reason_info(size_t i) { return i < sizeof reasons / sizeof *reasons ? &reasons[i] : NULL; }

const char *avalign_reason_words(const char *code)
{
    for (size_t i = 0; code && i < sizeof reasons / sizeof *reasons; i++)
        if (!strcmp(reasons[i].code, code))
            return reasons[i].words;
    return code;
}
