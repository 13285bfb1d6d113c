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

/* The mel front end of Resemblyzer's GE2E encoder: power in 40 Slaney bands 0-8000 Hz of one
 * 400-sample window (librosa.feature.melspectrogram, n_fft 400, Hann). */
enum { AVA_GE2E_MELS = 40 };
typedef struct AvaGe2eMel AvaGe2eMel;
AvaGe2eMel *ava_ge2e_new(void); /* NULL when out of memory */
void ava_ge2e_free(AvaGe2eMel *m);
void ava_ge2e_frame(AvaGe2eMel *m, const float *window, float *out);

#endif
