/* test_clock.c -- one clock for pictures and sound: jumps, holes, stray stamps. */
#include "test.h"

#include <libavcodec/avcodec.h>
#include <stdlib.h>

#include "media/clock.h"

enum { PICTURE = 40000, BLOCK = 20000, SECOND = 1000000, MOST = 4000 };
static const AVRational US = { 1, 1000000 };

typedef struct Out {
    int64_t t[2][MOST]; /* stamps as they came out */
    int n[2];
} Out;

static void get(AvaClock *c, Out *o)
{
    AVPacket *p = av_packet_alloc();
    for (int side; ava_clock_get(c, p, &side); av_packet_unref(p))
        o->t[side][o->n[side]++] = p->dts;
    av_packet_free(&p);
}

static void put(AvaClock *c, Out *o, int side, int64_t t)
{
    AVPacket *p = av_packet_alloc();
    p->dts = p->pts = t;
    p->flags = AV_PKT_FLAG_KEY;
    p->duration = side ? BLOCK : PICTURE;
    assert_int_equal(ava_clock_put(c, p, side, US), 0);
    av_packet_free(&p);
    get(c, o);
}

/* Pictures and sound of one take, stamped from `first` on, in the order of their times; the sound ends `early` us before. */
static void take(AvaClock *c, Out *o, int64_t first, int64_t length, int64_t early)
{
    int64_t v = 0, a = 0;
    while (v < length || a < length - early) {
        if (v < length && (v <= a || a >= length - early)) {
            put(c, o, AVA_CLOCK_VIDEO, first + v);
            v += PICTURE;
        } else {
            put(c, o, AVA_CLOCK_AUDIO, first + a);
            a += BLOCK;
        }
    }
}

static void check(const Out *o, int side, int i, int64_t want) { assert_int_equal(o->t[side][i], want); }

/* Two takes of 4 s, the second stamped from `second` on: joined, or (hole) left as stamped. */
static void two(int discontinuous, int64_t second, int64_t early, int64_t starts, int jumps)
{
    AvaMediaStats st = { 0 };
    AvaClock *c = ava_clock_new(discontinuous, 0, &st);
    Out *o = calloc(1, sizeof *o);
    take(c, o, 0, 4 * SECOND, early);
    take(c, o, second, 4 * SECOND, 0);
    ava_clock_end(c);
    get(c, o);
    int v = 4 * SECOND / PICTURE, a = (int)((4 * SECOND - early) / BLOCK);
    assert_int_equal(o->n[0], 2 * v);
    assert_int_equal(o->n[1], a + 4 * SECOND / BLOCK);
    check(o, 0, v - 1, 4 * SECOND - PICTURE);
    for (int i = 0; i < 4; i++) { /* both by the same shift */
        check(o, 0, v + i, starts + i * PICTURE);
        check(o, 1, a + i, starts + i * BLOCK);
    }
    assert_int_equal(st.clock_jumps, jumps);
    if (jumps)
        assert_int_equal(st.jump[0].by_us, second - starts);
    ava_clock_free(&c);
    free(o);
}

static void jumps(void **state)
{
    (void)state;
    for (int early = 0; early <= 400000; early += 200000) {
        two(1, 100 * SECOND, early, 4 * SECOND, 1); /* ahead, where a clock may begin anew: joined, the sound's hole kept */
        two(1, 95443ll * SECOND, early, 4 * SECOND, 1);
        two(1, 0, early, 4 * SECOND, 1); /* back, in any container */
        two(0, 0, early, 4 * SECOND, 1);
        two(0, 100 * SECOND, early, 100 * SECOND, 0); /* ahead, where it may not: a hole */
        two(1, 9 * SECOND, early, 9 * SECOND, 0);     /* and a short one everywhere */
    }
}

static void muted(void **state) /* the sound is away for a minute and comes back where the picture is */
{
    (void)state;
    for (int discontinuous = 0; discontinuous < 2; discontinuous++) {
        AvaMediaStats st = { 0 };
        AvaClock *c = ava_clock_new(discontinuous, 0, &st);
        Out *o = calloc(1, sizeof *o);
        take(c, o, 0, 2 * SECOND, 0);
        for (int64_t t = 2 * SECOND; t < 62 * SECOND; t += PICTURE)
            put(c, o, AVA_CLOCK_VIDEO, t);
        take(c, o, 62 * SECOND, 2 * SECOND, 0);
        ava_clock_end(c);
        get(c, o);
        check(o, 1, 2 * SECOND / BLOCK, 62 * SECOND);
        check(o, 0, 62 * SECOND / PICTURE, 62 * SECOND);
        assert_int_equal(st.clock_jumps, 0);
        ava_clock_free(&c);
        free(o);
    }
}

static void stray(void **state) /* single stamps far off: back on their line, the others as they were */
{
    (void)state;
    static const int64_t off[] = { -200000, -3 * SECOND, 5 * SECOND, 300ll * SECOND };
    for (int k = 0; k < 8; k++) {
        AvaMediaStats st = { 0 };
        AvaClock *c = ava_clock_new(k / 4, 0, &st);
        Out *o = calloc(1, sizeof *o);
        for (int64_t t = 0; t < 8 * SECOND; t += BLOCK) {
            if (t % PICTURE == 0)
                put(c, o, AVA_CLOCK_VIDEO, t == 4 * SECOND ? t + off[k % 4] : t);
            put(c, o, AVA_CLOCK_AUDIO, t);
        }
        ava_clock_end(c);
        get(c, o);
        for (int i = 0; i < 8 * SECOND / PICTURE; i++)
            check(o, 0, i, (int64_t)i * PICTURE);
        for (int i = 0; i < 8 * SECOND / BLOCK; i++)
            check(o, 1, i, (int64_t)i * BLOCK);
        assert_int_equal(st.times_fixed, 1);
        ava_clock_free(&c);
        free(o);
    }
}

static void alone(void **state) /* one side's clock jumps, the other goes on: its own shift */
{
    (void)state;
    AvaMediaStats st = { 0 };
    AvaClock *c = ava_clock_new(1, 0, &st);
    Out *o = calloc(1, sizeof *o);
    for (int64_t t = 0; t < 16 * SECOND; t += BLOCK) {
        if (t % PICTURE == 0)
            put(c, o, AVA_CLOCK_VIDEO, t < 4 * SECOND ? t : t + 500 * SECOND);
        put(c, o, AVA_CLOCK_AUDIO, t);
    }
    ava_clock_end(c);
    get(c, o);
    check(o, 0, 8 * SECOND / PICTURE, 8 * SECOND);
    check(o, 1, 8 * SECOND / BLOCK, 8 * SECOND);
    assert_int_equal(st.clock_jumps, 1);
    ava_clock_free(&c);
    free(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(jumps), cmocka_unit_test(muted), cmocka_unit_test(stray), cmocka_unit_test(alone) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
