/* The seed sum, number by number; a policy of one's own; faulty ones; the fused ratio. */
#include "test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "output.h"

extern const AvaAnalyzer ava_verdict;

typedef struct Case {
    double offset, match, coherence, authenticity, trace;
} Case;

static AvaAnalysisOutput output(const Case *c)
{
    AvaAnalysisOutput f = test_output();
    const double v[] = { c->offset, NAN, NAN, c->match, c->coherence, c->authenticity };
    for (int i = 0; i < 6; i++)
        if (!isnan(v[i])) {
            f.reason[i] = NULL;
            f.field[i] = v[i];
        }
    if (!isnan(c->trace)) {
        AvaArtifact x = { "splice", 2000000, 2020000, c->trace, "x" };
        f.artifacts.absent = NULL;
        f.artifacts.worst = c->trace;
        assert_int_equal(ava_push(&f.artifacts.segment, x), 0);
    }
    return f;
}

static double judged(const Case *c, const AvaPolicy *p, AvaAnalysisOutput *f)
{
    AvaEvidence ev = { .speech_s = 5 };
    *f = output(c);
    assert_int_equal(test_run_with(&ava_verdict, (AvaAnalysisInput){ .ev = &ev, .policy = p }, f), 0);
    return f->reason[AVALIGN_ANOMALY_SCORE] ? NAN : f->field[AVALIGN_ANOMALY_SCORE];
}

static void the_published_sum(void **state)
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
        AvaAnalysisOutput f;
        assert_float_equal(judged(&rows[i].c, NULL, &f), rows[i].sum, 1e-9);
        assert_string_equal(f.verdict.policy, "seed");
        assert_int_equal(f.verdict.flagged, rows[i].sum >= .5);
        assert_int_equal(f.anomaly.n > 0, rows[i].kind != NULL);
        if (f.anomaly.n) {
            assert_string_equal(f.anomaly.at[0].kind, rows[i].kind);
            assert_float_equal(f.anomaly.at[0].weight, rows[i].weight, 1e-9);
        }
        if (i == 9) { /* all five, heaviest first */
            static const double order[] = { 1.5, 1.4, 1.3, 1.2, 1.1 };
            assert_int_equal(f.anomaly.n, 5);
            for (size_t k = 0; k < 5; k++)
                assert_float_equal(f.anomaly.at[k].weight, order[k], 1e-9);
        }
        ava_analysis_output_free(&f);
    }
    AvaAnalysisOutput f;
    assert_true(isnan(judged(&(Case){ NAN, NAN, NAN, NAN, NAN }, NULL, &f)));
    assert_string_equal(f.reason[AVALIGN_ANOMALY_SCORE], "too-little-judged");
    ava_analysis_output_free(&f);
}

/* Whatever order the rules stand in; of one weight, in theirs. */
static void the_heaviest_comes_first(void **state)
{
    (void)state;
    static const char *const rules = "{\"format\":1,\"name\":\"w\",\"score\":\"sum\",\"sum\":["
        "{\"kind\":\"a\",\"field\":\"emotion_coherence\",\"below\":0.6,\"add\":0.1,\"weight\":1},"
        "{\"kind\":\"b\",\"field\":\"voice_face_match\",\"below\":0.5,\"add\":0.1,\"weight\":3},"
        "{\"kind\":\"c\",\"field\":\"voice_authenticity\",\"below\":0.5,\"add\":0.1,\"weight\":2},"
        "{\"kind\":\"d\",\"field\":\"sync_offset_ms\",\"outside\":45,\"add\":0.1,\"weight\":3}]}";
    AvalignErrorInfo e = { 0 };
    AvaPolicy p;
    AvaAnalysisOutput f;
    char order[8] = "";
    assert_int_equal(ava_policy_parse(rules, &p, &e), 0);
    judged(&(Case){ 200, .1, .1, .1, NAN }, &p, &f);
    for (size_t k = 0; k < f.anomaly.n && k < 7; k++)
        strcat(order, f.anomaly.at[k].kind);
    assert_string_equal(order, "bdca");
    ava_analysis_output_free(&f);
}

