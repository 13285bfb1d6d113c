/* test_c2pa.c -- manifest stores built here byte by byte: what is read of them, and that damaged ones reach nothing else. */
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

static void claims_are_read(void **state)
{
    (void)state;
    static Out o;
    static AvaC2pa c;
    o.n = 0;
    c = (AvaC2pa){ 0 };
    store(&o);
    raw(&o, "\0\0\0\0\0", 5); /* padding after the store */
    ava_c2pa_store(o.b, o.n, &c);
    assert_int_equal(c.n, 2);
    assert_null(c.problem);
    assert_false(c.incomplete);
    const AvaC2paManifest *m = c.manifest;
    assert_string_equal(m[0].label, "urn:c2pa:1");
    assert_string_equal(m[0].generator, "Painter 2.5");
    assert_string_equal(m[0].title, "A title ?[31m");
    assert_int_equal(m[0].n_actions, 2);
    assert_string_equal(m[0].action[0], "c2pa.created");
    assert_string_equal(m[0].action[1], "c2pa.edited");
    assert_int_equal(m[0].n_sources, 1);
    assert_string_equal(m[0].source[0], "trainedAlgorithmicMedia");
    assert_string_equal(m[1].label, "urn:c2pa:2");
    assert_string_equal(m[1].generator, "Camera 2.5");
    assert_int_equal(m[1].n_actions, 2);
    assert_string_equal(m[1].source[0], "digitalCapture");
    assert_int_equal(c.declared, AVA_DECLARES_NOTHING);
    assert_int_equal(c.declared_earlier, AVA_DECLARES_MODEL);
}

static void each_declaration(void **state)
{
    (void)state;
    static const struct { const char *source; AvaDeclared means; } want[] = {
        { IPTC "trainedAlgorithmicMedia", AVA_DECLARES_MODEL }, { IPTC "compositeWithTrainedAlgorithmicMedia", AVA_DECLARES_PARTS },
        { IPTC "algorithmicMedia", AVA_DECLARES_ALGORITHM }, { IPTC "algorithmicallyEnhanced", AVA_DECLARES_NOTHING },
        { IPTC "trainedAlgorithmicMediaNot", AVA_DECLARES_NOTHING }, { "trainedAlgorithmicMedia", AVA_DECLARES_MODEL }, { "", AVA_DECLARES_NOTHING },
    };
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        static Out o;
        static AvaC2pa c;
        o.n = 0;
        c = (AvaC2pa){ 0 };
        size_t at = super(&o, "c2pa", "c2pa");
        manifest(&o, "m", 2, "x", want[i].source);
        box_end(&o, at);
        ava_c2pa_store(o.b, o.n, &c);
        assert_int_equal(c.declared, want[i].means);
        assert_int_equal(c.declared_earlier, AVA_DECLARES_NOTHING);
    }
}

/* One list of two actions: a camera's recording, and what was done to it with a model's help. */
static void two_actions(Out *o, const char *list, const char *action, int source_first)
{
    size_t at = super(o, "c2pa", "c2pa"), m = super(o, "c2ma", "m"), a = super(o, "c2as", "c2pa.assertions"), l = super(o, "cbor", "c2pa.actions.v2"),
           c = box(o, "cbor");
    head(o, 5, 1);
    text(o, list);
    head(o, 4, 2);
    head(o, 5, 2);
    pair(o, "action", "c2pa.created");
    pair(o, "digitalSourceType", IPTC "digitalCapture");
    head(o, 5, 2);
    if (source_first)
        pair(o, "digitalSourceType", IPTC "trainedAlgorithmicMedia");
    pair(o, "action", action);
    if (!source_first)
        pair(o, "digitalSourceType", IPTC "trainedAlgorithmicMedia");
    box_end(o, c);
    box_end(o, l);
    box_end(o, a);
    box_end(o, m);
    box_end(o, at);
}

/* A recording that was edited or titled with a model's help was not made by one. */
static void a_step_is_not_the_source(void **state)
{
    (void)state;
    static const struct { const char *list, *action; AvaDeclared means; } want[] = {
        { "actions", "c2pa.edited", AVA_DECLARES_STEP }, { "actions", "c2pa.placed", AVA_DECLARES_STEP }, { "actions", "c2pa.created", AVA_DECLARES_MODEL },
        { "templates", "c2pa.edited", AVA_DECLARES_STEP }, { "templates", "c2pa.created", AVA_DECLARES_MODEL },
    };
    for (size_t i = 0; i < 2 * sizeof want / sizeof *want; i++) {
        static Out o;
        static AvaC2pa c;
        o.n = 0;
        c = (AvaC2pa){ 0 };
        two_actions(&o, want[i / 2].list, want[i / 2].action, i & 1);
        ava_c2pa_store(o.b, o.n, &c);
        assert_null(c.problem);
        assert_int_equal(c.declared, want[i / 2].means);
        assert_int_equal(c.manifest[0].n_sources, 2);
    }
}

