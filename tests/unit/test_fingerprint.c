/* Repeats among prints, exactly: where they begin, end, and what breaks them. */
#include "test.h"

#include <stdlib.h>

#include "dsp/fingerprint.h"

enum { N = 1000, LEAST = 50, FIRST = 100, SECOND = 600, LONG = 200, ROOM = 8 };
static uint32_t print[N];
static uint8_t use[N];

/* Prints that are all different, but for LONG of them that come twice. */
static int make(void **state)
{
    (void)state;
    uint64_t s = 99;
    for (int i = 0; i < N; i++) {
        s = s * 6364136223846793005u + 1442695040888963407u;
        print[i] = (uint32_t)(s >> 32);
        use[i] = 1;
    }
    for (int i = 0; i < LONG; i++)
        print[SECOND + i] = print[FIRST + i];
    return 0;
}

/* Ends are known to the few prints whose errors a quarter of a second bears. */
static void near(const AvaRepeat *r, size_t first, size_t n)
{
    enum { SLACK = 4 };
    assert_int_equal(r->second - r->first, SECOND - FIRST);
    assert_in_range(r->first, first - SLACK, first);
    assert_in_range(r->first + r->n, first + n, first + n + SLACK);
}

static void whole(void **state)
{
    (void)state;
    AvaRepeat r[ROOM];
    assert_int_equal(ava_find_repeats(print, use, N, LEAST, r, ROOM), 1);
    near(&r[0], FIRST, LONG);
    assert_true(r[0].errors < .01);
}

static void at_the_ends(void **state)
{
    (void)state;
    for (int i = 0; i < LONG; i++)
        print[N - LONG + i] = print[i] = print[FIRST + i]; /* from the first print on, and up to the last */
    for (int i = LONG; i < N - LONG; i++)
        print[i] ^= 0x5a5a5a5au * (uint32_t)(i % 7 + 1) + (uint32_t)i;
    AvaRepeat r[ROOM];
    assert_int_equal(ava_find_repeats(print, use, N, LEAST, r, ROOM), 1);
    assert_int_equal(r[0].first, 0);
    assert_int_equal(r[0].second + r[0].n, N);
}

/* Silence ends a repeat, in whichever of the two places it lies. */
static void silence(void **state)
{
    (void)state;
    size_t silent[] = { FIRST + 80, SECOND + 80 };
    for (int k = 0; k < 2; k++) {
        AvaRepeat r[ROOM];
        use[silent[k]] = 0;
        assert_int_equal(ava_find_repeats(print, use, N, LEAST, r, ROOM), 2);
        near(&r[0], FIRST, 80);
        assert_int_equal(r[0].first + r[0].n, FIRST + 80);
        near(&r[1], FIRST + 81, LONG - 81);
        assert_int_equal(r[1].first, FIRST + 81);
        use[silent[k]] = 1;
    }
}

static void too_short_or_too_near(void **state)
{
    (void)state;
    AvaRepeat r[ROOM];
    assert_int_equal(ava_find_repeats(print, use, N, LONG - 5, r, ROOM), 1);
    assert_int_equal(ava_find_repeats(print, use, N, LONG + 10, r, ROOM), 0);
    for (int i = 0; i < N; i++)
        print[i] = 7; /* a tone repeats itself all the time: what is nearer than the shortest repeat is none */
    int n = ava_find_repeats(print, use, LEAST, LEAST, r, ROOM);
    assert_int_equal(n, 0);
}

static void a_few_wrong_bits(void **state)
{
    (void)state;
    AvaRepeat r[ROOM];
    for (int i = 0; i < LONG; i += 4)
        print[SECOND + i] ^= 1; /* one bit in 128 */
    assert_int_equal(ava_find_repeats(print, use, N, LEAST, r, ROOM), 1);
    near(&r[0], FIRST, LONG);
    assert_float_equal(r[0].errors, 1. / 128, .005);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test_setup(whole, make), cmocka_unit_test_setup(at_the_ends, make), cmocka_unit_test_setup(silence, make),
                                        cmocka_unit_test_setup(too_short_or_too_near, make), cmocka_unit_test_setup(a_few_wrong_bits, make) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
