/* push.h -- sound that the caller decoded, through the same path as a file's. */
#ifndef AVA_PUSH_H
#define AVA_PUSH_H

#include "media/media.h"

typedef struct AvaPushSound AvaPushSound;

int ava_push_sound_new(AvaPushSound **out, AvalignErrorInfo *e);
void ava_push_sound_free(AvaPushSound **p);
int ava_push_sound(AvaPushSound *p, const AvalignPcm *pcm, AvaMediaStats *st, const AvaMediaSink *sink,
                   AvalignErrorInfo *e);
int ava_push_sound_flush(AvaPushSound *p, const AvaMediaSink *sink, AvalignErrorInfo *e);

#endif
