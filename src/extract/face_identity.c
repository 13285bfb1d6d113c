#include "extract/face_identity.h"

#include <stdlib.h>
#include <string.h>

#include "extract/face_sync.h"
#include "util/err.h"

enum { EVERY_US = 1000000 };

/* The best view of a face in the second that began at start_us. */
typedef struct Best {
    int track;
    int64_t start_us, t_us;
    float quality; /* 0: none yet */
    uint8_t face[AVALIGN_FACE_SIDE * AVALIGN_FACE_SIDE * 3];
    uint8_t portrait[AVALIGN_PORTRAIT_SIDE * AVALIGN_PORTRAIT_SIDE * 3];
} Best;

struct AvaFaceIdentity {
    AvaEvidence *ev;
    AvalignModels *models; /* borrowed */
    AvaIdentity *nets;     /* NULL: no face yet */
    AVA_VEC(Best *) live;
};

int ava_face_identity_new(AvaFaceIdentity **out, AvaEvidence *ev, AvalignModels *models, AvalignErrorInfo *e)
{
    AvaFaceIdentity *s = *out = calloc(1, sizeof *s);
    if (!s)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "speaker", AVA_NO_TIME, 0, "out of memory");
    s->ev = ev;
    s->models = models;
    return 0;
}

void ava_face_identity_free(AvaFaceIdentity **ps)
{
    AvaFaceIdentity *s = ps ? *ps : NULL;
    if (!s)
        return;
    for (size_t i = 0; i < s->live.n; i++)
        free(s->live.at[i]);
    ava_vec_free(&s->live);
    ava_identity_close(&s->nets);
    free(s);
    *ps = NULL;
}

static int settle(AvaFaceIdentity *s, Best *b, AvalignErrorInfo *e)
{
    AvaTrackRows *t = ava_track_rows(s->ev, b->track);
    AvaFaceVec v = { .t_us = b->t_us, .quality = b->quality };
    if (b->quality <= 0 || !t)
        return 0;
    int rc = s->nets ? 0 : ava_identity_open(&s->nets, s->models, e);
    if (!rc)
        rc = ava_identity_run(s->nets, b->face, b->portrait, &v, e);
    if (!rc && ava_push(&t->face, v))
        rc = ava_fail(e, AVALIGN_ERR_NOMEM, "speaker", AVA_NO_TIME, 0, "out of memory");
    b->quality = 0;
    return rc;
}

int ava_face_identity_push(AvaFaceIdentity *s, const AvalignFaceView *v, AvalignErrorInfo *e)
{
    Best *mine = NULL;
    for (size_t i = s->live.n; i-- > 0;) {
        Best *b = s->live.at[i];
        if (v->t_us - b->start_us >= EVERY_US) {
            int rc = settle(s, b, e);
            if (rc)
                return rc;
            b->start_us = v->t_us;
            if (b->track != v->track_id && v->t_us - b->t_us > 3 * EVERY_US) { /* gone */
                free(b);
                s->live.at[i] = s->live.at[--s->live.n];
                continue;
            }
        }
        if (b->track == v->track_id)
            mine = b;
    }
    float quality = ava_identity_quality(v);
    if (quality <= 0)
        return 0;
    if (!mine) {
        if (!(mine = calloc(1, sizeof *mine)) || ava_push(&s->live, mine)) {
            free(mine);
            return ava_fail(e, AVALIGN_ERR_NOMEM, "speaker", v->t_us, 0, "out of memory");
        }
        mine->track = v->track_id;
        mine->start_us = v->t_us;
    }
    if (quality <= mine->quality)
        return 0;
    mine->quality = quality;
    mine->t_us = v->t_us;
    memcpy(mine->face, v->face, sizeof mine->face);
    memcpy(mine->portrait, v->portrait, sizeof mine->portrait);
    return 0;
}

int ava_face_identity_finish(AvaFaceIdentity *s, AvalignErrorInfo *e)
{
    int rc = 0;
    for (size_t i = 0; i < s->live.n && !rc; i++)
        rc = settle(s, s->live.at[i], e);
    return rc;
}
