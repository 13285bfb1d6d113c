/* The words that are heard: when each is said, and when the net has lost its way. */
#include "test.h"

#include "nets/words.h"

/* Two heads that look at one place of ten frames for each of four tokens, at 2, 5, 6 and 9 tenths. */
static void each_token_begins_where_the_heads_look(void **state)
{
    enum { ROWS = 4, HEADS = 2, FRAMES = 40 };
    static const size_t from[ROWS + 1] = { 0, 8, 20, 24, FRAMES };
    float attention[ROWS * HEADS * FRAMES];
    size_t begin[ROWS];
    (void)state;
    for (size_t r = 0; r < ROWS; r++)
        for (size_t h = 0; h < HEADS; h++)
            for (size_t f = 0; f < FRAMES; f++)
                attention[(r * HEADS + h) * FRAMES + f] = f >= from[r] && f < from[r + 1] ? .2f : .001f;
    assert_int_equal(ava_words_times(attention, ROWS, HEADS, FRAMES, begin), 0);
    for (size_t r = 0; r < ROWS; r++)
        assert_in_range(begin[r] + 1, from[r], from[r] + 2); /* the smoothing may move an edge by a frame */
    assert_int_equal(ava_words_times(attention, 0, HEADS, FRAMES, begin), 0);
}

static void a_row_that_goes_round_is_told(void **state)
{
    int round[60], plain[60];
    (void)state;
    for (int i = 0; i < 60; i++) {
        round[i] = i % 4;
        plain[i] = i * 7;
    }
    assert_true(ava_words_repeat(round, 60));
    assert_false(ava_words_repeat(plain, 60));
    assert_false(ava_words_repeat(round, 12)); /* said three times: people do */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_token_begins_where_the_heads_look),
        cmocka_unit_test(a_row_that_goes_round_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
