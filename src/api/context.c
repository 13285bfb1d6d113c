/* context.c -- the life of one analysis: settings, opening, loading of nets, cancelling, closing. */
#include "api/api.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/analyzer.h"
#include "extract/external_tracks.h"
#include "infer/infer.h"
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
    cfg->max_memory = cfg->max_memory ? cfg->max_memory : 512ull << 20;
    cfg->max_pixels = cfg->max_pixels ? cfg->max_pixels : 8192ull * 4320;
    cfg->max_faces = cfg->max_faces ? cfg->max_faces : 8;
    cfg->min_log_level = cfg->min_log_level ? cfg->min_log_level : AVALIGN_LOG_WARNING;
    cfg->cache_dir = NULL; /* of avalign_models_load() alone */
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
    ava_err_clear(why ? why : &e);
    return ava_policy_parse(policy, &p, why ? why : &e);
}

int avalign_open(AvalignContext **out, AvalignModels *models, const AvalignConfig *cfg)
{
    if (!out)
        return AVALIGN_ERR_ARG;
    *out = NULL;
    if (!models)
        return AVALIGN_ERR_ARG;
    if (cfg && (cfg->struct_size < sizeof(size_t) || cfg->struct_size > sizeof *cfg))
        return AVALIGN_ERR_VERSION;
    char unknown[64];
    if (cfg && cfg->struct_size > offsetof(AvalignConfig, analyzers) && ava_analyzer_list_check(cfg->analyzers, unknown))
        return AVALIGN_ERR_UNKNOWN_OPTION;
    const AvaProfile *profile = NULL;
    if (cfg && cfg->struct_size > offsetof(AvalignConfig, profile) && cfg->profile && !(profile = ava_profile(cfg->profile)))
        return AVALIGN_ERR_UNKNOWN_OPTION;
    AvaPolicy policy;
    AvalignErrorInfo why;
    ava_err_clear(&why);
    int rc = ava_policy_parse(cfg && cfg->struct_size > offsetof(AvalignConfig, policy) ? cfg->policy : NULL, &policy, &why);
    if (rc)
        return rc;
    AvalignContext *c = calloc(1, sizeof *c);
    if (!c)
        return AVALIGN_ERR_NOMEM;
    c->policy = policy;
    if (cfg)
        memcpy(&c->cfg, cfg, cfg->struct_size);
    c->cfg.struct_size = sizeof c->cfg;
    if ((c->cfg.analyzers && !(c->analyzers = strdup(c->cfg.analyzers))) ||
        (c->cfg.transcript && !(c->transcript = strdup(c->cfg.transcript)))) {
        free(c->analyzers);
        free(c);
        return AVALIGN_ERR_NOMEM;
    }
    c->cfg.analyzers = c->analyzers;
    c->cfg.transcript = c->transcript;
    c->cfg.policy = NULL; /* read */
    c->cfg.profile = profile ? profile->name : NULL; /* static text */
    defaults(&c->cfg);
    ava_err_clear(&c->error);
    pthread_mutex_init(&c->callback_lock, NULL);
    c->models = ava_models_ref(models);
    c->ev.snr_db = c->ev.loudness_db = NAN;
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
    ava_external_tracks_free(&c->given);
    ava_vec_free(&c->warnings);
    avalign_models_free(&c->models);
    pthread_mutex_destroy(&c->callback_lock);
    free(c->analyzers);
    free(c->transcript);
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
    if (!c || !json)
        return AVALIGN_ERR_ARG;
    if (c->state != AVA_IDLE)
        return ava_refuse(c, "tracks must be set before the analysis starts");
    ava_err_clear(&c->error);
    return ava_external_tracks_read(&c->given, json, size, &c->error);
}

int ava_context_like(AvalignContext **out, AvalignContext *c, AvalignErrorInfo *e)
{
    int rc = avalign_open(out, c->models, &c->cfg);
    if (rc)
        return ava_fail(e, rc, "open", AVA_NO_TIME, 0, "%s", avalign_strerror(rc));
    (*out)->policy = c->policy;
    return 0;
}

int avalign_preload(AvalignContext *c)
{
    if (!c)
        return AVALIGN_ERR_ARG;
    if (c->state != AVA_IDLE)
        return ava_refuse(c, "preload before the analysis starts");
    ava_err_clear(&c->error);
    AvalignContext *x = NULL; /* opens what the streams need at once; the rest goes by role */
    int rc = ava_context_like(&x, c, &c->error);
    if (!rc)
        rc = ava_streams_open(x, &c->error);
    for (size_t i = 0; ava_analyzers[i] && !rc; i++)
        if (ava_wanted(c, ava_analyzers[i]))
            for (const char *const *role = ava_analyzers[i]->info.roles; *role && !rc; role++) {
                AvaSession *s = NULL;
                rc = ava_session_open(&s, c->models, *role, &c->error);
                ava_session_close(&s);
            }
    if (!rc)
        rc = ava_stages_preload(&(AvaStageSetup){ &c->ev, c->models, c->transcript, !c->need_video }, ava_needs, c, &c->error);
    avalign_close(&x);
    return rc;
}
