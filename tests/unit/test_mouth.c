/* Was the face drawn? Made looks before the analyzer; pictures through the tiny net, which takes a bright face for a blend and a red one
 * for a decoder's. */
#include "test.h"

#include <math.h>
#include <stdio.h>

#include <jansson.h>

#include "avalign/avalign.h"
#include "collect.h"
#include "output.h"
#include "util/err.h"

extern const AvaAnalyzer ava_mouth, ava_verdict;

static AvalignModels *models;

static int load(void **state)
{
    (void)state;
    return avalign_models_load(&models, getenv("AVALIGN_TINY"), NULL, NULL);
}

static int unload(void **state) { (void)state; avalign_models_free(&models); return 0; }

/* ---- the analyzer --------------------------------------------------------------------- */

static const AvaCalibration CAL = { .voice.slope = 1, /* it is the test's own */
                                    .drawn = { -2, 1, 1, .5, .llr_slope = 1, .llr_even = 1, .llr_low = -4, .llr_high = 3, .threshold = 3, .least_side = 60,
                                               .least_frames = 10 } };

static AvaTrackRows *face(AvaEvidence *ev, int id)
{
    AvaTrackRows t = { .id = id };
    ev->has_video = ev->has_drawn = 1;
    ev->calibration = CAL;
    assert_int_equal(ava_push(&ev->track, t), 0);
    AvaTrackRows *f = &ev->track.at[ev->track.n - 1];
    assert_int_equal(ava_push(&f->row, ((AvaFaceRow){ .t_us = 0 })), 0);
    return f;
}

/* n looks from a second on, five a second, that speak for a drawn face by so many deviations of each expert. */
static void looks(AvaTrackRows *f, double from_s, int n, double blend, double decoder)
{
    for (int i = 0; i < n; i++) {
        AvaDrawnOdds o = { llrint(from_s * 1e6) + i * 200000, { (float)(CAL.drawn.blend_mean + blend * CAL.drawn.blend_sd), (float)(CAL.drawn.decoder_mean + decoder * CAL.drawn.decoder_sd) } };
        assert_int_equal(ava_push(&f->drawn, o), 0);
    }
}

static AvaMouthResult judged(AvaEvidence *ev, AvaAnalysisOutput *out)
{
    *out = test_output();
    assert_int_equal(test_run(&ava_mouth, ev, out), 0);
    return out->mouth;
}

static void reasons_of_silence(void **state)
{
    (void)state;
    AvaAnalysisOutput out;
    AvaEvidence ev = { .calibration = CAL };
    assert_string_equal(judged(&ev, &out).absent, "no-video");
    ev.has_video = 1;
    assert_string_equal(judged(&ev, &out).absent, "net-left-out");
    ev.has_drawn = 1;
    assert_string_equal(judged(&ev, &out).absent, "no-face");
    AvaTrackRows *f = face(&ev, 0);
    ev.calibration.drawn.llr_even = NAN;
    assert_string_equal(judged(&ev, &out).absent, "not-calibrated");
    ev.calibration = CAL;
    assert_string_equal(judged(&ev, &out).absent, "too-few-frames");
    assert_int_equal(out.mouth.face.n, 0);
    looks(f, 0, 9, 9, 9);
    assert_string_equal(judged(&ev, &out).absent, "too-few-frames"); /* however bad they look */
    assert_true(isnan(out.mouth.llr) && isnan(out.mouth.score) && isnan(ava_signal_number(&out, "mouth.llr")));
    assert_string_equal(out.mouth.face.at[0].absent, "too-few-frames");
    ava_analysis_output_free(&out);
    f->drawn_small = 30;
    assert_string_equal(judged(&ev, &out).absent, "face-small");
    assert_string_equal(out.mouth.face.at[0].absent, "face-small");
    ava_analysis_output_free(&out);
    looks(f, 2, 20, 9, 9); /* one fewer than the small ones */
    assert_string_equal(judged(&ev, &out).absent, "face-small");
    ava_analysis_output_free(&out);
    looks(f, 6, 1, 9, 9);
    assert_null(judged(&ev, &out).absent);
    ava_analysis_output_free(&out);
    ava_evidence_free(&ev);
}

