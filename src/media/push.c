/* push.c -- hands pushed samples to the sound path as frames of FFmpeg's. */
#include "media/push.h"

#include <libavutil/channel_layout.h>
#include <libavutil/frame.h>
#include <limits.h>
#include <stdlib.h>

#include "media/sound.h"
#include "util/err.h"

struct AvaPushSound {
    AvaSoundPath path;
    AVFrame *frame;
};

int ava_push_sound_new(AvaPushSound **out, AvalignErrorInfo *e)
{
    AvaPushSound *p = *out = calloc(1, sizeof *p);
    if (p && (p->frame = av_frame_alloc()))
        return 0;
    ava_push_sound_free(out);
    return ava_fail(e, AVALIGN_ERR_NOMEM, "push", AVA_NO_TIME, 0, "out of memory");
}

void ava_push_sound_free(AvaPushSound **pp)
{
    if (!pp || !*pp)
        return;
    ava_sound_close(&(*pp)->path);
    av_frame_free(&(*pp)->frame);
    free(*pp);
    *pp = NULL;
}

int ava_push_sound(AvaPushSound *p, const AvalignPcm *pcm, AvaMediaStats *st, const AvaMediaSink *sink,
                   AvalignErrorInfo *e)
{
    AVFrame *f = p->frame;
    size_t done = 0;
    while (done < pcm->frames) {
        size_t n = pcm->frames - done < 65536 ? pcm->frames - done : 65536;
        av_frame_unref(f);
        av_channel_layout_default(&f->ch_layout, pcm->channels);
        f->format = AV_SAMPLE_FMT_FLT;
        f->sample_rate = pcm->sample_rate;
        f->nb_samples = (int)n;
        f->data[0] = (uint8_t *)(pcm->samples + done * (size_t)pcm->channels);
        f->extended_data = f->data;
        int64_t t = pcm->pts_us + av_rescale((int64_t)done, 1000000, pcm->sample_rate);
        int rc = ava_sound_frame(&p->path, f, t, st, sink, e);
        f->data[0] = NULL; /* the caller's */
        if (rc)
            return rc;
        done += n;
    }
    return 0;
}

int ava_push_sound_flush(AvaPushSound *p, const AvaMediaSink *sink, AvalignErrorInfo *e)
{
    return ava_sound_flush(&p->path, sink, e);
}
