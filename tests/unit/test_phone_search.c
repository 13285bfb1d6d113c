/* The row of phones that the search finds, against all rows that there are. */
#include "test.h"

#include <math.h>

#include "nets/phone_head.h"

enum { FRAMES = 8, HEARD = 3 /* phones that are likely at all */, DRAWS = 200 };

static double drawn(unsigned *seed) { return (double)((*seed = *seed * 1664525u + 1013904223u) >> 8) / 16777216.0; }

/* Log probability of phones k[0..n-1], less the cost of each change; -INFINITY where one is shorter than two frames. */
static double row_score(const float *log_p, const int *k, int n, double change)
{
    double sum = 0;
    for (int i = 0, run = 0; i < n; i++) {
        sum += (double)log_p[i * AVA_N_PHONES + k[i]];
        run = i && k[i] == k[i - 1] ? run + 1 : 1;
        int ends = i == n - 1 || k[i + 1] != k[i];
        if (ends && run < 2)
            return -INFINITY;
        sum -= ends && i < n - 1 ? change : 0;
    }
    return sum;
}

static double best_of_all(const float *log_p, int n, double change)
{
    double best = -INFINITY;
    int all = 1;
    for (int i = 0; i < n; i++)
        all *= HEARD;
    for (int code = 0; code < all; code++) {
        int k[FRAMES];
        for (int i = 0, rest = code; i < n; i++, rest /= HEARD)
            k[i] = rest % HEARD;
        best = fmax(best, row_score(log_p, k, n, change));
    }
    return best;
}

static void no_row_is_better(void **state)
{
    (void)state;
    static const double changes[] = { 0, .7, 2 };
    unsigned seed = 7;
    size_t changed = 0;
    for (int d = 0; d < DRAWS; d++) {
        float log_p[FRAMES * AVA_N_PHONES];
        double change = changes[d % 3];
        int n = 2 + d % (FRAMES - 1), k[FRAMES];
        size_t end[FRAMES];
        uint8_t id[FRAMES];
        for (int i = 0; i < FRAMES * AVA_N_PHONES; i++)
            log_p[i] = i % AVA_N_PHONES < HEARD ? (float)(-4 * drawn(&seed)) : -90;
        size_t rows = ava_phone_search(log_p, (size_t)n, (float)change, end, id);
        assert_true(rows > 0);
        assert_int_equal(end[rows - 1], n);
        for (size_t r = 0, i = 0; r < rows; r++)
            for (; i < end[r]; i++)
                k[i] = id[r];
        /* two rows of one phone beside each other would be charged for a change that is none */
        assert_true(fabs(row_score(log_p, k, n, change) - best_of_all(log_p, n, change)) < 1e-4);
        changed += rows > 1;
    }
    assert_true(changed > DRAWS / 4);
}

static void too_short_for_a_phone(void **state)
{
    (void)state;
    float log_p[AVA_N_PHONES] = { 0 };
    assert_int_equal(ava_phone_search(log_p, 1, 1, NULL, NULL), 0);
    assert_int_equal(ava_phone_search(log_p, 0, 1, NULL, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(no_row_is_better), cmocka_unit_test(too_short_for_a_phone) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
