/* face_sync.c -- one embedding stream per live track. A stream buffers ten seconds
 * of mouth crops, so streams of faces that have gone are flushed and dropped. */
#include "extract/stage.h"
#include "nets/sync.h"

#include <stdlib.h>
#include <string.h>

#include "util/err.h"

enum { MAX_LIVE = 64, GONE_US = 2000000 };

typedef struct Live {
    AvaEvidence *ev;
    int id;
    int64_t last_us;
    AvaSyncFace *face;
} Live;

typedef struct FaceSync {
    AvaStageSetup in;
    AvaSyncNets *nets;
    Live live[MAX_LIVE];
} FaceSync;

static int live_keep(void *cookie, const AvaSyncVec *v, size_t n)
{
    Live *l = cookie;
    AvaTrackRows *t = ava_track_rows(l->ev, l->id);
    return t ? ava_append(&t->sync, v, n) : -1;
}

static void face_sync_close(void *state)
{
    FaceSync *s = state;
    for (int i = 0; i < MAX_LIVE; i++)
        ava_sync_face_free(&s->live[i].face);
    ava_sync_nets_close(&s->nets);
}

static int live_end(Live *l, AvalignErrorInfo *e)
{
    int rc = l->face ? ava_sync_face_flush(l->face, e) : 0;
    ava_sync_face_free(&l->face);
    return rc;
}

static int face_sync_face(void *state, const AvalignFaceView *v, AvalignErrorInfo *e)
{
    FaceSync *s = state;
    Live *mine = NULL, *empty = NULL;
    int opened = s->nets ? 0 : ava_sync_nets_open(&s->nets, s->in.models, e);
    if (opened)
        return opened;
    for (int i = 0; i < MAX_LIVE; i++) {
        Live *l = &s->live[i];
        if (l->face && l->id == v->track_id)
            mine = l;
        else if (l->face && v->t_us - l->last_us > GONE_US) {
            int rc = live_end(l, e);
            if (rc)
                return rc;
        }
        if (!l->face && !empty)
            empty = l;
    }
    if (!mine && !empty)
        return ava_fail(e, AVALIGN_ERR_LIMIT, "lipsync", v->t_us, 0, "over %d faces at once", MAX_LIVE);
    if (!mine) {
        mine = empty;
        *mine = (Live){ s->in.ev, v->track_id, v->t_us, ava_sync_face_new(s->nets, live_keep, mine) };
        if (!mine->face)
            return ava_fail(e, AVALIGN_ERR_NOMEM, "lipsync", v->t_us, 0, "out of memory");
    } else if (v->t_us - mine->last_us > AVA_GRID_US) { /* a hole: motion must not be taken across it */
        int rc = ava_sync_face_flush(mine->face, e);
        if (rc)
            return rc;
    }
    mine->last_us = v->t_us;
    return ava_sync_face_push(mine->face, v, e);
}

static int face_sync_finish(void *state, AvalignErrorInfo *e)
{
    FaceSync *s = state;
    int rc = 0;
    for (int i = 0; i < MAX_LIVE && !rc; i++)
        rc = live_end(&s->live[i], e);
    return rc;
}

const AvaStage ava_stage_face_sync = {
    .name = "face sync",
    .roles = (const char *const[]){ "sync-lips", NULL },
    .video = 1,
    .crops = AVA_CROP_MOUTH,
    .size = sizeof(FaceSync),
    .on_face = face_sync_face,
    .finish = face_sync_finish,
    .close = face_sync_close,
};
