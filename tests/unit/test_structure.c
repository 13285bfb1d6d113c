/* test_structure.c -- parts of containers: what is listed, and that damaged, lying and endless ones stay within bounds. */
#include "test.h"

#include <stdio.h>

#include "media/structure.h"

typedef struct Out {
    uint8_t b[1 << 19];
    size_t n, at;
} Out;

static void raw(Out *o, const void *p, size_t n)
{
    assert_true(o->n + n <= sizeof o->b);
    memcpy(o->b + o->n, p, n);
    o->n += n;
}

static void be32(Out *o, uint32_t v) { raw(o, (uint8_t[4]){ (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v }, 4); }

static size_t box(Out *o, const char *type)
{
    size_t at = o->n;
    be32(o, 0);
    raw(o, type, 4);
    return at;
}

static void end(Out *o, size_t at)
{
    size_t n = o->n;
    o->n = at;
    be32(o, (uint32_t)(n - at));
    o->n = n;
}

static int64_t rd(void *cookie, uint8_t *buf, size_t n)
{
    Out *o = cookie;
    n = n < o->n - o->at ? n : o->n - o->at;
    memcpy(buf, o->b + o->at, n);
    o->at += n;
    return (int64_t)n;
}

static int64_t sk(void *cookie, int64_t off, int whence)
{
    Out *o = cookie;
    int64_t to = off + (whence == SEEK_CUR ? (int64_t)o->at : whence == SEEK_END ? (int64_t)o->n : 0);
    if (to < 0 || to > (int64_t)o->n)
        return -1;
    o->at = (size_t)to;
    return to;
}

/* Reads it and holds what must hold of any bytes. */
static void look(Out *o, AvaStructure *x)
{
    AvaSource *s = NULL;
    o->at = 0;
    assert_int_equal(ava_source_open_reader(&s, &(AvalignReader){ .cookie = o, .read = rd, .seek = sk }, NULL), 0);
    ava_structure_read(s, x);
    ava_source_close(&s);
    assert_true(x->n >= 0 && x->n <= AVA_PARTS && x->left_out >= 0 && x->bytes == (int64_t)o->n);
    for (int i = 0; i < x->n; i++) {
        const AvaPart *p = &x->part[i];
        assert_true(p->depth >= 0 && p->depth <= (i ? x->part[i - 1].depth + 1 : 0) && p->count >= 1);
        assert_true(p->at >= 0 && p->size >= 0 && p->at + p->size <= x->bytes);
        assert_true(memchr(p->type, 0, sizeof p->type) && memchr(p->says, 0, sizeof p->says));
    }
}

static const AvaPart *part(const AvaStructure *x, const char *type)
{
    for (int i = 0; i < x->n; i++)
        if (!strcmp(x->part[i].type, type))
            return &x->part[i];
    return NULL;
}

static void movie(Out *o)
{
    o->n = 0;
    size_t a = box(o, "ftyp"), b, c, d;
    raw(o, "qt  \0\0\2\0qt  ", 12);
    end(o, a);
    a = box(o, "moov");
    b = box(o, "mvhd");
    be32(o, 0);
    be32(o, 2082844800u + 86400);
    be32(o, 0);
    be32(o, 600);
    be32(o, 1200);
    raw(o, (uint8_t[80]){ 0 }, 80);
    end(o, b);
    b = box(o, "trak");
    c = box(o, "edts");
    d = box(o, "elst");
    be32(o, 0);
    be32(o, 2);
    be32(o, 100);
    be32(o, UINT32_MAX);
    be32(o, 0x10000);
    be32(o, 1100);
    be32(o, 1024);
    be32(o, 0x10000);
    end(o, d);
    end(o, c);
    end(o, b);
    b = box(o, "udta");
    c = box(o, "\xa9too");
    raw(o, "\0\6\0\0a\33[1mb", 10);
    end(o, c);
    c = box(o, "\xa9xyz");
    raw(o, "\0\4\0\0+1+2", 8);
    end(o, c);
    be32(o, 0); /* as QuickTime ends it */
    end(o, b);
    end(o, a);
    for (int i = 0; i < 9; i++) {
        a = box(o, "mdat");
        raw(o, "..x264 - core 164 r1\0..", 23);
        end(o, a);
    }
}

static void boxes_are_listed(void **state)
{
    (void)state;
    static Out o;
    static AvaStructure x;
    movie(&o);
    look(&o, &x);
    assert_string_equal(x.format, "boxes");
    assert_null(x.problem);
    assert_string_equal(part(&x, "ftyp")->says, "qt  , works as qt  ");
    assert_string_equal(part(&x, "mvhd")->says, "created 1970-01-02 00:00:00 UTC; 600 units a second, 1200 units long");
    assert_string_equal(part(&x, "elst")->says, "2 edits: nothing for 100, 1100 from unit 1024 of the track");
    assert_int_equal(part(&x, "elst")->depth, 3);
    assert_null(strchr(part(&x, "\xc2\xa9too")->says, 033));
    assert_null(strstr(part(&x, "\xc2\xa9xyz")->says, "1"));
    assert_string_equal(part(&x, "mdat")->says, "holds the name x264 - core 164 r1");
    const AvaPart *last = &x.part[x.n - 1];
    assert_int_equal(last->count, 6); /* nine of a kind: three by themselves, the others together */
    assert_int_equal(last->size, 6 * 31);
}

static void damaged_anywhere(void **state)
{
    (void)state;
    static Out o;
    static AvaStructure x;
    movie(&o);
    for (size_t whole = o.n; o.n; o.n--) {
        look(&o, &x);
        assert_true(o.n == whole || o.n < 12 || x.n < 25);
    }
    movie(&o);
    for (size_t i = 0; i < o.n; i++)
        for (int v = 0; v < 4; v++) {
            uint8_t was = o.b[i];
            o.b[i] = (uint8_t[]){ 0, 1, 0x7f, 0xff }[v];
            look(&o, &x);
            o.b[i] = was;
        }
    movie(&o);
    o.n -= 5;
    look(&o, &x);
    assert_non_null(strstr(x.problem, "cut off"));
}

static void without_end(void **state)
{
    (void)state;
    static Out o;
    static AvaStructure x;
    o.n = 0;
    for (int i = 0; i < 30000; i++) { /* boxes in boxes */
        be32(&o, (uint32_t)((30000 - i) * 8));
        raw(&o, "moov", 4);
    }
    look(&o, &x);
    assert_int_equal(x.n, 9);
    o.n = 0;
    size_t a = box(&o, "ftyp");
    end(&o, a);
    for (int i = 0; i < 30000; i++) { /* one beside the other */
        be32(&o, 8);
        be32(&o, 0x61616161u + (uint32_t)i % 26 + ((uint32_t)i / 26 % 26 << 8));
    }
    look(&o, &x);
    assert_int_equal(x.n, AVA_PARTS);
    assert_true(x.left_out > 0);
    assert_non_null(strstr(x.problem, "more parts"));
}

/* RF64: the data chunk's length stands in ds64, and what follows it is seen. */
static void long_wave(void **state)
{
    (void)state;
    static Out o;
    static AvaStructure x;
    o.n = 0;
    raw(&o, "RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0\x52\0\0\0\0\0\0\0\x08\0\0\0\0\0\0\0\x04\0\0\0\0\0\0\0\0\0\0\0", 48);
    raw(&o, "data\xff\xff\xff\xff" "12345678LIST\x10\0\0\0INFOISFT\3\0\0\0Abc\0", 40);
    look(&o, &x);
    assert_null(x.problem);
    assert_int_equal(part(&x, "data")->size, 16);
    assert_string_equal(part(&x, "ISFT")->says, "Abc");
    o.b[28] = 0xff; /* more than there is */
    look(&o, &x);
    assert_non_null(x.problem);
    memset(o.b + 28, 0, 8); /* nothing is told: up to the end */
    look(&o, &x);
    assert_int_equal(part(&x, "data")->size, 40);
    for (size_t i = 0; i < o.n; i++)
        for (int v = 0; v < 4; v++) {
            uint8_t was = o.b[i];
            o.b[i] = (uint8_t[]){ 0, 1, 0x7f, 0xff }[v];
            look(&o, &x);
            o.b[i] = was;
        }
}

static void other_formats(void **state)
{
    (void)state;
    static Out o;
    static AvaStructure x;
    o.n = 0;
    raw(&o, "RIFF\x44\0\0\0WAVELIST\x10\0\0\0INFOISFT\3\0\0\0Abc\0data\x08\0\0\0Lavc9\0\0\0fmt \x10\0\0\0\1\0\2\0\x80\xbb\0\0\0\0\0\0\4\0\x10\0", 76);
    look(&o, &x);
    assert_string_equal(x.format, "chunks");
    assert_null(x.problem);
    assert_string_equal(part(&x, "ISFT")->says, "Abc");
    assert_string_equal(part(&x, "fmt ")->says, "format 1, 2 channel(s), 48000 Hz, 16 bit");
    assert_string_equal(part(&x, "data")->says, "holds the name Lavc9");
    for (; o.n; o.n--)
        look(&o, &x);
    raw(&o, "\x1a\x45\xdf\xa3\x88\x42\x82\x85webm\0\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff\x15\x49\xa9\x66\x92\x4d\x80\x84" "Mux1\x44\x61\x88\0\0\0\0\0\0\0\0\x1f\x43\xb6\x75\xff\xff", 54);
    look(&o, &x);
    assert_string_equal(x.format, "elements");
    assert_string_equal(part(&x, "DocType")->says, "webm");
    assert_string_equal(part(&x, "MuxingApp")->says, "Mux1");
    assert_string_equal(part(&x, "DateUTC")->says, "created 2001-01-01 00:00:00 UTC");
    assert_int_equal(part(&x, "Cluster")->size, 6); /* of an unknown size: up to the end */
    for (size_t i = 0; i < o.n; i++)
        for (int v = 0; v < 4; v++) {
            uint8_t was = o.b[i];
            o.b[i] = (uint8_t[]){ 0, 1, 0x7f, 0xff }[v];
            look(&o, &x);
            o.b[i] = was;
        }
    for (; o.n; o.n--)
        look(&o, &x);
    raw(&o, "OggS\0\0\0\0\0\0\0\0\0\0", 14);
    look(&o, &x);
    assert_null(x.format);
    assert_int_equal(x.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(boxes_are_listed), cmocka_unit_test(damaged_anywhere), cmocka_unit_test(without_end), cmocka_unit_test(other_formats), cmocka_unit_test(long_wave) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
