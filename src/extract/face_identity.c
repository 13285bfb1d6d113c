/* face_identity.c -- the best view of every face in every second, embedded. */
#include "extract/stage.h"

#include <stdlib.h>
#include <string.h>

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

typedef struct FaceIdentity {
    AvaStageSetup in;
    AvaIdentity *nets;     /* NULL: no face yet */
    AVA_VEC(Best *) live;
} FaceIdentity;

static void face_identity_close(void *state)
{
    FaceIdentity *s = state;
    for (size_t i = 0; i < s->live.n; i++)
        free(s->live.at[i]);
    ava_vec_free(&s->live);
    ava_identity_close(&s->nets);
}

static int embed_best(FaceIdentity *s, Best *b, AvalignErrorInfo *e)
{
    AvaTrackRows *t = ava_track_rows(s->in.ev, b->track);
    AvaFaceVec v = { .t_us = b->t_us, .quality = b->quality };
    if (b->quality <= 0 || !t)
        return 0;
    int rc = s->nets ? 0 : ava_identity_open(&s->nets, s->in.models, e);
    if (!rc)
        rc = ava_identity_run(s->nets, b->face, b->portrait, &v, e);
    if (!rc && ava_push(&t->face, v))
        rc = ava_fail(e, AVALIGN_ERR_NOMEM, "speaker", AVA_NO_TIME, 0, "out of memory");
    b->quality = 0;
    return rc;
}

static int face_identity_face(void *state, const AvalignFaceView *v, AvalignErrorInfo *e)
{
    FaceIdentity *s = state;
    Best *mine = NULL;
    for (size_t i = s->live.n; i-- > 0;) {
        Best *b = s->live.at[i];
        if (v->t_us - b->start_us >= EVERY_US) {
            int rc = embed_best(s, b, e);
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

static int face_identity_finish(void *state, AvalignErrorInfo *e)
{
    FaceIdentity *s = state;
    int rc = 0;
    for (size_t i = 0; i < s->live.n && !rc; i++)
        rc = embed_best(s, s->live.at[i], e);
    return rc;
}

const AvaStage ava_stage_face_identity = {
    .name = "face identity",
    .roles = (const char *const[]){ "face-embed", NULL },
    .video = 1,
    .size = sizeof(FaceIdentity),
    .on_face = face_identity_face,
    .finish = face_identity_finish,
    .close = face_identity_close,
};
