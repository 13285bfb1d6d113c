/* policy.c -- libFuzzer target: any bytes as a policy. */
#include <stdlib.h>
#include <string.h>

#include "avalign/avalign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 2);
    AvalignErrorInfo e;
    if (!text)
        return 0;
    *text = '{'; /* else it would be a name */
    memcpy(text + 1, data, size);
    text[size + 1] = 0;
    if (avalign_policy_check(text, &e) && !*e.message)
        abort();
    free(text);
    return 0;
}
