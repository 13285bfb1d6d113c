/* features.h -- the log-mel front end of our nets, as a stream. */
#ifndef AVA_FEATURES_H
#define AVA_FEATURES_H

#include <stddef.h>
#include <stdint.h>

enum { AVA_LOGMEL_BANDS = 40, AVA_LOGMEL_WIN = 400, AVA_LOGMEL_HOP = 160, AVA_LOGMEL_FFT = 512 };

typedef struct AvaLogMel AvaLogMel;

AvaLogMel *ava_logmel_new(void); /* NULL when out of memory */
void ava_logmel_free(AvaLogMel *m);
/* One 400-sample window in, 40 natural logs out. */
void ava_logmel_frame(AvaLogMel *m, const float *window, float *out);

/* The mel front end of Wav2Lip (16 kHz, pre-emphasis .97, FFT 800, hop 200, 80 Slaney
 * bands 55-7600 Hz, dB from -100 to 0 scaled to -4..4): 80 values a frame. Returns the
 * number of frames, or a negative AvalignError; with out NULL it only counts. */
enum { AVA_W2L_MELS = 80 };
int64_t ava_mel_wav2lip(const float *pcm, size_t n, float *out, size_t room);

/* Mel front ends of voice nets, of one 400-sample window at 16 kHz, before the logarithm. GE2E
 * (Resemblyzer): power in 40 Slaney bands 0-8000 Hz (librosa.feature.melspectrogram, n_fft 400,
 * Hann). D-vector: the same with n_fft 512, Hamming. SpeechBrain: power in 80 triangles evenly
 * spaced on the HTK scale, Hamming. Whisper (Radford et al. 2022): as GE2E, 80 bands. Kaldi (compute-fbank-feats, dither 0):
 * the window less its mean, pre-emphasis .97, Povey window, n_fft 512, power in 80 bands 20-8000 Hz. */
typedef enum { AVA_MEL_GE2E, AVA_MEL_DVECTOR, AVA_MEL_SPEECHBRAIN, AVA_MEL_WHISPER, AVA_MEL_KALDI } AvaVoiceMelKind;
enum { AVA_VOICE_MEL_MAX = 80 };
typedef struct AvaVoiceMel AvaVoiceMel;
AvaVoiceMel *ava_voice_mel_new(AvaVoiceMelKind kind); /* NULL when out of memory */
void ava_voice_mel_free(AvaVoiceMel *m);
int ava_voice_mel_bands(const AvaVoiceMel *m);
void ava_voice_mel_frame(AvaVoiceMel *m, const float *window, float *out);

#endif
