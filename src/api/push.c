/* push.c -- input that the caller decoded: pictures, sound and faces, pushed in any interleaving. */
#include "api/api.h"
#include "util/err.h"

static int push_begin(AvalignContext *c)
{
    if (!c)
        return AVALIGN_ERR_ARG;
    if (c->state == AVA_DONE)
        return ava_refuse(c, "this context has been used; open another one");
    if (atomic_load(&c->cancel))
        return ava_fail(&c->error, AVALIGN_ERR_CANCELLED, "push", AVA_NO_TIME, 0, "cancelled");
    if (c->state == AVA_PUSHING)
        return c->error.code;
    ava_err_clear(&c->error);
    int rc = ava_streams_open(c, &c->error);
    if (!rc)
        c->state = AVA_PUSHING;
    return rc;
}

int avalign_push_video(AvalignContext *c, const AvalignImage *im)
{
    int rc = push_begin(c);
    if (rc)
        return rc;
    int planes = im && im->format == AVALIGN_PIX_I420 ? 3 : 1;
    if (!im || im->format < AVALIGN_PIX_RGB24 || im->format > AVALIGN_PIX_I420 || im->width < 1 || im->height < 1)
        return ava_refuse(c, "the image has no format or size");
    if ((uint64_t)im->width * (uint64_t)im->height > c->cfg.max_pixels)
        return ava_fail(&c->error, AVALIGN_ERR_LIMIT, "push", im->pts_us, 0, "the image is over max_pixels");
    for (int i = 0; i < planes; i++)
        if (!im->data[i])
            return ava_refuse(c, "an image plane is NULL");
    if (c->push_last_us != INT64_MIN && im->pts_us <= c->push_last_us)
        return ava_refuse(c, "image times must increase");
    if (c->push_last_us != INT64_MIN && im->pts_us - c->push_last_us < AVA_MIN_FRAME_GAP_US)
        return 0; /* as with files: 50 and 60 fps are halved */
    c->push_last_us = im->pts_us;
    AvaLayout layout = im->format == AVALIGN_PIX_RGB24 ? AVA_RGB24 : im->format == AVALIGN_PIX_I420 ? AVA_I420 : AVA_GRAY;
    AvaImage v = ava_image_view(layout, im->width, im->height, im->data, im->stride);
    return ava_streams_video(c, &v, im->pts_us, &c->error);
}

static int pushed_sound(void *cookie, const AvaSound *s)
{
    AvalignContext *c = cookie;
    int rc = ava_streams_native(c, s, &c->error);
    if (!rc && s->n_speech)
        rc = ava_streams_listen(c, s->speech, s->n_speech, &c->error);
    return !rc && s->n_speech ? ava_streams_sound(c, s->pts_us, s->speech, s->n_speech, &c->error) : rc;
}

static int pushed_gap(void *cookie, int64_t start_us, int64_t end_us)
{
    AvalignContext *c = cookie;
    return ava_add_gap(&c->ev, start_us, end_us) ? ava_fail(&c->error, AVALIGN_ERR_NOMEM, "push", start_us, 0, "out of memory") : 0;
}

int avalign_push_audio(AvalignContext *c, const AvalignPcm *pcm)
{
    int rc = push_begin(c);
    if (rc)
        return rc;
    if (!pcm || pcm->sample_rate < 8000 || pcm->sample_rate > 192000 || pcm->channels < 1 || pcm->channels > 8 ||
        (!pcm->samples && pcm->frames))
        return ava_refuse(c, "sound needs 8000-192000 Hz, 1-8 channels and samples");
    if (c->push_sound && (c->push_rate != pcm->sample_rate || c->push_channels != pcm->channels))
        return ava_refuse(c, "the sound's rate and channels must stay the same");
    if (!c->push_sound && (rc = ava_push_sound_new(&c->push_sound, &c->error)))
        return rc;
    c->push_rate = pcm->sample_rate;
    c->ev.sample_rate = pcm->sample_rate;
    c->push_channels = pcm->channels;
    AvaMediaSink sink = { .cookie = c, .audio = pushed_sound, .gap = pushed_gap };
    return ava_push_sound(c->push_sound, pcm, &c->push_stats, &sink, &c->error);
}

int avalign_push_faces(AvalignContext *c, int64_t pts_us, const AvalignFace *faces, size_t n)
{
    int rc = push_begin(c);
    if (rc)
        return rc;
    if (!faces && n)
        return ava_refuse(c, "no faces given");
    if (pts_us < c->push_faces_us)
        return ava_refuse(c, "faces must come in the order of their times");
    c->push_faces_us = pts_us;
    return ava_tracker_give(c->tracker, pts_us, faces, n, &c->error);
}

int avalign_finish(AvalignContext *c, AvalignResult **out)
{
    if (out)
        *out = NULL;
    if (!c || !out)
        return AVALIGN_ERR_ARG;
    if (c->state != AVA_PUSHING)
        return ava_refuse(c, "nothing was pushed");
    c->state = AVA_DONE;
    if (c->error.code)
        return c->error.code;
    if (atomic_load(&c->cancel))
        return ava_fail(&c->error, AVALIGN_ERR_CANCELLED, "finish", AVA_NO_TIME, 0, "cancelled");
    AvaMediaSink sink = { .cookie = c, .audio = pushed_sound, .gap = pushed_gap };
    int rc = c->push_sound ? ava_push_sound_flush(c->push_sound, &sink, &c->error) : 0;
    if (!rc)
        rc = ava_streams_finish(c, &c->error);
    if (!rc && c->ev.has_video && c->ev.has_audio && c->push_last_us != INT64_MIN)
        c->ev.container_offset_ms = (double)(c->ev.first_video_us - c->push_stats.first_audio_us) / 1000;
    return rc ? rc : ava_judge(c, NULL, NULL, NULL, out);
}
