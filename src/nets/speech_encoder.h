/* speech_encoder.h -- role speech-encoder: Whisper's encoder (Radford et al. 2022) over a window of speech, once for every net that
 * listens to speech. */
#ifndef AVA_NETS_SPEECH_ENCODER_H
#define AVA_NETS_SPEECH_ENCODER_H

#include "infer/infer.h"

/* States: after the convolutions, after each of four layers, after the last norm; of each the mean and the deviation over time. */
enum { AVA_ENCODER_STATES = AVALIGN_ENCODER_STATES, AVA_ENCODER_DIM = AVALIGN_ENCODER_DIM, AVA_ENCODER_POOLED = AVA_ENCODER_STATES * 2 * AVA_ENCODER_DIM };

typedef struct AvaSpeechEncoder AvaSpeechEncoder;
int ava_speech_encoder_open(AvaSpeechEncoder **out, AvalignModels *m, AvalignErrorInfo *e);
void ava_speech_encoder_close(AvaSpeechEncoder **n);
/* Whisper's log-mel of n samples (16 kHz mono, a multiple of 320, over 400): out[80][n / 160]. */
void ava_whisper_mel(AvaSpeechEncoder *n, const float *pcm, size_t samples, float *out);
/* The same samples through the net: pooled[AVA_ENCODER_POOLED] or NULL; frames, if not NULL, becomes the states themselves,
 * [6][samples / 320][384], valid until the next run. Level is left as it is. */
int ava_speech_encoder_run(AvaSpeechEncoder *n, const float *pcm, size_t samples, float *pooled, const float **frames, AvalignErrorInfo *e);

#endif