static void the_larger_expert_counts_and_is_bounded(void **state)
{
    (void)state;
    static const struct { double blend, decoder, llr; int expert, drawn; } row[] = {
        { 0, 0, 1, AVA_BLEND, 0 },     { 2.5, -3, -1.5, AVA_BLEND, 0 },  { -3, 2.5, -1.5, AVA_DECODER, 0 }, { 2.9, 0, -1.9, AVA_BLEND, 0 },
        { 3.1, 0, -2.1, AVA_BLEND, 1 }, { 1, 3.5, -2.5, AVA_DECODER, 1 }, { 99, 1, -4, AVA_BLEND, 1 },       { -99, -98, 3, AVA_DECODER, 0 },
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        AvaAnalysisOutput out;
        AvaEvidence ev = { 0 };
        looks(face(&ev, 3), 0, 20, row[i].blend, row[i].decoder);
        AvaMouthResult r = judged(&ev, &out);
        assert_null(r.absent);
        assert_true(fabs(r.llr - row[i].llr) < 1e-4);
        assert_true(fabs(r.score - 1 / (1 + exp(fmax(row[i].blend, row[i].decoder) - 3))) < 1e-4); /* not held within bounds */
        assert_int_equal(r.expert, row[i].expert);
        assert_int_equal(r.drawn, row[i].drawn);
        assert_int_equal(r.track, 3);
        assert_true(r.frames_judged == 20 && fabs(r.blend - (row[i].blend - 2)) < 1e-4 && fabs(r.decoder - (row[i].decoder / 2 + 1)) < 1e-4);
        ava_analysis_output_free(&out);
        ava_evidence_free(&ev);
    }
}

static void the_face_seen_most_answers(void **state)
{
    (void)state;
    AvaAnalysisOutput out;
    AvaEvidence ev = { 0 };
    looks(face(&ev, 0), 0, 12, 9, 9); /* a bystander that looks drawn accuses nobody */
    looks(face(&ev, 1), 0, 60, 0, 0);
    looks(face(&ev, 2), 0, 3, 9, 9);
    AvaMouthResult r = judged(&ev, &out);
    assert_int_equal(r.track, 1);
    assert_false(r.drawn);
    assert_int_equal(r.face.n, 3);
    assert_true(r.face.at[0].says.score < .5 && r.face.at[1].says.score > .5 && isnan(r.face.at[2].says.score));
    assert_string_equal(r.face.at[2].absent, "too-few-frames");
    ava_analysis_output_free(&out);
    ava_evidence_free(&ev);
}

/* Windows of four seconds a second apart: what lies at a window's first instant is in it, what lies at its end is not. */
static void windows_begin_and_end(void **state)
{
    (void)state;
    AvaAnalysisOutput out;
    AvaEvidence ev = { 0 };
    AvaTrackRows *f = face(&ev, 0);
    for (int s = 0; s < 6; s++)
        looks(f, 7 + s, 5, s * s, s);
    AvaMouthResult r = judged(&ev, &out);
    assert_int_equal(r.window.n, 3);
    for (int k = 0; k < 3; k++) {
        const AvaMouthWindow *w = &r.window.at[k];
        assert_int_equal(w->start_us, (7 + k) * 1000000);
        assert_int_equal(w->end_us, (7 + k) * 1000000 + 3800000);
        double blend = (k * k + (k + 1) * (k + 1) + (k + 2) * (k + 2) + (k + 3) * (k + 3)) / 4.;
        assert_float_equal(w->says.expert[AVA_BLEND], CAL.drawn.blend_mean + blend * CAL.drawn.blend_sd, 1e-5);
        assert_float_equal(w->says.expert[AVA_DECODER], CAL.drawn.decoder_mean + (k + 1.5) * CAL.drawn.decoder_sd, 1e-5);
    }
    ava_analysis_output_free(&out);
    ava_evidence_free(&ev);
}

