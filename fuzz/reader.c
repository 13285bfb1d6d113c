/* reader.c -- libFuzzer target: any bytes through the reader, demuxer, decoders and analyzers. */
#include <stdlib.h>
#include <string.h>

#include "avalign/avalign.h"
#include "bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int ignore(void *cookie, const char *bytes, size_t n) { (void)cookie, (void)bytes, (void)n; return 0; }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static AvalignModels *models;
    if (!models && avalign_models_load(&models, getenv("AVALIGN_MODELS"), NULL, NULL))
        abort();
    AvalignConfig cfg;
    AvalignContext *c;
    AvalignResult *r = NULL;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.n_threads = 1 + (size & 1);
    cfg.max_pixels = 640 * 480;
    cfg.max_duration_us = 2000000;
    if (avalign_open(&c, models, &cfg, NULL))
        abort();
    Bytes b = { data, size, 0 };
    AvalignReader reader = { .cookie = &b, .read = rd, .seek = size & 2 ? sk : NULL };
    int rc = avalign_analyze_reader(c, &reader, &r);
    if ((rc == 0) != (r != NULL) || (rc && !*avalign_last_error(c)->message))
        abort(); /* a failure always says why */
    if (r)
        avalign_result_write(r, AVALIGN_JSON, ignore, NULL, NULL);
    avalign_result_free(&r);
    avalign_close(&c);
    return 0;
}
