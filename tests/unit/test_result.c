/* test_result.c -- what a result promises: its lists are those of the JSON, holes are no findings, the second pass obeys, cancelling. */
#include "test.h"
#include "collect.h"

#include <libavutil/log.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include <jansson.h>

#include "avalign/avalign.h"

enum { RATE = AVALIGN_SPEECH_RATE };

static AvalignModels *models; /* tests/tiny */
static AvalignContext *cancel_me;

static int load(void **state)
{
    (void)state;
    return avalign_models_load(&models, getenv("AVALIGN_TINY"), NULL, NULL);
}

static int unload(void **state) { (void)state; avalign_models_free(&models); return 0; }

/* ---- lists ------------------------------------------------------------------------- */

static uint32_t noise_seed;
static float noise(void)
{
    noise_seed = noise_seed * 1664525 + 1013904223;
    return (float)(noise_seed >> 8) / 8388608 - 1;
}

/* Seconds of noise from a time on. */
static int push_noise(AvalignContext *c, double from_s, double seconds)
{
    int rc = 0;
    float x[RATE / 10];
    for (int b = 0; !rc && b < (int)(seconds * 10); b++) {
        for (int i = 0; i < RATE / 10; i++)
            x[i] = .05f * noise();
        AvalignPcm p = { .sample_rate = RATE, .channels = 1, .pts_us = llrint((from_s + b * .1) * 1e6), .samples = x, .frames = RATE / 10 };
        rc = avalign_push_audio(c, &p);
    }
    return rc;
}

static void push_face(AvalignContext *c, int frames)
{
    float points[68 * 2];
    for (int i = 0; i < 136; i++)
        points[i] = 100 + (float)(i * 7 % 90);
    AvalignFace f = { .track_id = 3, .box = { 100, 100, 90, 90 }, .n_landmarks = 68, .landmark_dims = 2, .landmarks = points };
    for (int i = 0; i < frames; i++)
        assert_int_equal(avalign_push_faces(c, i * 40000, &f, 1), 0);
}

static json_t *document(const AvalignResult *r)
{
    char *text = NULL;
    assert_int_equal(avalign_result_write(r, AVALIGN_JSON, collect, &text, NULL), 0);
    json_t *j = json_loads(text, 0, NULL);
    assert_non_null(j);
    free(text);
    return j;
}

/* Everything that the JSON lists can be listed from C, and is the same. */
static void lists_are_those_of_the_json(void **state)
{
    (void)state;
    AvalignContext *c;
    AvalignResult *r;
    assert_int_equal(avalign_open(&c, models, NULL, NULL), 0);
    push_face(c, 200);
    assert_int_equal(push_noise(c, 0, 4), 0);
    assert_int_equal(push_noise(c, 4.5, 4), 0);
    assert_int_equal(avalign_finish(c, &r), 0);
    avalign_close(&c);
    json_t *j = document(r);
    assert_int_equal(json_integer_value(json_object_get(j, "format")), 1);
    assert_int_equal(avalign_result_n_scores(r), AVALIGN_N_FIELDS);
    assert_int_equal(avalign_result_n_tracks(r), json_array_size(json_object_get(j, "tracks")));
    assert_int_equal(avalign_result_track(r, 0)->id, json_integer_value(json_object_get(json_array_get(json_object_get(j, "tracks"), 0), "id")));
    const json_t *list = json_object_get(j, "segments"), *x;
    size_t i;
    assert_true(json_array_size(list) > 0);
    assert_int_equal(avalign_result_n_segments(r), json_array_size(list));
    json_array_foreach(list, i, x) {
        assert_string_equal(avalign_result_segment(r, i)->kind, json_string_value(json_object_get(x, "kind")));
        assert_true(avalign_result_segment(r, i)->start_s == json_number_value(json_object_get(x, "start_s")));
    }
    list = json_object_get(j, "models");
    assert_true(json_array_size(list) > 0);
    assert_int_equal(avalign_result_n_models(r), json_array_size(list));
    json_array_foreach(list, i, x)
        assert_string_equal(avalign_result_model(r, i)->sha256, json_string_value(json_object_get(x, "sha256")));
    list = json_object_get(j, "warnings");
    assert_int_equal(avalign_result_n_warnings(r), json_array_size(list));
    assert_string_equal(avalign_result_warning(r, 0)->code, "sound-gaps");
    assert_int_equal(avalign_result_warning(r, 0)->count, 1);
    list = json_object_get(j, "series");
    assert_true(json_array_size(list) > 3);
    assert_int_equal(avalign_result_n_series(r), json_array_size(list));
    json_array_foreach(list, i, x) {
        const AvalignSeries *s = avalign_result_series_at(r, i);
        assert_string_equal(s->name, json_string_value(json_object_get(x, "name")));
        assert_int_equal(s->n, json_array_size(json_object_get(x, "values")));
        assert_ptr_equal(avalign_result_series(r, s->name, s->track), s);
    }
    list = json_object_get(json_object_get(json_object_get(j, "signals"), "lipsync"), "windows");
    assert_int_equal(avalign_result_n_windows(r), json_array_size(list));
    for (i = 1; i < avalign_result_n_findings(r); i++)
        assert_true(avalign_result_finding(r, i)->start_s >= avalign_result_finding(r, i - 1)->start_s);
    assert_true(avalign_result_n_findings(r) >= json_array_size(json_object_get(j, "anomalies")));
    assert_null(avalign_result_finding(r, avalign_result_n_findings(r)));
    assert_null(avalign_result_series_at(r, 999));
    assert_int_equal(avalign_result_n_findings(NULL), 0);
    assert_null(avalign_result_segment(NULL, 0));
    json_decref(j);
    avalign_result_free(&r);
}