static void windows_say_where(void **state)
{
    (void)state;
    AvaAnalysisOutput out;
    AvaEvidence ev = { 0 };
    AvaTrackRows *f = face(&ev, 0);
    looks(f, 10, 25, 0, 0);      /* 10-15 s */
    looks(f, 15, 100, 8, 0);     /* 15-35 s */
    looks(f, 36000, 25, 0, 0);   /* ten hours later */
    AvaMouthResult r = judged(&ev, &out);
    assert_true(r.drawn);
    assert_true(r.start_us >= 12000000 && r.start_us <= 15000000);
    assert_true(r.end_us > 33000000 && r.end_us < 36000000);
    assert_in_range(r.window.n, 25, 32); /* the hole has none */
    for (size_t i = 0; i < r.window.n; i++) {
        const AvaMouthWindow *w = &r.window.at[i];
        assert_true(w->end_us > w->start_us && w->end_us - w->start_us < 4000000);
        assert_true(i == 0 || w->start_us > r.window.at[i - 1].start_us);
        if (w->end_us < 15000000 || w->start_us > 35000000)
            assert_true(fabs(w->says.llr - 1) < 1e-4);
        if (w->start_us >= 15000000 && w->end_us < 35000000)
            assert_true(fabs(w->says.llr + 4) < 1e-4);
    }
    assert_true(r.window.at[r.window.n - 1].start_us >= 36000000000);
    ava_analysis_output_free(&out);
    ava_evidence_free(&ev);
}

/* The policy weighs it, against a recording alone; pictures alone then have a verdict. The sum never knows it. */
static void a_policy_weighs_it(void **state)
{
    (void)state;
    static const char text[] = "{\"format\":1,\"name\":\"x\",\"score\":\"fusion\",\"fusion\":{\"bias\":0,\"bound\":9,\"terms\":["
                               "{\"signal\":\"mouth.llr\",\"as\":\"value\",\"neutral\":0,\"clip\":4,\"weight\":-1,\"only_against\":true}]}}";
    AvaPolicy fused, sum;
    AvalignErrorInfo e;
    assert_int_equal(ava_policy_parse(text, &fused, &e), 0);
    assert_int_equal(ava_policy_parse(NULL, &sum, &e), 0);
    for (int drawn = 0; drawn < 2; drawn++) {
        AvaAnalysisOutput out;
        AvaEvidence ev = { 0 };
        looks(face(&ev, 0), 0, 20, drawn ? 4 : 0, 0);
        judged(&ev, &out);
        assert_int_equal(test_run_with(&ava_verdict, (AvaAnalysisInput){ .ev = &ev, .policy = &fused }, &out), 0);
        assert_null(out.verdict.absent);
        assert_true(fabs(out.verdict.calibrated_llr - (drawn ? 3 : 0)) < 1e-4);
        assert_int_equal(out.verdict.flagged, 1); /* even odds reach .5 */
        ava_analysis_output_free(&out);
        judged(&ev, &out);
        assert_int_equal(test_run_with(&ava_verdict, (AvaAnalysisInput){ .ev = &ev, .policy = &sum }, &out), 0);
        assert_string_equal(out.verdict.absent, "too-little-judged");
        assert_true(isnan(out.verdict.calibrated_score)); /* nothing to print beside "none" */
        ava_analysis_output_free(&out);
        ava_evidence_free(&ev);
    }
}

/* ---- pictures ------------------------------------------------------------------------- */

enum { SIDE = 256 };

/* Pictures of one colour, `side` pixels square, without sound. */
static AvalignResult *shown(int side, double fps, double seconds, int red, int rest)
{
    static uint8_t px[SIDE * SIDE * 3];
    AvalignConfig cfg;
    AvalignContext *c;
    AvalignResult *r;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.analyzers = "mouth";
    assert_int_equal(avalign_open(&c, models, &cfg, NULL), 0);
    for (int i = 0; i < side * side * 3; i++)
        px[i] = (uint8_t)(i % 3 ? rest : red);
    for (int i = 0; i < (int)(seconds * fps); i++) {
        AvalignImage im = { AVALIGN_PIX_RGB24, side, side, llrint(i * 1e6 / fps), { px }, { side * 3 }, { 0 } };
        assert_int_equal(avalign_push_video(c, &im), 0);
    }
    assert_int_equal(avalign_finish(c, &r), 0);
    avalign_close(&c);
    return r;
}

