/* structure_chunks.c -- chunks of RIFF (AVI, WAV, RF64) and elements of EBML (Matroska, WebM; RFC 8794, RFC 9559): their heads, and what known
 * ones say. */
#include <libavutil/intreadwrite.h>
#include <stdio.h>
#include <string.h>

#include "media/structure.h"

/* ---- RIFF ---- */

static void code_text(const uint8_t *b, char out[5])
{
    for (int i = 0; i < 4; i++)
        out[i] = (char)(b[i] >= ' ' && b[i] < 0x7f ? b[i] : '?');
    out[4] = 0;
}

static int is_list(const uint8_t *b) { return !memcmp(b, "RIFF", 4) || !memcmp(b, "RF64", 4) || !memcmp(b, "BW64", 4) || !memcmp(b, "LIST", 4); }

static int chunks_head(const uint8_t *b, size_t n, int64_t at, int64_t end, int depth, AvaPartHead *out)
{
    char code[5], kind[5];
    (void)depth;
    if (n < 8)
        return -1;
    uint64_t size = AV_RL32(b + 4), left = (uint64_t)(end - at) - (end - at < 8 ? (uint64_t)(end - at) : 8);
    code_text(b, code);
    int list = is_list(b) && n >= 12;
    code_text(list ? b + 8 : b, kind);
    snprintf(out->type, sizeof out->type, list ? "%s %s" : "%s", code, kind);
    out->body = at + (list ? 12 : 8);
    if (size == UINT32_MAX && !memcmp(b, "data", 4) && out->told) /* RF64: it stands in ds64, and chunks may follow */
        size = (uint64_t)out->told;
    else if (size == UINT32_MAX || size == 0) /* not known when it was written: up to the end */
        size = size || (list && !depth) ? left : 0;
    out->end = size > left ? end + 1 : at + 8 + (int64_t)size + (int64_t)(size & 1 && size < left);
    return list && size < 4 ? -1 : 0;
}

static int64_t chunks_inside(const AvaPartHead *h, AvaPartBytes body)
{
    (void)body;
    return (strlen(h->type) == 9 && strcmp(h->type, "LIST movi") && strcmp(h->type, "LIST rec ")) ? 0 : -1;
}

static void chunks_say(const AvaPartHead *h, AvaPartBytes x, char says[AVA_PART_SAYS])
{
    char code[2][5];
    if (!strcmp(h->type, "strh") && x.n >= 8) {
        code_text(x.p, code[0]);
        code_text(x.p + 4, code[1]);
        ava_part_put(says, "%s, coder %s", code[0], code[1]);
    } else if (!strcmp(h->type, "fmt ") && x.n >= 16) {
        ava_part_put(says, "format %u, %u channel(s), %u Hz, %u bit", (unsigned)AV_RL16(x.p), (unsigned)AV_RL16(x.p + 2), (unsigned)AV_RL32(x.p + 4), (unsigned)AV_RL16(x.p + 14));
    } else if (!strcmp(h->type, "bext") && x.n >= 338) {
        ava_part_text(says, x.p + 256, 32);
        ava_part_put(says, " ");
        ava_part_text(says, x.p + 320, 18);
    } else if (!strcmp(h->type, "LIST movi") || !strcmp(h->type, "data")) {
        ava_part_coder(says, x);
    } else if (h->type[0] == 'I' && strlen(h->type) == 4 && x.n < 2048) { /* of LIST INFO */
        ava_part_text(says, x.p, x.n);
    }
}

/* RF64 and BW64 (EBU Tech 3306): how long the data chunk is. */
static int64_t chunks_give(const AvaPartHead *h, AvaPartBytes x)
{
    uint64_t size = !strcmp(h->type, "ds64") && x.n >= 16 ? AV_RL64(x.p + 8) : 0;
    return size <= INT64_MAX / 2 ? (int64_t)size : 0;
}

const AvaStructureFormat ava_structure_chunks = { "chunks", 0, chunks_head, chunks_inside, chunks_say, chunks_give };

/* ---- EBML ---- */

enum { LEAF, HAS_PARTS, TEXT, NUMBER, DATE, CODED };

