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
    assert_true(v->ran && !v->absent);
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
        assert_int_equal(m->frame, llrint((double)m->frame_us / 1e6 * 25));
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

/* ---- number by number -------------------------------------------------------------------- */

/* Every shape that is shown, shown with p of 255 alone. */
static AvaEvidence *shown_with(int p, int skip)
{
    AvaEvidence *ev = made_up(0, skip);
    for (size_t i = 0; i < ROWS; i++)
        for (int c = 0; c < AVA_N_SHAPES; c++)
            if (ev->track.at[0].shape.at[i].p[c] == 230)
                ev->track.at[0].shape.at[i].p[c] = (uint8_t)p;
    return ev;
}

/* .35 of one is there. */
static void a_shape_is_there(void **state)
{
    (void)state;
    const AvaVisemeResult *v = judged(shown_with(89, 0)); /* .349 */
    assert_float_equal(v->match_ratio, 0, 1e-12);
    v = judged(shown_with(90, 0));
    assert_float_equal(v->match_ratio, 1, 1e-12);
    assert_float_equal(v->used, EACH - 1, 1e-12);
    assert_int_equal(v->phone.n, EACH - 1);
    for (size_t k = 0; k < v->phone.n; k++) {
        assert_int_equal(v->phone.at[k].start_us, 200000 + (int)k * 240000);
        assert_int_equal(v->phone.at[k].end_us, 320000 + (int)k * 240000);
        assert_float_equal(v->phone.at[k].seen, 90 / 255., 1e-12);
    }
}

/* Of the twelve bilabials every second is not closed; under .25 of "closed" it is missed. */
static void where_a_closure_is_missed(void **state)
{
    (void)state;
    static const int at[] = { 6, 12, 22, 30, 36, 46 };
    for (int p = 63; p <= 64; p++) { /* .247, .251 */
        AvaEvidence *ev = made_up(0, 2);
        ev->fps = 50;
        ev->first_video_us = 20000;
        ev->sound_t0_us = 40000;
        ev->track.at[0].row.at[(200000 + 6 * 240000 + 60000) / 40000].mouth_open = .05f;
        for (size_t i = 0; i < ROWS; i++) {
            uint8_t *closed = &ev->track.at[0].shape.at[i].p[AVA_SHAPE_CLOSED];
            *closed = *closed == 230 ? 230 : (uint8_t)p;
        }
        for (size_t i = 0; i < ev->phone.n; i++) /* counted from the sound's first sample */
            ev->phone.at[i].start_us -= 40000, ev->phone.at[i].end_us -= 40000;
        const AvaVisemeResult *v = judged(ev);
        assert_int_equal(v->missed.n, p == 63 ? 6 : 0);
        for (size_t k = 0; k < v->missed.n; k++) {
            const AvaMissedClosure *m = &v->missed.at[k];
            assert_int_equal(m->time_us, 260000 + at[k] * 240000);
            assert_int_equal(m->frame_us, m->time_us); /* no offset was found */
            assert_int_equal(m->frame, (m->time_us - 20000) / 20000);
            assert_float_equal(m->opening, k ? .1 : .05, 1e-6);
            assert_float_equal(m->closed, 63 / 255., 1e-12);
        }
    }
}

static void what_a_recogniser_can_have_heard(void **state)
{
    (void)state;
    static const struct { int length_us, aligned; const char *why; } like[] = {
        { 50000, 0, NULL }, { 49900, 0, "phones-unreliable" }, { 166600, 0, NULL }, { 166700, 0, "phones-unreliable" }, { 49900, 1, NULL }
    }; /* 6 to 20 a second */
    for (size_t i = 0; i < sizeof like / sizeof *like; i++) {
        AvaEvidence *ev = made_up(0, 0);
        ev->phones_aligned = like[i].aligned;
        for (size_t k = 0; k < ev->phone.n; k++)
            ev->phone.at[k].end_us = ev->phone.at[k].start_us + like[i].length_us;
        ev->phone.at[20].id = AVA_PHONE_SIL; /* silence is none */
        ev->phone.at[20].end_us = ev->phone.at[20].start_us + 239000;
        const AvaVisemeResult *v = judged(ev);
        assert_true(like[i].why ? v->absent && !strcmp(v->absent, like[i].why) : !v->absent);
        assert_int_equal(v->phone.n, EACH - 2);
        assert_true(v->aligned == like[i].aligned);
    }
    for (size_t n = 7; n <= 8; n++) { /* eight phones at least; shifted by chance they stay within the picture often enough */
        AvaEvidence *ev = made_up(0, 0);
        for (size_t k = 0; k < n; k++)
            ev->phone.at[k] = ev->phone.at[k + 18];
        ev->phone.n = n;
        assert_true(!judged(ev)->absent == (n == 8));
    }
}

