/* tracker.c -- following faces.
 *
 * A track carries its region from landmark to landmark, as MediaPipe does; the
 * detector runs at the start, after a cut, when a face was lost, and once a second
 * for newcomers (small ones are looked for every fifth time). Landmarks are measured at the frames' true times and interpolated
 * to the grid, so 23.976, 29.97, 50 fps and variable rates all give the same 25
 * values a second without jitter. The grid starts at the first frame: constant
 * 25 fps material is reported untouched. Over a hole longer than BRIDGE_US nothing
 * is invented. */
#include "track/tracker.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "track/external_face.h"
#include "track/geometry.h"
#include "track/shots.h"
#include "util/err.h"
#include "util/vec.h"

enum {
    MAX_TRACKED = 64, STEP_US = 1000000 / AVALIGN_GRID_FPS, SNAP_US = 2000, BRIDGE_US = 260000,
    SCAN_US = 1000000, RETRY_US = 200000, FORGET_US = 1000000, CROP_US = 190000, MATCH_US = 21000,
    CLOSE_FIRST = 12, CLOSE_US = 790000 /* short clips are seen often enough, and long ones stay cheap */
};

/* One measured face. */
typedef struct Obs {
    int64_t t_us;
    int has_mesh, has_mouth, has_face;
    AvaGeometry g;
    float presence;
    float lm[AVALIGN_LANDMARKS * 3];
    uint8_t mouth[AVALIGN_MOUTH_SIDE * AVALIGN_MOUTH_SIDE];
    uint8_t face[AVALIGN_FACE_SIDE * AVALIGN_FACE_SIDE * 3];
    uint8_t portrait[AVALIGN_PORTRAIT_SIDE * AVALIGN_PORTRAIT_SIDE * 3]; /* with face */
    uint8_t *wide_rgb; /* NULL: not asked for */
    AvaWideCrop wide;  /* rgb NULL: not cropped */
} Obs;

typedef struct Track {
    int id, given_id, fresh; /* fresh: last is not yet reported on the grid */
    Obs *last, *now;         /* swapped as time goes on */
    int64_t next_k;          /* next grid index to report */
    int64_t cropped_us, close_us;
    unsigned closes;
    float sharpness, occlusion, dark_eyes;
} Track;

struct AvaTracker {
    AvaTrackerConfig cfg;
    AvaFaceNets *nets;
    AvaShots shots;
    Track *track[MAX_TRACKED];
    int n, next_id, dropped, given_mode, has_grid;
    int64_t grid0_us, scanned_us;
    unsigned scans;
    AVA_VEC(AvaExternalFace) given;
    size_t given_at; /* first not yet used */
    uint8_t *close_rgb; /* NULL: not asked for */
    AvaCloseCrop close; /* of the face just measured; rgb NULL: none */
};

int ava_tracker_new(AvaTracker **out, const AvaTrackerConfig *cfg, AvalignErrorInfo *e)
{
    AvaTracker *t = *out = calloc(1, sizeof *t);
    if (!t)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "face", AVA_NO_TIME, 0, "out of memory");
    t->cfg = *cfg;
    if (t->cfg.max_faces > MAX_TRACKED)
        t->cfg.max_faces = MAX_TRACKED;
    t->scanned_us = INT64_MIN;
    if (t->cfg.close_crops && !(t->close_rgb = malloc(3 * AVA_CLOSE_SIDE * AVA_CLOSE_SIDE))) {
        ava_tracker_free(out);
        return ava_fail(e, AVALIGN_ERR_NOMEM, "face", AVA_NO_TIME, 0, "out of memory");
    }
    return 0;
}

static void track_free(Track *k)
{
    if (!k)
        return;
    if (k->last)
        free(k->last->wide_rgb);
    if (k->now)
        free(k->now->wide_rgb);
    free(k->last);
    free(k->now);
    free(k);
}

static void drop_all(AvaTracker *t)
{
    while (t->n)
        track_free(t->track[--t->n]);
}

void ava_tracker_free(AvaTracker **pt)
{
    AvaTracker *t = pt ? *pt : NULL;
    if (!t)
        return;
    drop_all(t);
    for (size_t i = 0; i < t->given.n; i++)
        ava_external_face_free(&t->given.at[i]);
    ava_vec_free(&t->given);
    ava_face_nets_close(&t->nets);
    free(t->close_rgb);
    free(t);
    *pt = NULL;
}

int ava_tracker_dropped(const AvaTracker *t) { return t->dropped; }

/* ---- reporting on the grid ------------------------------------------------------ */

