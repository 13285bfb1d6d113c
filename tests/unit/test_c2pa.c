/* test_c2pa.c -- manifest stores built here byte by byte: what is read of them, and that damaged ones reach nothing else. */
#include "c2pa_store.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims_are_read), cmocka_unit_test(each_declaration), cmocka_unit_test(a_step_is_not_the_source),
        cmocka_unit_test(the_last_manifests_stay), cmocka_unit_test(cut_anywhere), cmocka_unit_test(bytes_that_lie), cmocka_unit_test(bombs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
