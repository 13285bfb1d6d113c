/* sound.h -- from a stream of sound to the evidence's compact series. */
#ifndef AVA_EXTRACT_SOUND_H
#define AVA_EXTRACT_SOUND_H

#include "evidence/evidence.h"
#include "infer/infer.h"

typedef struct AvaSoundStore AvaSoundStore;

typedef struct AvaSoundWants {
    int sync, phones, pcm, voice, pitch, background;
                            /* lip-sync embeddings; phones; the samples themselves; voice embeddings; pitch; music and other
                               voices */
    const char *transcript; /* NULL: none */
} AvaSoundWants;

/* wants is copied, the transcript borrowed. The nets are loaded with the first sound, by
 * the thread that brings it. */
int ava_sound_store_new(AvaSoundStore **out, AvaEvidence *ev, AvalignModels *models, const AvaSoundWants *wants,
                        AvalignErrorInfo *e);
void ava_sound_store_free(AvaSoundStore **s);
/* 16 kHz mono samples, contiguous; t_us of the first (used on the first call). */
int ava_sound_store_push(AvaSoundStore *s, int64_t t_us, const float *pcm, size_t n, AvalignErrorInfo *e);
int ava_sound_store_finish(AvaSoundStore *s, AvalignErrorInfo *e);

#endif
