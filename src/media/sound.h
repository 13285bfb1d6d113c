/* sound.h -- decoded audio as gap-free native and 16 kHz mono samples. Inside src/media/. */
#ifndef AVA_SOUND_H
#define AVA_SOUND_H

#include <libavcodec/avcodec.h>
#include <libswresample/swresample.h>

#include "media/media.h"
#include "util/vec.h"

enum { AVA_MIX_CHANNELS = 8 };

/* Which channels are turned upside down against the one that counts. */
typedef struct AvaPolarity {
    double cross[AVA_MIX_CHANNELS][AVA_MIX_CHANNELS]; /* of the last half second */
    int reference;
    unsigned turned; /* a bit for each channel */
} AvaPolarity;

typedef struct AvaSoundPath {
    struct SwrContext *to_float, *to_speech;
    AVChannelLayout layout;
    int rate, format;
    int64_t start_us, written; /* first sample's time; native samples handed on since */
    int64_t lean_us, leaning;  /* the least that stamps were off by, all to one side, and for how long */
    AvaPolarity polarity;
    AVA_VEC(float) native;
    AVA_VEC(float) mix; /* what is made mono, where that is not native */
    AVA_VEC(float) speech;
} AvaSoundPath;

void ava_sound_close(AvaSoundPath *p);
/* Hands one decoded frame on; holes are filled with silence, overlaps dropped. */
int ava_sound_frame(AvaSoundPath *p, const AVFrame *f, int64_t pts_us, AvaMediaStats *st,
                    const AvaMediaSink *sink, AvalignErrorInfo *e);
int ava_sound_flush(AvaSoundPath *p, const AvaMediaSink *sink, AvalignErrorInfo *e);

#endif
