/* sha256.h -- file and model hashes (FIPS 180-4, through nettle). */
#ifndef AVA_SHA256_H
#define AVA_SHA256_H

#include <nettle/sha2.h>
#include <stddef.h>

typedef struct sha256_ctx AvaSha256;

void ava_sha256_hex(AvaSha256 *s, char hex[65]); /* ends the hash */
void ava_sha256_of(const void *data, size_t n, char hex[65]);

#endif
