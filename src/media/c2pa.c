/* c2pa.c -- finds the C2PA manifest stores of a file: headers of boxes and chunks are read, their contents skipped.
 *
 * Where they lie is from the C2PA specification 2.2, appendix A: in ISO BMFF a top-level `uuid` box (a full box, the purpose as text,
 * eight bytes of an offset, then the store), in RIFF a chunk `C2PA`. */
#include "media/c2pa.h"

#include <libavutil/intreadwrite.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BOXES = 4096, MOST_STORES = 4, LARGEST_STORE = 16 << 20, HEAD = 12, PURPOSE = 16 };

static const uint8_t c2pa_uuid[16] = { 0xd8, 0xfe, 0xc3, 0xd6, 0x1b, 0x0e, 0x48, 0x3c, 0x92, 0x97, 0x58, 0x28, 0x87, 0x7e, 0xc4, 0x81 };

/* The store from at to end, where the container says that it ends. */
static int take_store(AvaSource *s, int64_t at, int64_t end, AvaC2pa *out)
{
    if (++out->present > MOST_STORES) {
        out->problem = "there are more stores than are read";
        out->incomplete = 1;
        return 0;
    }
    if (end - at > LARGEST_STORE) {
        out->problem = "the store is larger than what is read of one (16 MiB)";
        out->incomplete = 1;
        return 0;
    }
    size_t n = (size_t)(end - at);
    uint8_t *bytes = malloc(n + 1);
    if (!bytes)
        return -1;
    ava_c2pa_store(bytes, ava_source_read_at(s, at, bytes, n), out);
    free(bytes);
    return 0;
}

/* The contents of a `uuid` box from behind its 16 bytes on. */
static int take_uuid(AvaSource *s, int64_t at, int64_t end, AvaC2pa *out)
{
    uint8_t b[4 + PURPOSE] = { 0 };
    size_t n = end - at < (int64_t)sizeof b ? (size_t)(end - at) : sizeof b;
    const char *purpose = (const char *)b + 4;
    size_t got = ava_source_read_at(s, at, b, n);
    if (got < 4 || !memchr(purpose, 0, got - 4))
        return 0;
    if (strcmp(purpose, "manifest") && strcmp(purpose, "original") && strcmp(purpose, "update"))
        return 0; /* "merkle": hashes of a fragment */
    at += 4 + (int64_t)strlen(purpose) + 1 + 8;
    return take_store(s, at < end ? at : end, end, out);
}

static int in_boxes(AvaSource *s, int64_t size, AvaC2pa *out)
{
    int64_t at = 0;
    for (int i = 0; i < MOST_BOXES && at < size; i++) {
        uint8_t b[32] = { 0 };
        size_t got = ava_source_read_at(s, at, b, sizeof b), head = 8;
        uint64_t n = AV_RB32(b), left = (uint64_t)(size - at);
        if (n == 1) {
            n = AV_RB64(b + 8);
            head = 16;
        } else if (n == 0) {
            n = left;
        }
        if (got < head || n < head)
            return 0;
        int64_t end = at + (int64_t)(n < left ? n : left); /* a file that was cut may still hold the whole store */
        if (!memcmp(b + 4, "uuid", 4) && got >= head + 16 && !memcmp(b + head, c2pa_uuid, 16) && end >= at + (int64_t)head + 16 &&
            take_uuid(s, at + (int64_t)head + 16, end, out))
            return -1;
        at = end;
    }
    return 0;
}

static int in_chunks(AvaSource *s, int64_t size, AvaC2pa *out)
{
    int64_t at = HEAD;
    uint64_t data = UINT32_MAX; /* of a chunk that says so: its true size (RF64) */
    for (int i = 0; i < MOST_BOXES && at < size; i++) {
        uint8_t b[24] = { 0 };
        if (ava_source_read_at(s, at, b, sizeof b) < 8)
            return 0;
        uint64_t n = AV_RL32(b + 4), left = (uint64_t)(size - at) - 8;
        if (!memcmp(b, "RIFF", 4)) { /* AVI over 1 GiB goes on in further ones */
            at += HEAD;
            continue;
        }
        if (!memcmp(b, "ds64", 4) && n >= 16)
            data = AV_RL64(b + 16);
        if (!memcmp(b, "data", 4) && n == UINT32_MAX)
            n = data;
        n = n < left ? n : left;
        if (!memcmp(b, "C2PA", 4) && take_store(s, at + 8, at + 8 + (int64_t)n, out))
            return -1;
        at += 8 + (int64_t)n + (int64_t)(n & 1);
    }
    return 0;
}

/* May a file of boxes begin with it? QuickTime needs no ftyp. */
static int begins_boxes(const uint8_t *type)
{
    static const char types[][5] = { "ftyp", "styp", "moov", "mdat", "free", "skip", "wide", "pnot", "uuid", "moof", "sidx" };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (!memcmp(type, types[i], 4))
            return 1;
    return 0;
}

int ava_c2pa_find(AvaSource *s, AvaC2pa *out)
{
    *out = (AvaC2pa){ 0 };
    int64_t size = ava_source_size(s);
    uint8_t b[HEAD] = { 0 };
    if (size < HEAD || ava_source_read_at(s, 0, b, sizeof b) < sizeof b)
        return 0;
    int riff = !memcmp(b, "RIFF", 4) || !memcmp(b, "RF64", 4) || !memcmp(b, "BW64", 4);
    if (!riff && !begins_boxes(b + 4))
        return 0;
    out->looked = 1;
    return riff ? in_chunks(s, size, out) : in_boxes(s, size, out);
}
