#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "extract/crossmodal.h"
#include "extract/mouth_shape.h"
#include "pipeline/analysis.h"
#include "util/err.h"

enum { MAX_TRACKS = 4096 };

static AvaTrackRows *rows_of(AvaEvidence *ev, int id)
{
    AvaTrackRows *t = ava_track_rows(ev, id);
    if (t || ev->track.n >= MAX_TRACKS || ava_reserve(&ev->track, 1))
        return t;
    t = &ev->track.at[ev->track.n++];
    memset(t, 0, sizeof *t);
    t->id = id;
    return t;
}

static int on_view(void *cookie, const AvalignFaceView *v)
{
    AvalignContext *c = cookie;
    AvaTrackRows *t = rows_of(&c->ev, v->track_id);
    AvaFaceRow r = { .t_us = v->t_us, .yaw = v->yaw, .pitch = v->pitch, .eye = v->eye_distance,
                     .sharpness = v->sharpness, .occlusion = v->occlusion, .dark_eyes = v->dark_eyes, .presence = v->presence,
                     .mouth_open = v->mouth_open, .mouth_width = v->mouth_width, .brow = v->brow, .eye_open = v->eye_open };
    memcpy(r.box, v->box, sizeof r.box);
    if (t && t->row.n && v->t_us <= t->row.at[t->row.n - 1].t_us)
        return 0; /* a caller gave faces far ahead of the pictures: rows stay in the order of time */
    if (!t) /* over MAX_TRACKS: counted, not kept */
        c->tracks_dropped++;
    else if (ava_push(&t->row, r) || (c->face_sync && ava_face_sync_push(c->face_sync, v, &c->view_error)) ||
             (c->face_identity && ava_face_identity_push(c->face_identity, v, &c->view_error)) ||
             (c->feelings && ava_feelings_face(c->feelings, v, &c->view_error)))
        return -1;
    return c->cfg.on_face ? c->cfg.on_face(c->cfg.cookie, v) : 0;
}

static int on_wide(void *cookie, const AvalignFaceView *v, const AvaWideCrop *w)
{
    AvalignContext *c = cookie;
    return ava_face_lse_push(c->face_lse, v, w, &c->view_error);
}

static int on_cut(void *cookie, int64_t t_us)
{
    AvalignContext *c = cookie;
    return ava_push(&c->ev.cut_us, t_us);
}

/* The tracker calls a failed view a stop by the caller; the view's own error says more. */
static int view_failed(AvalignContext *c, int rc, AvalignErrorInfo *e)
{
    if (rc && e && !e->code)
        *e = c->view_error.code ? c->view_error : c->track_error;
    return rc && c->view_error.code ? c->view_error.code : rc;
}

int ava_streams_open(AvalignContext *c, AvalignErrorInfo *e)
{
    int all = c->cfg.on_face != NULL, sync = ava_needs(c, "sync-lips");
    int lse = ava_needs(c, "syncnet-face");
    AvaTrackerConfig tc = { .models = c->models, .max_faces = (int)c->cfg.max_faces, .mouth_crops = all || sync, .face_crops = all,
                            .wide_crops = lse, .cookie = c, .view = on_view, .wide = on_wide, .cut = on_cut };
    ava_err_clear(&c->view_error);
    ava_err_clear(&c->track_error);
    int rc = ava_tracker_new(&c->tracker, &tc, e);
    if (!rc && sync)
        rc = ava_face_sync_new(&c->face_sync, &c->ev, c->models, e);
    if (!rc && ava_needs(c, "face-embed"))
        rc = ava_face_identity_new(&c->face_identity, &c->ev, c->models, e);
    if (!rc && ava_needs(c, "voice-emotion"))
        rc = ava_feelings_new(&c->feelings, &c->ev, c->models, e);
    if (!rc && (ava_needs(c, "voice-spoof") || ava_needs(c, "splice")))
        rc = ava_traces_new(&c->traces, &c->ev, c->models, (AvaTraceWants){ ava_needs(c, "voice-spoof"), ava_needs(c, "splice") }, e);
    if (!rc && lse)
        rc = ava_face_lse_new(&c->face_lse, &c->ev, c->models, e);
    if (!rc && c->given)
        rc = ava_given_feed(c->given, c->tracker, e);
    if (!rc)
        rc = ava_sound_store_new(&c->sound, &c->ev, c->models,
                                 &(AvaSoundWants){ .sync = sync, .phones = ava_needs(c, "mouth-shape"), .pcm = lse,
                                                   .voice = ava_needs(c, "voice-embed"), .pitch = ava_needs(c, "voice-embed") || ava_needs(c, "voice-emotion"),
                                                   .background = ava_needs_background(c), .transcript = c->transcript }, e);
    return rc;
}

