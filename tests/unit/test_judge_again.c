/* Results and pages judged again: the same as judging by that policy in the first place, to the byte. */
#include "test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "collect.h"
#include "output.h"
#include "result/result.h"

extern const AvaAnalyzer ava_verdict;

/* A file with much to find, judged by a policy. face 1: a drawn face and nothing else. */
static AvalignResult *result_of(const char *policy, double flag_at, int face)
{
    static const char *const trace[] = { "splice", "hum", "copy_move" };
    AvalignResult *r = calloc(1, sizeof *r);
    AvaPolicy p;
    AvalignErrorInfo e;
    AvaEvidence ev = { .speech_s = face ? 0 : 5 };
    assert_non_null(r);
    AvaAnalysisOutput *f = &r->found;
    ava_analysis_output_init(f, "not-asked");
    r->media.opened = r->media.info.has_video = r->media.info.has_audio = 1;
    r->media.duration_s = 12;
    r->media.has_sound = !face;
    r->media.speech_s = ev.speech_s;
    r->media.length_s = 12.04;
    r->line = strdup("</script><b>\"&amp;.mp4");
    f->mouth.absent = NULL;
    f->mouth.score = face ? .2 : .8;
    f->mouth.llr = face ? -1.23 : 1.5;
    if (!face) {
        const double value[AVALIGN_ANOMALY_SCORE] = { 137.4, .9, .312, .42, .555, .432 };
        for (int i = 0; i < AVALIGN_ANOMALY_SCORE; i++) {
            f->field[i] = value[i];
            f->reason[i] = i == AVALIGN_EMOTION_COHERENCE ? "no-face" : NULL;
        }
        f->sync.absent = f->speaker.absent = f->authenticity.absent = f->artifacts.absent = NULL;
        f->sync.file.absent = NULL;
        f->sync.file.offset_ms = 137.4;
        f->sync.file.score = .312;
        f->speaker.ran = 1;
        f->speaker.llr = -.78;
        f->speaker.match = .42;
        f->authenticity.method = "voice-spoof";
        f->authenticity.score = .432;
        f->authenticity.llr = -.5;
        f->authenticity.n_experts = 1;
        snprintf(f->authenticity.name[0], sizeof f->authenticity.name[0], "one");
        f->authenticity.expert[0] = .75;
        f->artifacts.worst = .9;
        for (int i = 0; i < 3; i++) {
            AvaArtifact x = { trace[i], (3 + i) * 1000000, (3 + i) * 1000000 + 20000, .9 - .2 * i, "text <here>" };
            assert_int_equal(ava_push(&f->artifacts.segment, x), 0);
        }
    }
    assert_int_equal(ava_policy_parse(policy, &p, &e), 0);
    assert_int_equal(ava_verdict.run(&(AvaAnalysisInput){ .ev = &ev, .policy = &p, .flag_at = flag_at }, f, &e), 0);
    r->flag_at = flag_at > 0 ? flag_at : p.flag_at;
    return r;
}

static void write_as(const AvalignResult *r, int page, Text *t)
{
    t->n = 0;
    assert_int_equal(page ? avalign_result_write_page(r, NULL, append, t, NULL) : avalign_result_write(r, AVALIGN_JSON, append, t, NULL), 0);
}

static const char own[] = "{\"format\": 1, \"name\": \"mine\", \"score\": \"sum\", \"flag_at\": 0.2, \"sum\": [{\"field\": \"artifacts\", \"from\": 0.65, \"kind\": \"cut\", \"add\": 0.25, \"weight\": 2},"
                          "{\"field\": \"lip_sync_score\", \"below\": 0.4, \"kind\": \"lips\", \"add\": 0.125, \"weight\": 1}]}";

static void as_if_it_were_the_first_time(void **state)
{
    static Text before, want, got;
    static const struct {
        const char *policy;
        double flag_at;
    } by[] = { { "seed", 0 }, { "calibrated", 0 }, { "seed", .15 }, { own, 0 }, { "calibrated", .9 } };
    (void)state;
    for (size_t face = 0; face < 2; face++)
        for (size_t i = 0; i < 5; i++)
            for (size_t k = 0; k < 5; k++)
                for (int page = 0; page < 2; page++) {
                    AvalignResult *a = result_of(by[i].policy, by[i].flag_at, (int)face), *b = result_of(by[k].policy, by[k].flag_at, (int)face);
                    write_as(a, page, &before);
                    write_as(b, page, &want);
                    got.n = 0;
                    assert_int_equal(avalign_judge_again(before.s, before.n, by[k].policy, by[k].flag_at, append, &got, NULL), 0);
                    const char *x = page ? strstr(got.s, "<script type") : got.s, *y = page ? strstr(want.s, "<script type") : want.s;
                    assert_non_null(x);
                    assert_string_equal(x, y);
                    if (i != k && !face)
                        assert_string_not_equal(strstr(before.s, "anomaly_score"), strstr(want.s, "anomaly_score"));
                    avalign_result_free(&a);
                    avalign_result_free(&b);
                }
}

static void the_words_without_scripts_are_new(void **state)
{
    static Text page, got;
    (void)state;
    AvalignResult *r = result_of("seed", 0, 0);
    write_as(r, 1, &page);
    got.n = 0;
    assert_int_equal(avalign_judge_again(page.s, page.n, own, 0, append, &got, NULL), 0);
    assert_non_null(strstr(got.s, "<noscript><pre>Judged again by the policy \"mine\": flagged. Anomaly score 0.38, flagged from 0.20."));
    assert_null(strstr(got.s, "</script><b>"));
    avalign_result_free(&r);
}

static int full(void *cookie, const char *s, size_t n) { return (void)cookie, (void)s, n > 0; }

static void what_is_none_is_refused(void **state)
{
    static Text t, got;
    static const char *const none[] = { "", "{", "{}", "<html>", "<script id=\"data\">{", "{\n\"series\": [", "{\"format\": 2,\n\"series\": []}", "{\"format\": 1,\n\"series\": []}",
                                        "{\"format\": 1, \"signals\": {}, \"absent\": [],\n\"series\": []}" };
    AvalignErrorInfo e;
    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        got.n = 0;
        assert_int_equal(avalign_judge_again(none[i], strlen(none[i]), NULL, 0, append, &got, &e), AVALIGN_ERR_FORMAT);
        assert_int_equal(got.n, 0);
        assert_non_null(strstr(e.message, "analyze the file again"));
    }
    AvalignResult *r = result_of("seed", 0, 0);
    write_as(r, 0, &t);
    for (size_t n = 0; n + 2 < t.n; n += 7) { /* cut anywhere: said so, or the head is whole */
        got.n = 0;
        int rc = avalign_judge_again(t.s, n, NULL, 0, append, &got, &e);
        assert_true(rc == AVALIGN_ERR_FORMAT || (rc == 0 && got.n == n));
    }
    assert_int_equal(avalign_judge_again(t.s, t.n, "nosuch", 0, append, &got, &e), AVALIGN_ERR_UNKNOWN_OPTION);
    assert_int_equal(avalign_judge_again(t.s, t.n, NULL, 2, append, &got, &e), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_judge_again(NULL, 0, NULL, 0, append, &got, &e), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_judge_again(t.s, t.n, NULL, 0, full, NULL, &e), AVALIGN_ERR_IO);
    avalign_result_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(as_if_it_were_the_first_time), cmocka_unit_test(the_words_without_scripts_are_new), cmocka_unit_test(what_is_none_is_refused) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
