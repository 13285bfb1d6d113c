/* analyze.c -- a whole file in one call, by path, by reader, or with everything at its default. */
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "util/err.h"

static int analyze(AvalignContext *c, AvaSource *src, const char *url, const char *name, AvalignResult **out)
{
    AvaMediaFacts media = { 0 };
    char hex[65];
    int rc = ava_run_media(c, src, url, &media, &c->error), known = 0;
    if (!rc && src)
        known = ava_source_sha256(src, hex) == 0;
    if (!rc)
        rc = ava_analyzed(c, name, known ? hex : NULL, &media, out);
    return rc;
}

static int analyze_begin(AvalignContext *c, AvalignResult **out)
{
    if (out)
        *out = NULL;
    if (!c)
        return AVALIGN_ERR_ARG;
    ava_err_clear(&c->error);
    if (!out)
        return ava_refuse(c, "no place for the result");
    if (c->state != AVA_IDLE)
        return ava_refuse(c, "this context has been used; open another one for the next file");
    return 0;
}

int avalign_analyze_path(AvalignContext *c, const char *path, AvalignResult **out)
{
    int rc = analyze_begin(c, out);
    if (rc)
        return rc;
    if (!path || !*path)
        return ava_refuse(c, "no path given");
    if (strstr(path, "://")) {
        if (!c->cfg.allow_network)
            return ava_fail(&c->error, AVALIGN_ERR_ARG, "open", AVA_NO_TIME, 0,
                            "addresses are only opened with --allow-network");
        c->state = AVA_DONE;
        return analyze(c, NULL, path, path, out);
    }
    c->state = AVA_DONE;
    AvaSource *src;
    rc = ava_source_open_path(&src, path, &c->error);
    if (!rc)
        rc = analyze(c, src, NULL, path, out);
    ava_source_close(&src);
    return rc;
}

int avalign_analyze_reader(AvalignContext *c, const AvalignReader *in, AvalignResult **out)
{
    int rc = analyze_begin(c, out);
    if (rc)
        return rc;
    if (!in || !in->read)
        return ava_refuse(c, "the reader can't read");
    c->state = AVA_DONE;
    AvaSource *src;
    rc = ava_source_open_reader(&src, in, &c->error);
    if (!rc)
        rc = analyze(c, src, NULL, in->name, out);
    ava_source_close(&src);
    return rc;
}

int avalign_analyze_audio_visual_alignment(const char *path, const char *tracking, AvalignResult **out,
                                           AvalignErrorInfo *why)
{
    ava_err_clear(why);
    if (out)
        *out = NULL;
    if (!out || !path)
        return ava_fail(why, AVALIGN_ERR_ARG, "call", AVA_NO_TIME, 0, "no path or no place for the result");
    const char *dir = getenv("AVALIGN_MODELS");
    char cache[4096];
    AvalignModelsConfig cfg = { .struct_size = sizeof cfg, .cache_dir = avalign_cache_dir(cache, sizeof cache) ? NULL : cache };
    AvalignModels *models;
    AvalignContext *c = NULL;
    int rc = avalign_models_load(&models, dir && *dir ? dir : AVALIGN_MODEL_DIR, &cfg, why);
    if (!rc)
        rc = avalign_open(&c, models, NULL, why);
    if (!rc && tracking)
        rc = avalign_set_tracks(c, tracking, strlen(tracking));
    if (!rc)
        rc = avalign_analyze_path(c, path, out);
    ava_pass_on(c, rc, why);
    avalign_close(&c);
    avalign_models_free(&models);
    return rc;
}