/* The same share and score as here by plain search; false: too few phones are seen. */
static int plainly(const AvaEvidence *ev, int64_t lag_us, double *ratio, double *score)
{
    const AvaTrackRows *t = &ev->track.at[0];
    int n = 0;
    *ratio = *score = 0;
    for (size_t k = 0; k < ev->phone.n; k++) {
        const AvaPhone *p = &ev->phone.at[k];
        int64_t from = p->start_us + lag_us - 40000, to = p->end_us + lag_us + 40000;
        double most = 0;
        int rows = 0;
        for (size_t i = 0; i < t->row.n; i++)
            if (t->row.at[i].t_us >= from && t->row.at[i].t_us <= to) {
                most = fmax(most, t->shape.at[i].p[ava_shape_of_phone(p->id)] / 255.);
                rows++;
            }
        if (!rows || rows * 40000 < to - from - 40000)
            continue;
        *ratio += most >= .35;
        *score += log(most + .02);
        n++;
    }
    *ratio /= n;
    *score /= n;
    return n >= 8;
}

/* Against what fits at 28 lags of .4 to 3.1 s to either side. */
static void more_than_chance(void **state)
{
    (void)state;
    for (int late = 0; late <= 3; late += 3) {
        AvaEvidence *ev = made_up(late, 3);
        double ratio, score, r = 0, sum = 0, square = 0, n = 0;
        for (int k = 0; k < 14; k++)
            for (int side = -1; side <= 1; side += 2)
                if (plainly(ev, side * (400000 + k * 208000), &ratio, &score))
                    r += ratio, sum += score, square += score * score, n++;
        assert_true(plainly(ev, 0, &ratio, &score));
        double mean = sum / n, z = (score - mean) / sqrt(square / n - mean * mean);
        const AvaVisemeResult *v = judged(ev);
        print_message("late by %d: %.3f against %.3f, z %.2f\n", late, v->match_ratio, v->chance_ratio, v->z);
        assert_float_equal(v->match_ratio, ratio, 1e-9);
        assert_float_equal(v->chance_ratio, r / n, 1e-9);
        assert_float_equal(v->z, z, 1e-6);
        const AvaCalibration *c = test_calibration();
        assert_float_equal(v->llr, fmax(-c->viseme.bound, fmin(c->viseme.slope * (z - c->viseme.middle), c->viseme.bound)), 1e-6);
    }
}

/* A phone is seen when four of its six rows are: a row more before and after, and the time between two. */
static void seen_throughout(void **state)
{
    (void)state;
    for (int gone = 0; gone <= 3; gone++) { /* phone 10: 2.6 to 2.72 s, looked at from 2.56 to 2.76: rows 64 to 69 */
        AvaEvidence *ev = made_up(0, 0);
        AvaTrackRows *t = &ev->track.at[0];
        for (size_t i = 64; gone && i + (size_t)gone < t->row.n; i++) {
            t->row.at[i] = t->row.at[i + (size_t)gone];
            t->sync.at[i] = t->sync.at[i + (size_t)gone];
            t->shape.at[i] = t->shape.at[i + (size_t)gone];
        }
        t->row.n -= (size_t)gone, t->sync.n -= (size_t)gone, t->shape.n -= (size_t)gone;
        const AvaVisemeResult *v = judged(ev);
        assert_true(isnan(v->phone.at[10].seen) == (gone == 3));
    }
    AvaEvidence *ev = made_up(0, 0);
    ev->track.at[0].row.at[69].yaw = 80; /* one that can't be judged is one too many */
    ev->track.at[0].row.at[70].yaw = 80;
    const AvaVisemeResult *v = judged(ev);
    assert_true(isnan(v->phone.at[10].seen) && !isnan(v->phone.at[9].seen));
    assert_true(!isnan(v->phone.at[12].seen));
    ev = made_up(0, 0);
    ev->track.at[0].row.at[70].yaw = 80;
    v = judged(ev);
    assert_true(!isnan(v->phone.at[10].seen) && isnan(v->phone.at[11].seen)); /* 2.84 to 2.96: from row 70 on */
    ev = made_up(0, 0);
    ev->track.at[0].shape.n--; /* shapes that are not the rows' */
    assert_string_equal(judged(ev)->absent, "too-short");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_phone_has_its_shape),     cmocka_unit_test(fitting_shapes_match),
        cmocka_unit_test(shifted_shapes_do_not),         cmocka_unit_test(missed_closures_are_listed),
        cmocka_unit_test(without_footing_nothing_is_said), cmocka_unit_test(a_shape_is_there),
        cmocka_unit_test(where_a_closure_is_missed),     cmocka_unit_test(what_a_recogniser_can_have_heard),
        cmocka_unit_test(more_than_chance),              cmocka_unit_test(seen_throughout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
