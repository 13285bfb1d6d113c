/* result.c -- libFuzzer target: a tracks document and, behind a zero byte, a policy, both through finish() to every way a result is written. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "avalign/avalign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int sink(void *cookie, const char *bytes, size_t n) { return (void)cookie, (void)bytes, (void)n, 0; }

static void write_all(AvalignResult *r)
{
    for (int f = AVALIGN_JSON; f <= AVALIGN_ASS; f++)
        if (avalign_result_write(r, (AvalignFormat)f, sink, NULL, NULL) == AVALIGN_ERR_ARG)
            abort();
    if (avalign_result_write_page(r, NULL, sink, NULL, NULL))
        abort();
}

static int analyze(AvalignContext *c, AvalignResult **r, const char *tracks, size_t n)
{
    static float x[AVALIGN_SPEECH_RATE * 2];
    for (int i = 0; !x[1] && i < AVALIGN_SPEECH_RATE * 2; i++)
        x[i] = .3f * sinf((float)i * .05f) * sinf((float)i * .0007f);
    AvalignPcm pcm = { AVALIGN_SPEECH_RATE, 1, 0, x, sizeof x / sizeof *x, { 0 } };
    int rc = avalign_set_tracks(c, tracks, n);
    rc = rc ? rc : avalign_push_audio(c, &pcm);
    return rc ? rc : avalign_finish(c, r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static AvalignModels *models;
    const uint8_t *zero = size ? memchr(data, 0, size) : NULL;
    size_t n = zero ? (size_t)(zero - data) : size, left = zero ? size - n - 1 : 0;
    char *policy = NULL;
    AvalignContext *c = NULL;
    AvalignResult *r = NULL;
    AvalignConfig cfg;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.n_threads = 1;
    cfg.analyzers = "-viseme";
    cfg.max_memory = 64 << 20;
    if (left && (policy = malloc(left + 2))) {
        *policy = '{'; /* else it would be a name */
        memcpy(policy + 1, zero + 1, left);
        policy[left + 1] = 0;
        cfg.policy = policy;
    }
    if (!models && avalign_models_load(&models, getenv("AVALIGN_MODELS"), NULL, NULL))
        abort();
    if (avalign_open(&c, models, &cfg, NULL) == 0) {
        if (analyze(c, &r, (const char *)data, n) == 0)
            write_all(r);
        else if (!*avalign_last_error(c)->message)
            abort();
    }
    avalign_result_free(&r);
    avalign_close(&c);
    free(policy);
    return 0;
}
