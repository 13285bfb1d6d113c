/* The viseme map, and mouth shapes made up to fit, or not to fit, made-up phones. */
#include "test.h"

#include <math.h>
#include <string.h>

#include "evidence/viseme_map.h"
#include "nets/phones.h"
#include "output.h"

extern const AvaAnalyzer ava_viseme;

static void every_phone_has_its_shape(void **state)
{
    (void)state;
    static const struct { const char *phone; int shape; } want[] = {
        { "P", AVA_SHAPE_CLOSED }, { "B", AVA_SHAPE_CLOSED }, { "M", AVA_SHAPE_CLOSED }, { "F", AVA_SHAPE_LIP_TUCK },
        { "V", AVA_SHAPE_LIP_TUCK }, { "TH", AVA_SHAPE_TONGUE }, { "DH", AVA_SHAPE_TONGUE }, { "S", AVA_SHAPE_TEETH },
        { "Z", AVA_SHAPE_TEETH }, { "SH", AVA_SHAPE_TEETH }, { "AH", AVA_SHAPE_OPEN }, { "AA", AVA_SHAPE_OPEN },
        { "OW", AVA_SHAPE_ROUNDED }, { "UW", AVA_SHAPE_ROUNDED }, { "W", AVA_SHAPE_ROUNDED }, { "IY", AVA_SHAPE_SPREAD },
        { "T", AVA_SHAPE_NEUTRAL }, { "SIL", AVA_SHAPE_NEUTRAL }, { "K", AVA_SHAPE_NEUTRAL },
    };
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        assert_int_equal(ava_shape_of_phone(ava_phone_id(want[i].phone)), want[i].shape);
    for (int i = 0; i < AVA_N_PHONES; i++)
        assert_int_equal(ava_phone_id(ava_phone_name(i)), i);
    assert_int_equal(ava_phone_id("+NSN+"), AVA_PHONE_SIL);
    assert_int_equal(ava_phone_id("QQ"), -1);
}

enum { SECONDS = 12, ROWS = SECONDS * 25, EACH = 48 }; /* EACH: phones of 120 ms, 240 ms apart */

/* A face that shows the shape of each phone `late` pictures late, but no closure for every
 * `skip`-th bilabial (0: for all). */
static AvaEvidence *made_up(int late, int skip)
{
    static const char *const cycle[] = { "B", "AA", "F", "UW", "S", "IY", "M", "OW", "TH", "AE", "P", "W" };
    AvaEvidence *ev = calloc(1, sizeof *ev);
    AvaTrackRows t = { .id = 3 };
    ev->has_video = ev->has_audio = 1;
    ev->sound_us = SECONDS * 1000000;
    ev->speech_s = SECONDS;
    ev->snr_db = 40;
    for (int i = 0; i < SECONDS * 1000 / 32; i++)
        assert_int_equal(ava_push(&ev->voiced, 1.f), 0);
    for (int i = 0; i < SECONDS * 50; i++)
        assert_int_equal(ava_push(&ev->sync, (AvaSyncVec){ { 0 } }), 0);
    for (int i = 0; i < ROWS; i++) {
        AvaFaceRow r = { .t_us = i * 40000, .presence = 1, .eye = 80, .mouth_open = 0.1f, .mouth_width = 0.6f, .sharpness = 50 };
        AvaSyncVec v = { { 100 } };
        AvaShape s = { { 200 } };
        assert_int_equal(ava_push(&t.row, r), 0);
        assert_int_equal(ava_push(&t.sync, v), 0);
        assert_int_equal(ava_push(&t.shape, s), 0);
    }
    int bilabial = 0;
    for (int k = 0; k < EACH - 1; k++) {
        AvaPhone p = { .start_us = 200000 + k * 240000, .id = (uint8_t)ava_phone_id(cycle[(k * 7) % 12]) };
        p.end_us = p.start_us + 120000;
        assert_int_equal(ava_push(&ev->phone, p), 0);
        int shape = ava_shape_of_phone(p.id);
        if (shape == AVA_SHAPE_CLOSED && skip && ++bilabial % skip == 0)
            continue;
        for (int i = (int)(p.start_us / 40000) + late; i < (int)(p.end_us / 40000) + late && i < ROWS; i++) {
            t.shape.at[i].p[0] = 20;
            t.shape.at[i].p[shape] = 230;
            t.row.at[i].mouth_open = shape == AVA_SHAPE_CLOSED ? 0 : 0.1f;
        }
    }
    assert_int_equal(ava_push(&ev->track, t), 0);
    return ev;
}

static AvaAnalysisOutput out;

static const AvaVisemeResult *judged(AvaEvidence *ev)
{
    ava_analysis_output_free(&out);
    out = test_output();
    assert_int_equal(test_run(&ava_viseme, ev, &out), 0);
    ava_evidence_free(ev);
    free(ev);
    return &out.viseme;
}

static void fitting_shapes_match(void **state)
{
    (void)state;
    const AvaVisemeResult *v = judged(made_up(0, 0));
    assert_null(v->absent);
    assert_true(v->match_ratio > 0.95);
    assert_true(v->chance_ratio < 0.5);
    assert_true(v->llr > 0.5);
    assert_int_equal(v->missed.n, 0);
}

static void shifted_shapes_do_not(void **state)
{
    (void)state;
    const AvaVisemeResult *v = judged(made_up(6, 0)); /* one phone late */
    assert_true(v->match_ratio < 0.5);
    assert_true(v->llr < 0);
}

static void missed_closures_are_listed(void **state)
{
    (void)state;
    const AvaVisemeResult *v = judged(made_up(0, 2));
    assert_in_range(v->missed.n, 5, 6); /* every second of 12 */
    for (size_t i = 0; i < v->missed.n; i++) {
        const AvaMissedClosure *m = &v->missed.at[i];
        assert_int_equal(m->track, 3);
        assert_int_equal(m->frame, llrint((double)m->picture_us / 1e6 * 25));
        assert_int_equal(ava_shape_of_phone(m->phone), AVA_SHAPE_CLOSED);
    }
}

static void without_footing_nothing_is_said(void **state)
{
    (void)state;
    AvaEvidence *ev = made_up(0, 0);
    ev->snr_db = 0;
    const AvaVisemeResult *v = judged(ev);
    assert_string_equal(v->absent, "too-noisy");
    ev = made_up(0, 0);
    for (size_t i = 0; i < ev->phone.n; i++)
        ev->phone.at[i].end_us = ev->phone.at[i].start_us + 30000; /* 33 phones a second */
    v = judged(ev);
    assert_string_equal(v->absent, "phones-unreliable");
    ev = made_up(0, 0);
    ev->phone.n = 5;
    v = judged(ev);
    assert_string_equal(v->absent, "too-short");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_phone_has_its_shape),     cmocka_unit_test(fitting_shapes_match),
        cmocka_unit_test(shifted_shapes_do_not),         cmocka_unit_test(missed_closures_are_listed),
        cmocka_unit_test(without_footing_nothing_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