/* The registry is what is written and what is scored. */
/* A document of docs/, to be released. */
static json_t *schema(const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/../docs/%s", getenv("AVALIGN_MODELS"), name);
    json_t *doc = json_load_file(path, 0, NULL);
    assert_non_null(doc);
    return doc;
}

static int lists(const json_t *list, const char *word)
{
    int found = 0;
    for (size_t i = 0; i < json_array_size(list); i++)
        found += !strcmp(json_string_value(json_array_get(list, i)), word);
    return found;
}

/* The schemas are written by hand, for their sentences; the registry says what must be in them. */
static void schemas_know_the_fields(void **state)
{
    (void)state;
    json_t *result = schema("result.schema.json"), *policy = schema("policy.schema.json");
    const json_t *rule = json_object_get(json_object_get(json_object_get(json_object_get(policy, "properties"), "sum"), "items"), "properties");
    const json_t *enumerated = json_object_get(json_object_get(rule, "field"), "enum");
    const AvalignFieldInfo *f;
    for (size_t i = 0; (f = avalign_field_info(i)) != NULL; i++) {
        assert_int_equal(lists(json_object_get(result, "required"), f->key), 1);
        assert_non_null(json_object_get(json_object_get(result, "properties"), f->key));
        assert_int_equal(lists(enumerated, f->key), i != AVALIGN_ANOMALY_SCORE); /* no rule is of the sum itself */
    }
    assert_int_equal(json_array_size(enumerated), AVALIGN_N_FIELDS); /* and "artifacts" */
    json_decref(result);
    json_decref(policy);
}

static void fields_are_described(void **state)
{
    (void)state;
    AvalignContext *c;
    AvalignResult *r;
    assert_int_equal(avalign_open(&c, models, NULL, NULL), 0);
    assert_int_equal(push_noise(c, 0, 2), 0);
    assert_int_equal(avalign_finish(c, &r), 0);
    avalign_close(&c);
    json_t *j = document(r);
    const AvalignFieldInfo *f;
    size_t n = 0;
    for (; (f = avalign_field_info(n)) != NULL; n++) {
        assert_non_null(json_object_get(j, f->key));
        assert_string_equal(avalign_result_score(r, n)->name, f->key);
        assert_string_equal(avalign_result_score(r, n)->unit, f->unit);
        assert_true(*f->label && *f->meaning && f->decimals >= 0);
    }
    assert_int_equal(n, AVALIGN_N_FIELDS);
    json_decref(j);
    avalign_result_free(&r);
}

/* ---- holes ------------------------------------------------------------------------- */

