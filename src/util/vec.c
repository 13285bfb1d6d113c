/* vec.c -- doubles the room, with checks against overflow. */
#include "util/vec.h"

#include <stdint.h>
#include <stdlib.h>

int ava_vec_grow(void **at, size_t *room, size_t n, size_t more, size_t size)
{
    if (more > SIZE_MAX - n)
        return -1;
    size_t need = n + more;
    if (need <= *room)
        return 0;
    /* a quarter on top: peak memory matters more here than copying */
    size_t want = need + need / 4 < 32 ? 32 : need + need / 4;
    if (want < need || want > SIZE_MAX / size)
        return -1;
    void *p = realloc(*at, want * size);
    if (!p)
        return -1;
    *at = p;
    *room = want;
    return 0;
}
