/* face_lse.c -- faces cropped as SyncNet's pipeline crops them, embedded picture by picture; answers in ev->lse. */
#include "extract/stage.h"
#include "nets/lse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/err.h"
#include "util/sort.h"

/* run_pipeline.py: crop scale .4, medians over 13 frames. A crop is cut when the six
 * frames after it are known, from a wide crop kept till then. */
enum { HALF = 6, RING = 2 * HALF + 1, LONGEST = 10 * 60 * AVALIGN_GRID_FPS };
static const float CROP_SCALE = 0.4f;

typedef struct Item {
    float box[4], place[3]; /* face; centre and half side as run_pipeline.py has them */
    AvaWideCrop wide;       /* rgb: the item's own copy */
} Item;

/* A face from its first frame to its end or to a hole. */
typedef struct Run {
    int track;
    int64_t t0_us, last_us;
    Item item[RING];
    size_t n, cut; /* frames seen, and cut out */
    uint8_t *face[AVA_LSE_FRAMES], *expert[AVA_LSE_FRAMES]; /* of the last frames */
    size_t embedded;
    AVA_VEC(float) face_vec;
    AVA_VEC(float) expert_vec;
} Run;

typedef struct FaceLse {
    AvaStageSetup in;
    AvaLseNets *nets;
    AVA_VEC(Run *) live;
    AVA_VEC(Run *) ended;
} FaceLse;

static int face_lse_open(void *state, AvalignErrorInfo *e)
{
    FaceLse *s = state;
    return ava_lse_open(&s->nets, s->in.models, e);
}

/* Gives back all but the embeddings. */
static void drop_frames(Run *r)
{
    for (int i = 0; i < RING; i++) {
        free((void *)r->item[i].wide.rgb);
        r->item[i].wide.rgb = NULL;
    }
    for (int i = 0; i < AVA_LSE_FRAMES; i++) {
        free(r->face[i]);
        free(r->expert[i]);
        r->face[i] = r->expert[i] = NULL;
    }
}

static void run_free(Run *r)
{
    drop_frames(r);
    ava_vec_free(&r->face_vec);
    ava_vec_free(&r->expert_vec);
    free(r);
}

static void face_lse_close(void *state)
{
    FaceLse *s = state;
    for (size_t i = 0; i < s->live.n; i++)
        run_free(s->live.at[i]);
    for (size_t i = 0; i < s->ended.n; i++)
        run_free(s->ended.at[i]);
    ava_vec_free(&s->live);
    ava_vec_free(&s->ended);
    ava_lse_close(&s->nets);
}

static Run *run_new(const AvalignFaceView *v)
{
    Run *r = calloc(1, sizeof *r);
    int bad = !r;
    for (int i = 0; !bad && i < RING; i++)
        bad |= !(r->item[i].wide.rgb = malloc(3 * AVA_WIDE_SIDE * AVA_WIDE_SIDE));
    for (int i = 0; !bad && i < AVA_LSE_FRAMES; i++)
        bad |= !(r->face[i] = malloc(3 * AVA_LSE_SIDE * AVA_LSE_SIDE)) ||
               !(r->expert[i] = malloc(3 * AVA_EXPERT_SIDE * AVA_EXPERT_SIDE));
    if (bad) {
        if (r)
            run_free(r);
        return NULL;
    }
    r->track = v->track_id;
    r->t0_us = r->last_us = v->t_us;
    return r;
}

