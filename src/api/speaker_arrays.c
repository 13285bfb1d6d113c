/* speaker_arrays.c -- voice embedding and voice-face match on the caller's arrays. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/speaker/speaker_model.h"
#include "extract/crossmodal.h"
#include "extract/stages.h"
#include "media/push.h"
#include "nets/joint.h"
#include "util/abi.h"
#include "util/err.h"

typedef struct Feed {
    AvaStages *stages;
    AvalignErrorInfo *e;
} Feed;

static int on_sound(void *cookie, const AvaSound *s)
{
    Feed *f = cookie;
    return ava_stages_sound(f->stages, s->pts_us, s->speech, s->n_speech, f->e);
}

static int voice_alone(const void *cookie, const char *role) { return (void)cookie, !strcmp(role, "voice-embed"); }

int avalign_extract_voice_embedding(AvalignModels *models, const AvalignPcm *pcm, AvalignVoice *out, AvalignErrorInfo *why)
{
    ava_err_clear(why);
    if (!models || !pcm || !out || (!pcm->samples && pcm->frames) || pcm->channels < 1 || pcm->channels > 8 ||
        pcm->sample_rate < 8000 || pcm->sample_rate > 192000 || !ava_reserved_unused(pcm->reserved))
        return ava_fail(why, AVALIGN_ERR_ARG, "call", AVA_NO_TIME, 0, "needs models, sound of 8000-192000 Hz and 1-8 channels, and a place for the answer");
    memset(out, 0, sizeof *out);
    AvaEvidence ev = { 0 };
    AvalignErrorInfo e;
    ava_err_clear(&e);
    Feed f = { NULL, &e };
    AvaMediaStats stats = { .first_audio_us = INT64_MIN, .last_audio_us = INT64_MIN };
    AvaPushSound *push = NULL;
    AvaMediaSink sink = { .cookie = &f, .audio = on_sound };
    int rc = ava_stages_open(&f.stages, &(AvaStageSetup){ .ev = &ev, .models = models, .no_video = 1 }, voice_alone, NULL, &e);
    if (!rc)
        rc = ava_push_sound_new(&push, &e);
    if (!rc)
        rc = ava_push_sound(push, pcm, &stats, &sink, &e);
    if (!rc)
        rc = ava_push_sound_flush(push, &sink, &e);
    if (!rc)
        rc = ava_stages_finish(f.stages, &e);
    if (!rc) {
        out->speech_s = ava_mean_voice(&ev, out->v);
        out->quality = fmin(1, out->speech_s / 10);
        out->reason = ev.voice.n ? NULL : ev.speech_s < 0.1 ? "no-speech" : "too-short";
    }
    if (rc && why)
        *why = e;
    ava_push_sound_free(&push);
    ava_stages_close(&f.stages);
    ava_evidence_free(&ev);
    return rc;
}

/* Mean log odds of a role over n embeddings. */
static int mean_joint(AvalignModels *models, const char *role, const float *v, size_t n, size_t dim, double *out,
                      AvalignErrorInfo *e)
{
    AvaSession *s = NULL;
    float *odds = malloc((n + 1) * sizeof *odds);
    int rc = odds ? ava_session_open(&s, models, role, e) : ava_fail(e, AVALIGN_ERR_NOMEM, "call", AVA_NO_TIME, 0, "out of memory");
    if (!rc)
        rc = ava_joint_run(s, v, n, dim, odds, e);
    *out = 0;
    for (size_t i = 0; !rc && i < n; i++)
        *out += odds[i] / (double)n;
    ava_session_close(&s);
    free(odds);
    return rc;
}

static int matched(AvalignSpeakerMatch *out, const AvaCalibration *c, double llr, AvalignErrorInfo *why)
{
    double match = ava_cross_match(c, llr);
    if (isnan(match))
        return ava_fail(why, AVALIGN_ERR_MODEL, "call", AVA_NO_TIME, 0,
                        "the nets of the voice-face match have no calibration in their manifest rows; use the nets of this release, or add theirs");
    out->llr = llr;
    out->match = match;
    return 0;
}

int avalign_verify_speaker(AvalignModels *models, const float *faces, size_t n_faces, const float *voices, size_t n_voices,
                           AvalignSpeakerMatch *out, AvalignErrorInfo *why)
{
    double face = 0, voice = 0, cosine;
    ava_err_clear(why);
    if (!models || !faces || !voices || !n_faces || !n_voices || !out)
        return ava_fail(why, AVALIGN_ERR_ARG, "call", AVA_NO_TIME, 0, "models, faces, voices or a place for the answer are missing");
    memset(out, 0, sizeof *out);
    float mean_face[AVALIGN_FACE_DIM] = { 0 }, mean_voice[AVALIGN_VOICE_DIM] = { 0 };
    AvalignErrorInfo e;
    ava_err_clear(&e);
    for (size_t i = 0; i < n_faces * AVALIGN_FACE_DIM; i++)
        mean_face[i % AVALIGN_FACE_DIM] += faces[i];
    for (size_t i = 0; i < n_voices * AVALIGN_VOICE_DIM; i++)
        mean_voice[i % AVALIGN_VOICE_DIM] += voices[i];
    AvaCalibration c;
    ava_calibration_read(models, &c);
    int rc = ava_crossmodal_compare(models, mean_voice, mean_face, &cosine, &e);
    if (rc > 0)
        return matched(out, &c, ava_cross_net_llr(&c, cosine), why);
    if (!rc)
        rc = mean_joint(models, "face-joint", faces, n_faces, AVALIGN_FACE_DIM, &face, &e);
    if (!rc)
        rc = mean_joint(models, "voice-joint", voices, n_voices, AVALIGN_VOICE_DIM, &voice, &e);
    if (rc && why)
        *why = e;
    if (rc)
        return rc;
    return matched(out, &c, ava_cross_llr(&c, ava_voice_female(&c, voice, 0), ava_face_female(&c, face)), why);
}
