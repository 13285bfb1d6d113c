/* bytes.h -- the fuzzer's bytes behind an AvalignReader, for the targets that open a file. */
#ifndef FUZZ_BYTES_H
#define FUZZ_BYTES_H

#include <stdint.h>
#include <string.h>

typedef struct Bytes {
    const uint8_t *data;
    size_t size, at;
} Bytes;

static int64_t rd(void *cookie, uint8_t *buf, size_t n)
{
    Bytes *b = cookie;
    n = n < b->size - b->at ? n : b->size - b->at;
    memcpy(buf, b->data + b->at, n);
    b->at += n;
    return (int64_t)n;
}

static int64_t sk(void *cookie, int64_t off, int whence)
{
    Bytes *b = cookie;
    int64_t base = whence == 1 ? (int64_t)b->at : whence == 2 ? (int64_t)b->size : 0;
    if (off < -base || off > (int64_t)b->size - base)
        return -1;
    return (int64_t)(b->at = (size_t)(base + off));
}

#endif