static int finding(const AvalignResult *r)
{
    int n = 0;
    for (size_t i = 0; i < avalign_result_n_findings(r); i++)
        if (!strcmp(avalign_result_finding(r, i)->kind, "drawn-face")) {
            assert_true(avalign_result_finding(r, i)->score > .5);
            assert_int_equal(avalign_result_finding(r, i)->counts, 0);
            n++;
        }
    return n;
}

static void a_net_looks_at_the_face(void **state)
{
    (void)state;
    /* a bright face opens its mouth wide, chin out of the picture: what is black there counts too */
    static const struct { int red, rest; double blend, decoder; int drawn; } row[] = { { 60, 60, -7.2, 0, 0 }, { 140, 140, 7.8, 0, 1 }, { 110, 50, -5.2, 6, 1 } };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        AvalignResult *r = shown(SIDE, 25, 5.6, row[i].red, row[i].rest);
        assert_int_equal(avalign_result_n_mouths(r), 2);
        assert_null(avalign_result_mouth(r, 2));
        for (size_t k = 0; k < 2; k++) { /* the file, and its only face */
            const AvalignMouth *m = avalign_result_mouth(r, k);
            assert_int_equal(m->track, (int)k - 1);
            assert_null(m->reason);
            assert_int_equal(m->frames, 16); /* the last batch is not full */
            assert_true(fabs(m->blend - row[i].blend) < .3 && fabs(m->decoder - row[i].decoder) < .3);
            assert_int_equal(m->score < .5, row[i].drawn);
            assert_true(m->start_s == 0 && fabs(m->end_s - 5.4) < 1e-9);
        }
        assert_int_equal(avalign_result_n_mouth_windows(r), 3);
        assert_int_equal(avalign_result_mouth_window(r, 0)->track, 0);
        assert_true(fabs(avalign_result_mouth_window(r, 1)->start_s - 1) < 1e-9);
        assert_int_equal(finding(r), row[i].drawn);
        char *text = NULL;
        assert_int_equal(avalign_result_write(r, AVALIGN_JSON, collect, &text, NULL), 0);
        json_t *doc = json_loads(text, 0, NULL), *frames = json_object_get(json_object_get(json_object_get(doc, "signals"), "mouth"), "frames"), *f;
        assert_int_equal(json_array_size(frames), 5); /* a second apart */
        size_t k, y, x = 0;
        json_t *line, *cell;
        json_array_foreach(frames, k, f) {
            double sum = 0;
            const char *expert = json_string_value(json_object_get(f, "expert"));
            json_array_foreach(json_object_get(f, "map"), y, line)
                json_array_foreach(line, x, cell)
                    sum += json_number_value(cell);
            assert_int_equal(y * x, 196);
            assert_true(fabs(sum - json_number_value(json_object_get(f, expert))) < 1); /* the places make up the odds, rounded each */
        }
        json_decref(doc);
        free(text);
        avalign_result_free(&r);
    }
}

static void looks_are_as_many_at_any_rate(void **state)
{
    (void)state;
    static const double fps[] = { 5, 12, 15, 23.976, 25, 29.97, 59.94 };
    for (size_t i = 0; i < sizeof fps / sizeof *fps; i++) {
        AvalignResult *r = shown(SIDE, fps[i], 6, 100, 100);
        const AvalignMouth *m = avalign_result_mouth(r, 0);
        print_message("%.3f pictures a second: %zu looks in 6 s\n", fps[i], m->frames);
        assert_in_range(m->frames, 14, 16);
        avalign_result_free(&r);
    }
}

static void small_faces_and_no_picture(void **state)
{
    (void)state;
    AvalignResult *r = shown(48, 25, 4, 200, 200);
    assert_string_equal(avalign_result_mouth(r, 0)->reason, "face-small");
    assert_true(isnan(avalign_result_mouth(r, 0)->score) && isnan(avalign_result_mouth(r, 0)->start_s));
    assert_int_equal(finding(r), 0);
    avalign_result_free(&r);
    r = shown(SIDE, 25, 1, 200, 200);
    assert_string_equal(avalign_result_mouth(r, 0)->reason, "too-few-frames");
    avalign_result_free(&r);
    assert_int_equal(avalign_result_n_mouths(NULL), 0);
    assert_null(avalign_result_mouth_window(NULL, 0));
}

/* ---- the row and the net -------------------------------------------------------------- */