/* A dropped packet of a pushed stream is a hole, not an edit, and it is told. */
static void holes_in_pushed_sound_are_no_findings(void **state)
{
    (void)state;
    AvalignContext *c;
    AvalignResult *r;
    AvalignConfig cfg;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.analyzers = "artifacts";
    assert_int_equal(avalign_open(&c, models, &cfg, NULL), 0);
    assert_int_equal(push_noise(c, 0, 4), 0);
    assert_int_equal(push_noise(c, 4.25, 4), 0);
    assert_int_equal(avalign_finish(c, &r), 0);
    avalign_close(&c);
    assert_int_equal(avalign_result_n_warnings(r), 1);
    assert_string_equal(avalign_result_warning(r, 0)->code, "sound-gaps");
    assert_non_null(strstr(avalign_result_warning(r, 0)->text, "0.25 s"));
    for (size_t i = 0; i < avalign_result_n_findings(r); i++) {
        const AvalignFinding *f = avalign_result_finding(r, i);
        if (f->score >= .5 && f->end_s > 3.9 && f->start_s < 4.4)
            fail_msg("%s %.2f-%.2f s, score %.2f: %s", f->kind, f->start_s, f->end_s, f->score, f->text);
    }
    avalign_result_free(&r);
}

/* ---- the second pass --------------------------------------------------------------- */

static void the_second_pass_obeys_the_configuration(void **state)
{
    (void)state;
    for (int keep = 0; keep < 2; keep++) {
        AvalignContext *c;
        AvalignResult *r;
        AvalignConfig cfg;
        AvalignErrorInfo e;
        avalign_config_init(&cfg, sizeof cfg);
        cfg.max_pixels = keep ? 0 : 1000;
        cfg.keep_ffmpeg_log = keep;
        assert_int_equal(avalign_open(&c, models, &cfg, NULL), 0);
        push_face(c, 100);
        assert_int_equal(push_noise(c, 0, 4), 0);
        assert_int_equal(avalign_finish(c, &r), 0);
        avalign_close(&c);
        av_log_set_level(AV_LOG_FATAL);
        assert_int_equal(avalign_result_add_thumbnails(r, getenv("AVALIGN_SAMPLE"), &e), keep ? 0 : AVALIGN_ERR_LIMIT);
        if (keep)
            assert_int_equal(av_log_get_level(), AV_LOG_FATAL);
        avalign_result_free(&r);
    }
    av_log_set_level(AV_LOG_QUIET);
}

/* ---- cancelling -------------------------------------------------------------------- */

/* Of this process's work, not of the wall: the machine may be busy with others. */
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cancel_at, cancelled_at;

static void *canceller(void *arg)
{
    (void)arg;
    while (now() < cancel_at)
        nanosleep(&(struct timespec){ 0, 5000000 }, NULL);
    cancelled_at = now();
    avalign_cancel(cancel_me);
    return NULL;
}

/* Two minutes, so that the stages at the end take their time; cancelled at several moments of them. */
static void cancel_ends_every_stage_within_a_second(void **state)
{
    (void)state;
    double whole = 0;
    AvalignConfig cfg;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.analyzers = "lipsync,artifacts";
    for (int k = 0; k <= 3; k++) {
        AvalignResult *r;
        pthread_t t;
        assert_int_equal(avalign_open(&cancel_me, models, &cfg, NULL), 0);
        push_face(cancel_me, 120 * 25);
        assert_int_equal(push_noise(cancel_me, 0, 120), 0);
        double start = now();
        cancel_at = start + whole * (k - .5) / 4;
        if (k)
            pthread_create(&t, NULL, canceller, NULL);
        int rc = avalign_finish(cancel_me, &r);
        double end = now();
        if (!k) {
            whole = end - start;
            print_message("finish takes %.2f s\n", whole);
            assert_int_equal(rc, 0);
        } else {
            pthread_join(t, NULL);
            print_message("cancelled after %.2f s: %d, %.2f s later\n", cancelled_at - start, rc, end - cancelled_at);
            assert_true(rc == AVALIGN_ERR_CANCELLED || end < cancelled_at);
            assert_true(end - cancelled_at < 1);
            assert_true(k > 1 || end - cancelled_at < fmax(.05, whole / 3)); /* most of the work was still to come */
        }
        avalign_result_free(&r);
        avalign_close(&cancel_me);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_those_of_the_json), cmocka_unit_test(fields_are_described), cmocka_unit_test(schemas_know_the_fields), cmocka_unit_test(holes_in_pushed_sound_are_no_findings),
        cmocka_unit_test(the_second_pass_obeys_the_configuration), cmocka_unit_test(cancel_ends_every_stage_within_a_second),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
