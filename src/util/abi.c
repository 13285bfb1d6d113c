/* abi.c -- reads a caller's struct no further than its size. */
#include "util/abi.h"

#include <string.h>

#include "avalign/avalign.h"

int ava_struct_in(void *full, size_t size, const void *given)
{
    size_t have = 0;
    if (given)
        memcpy(&have, given, sizeof have);
    if (given && (have < sizeof have || have > size))
        return AVALIGN_ERR_VERSION;
    memset(full, 0, size);
    if (given)
        memcpy(full, given, have);
    memcpy(full, &size, sizeof size);
    return 0;
}
