#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/context.h"
#include "util/err.h"

enum { MAX_TRACKS = 4096 };

static AvaTrackRows *rows_of(AvaEvidence *ev, int id)
{
    for (size_t i = ev->track.n; i-- > 0;)
        if (ev->track.at[i].id == id)
            return &ev->track.at[i];
    if (ev->track.n >= MAX_TRACKS || ava_reserve(&ev->track, 1))
        return NULL;
    AvaTrackRows *t = &ev->track.at[ev->track.n++];
    memset(t, 0, sizeof *t);
    t->id = id;
    return t;
}

static int on_view(void *cookie, const AvalignFaceView *v)
{
    AvalignContext *c = cookie;
    AvaTrackRows *t = rows_of(&c->ev, v->track_id);
    AvaFaceRow r = { .t_us = v->t_us, .yaw = v->yaw, .pitch = v->pitch, .eye = v->eye_distance,
                     .sharpness = v->sharpness, .occlusion = v->occlusion, .presence = v->presence,
                     .mouth_open = v->mouth_open, .mouth_width = v->mouth_width };
    memcpy(r.box, v->box, sizeof r.box);
    if (t && ava_push(&t->row, r))
        return -1;
    return c->cfg.on_face ? c->cfg.on_face(c->cfg.cookie, v) : 0;
}

static int on_cut(void *cookie, int64_t t_us)
{
    AvalignContext *c = cookie;
    return ava_push(&c->ev.cut_us, t_us);
}

int ava_streams_open(AvalignContext *c, AvalignErrorInfo *e)
{
    AvaTrackerConfig tc = { c->models, (int)c->cfg.max_faces, c->cfg.on_face != NULL, c, on_view, on_cut };
    int rc = ava_tracker_new(&c->tracker, &tc, e);
    if (!rc && c->given)
        rc = ava_given_feed(c->given, c->tracker, e);
    if (!rc)
        rc = ava_sound_store_new(&c->sound, &c->ev, c->models, e);
    return rc;
}

int ava_streams_video(AvalignContext *c, const AvaImage *img, int64_t t_us, AvalignErrorInfo *e)
{
    if (!c->ev.has_video) {
        c->ev.has_video = 1;
        c->ev.first_video_us = t_us;
    }
    c->ev.last_video_us = t_us;
    return ava_tracker_frame(c->tracker, img, t_us, e);
}

int ava_streams_sound(AvalignContext *c, int64_t t_us, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    if (c->cfg.on_speech && c->cfg.on_speech(c->cfg.cookie, t_us, pcm, n))
        return ava_fail(e, AVALIGN_ERR_CANCELLED, "audio", t_us, 0, "stopped by the caller");
    return ava_sound_store_push(c->sound, t_us, pcm, n, e);
}

int ava_streams_finish(AvalignContext *c, AvalignErrorInfo *e)
{
    int rc = ava_tracker_finish(c->tracker, e);
    if (!rc)
        rc = ava_sound_store_finish(c->sound, e);
    if (ava_tracker_dropped(c->tracker))
        ava_warn(c, "faces-dropped", (uint64_t)ava_tracker_dropped(c->tracker),
                 "more faces at once than max_faces (%u); the others were not followed", c->cfg.max_faces);
    if (c->ev.track.n && c->ev.track.at[0].row.n)
        c->ev.has_video = 1; /* the caller's tracks stand for the picture */
    ava_tracker_free(&c->tracker);
    ava_sound_store_free(&c->sound);
    return rc;
}
