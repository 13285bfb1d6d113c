/* manifest.c -- libFuzzer target: any bytes as models/manifest.json. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "avalign/avalign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char dir[32], path[64];
    if (!*dir) {
        snprintf(dir, sizeof dir, "/dev/shm/fuzz-XXXXXX");
        if (!mkdtemp(dir))
            abort();
        snprintf(path, sizeof path, "%s/manifest.json", dir);
    }
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(data, 1, size, f) != size || fclose(f))
        abort();
    AvalignModels *m = NULL;
    AvalignErrorInfo e;
    AvalignModelInfo info;
    int rc = avalign_models_load(&m, dir, NULL, &e);
    if ((rc != 0) != (m == NULL) || (rc && !*e.message))
        abort();
    for (size_t i = 0; i < avalign_models_count(m); i++)
        if (avalign_models_info(m, i, &info) || !info.role)
            abort();
    avalign_models_free(&m);
    return 0;
}