int ava_streams_video(AvalignContext *c, const AvaImage *img, int64_t t_us, AvalignErrorInfo *e)
{
    if (!c->ev.has_video) {
        c->ev.has_video = 1;
        c->ev.first_video_us = t_us;
    }
    c->ev.last_video_us = t_us;
    return view_failed(c, ava_tracker_frame(c->tracker, img, t_us, &c->track_error), e);
}

int ava_streams_sound(AvalignContext *c, int64_t t_us, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    if (c->cfg.on_speech && c->cfg.on_speech(c->cfg.cookie, t_us, pcm, n))
        return ava_fail(e, AVALIGN_ERR_CANCELLED, "audio", t_us, 0, "stopped by the caller");
    int rc = c->traces ? ava_traces_edits(c->traces, pcm, n, e) : 0;
    return rc ? rc : ava_sound_store_push(c->sound, t_us, pcm, n, e);
}

int ava_streams_listen(AvalignContext *c, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    int rc = c->feelings ? ava_feelings_sound(c->feelings, pcm, n, e) : 0;
    return rc || !c->traces ? rc : ava_traces_voice(c->traces, pcm, n, e);
}

int ava_streams_native(AvalignContext *c, const AvaSound *s, AvalignErrorInfo *e)
{
    return c->traces ? ava_traces_native(c->traces, s, e) : 0;
}

/* What needs whole tracks. */
static int finish_tracks(AvalignContext *c, AvalignErrorInfo *e)
{
    AvaShapeNet *shape = NULL;
    int rc = ava_needs(c, "mouth-shape") && c->ev.track.n && c->ev.phone.n ? ava_shape_open(&shape, c->models, e) : 0;
    for (size_t i = 0; shape && !rc && i < c->ev.track.n; i++)
        rc = ava_shape_track(shape, &c->ev.track.at[i], e);
    ava_shape_close(&shape);
    return rc || !ava_needs(c, "voice-joint") ? rc : ava_cross_tracks(&c->ev, c->models, e);
}

int ava_streams_finish(AvalignContext *c, AvalignErrorInfo *e)
{
    int rc = view_failed(c, ava_tracker_finish(c->tracker, &c->track_error), e);
    if (!rc && c->face_sync)
        rc = ava_face_sync_finish(c->face_sync, e);
    if (!rc && c->face_identity)
        rc = ava_face_identity_finish(c->face_identity, e);
    if (!rc)
        rc = ava_sound_store_finish(c->sound, e);
    if (!rc && c->feelings)
        rc = ava_feelings_finish(c->feelings, e);
    if (!rc && c->traces)
        rc = ava_traces_finish(c->traces, e);
    if (!rc && c->face_lse)
        rc = ava_face_lse_finish(c->face_lse, e);
    if (!rc)
        rc = finish_tracks(c, e);
    if (ava_tracker_dropped(c->tracker))
        ava_warn(c, "faces-dropped", (uint64_t)ava_tracker_dropped(c->tracker),
                 "more faces at once than max_faces (%u); the others were not followed", c->cfg.max_faces);
    if (c->tracks_dropped)
        ava_warn(c, "tracks-dropped", c->tracks_dropped, "over %d face tracks; the later ones were not kept", MAX_TRACKS);
    if (c->ev.track.n && c->ev.track.at[0].row.n)
        c->ev.has_video = 1; /* the caller's tracks stand for the picture */
    ava_tracker_free(&c->tracker);
    ava_face_sync_free(&c->face_sync);
    ava_face_lse_free(&c->face_lse);
    ava_face_identity_free(&c->face_identity);
    ava_feelings_free(&c->feelings);
    ava_traces_free(&c->traces);
    ava_sound_store_free(&c->sound);
    return rc;
}
