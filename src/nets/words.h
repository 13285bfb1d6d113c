/* words.h -- roles speech-memory and speech-words: Whisper's decoder (Radford et al. 2022), from a window of speech to words with times. */
#ifndef AVA_NETS_WORDS_H
#define AVA_NETS_WORDS_H

#include "infer/infer.h"
#include "util/vec.h"

enum { AVA_WORD = 48, AVA_WORDS_WINDOW_S = 30 };

/* A word that was heard; p: how sure the net is of it. */
typedef struct AvaWord {
    int64_t start_us, end_us;
    double p;
    char text[AVA_WORD]; /* UTF-8, with the punctuation that follows */
} AvaWord;

typedef AVA_VEC(AvaWord) AvaWordList;

typedef struct AvaWordsNet AvaWordsNet;
int ava_words_open(AvaWordsNet **out, AvalignModels *m, AvalignErrorInfo *e);
void ava_words_close(AvaWordsNet **n);
/* Adds the words of n samples (16 kHz mono, 30 s at most) that begin at t_us. Nothing is added where the net thinks that nobody
 * speaks, is not sure of what it writes, or repeats itself. */
int ava_words_run(AvaWordsNet *w, const float *pcm, size_t n, int64_t t_us, AvaWordList *out, AvalignErrorInfo *e);

/* When each of `rows` tokens begins, as frames of 20 ms: attention[rows][heads][frames] of the tokens that were put in. 0, or -1: out of
 * memory. (Dynamic time warping over the heads that run along with the sound, as Whisper does it.) */
int ava_words_times(const float *attention, size_t rows, size_t heads, size_t frames, size_t *begin);
/* Does a row of tokens repeat itself, as the net does when it has lost its way? */
int ava_words_repeat(const int *token, size_t n);

#endif
