/* context.c -- the life of one analysis: settings, opening, loading of nets, cancelling, closing. */
#include "api/api.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/analyzer.h"
#include "extract/external_tracks.h"
#include "infer/infer.h"
#include "media/c2pa.h"
#include "util/abi.h"
#include "util/err.h"

void avalign_config_init(AvalignConfig *cfg, size_t size)
{
    if (!cfg || size < sizeof cfg->struct_size)
        return;
    memset(cfg, 0, size);
    cfg->struct_size = size;
}

static void defaults(AvalignConfig *cfg)
{
    cfg->queue_depth = cfg->queue_depth ? cfg->queue_depth : 4;
    cfg->max_memory = cfg->max_memory ? cfg->max_memory : 1ull << 30;
    cfg->max_pixels = cfg->max_pixels ? cfg->max_pixels : 8192ull * 4320;
    cfg->max_faces = cfg->max_faces ? cfg->max_faces : 8;
    cfg->min_log_level = cfg->min_log_level ? cfg->min_log_level : AVALIGN_LOG_WARNING;
}

/* Which streams do the analyzers asked for need? */
static void needs(AvalignContext *c)
{
    unsigned wants = ava_stages_wants(ava_needs, c);
    c->need_video = !wants || wants & AVA_WANTS_VIDEO || c->cfg.on_face;
    c->need_audio = !wants || wants & AVA_WANTS_AUDIO || c->cfg.on_speech;
}

int avalign_policy_check(const char *policy, AvalignErrorInfo *why)
{
    AvaPolicy p;
    AvalignErrorInfo e;
    ava_err_clear(why);
    ava_err_clear(&e);
    int rc = ava_policy_parse(policy, &p, &e);
    if (rc && why)
        *why = e;
    return rc;
}

/* Names in the settings that must be known, and the policy; what they stand for goes to the context. */
static int read_names(AvalignContext *c, AvalignErrorInfo *e)
{
    char unknown[64];
    if (ava_analyzer_list_check(c->cfg.analyzers, unknown))
        return ava_fail(e, AVALIGN_ERR_UNKNOWN_OPTION, "open", AVA_NO_TIME, 0, "no analyzer is called \"%s\"; avalign_analyzer() lists them", unknown);
    const AvaProfile *profile = c->cfg.profile ? ava_profile(c->cfg.profile) : NULL;
    if (c->cfg.profile && !profile)
        return ava_fail(e, AVALIGN_ERR_UNKNOWN_OPTION, "open", AVA_NO_TIME, 0, "no profile is called \"%s\"; AvalignConfig.profile has the names", c->cfg.profile);
    c->cfg.profile = profile ? profile->name : NULL; /* static text */
    int rc = ava_policy_parse(c->cfg.policy, &c->policy, e);
    c->cfg.policy = NULL; /* read */
    return rc;
}

static int copy_text(char **to, const char **text, AvalignErrorInfo *e)
{
    if (*text && !(*to = strdup(*text)))
        return ava_fail(e, AVALIGN_ERR_NOMEM, "open", AVA_NO_TIME, 0, "out of memory");
    *text = *to;
    return 0;
}

int avalign_open(AvalignContext **out, AvalignModels *models, const AvalignConfig *cfg, AvalignErrorInfo *why)
{
    AvalignErrorInfo e; /* whether or not the caller wants to know */
    ava_err_clear(&e);
    ava_err_clear(why);
    if (out)
        *out = NULL;
    AvalignContext *c = out && models ? calloc(1, sizeof *c) : NULL;
    int rc = !out || !models ? ava_fail(&e, AVALIGN_ERR_ARG, "open", AVA_NO_TIME, 0, "no models, or no place for the context")
           : !c              ? ava_fail(&e, AVALIGN_ERR_NOMEM, "open", AVA_NO_TIME, 0, "out of memory")
                             : 0;
    if (!rc && ava_struct_in(&c->cfg, sizeof c->cfg, cfg))
        rc = ava_fail(&e, AVALIGN_ERR_VERSION, "open", AVA_NO_TIME, 0,
                      "the size in AvalignConfig is not one of this library's; set it with avalign_config_init(), or use a newer library");
    if (!rc && c->cfg.on_encoder && !ava_models_has(models, "speech-encoder"))
        rc = ava_fail(&e, AVALIGN_ERR_MODEL, "open", AVA_NO_TIME, 0,
                      "the models have no net of role speech-encoder, whose frames are asked for; use those that come with avalign");
    if (!rc && c->cfg.timings && !(c->timings = ava_timings_new()))
        rc = ava_fail(&e, AVALIGN_ERR_NOMEM, "open", AVA_NO_TIME, 0, "out of memory");
    if (!rc)
        rc = read_names(c, &e);
    if (!rc)
        rc = copy_text(&c->analyzers, &c->cfg.analyzers, &e);
    if (!rc)
        rc = copy_text(&c->transcript, &c->cfg.transcript, &e);
    if (!rc && !(c->models = ava_models_hold(models)))
        rc = ava_fail(&e, AVALIGN_ERR_NOMEM, "open", AVA_NO_TIME, 0, "out of memory");
    if (rc) {
        if (why)
            *why = e;
        if (c) {
            free(c->analyzers);
            free(c->transcript);
            free(c->timings);
        }
        free(c);
        return rc;
    }
    defaults(&c->cfg);
    ava_err_clear(&c->error);
    ava_err_clear(&c->failure);
    pthread_mutex_init(&c->callback_lock, NULL);
    c->ev.snr_db = c->ev.loudness_db = NAN;
    c->ev.cancel = &c->cancel;
    ava_calibration_read(models, &c->ev.calibration);
    c->push_faces_us = c->push_last_us = c->push_stats.first_audio_us = c->push_stats.last_audio_us = INT64_MIN;
    needs(c);
    *out = c;
    return 0;
}