/* The mouth at the grid instant: the nearer one's. Half way between the two it is the mean of both, for the later one's, always taken, shows
 * the lips early: at 12.5 frames a second that is every other instant. */
static const uint8_t *mouth_between(const Obs *a, const Obs *b, float share_b, uint8_t room[AVALIGN_MOUTH_SIDE * AVALIGN_MOUTH_SIDE])
{
    const Obs *near = share_b >= 0.5f ? b : a;
    if (fabsf(share_b - 0.5f) > 0.02f || !a->has_mouth || !b->has_mouth)
        return near->has_mouth ? near->mouth : NULL;
    for (int i = 0; i < AVALIGN_MOUTH_SIDE * AVALIGN_MOUTH_SIDE; i++)
        room[i] = (uint8_t)((a->mouth[i] + b->mouth[i] + 1) / 2);
    return room;
}

/* Reports the grid instant k as a mix of a and b. */
static int tracker_report(AvaTracker *t, Track *k, int64_t index, const Obs *a, const Obs *b, float share_b, AvalignErrorInfo *e)
{
    float lm[AVALIGN_LANDMARKS * 3];
    uint8_t mouth[AVALIGN_MOUTH_SIDE * AVALIGN_MOUTH_SIDE];
    AvaGeometry g = ava_geometry_mix(&a->g, &b->g, share_b);
    int mesh = a->has_mesh && b->has_mesh;
    if (mesh)
        for (int i = 0; i < AVALIGN_LANDMARKS * 3; i++)
            lm[i] = a->lm[i] + (b->lm[i] - a->lm[i]) * share_b;
    const Obs *near = share_b >= 0.5f ? b : a;
    AvalignFaceView v = {
        .track_id = k->id,
        .t_us = t->grid0_us + index * STEP_US,
        .landmarks = mesh ? lm : NULL,
        .presence = fminf(a->presence, b->presence),
        .yaw = g.yaw, .pitch = g.pitch, .roll = g.roll,
        .eye_distance = g.eye,
        .sharpness = k->sharpness,
        .occlusion = k->occlusion, .dark_eyes = k->dark_eyes,
        .mouth_open = g.mouth_open,
        .mouth_width = g.mouth_width, .brow = g.brow, .eye_open = g.eye_open,
        .mouth = mouth_between(a, b, share_b, mouth),
        .face = near->has_face ? near->face : NULL,
        .portrait = near->has_face ? near->portrait : NULL,
    };
    memcpy(v.box, g.box, sizeof v.box);
    k->next_k = index + 1;
    if (t->cfg.view(t->cfg.cookie, &v) || (near->wide.rgb && t->cfg.wide(t->cfg.cookie, &v, &near->wide)))
        return ava_fail(e, AVALIGN_ERR_CANCELLED, "face", v.t_us, 0, "stopped by the caller");
    return 0;
}

/* The first grid index at or after t, a little early allowed. */
static int64_t grid_from(const AvaTracker *t, int64_t at_us)
{
    int64_t d = at_us - t->grid0_us - SNAP_US;
    return d <= 0 ? -(-d / STEP_US) : (d + STEP_US - 1) / STEP_US;
}

/* k->now has just been measured: report every grid instant it settles. */
static int tracker_settle(AvaTracker *t, Track *k, AvalignErrorInfo *e)
{
    Obs *b = k->now, *a = k->last;
    int64_t to = b->t_us - t->grid0_us + SNAP_US;
    to = to < 0 ? -1 : to / STEP_US; /* last grid index not after b */
    int bridge = !k->fresh && b->t_us - a->t_us <= BRIDGE_US;
    int64_t from = bridge ? k->next_k : grid_from(t, b->t_us);
    if (from < k->next_k)
        from = k->next_k;
    for (int64_t i = from; i <= to; i++) {
        int64_t g = t->grid0_us + i * STEP_US;
        float share = bridge && g < b->t_us - SNAP_US ? (float)(g - a->t_us) / (float)(b->t_us - a->t_us) : 1;
        int rc = tracker_report(t, k, i, bridge ? a : b, b, share < 0 ? 0 : share, e);
        if (rc)
            return rc;
    }
    k->fresh = 0;
    k->now = a;
    k->last = b;
    if (t->close.rgb && t->cfg.close(t->cfg.cookie, &t->close))
        return ava_fail(e, AVALIGN_ERR_CANCELLED, "face", b->t_us, 0, "stopped by the caller");
    return 0;
}

/* ---- measuring -------------------------------------------------------------------- */

