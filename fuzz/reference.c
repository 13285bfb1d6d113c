/* reference.c -- libFuzzer target: any bytes as a person's reference file, held against a clip. */
#include <math.h>
#include <stdlib.h>

#include "avalign/avalign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static AvalignResult *clip(void)
{
    static float x[AVALIGN_SPEECH_RATE * 3];
    AvalignModels *models;
    AvalignContext *c;
    AvalignResult *r;
    AvalignConfig cfg;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.analyzers = "speaker";
    for (int i = 0; i < AVALIGN_SPEECH_RATE * 3; i++)
        x[i] = .3f * sinf((float)i * .05f) * sinf((float)i * .0007f);
    AvalignPcm pcm = { AVALIGN_SPEECH_RATE, 1, 0, x, AVALIGN_SPEECH_RATE * 3, { 0 } };
    if (avalign_models_load(&models, getenv("AVALIGN_MODELS"), NULL, NULL) || avalign_open(&c, models, &cfg, NULL) || avalign_push_audio(c, &pcm) ||
        avalign_finish(c, &r))
        abort();
    avalign_close(&c);
    avalign_models_free(&models);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static AvalignResult *r;
    AvalignVerification v;
    AvalignErrorInfo e;
    if (!r)
        r = clip();
    if (avalign_reference_verify((const char *)data, size, "0123456789abcdef", size % 2 ? 16 : 0, r, &v, &e) && !*e.message)
        abort();
    return 0;
}
