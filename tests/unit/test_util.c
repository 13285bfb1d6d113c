/* test_util.c -- errors, hashes, queues, vectors, clocks of work, log odds. */
#include "test.h"

#include <pthread.h>
#include <time.h>

#include "analyze/analyzer.h"
#include "util/err.h"
#include "util/logistic.h"
#include "util/queue.h"
#include "util/sha256.h"
#include "util/timings.h"
#include "util/vec.h"

static void errors_are_one_clean_line(void **state)
{
    (void)state;
    AvalignErrorInfo e;
    ava_err_clear(&e);
    assert_int_equal(ava_fail(&e, AVALIGN_ERR_IO, "open", 5, 2, "a\nb\x1b[31m \xff\xc3\xa9 %d", 7), AVALIGN_ERR_IO);
    assert_string_equal(e.message, "a b?[31m ?\xc3\xa9 7");
    ava_fail(&e, AVALIGN_ERR_ARG, "later", 6, 3, "second");
    assert_int_equal(e.code, AVALIGN_ERR_IO); /* the first failure wins */
    assert_string_equal(e.stage, "open");
    char cut[4];
    ava_clean_line(cut, sizeof cut, "ab\xc3\xa9"); /* never half a character */
    assert_string_equal(cut, "ab");
}

static void sha256_of_abc(void **state)
{
    (void)state;
    char hex[65];
    ava_sha256_of("abc", 3, hex); /* FIPS 180-4 example */
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void vectors_refuse_overflow(void **state)
{
    (void)state;
    AVA_VEC(int) v = { 0 };
    for (int i = 0; i < 1000; i++)
        assert_int_equal(ava_push(&v, i), 0);
    assert_int_equal(v.at[999], 999);
    assert_int_equal(ava_reserve(&v, SIZE_MAX - 10), -1);
    assert_int_equal(v.at[999], 999);
    ava_vec_free(&v);
}

static void *reader(void *arg)
{
    uintptr_t sum = 0;
    for (void *p; (p = ava_queue_get(arg)) != NULL;)
        sum += (uintptr_t)p;
    return (void *)sum;
}

static void queue_hands_all_over(void **state)
{
    (void)state;
    AvaQueue *q = ava_queue_new(2);
    pthread_t t;
    void *sum;
    pthread_create(&t, NULL, reader, q);
    for (uintptr_t i = 1; i <= 1000; i++)
        assert_int_equal(ava_queue_put(q, (void *)i), 0);
    ava_queue_end(q);
    pthread_join(t, &sum);
    assert_int_equal((uintptr_t)sum, 500500);
    ava_queue_stop(q);
    assert_int_equal(ava_queue_put(q, q), -1); /* does not block although nobody reads */
    ava_queue_free(q);
}

static void analyzer_lists(void **state)
{
    (void)state;
    char unknown[64];
    assert_true(ava_analyzer_wanted(NULL, "lipsync"));
    assert_true(ava_analyzer_wanted("speaker,lipsync", "lipsync"));
    assert_false(ava_analyzer_wanted("speaker", "lipsync"));
    assert_false(ava_analyzer_wanted("-lipsync", "lipsync"));
    assert_true(ava_analyzer_wanted("-lipsync", "speaker"));
    assert_false(ava_analyzer_wanted("lip", "lipsync"));
    assert_int_equal(ava_analyzer_list_check("lipsync,-speaker", unknown), 0);
    assert_int_equal(ava_analyzer_list_check("lipsync,nonsense", unknown), -1);
    assert_string_equal(unknown, "nonsense");
}

static int64_t thread_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

enum { WORK_NS = 3000000 };

static void work(void)
{
    for (int64_t until = thread_ns() + WORK_NS; thread_ns() < until;)
        ;
}

/* A lap in a lap, and loading in that: each moment counts once, and for the innermost. */
static void laps_count_each_moment_once(void **state)
{
    (void)state;
    AvaTimings *t = ava_timings_new();
    assert_non_null(t);
    int outside = ava_timings_row(t, "outside"), inside = ava_timings_row(t, "inside");
    assert_int_equal(ava_timings_row(t, "outside"), outside);
    ava_timings_start(t);
    int64_t began = thread_ns();
    AvaLap o = ava_lap_begin(t);
    work();
    for (int i = 0; i < 2; i++) {
        AvaLap in = ava_lap_begin(t);
        work();
        work();
        AvaLap load = ava_lap_load();
        work();
        ava_lap_loaded(load);
        ava_lap_end(t, inside, in);
    }
    ava_lap_end(t, outside, o);
    long long all = thread_ns() - began, ns[] = { atomic_load(&t->row[outside].ns), atomic_load(&t->row[inside].ns), atomic_load(&t->row[AVA_TIME_LOADING].ns) };
    assert_true(ns[0] >= WORK_NS && ns[1] >= 4 * WORK_NS && ns[2] >= 2 * WORK_NS);
    assert_true(ns[0] + ns[1] + ns[2] <= all);
    assert_true(ava_timings_total(t) >= all);
    ava_lap_end(NULL, inside, ava_lap_begin(NULL)); /* nobody wants to know */
    free(t);
}

static void log_odds_and_their_bounds(void **state)
{
    (void)state;
    assert_true(ava_logistic(0) == .5);
    assert_float_equal(ava_logistic(log(3)), .75, 1e-12);
    assert_float_equal(ava_logistic(-log(3)), .25, 1e-12);
    assert_true(ava_logistic(INFINITY) == 1 && ava_logistic(-INFINITY) == 0);
    assert_true(ava_bounded(2, 3) == 2 && ava_bounded(4, 3) == 3 && ava_bounded(-4, 3) == -3);
    assert_true(isnan(ava_bounded(NAN, 3)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_are_one_clean_line), cmocka_unit_test(sha256_of_abc),
        cmocka_unit_test(vectors_refuse_overflow),   cmocka_unit_test(queue_hands_all_over),
        cmocka_unit_test(analyzer_lists),            cmocka_unit_test(laps_count_each_moment_once),
        cmocka_unit_test(log_odds_and_their_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