static void crops(AvaTracker *t, Track *k, Obs *o, const AvaImage *img)
{
    o->has_face = o->has_mouth = 0;
    o->wide.rgb = NULL;
    t->close.rgb = NULL;
    if (!o->has_mesh || !img)
        return;
    if (t->cfg.mouth_crops) {
        ava_warp_gray(img, ava_mouth_map(o->lm, &o->g), AVALIGN_MOUTH_SIDE, AVALIGN_MOUTH_SIDE, o->mouth);
        o->has_mouth = 1;
    }
    if (o->wide_rgb) { /* SyncNet's crop is 1.4 faces each way, moved down by .4; a quarter more for its smoothing */
        const float *b = o->g.box, half = fmaxf(b[2], b[3]) / 2;
        o->wide = (AvaWideCrop){ o->wide_rgb, b[0] + b[2] / 2, b[1] + b[3] / 2 + 0.4f * half, 3.5f * half };
        ava_warp_rgb(img, ava_affine_square(o->wide.cx, o->wide.cy, o->wide.side, 0, AVA_WIDE_SIDE), AVA_WIDE_SIDE,
                     AVA_WIDE_SIDE, o->wide_rgb);
    }
    if (t->close_rgb && o->t_us - k->close_us >= (k->closes < CLOSE_FIRST ? CROP_US : CLOSE_US)) {
        const float *b = o->g.box;
        t->close = (AvaCloseCrop){ k->id, o->t_us, t->close_rgb, b[0] + b[2] / 2, b[1] + b[3] / 2, AVA_CLOSE_FACES * fmaxf(b[2], b[3]) };
        ava_warp_rgb(img, ava_affine_square(t->close.cx, t->close.cy, t->close.side, 0, AVA_CLOSE_SIDE), AVA_CLOSE_SIDE, AVA_CLOSE_SIDE,
                     t->close_rgb);
        k->close_us = o->t_us;
        k->closes++;
    }
    if (t->cfg.face_crops || o->t_us - k->cropped_us >= CROP_US) {
        ava_warp_rgb(img, ava_face_map(o->lm), AVALIGN_FACE_SIDE, AVALIGN_FACE_SIDE, o->face);
        ava_warp_rgb(img, ava_portrait_map(&o->g), AVALIGN_PORTRAIT_SIDE, AVALIGN_PORTRAIT_SIDE, o->portrait);
        k->sharpness = ava_face_sharpness(o->face);
        k->occlusion = ava_face_occlusion(o->face);
        k->dark_eyes = ava_face_dark_eyes(o->face);
        k->cropped_us = o->t_us;
        o->has_face = 1;
    }
}

static Track *track_new(AvaTracker *t, int64_t t_us)
{
    Track *k = calloc(1, sizeof *k);
    if (!k || !(k->last = calloc(1, sizeof *k->last)) || !(k->now = calloc(1, sizeof *k->now)) ||
        (t->cfg.wide_crops && (!(k->last->wide_rgb = malloc(3 * AVA_WIDE_SIDE * AVA_WIDE_SIDE)) ||
                               !(k->now->wide_rgb = malloc(3 * AVA_WIDE_SIDE * AVA_WIDE_SIDE))))) {
        track_free(k);
        return NULL;
    }
    k->id = t->next_id++;
    k->given_id = -1;
    k->fresh = 1;
    k->cropped_us = k->close_us = INT64_MIN / 2;
    k->next_k = grid_from(t, t_us);
    k->last->t_us = t_us;
    t->track[t->n++] = k;
    return k;
}

static void track_drop(AvaTracker *t, int i)
{
    track_free(t->track[i]);
    memmove(&t->track[i], &t->track[i + 1], (size_t)(--t->n - i) * sizeof *t->track);
}

static float overlap(const float p[4], const float q[4])
{
    float w = fminf(p[0] + p[2], q[0] + q[2]) - fmaxf(p[0], q[0]);
    float h = fminf(p[1] + p[3], q[1] + q[3]) - fmaxf(p[1], q[1]);
    if (w <= 0 || h <= 0)
        return 0;
    return w * h / (p[2] * p[3] + q[2] * q[3] - w * h);
}

/* Runs the mesh on a region; 1 = a face, 0 = none, <0 error. */
static int tracker_measure(AvaTracker *t, Track *k, const AvaImage *img, AvaRoi roi, int64_t t_us, AvalignErrorInfo *e)
{
    Obs *o = k->now;
    if (!(roi.side >= 8 && roi.side < 4e4f) || !isfinite(roi.cx + roi.cy + roi.angle))
        return 0;
    int rc = ava_face_mesh(t->nets, img, roi, o->lm, &o->presence, e);
    if (rc)
        return rc;
    if (!(o->presence > 0.5f))
        return 0;
    o->t_us = t_us;
    o->has_mesh = 1;
    o->g = ava_geometry_mesh(o->lm);
    return 1;
}

