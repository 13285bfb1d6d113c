/* finding_kinds.c -- the registry of findings: for each kind a title, what it means and what else may look like it, in words. */
#include <string.h>

#include "report/findings.h"

static const AvaFindingKind kinds[] = {
    { "lip-sync-error", "Sound and picture are apart",
      "An offset over 100 ms: the sound was laid under other pictures, or the file was packed badly.",
      "Bluetooth or streaming delay, a careless edit, a container with wrong start times." },
    { "voice-face-mismatch", "The voice does not fit the face",
      "What the voice tells of its speaker (sex above all) is not what the face tells.",
      "A dubbed or translated clip, a voice-over, an unusual voice." },
    { "synthetic-voice", "Signs of a synthetic voice", "Spectrum and phase look as a generator leaves them.",
      "Strong noise suppression, low bit rates, speech through loudspeakers; unknown recording gear." },
    { "incongruent-emotion", "The emotion does not fit", "Voice and face show clearly different emotions.",
      "Irony, acting, masks of politeness; culture. Weak evidence." },
    { "audio-splice", "The sound looks spliced", "Two recordings, or two places of one, were put together.",
      "A door, a cough, a microphone switched on; ordinary editing." },
    { "audio-artifact", "Traces of editing in the sound", "Something in the sound is left over from editing.",
      "Ordinary post-production." },
    { "missed-closure", "Lips that should have closed", "P, B and M need closed lips; these were open.",
      "The phones come from an automatic recogniser and may be wrong; low resolution." },
    { "splice", "A cut in the sound", "The sound does not go on from itself here.",
      "A click, a door, a switched microphone; ordinary editing." },
    { "copy_move", "The same sound twice", "A stretch of speech is an exact copy of another.",
      "A jingle or a replayed clip." },
    { "silence", "Silence that no room has", "Digital zero, or pauses without a room.",
      "A noise gate, a hole in the stream, muting by an editor." },
    { "phase", "Channels that do not fit together", "Left and right are in opposite polarity.",
      "A wrongly wired cable, a widening effect." },
    { "vocoder", "Traces of a vocoder", "The phases of the harmonics go together as a machine makes them.",
      "Heavy processing, pitch correction." },
    { "compression", "A part that came another way", "The spectrum ends elsewhere than in the rest.",
      "A telephone guest, an insert from an archive." },
    { "history", "What came before this file", "The sound or the file went through another encoding or program before.",
      "Ordinary: every platform and every editor does that." },
    { "resampling", "Once sampled at another rate", "Nothing is heard above half of an earlier sampling rate.",
      "Ordinary: cheap microphones, old codecs, platforms." },
    { "sync-step", "The offset jumps", "Sound and picture shift against each other within the file.",
      "A cut that moved only one of the two." },
    { "sync-dropout", "Lip sync is lost", "Mouth and sound match elsewhere but not here.",
      "The face turns away, somebody else speaks, an insert." },
    { "emotion-mismatch", "Emotions clash here", "Voice and face show different emotions.",
      "Irony, acting. Weak evidence." },
    { "voice-change", "The voice changes", "From here on another voice is heard.",
      "A second speaker, a played clip." },
    { "neural-codec", "Speech through a neural codec", "A net wrote the waveform of this speech anew.",
      "Ordinary: meeting programs, noise removal and restoration do that; the voice may well be a person's." },
    { "drawn-face", "The face looks drawn",
      "A program drew the face, or its mouth: to a voice, over another face, or out of nothing.",
      "Beauty filters, upscaling, noise removal, a face behind glass or on a screen, make-up; picture formats that were not known." },
    { "declared-generated", "A generated source is declared",
      "A manifest in the file (C2PA, Content Credentials) names an algorithm or a generative model as the source of the file, of a part or of what it was made from.",
      "Nothing of it was verified: anybody can write or copy a manifest. That a file has none says nothing." },
    { "offscreen-voice", "A voice without a face", "The face in the picture does not speak this.",
      "A reporter or narrator." },
};

const AvaFindingKind *ava_finding_kind(size_t i) { return i < sizeof kinds / sizeof *kinds ? &kinds[i] : NULL; }

/* A trace of compression under the threshold tells of the whole file's way, not of a part. */
const char *ava_finding_topic(const AvaFinding *f) { return !strcmp(f->kind, "compression") && f->score < .5 ? "history" : f->kind; }