/* A copy of the tiny models whose row of the role was changed by `how`. */
static AvalignModels *changed(void (*how)(json_t *row))
{
    char dir[] = "/tmp/mouth-XXXXXX", path[600], command[1200];
    AvalignModels *m = NULL;
    assert_non_null(mkdtemp(dir));
    snprintf(command, sizeof command, "cp '%s'/* %s", getenv("AVALIGN_TINY"), dir);
    assert_int_equal(system(command), 0);
    snprintf(path, sizeof path, "%s/manifest.json", dir);
    json_t *doc = json_load_file(path, 0, NULL), *row;
    size_t i;
    json_array_foreach(json_object_get(doc, "models"), i, row)
        if (!strcmp(json_string_value(json_object_get(row, "role")), "drawn-face"))
            how(row);
    assert_int_equal(json_dump_file(doc, path, 0), 0);
    json_decref(doc);
    assert_int_equal(avalign_models_load(&m, dir, NULL, NULL), 0);
    for (size_t k = 0; k < avalign_models_count(m); k++)
        avalign_models_verify(m, k, NULL); /* read now: the folder goes */
    snprintf(command, sizeof command, "rm -r %s", dir);
    assert_int_equal(system(command), 0);
    return m;
}

static void no_calibration(json_t *row) { json_object_del(row, "calibration"); }
static void no_deviation(json_t *row) { json_object_set_new(json_object_get(row, "calibration"), "decoder_sd", json_integer(0)); }

static void another_net(json_t *row)
{
    json_t *calibration = json_incref(json_object_get(row, "calibration"));
    json_object_set_new(row, "file", json_string("feeling.onnx"));
    json_object_set_new(row, "inputs", json_pack("[{s:s,s:[i,i]}]", "name", "x", "shape", 1, 8));
    AvalignModelInfo info;
    for (size_t i = 0; i < avalign_models_count(models); i++)
        if (!avalign_models_info(models, i, &info) && !strcmp(info.role, "voice-emotion"))
            json_object_set_new(row, "sha256", json_string(info.sha256));
    json_object_set_new(row, "calibration", calibration);
}

static void faulty_rows_accuse_nobody(void **state)
{
    (void)state;
    static void (*const how[])(json_t *) = { no_calibration, no_deviation, another_net };
    static uint8_t bright[SIDE * SIDE];
    memset(bright, 140, sizeof bright);
    for (size_t i = 0; i < sizeof how / sizeof *how; i++) {
        AvalignModels *m = changed(how[i]);
        AvalignConfig cfg;
        AvalignContext *c;
        AvalignResult *r = NULL;
        avalign_config_init(&cfg, sizeof cfg);
        cfg.analyzers = "mouth";
        int rc = avalign_open(&c, m, &cfg, NULL);
        for (int n = 0; !rc && n < 100; n++) {
            AvalignImage im = { AVALIGN_PIX_GRAY8, SIDE, SIDE, n * 40000, { bright }, { SIDE }, { 0 } };
            rc = avalign_push_video(c, &im);
        }
        if (how[i] == another_net) { /* told in one line */
            const AvalignErrorInfo *e = avalign_last_error(c);
            assert_int_equal(rc, AVALIGN_ERR_MODEL);
            assert_true(strstr(e->message, "224 x 224") && !strchr(e->message, '\n'));
        } else {
            assert_int_equal(rc, 0);
            assert_int_equal(avalign_finish(c, &r), 0);
            assert_string_equal(avalign_result_mouth(r, 0)->reason, "not-calibrated");
            assert_int_equal(finding(r), 0);
        }
        avalign_result_free(&r);
        avalign_close(&c);
        avalign_models_free(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reasons_of_silence),       cmocka_unit_test(the_larger_expert_counts_and_is_bounded),
        cmocka_unit_test(the_face_seen_most_answers), cmocka_unit_test(windows_begin_and_end), cmocka_unit_test(windows_say_where),
        cmocka_unit_test(a_policy_weighs_it),       cmocka_unit_test(a_net_looks_at_the_face),
        cmocka_unit_test(looks_are_as_many_at_any_rate), cmocka_unit_test(small_faces_and_no_picture),
        cmocka_unit_test(faulty_rows_accuse_nobody),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
