/* structure_boxes.c -- boxes of ISO BMFF and QuickTime (ISO 14496-12; QuickTime File Format): their heads, and what known ones say. */
#include <libavutil/intreadwrite.h>
#include <stdio.h>
#include <string.h>

#include "media/structure.h"

enum { SINCE_1904 = 2082844800 };

/* A box's type as text: what is no letter becomes "?", and the sign that QuickTime begins its tags with stays. */
static void type_text(const uint8_t *b, char out[AVA_PART_TYPE])
{
    size_t n = 0;
    for (int i = 0; i < 4; i++)
        if (b[i] == 0xa9) {
            out[n++] = (char)0xc2;
            out[n++] = (char)0xa9;
        } else {
            out[n++] = (char)(b[i] >= ' ' && b[i] < 0x7f ? b[i] : '?');
        }
    out[n] = 0;
}

static int boxes_head(const uint8_t *b, size_t n, int64_t at, int64_t end, int depth, AvaPartHead *out)
{
    (void)depth;
    size_t head = 8;
    if (end - at < (int64_t)head) { /* four zeros end QuickTime's lists */
        out->skip = 1;
        out->body = out->end = end;
        return 0;
    }
    if (n < head)
        return -1;
    uint64_t size = AV_RB32(b), left = (uint64_t)(end - at);
    if (size == 1 && n >= 16) {
        size = AV_RB64(b + 8);
        head = 16;
    } else if (size == 0) {
        size = left;
    }
    if (size < head)
        return -1;
    type_text(b + 4, out->type);
    out->body = at + (int64_t)head;
    out->end = size > left ? end + 1 : at + (int64_t)size;
    return 0;
}

static int box_is(const AvaPartHead *h, const char *type) { return !strcmp(h->type, type); }

static int64_t boxes_inside(const AvaPartHead *h, AvaPartBytes body)
{
    static const char types[][5] = { "moov", "trak", "mdia", "minf", "stbl", "edts", "udta", "mvex", "moof", "traf", "tapt", "gmhd", "ilst" };
    if (box_is(h, "meta")) /* a full box, but not in QuickTime */
        return body.n >= 8 && !memcmp(body.p + 4, "hdlr", 4) ? 0 : 4;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (box_is(h, types[i]))
            return 0;
    return -1;
}

static void say_brands(AvaPartBytes x, char says[AVA_PART_SAYS])
{
    char type[AVA_PART_TYPE];
    for (size_t i = 0; i + 4 <= x.n && i < 40; i += 4)
        if (i != 4) {
            type_text(x.p + i, type);
            ava_part_put(says, "%s%s", i == 0 ? "" : i == 8 ? ", works as " : " ", type);
        }
}

/* mvhd and mdhd begin alike. */
static void say_times(AvaPartBytes x, char says[AVA_PART_SAYS])
{
    int wide = x.n && x.p[0] == 1;
    if (x.n < (wide ? 32u : 20u))
        return;
    uint64_t made = wide ? AV_RB64(x.p + 4) : AV_RB32(x.p + 4), changed = wide ? AV_RB64(x.p + 12) : AV_RB32(x.p + 8);
    uint32_t units = AV_RB32(x.p + (wide ? 20 : 12));
    uint64_t length = wide ? AV_RB64(x.p + 24) : AV_RB32(x.p + 16);
    if (made && made < INT64_MAX / 2)
        ava_part_date(says, "created", (int64_t)made - SINCE_1904);
    if (changed && changed < INT64_MAX / 2)
        ava_part_date(says, "changed", (int64_t)changed - SINCE_1904);
    ava_part_put(says, "%s%u units a second, %llu units long", made || changed ? "; " : "no date; ", (unsigned)units, (unsigned long long)length);
}

static void say_track(AvaPartBytes x, char says[AVA_PART_SAYS])
{
    size_t id = x.n && x.p[0] == 1 ? 20 : 12;
    if (x.n >= id + 4)
        ava_part_put(says, "track %u%s", (unsigned)AV_RB32(x.p + id), x.p[3] & 1 ? "" : ", not enabled");
}

