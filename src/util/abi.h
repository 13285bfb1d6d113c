/* abi.h -- structs that a caller fills, whose first member is their size: an older caller's are shorter. */
#ifndef AVA_ABI_H
#define AVA_ABI_H

#include <stddef.h>
#include <stdint.h>

/* Fills full, of `size` bytes, from the caller's struct, which is read only as far as it goes: what an older caller did not know is
 * 0. NULL: all 0. AVALIGN_ERR_VERSION: no size that fits; the caller may be newer than this library. */
int ava_struct_in(void *full, size_t size, const void *given);

/* Is what a caller's struct reserves 0, as it must be until it has a meaning? */
static inline int ava_reserved_unused(const uint64_t reserved[4]) { return !(reserved[0] | reserved[1] | reserved[2] | reserved[3]); }

#endif
