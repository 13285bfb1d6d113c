/* version.c -- of the library and of its interface. */
#include "avalign/avalign.h"

const char *avalign_version(void) { return AVALIGN_VERSION; }

uint32_t avalign_version_api(void)
{
    return AVALIGN_API_MAJOR << 16 | AVALIGN_API_MINOR << 8 | AVALIGN_API_PATCH;
}