static int need_nets(AvaTracker *t, AvalignErrorInfo *e)
{
    return t->nets ? 0 : ava_face_nets_open(&t->nets, t->cfg.models, e);
}

/* Follows the tracks into this frame; *lost counts those that were not found. */
static int follow(AvaTracker *t, const AvaImage *img, int64_t t_us, int *lost, AvalignErrorInfo *e)
{
    for (int i = 0; i < t->n; i++) {
        Track *k = t->track[i];
        if (t_us - k->last->t_us > FORGET_US) {
            track_drop(t, i--);
            continue;
        }
        int rc = tracker_measure(t, k, img, ava_roi_from_landmarks(k->last->lm), t_us, e);
        if (rc < 0)
            return rc;
        if (!rc) {
            ++*lost;
            continue;
        }
        crops(t, k, k->now, img);
        if ((rc = tracker_settle(t, k, e)))
            return rc;
    }
    /* two tracks on one face: keep the elder */
    for (int i = 0; i < t->n; i++)
        for (int j = t->n - 1; j > i; j--)
            if (t->track[j]->last->t_us == t_us && t->track[i]->last->t_us == t_us &&
                overlap(t->track[i]->last->g.box, t->track[j]->last->g.box) > 0.5f)
                track_drop(t, j);
    return 0;
}

/* Takes a detected face up, as a lost track found again or as a new one. */
static int take_up(AvaTracker *t, const AvaImage *img, const AvaFaceBox *f, int64_t t_us, AvalignErrorInfo *e)
{
    Track *k = NULL;
    for (int i = 0; i < t->n; i++) {
        const float box[4] = { f->x, f->y, f->w, f->h };
        Track *old = t->track[i];
        if (old->last->t_us == t_us) { /* followed already? */
            const float *b = old->last->g.box, cx = f->x + f->w / 2, cy = f->y + f->h / 2;
            if (overlap(b, box) > 0.2f || (cx > b[0] && cx < b[0] + b[2] && cy > b[1] && cy < b[1] + b[3]))
                return 0;
        } else if (overlap(old->last->g.box, box) > 0.2f) {
            k = old;
        }
    }
    int made = !k;
    if (made) {
        if (t->n >= t->cfg.max_faces) {
            t->dropped++;
            return 0;
        }
        if (!(k = track_new(t, t_us)))
            return ava_fail(e, AVALIGN_ERR_NOMEM, "face", t_us, 0, "out of memory");
    }
    int rc = tracker_measure(t, k, img, ava_roi_from_box(f), t_us, e);
    if (rc > 0) /* once more from its own landmarks, as every later frame is */
        rc = tracker_measure(t, k, img, ava_roi_from_landmarks(k->now->lm), t_us, e);
    if (rc <= 0) {
        if (made) {
            t->next_id--;
            track_drop(t, t->n - 1);
        }
        return rc;
    }
    crops(t, k, k->now, img);
    return tracker_settle(t, k, e);
}

static int detect(AvaTracker *t, const AvaImage *img, int64_t t_us, AvalignErrorInfo *e)
{
    AvaFaceBox found[MAX_TRACKED];
    int tiles = t->n == 0 || t->scans++ % 5 == 0;
    int n = ava_face_detect(t->nets, img, tiles, found, MAX_TRACKED, e);
    t->scanned_us = t_us;
    for (int i = 0; i < n; i++) {
        int rc = take_up(t, img, &found[i], t_us, e);
        if (rc)
            return rc;
    }
    return n < 0 ? n : 0;
}

/* ---- the caller's own faces -------------------------------------------------------- */

int ava_tracker_give(AvaTracker *t, int64_t t_us, const AvalignFace *faces, size_t n, AvalignErrorInfo *e)
{
    for (size_t i = 0; i < n; i++)
        if (ava_external_face_check(&faces[i], t_us, e))
            return AVALIGN_ERR_ARG; /* then none of them is taken */
    t->given_mode = 1;
    for (size_t i = 0; i < n; i++) {
        AvaExternalFace f;
        int bad = ava_external_face_copy(&f, t_us, &faces[i]);
        if (bad || ava_push(&t->given, f)) {
            ava_external_face_free(&f);
            return ava_fail(e, AVALIGN_ERR_NOMEM, "tracks", t_us, 0, "out of memory");
        }
    }
    return 0;
}

