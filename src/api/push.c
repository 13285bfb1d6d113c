/* push.c -- input that the caller decoded: frames, sound and faces, pushed in any interleaving.
 *
 * A push with arguments that can't be used is refused and changes nothing. Any other failure ends the analysis: what was open is
 * freed, and every later call says again what ended it. */
#include "api/api.h"
#include "util/abi.h"
#include "util/err.h"

#define RESERVED "what the struct reserves is not 0; zero the struct before it is filled, or use a newer library"

/* 0, or why nothing more may be pushed. */
static int push_ready(AvalignContext *c)
{
    if (!c)
        return AVALIGN_ERR_ARG;
    ava_err_clear(&c->error);
    if (c->failure.code)
        return (c->error = c->failure).code;
    return c->state == AVA_DONE ? ava_refuse(c, "this context has been used; open another one") : 0;
}

/* Ends the analysis if rc is a failure of it; refused arguments are none. */
static int settled(AvalignContext *c, int rc)
{
    if (rc && rc != AVALIGN_ERR_ARG) {
        ava_fail(&c->error, rc, "push", AVA_NO_TIME, 0, "%s", avalign_strerror(rc));
        c->failure = c->error;
        c->state = AVA_DONE;
        ava_streams_close(c);
        ava_push_sound_free(&c->push_sound);
    }
    return rc;
}

static int push_cancelled(AvalignContext *c)
{
    return ava_cancelled(&c->ev) ? ava_fail(&c->error, AVALIGN_ERR_CANCELLED, "push", AVA_NO_TIME, 0, "cancelled") : 0;
}

/* Opens the stages before the first piece of input. */
static int started(AvalignContext *c)
{
    int rc = push_cancelled(c);
    if (!rc && c->state == AVA_IDLE && !(rc = ava_streams_open(c, &c->error)))
        c->state = AVA_PUSHING;
    return settled(c, rc);
}

static int refused_image(AvalignContext *c, const AvalignImage *im)
{
    int planes = im && im->format == AVALIGN_PIX_I420 ? 3 : 1;
    if (!im || im->format < AVALIGN_PIX_RGB24 || im->format > AVALIGN_PIX_I420 || im->width < 1 || im->height < 1)
        return ava_refuse(c, "the image has no format or size");
    if ((uint64_t)im->width * (uint64_t)im->height > c->cfg.max_pixels)
        return ava_fail(&c->error, AVALIGN_ERR_LIMIT, "push", im->pts_us, 0, "the image is over max_pixels");
    for (int i = 0; i < planes; i++)
        if (!im->data[i])
            return ava_refuse(c, "an image plane is NULL");
    if (!ava_reserved_unused(im->reserved))
        return ava_refuse(c, RESERVED);
    return c->push_last_us != INT64_MIN && im->pts_us <= c->push_last_us ? ava_refuse(c, "image times must increase") : 0;
}

int avalign_push_video(AvalignContext *c, const AvalignImage *im)
{
    int rc = push_ready(c);
    if (!rc)
        rc = refused_image(c, im);
    if (!rc)
        rc = started(c);
    if (rc)
        return rc;
    if (c->push_last_us != INT64_MIN && im->pts_us - c->push_last_us < AVA_MIN_FRAME_GAP_US)
        return 0; /* as with files: 50 and 60 fps are halved */
    c->push_last_us = im->pts_us;
    AvaLayout layout = im->format == AVALIGN_PIX_RGB24 ? AVA_RGB24 : im->format == AVALIGN_PIX_I420 ? AVA_I420 : AVA_GRAY;
    AvaImage v = ava_image_view(layout, im->width, im->height, im->data, im->stride);
    return settled(c, ava_streams_video(c, &v, im->pts_us, &c->error));
}

static int pushed_sound(void *cookie, const AvaSound *s)
{
    AvalignContext *c = cookie;
    int rc = push_cancelled(c);
    if (!rc)
        rc = ava_streams_native(c, s, &c->error);
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
    int rc = push_ready(c);
    if (rc)
        return rc;
    if (!pcm || pcm->sample_rate < 8000 || pcm->sample_rate > 192000 || pcm->channels < 1 || pcm->channels > 8 ||
        (!pcm->samples && pcm->frames))
        return ava_refuse(c, "sound needs 8000-192000 Hz, 1-8 channels and samples");
    if (!ava_reserved_unused(pcm->reserved))
        return ava_refuse(c, RESERVED);
    if (c->push_sound && (c->push_rate != pcm->sample_rate || c->push_channels != pcm->channels))
        return ava_refuse(c, "the sound's rate and channels must stay the same");
    rc = started(c);
    if (!rc && !c->push_sound)
        rc = settled(c, ava_push_sound_new(&c->push_sound, &c->error));
    if (rc)
        return rc;
    c->push_rate = pcm->sample_rate;
    c->ev.sample_rate = pcm->sample_rate;
    c->push_channels = pcm->channels;
    AvaMediaSink sink = { .cookie = c, .audio = pushed_sound, .gap = pushed_gap };
    return settled(c, ava_push_sound(c->push_sound, pcm, &c->push_stats, &sink, &c->error));
}

int avalign_push_faces(AvalignContext *c, int64_t pts_us, const AvalignFace *faces, size_t n)
{
    int rc = push_ready(c);
    if (rc)
        return rc;
    if (!faces && n)
        return ava_refuse(c, "no faces given");
    for (size_t i = 0; i < n; i++)
        if (!ava_reserved_unused(faces[i].reserved) || !ava_reserved_unused(faces[i].mouth.reserved))
            return ava_refuse(c, RESERVED);
    if (pts_us < c->push_faces_us)
        return ava_refuse(c, "faces must come in the order of their times");
    rc = started(c);
    if (!rc)
        rc = settled(c, ava_tracker_give(c->tracker, pts_us, faces, n, &c->error));
    if (!rc)
        c->push_faces_us = pts_us;
    return rc;
}

int avalign_finish(AvalignContext *c, AvalignResult **out)
{
    if (out)
        *out = NULL;
    int rc = push_ready(c);
    if (rc)
        return rc;
    if (!out)
        return ava_refuse(c, "no place for the result");
    if (c->state != AVA_PUSHING)
        return ava_refuse(c, "nothing was pushed");
    AvaMediaSink sink = { .cookie = c, .audio = pushed_sound, .gap = pushed_gap };
    rc = push_cancelled(c);
    if (!rc && c->push_sound)
        rc = ava_push_sound_flush(c->push_sound, &sink, &c->error);
    if (!rc)
        rc = ava_streams_finish(c, &c->error);
    if (!rc && c->ev.has_video && c->ev.has_audio && c->push_last_us != INT64_MIN)
        c->ev.container_offset_ms = (double)(c->ev.first_video_us - c->push_stats.first_audio_us) / 1000;
    if (!rc) {
        ava_media_warnings(c, NULL, &c->push_stats);
        rc = ava_analyzed(c, NULL, NULL, NULL, out);
    }
    c->state = AVA_DONE;
    return settled(c, rc);
}
