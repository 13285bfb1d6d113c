/* face_sync.c -- one embedding stream per live track. A stream buffers ten seconds
 * of mouth crops, so streams of faces that have gone are flushed and dropped. */
#include "extract/face_sync.h"

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

struct AvaFaceSync {
    AvaEvidence *ev;
    AvalignModels *models; /* borrowed */
    AvaSyncNets *nets;
    Live live[MAX_LIVE];
    int n;
};

AvaTrackRows *ava_track_rows(AvaEvidence *ev, int id)
{
    for (size_t i = ev->track.n; i-- > 0;)
        if (ev->track.at[i].id == id)
            return &ev->track.at[i];
    return NULL;
}

static int keep(void *cookie, const AvaSyncVec *v, size_t n)
{
    Live *l = cookie;
    AvaTrackRows *t = ava_track_rows(l->ev, l->id);
    return t ? ava_append(&t->sync, v, n) : -1;
}

int ava_face_sync_new(AvaFaceSync **out, AvaEvidence *ev, AvalignModels *models, AvalignErrorInfo *e)
{
    AvaFaceSync *s = *out = calloc(1, sizeof *s);
    if (!s)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "lipsync", AVA_NO_TIME, 0, "out of memory");
    s->ev = ev;
    s->models = models;
    return 0;
}

void ava_face_sync_free(AvaFaceSync **s)
{
    if (!s || !*s)
        return;
    for (int i = 0; i < MAX_LIVE; i++)
        ava_sync_face_free(&(*s)->live[i].face);
    ava_sync_nets_close(&(*s)->nets);
    free(*s);
    *s = NULL;
}

static int end(Live *l, AvalignErrorInfo *e)
{
    int rc = l->face ? ava_sync_face_flush(l->face, e) : 0;
    ava_sync_face_free(&l->face);
    return rc;
}

int ava_face_sync_push(AvaFaceSync *s, const AvalignFaceView *v, AvalignErrorInfo *e)
{
    Live *mine = NULL, *empty = NULL;
    int opened = s->nets ? 0 : ava_sync_nets_open(&s->nets, s->models, e);
    if (opened)
        return opened;
    for (int i = 0; i < MAX_LIVE; i++) {
        Live *l = &s->live[i];
        if (l->face && l->id == v->track_id)
            mine = l;
        else if (l->face && v->t_us - l->last_us > GONE_US) {
            int rc = end(l, e);
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
        *mine = (Live){ s->ev, v->track_id, v->t_us, ava_sync_face_new(s->nets, keep, mine) };
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

int ava_face_sync_finish(AvaFaceSync *s, AvalignErrorInfo *e)
{
    int rc = 0;
    for (int i = 0; i < MAX_LIVE && !rc; i++)
        rc = end(&s->live[i], e);
    return rc;
}
