/* real_nets.h -- the nets that we ship, the sample and what a file's callbacks saw, for tests through the public interface. */
#ifndef REAL_NETS_H
#define REAL_NETS_H

#include "test.h"
#include "collect.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "avalign/avalign.h"

static AvalignModels *models;
static const char *sample, *model_dir;

static int load(void **state)
{
    (void)state;
    AvalignErrorInfo e;
    sample = getenv("AVALIGN_SAMPLE");
    model_dir = getenv("AVALIGN_MODELS");
    char cache[4096]; /* the real nets take seconds to compile */
    AvalignModelsConfig cfg = { .struct_size = sizeof cfg, .cache_dir = avalign_cache_dir(cache, sizeof cache) ? NULL : cache };
    if (!sample || !model_dir || avalign_models_load(&models, model_dir, &cfg, &e))
        return -1;
    return 0;
}

static int unload(void **state)
{
    (void)state;
    avalign_models_free(&models);
    assert_null(models);
    return 0;
}

static AvalignResult *by_path(AvalignConfig *cfg)
{
    AvalignContext *c;
    AvalignResult *r;
    assert_int_equal(avalign_open(&c, models, cfg, NULL), 0);
    assert_int_equal(avalign_analyze_path(c, sample, &r), 0);
    avalign_close(&c);
    return r;
}

#endif
