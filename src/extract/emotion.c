#include "extract/emotion.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "extract/face_sync.h"
#include "util/err.h"
#include "util/window.h"

/* The voice is heard in windows of 3 s, one a second; the face is looked at every other time that it is cut out. */
enum { RATE = AVALIGN_SPEECH_RATE, WINDOW = 3, WINDOW_SAMPLES = WINDOW * RATE, INSTANTS = WINDOW * 100, MIN_EYE = 24, MAX_YAW = 40, EVERY_US = AVA_EXPRESSION_US - 20000 };
static const float MIN_SPEECH_S = 1;

struct AvaFeelings {
    AvaEvidence *ev;
    AvalignModels *models; /* borrowed */
    AvaEmotionNet *face, *voice; /* NULL: not yet needed */
    float ring[WINDOW_SAMPLES];  /* the last three seconds, for nets that listen themselves */
    size_t n;
    int64_t start_us; /* of the ring */
    AVA_VEC(AvaFeeling) heard;
};

int ava_feelings_new(AvaFeelings **out, AvaEvidence *ev, AvalignModels *models, AvalignErrorInfo *e)
{
    AvaFeelings *f = *out = calloc(1, sizeof *f);
    if (!f)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "emotion", AVA_NO_TIME, 0, "out of memory");
    f->ev = ev;
    f->models = models;
    return 0;
}

void ava_feelings_free(AvaFeelings **pf)
{
    AvaFeelings *f = pf ? *pf : NULL;
    if (!f)
        return;
    ava_emotion_close(&f->face);
    ava_emotion_close(&f->voice);
    ava_vec_free(&f->heard);
    free(f);
    *pf = NULL;
}

int ava_feelings_face(AvaFeelings *f, const AvalignFaceView *v, AvalignErrorInfo *e)
{
    if (!v->portrait || v->eye_distance < MIN_EYE || fabsf(v->yaw) > MAX_YAW || v->occlusion > AVA_COVERED || v->dark_eyes > AVA_DARK_EYES)
        return 0;
    AvaTrackRows *t = ava_track_rows(f->ev, v->track_id);
    if (!t || (t->expression.n && v->t_us - t->expression.at[t->expression.n - 1].start_us < EVERY_US))
        return 0;
    AvaFeeling x = { .start_us = v->t_us, .end_us = v->t_us };
    int rc = f->face ? 0 : ava_emotion_open(&f->face, f->models, "face-expression", e);
    if (!rc)
        rc = ava_emotion_face(f->face, v->portrait, x.p, e);
    if (!rc && ava_push(&t->expression, x))
        rc = ava_fail(e, AVALIGN_ERR_NOMEM, "emotion", AVA_NO_TIME, 0, "out of memory");
    return rc;
}

int ava_feelings_sound(AvaFeelings *f, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    int rc = f->voice ? 0 : ava_emotion_open(&f->voice, f->models, "voice-emotion", e);
    while (!rc && ava_emotion_wants_sound(f->voice) && ava_window_fill(f->ring, &f->n, WINDOW_SAMPLES, &pcm, &n)) {
        AvaFeeling x = { .start_us = f->start_us, .end_us = f->start_us + WINDOW * 1000000 };
        rc = ava_emotion_voice(f->voice, f->ring, WINDOW_SAMPLES, x.p, e);
        if (!rc && ava_push(&f->heard, x))
            rc = ava_fail(e, AVALIGN_ERR_NOMEM, "emotion", AVA_NO_TIME, 0, "out of memory");
        f->start_us += 1000000;
        ava_window_step(f->ring, &f->n, RATE);
    }
    return rc;
}

/* The window of 10 ms instants from the j-th on. Value j of the energy lies 12.5 ms, of the pitch 20 ms after the first
 * sample; the difference is less than a step. */
static float prosody_at(const AvaEvidence *ev, size_t j, size_t n, float out[AVA_N_PROSODY])
{
    float voiced[INSTANTS], pitch[INSTANTS], energy[INSTANTS];
    for (size_t i = 0; i < n; i++) {
        voiced[i] = ava_voiced_at(ev, ev->sound_t0_us + 12500 + (int64_t)(j + i) * AVA_ENERGY_US);
        energy[i] = ev->energy.at[j + i];
        pitch[i] = j + i < ev->pitch.n ? ev->pitch.at[j + i] : 0;
    }
    return ava_prosody(pitch, energy, voiced, n, out);
}

int ava_feelings_finish(AvaFeelings *f, AvalignErrorInfo *e)
{
    AvaEvidence *ev = f->ev;
    int rc = 0;
    size_t total = ev->energy.n, step = 100, heard = 0;
    for (size_t j = 0; f->voice && !rc && (j == 0 || j + INSTANTS <= total); j += step) {
        size_t n = total - j < INSTANTS ? total - j : INSTANTS;
        AvaFeeling v = { .start_us = (int64_t)j * AVA_ENERGY_US, .end_us = (int64_t)(j + n) * AVA_ENERGY_US };
        float speech = prosody_at(ev, j, n, v.prosody);
        const AvaFeeling *own = heard < f->heard.n ? &f->heard.at[heard++] : NULL;
        if (speech < MIN_SPEECH_S || (ava_emotion_wants_sound(f->voice) && !own))
            continue;
        if (own)
            memcpy(v.p, own->p, sizeof v.p);
        else
            rc = ava_emotion_voice(f->voice, v.prosody, AVA_N_PROSODY, v.p, e);
        if (!rc && ava_push(&ev->feeling, v))
            rc = ava_fail(e, AVALIGN_ERR_NOMEM, "emotion", AVA_NO_TIME, 0, "out of memory");
    }
    return rc;
}
