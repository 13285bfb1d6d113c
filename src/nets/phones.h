/* phones.h -- which English phone is spoken when, by pocketsphinx: without a net that hears phones, and along transcripts.
 *
 * Without a transcript: free recognition over phones with a phone-bigram model. With one: the
 * words' dictionary pronunciations as a fixed sequence, aligned to the sound. */
#ifndef AVA_NETS_PHONES_H
#define AVA_NETS_PHONES_H

#include <stddef.h>
#include <stdint.h>

#include "avalign/avalign.h"

enum { AVA_PHONE_SIL = 0, AVA_N_PHONES = 40 }; /* silence, then the 39 of ARPABET in alphabetical order */

typedef struct AvaPhone {
    int64_t start_us, end_us; /* since the first sample */
    float score;              /* acoustic log score a frame below the best possible, <= 0 */
    uint8_t id, guessed;      /* guessed: stands for a word that has no pronunciation */
} AvaPhone;

const char *ava_phone_name(int id); /* "AA", ..., "SIL" */
int ava_phone_id(const char *name); /* any filler is silence; -1: no phone */

typedef int AvaPhonesFn(void *cookie, const AvaPhone *p, size_t n); /* non-zero: out of memory */

typedef struct AvaPhones AvaPhones;
/* AVALIGN_ERR_MODEL: the recogniser's model is not installed. transcript may be NULL. Closing leaves a recogniser with the
 * models for the next one who asks for the same: reading its files takes longer than many a clip. */
int ava_phones_open(AvaPhones **out, AvalignModels *m, const char *transcript, AvaPhonesFn *emit, void *cookie, AvalignErrorInfo *e);
void ava_phones_close(AvaPhones **p);
int ava_phones_push(AvaPhones *p, const float *pcm, size_t n, AvalignErrorInfo *e); /* 16 kHz mono */
int ava_phones_flush(AvaPhones *p, AvalignErrorInfo *e);
/* Words of the transcript with a pronunciation, and without (any sound stands for them); and whether the sound came to the
 * transcript's end, which a wrong one may do too. After the flush. */
size_t ava_phones_known_words(const AvaPhones *p);
size_t ava_phones_unknown_words(const AvaPhones *p);
int ava_phones_fitted(const AvaPhones *p);

#endif
