/* Statistics of `avalign eval` against scikit-learn, and its tables' reader. */
#include "test.h"

#include <math.h>
#include <stdio.h>

#include "eval/csv.h"
#include "eval/eval_stats.h"

static void against_scikit_learn(void **state)
{
    (void)state; /* roc_auc_score, average_precision_score */
    static const Scored s[] = { { .1, 0, 0 }, { .4, 0, 1 }, { .35, 1, 2 }, { .8, 1, 3 }, { .4, 1, 4 }, { .2, 0, 5 }, { .9, 0, 6 }, { .7, 1, 7 } };
    assert_float_equal(stat_auc(s, 8), 0.65625, 1e-12);
    assert_float_equal(stat_ap(s, 8), 0.6083333333333333, 1e-12);
    assert_float_equal(stat_eer(s, 8), 0.375, 1e-12);
    static const Scored apart[] = { { -2, 0, 0 }, { -1, 0, 1 }, { 1, 1, 2 }, { 2, 1, 3 } };
    assert_float_equal(stat_auc(apart, 4), 1, 1e-12);
    assert_float_equal(stat_eer(apart, 4), 0, 1e-12);
    assert_true(isnan(stat_auc(apart, 2)) && isnan(stat_eer(apart, 2)) && isnan(stat_ap(apart, 2)));
    static const Scored nothing[] = { { 0, 0, 0 }, { 0, 1, 1 } };
    assert_float_equal(stat_cllr(nothing, 2), 1, 1e-12); /* ratios of one tell nothing: one bit */
    static const Scored sure[] = { { -20, 0, 0 }, { 20, 1, 1 } };
    assert_true(stat_cllr(sure, 2) < 1e-6);
    static const Scored wrong[] = { { 2, 0, 0 }, { -2, 1, 1 } };
    assert_float_equal(stat_cllr(wrong, 2), log1p(exp(2)) / log(2), 1e-12);
}

static void intervals_by_person(void **state)
{
    (void)state;
    Scored s[200];
    for (int i = 0; i < 200; i++)
        s[i] = (Scored){ (i % 2) + (i * 37 % 100) / 50., i % 2, i };
    double by_clip[2], by_person[2], auc = stat_auc(s, 200);
    stat_interval(stat_auc, s, 200, 200, by_clip);
    assert_true(by_clip[0] < auc && auc < by_clip[1] && by_clip[1] - by_clip[0] < .2);
    for (int i = 0; i < 200; i++)
        s[i].group = i / 20; /* ten people: far less is known */
    stat_interval(stat_auc, s, 200, 10, by_person);
    assert_true(by_person[0] <= auc && auc <= by_person[1]);
    double again[2];
    stat_interval(stat_auc, s, 200, 10, again);
    assert_float_equal(again[0], by_person[0], 0);
}

static char *copy(const char *s) { return strcpy(malloc(strlen(s) + 1), s); }

static void reads_tables(void **state)
{
    (void)state;
    Csv c;
    char why[128];
    assert_int_equal(csv_parse(copy("\xef\xbb\xbfpath,label\r\n\"a, \"\"b\"\".mp4\",real\r\n\r\nc.mp4,fake"), &c, why), 0);
    assert_int_equal(c.rows, 2);
    assert_string_equal(csv_at(&c, 0, csv_column(&c, "path")), "a, \"b\".mp4");
    assert_string_equal(csv_at(&c, 1, csv_column(&c, "label")), "fake");
    assert_int_equal(csv_column(&c, "person"), -1);
    assert_string_equal(csv_at(&c, 1, -1), "");
    csv_free(&c);
    assert_int_equal(csv_parse(copy("path\tlabel\na,b\treal\n"), &c, why), 0);
    assert_string_equal(csv_at(&c, 0, 0), "a,b");
    csv_free(&c);
    assert_int_equal(csv_parse(copy("path,label\na\n"), &c, why), -1);
    assert_non_null(strstr(why, "line 2 has 1 fields"));
    csv_free(&c);
    assert_int_equal(csv_parse(copy(""), &c, why), -1);
    csv_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(against_scikit_learn), cmocka_unit_test(intervals_by_person), cmocka_unit_test(reads_tables) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
