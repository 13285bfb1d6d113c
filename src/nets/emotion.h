/* emotion.h -- roles face-expression and voice-emotion: probabilities of seven emotions.
 *
 * A net of either role may know its classes in another order or some of them only: the manifest row's
 * "labels" name them, and what is none of the seven (calm, contempt, ...) is left out of the sum. "face_boxes" and "raised" of a
 * face-expression net's row: the side of the square that it reads and how far that lies above the middle, in sides of the
 * landmarks' box (not told: 1 and 0). */
#ifndef AVA_NETS_EMOTION_H
#define AVA_NETS_EMOTION_H

#include <stdint.h>

#include "image/image.h"
#include "infer/infer.h"

typedef enum AvaEmotion {
    AVA_NEUTRAL, AVA_HAPPINESS, AVA_SADNESS, AVA_ANGER, AVA_FEAR, AVA_DISGUST, AVA_SURPRISE, AVA_N_EMOTIONS
} AvaEmotion;

extern const char *const ava_emotion_names[AVA_N_EMOTIONS];

enum { AVA_N_PROSODY = 8 };

typedef struct AvaEmotionSpan {
    int64_t start_us, end_us; /* of the voice: since the first sample; of a face: both the picture's time */
    float p[AVA_N_EMOTIONS];  /* sum 1 */
    float prosody[AVA_N_PROSODY]; /* of the voice, see ava_prosody() */
} AvaEmotionSpan;

typedef struct AvaEmotionNet AvaEmotionNet;
/* role: "face-expression" or "voice-emotion". */
int ava_emotion_open(AvaEmotionNet **out, AvalignModels *m, const char *role, AvalignErrorInfo *e);
void ava_emotion_close(AvaEmotionNet **n);
/* face-expression. portrait: AVALIGN_PORTRAIT_SIDE squared RGB. */
int ava_emotion_face(AvaEmotionNet *n, const uint8_t *portrait, float p[AVA_N_EMOTIONS], AvalignErrorInfo *e);

/* The same of a frame that the face fills as in those that the net was taught with: its middle square is read. */
int ava_emotion_crop(AvaEmotionNet *n, const AvaImage *crop, float p[AVA_N_EMOTIONS], AvalignErrorInfo *e);

/* voice-emotion reads a few numbers of pitch and loudness, or the sound itself (input "waveform"), or the speech encoder's summary of a
 * window (input "pooled", AVA_ENCODER_POOLED numbers). */
int ava_emotion_wants_sound(const AvaEmotionNet *n);
int ava_emotion_wants_encoder(const AvaEmotionNet *n);
int ava_emotion_voice(AvaEmotionNet *n, const float *x, size_t len, float p[AVA_N_EMOTIONS], AvalignErrorInfo *e);

/* Pitch (Hz, 0 = none) and log energy of n instants of 10 ms, voiced[i] in [0,1], to what the net reads:
 * pitch in semitones re 100 Hz (mean, deviation, 10-90 % range), share of the speech with pitch, mean step
 * of the pitch; deviation, mean step and 50-95 % range of the log energy. Returns the seconds of speech. */
float ava_prosody(const float *pitch, const float *energy, const float *voiced, size_t n, float out[AVA_N_PROSODY]);

#endif