static void the_last_manifests_stay(void **state)
{
    (void)state;
    static Out o;
    static AvaC2pa c;
    o.n = 0;
    c = (AvaC2pa){ 0 };
    size_t at = super(&o, "c2pa", "c2pa");
    for (int i = 0; i < AVA_C2PA_MANIFESTS + 3; i++) {
        char label[8];
        snprintf(label, sizeof label, "m%d", i);
        manifest(&o, label, 2, "x", i ? IPTC "digitalCapture" : IPTC "algorithmicMedia");
    }
    size_t packed = super(&o, "c2cm", "packed"), b = box(&o, "brob");
    raw(&o, "abc", 3);
    box_end(&o, b);
    box_end(&o, packed);
    box_end(&o, at);
    ava_c2pa_store(o.b, o.n, &c);
    assert_int_equal(c.n, AVA_C2PA_MANIFESTS);
    assert_int_equal(c.left_out, 4);
    assert_string_equal(c.manifest[0].label, "m4");
    assert_string_equal(c.manifest[c.n - 1].label, "packed");
    assert_non_null(strstr(c.problem, "compressed"));
    assert_int_equal(c.declared_earlier, AVA_DECLARES_ALGORITHM); /* of one that is not listed */
}

/* What is read of a copy of exactly that size: a read past it would be seen by the sanitizer. */
static void read_of(const uint8_t *p, size_t n, AvaC2pa *c)
{
    uint8_t *copy = malloc(n ? n : 1);
    assert_non_null(copy);
    memcpy(copy, p, n);
    *c = (AvaC2pa){ 0 };
    ava_c2pa_store(copy, n, c);
    free(copy);
    assert_in_range(c->n, 0, AVA_C2PA_MANIFESTS);
    for (int i = 0; i < c->n; i++) {
        assert_in_range(c->manifest[i].n_actions, 0, AVA_C2PA_ACTIONS);
        assert_in_range(c->manifest[i].n_sources, 0, AVA_C2PA_SOURCES);
    }
}

static void cut_anywhere(void **state)
{
    (void)state;
    static Out o;
    static AvaC2pa c;
    o.n = 0;
    store(&o);
    for (size_t n = 0; n < o.n; n++) {
        read_of(o.b, n, &c);
        assert_true(c.incomplete && c.problem);
        assert_true(c.n <= 2);
    }
    read_of(o.b, o.n, &c);
    assert_false(c.incomplete);
}

/* Every byte in turn becomes 0, 0xff, ..., those of sizes among them. */
static void bytes_that_lie(void **state)
{
    (void)state;
    static const uint8_t lies[] = { 0, 1, 7, 0x7f, 0x80, 0x9f, 0xbb, 0xff };
    static Out o;
    static AvaC2pa c;
    int unhurt = 0;
    o.n = 0;
    store(&o);
    for (size_t i = 0; i < o.n; i++)
        for (size_t k = 0; k < sizeof lies; k++) {
            uint8_t was = o.b[i];
            o.b[i] = lies[k];
            read_of(o.b, o.n, &c);
            unhurt += !c.problem;
            o.b[i] = was;
        }
    assert_true(unhurt > 0 && (size_t)unhurt < o.n * sizeof lies);
}

/* A claim whose CBOR is `n` times `byte`, or a head that claims 2^62 entries. */
static void bomb(Out *o, const void *cbor, size_t n, int times)
{
    o->n = 0;
    size_t at = super(o, "c2pa", "c2pa"), m = super(o, "c2ma", "m"), k = super(o, "c2cl", "c2pa.claim"), c = box(o, "cbor");
    for (int i = 0; i < times; i++)
        raw(o, cbor, n);
    box_end(o, c);
    box_end(o, k);
    box_end(o, m);
    box_end(o, at);
}

