/* expression.c -- what the face in a still picture expresses. */
#include <math.h>
#include <string.h>

#include "analyze/emotion/emotion_model.h"
#include "evidence/evidence.h"
#include "media/media.h"
#include "nets/emotion.h"
#include "nets/face.h"
#include "track/geometry.h"
#include "util/err.h"

enum { MIN_EYE = 24, MAX_YAW = 40, FIT = 2 /* times that the mesh is laid over the face */ };
static const uint64_t MAX_PIXELS = 8192 * 4320;

typedef struct Look {
    AvalignModels *models;
    int crop, seen;
    float p[AVA_N_EMOTIONS];
    const char *reason;
    AvalignErrorInfo *e;
} Look;

/* The face's portrait, or why not. */
static int portrait(Look *l, AvaFaceNets *nets, const AvaImage *img, uint8_t *rgb)
{
    AvaFaceBox box;
    float lm[3 * AVALIGN_LANDMARKS], presence = 0;
    uint8_t face[3 * AVALIGN_FACE_SIDE * AVALIGN_FACE_SIDE];
    int n = ava_face_detect(nets, img, 1, &box, 1, l->e), rc = n < 0 ? n : 0;
    for (int i = 0; i < FIT && n > 0 && !rc; i++)
        rc = ava_face_mesh(nets, img, i ? ava_roi_from_landmarks(lm) : ava_roi_from_box(&box), lm, &presence, l->e);
    if (rc)
        return rc;
    if (n == 0 || !(presence > .5f)) {
        l->reason = "no-face";
        return 0;
    }
    AvaGeometry g = ava_geometry_mesh(lm);
    ava_warp_rgb(img, ava_portrait_map(&g), AVALIGN_PORTRAIT_SIDE, AVALIGN_PORTRAIT_SIDE, rgb);
    ava_warp_rgb(img, ava_face_map(lm), AVALIGN_FACE_SIDE, AVALIGN_FACE_SIDE, face);
    l->reason = g.eye < MIN_EYE ? "low-resolution" : fabsf(g.yaw) > MAX_YAW ? "profile"
              : ava_face_occlusion(face) > AVA_COVERED || ava_face_dark_eyes(face) > AVA_DARK_EYES ? "face-covered" : NULL;
    return 0;
}

static int express(Look *l, const AvaImage *img)
{
    uint8_t rgb[3 * AVALIGN_PORTRAIT_SIDE * AVALIGN_PORTRAIT_SIDE];
    AvaFaceNets *nets = NULL;
    AvaEmotionNet *net = NULL;
    int rc = 0;
    if (!l->crop) {
        rc = ava_face_nets_open(&nets, l->models, l->e);
        if (!rc)
            rc = portrait(l, nets, img, rgb);
        ava_face_nets_close(&nets);
    }
    if (rc || l->reason)
        return rc;
    rc = ava_emotion_open(&net, l->models, "face-expression", l->e);
    if (!rc)
        rc = l->crop ? ava_emotion_crop(net, img, l->p, l->e) : ava_emotion_face(net, rgb, l->p, l->e);
    ava_emotion_close(&net);
    return rc;
}

static int expression_on_video(void *cookie, AvaFrame *f)
{
    Look *l = cookie;
    int rc = l->seen++ ? 0 : express(l, &f->img);
    ava_frame_free(f);
    return rc;
}

static int expression_never(void *cookie) { return (void)cookie, 0; }

static int read_image(Look *l, const char *path)
{
    AvaSource *src = NULL;
    AvaMedia *m = NULL;
    AvaMediaOptions opt = { .max_pixels = MAX_PIXELS, .want_video = 1, .still = 1, .cancelled = expression_never };
    int rc = ava_source_open_path(&src, path, l->e);
    if (!rc)
        rc = ava_media_open(&m, src, NULL, &opt, l->e);
    if (!rc)
        rc = ava_media_run(m, &(AvaMediaSink){ .cookie = l, .video = expression_on_video }, l->e);
    if (!rc && !l->seen)
        rc = ava_fail(l->e, AVALIGN_ERR_NO_STREAM, "open", AVA_NO_TIME, 0, "the picture can't be decoded; get another copy of it");
    ava_media_close(&m);
    ava_source_close(&src);
    return rc;
}

int avalign_read_expression(AvalignModels *models, const char *path, int crop, AvalignExpression *out, AvalignErrorInfo *why)
{
    AvalignErrorInfo e;
    ava_err_clear(&e);
    ava_err_clear(why);
    if (!models || !path || !out)
        return ava_fail(why, AVALIGN_ERR_ARG, "call", AVA_NO_TIME, 0, "models, a path or a place for the answer are missing");
    memset(out, 0, sizeof *out);
    Look l = { .models = models, .crop = crop, .e = &e };
    int rc = read_image(&l, path);
    if (rc && why)
        *why = e;
    if (rc)
        return rc;
    out->reason = l.reason;
    for (int k = 0; k < AVA_N_EMOTIONS && !l.reason; k++)
        out->p[k] = (double)l.p[k];
    ava_emotion_affect(out->p, &out->valence, &out->arousal);
    return 0;
}