static void say_handler(AvaPartBytes x, char says[AVA_PART_SAYS])
{
    char type[AVA_PART_TYPE];
    if (x.n < 24)
        return;
    type_text(x.p + 8, type);
    ava_part_put(says, "%s ", type);
    size_t pascal = x.n > 24 && x.p[24] && (size_t)x.p[24] == x.n - 25; /* QuickTime writes the length first */
    ava_part_text(says, x.p + 24 + pascal, x.n - 24 - pascal);
}

/* What is shown when: lengths in units of the movie (mvhd), places in units of the track (mdhd). */
static void say_edits(AvaPartBytes x, char says[AVA_PART_SAYS])
{
    if (x.n < 8)
        return;
    int wide = x.p[0] == 1;
    size_t step = wide ? 20 : 12;
    uint32_t n = AV_RB32(x.p + 4);
    ava_part_put(says, "%u edit%s:", (unsigned)n, n == 1 ? "" : "s");
    for (size_t i = 0, at = 8; i < n && i < 4 && at + step <= x.n; i++, at += step) {
        unsigned long long length = wide ? AV_RB64(x.p + at) : AV_RB32(x.p + at);
        long long from = wide ? (long long)AV_RB64(x.p + at + 8) : (long long)(int32_t)AV_RB32(x.p + at + 4);
        if (from < 0)
            ava_part_put(says, "%s nothing for %llu", i ? "," : "", length);
        else
            ava_part_put(says, "%s %llu from unit %lld of the track", i ? "," : "", length, from);
    }
    ava_part_put(says, "%s", n > 4 ? ", ..." : "");
}

static void say_samples(AvaPartBytes x, char says[AVA_PART_SAYS])
{
    char type[AVA_PART_TYPE];
    if (x.n < 16)
        return;
    type_text(x.p + 12, type);
    ava_part_put(says, "%s", type);
    size_t n = x.n >= 90 && x.p[58] < 32 ? x.p[58] : 0; /* of video: the name of the coder, padded with 0; of sound there is something else */
    for (size_t i = 0; i < 31 && n; i++)
        n = (i < n) == (x.p[59 + i] >= ' ') ? n : 0;
    if (n)
        ava_part_put(says, ", coder ");
    ava_part_text(says, x.p + 59, n);
}

static void say_tag(AvaPartBytes x, char says[AVA_PART_SAYS])
{
    if (x.n > 16 && !memcmp(x.p + 4, "data", 4) && AV_RB32(x.p + 8) == 1)
        ava_part_text(says, x.p + 16, x.n - 16);
    else if (x.n > 4 && AV_RB16(x.p) <= x.n - 4)
        ava_part_text(says, x.p + 4, AV_RB16(x.p));
}

static void say_uuid(AvaPartBytes x, char says[AVA_PART_SAYS])
{
    static const uint8_t c2pa[4] = { 0xd8, 0xfe, 0xc3, 0xd6 };
    for (size_t i = 0; i < 16 && x.n >= 16; i++)
        ava_part_put(says, "%02x", (unsigned)x.p[i]);
    if (x.n >= 16 && !memcmp(x.p, c2pa, 4))
        ava_part_put(says, ": Content Credentials");
}

static void boxes_say(const AvaPartHead *h, AvaPartBytes x, char says[AVA_PART_SAYS])
{
    static const struct {
        char type[5];
        void (*say)(AvaPartBytes, char *);
    } known[] = { { "ftyp", say_brands }, { "styp", say_brands }, { "mvhd", say_times }, { "mdhd", say_times }, { "tkhd", say_track }, { "hdlr", say_handler },
                  { "elst", say_edits }, { "stsd", say_samples }, { "uuid", say_uuid } };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (box_is(h, known[i].type))
            known[i].say(x, says);
    if (box_is(h, "mdat"))
        ava_part_coder(says, x);
    else if (box_is(h, "\xc2\xa9xyz") || box_is(h, "loci"))
        ava_part_put(says, "a place is written here; it is not copied");
    else if (!strncmp(h->type, "\xc2\xa9", 2))
        say_tag(x, says);
}

const AvaStructureFormat ava_structure_boxes = { "boxes", 0, boxes_head, boxes_inside, boxes_say, NULL };
