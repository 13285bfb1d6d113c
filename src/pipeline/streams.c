/* streams.c -- what one analysis does with a picture and with sound: faces are followed, and every stage gets its share. */
#include <string.h>

#include "extract/external_tracks.h"
#include "extract/stages.h"
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
        return 0; /* a caller gave faces far ahead of the frames: rows stay in the order of time */
    if (!t) /* over MAX_TRACKS: counted, not kept */
        c->tracks_dropped++;
    else if (ava_push(&t->row, r) || ava_stages_face(c->stages, v, &c->view_error))
        return -1;
    return c->cfg.on_face ? c->cfg.on_face(c->cfg.cookie, v) : 0;
}

static int on_wide(void *cookie, const AvalignFaceView *v, const AvaWideCrop *w)
{
    AvalignContext *c = cookie;
    return ava_stages_wide(c->stages, v, w, &c->view_error);
}

static int on_close(void *cookie, const AvaCloseCrop *crop)
{
    AvalignContext *c = cookie;
    return ava_track_rows(&c->ev, crop->track_id) ? ava_stages_close_crop(c->stages, crop, &c->view_error) : 0; /* over MAX_TRACKS: not kept */
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
    ava_err_clear(&c->view_error);
    ava_err_clear(&c->track_error);
    AvaStageSetup setup = ava_stage_setup(c);
    int rc = ava_stages_open(&c->stages, &setup, ava_needs, c, e);
    if (rc)
        return rc;
    int all = c->cfg.on_face != NULL;
    unsigned crops = ava_stages_crops(c->stages);
    AvaTrackerConfig tc = { .models = c->models, .max_faces = (int)c->cfg.max_faces, .mouth_crops = all || crops & AVA_CROP_MOUTH,
                            .face_crops = all, .wide_crops = (crops & AVA_CROP_WIDE) != 0,
                            .close_crops = (crops & AVA_CROP_CLOSE) != 0, .cookie = c, .view = on_view, .wide = on_wide, .close = on_close,
                            .cut = on_cut };
    rc = ava_tracker_new(&c->tracker, &tc, e);
    if (!rc && c->external_tracks)
        rc = ava_external_tracks_feed(c->external_tracks, c->tracker, e);
    if (rc)
        ava_streams_close(c);
    return rc;
}

void ava_streams_close(AvalignContext *c)
{
    ava_tracker_free(&c->tracker);
    ava_stages_close(&c->stages);
}

/* 1: this part's share of max_memory is used up. Asked before every item, counted before every 64th: tracks are many. */
static int used_up(AvalignContext *c, AvaBudgetOf part, int64_t t_us)
{
    static uint64_t (*const bytes[])(const AvaEvidence *) = { ava_evidence_face_bytes, ava_evidence_sound_bytes, ava_evidence_listen_bytes,
                                                              ava_evidence_native_bytes };
    static const unsigned sixteenths[] = { 8, 4, 1, 1 };
    AvaBudget *b = &c->budget[part];
    if (!b->over && b->calls++ % 64 == 0 && bytes[part](&c->ev) > c->cfg.max_memory / 16 * sixteenths[part]) {
        b->over = 1;
        b->at_us = t_us;
    }
    return b->over;
}

static void budget_warnings(AvalignContext *c)
{
    for (int i = 0; i < AVA_N_BUDGETS; i++)
        if (c->budget[i].over)
            ava_warn(c, "memory-limit", 1, "what is kept of %s reached its share of max_memory %s %.0f s; the rest of it was left out",
                     i == AVA_BUDGET_FACES ? "faces" : "the sound", i == AVA_BUDGET_LISTEN ? "before" : "at",
                     (double)(i == AVA_BUDGET_LISTEN ? c->ev.sound_us : c->budget[i].at_us) / 1e6);
}

int ava_streams_video(AvalignContext *c, const AvaImage *img, int64_t t_us, AvalignErrorInfo *e)
{
    if (used_up(c, AVA_BUDGET_FACES, t_us))
        return 0;
    if (!c->ev.has_video) {
        c->ev.has_video = 1;
        c->ev.first_video_us = t_us;
    }
    c->ev.last_video_us = t_us;
    AvaLap lap = ava_lap_begin(c->timings);
    int rc = ava_tracker_frame(c->tracker, img, t_us, &c->track_error);
    ava_lap_end(c->timings, AVA_TIME_FACES, lap);
    return view_failed(c, rc, e);
}

int ava_streams_sound(AvalignContext *c, int64_t t_us, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    if (used_up(c, AVA_BUDGET_SOUND, t_us))
        return 0;
    if (c->cfg.on_speech && c->cfg.on_speech(c->cfg.cookie, t_us, pcm, n))
        return ava_fail(e, AVALIGN_ERR_CANCELLED, "audio", t_us, 0, "stopped by the caller");
    return ava_stages_sound(c->stages, t_us, pcm, n, e);
}

int ava_streams_listen(AvalignContext *c, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    return used_up(c, AVA_BUDGET_LISTEN, 0) ? 0 : ava_stages_listen(c->stages, pcm, n, e);
}

int ava_streams_native(AvalignContext *c, const AvaSound *s, AvalignErrorInfo *e)
{
    return used_up(c, AVA_BUDGET_NATIVE, s->pts_us) ? 0 : ava_stages_native(c->stages, s, e);
}

int ava_streams_finish(AvalignContext *c, AvalignErrorInfo *e)
{
    AvaLap lap = ava_lap_begin(c->timings);
    int rc = view_failed(c, ava_tracker_finish(c->tracker, &c->track_error), e);
    ava_lap_end(c->timings, AVA_TIME_FACES, lap);
    if (!rc && ava_evidence_series_bytes(&c->ev) > c->cfg.max_memory)
        rc = ava_fail(e, AVALIGN_ERR_LIMIT, "tracks", AVA_NO_TIME, 0,
                      "the faces' times run so long that their series need more than max_memory; check the unit of the times or raise max_memory");
    if (!rc)
        rc = ava_stages_finish(c->stages, e);
    budget_warnings(c);
    if (ava_tracker_dropped(c->tracker))
        ava_warn(c, "faces-dropped", (uint64_t)ava_tracker_dropped(c->tracker),
                 "more faces at once than max_faces (%u); the others were not followed", c->cfg.max_faces);
    if (c->tracks_dropped)
        ava_warn(c, "tracks-dropped", c->tracks_dropped, "over %d face tracks; the later ones were not kept", MAX_TRACKS);
    if (c->ev.transcript_unfit)
        ava_warn(c, "transcript-mismatch", 1, "the transcript does not fit: %s; the phones are those that the recogniser hears", c->ev.transcript_unfit);
    double span_s[2];
    if (c->external_tracks && c->ev.has_video && !ava_external_tracks_meet(c->external_tracks, c->ev.first_video_us, c->ev.last_video_us, span_s))
        ava_warn(c, "tracks-apart", 1, "the given tracks lie at %.1f to %.1f s and the video at %.1f to %.1f s; both count from the first picture or sound of the file", span_s[0],
                 span_s[1], (double)c->ev.first_video_us / 1e6, (double)c->ev.last_video_us / 1e6);
    if (c->ev.track.n && c->ev.track.at[0].row.n)
        c->ev.has_video = 1; /* the caller's tracks stand for the picture */
    ava_streams_close(c);
    return rc;
}