static void bombs(void **state)
{
    (void)state;
    static Out o;
    static AvaC2pa c;
    static const struct { const char *bytes; size_t n; int times; } bad[] = {
        { "\x81", 1, 60000 }, { "\x9f", 1, 60000 }, { "\xbf", 1, 60000 }, { "\xa1", 1, 60000 }, { "\x5f", 1, 60000 }, { "\xc0", 1, 60000 }, { "\xff", 1, 9 },
        { "\x9b\x40\0\0\0\0\0\0\0", 9, 1 }, { "\xbb\xff\xff\xff\xff\xff\xff\xff\xff", 9, 1 }, { "\x7b\xff\xff\xff\xff\xff\xff\xff\xff", 9, 1 }, { "\xbf\x61k\xff", 4, 1 },
        { "\x1c", 1, 1 }, { "", 0, 1 },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        bomb(&o, bad[i].bytes, bad[i].n, bad[i].times);
        read_of(o.b, o.n, &c);
        assert_int_equal(c.n, 1);
        assert_true(c.incomplete);
    }
    bomb(&o, "\x81\x81\x81\x81\xa1\x61k\x7f\x61x\x61y\xff", 13, 1); /* a text in pieces is no damage */
    read_of(o.b, o.n, &c);
    assert_false(c.incomplete);
    /* boxes in boxes, as deep as they go */
    o.n = 0;
    size_t at[1500];
    for (int i = 0; i < 1500; i++)
        at[i] = super(&o, "c2pa", "c2pa");
    for (int i = 1500; i-- > 0;)
        box_end(&o, at[i]);
    read_of(o.b, o.n, &c);
    assert_int_equal(c.n, 1);
    /* more manifests than anybody makes */
    o.n = 0;
    at[0] = super(&o, "c2pa", "c2pa");
    for (int i = 0; i < 1000; i++)
        box_end(&o, super(&o, "c2ma", "m"));
    box_end(&o, at[0]);
    read_of(o.b, o.n, &c);
    assert_int_equal(c.left_out, 256 - AVA_C2PA_MANIFESTS);
    assert_true(c.incomplete);
}

/* ---- where it lies in a file ---- */

typedef struct Disk {
    const uint8_t *b;
    size_t n, at, most; /* at most so many bytes come at once */
    int64_t read;       /* bytes in all */
} Disk;

static int64_t disk_read(void *cookie, uint8_t *buf, size_t n)
{
    Disk *d = cookie;
    size_t left = d->at < d->n ? d->n - d->at : 0;
    n = n < left ? n : left;
    n = n < d->most ? n : d->most;
    memcpy(buf, d->b + d->at, n);
    d->at += n;
    d->read += (int64_t)n;
    return (int64_t)n;
}

static int64_t disk_seek(void *cookie, int64_t off, int whence)
{
    Disk *d = cookie;
    int64_t to = whence == SEEK_END ? (int64_t)d->n + off : whence == SEEK_CUR ? (int64_t)d->at + off : off;
    if (to < 0)
        return -1;
    d->at = (size_t)to;
    return to;
}

static Disk find(const uint8_t *b, size_t n, int seekable, AvaC2pa *c)
{
    Disk d = { .b = b, .n = n, .most = 7 };
    AvalignReader r = { .cookie = &d, .read = disk_read, .seek = seekable ? disk_seek : NULL };
    AvaSource *s = NULL;
    assert_int_equal(ava_source_open_reader(&s, &r, NULL), 0);
    assert_int_equal(ava_c2pa_find(s, c), 0);
    ava_source_close(&s);
    return d;
}

static const uint8_t uuid[16] = { 0xd8, 0xfe, 0xc3, 0xd6, 0x1b, 0x0e, 0x48, 0x3c, 0x92, 0x97, 0x58, 0x28, 0x87, 0x7e, 0xc4, 0x81 };

static void uuid_box(Out *o, const char *purpose, int with_store)
{
    size_t at = box(o, "uuid");
    raw(o, uuid, 16);
    raw(o, "\0\0\0\0", 4);
    raw(o, purpose, strlen(purpose) + 1);
    raw(o, "\0\0\0\0\0\0\0\0", 8);
    if (with_store)
        store(o);
    box_end(o, at);
}

