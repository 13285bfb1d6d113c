#include "pipeline/analysis.h"
#include "result/result.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/analyzer.h"
#include "infer/infer.h"
#include "util/err.h"

const char *avalign_version(void) { return AVALIGN_VERSION; }

uint32_t avalign_version_api(void)
{
    return AVALIGN_API_MAJOR << 16 | AVALIGN_API_MINOR << 8 | AVALIGN_API_PATCH;
}

void avalign_config_init(AvalignConfig *cfg, size_t size)
{
    if (!cfg || size < sizeof cfg->struct_size)
        return;
    memset(cfg, 0, size);
    cfg->struct_size = size;
}

void ava_log(AvalignContext *c, AvalignLogLevel level, const char *stage, const char *fmt, ...)
{
    char raw[512], line[512];
    if (!c->cfg.log || (int)level > c->cfg.min_log_level)
        return;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(raw, sizeof raw, fmt, ap);
    va_end(ap);
    ava_clean_line(line, sizeof line, raw);
    pthread_mutex_lock(&c->callback_lock);
    c->cfg.log(c->cfg.cookie, level, stage, line);
    pthread_mutex_unlock(&c->callback_lock);
}

void ava_warn(AvalignContext *c, const char *code, uint64_t count, const char *fmt, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    json_array_append_new(c->warnings, json_pack("{s:s,s:I,s:s}", "code", code, "count", (json_int_t)count, "text", text));
    ava_log(c, AVALIGN_LOG_WARNING, code, "%s", text);
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

int ava_wanted(const AvalignContext *c, const AvaAnalyzer *a)
{
    return a->run && (a->on_request ? c->cfg.lse : ava_analyzer_wanted(c->analyzers, a->info.name));
}

int ava_needs(const AvalignContext *c, const char *role)
{
    for (size_t i = 0; ava_analyzers[i]; i++) {
        const AvaAnalyzer *a = ava_analyzers[i];
        if (ava_wanted(c, a))
            for (const char *const *r = a->info.roles; *r; r++)
                if (!strcmp(*r, role))
                    return 1;
    }
    return 0;
}

int ava_needs_background(const AvalignContext *c)
{
    return ava_models_row(c->models, "background") && (ava_needs(c, "voice-embed") || ava_needs(c, "voice-emotion") || ava_needs(c, "voice-spoof"));
}

/* Which streams do the analyzers asked for need? */
static void needs(AvalignContext *c)
{
    int any = 0;
    for (size_t i = 0; ava_analyzers[i]; i++) {
        const AvaAnalyzer *a = ava_analyzers[i];
        if (!ava_wanted(c, a))
            continue;
        for (const char *const *r = a->info.roles; *r; r++) {
            any = 1;
            if (!strncmp(*r, "face", 4) || !strcmp(*r, "sync-lips") || !strcmp(*r, "sync-mouth"))
                c->need_video = 1;
            else
                c->need_audio = 1;
        }
    }
    if (!any)
        c->need_video = c->need_audio = 1;
    c->need_video |= c->cfg.on_face != NULL;
    c->need_audio |= c->cfg.on_speech != NULL;
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
    c->warnings = json_array();
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
    ava_tracker_free(&c->tracker);
    ava_face_sync_free(&c->face_sync);
    ava_face_lse_free(&c->face_lse);
    ava_face_identity_free(&c->face_identity);
    ava_feelings_free(&c->feelings);
    ava_traces_free(&c->traces);
    ava_sound_store_free(&c->sound);
    ava_push_sound_free(&c->push_sound);
    ava_evidence_free(&c->ev);
    json_decref(c->given);
    json_decref(c->warnings);
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

static int refuse(AvalignContext *c, const char *why)
{
    ava_err_clear(&c->error);
    return ava_fail(&c->error, AVALIGN_ERR_ARG, "call", AVA_NO_TIME, 0, "%s", why);
}

int avalign_set_tracks(AvalignContext *c, const char *json, size_t size)
{
    if (!c || !json)
        return AVALIGN_ERR_ARG;
    if (c->state != AVA_IDLE)
        return refuse(c, "tracks must be set before the analysis starts");
    json_error_t je;
    json_t *doc = json_loadb(json, size, JSON_REJECT_DUPLICATES, &je);
    ava_err_clear(&c->error);
    int rc = doc ? ava_given_check(doc, &c->error)
                 : ava_fail(&c->error, AVALIGN_ERR_ARG, "tracks", AVA_NO_TIME, 0, "tracks: line %d: %s", je.line, je.text);
    if (rc) {
        json_decref(doc);
        return rc;
    }
    json_decref(c->given);
    c->given = doc;
    return 0;
}

int ava_context_like(AvalignContext **out, AvalignContext *c, AvalignErrorInfo *e)
{
    int rc = avalign_open(out, c->models, &c->cfg);
    if (rc)
        return ava_fail(e, rc, "open", AVA_NO_TIME, 0, "%s", avalign_strerror(rc));
    (*out)->policy = c->policy;
    return 0;
}

static int no_phones(void *cookie, const AvaPhone *p, size_t n) { return (void)cookie, (void)p, (void)n, 0; }

int avalign_preload(AvalignContext *c)
{
    if (!c)
        return AVALIGN_ERR_ARG;
    if (c->state != AVA_IDLE)
        return refuse(c, "preload before the analysis starts");
    ava_err_clear(&c->error);
    AvalignContext *x = NULL; /* opens what the streams need; what is left for their end goes by role */
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
    if (!rc && ava_needs_background(c)) {
        AvaSession *s = NULL;
        rc = ava_session_open(&s, c->models, "background", &c->error);
        ava_session_close(&s);
    }
    if (!rc && ava_needs(c, "mouth-shape")) {
        AvaPhones *p = NULL;
        if (ava_phones_open(&p, c->models, c->transcript, no_phones, NULL, &c->error))
            ava_err_clear(&c->error); /* the analysis will say so */
        ava_phones_close(&p);
    }
    avalign_close(&x);
    return rc;
}

static int analyze(AvalignContext *c, AvaSource *src, const char *url, const char *name, AvalignResult **out)
{
    json_t *media = NULL;
    char hex[65];
    int rc = ava_run_media(c, src, url, &media, &c->error), known = 0;
    if (!rc && src)
        known = ava_source_sha256(src, hex) == 0;
    if (!rc)
        rc = ava_judge(c, name, known ? hex : NULL, media, out);
    else
        json_decref(media);
    return rc;
}

static int begin(AvalignContext *c, AvalignResult **out)
{
    if (out)
        *out = NULL;
    if (!c || !out)
        return AVALIGN_ERR_ARG;
    if (c->state != AVA_IDLE)
        return refuse(c, "this context has been used; open another one for the next file");
    c->state = AVA_DONE;
    ava_err_clear(&c->error);
    return 0;
}

int avalign_analyze_path(AvalignContext *c, const char *path, AvalignResult **out)
{
    int rc = begin(c, out);
    if (rc)
        return rc;
    if (!path || !*path)
        return refuse(c, "no path given");
    if (strstr(path, "://")) {
        if (!c->cfg.allow_network)
            return ava_fail(&c->error, AVALIGN_ERR_ARG, "open", AVA_NO_TIME, 0,
                            "addresses are only opened with --allow-network");
        return analyze(c, NULL, path, path, out);
    }
    AvaSource *src;
    rc = ava_source_open_path(&src, path, &c->error);
    if (!rc)
        rc = analyze(c, src, NULL, path, out);
    ava_source_close(&src);
    return rc;
}

int avalign_analyze_reader(AvalignContext *c, const AvalignReader *in, AvalignResult **out)
{
    int rc = begin(c, out);
    if (rc)
        return rc;
    AvaSource *src;
    rc = ava_source_open_reader(&src, in, &c->error);
    if (!rc)
        rc = analyze(c, src, NULL, in->name, out);
    ava_source_close(&src);
    return rc;
}

/* ---- push ---------------------------------------------------------------------- */

static int push_begin(AvalignContext *c)
{
    if (!c)
        return AVALIGN_ERR_ARG;
    if (c->state == AVA_DONE)
        return refuse(c, "this context has been used; open another one");
    if (atomic_load(&c->cancel))
        return ava_fail(&c->error, AVALIGN_ERR_CANCELLED, "push", AVA_NO_TIME, 0, "cancelled");
    if (c->state == AVA_PUSHING)
        return c->error.code;
    ava_err_clear(&c->error);
    int rc = ava_streams_open(c, &c->error);
    if (!rc)
        c->state = AVA_PUSHING;
    return rc;
}

int avalign_push_video(AvalignContext *c, const AvalignImage *im)
{
    int rc = push_begin(c);
    if (rc)
        return rc;
    int planes = im && im->format == AVALIGN_PIX_I420 ? 3 : 1;
    if (!im || im->format < AVALIGN_PIX_RGB24 || im->format > AVALIGN_PIX_I420 || im->width < 1 || im->height < 1)
        return refuse(c, "the image has no format or size");
    if ((uint64_t)im->width * (uint64_t)im->height > c->cfg.max_pixels)
        return ava_fail(&c->error, AVALIGN_ERR_LIMIT, "push", im->pts_us, 0, "the image is over max_pixels");
    for (int i = 0; i < planes; i++)
        if (!im->data[i])
            return refuse(c, "an image plane is NULL");
    if (c->push_last_us != INT64_MIN && im->pts_us <= c->push_last_us)
        return refuse(c, "image times must increase");
    if (c->push_last_us != INT64_MIN && im->pts_us - c->push_last_us < AVA_MIN_FRAME_GAP_US)
        return 0; /* as with files: 50 and 60 fps are halved */
    c->push_last_us = im->pts_us;
    AvaLayout layout = im->format == AVALIGN_PIX_RGB24 ? AVA_RGB24 : im->format == AVALIGN_PIX_I420 ? AVA_I420 : AVA_GRAY;
    AvaImage v = ava_image_view(layout, im->width, im->height, im->data, im->stride);
    return ava_streams_video(c, &v, im->pts_us, &c->error);
}

static int pushed_sound(void *cookie, const AvaSound *s)
{
    AvalignContext *c = cookie;
    int rc = ava_streams_native(c, s, &c->error);
    if (!rc && s->n_speech)
        rc = ava_streams_listen(c, s->speech, s->n_speech, &c->error);
    return !rc && s->n_speech ? ava_streams_sound(c, s->pts_us, s->speech, s->n_speech, &c->error) : rc;
}

int avalign_push_audio(AvalignContext *c, const AvalignPcm *pcm)
{
    int rc = push_begin(c);
    if (rc)
        return rc;
    if (!pcm || pcm->sample_rate < 8000 || pcm->sample_rate > 192000 || pcm->channels < 1 || pcm->channels > 8 ||
        (!pcm->samples && pcm->frames))
        return refuse(c, "sound needs 8000-192000 Hz, 1-8 channels and samples");
    if (c->push_sound && (c->push_rate != pcm->sample_rate || c->push_channels != pcm->channels))
        return refuse(c, "the sound's rate and channels must stay the same");
    if (!c->push_sound && (rc = ava_push_sound_new(&c->push_sound, &c->error)))
        return rc;
    c->push_rate = pcm->sample_rate;
    c->ev.sample_rate = pcm->sample_rate;
    c->push_channels = pcm->channels;
    AvaMediaSink sink = { .cookie = c, .audio = pushed_sound };
    return ava_push_sound(c->push_sound, pcm, &c->push_stats, &sink, &c->error);
}

int avalign_push_faces(AvalignContext *c, int64_t pts_us, const AvalignFace *faces, size_t n)
{
    int rc = push_begin(c);
    if (rc)
        return rc;
    if (!faces && n)
        return refuse(c, "no faces given");
    if (pts_us < c->push_faces_us)
        return refuse(c, "faces must come in the order of their times");
    c->push_faces_us = pts_us;
    return ava_tracker_give(c->tracker, pts_us, faces, n, &c->error);
}

int avalign_finish(AvalignContext *c, AvalignResult **out)
{
    if (out)
        *out = NULL;
    if (!c || !out)
        return AVALIGN_ERR_ARG;
    if (c->state != AVA_PUSHING)
        return refuse(c, "nothing was pushed");
    c->state = AVA_DONE;
    if (c->error.code)
        return c->error.code;
    AvaMediaSink sink = { .cookie = c, .audio = pushed_sound };
    int rc = c->push_sound ? ava_push_sound_flush(c->push_sound, &sink, &c->error) : 0;
    if (!rc)
        rc = ava_streams_finish(c, &c->error);
    if (!rc && c->ev.has_video && c->ev.has_audio && c->push_last_us != INT64_MIN)
        c->ev.container_offset_ms = (double)(c->ev.first_video_us - c->push_stats.first_audio_us) / 1000;
    return rc ? rc : ava_judge(c, NULL, NULL, NULL, out);
}

/* ---- arrays ------------------------------------------------------------------------ */

int avalign_analyze_lip_sync(AvalignModels *models, const AvalignFace *faces, const int64_t *t_us, size_t n,
                             const AvalignPcm *pcm, AvalignLipSync *out)
{
    if (!models || (!faces && n) || (!t_us && n) || !pcm || !out)
        return AVALIGN_ERR_ARG;
    memset(out, 0, sizeof *out);
    AvalignConfig cfg;
    AvalignContext *c = NULL;
    AvalignResult *r = NULL;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.analyzers = "lipsync";
    int rc = avalign_open(&c, models, &cfg);
    for (size_t i = 0; !rc && i < n; i++) {
        AvalignFace one = faces[i];
        one.track_id = 0;
        rc = i && t_us[i] <= t_us[i - 1] ? AVALIGN_ERR_ARG : avalign_push_faces(c, t_us[i], &one, 1);
    }
    if (!rc)
        rc = avalign_push_audio(c, pcm);
    if (!rc)
        rc = avalign_finish(c, &r);
    if (!rc) {
        const json_t *lip = json_object_get(json_object_get(r->root, "signals"), "lipsync");
        const json_t *interval = json_object_get(lip, "interval_ms");
        out->reason = r->fields.reason[AVALIGN_SYNC_CONFIDENCE] ? r->fields.reason[AVALIGN_SYNC_CONFIDENCE]
                    : r->fields.reason[AVALIGN_LIP_SYNC_SCORE];
        out->offset_ms = json_number_value(json_object_get(lip, "offset_ms"));
        out->confidence = r->fields.sync_confidence;
        out->score = r->fields.lip_sync_score;
        out->p_value = json_number_value(json_object_get(lip, "p_value"));
        for (size_t k = 0; k < 2; k++)
            out->interval_ms[k] = json_number_value(json_array_get(interval, k));
    }
    avalign_result_free(&r);
    avalign_close(&c);
    return rc;
}

/* ---- one call ---------------------------------------------------------------------- */

int avalign_analyze_audio_visual_alignment(const char *path, const char *tracking, AvalignResult **out,
                                           AvalignErrorInfo *why)
{
    ava_err_clear(why);
    if (out)
        *out = NULL;
    if (!out || !path)
        return ava_fail(why, AVALIGN_ERR_ARG, "call", AVA_NO_TIME, 0, "no path or no place for the result");
    const char *dir = getenv("AVALIGN_MODELS");
    AvalignModels *models;
    AvalignContext *c = NULL;
    int rc = avalign_models_load(&models, dir && *dir ? dir : AVALIGN_MODEL_DIR, NULL, why);
    if (!rc)
        rc = avalign_open(&c, models, NULL);
    if (!rc && tracking)
        rc = avalign_set_tracks(c, tracking, strlen(tracking));
    if (!rc)
        rc = avalign_analyze_path(c, path, out);
    if (rc && c && why && !why->code)
        *why = c->error;
    avalign_close(&c);
    avalign_models_free(&models);
    return rc;
}
