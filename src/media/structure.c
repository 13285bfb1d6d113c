/* structure.c -- walks the parts of a container: one level after the other on a short stack, bounded in depth, in parts looked at and in parts
 * listed. Each part is cut to the one around it. */
#include "media/structure.h"

#include <string.h>

enum { HEAD = 32, LOOK = 4096, DEPTH = 9, MOST_LOOKED_AT = 20000, ALIKE = 4 };

typedef struct Level {
    int64_t at, end;
    int first; /* its parts are listed from here on */
} Level;

/* The last part of this type in the level, once there are ALIKE of them; NULL: fewer. */
static AvaPart *many_alike(AvaStructure *out, const Level *l, int depth, const char *type)
{
    AvaPart *last = NULL;
    int n = 0;
    for (int i = l->first; i < out->n; i++)
        if (out->part[i].depth == depth && !strcmp(out->part[i].type, type)) {
            last = &out->part[i];
            n++;
        }
    return n >= ALIKE ? last : NULL;
}

/* Lists a part; NULL: it is not listed as one of its own. */
static AvaPart *list(AvaStructure *out, const Level *l, int depth, int64_t at, const AvaPartHead *h)
{
    AvaPart *p = many_alike(out, l, depth, h->type);
    if (p) {
        p->count++;
        p->size += h->end - at;
        return NULL;
    }
    if (out->n == AVA_PARTS) {
        out->left_out++;
        return NULL;
    }
    p = &out->part[out->n++];
    *p = (AvaPart){ .depth = depth, .count = 1, .at = at, .size = h->end - at };
    memcpy(p->type, h->type, sizeof p->type);
    return p;
}

static void walk(AvaSource *s, const AvaStructureFormat *f, AvaStructure *out)
{
    static const char no_size[] = "a part's size makes no sense; what follows it is not listed", cut[] = "a part is longer than what is around it: the file may be cut off";
    Level level[DEPTH] = { { .at = (int64_t)f->begin, .end = out->bytes } };
    int depth = 0, looked = 0;
    int64_t told = 0;
    while (depth >= 0) {
        Level *l = &level[depth];
        uint8_t b[HEAD], look[LOOK];
        AvaPartHead h = { .told = told };
        int64_t at = l->at;
        if (at >= l->end) {
            depth--;
            continue;
        }
        if (++looked > MOST_LOOKED_AT) {
            out->problem = "there are more parts than are looked at; what follows is not listed";
            return;
        }
        size_t got = ava_source_read_at(s, at, b, sizeof b);
        if (f->head(b, got, at, l->end, depth, &h) || h.body <= at || h.end < h.body) {
            out->problem = out->problem ? out->problem : no_size;
            depth--;
            continue;
        }
        if (h.end > l->end) {
            out->problem = out->problem ? out->problem : cut;
            h.end = l->end;
            h.body = h.body < h.end ? h.body : h.end;
        }
        l->at = h.end;
        AvaPart *p = h.skip ? NULL : list(out, l, depth, at, &h);
        if (!p)
            continue;
        int64_t size = h.end - h.body;
        AvaPartBytes body = { look, ava_source_read_at(s, h.body, look, size < LOOK ? (size_t)size : LOOK), size };
        f->say(&h, body, p->says);
        if (f->gives && f->gives(&h, body) > 0)
            told = f->gives(&h, body);
        int64_t inside = f->inside(&h, body);
        if (inside >= 0 && inside <= size && depth + 1 < DEPTH)
            level[++depth] = (Level){ .at = h.body + inside, .end = h.end, .first = out->n };
    }
}

static const AvaStructureFormat *format_of(const uint8_t *b)
{
    static const char boxes[][5] = { "ftyp", "styp", "moov", "mdat", "free", "skip", "wide", "pnot", "uuid", "moof", "sidx" }; /* QuickTime needs no ftyp */
    if (!memcmp(b, "RIFF", 4) || !memcmp(b, "RF64", 4) || !memcmp(b, "BW64", 4))
        return &ava_structure_chunks;
    if (!memcmp(b, "\x1a\x45\xdf\xa3", 4))
        return &ava_structure_elements;
    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++)
        if (!memcmp(b + 4, boxes[i], 4))
            return &ava_structure_boxes;
    return NULL;
}

void ava_structure_read(AvaSource *s, AvaStructure *out)
{
    uint8_t b[HEAD];
    memset(out, 0, sizeof *out);
    out->bytes = ava_source_size(s);
    const AvaStructureFormat *f = out->bytes >= 12 && ava_source_read_at(s, 0, b, 12) == 12 ? format_of(b) : NULL;
    if (!f)
        return;
    out->format = f->name;
    walk(s, f, out);
}
