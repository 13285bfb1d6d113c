/* transcript.c -- libFuzzer target: any bytes as the text that is spoken, aligned to a little sound. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "avalign/avalign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static AvalignModels *models;
    static float x[AVALIGN_SPEECH_RATE / 2];
    AvalignContext *c = NULL;
    AvalignResult *r = NULL;
    AvalignConfig cfg;
    char *text = malloc(size + 1);
    for (size_t i = 0; !x[1] && i < sizeof x / sizeof *x; i++)
        x[i] = .3f * sinf((float)i * .05f) * sinf((float)i * .0007f);
    if (!text || (!models && avalign_models_load(&models, getenv("AVALIGN_MODELS"), NULL, NULL)))
        abort();
    memcpy(text, data, size);
    text[size] = 0;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.n_threads = 1;
    cfg.analyzers = "viseme";
    cfg.transcript = text;
    AvalignPcm pcm = { AVALIGN_SPEECH_RATE, 1, 0, x, sizeof x / sizeof *x, { 0 } };
    if (avalign_open(&c, models, &cfg, NULL) == 0 && (avalign_push_audio(c, &pcm) || avalign_finish(c, &r)) && !*avalign_last_error(c)->message)
        abort();
    avalign_result_free(&r);
    avalign_close(&c);
    free(text);
    return 0;
}
