/* face_emotion.c -- what faces express, at every other time that they are cut out. */
#include <math.h>

#include "extract/stage.h"
#include "util/err.h"

enum { MIN_EYE = 24, MAX_YAW = 40, EVERY_US = AVA_EXPRESSION_US - 20000 };

typedef struct FaceEmotion {
    AvaStageSetup in;
    AvaEmotionNet *net; /* NULL: not yet needed */
} FaceEmotion;

static void face_emotion_close(void *state) { ava_emotion_close(&((FaceEmotion *)state)->net); }

static int face_emotion_face(void *state, const AvalignFaceView *v, AvalignErrorInfo *e)
{
    FaceEmotion *f = state;
    if (!v->portrait || v->eye_distance < MIN_EYE || fabsf(v->yaw) > MAX_YAW || v->occlusion > AVA_COVERED || v->dark_eyes > AVA_DARK_EYES)
        return 0;
    AvaTrackRows *t = ava_track_rows(f->in.ev, v->track_id);
    if (!t || (t->expression.n && v->t_us - t->expression.at[t->expression.n - 1].start_us < EVERY_US))
        return 0;
    AvaEmotionSpan x = { .start_us = v->t_us, .end_us = v->t_us };
    int rc = f->net ? 0 : ava_emotion_open(&f->net, f->in.models, "face-expression", e);
    if (!rc)
        rc = ava_emotion_face(f->net, v->portrait, x.p, e);
    if (!rc && ava_push(&t->expression, x))
        rc = ava_fail(e, AVALIGN_ERR_NOMEM, "emotion", AVA_NO_TIME, 0, "out of memory");
    return rc;
}

const AvaStage ava_stage_face_emotion = {
    .name = "face emotion",
    .roles = (const char *const[]){ "face-expression", NULL },
    .video = 1,
    .size = sizeof(FaceEmotion),
    .on_face = face_emotion_face,
    .close = face_emotion_close,
};