static void of_ones_own(void **state)
{
    (void)state;
    AvalignErrorInfo e = { 0 };
    AvaPolicy p;
    AvaAnalysisOutput f;
    const Case c = { 80, .3, 1, 1, NAN };
    assert_int_equal(ava_policy_parse("{\"format\":1,\"name\":\"mine\",\"score\":\"sum\",\"flag_at\":0.4,\"sum\":[{\"kind\":\"off\",\"field\":\"sync_offset_ms\","
                                      "\"outside\":45,\"add\":0.4,\"weight\":2}]}", &p, &e), 0);
    assert_true(p.n_terms > 0); /* the fusion is the built-in one */
    assert_float_equal(judged(&c, &p, &f), .4, 1e-9);
    assert_true(f.verdict.flagged);
    assert_string_equal(f.anomaly.at[0].detail, "The sound is early: it leads the picture by 80 ms (over 45 ms).");
    ava_analysis_output_free(&f);
    assert_int_equal(ava_policy_parse("{\"format\":1,\"name\":\"f\",\"score\":\"fusion\",\"fusion\":{\"bias\":0.5,\"bound\":2,\"terms\":["
                                      "{\"signal\":\"artifacts.worst\",\"as\":\"value\",\"neutral\":0.5,\"clip\":0.25,\"weight\":4},"
                                      "{\"signal\":\"emotion.llr\",\"as\":\"value\",\"clip\":1,\"weight\":100}]}}", &p, &e), 0);
    const Case t = { 0, 1, 1, 1, .9 };
    assert_float_equal(judged(&t, &p, &f), 1 / (1 + exp(-1.5)), 1e-9); /* .5 + 4 * min(.4, .25) */
    assert_float_equal(f.verdict.calibrated_llr, 1.5, 1e-9);
    assert_float_equal(f.verdict.sum, .15, 1e-9);
    assert_string_equal(f.verdict.calibrated_words, "weak support for manipulation");
    assert_int_equal(f.verdict.share.n, 1); /* the term without a number has none */
    assert_string_equal(f.verdict.share.at[0].signal, "artifacts.worst");
    assert_float_equal(f.verdict.share.at[0].share, 1, 1e-9);
    ava_analysis_output_free(&f);
    /* what may only speak against never speaks for: the same trace, weighed the other way */
    for (int only = 0; only < 2; only++) {
        p.term[0].weight = -4;
        p.term[0].only_against = only;
        judged(&t, &p, &f);
        assert_float_equal(f.verdict.share.at[0].share, only ? 0 : -1, 1e-9);
        assert_float_equal(f.verdict.calibrated_llr, only ? .5 : -.5, 1e-9);
        ava_analysis_output_free(&f);
    }
    assert_int_equal(ava_policy_parse("{\"format\":1,\"name\":\"f\",\"score\":\"fusion\",\"fusion\":{\"bias\":0.5,\"bound\":2,\"terms\":["
                                      "{\"signal\":\"artifacts.worst\",\"as\":\"value\",\"neutral\":0.5,\"clip\":0.25,\"weight\":4,\"only_against\":true}]}}", &p, &e), 0);
    assert_true(p.term[0].only_against);
    p.bias = 50;
    judged(&t, &p, &f);
    assert_float_equal(f.verdict.calibrated_llr, 2, 1e-9); /* bounded */
    ava_analysis_output_free(&f);
    const Case nothing = { 0, 1, 1, 1, NAN };
    assert_true(isnan(judged(&nothing, &p, &f))); /* no term has a number */
    ava_analysis_output_free(&f);
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
        { "{\"format\":1,\"name\":\"x\",\"score\":\"fusion\",\"fusion\":{\"bound\":1,\"terms\":[{\"signal\":\"viseme.llr\",\"as\":\"root\",\"clip\":1,\"weight\":1}]}}", AVALIGN_ERR_ARG, "\"as\"" },
        { "{\"format\":1,\"name\":\"x\",\"score\":\"fusion\",\"fusion\":{\"bound\":1,\"terms\":[{\"signal\":\"viseme.llr\",\"as\":\"value\",\"clip\":1,\"weight\":1,\"only_against\":1}]}}", AVALIGN_ERR_ARG, "only_against" },
        { "{\"format\":1,\"name\":\"x\",\"score\":\"fusion\",\"fusion\":{\"bound\":1,\"terms\":[{\"signal\":\"visem.llr\",\"as\":\"value\",\"clip\":1,\"weight\":1}]}}", AVALIGN_ERR_ARG, "none of the result's numbers" },
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

/* docs/policies.md, line by line: what each policy of policies/ flags, and what it leaves alone. */
static void the_gallery(void **state)
{
    (void)state;
    enum { OFFSET, CONFIDENCE, LIPS, MATCH, EMOTION, VOICE, TRACE, NONE };
    static const struct {
        const char *policy;
        int first, second; /* what is out of the ordinary */
        double x, y;
        int flagged;
    } rows[] = {
        { "broadcast", OFFSET, NONE, 126, 0, 1 },  { "broadcast", OFFSET, NONE, -126, 0, 1 }, { "broadcast", OFFSET, NONE, 125, 0, 0 },   { "broadcast", VOICE, LIPS, 0, 0, 0 },
        { "broadcast", TRACE, MATCH, 1, 0, 0 },    { "newsroom", OFFSET, NONE, -201, 0, 1 },  { "newsroom", OFFSET, NONE, 200, 0, 0 },    { "newsroom", LIPS, NONE, .19, 0, 1 },
        { "newsroom", LIPS, NONE, .2, 0, 0 },      { "newsroom", MATCH, NONE, .29, 0, 1 },    { "newsroom", MATCH, VOICE, .3, .3, 0 },    { "newsroom", VOICE, NONE, .29, 0, 1 },
        { "newsroom", TRACE, NONE, .6, 0, 1 },     { "newsroom", TRACE, NONE, .59, 0, 0 },    { "newsroom", EMOTION, NONE, 0, 0, 0 },     { "identity", OFFSET, NONE, 301, 0, 1 },
        { "identity", OFFSET, NONE, -300, 0, 0 },  { "identity", LIPS, NONE, .39, 0, 1 },     { "identity", VOICE, NONE, .39, 0, 1 },     { "identity", VOICE, NONE, .4, 0, 0 },
        { "identity", TRACE, NONE, .6, 0, 1 },     { "identity", MATCH, NONE, .01, 0, 0 },    { "identity", MATCH, VOICE, .49, .49, 1 },  { "identity", EMOTION, NONE, 0, 0, 0 },
        { "dataset", OFFSET, NONE, 81, 0, 1 },     { "dataset", OFFSET, NONE, -80, 0, 0 },    { "dataset", CONFIDENCE, NONE, .79, 0, 1 }, { "dataset", CONFIDENCE, NONE, .8, 0, 0 },
        { "dataset", LIPS, NONE, .49, 0, 1 },      { "dataset", VOICE, MATCH, 0, 0, 0 },      { "dataset", TRACE, EMOTION, 1, 0, 0 },     { "broadcast", NONE, NONE, 0, 0, 0 },
        { "newsroom", NONE, NONE, 0, 0, 0 },       { "identity", NONE, NONE, 0, 0, 0 },       { "dataset", NONE, NONE, 0, 0, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char path[600], text[4096] = "";
        AvaPolicy p;
        snprintf(path, sizeof path, "%.500s/../policies/%s.json", getenv("AVALIGN_MODELS"), rows[i].policy);
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        assert_true(fread(text, 1, sizeof text - 1, file) > 0);
        fclose(file);
        assert_int_equal(ava_policy_parse(text, &p, NULL), 0);
        assert_string_equal(p.name, rows[i].policy);
        double v[] = { 0, 1, 1, 1, 1, 1, 0, 0 };
        v[rows[i].first] = rows[i].x;
        v[rows[i].second] = rows[i].second == NONE ? 0 : rows[i].y;
        AvaAnalysisOutput f = output(&(Case){ v[OFFSET], v[MATCH], v[EMOTION], v[VOICE], v[TRACE] });
        f.reason[AVALIGN_SYNC_CONFIDENCE] = f.reason[AVALIGN_LIP_SYNC_SCORE] = NULL;
        f.field[AVALIGN_SYNC_CONFIDENCE] = v[CONFIDENCE];
        f.field[AVALIGN_LIP_SYNC_SCORE] = v[LIPS];
        AvaEvidence ev = { .speech_s = 5 };
        assert_int_equal(test_run_with(&ava_verdict, (AvaAnalysisInput){ .ev = &ev, .policy = &p }, &f), 0);
        if (f.verdict.flagged != rows[i].flagged)
            fail_msg("%s, row %zu: flagged %d, score %.2f", rows[i].policy, i, f.verdict.flagged, f.verdict.score);
        ava_analysis_output_free(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_published_sum), cmocka_unit_test(the_heaviest_comes_first), cmocka_unit_test(of_ones_own), cmocka_unit_test(faulty), cmocka_unit_test(words),
                                        cmocka_unit_test(the_gallery) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
