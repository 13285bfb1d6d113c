/* test_c2pa_file.c -- where a manifest store lies in a file: MP4's boxes, RIFF's chunks, cut or lying about their sizes. */
#include "c2pa_store.h"

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
    const struct CMUnitTest tests[] = { cmocka_unit_test(in_boxes), cmocka_unit_test(an_update_comes_after_the_original), cmocka_unit_test(in_chunks) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
