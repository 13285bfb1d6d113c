/* soak.c -- memory over many analyses by the push API: soak N. Ten times it prints how many contexts there were and the resident kB;
 * 1 when the last is over a tenth above the second (the first tenth fills what is kept for reuse). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "avalign/avalign.h"

static long resident(void)
{
    char line[256];
    long kb = -1;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "VmRSS: %ld", &kb) == 1)
            break;
    if (f)
        fclose(f);
    return kb;
}

int main(int argc, char **argv)
{
    static float x[AVALIGN_SPEECH_RATE];
    long n = argc > 1 ? atol(argv[1]) : 100, every = n > 10 ? n / 10 : 1, settled = 0, last = 0;
    AvalignModels *models;
    AvalignErrorInfo e;
    AvalignConfig cfg;
    if (avalign_models_load(&models, getenv("AVALIGN_MODELS"), NULL, &e))
        return fprintf(stderr, "%s\n", e.message), 1;
    for (int i = 0; i < AVALIGN_SPEECH_RATE; i++)
        x[i] = .3f * sinf((float)i * .05f) * sinf((float)i * .0007f);
    avalign_config_init(&cfg, sizeof cfg);
    cfg.n_threads = 1;
    cfg.analyzers = "-viseme";
    for (long i = 0; i <= n; i++) {
        AvalignContext *c;
        AvalignResult *r = NULL;
        AvalignFace f = { .track_id = 0, .box = { 1, 1, 50, 50 } };
        if (i % every == 0) {
            printf("%ld %ld\n", i, last = resident());
            fflush(stdout);
            settled = i == every ? last : settled;
        }
        if (avalign_open(&c, models, &cfg, &e))
            return fprintf(stderr, "%s\n", e.message), 1;
        int rc = 0;
        for (int64_t t = 0; t < 10 && !rc; t++)
            rc = avalign_push_faces(c, t * 40000, &f, 1);
        if (!rc)
            rc = avalign_push_audio(c, &(AvalignPcm){ AVALIGN_SPEECH_RATE, 1, 0, x, AVALIGN_SPEECH_RATE, { 0 } });
        if (!rc && i % 3 == 0) /* a call that is refused, now and then */
            avalign_push_audio(c, &(AvalignPcm){ 8000, 1, 0, x, 1, { 0 } });
        if (!rc && i % 4) /* and contexts that are left half way */
            rc = avalign_finish(c, &r);
        if (rc && i % 3) {
            fprintf(stderr, "%s\n", avalign_last_error(c)->message);
            return 1;
        }
        avalign_result_free(&r);
        avalign_close(&c);
    }
    avalign_models_free(&models);
    if (last > settled + settled / 10)
        return fprintf(stderr, "memory grew from %ld to %ld kB\n", settled, last), 1;
    return 0;
}
