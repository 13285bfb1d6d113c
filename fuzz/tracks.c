/* tracks.c -- libFuzzer target: any bytes as a tracks document, analyzed against no media. */
#include <stdlib.h>

#include "avalign/avalign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static AvalignModels *models;
    if (!models && avalign_models_load(&models, getenv("AVALIGN_MODELS"), NULL, NULL))
        abort();
    AvalignContext *c;
    if (avalign_open(&c, models, NULL, NULL))
        abort();
    int rc = avalign_set_tracks(c, (const char *)data, size);
    if (rc && !*avalign_last_error(c)->message)
        abort();
    avalign_close(&c);
    return 0;
}
