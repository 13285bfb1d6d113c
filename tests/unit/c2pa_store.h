/* c2pa_store.h -- manifest stores built byte by byte. */
#ifndef C2PA_STORE_H
#define C2PA_STORE_H

#include "test.h"

#include <stdio.h>

#include "media/c2pa.h"

typedef struct Out {
    uint8_t b[1 << 16];
    size_t n;
} Out;

static void raw(Out *o, const void *p, size_t n)
{
    assert_true(o->n + n <= sizeof o->b);
    memcpy(o->b + o->n, p, n);
    o->n += n;
}

static void be32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* A box is opened, filled and closed; what is returned goes to box_end. */
static size_t box(Out *o, const char *type)
{
    size_t at = o->n;
    raw(o, "\0\0\0\0", 4);
    raw(o, type, 4);
    return at;
}

static void box_end(Out *o, size_t at) { be32(o->b + at, (uint32_t)(o->n - at)); }

static size_t super(Out *o, const char *type, const char *label)
{
    static const uint8_t tail[12] = { 0, 0x11, 0, 0x10, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71 };
    size_t at = box(o, "jumb"), d = box(o, "jumd");
    raw(o, type, 4);
    raw(o, tail, 12);
    raw(o, "\3", 1);
    raw(o, label, strlen(label) + 1);
    box_end(o, d);
    return at;
}

static void head(Out *o, int major, uint32_t n)
{
    uint8_t b[5] = { (uint8_t)(major << 5 | 26) };
    be32(b + 1, n);
    raw(o, b, 5);
}

static void text(Out *o, const char *s)
{
    head(o, 3, (uint32_t)strlen(s));
    raw(o, s, strlen(s));
}

static void pair(Out *o, const char *key, const char *value)
{
    text(o, key);
    text(o, value);
}

#define IPTC "http://cv.iptc.org/newscodes/digitalsourcetype/"

static void actions(Out *o, const char *label, const char *source)
{
    size_t at = super(o, "cbor", label), c = box(o, "cbor");
    raw(o, "\xa1", 1);
    text(o, "actions");
    raw(o, "\x9f", 1); /* a list without a length */
    head(o, 5, 2);
    pair(o, "action", "c2pa.created");
    pair(o, "digitalSourceType", source);
    head(o, 5, 3);
    pair(o, "action", "c2pa.edited");
    text(o, "when");
    raw(o, "\xc0", 1); /* tag 0, a date */
    text(o, "2026-01-01T00:00:00Z");
    text(o, "parameters");
    head(o, 5, 1);
    pair(o, "action", "c2pa.not_this_one");
    raw(o, "\xff", 1);
    box_end(o, c);
    box_end(o, at);
}

/* Version 1 names its program in a list, version 2 in a map. */
static void claim(Out *o, int version, const char *name)
{
    size_t at = super(o, "c2cl", version == 1 ? "c2pa.claim" : "c2pa.claim.v2"), c = box(o, "cbor");
    raw(o, "\xbf", 1); /* a map without a length */
    text(o, "alg");
    raw(o, "\x42\1\2", 3);
    text(o, "claim_generator_info");
    if (version == 1)
        head(o, 4, 2);
    head(o, 5, 2);
    pair(o, "name", name);
    pair(o, "version", "2.5");
    if (version == 1) {
        head(o, 5, 1);
        pair(o, "name", "a library");
    }
    pair(o, "claim_generator", "name/1");
    pair(o, "dc:title", "A\ntitle \x1b[31m");
    raw(o, "\xff", 1);
    box_end(o, c);
    box_end(o, at);
}

static void manifest(Out *o, const char *label, int version, const char *name, const char *source)
{
    size_t at = super(o, "c2ma", label), a = super(o, "c2as", "c2pa.assertions");
    actions(o, version == 1 ? "c2pa.actions" : "c2pa.actions.v2", source);
    box_end(o, a);
    claim(o, version, name);
    box_end(o, at);
}

/* Two manifests: an earlier one that a model made, and the active one that a camera made. */
static void store(Out *o)
{
    size_t at = super(o, "c2pa", "c2pa");
    manifest(o, "urn:c2pa:1", 1, "Painter", IPTC "trainedAlgorithmicMedia");
    manifest(o, "urn:c2pa:2", 2, "Camera", IPTC "digitalCapture");
    box_end(o, at);
}

#endif
