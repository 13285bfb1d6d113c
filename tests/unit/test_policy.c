/* The mission's sum, number by number; a policy of one's own; faulty ones; the fused ratio. */
#include "test.h"

#include <math.h>

#include "analyze/analyzer.h"
#include "findings.h"

extern const AvaAnalyzer ava_verdict;

typedef struct Case {
    double offset, match, coherence, authenticity, trace;
} Case;

static AvaFindings findings(const Case *c)
{
    AvaFindings f = test_findings();
    const double v[] = { c->offset, NAN, NAN, c->match, c->coherence, c->authenticity };
    for (int i = 0; i < 6; i++)
        if (!isnan(v[i])) {
            f.reason[i] = NULL;
            f.field[i] = v[i];
        }
    if (!isnan(c->trace))
        json_object_set_new(f.signals, "artifacts", json_pack("{s:f,s:[{s:s,s:f,s:f,s:f,s:s}]}", "worst", c->trace, "segments", "kind", "splice", "start_s", 2.,
                                                              "end_s", 2.02, "score", c->trace, "evidence", "x"));
    return f;
}

static double judged(const Case *c, const AvaPolicy *p, AvaFindings *f)
{
    AvalignErrorInfo e = { 0 };
    AvaEvidence ev = { .speech_s = 5 };
    *f = findings(c);
    f->policy = p;
    assert_int_equal(ava_verdict.run(&ev, f, &e), 0);
    return f->reason[AVALIGN_ANOMALY_SCORE] ? NAN : f->field[AVALIGN_ANOMALY_SCORE];
}

static double number(const json_t *o, const char *a) { return json_number_value(json_object_get(o, a)); }

static void the_mission(void **state)
{
    (void)state;
    static const struct {
        Case c;
        double sum, weight;
        const char *kind;
    } rows[] = {
        { { 0, 1, 1, 1, 0 }, 0, 0, NULL },
        { { 100, .5, .6, .5, .49 }, 0, 0, NULL }, /* the limits themselves */
        { { 100.1, 1, 1, 1, 0 }, .3, 1.5, "lip-sync-error" },
        { { -101, 1, 1, 1, 0 }, .3, 1.5, "lip-sync-error" },
        { { 0, .49, 1, 1, 0 }, .25, 1.4, "voice-face-mismatch" },
        { { 0, 1, 1, .49, 0 }, .25, 1.3, "synthetic-voice" },
        { { 0, 1, .59, 1, 0 }, .2, 1.2, "incongruent-emotion" },
        { { 0, 1, 1, 1, .5 }, .15, 1.1, "audio-splice" },
        { { NAN, .1, NAN, NAN, NAN }, .25, 1.4, "voice-face-mismatch" }, /* what is absent adds nothing */
        { { 200, .1, .1, .1, .9 }, 1, 1.5, "lip-sync-error" },           /* 1.15, held at 1 */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        AvaFindings f;
        assert_float_equal(judged(&rows[i].c, NULL, &f), rows[i].sum, 1e-9);
        const json_t *first = json_array_get(f.anomalies, 0), *v = json_object_get(f.signals, "verdict");
        assert_string_equal(json_string_value(json_object_get(v, "policy")), "seed");
        assert_int_equal(json_is_true(json_object_get(v, "flagged")), rows[i].sum >= .5);
        assert_int_equal(first != NULL, rows[i].kind != NULL);
        if (first) {
            assert_string_equal(json_string_value(json_object_get(first, "kind")), rows[i].kind);
            assert_float_equal(number(first, "weight"), rows[i].weight, 1e-9);
        }
        if (i == 9) { /* all five, heaviest first */
            static const double order[] = { 1.5, 1.4, 1.3, 1.2, 1.1 };
            assert_int_equal(json_array_size(f.anomalies), 5);
            for (size_t k = 0; k < 5; k++)
                assert_float_equal(number(json_array_get(f.anomalies, k), "weight"), order[k], 1e-9);
        }
        test_drop(&f);
    }
    AvaFindings f;
    assert_true(isnan(judged(&(Case){ NAN, NAN, NAN, NAN, NAN }, NULL, &f)));
    assert_string_equal(f.reason[AVALIGN_ANOMALY_SCORE], "too-little-judged");
    test_drop(&f);
}

