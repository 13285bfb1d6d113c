/* drawn_face.c -- faces, five times a second at first, before the net that tells whether a program drew them. */
#include "extract/stage.h"

#include <math.h>

#include "util/err.h"

enum { APART_US = 1000000 }; /* of moments that are kept with their maps */

typedef struct DrawnFace {
    AvaStageSetup in;
    AvaSession *net; /* NULL: no face yet */
} DrawnFace;

static int drawn_face_open(void *state, AvalignErrorInfo *e)
{
    DrawnFace *s = state;
    (void)e;
    s->in.ev->has_drawn = 1;
    return 0;
}

static void drawn_face_close(void *state) { ava_session_close(&((DrawnFace *)state)->net); }

static double strength(const DrawnFace *s, const AvaDrawnMap *m)
{
    return ava_drawn_strength(&s->in.ev->calibration, (double[]){ (double)m->at.odds[AVA_BLEND], (double)m->at.odds[AVA_DECODER] });
}

/* Keeps it with its map if it says more than those that were kept, one of each second at most. */
static int keep_map(DrawnFace *s, AvaTrackRows *t, const AvaDrawnMap *m)
{
    size_t weakest = 0;
    double mine = strength(s, m);
    for (size_t i = 0; i < t->drawn_map.n; i++) {
        AvaDrawnMap *k = &t->drawn_map.at[i];
        if (m->at.t_us - k->at.t_us < APART_US) {
            if (mine > strength(s, k))
                *k = *m;
            return 0;
        }
        if (strength(s, k) < strength(s, &t->drawn_map.at[weakest]))
            weakest = i;
    }
    if (t->drawn_map.n < AVA_DRAWN_MAPS)
        return ava_push(&t->drawn_map, *m);
    if (mine > strength(s, &t->drawn_map.at[weakest]))
        t->drawn_map.at[weakest] = *m;
    return 0;
}

static int drawn_face_crop(void *state, const AvaCloseCrop *c, AvalignErrorInfo *e)
{
    DrawnFace *s = state;
    AvaTrackRows *t = ava_track_rows(s->in.ev, c->track_id);
    if (!t || !ava_calibrated(&s->in.ev->calibration, "drawn-face"))
        return 0;
    if ((double)c->side < s->in.ev->calibration.drawn.least_side) {
        t->drawn_small++;
        return 0;
    }
    AvaDrawnMap m = { .at = { .t_us = c->t_us }, .cx = c->cx, .cy = c->cy, .side = c->side };
    int rc = s->net ? 0 : ava_session_open(&s->net, s->in.models, "drawn-face", e);
    if (!rc)
        rc = ava_drawn_run(s->net, c->rgb, &m, e);
    if (rc)
        return rc;
    if (!isfinite(m.at.odds[AVA_BLEND] + m.at.odds[AVA_DECODER]))
        return ava_fail(e, AVALIGN_ERR_INFER, "mouth", c->t_us, 0, "role drawn-face gives no finite number; restore its file");
    return ava_push(&t->drawn, m.at) || keep_map(s, t, &m) ? ava_fail(e, AVALIGN_ERR_NOMEM, "mouth", AVA_NO_TIME, 0, "out of memory") : 0;
}

const AvaStage ava_stage_drawn_face = {
    .name = "drawn face",
    .roles = (const char *const[]){ "drawn-face", NULL },
    .video = 1,
    .crops = AVA_CROP_CLOSE,
    .size = sizeof(DrawnFace),
    .open = drawn_face_open,
    .on_close = drawn_face_crop,
    .close = drawn_face_close,
};
