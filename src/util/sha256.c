/* sha256.c -- nettle's SHA-256 as hexadecimal. */
#include "util/sha256.h"

#include <stdint.h>

void ava_sha256_hex(AvaSha256 *s, char hex[65])
{
    static const char digit[] = "0123456789abcdef";
    uint8_t d[SHA256_DIGEST_SIZE];
    sha256_digest(s, sizeof d, d);
    for (size_t i = 0; i < sizeof d; i++) {
        hex[2 * i] = digit[d[i] >> 4];
        hex[2 * i + 1] = digit[d[i] & 15];
    }
    hex[64] = 0;
}

void ava_sha256_of(const void *data, size_t n, char hex[65])
{
    AvaSha256 s;
    sha256_init(&s);
    sha256_update(&s, n, data);
    ava_sha256_hex(&s, hex);
}