/* Median of one number of the frames around picture k. */
static float face_lse_median(const Run *r, size_t k, int what)
{
    float v[RING];
    size_t from = k > HALF ? k - HALF : 0, to = k + HALF < r->n ? k + HALF : r->n - 1, n = 0;
    for (size_t i = from; i <= to; i++)
        v[n++] = r->item[i % RING].place[what];
    ava_sort_float(v, n);
    return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

/* out (side x side, BGR) = a rectangle of the picture, taken from the wide crop. */
static void cut_out(const AvaWideCrop *w, float x, float y, float width, float height, int side, uint8_t *out)
{
    const uint8_t *plane[3] = { w->rgb, NULL, NULL };
    const ptrdiff_t stride[3] = { 3 * AVA_WIDE_SIDE, 0, 0 };
    AvaImage img = ava_image_view(AVA_RGB24, AVA_WIDE_SIDE, AVA_WIDE_SIDE, plane, stride);
    float k = AVA_WIDE_SIDE / w->side, x0 = (x - (w->cx - w->side / 2)) * k, y0 = (y - (w->cy - w->side / 2)) * k;
    float sx = width * k / (float)side, sy = height * k / (float)side;
    AvaAffine map = { sx, 0, x0 + 0.5f * sx - 0.5f, 0, sy, y0 + 0.5f * sy - 0.5f };
    ava_warp_rgb(&img, map, side, side, out);
    for (int i = 0; i < side * side; i++) {
        uint8_t t = out[3 * i];
        out[3 * i] = out[3 * i + 2];
        out[3 * i + 2] = t;
    }
}

/* Cuts picture r->cut out and embeds the five frames that it completes. */
static int run_advance(FaceLse *s, Run *r, AvalignErrorInfo *e)
{
    const Item *it = &r->item[r->cut % RING];
    float size = face_lse_median(r, r->cut, 2), x = face_lse_median(r, r->cut, 0), y = face_lse_median(r, r->cut, 1);
    size_t slot = r->cut++ % AVA_LSE_FRAMES;
    cut_out(&it->wide, x - size * (1 + CROP_SCALE), y - size, 2 * size * (1 + CROP_SCALE), 2 * size * (1 + CROP_SCALE),
            AVA_LSE_SIDE, r->face[slot]);
    cut_out(&it->wide, it->box[0], it->box[1], it->box[2], it->box[3], AVA_EXPERT_SIDE, r->expert[slot]);
    if (r->cut < AVA_LSE_FRAMES || r->embedded >= LONGEST)
        return 0;
    const uint8_t *face[AVA_LSE_FRAMES], *expert[AVA_LSE_FRAMES];
    for (size_t i = 0; i < AVA_LSE_FRAMES; i++) {
        face[i] = r->face[(r->cut + i) % AVA_LSE_FRAMES]; /* the eldest is the next to be overwritten */
        expert[i] = r->expert[(r->cut + i) % AVA_LSE_FRAMES];
    }
    int rc = 0;
    if (ava_lse_has_syncnet(s->nets)) {
        if (ava_reserve(&r->face_vec, AVA_LSE_DIM))
            return ava_fail(e, AVALIGN_ERR_NOMEM, "lse", AVA_NO_TIME, 0, "out of memory");
        rc = ava_lse_face(s->nets, face, r->face_vec.at + r->face_vec.n, e);
        r->face_vec.n += AVA_LSE_DIM;
    }
    if (!rc && ava_lse_has_expert(s->nets)) {
        if (ava_reserve(&r->expert_vec, AVA_EXPERT_DIM))
            return ava_fail(e, AVALIGN_ERR_NOMEM, "lse", AVA_NO_TIME, 0, "out of memory");
        rc = ava_lse_expert_face(s->nets, expert, r->expert_vec.at + r->expert_vec.n, e);
        r->expert_vec.n += AVA_EXPERT_DIM;
    }
    r->embedded++;
    return rc;
}

/* Ends the i-th live face. */
static int run_end(FaceLse *s, size_t i, AvalignErrorInfo *e)
{
    Run *r = s->live.at[i];
    int rc = 0;
    while (!rc && r->cut < r->n)
        rc = run_advance(s, r, e);
    drop_frames(r);
    if (!rc && ava_push(&s->ended, r))
        rc = ava_fail(e, AVALIGN_ERR_NOMEM, "lse", AVA_NO_TIME, 0, "out of memory");
    if (rc)
        return rc; /* still among the live ones, freed with them */
    s->live.at[i] = s->live.at[--s->live.n];
    return 0;
}

static int face_lse_wide(void *state, const AvalignFaceView *v, const AvaWideCrop *w, AvalignErrorInfo *e)
{
    FaceLse *s = state;
    Run *mine = NULL;
    for (size_t i = s->live.n; i-- > 0;) {
        Run *r = s->live.at[i];
        if (v->t_us - r->last_us > AVA_GRID_US * (r->track == v->track_id ? 1 : RING)) {
            int rc = run_end(s, i, e);
            if (rc)
                return rc;
        } else if (r->track == v->track_id) {
            mine = r;
        }
    }
    if (!mine && (!(mine = run_new(v)) || ava_push(&s->live, mine))) {
        if (mine)
            run_free(mine);
        return ava_fail(e, AVALIGN_ERR_NOMEM, "lse", v->t_us, 0, "out of memory");
    }
    Item *it = &mine->item[mine->n++ % RING];
    uint8_t *own = (uint8_t *)it->wide.rgb;
    memcpy(own, w->rgb, 3 * AVA_WIDE_SIDE * AVA_WIDE_SIDE);
    it->wide = *w;
    it->wide.rgb = own;
    memcpy(it->box, v->box, sizeof it->box);
    it->place[0] = v->box[0] + v->box[2] / 2;
    it->place[1] = v->box[1] + v->box[3] / 2;
    it->place[2] = fmaxf(v->box[2], v->box[3]) / 2;
    mine->last_us = v->t_us;
    return mine->n > HALF + mine->cut ? run_advance(s, mine, e) : 0;
}

/* Sound from the run's first frame on. */
static int run_measure(FaceLse *s, const Run *r, AvalignErrorInfo *e)
{
    AvaEvidence *ev = s->in.ev;
    AvaLseTrack t = { .track = r->track, .start_us = r->t0_us };
    int64_t from = (r->t0_us - ev->sound_t0_us) * AVALIGN_SPEECH_RATE / 1000000, to = from;
    to += (int64_t)(r->embedded + AVA_LSE_FRAMES - 1) * (AVALIGN_SPEECH_RATE / AVALIGN_GRID_FPS);
    to = to < (int64_t)ev->pcm.n ? to : (int64_t)ev->pcm.n;
    size_t n = to > from ? (size_t)(to - from) : 0;
    float *pcm = calloc(n + 1, sizeof *pcm);
    if (!pcm)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "lse", AVA_NO_TIME, 0, "out of memory");
    for (size_t i = 0; i < n; i++)
        pcm[i] = from + (int64_t)i >= 0 ? (float)ev->pcm.at[from + (int64_t)i] / 32768.f : 0;
    int rc = ava_lse_measure(s->nets, r->face_vec.n ? r->face_vec.at : NULL, r->expert_vec.n ? r->expert_vec.at : NULL, r->embedded,
                           pcm, n, &t.lse, e);
    free(pcm);
    if (!rc && ava_push(&ev->lse, t))
        rc = ava_fail(e, AVALIGN_ERR_NOMEM, "lse", AVA_NO_TIME, 0, "out of memory");
    return rc;
}

/* Ends the faces and holds them against ev->pcm. */
static int face_lse_finish(void *state, AvalignErrorInfo *e)
{
    FaceLse *s = state;
    int rc = 0;
    while (!rc && s->live.n)
        rc = run_end(s, s->live.n - 1, e);
    for (size_t i = 0; !rc && i < s->ended.n; i++)
        rc = ava_cancelled(s->in.ev) ? ava_fail(e, AVALIGN_ERR_CANCELLED, "lse", AVA_NO_TIME, 0, "cancelled") : run_measure(s, s->ended.at[i], e);
    return rc;
}

const AvaStage ava_stage_face_lse = {
    .name = "SyncNet",
    .roles = (const char *const[]){ "syncnet-face", NULL },
    .video = 1,
    .crops = AVA_CROP_WIDE,
    .size = sizeof(FaceLse),
    .open = face_lse_open,
    .on_wide = face_lse_wide,
    .finish = face_lse_finish,
    .close = face_lse_close,
};