static void of_ones_own(void **state)
{
    (void)state;
    AvalignErrorInfo e = { 0 };
    AvaPolicy p;
    AvaFindings f;
    const Case c = { 80, .3, 1, 1, NAN };
    assert_int_equal(ava_policy_parse("{\"format\":1,\"name\":\"mine\",\"score\":\"sum\",\"flag_at\":0.4,\"sum\":[{\"kind\":\"off\",\"field\":\"sync_offset_ms\","
                                      "\"outside\":45,\"add\":0.4,\"weight\":2}]}", &p, &e), 0);
    assert_true(p.n_terms > 0); /* the fusion is the built-in one */
    assert_float_equal(judged(&c, &p, &f), .4, 1e-9);
    assert_true(json_is_true(json_object_get(json_object_get(f.signals, "verdict"), "flagged")));
    assert_string_equal(json_string_value(json_object_get(json_array_get(f.anomalies, 0), "detail")), "The sound is early: it leads the picture by 80 ms (over 45 ms).");
    test_drop(&f);
    assert_int_equal(ava_policy_parse("{\"format\":1,\"name\":\"f\",\"score\":\"fusion\",\"fusion\":{\"bias\":0.5,\"bound\":2,\"terms\":["
                                      "{\"signal\":\"artifacts.worst\",\"as\":\"value\",\"neutral\":0.5,\"clip\":0.25,\"weight\":4},"
                                      "{\"signal\":\"not.there\",\"as\":\"value\",\"clip\":1,\"weight\":100}]}}", &p, &e), 0);
    const Case t = { 0, 1, 1, 1, .9 };
    assert_float_equal(judged(&t, &p, &f), 1 / (1 + exp(-1.5)), 1e-9); /* .5 + 4 * min(.4, .25) */
    const json_t *v = json_object_get(f.signals, "verdict");
    assert_float_equal(number(v, "calibrated_llr"), 1.5, 1e-9);
    assert_float_equal(number(v, "sum"), .15, 1e-9);
    assert_string_equal(json_string_value(json_object_get(v, "calibrated_words")), "weak support for manipulation");
    assert_float_equal(number(json_object_get(v, "shares"), "artifacts.worst"), 1, 1e-9);
    test_drop(&f);
    p.bias = 50;
    judged(&t, &p, &f);
    assert_float_equal(number(json_object_get(f.signals, "verdict"), "calibrated_llr"), 2, 1e-9); /* bounded */
    test_drop(&f);
    const Case nothing = { 0, 1, 1, 1, NAN };
    assert_true(isnan(judged(&nothing, &p, &f))); /* no term has a number */
    test_drop(&f);
}

static void faulty(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int code;
        const char *says;
    } rows[] = {
        { "sead", AVALIGN_ERR_UNKNOWN_OPTION, "seed and calibrated" },
        { "{", AVALIGN_ERR_ARG, "not JSON" },
        { "{\"format\":2,\"name\":\"x\",\"score\":\"sum\"}", AVALIGN_ERR_ARG, "\"format\": 1" },
        { "{\"format\":1,\"name\":\"x\",\"score\":\"both\"}", AVALIGN_ERR_ARG, "\"score\"" },
        { "{\"format\":1,\"name\":\"x\",\"score\":\"sum\",\"flag_at\":0}", AVALIGN_ERR_ARG, "flag_at" },
        { "{\"format\":1,\"name\":\"x\",\"score\":\"sum\",\"sum\":[{\"kind\":\"a\",\"field\":\"mood\",\"below\":1,\"add\":1,\"weight\":1}]}", AVALIGN_ERR_ARG, "entry 0" },
        { "{\"format\":1,\"name\":\"x\",\"score\":\"sum\",\"sum\":[{\"kind\":\"a\",\"field\":\"artifacts\",\"below\":1,\"add\":1,\"weight\":1}]}", AVALIGN_ERR_ARG, "from" },
        { "{\"format\":1,\"name\":\"x\",\"score\":\"sum\",\"sum\":[{\"kind\":\"a\",\"field\":\"artifacts\",\"from\":1,\"add\":3,\"weight\":1}]}", AVALIGN_ERR_ARG, "0 to 1" },
        { "{\"format\":1,\"name\":\"x\",\"score\":\"fusion\",\"fusion\":{\"terms\":[]}}", AVALIGN_ERR_ARG, "bound" },
        { "{\"format\":1,\"name\":\"x\",\"score\":\"fusion\",\"fusion\":{\"bound\":1,\"terms\":[{\"signal\":\"a\",\"as\":\"root\",\"clip\":1,\"weight\":1}]}}", AVALIGN_ERR_ARG, "\"as\"" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        AvalignErrorInfo e = { 0 };
        assert_int_equal(avalign_policy_check(rows[i].text, &e), rows[i].code);
        assert_non_null(strstr(e.message, rows[i].says));
    }
    assert_int_equal(avalign_policy_check(NULL, NULL), 0);
    assert_int_equal(avalign_policy_check("calibrated", NULL), 0);
}

static void words(void **state)
{
    (void)state;
    assert_string_equal(ava_verbal_scale(.5), "the signals do not tell");
    assert_string_equal(ava_verbal_scale(-.5), "the signals do not tell");
    assert_string_equal(ava_verbal_scale(1), "weak support for manipulation");
    assert_string_equal(ava_verbal_scale(3), "moderate support for manipulation");
    assert_string_equal(ava_verbal_scale(-3), "moderate support for a genuine recording");
    assert_string_equal(ava_verbal_scale(5), "strong support for manipulation");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_mission), cmocka_unit_test(of_ones_own), cmocka_unit_test(faulty), cmocka_unit_test(words) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
