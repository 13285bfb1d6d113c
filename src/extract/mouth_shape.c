/* mouth_shape.c -- role mouth-shape: what the mouth does at every frame, from the lips' geometry and the sync embedding
 * (which has seen landmarks and mouth crop). */
#include "extract/stage.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/err.h"
#include "util/sort.h"

/* Input of one frame: the embedding, mouth opening and width, and both less the track's own usual values. */
enum { FEATURES = AVA_SYNC_DIM + 4, WINDOW = 1000, MARGIN = 8 };

typedef struct MouthShape {
    AvaStageSetup in;
    AvaSession *net; /* NULL until the end */
} MouthShape;

static void mouth_shape_close(void *state) { ava_session_close(&((MouthShape *)state)->net); }

/* The q-th quantile of one number of all rows. */
static float quantile(const AvaTrackRows *t, int width, double q, float *room)
{
    size_t n = 0;
    for (size_t i = 0; i < t->row.n; i++) {
        float v = width ? t->row.at[i].mouth_width : t->row.at[i].mouth_open;
        if (isfinite(v))
            room[n++] = v;
    }
    ava_sort_float(room, n);
    return n ? room[(size_t)(q * (double)(n - 1))] : 0;
}

static float or_zero(float v) { return isfinite(v) ? v : 0; }

/* The rows from..to-1, keeping those of [keep_from, keep_to). */
static int shape_window(MouthShape *n, AvaTrackRows *t, size_t from, size_t to, size_t keep_from, size_t keep_to, const float usual[2],
                  AvalignErrorInfo *e)
{
    size_t len = to - from, size = 0;
    float *in = ava_session_input(n->net, 0, (int64_t[]){ 1, (int64_t)len, FEATURES }, 3);
    for (size_t i = 0; in && i < len; i++) {
        const AvaFaceRow *r = &t->row.at[from + i];
        float *x = in + i * FEATURES;
        for (int d = 0; d < AVA_SYNC_DIM; d++)
            x[d] = (float)t->sync.at[from + i].v[d] / 127.f;
        x[AVA_SYNC_DIM] = or_zero(r->mouth_open) * 5;
        x[AVA_SYNC_DIM + 1] = or_zero(r->mouth_open - usual[0]) * 5;
        x[AVA_SYNC_DIM + 2] = or_zero(r->mouth_width) * 5;
        x[AVA_SYNC_DIM + 3] = or_zero(r->mouth_width - usual[1]) * 10;
    }
    if (!in || ava_session_run(n->net, e))
        return AVALIGN_ERR_INFER;
    const float *p = ava_session_output(n->net, 0, &size);
    if (!p || size != len * AVA_N_SHAPES)
        return ava_fail(e, AVALIGN_ERR_INFER, "viseme", AVA_NO_TIME, 0, "the mouth-shape net has another shape");
    for (size_t i = keep_from; i < keep_to; i++)
        for (int s = 0; s < AVA_N_SHAPES; s++)
            t->shape.at[i].p[s] = (uint8_t)lrintf(fmaxf(0, fminf(p[(i - from) * AVA_N_SHAPES + (size_t)s], 1)) * 255);
    return 0;
}

/* One shape per row of the track. Tracks without embeddings are left alone. */
static int shape_track(MouthShape *n, AvaTrackRows *t, AvalignErrorInfo *e)
{
    if (!t->row.n || t->sync.n != t->row.n || t->shape.n)
        return 0;
    float *room = malloc(t->row.n * sizeof *room);
    if (!room || ava_reserve(&t->shape, t->row.n)) {
        free(room);
        return ava_fail(e, AVALIGN_ERR_NOMEM, "viseme", AVA_NO_TIME, 0, "out of memory");
    }
    t->shape.n = t->row.n;
    float usual[2] = { quantile(t, 0, 0.1, room), quantile(t, 1, 0.5, room) };
    free(room);
    int rc = 0;
    for (size_t a = 0, b; a < t->row.n && !rc; a = b) { /* runs without holes */
        for (b = a + 1; b < t->row.n && t->row.at[b].t_us - t->row.at[b - 1].t_us <= AVA_GRID_US;)
            b++;
        for (size_t k = a; k < b && !rc; k += WINDOW) {
            size_t end = k + WINDOW < b ? k + WINDOW : b;
            rc = ava_cancelled(n->in.ev) ? ava_fail(e, AVALIGN_ERR_CANCELLED, "viseme", AVA_NO_TIME, 0, "cancelled")
                                      : shape_window(n, t, k > a + MARGIN ? k - MARGIN : a, end + MARGIN < b ? end + MARGIN : b, k, end, usual, e);
        }
    }
    return rc;
}

static int mouth_shape_finish(void *state, AvalignErrorInfo *e)
{
    MouthShape *n = state;
    if (!n->in.ev->track.n || !n->in.ev->phone.n)
        return 0;
    int rc = ava_session_open(&n->net, n->in.models, "mouth-shape", e);
    for (size_t i = 0; !rc && i < n->in.ev->track.n; i++)
        rc = shape_track(n, &n->in.ev->track.at[i], e);
    return rc;
}

const AvaStage ava_stage_mouth_shape = {
    .name = "mouth shape",
    .roles = (const char *const[]){ "mouth-shape", NULL },
    .video = 1,
    .size = sizeof(MouthShape),
    .finish = mouth_shape_finish,
    .close = mouth_shape_close,
};