static Track *given_track(AvaTracker *t, int id, int64_t t_us)
{
    for (int i = 0; i < t->n; i++)
        if (t->track[i]->given_id == id)
            return t->track[i];
    if (t->n >= t->cfg.max_faces) {
        int oldest = 0;
        for (int i = 1; i < t->n; i++)
            if (t->track[i]->last->t_us < t->track[oldest]->last->t_us)
                oldest = i;
        if (t_us - t->track[oldest]->last->t_us <= FORGET_US) {
            t->dropped++;
            return NULL;
        }
        track_drop(t, oldest);
    }
    Track *k = track_new(t, t_us);
    if (k) {
        k->given_id = id;
        k->id = id;
    }
    return k;
}

static int use_given(AvaTracker *t, const AvaExternalFace *g, const AvaImage *img, AvalignErrorInfo *e)
{
    if (!t->has_grid) {
        t->grid0_us = g->t_us;
        t->has_grid = 1;
    }
    Track *k = given_track(t, g->track_id, g->t_us);
    if (!k || (!k->fresh && g->t_us <= k->last->t_us))
        return 0;
    Obs *o = k->now;
    memset(o, 0, offsetof(Obs, lm));
    o->t_us = g->t_us;
    o->presence = 1;
    int rc = 1;
    if (g->n_lm == AVALIGN_LANDMARKS) {
        memcpy(o->lm, g->lm, sizeof o->lm);
        o->has_mesh = 1;
        o->g = ava_geometry_mesh(o->lm);
    } else if (g->n_lm) {
        o->g = ava_geometry_68(g->lm, g->dims);
    } else if (img && g->box[2] > 0 && g->box[3] > 0) {
        AvaFaceBox b = { g->box[0], g->box[1], g->box[2], g->box[3], { { 0, 0 }, { 1, 0 } }, 1 };
        if ((rc = need_nets(t, e)))
            return rc;
        rc = tracker_measure(t, k, img, ava_roi_from_box(&b), g->t_us, e);
        if (rc > 0)
            rc = tracker_measure(t, k, img, ava_roi_from_landmarks(o->lm), g->t_us, e);
        if (rc < 0)
            return rc;
    } else {
        o->g.mouth_open = o->g.mouth_width = o->g.brow = o->g.eye_open = NAN;
    }
    if (!rc)
        return 0;
    crops(t, k, o, img);
    if (g->mouth) {
        memcpy(o->mouth, g->mouth, sizeof o->mouth);
        o->has_mouth = 1;
    }
    return tracker_settle(t, k, e);
}

/* Uses what was given up to t_us; img is the picture at t_us or NULL. */
static int use_given_until(AvaTracker *t, int64_t t_us, const AvaImage *img, AvalignErrorInfo *e)
{
    for (; t->given_at < t->given.n; t->given_at++) {
        AvaExternalFace *g = &t->given.at[t->given_at];
        if (g->t_us > t_us + MATCH_US)
            break;
        int rc = use_given(t, g, img && llabs(g->t_us - t_us) <= MATCH_US ? img : NULL, e);
        ava_external_face_free(g);
        if (rc)
            return rc;
    }
    if (t->given_at == t->given.n)
        t->given.n = t->given_at = 0;
    return 0;
}

/* ---- the frame ------------------------------------------------------------------------ */

int ava_tracker_frame(AvaTracker *t, const AvaImage *img, int64_t t_us, AvalignErrorInfo *e)
{
    int rc = 0, lost = 0, cut = ava_shots_push(&t->shots, img);
    if (!t->has_grid) {
        t->grid0_us = t_us;
        t->has_grid = 1;
    }
    if (cut && t->cfg.cut(t->cfg.cookie, t_us))
        return ava_fail(e, AVALIGN_ERR_NOMEM, "face", t_us, 0, "out of memory");
    if (t->given_mode)
        return use_given_until(t, t_us, img, e);
    if (cut)
        drop_all(t);
    if ((rc = need_nets(t, e)) || (rc = follow(t, img, t_us, &lost, e)))
        return rc;
    int64_t wait = t->n && !lost ? SCAN_US : RETRY_US;
    if (cut || t->scanned_us == INT64_MIN || t_us - t->scanned_us >= wait)
        rc = detect(t, img, t_us, e);
    return rc;
}

int ava_tracker_finish(AvaTracker *t, AvalignErrorInfo *e)
{
    return t->given_mode ? use_given_until(t, INT64_MAX - MATCH_US, NULL, e) : 0;
}
