/* voice.h -- role voice-embed: whose voice it is, as a stream over speech alone.
 *
 * Front end and windows of Resemblyzer's GE2E encoder (Wan et al. 2018, arXiv:1710.10467): 40 Slaney mel bands of power, 25 ms Hann
 * windows every 10 ms, 1.6 s of speech a window, quiet windows raised to -30 dBFS. The manifest row's "scale" names another:
 * "speechbrain-fbank", "kaldi-fbank", "dvector-log10" (windows of 0.8 s), or "two-embeddings": the row's net then makes one of
 * what the nets of voice-dvector and voice-tdnn say of the same window. Frames without speech are left out, so a window may span
 * a pause. */
#ifndef AVA_NETS_VOICE_H
#define AVA_NETS_VOICE_H

#include "avalign/avalign.h"
#include "infer/infer.h"

enum { AVA_VOICE_DIM = AVALIGN_VOICE_DIM, AVA_VOICE_WIN = 400, AVA_VOICE_HOP = 160 };

typedef struct AvaVoiceVec {
    int64_t start_us, end_us; /* since the first sample */
    float speech_s;           /* speech in it */
    float joint;              /* log odds of "female", by role voice-joint */
    float v[AVA_VOICE_DIM];   /* length 1 */
} AvaVoiceVec;

typedef int AvaVoiceFn(void *cookie, const AvaVoiceVec *v, size_t n); /* non-zero: out of memory */

typedef struct AvaVoice AvaVoice;
int ava_voice_open(AvaVoice **out, AvalignModels *m, AvaVoiceFn *emit, void *cookie, AvalignErrorInfo *e);
void ava_voice_close(AvaVoice **v);
/* The 400 samples from 160 j on, for j = 0, 1, ... */
int ava_voice_push(AvaVoice *v, const float frame[AVA_VOICE_WIN], AvalignErrorInfo *e);
/* Speech probabilities known so far, one per 32 ms from the first sample; last: no more will come. */
int ava_voice_settle(AvaVoice *v, const float *voiced, size_t n, int last, AvalignErrorInfo *e);

#endif