void avalign_close(AvalignContext **pc)
{
    AvalignContext *c = pc ? *pc : NULL;
    if (!c)
        return;
    ava_streams_close(c);
    ava_push_sound_free(&c->push_sound);
    ava_evidence_free(&c->ev);
    ava_external_tracks_free(&c->external_tracks);
    ava_vec_free(&c->warnings);
    avalign_models_free(&c->models);
    pthread_mutex_destroy(&c->callback_lock);
    free(c->analyzers);
    free(c->transcript);
    free(c->timings);
    free(c);
    *pc = NULL;
}

void avalign_cancel(AvalignContext *c)
{
    if (c)
        atomic_store(&c->cancel, 1);
}

const AvalignErrorInfo *avalign_last_error(const AvalignContext *c) { return c ? &c->error : NULL; }

int ava_refuse(AvalignContext *c, const char *why)
{
    ava_err_clear(&c->error);
    return ava_fail(&c->error, AVALIGN_ERR_ARG, "call", AVA_NO_TIME, 0, "%s", why);
}

int avalign_set_tracks(AvalignContext *c, const char *json, size_t size)
{
    if (!c)
        return AVALIGN_ERR_ARG;
    ava_err_clear(&c->error);
    if (!json)
        return ava_refuse(c, "no tracks given");
    if (c->state != AVA_IDLE)
        return ava_refuse(c, "tracks must be set before the analysis starts");
    return ava_external_tracks_read(&c->external_tracks, json, size, c->cfg.max_memory, &c->error);
}

int ava_context_like(AvalignContext **out, AvalignContext *c, AvalignErrorInfo *e)
{
    AvalignErrorInfo why;
    int rc = avalign_open(out, c->models, &c->cfg, &why);
    if (rc)
        return ava_fail(e, rc, why.stage, AVA_NO_TIME, 0, "%s", why.message);
    (*out)->policy = c->policy;
    (*out)->ev.cancel = c->ev.cancel; /* who ends this one ends that one */
    return 0;
}

/* A process that is sandboxed afterwards can open no file: optional nets too. */
static int preload_roles(AvalignContext *c, const char *const *role, int must)
{
    int rc = 0;
    for (; *role && !rc; role++) {
        AvaSession *s = NULL;
        if (must || ava_models_has(c->models, *role))
            rc = ava_session_open(&s, c->models, *role, &c->error);
        ava_session_close(&s);
    }
    return rc;
}

int avalign_preload(AvalignContext *c)
{
    if (!c)
        return AVALIGN_ERR_ARG;
    if (c->state != AVA_IDLE)
        return ava_refuse(c, "preload before the analysis starts");
    ava_err_clear(&c->error);
    AvaStageSetup setup = ava_stage_setup(c);
    AvalignContext *x = NULL; /* opens what the streams need at once; the rest goes by role */
    int rc = ava_context_like(&x, c, &c->error);
    if (!rc)
        rc = ava_streams_open(x, &c->error);
    for (size_t i = 0; ava_analyzers[i] && !rc; i++)
        if (ava_analyzer_runs(ava_analyzers[i], c->analyzers, c->cfg.lse)) {
            rc = preload_roles(c, ava_analyzers[i]->info.roles, ava_wanted(c, ava_analyzers[i]));
            if (!rc && ava_analyzers[i]->optional)
                rc = preload_roles(c, ava_analyzers[i]->optional, 0);
        }
    if (!rc)
        rc = ava_stages_preload(&setup, ava_needs, c, &c->error);
    avalign_close(&x);
    if (!rc)
        ava_c2pa_preload();
    return rc;
}