static const struct {
    const char *name;
    uint32_t id;
    int kind;
} elements[] = {
    { "EBML", 0x1a45dfa3, HAS_PARTS }, { "DocType", 0x4282, TEXT }, { "Segment", 0x18538067, HAS_PARTS }, { "SeekHead", 0x114d9b74, LEAF },
    { "Info", 0x1549a966, HAS_PARTS }, { "TimestampScale", 0x2ad7b1, NUMBER }, { "DateUTC", 0x4461, DATE }, { "Title", 0x7ba9, TEXT },
    { "MuxingApp", 0x4d80, TEXT }, { "WritingApp", 0x5741, TEXT }, { "Tracks", 0x1654ae6b, HAS_PARTS }, { "TrackEntry", 0xae, HAS_PARTS },
    { "TrackNumber", 0xd7, NUMBER }, { "CodecID", 0x86, TEXT }, { "Name", 0x536e, TEXT }, { "CodecDelay", 0x56aa, NUMBER },
    { "Cluster", 0x1f43b675, CODED }, { "Cues", 0x1c53bb6b, LEAF }, { "Attachments", 0x1941a469, LEAF }, { "Chapters", 0x1043a770, LEAF },
    { "Tags", 0x1254c367, HAS_PARTS }, { "Tag", 0x7373, HAS_PARTS }, { "SimpleTag", 0x67c8, HAS_PARTS }, { "TagName", 0x45a3, TEXT },
    { "TagString", 0x4487, TEXT }, { "Void", 0xec, LEAF }, { "CRC-32", 0xbf, LEAF },
};

static int kind_of(uint64_t id)
{
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
        if (elements[i].id == id)
            return elements[i].kind;
    return LEAF;
}

/* Bytes of a number whose length is in its first byte; 0: there is none. */
static size_t wide(uint8_t first, size_t most)
{
    size_t n = 1;
    while (n <= most && !(first & (0x80 >> (n - 1))))
        n++;
    return n <= most ? n : 0;
}

static int elements_head(const uint8_t *b, size_t n, int64_t at, int64_t end, int depth, AvaPartHead *out)
{
    size_t k = n ? wide(b[0], 4) : 0, m = k && n > k ? wide(b[k], 8) : 0;
    if (!m || n < k + m)
        return -1;
    uint64_t size = b[k] & (0xff >> m), unknown = (UINT64_C(1) << (7 * m)) - 1, left = (uint64_t)(end - at);
    for (size_t i = 0; i < k; i++)
        out->id = out->id << 8 | b[i];
    for (size_t i = 1; i < m; i++)
        size = size << 8 | b[k + i];
    snprintf(out->type, sizeof out->type, "0x%llX", (unsigned long long)out->id);
    out->skip = depth > 1;
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
        if (elements[i].id == out->id) {
            snprintf(out->type, sizeof out->type, "%s", elements[i].name);
            out->skip = 0;
        }
    out->body = at + (int64_t)(k + m);
    out->end = size == unknown ? (out->body < end ? end : out->body) : size > left - (k + m < left ? k + m : left) ? end + 1 : out->body + (int64_t)size;
    return 0;
}

static int64_t elements_inside(const AvaPartHead *h, AvaPartBytes body)
{
    (void)body;
    return kind_of(h->id) == HAS_PARTS ? 0 : -1;
}

static void elements_say(const AvaPartHead *h, AvaPartBytes x, char says[AVA_PART_SAYS])
{
    uint64_t v = 0;
    for (size_t i = 0; i < x.n && i < 8; i++)
        v = v << 8 | x.p[i];
    switch (kind_of(h->id)) {
    case TEXT: ava_part_text(says, x.p, x.n); break;
    case NUMBER: ava_part_put(says, "%llu", (unsigned long long)v); break;
    case DATE:
        if (x.n == 8)
            ava_part_date(says, "created", (int64_t)v / 1000000000 + 978307200); /* since 2001 */
        break;
    case CODED: ava_part_coder(says, x); break;
    default: break;
    }
}

const AvaStructureFormat ava_structure_elements = { "elements", 0, elements_head, elements_inside, elements_say, NULL };