static void in_boxes(void **state)
{
    (void)state;
    static const uint8_t zeros[20000];
    static Out o;
    static AvaC2pa c;
    o.n = 0;
    size_t at = box(&o, "ftyp");
    raw(&o, "isom\0\0\0\0", 8);
    box_end(&o, at);
    raw(&o, "\0\0\0\1mdat\0\0\0\0\0\0\x4e\x30", 16); /* 64 bits of size */
    raw(&o, zeros, 20000);
    size_t other = box(&o, "uuid");
    raw(&o, zeros, 16);
    box_end(&o, other);
    uuid_box(&o, "merkle", 0);
    size_t before = o.n;
    Disk d = find(o.b, o.n, 1, &c);
    assert_true(c.looked && !c.present && !c.n && d.read < 400); /* what lies in mdat is not read */
    uuid_box(&o, "manifest", 1);
    size_t after = o.n;
    raw(&o, "\0\0\0\0mdat", 8); /* to the end */
    uuid_box(&o, "manifest", 1);
    find(o.b, o.n, 1, &c);
    assert_int_equal(c.present, 1);
    assert_int_equal(c.n, 2);
    assert_null(c.problem);
    for (size_t n = before; n < after; n++) { /* cut in the store */
        find(o.b, n, 1, &c);
        assert_true(c.looked && (!c.present || c.incomplete));
        assert_int_equal(c.present, n >= before + 8 + 16 + 4 + 9);
    }
    find(o.b, o.n, 0, &c); /* no way to jump */
    assert_true(!c.looked && !c.present);
    be32(o.b + before, 5); /* smaller than its own head */
    find(o.b, o.n, 1, &c);
    assert_int_equal(c.present, 0);
    o.b[4] = 'x'; /* no file of boxes */
    find(o.b, o.n, 1, &c);
    assert_int_equal(c.looked, 0);
}

static void an_update_comes_after_the_original(void **state)
{
    (void)state;
    static Out o;
    static AvaC2pa c;
    o.n = 0;
    uuid_box(&o, "original", 1);
    uuid_box(&o, "update", 1);
    uuid_box(&o, "mystery", 1);
    find(o.b, o.n, 1, &c);
    assert_int_equal(c.present, 2);
    assert_int_equal(c.n, 4);
    for (int i = 0; i < 5; i++)
        uuid_box(&o, "manifest", 1);
    find(o.b, o.n, 1, &c);
    assert_true(c.incomplete && c.n == 8);
}

static void chunk(Out *o, const char *id, const void *p, size_t n, uint32_t says)
{
    uint8_t b[4] = { (uint8_t)says, (uint8_t)(says >> 8), (uint8_t)(says >> 16), (uint8_t)(says >> 24) };
    raw(o, id, 4);
    raw(o, b, 4);
    raw(o, p, n);
    if (n & 1)
        raw(o, "", 1);
}

static void in_chunks(void **state)
{
    (void)state;
    static Out o, st;
    static AvaC2pa c;
    st.n = 0;
    store(&st);
    for (int kind = 0; kind < 3; kind++) { /* WAV, RF64, AVI of two parts */
        o.n = 0;
        raw(&o, kind == 1 ? "RF64\xff\xff\xff\xffWAVE" : kind ? "RIFF\0\0\0\0AVI " : "RIFF\0\0\0\0WAVE", 12);
        if (kind == 1)
            chunk(&o, "ds64", "\0\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 28, 28);
        chunk(&o, kind == 2 ? "LIST" : "data", "12345", 5, kind == 1 ? UINT32_MAX : 5);
        if (kind == 2)
            raw(&o, "RIFF\0\0\0\0AVIX", 12);
        find(o.b, o.n, 1, &c);
        assert_true(c.looked && !c.present);
        chunk(&o, "C2PA", st.b, st.n, (uint32_t)st.n);
        find(o.b, o.n, 1, &c);
        assert_int_equal(c.present, 1);
        assert_int_equal(c.n, 2);
        assert_null(c.problem);
    }
    o.n = 12;
    chunk(&o, "C2PA", st.b, st.n, UINT32_MAX); /* longer than the file */
    find(o.b, o.n, 1, &c);
    assert_int_equal(c.n, 2);
    for (size_t n = 0; n < 24; n++)
        find(o.b, n, 1, &c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims_are_read), cmocka_unit_test(each_declaration), cmocka_unit_test(a_step_is_not_the_source), cmocka_unit_test(the_last_manifests_stay),
        cmocka_unit_test(cut_anywhere), cmocka_unit_test(bytes_that_lie), cmocka_unit_test(bombs),
        cmocka_unit_test(in_boxes), cmocka_unit_test(an_update_comes_after_the_original), cmocka_unit_test(in_chunks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
