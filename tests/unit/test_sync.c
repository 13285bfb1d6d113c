/* Lip sync from embeddings made up to have a known offset, drift, step or nothing in common. */
#include "test.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "analyze/sync/profile.h"
#include "output.h"
#include "report/json_parts.h"

static uint32_t seed;
static double uniform(void)
{
    seed = seed * 1664525 + 1013904223;
    return (double)seed / 4294967296.0;
}
static double normal(void) { return sqrt(-2 * log(uniform() + 1e-12)) * cos(6.28318530718 * uniform()); }

enum { KNOTS_HZ = 10, DIM = AVA_SYNC_DIM };

/* A random curve through DIM dimensions, a new direction every 100 ms, as a function of time. */
static float *knots;
static void vector_at(double t, double noise, AvaSyncVec *out)
{
    double x = (t + 10) * KNOTS_HZ, v[DIM], n = 0;
    size_t k = (size_t)x;
    double f = .5 - .5 * cos(3.14159265 * (x - (double)k));
    for (int d = 0; d < DIM; d++) {
        v[d] = knots[k * DIM + (size_t)d] * (1 - f) + knots[(k + 1) * DIM + (size_t)d] * f + noise * normal();
        n += v[d] * v[d];
    }
    for (int d = 0; d < DIM; d++)
        out->v[d] = (int8_t)lrint(127 * v[d] / sqrt(n));
}

typedef double OffsetAt(double t);

/* Evidence of one face and its sound, `seconds` long; offset in ms, > 0: sound early. */
static void make(AvaEvidence *ev, double seconds, OffsetAt *offset, double noise, uint32_t s)
{
    memset(ev, 0, sizeof *ev);
    seed = s;
    size_t n = (size_t)((seconds + 30) * KNOTS_HZ);
    knots = malloc(n * DIM * sizeof *knots);
    for (size_t i = 0; i < n * DIM; i++)
        knots[i] = (float)normal();
    ev->has_audio = ev->has_video = 1;
    ev->speech_s = seconds;
    ev->sound_us = (int64_t)(seconds * 1e6);
    for (size_t j = 0; j < (size_t)(seconds * 50); j++) {
        AvaSyncVec v;
        vector_at(.0125 + .02 * (double)j, 0, &v);
        assert_int_equal(ava_push(&ev->sync, v), 0);
    }
    for (size_t j = 0; j < (size_t)(seconds * 1e6 / AVA_VAD_US); j++)
        assert_int_equal(ava_push(&ev->voiced, .9f), 0);
    for (size_t j = 0; j < (size_t)(seconds * 100); j++)
        assert_int_equal(ava_push(&ev->energy, (float)normal()), 0);
    AvaTrackRows t = { .id = 0 };
    for (size_t i = 0; i < (size_t)(seconds * 25); i++) {
        AvaFaceRow r = { .t_us = (int64_t)i * AVA_GRID_US, .eye = 60, .presence = 1, .mouth_open = (float)uniform() };
        AvaSyncVec v;
        double at = (double)i * .04;
        vector_at(at - offset(at) / 1000, noise, &v); /* the mouth shows what was heard `offset` earlier */
        assert_int_equal(ava_push(&t.row, r), 0);
        assert_int_equal(ava_push(&t.sync, v), 0);
    }
    assert_int_equal(ava_push(&ev->track, t), 0);
    free(knots);
}

static AvaAnalysisOutput judged(AvaEvidence *ev)
{
    AvaAnalysisOutput f = test_output();
    const AvaAnalyzer *lipsync = ava_analyzers[0];
    assert_string_equal(lipsync->info.name, "lipsync");
    assert_int_equal(test_run(lipsync, ev, &f), 0);
    ava_evidence_free(ev);
    return f;
}

static void done(AvaAnalysisOutput *f) { ava_analysis_output_free(f); }

static double wanted;
static double constant(double t) { (void)t; return wanted; }
static double drift_50ppm(double t) { return -60 + t * .05; }
static double step_40(double t) { return t < 33 ? 20 : 60; }
static double scattered(double t) { (void)t; return 8000 * (uniform() - .5); }

static void known_offsets_within_range(void **state)
{
    (void)state;
    static const double offsets[] = { 0, 7, -13, 33, 120, -120, 777, -800, 2333, -2900 };
    double at_zero = 0;
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        AvaEvidence ev;
        wanted = offsets[i];
        make(&ev, 10, constant, 1.2, 11 + (uint32_t)i);
        AvaAnalysisOutput f = judged(&ev);
        assert_null(f.reason[AVALIGN_SYNC_OFFSET_MS]);
        double got = f.field[AVALIGN_SYNC_OFFSET_MS], lo = f.sync.interval_ms[0],
               hi = f.sync.interval_ms[1];
        if (i == 0)
            at_zero = got; /* the nets' own zero, see ZERO_MS */
        print_message("%+.0f ms: %+.1f [%+.0f, %+.0f], confidence %.3f\n", wanted, got, lo, hi,
                      f.field[AVALIGN_SYNC_CONFIDENCE]);
        assert_true(fabs(got - at_zero - wanted) < 8);
        assert_true(lo < wanted && wanted < hi);
        assert_true(f.field[AVALIGN_SYNC_CONFIDENCE] > .85 && f.field[AVALIGN_SYNC_CONFIDENCE] < .96); /* as much as the calibration supports */
        assert_true(f.sync.file.p_value < .01);
        assert_int_equal(f.sync.step.n, 0);
        done(&f);
    }
}

static double later_60(double t) { return t < 560 ? 0 : 60; }

/* A film of 1,400 shots: the interval lies about the offset although every shot is a track of its own. */
static void many_short_tracks(void **state)
{
    (void)state;
    enum { SHOTS = 1100, ROWS = 12 };
    AvaEvidence ev;
    make(&ev, SHOTS * ROWS * .04, later_60, 1.5, 31);
    AvaTrackRows whole = ev.track.at[0];
    ev.track.n = 0;
    for (size_t i = 0; i < SHOTS; i++) {
        AvaTrackRows t = { .id = (int)i };
        for (size_t k = 0; k < ROWS; k++) {
            assert_int_equal(ava_push(&t.row, whole.row.at[i * ROWS + k]), 0);
            assert_int_equal(ava_push(&t.sync, whole.sync.at[i * ROWS + k]), 0);
        }
        assert_int_equal(ava_push(&ev.track, t), 0);
    }
    free(whole.row.at);
    free(whole.sync.at);
    AvaAnalysisOutput f = judged(&ev);
    double got = f.field[AVALIGN_SYNC_OFFSET_MS], lo = f.sync.interval_ms[0],
           hi = f.sync.interval_ms[1], r = f.sync.repeatable_ms;
    print_message("%d short tracks: %+.1f [%+.1f, %+.1f], repeatable within %.1f ms\n", SHOTS, got, lo, hi, r);
    assert_true(fabs((lo + hi) / 2 - got) < 1);
    assert_true(r > 0 && r < 30 && hi - lo >= 2 * r);
    done(&f);
}

/* Shorter or noisier material repeats less well, and the interval never claims more than that. */
static void what_repeats_and_what_is_true_are_told_apart(void **state)
{
    (void)state;
    double before = 0;
    for (int i = 0; i < 3; i++) {
        AvaEvidence ev;
        wanted = 40;
        make(&ev, 20 / (double)(1 + 3 * i), constant, 1 + i, 77);
        AvaAnalysisOutput f = judged(&ev);
        double r = f.sync.repeatable_ms, lo = f.sync.interval_ms[0],
               hi = f.sync.interval_ms[1];
        print_message("%.1f s: repeatable within %.2f ms, interval %.0f ms wide\n", 20 / (double)(1 + 3 * i), r, hi - lo);
        assert_true(r > before && r < 40);
        assert_true(hi - lo > 2 * r && hi - lo > 100 && hi - lo < 240);
        before = r;
        done(&f);
    }
}

static void strangers_are_not_believed(void **state)
{
    (void)state;
    int sure = 0;
    double p_small = 0, runs = 60;
    for (uint32_t i = 0; i < 60; i++) {
        AvaEvidence ev;
        make(&ev, 8, scattered, 1.2, 500 + i);
        AvaAnalysisOutput f = judged(&ev);
        sure += f.field[AVALIGN_SYNC_CONFIDENCE] > .5;
        p_small += f.sync.file.p_value < .05;
        done(&f);
    }
    print_message("unrelated: %d of 60 believed, p < .05 in %.0f\n", sure, p_small);
    assert_true(sure <= 3);
    assert_true(p_small / runs < .2);
}

static void drift_is_found_and_constants_are_not_called_drift(void **state)
{
    (void)state;
    AvaEvidence ev;
    for (uint32_t i = 0; i < 4; i++) {
        make(&ev, 600, drift_50ppm, 1.5, 70 + i);
        AvaAnalysisOutput f = judged(&ev);
        double ppm = f.sync.drift_ppm;
        print_message("50 ppm over 10 min: %.1f ppm, %zu steps\n", ppm, f.sync.step.n);
        assert_true(fabs(ppm - 50) < 12);
        assert_int_equal(f.sync.step.n, 0);
        done(&f);
    }
    wanted = 55;
    for (uint32_t i = 0; i < 20; i++) {
        make(&ev, 60 + 20 * i, constant, 1.5, 170 + i);
        AvaAnalysisOutput f = judged(&ev);
        assert_true(f.sync.drift_ppm == 0);
        assert_int_equal(f.sync.step.n, 0);
        assert_int_equal(f.sync.dropout.n, 0);
        done(&f);
    }
}

static void a_step_is_located(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 5; i++) {
        AvaEvidence ev;
        make(&ev, 70, step_40, 1.5, 270 + i);
        AvaAnalysisOutput f = judged(&ev);
        assert_int_equal(f.sync.step.n, 1);
        double at = f.sync.step.at[0].at_s, ms = f.sync.step.at[0].step_ms;
        print_message("step of 40 ms at 33 s: %.1f ms at %.1f s\n", ms, at);
        assert_true(fabs(at - 33) < 2.5 && fabs(ms - 40) < 10);
        assert_true(f.sync.drift_ppm == 0);
        done(&f);
    }
}

/* The one track cut in so many of one length, as by cuts of the picture. */
static void cut_in_shots(AvaEvidence *ev, size_t shots)
{
    size_t n = ev->track.at[0].row.n / shots;
    for (size_t k = 1; k < shots; k++) {
        AvaTrackRows t = { .id = (int)k };
        assert_int_equal(ava_append(&t.row, ev->track.at[0].row.at + k * n, n), 0);
        assert_int_equal(ava_append(&t.sync, ev->track.at[0].sync.at + k * n, n), 0);
        assert_int_equal(ava_push(&ev->track, t), 0);
    }
    ev->track.at[0].row.n = ev->track.at[0].sync.n = n;
}

static double two_zeros(double t) { return t < 30 ? -10 : 45; }
static double redubbed(double t) { return t < 30 ? -10 : 290; }
static double two_promille(double t) { return -60 + t * 2; }

/* Faces' zeros differ by tens of milliseconds: where every shot has its own, so much is neither a step nor a drift. What is more than that is. */
static void shots_have_zeros_of_their_own(void **state)
{
    (void)state;
    static const struct {
        double seconds;
        OffsetAt *offset;
        size_t shots, steps;
        double ppm; /* NAN: can't be told */
    } like[] = { { 60, two_zeros, 2, 0, NAN }, { 60, redubbed, 2, 1, 0 }, { 45, two_promille, 3, 0, NAN }, { 120, two_promille, 12, 0, 2000 },
                 { 60, two_zeros, 1, 1, 0 },   { 60, two_promille, 1, 0, 2000 } };
    for (size_t i = 0; i < sizeof like / sizeof *like; i++) {
        AvaEvidence ev;
        make(&ev, like[i].seconds, like[i].offset, 1.5, 970 + (uint32_t)i);
        cut_in_shots(&ev, like[i].shots);
        AvaAnalysisOutput f = judged(&ev);
        print_message("%zu shots: %.0f ppm, %zu steps\n", like[i].shots, f.sync.drift_ppm, f.sync.step.n);
        assert_int_equal(f.sync.step.n, like[i].steps);
        if (isnan(like[i].ppm))
            assert_true(isnan(f.sync.drift_ppm));
        else
            assert_true(fabs(f.sync.drift_ppm - like[i].ppm) < 150);
        done(&f);
    }
}

static double too_fast(double t) { return 130 + t * 41; } /* 25 for 24: the sound runs 4 % fast */
static double too_slow(double t) { return -40 - t * 41; }

/* One track, then the same cut in three, as after cuts of the picture. */
static void a_wrong_speed_is_named(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 4; i++) {
        AvaEvidence ev;
        make(&ev, 45, i % 2 ? too_slow : too_fast, 1.2, 370 + i);
        cut_in_shots(&ev, i >= 2 ? 3 : 1);
        AvaAnalysisOutput f = judged(&ev);
        print_message("4.1 %% %s: %.0f ppm, %zu steps\n", i % 2 ? "slow" : "fast", f.sync.drift_ppm, f.sync.step.n);
        assert_true(fabs(f.sync.drift_ppm - (i % 2 ? -41000 : 41000)) < 2000);
        assert_int_equal(f.sync.step.n, 0);
        assert_string_equal(f.reason[AVALIGN_SYNC_OFFSET_MS], "drift");
        assert_string_equal(f.reason[AVALIGN_LIP_SYNC_SCORE], "drift"); /* it is the mouth of this sound */
        done(&f);
    }
}

static double cut_out(double t) { return t < 4 ? 130 : 2130; } /* two seconds of sound cut out of twelve */
static double put_in(double t) { return t < 7 ? 30 : -970; }

static void a_large_step_in_a_short_clip_is_named(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 6; i++) {
        AvaEvidence ev;
        double want_s = i % 2 ? 7 : 4, want_ms = i % 2 ? -1000 : 2000;
        make(&ev, 12, i % 2 ? put_in : cut_out, 1.5, 470 + i);
        AvaAnalysisOutput f = judged(&ev);
        assert_int_equal(f.sync.step.n, 1);
        print_message("step of %.0f ms at %.0f s: %.0f ms at %.1f s\n", want_ms, want_s, f.sync.step.at[0].step_ms, f.sync.step.at[0].at_s);
        assert_true(fabs(f.sync.step.at[0].at_s - want_s) <= 1 && fabs(f.sync.step.at[0].step_ms - want_ms) < 30);
        done(&f);
    }
    for (uint32_t i = 0; i < 40; i++) { /* and none where there is none */
        AvaEvidence ev;
        wanted = 55;
        make(&ev, 8 + i % 10, i < 20 ? constant : scattered, 2, 570 + i);
        AvaAnalysisOutput f = judged(&ev);
        assert_int_equal(f.sync.step.n, 0);
        done(&f);
    }
}

static double busy(void) { return (double)clock() / CLOCKS_PER_SEC; }

static void it_leaves_off_when_cancelled(void **state)
{
    (void)state;
    double took[2];
    wanted = 55;
    for (int k = 0; k < 2; k++) {
        AvaEvidence ev;
        atomic_int cancel = k;
        make(&ev, 600, constant, 1.5, 71);
        ev.cancel = &cancel;
        AvaAnalysisOutput f = test_output();
        took[k] = busy();
        test_run(ava_analyzers[0], &ev, &f);
        took[k] = busy() - took[k];
        ava_evidence_free(&ev);
        done(&f);
    }
    print_message("ten minutes: %.2f s, cancelled %.3f s\n", took[0], took[1]);
    assert_true(took[1] < took[0] / 5);
}

static double swapped_middle(double t) { return t > 20 && t < 32 ? 7000 * (uniform() - .5) : 0; }

static void a_swapped_stretch_is_a_dropout(void **state)
{
    (void)state;
    AvaEvidence ev;
    make(&ev, 60, swapped_middle, 1.2, 99);
    AvaAnalysisOutput f = judged(&ev);
    assert_int_equal(f.sync.dropout.n, 1);
    double a = f.sync.dropout.at[0].start_s, b = f.sync.dropout.at[0].end_s;
    print_message("dropout 20-32 s: %.1f-%.1f s\n", a, b);
    assert_true(fabs(a - 20) < 3 && fabs(b - 32) < 3);
    done(&f);
}

static double other(double t) { return t < 15 ? 0 : 5000 + 3000 * sin(t * 40); }
static double first_half(double t) { return t < 15 ? 5000 + 3000 * sin(t * 40) : 0; }

/* The face that matches speaks; where none does, the voice has no face. */
static void the_matching_face_speaks(void **state)
{
    (void)state;
    AvaEvidence ev, b;
    make(&ev, 30, other, 1.2, 5); /* matches in the first half */
    make(&b, 30, first_half, 1.2, 5); /* the same sound; matches in the second */
    AvaTrackRows t = b.track.at[0];
    t.id = 1;
    b.track.n = 0;
    assert_int_equal(ava_push(&ev.track, t), 0);
    ava_evidence_free(&b);
    AvaAnalysisOutput f = judged(&ev);
    int seen[2] = { 0 };
    for (size_t i = 0; i < f.segment.n; i++) {
        const AvaSegment *s = &f.segment.at[i];
        assert_string_equal(s->kind, "speaking");
        int id = s->track;
        double a = (double)s->start_us / 1e6, e = (double)s->end_us / 1e6;
        print_message("face %d speaks %.1f-%.1f s\n", id, a, e);
        assert_true(id == 0 ? a < 1 && fabs(e - 15) < 1 : fabs(a - 15) < 1 && e > 29);
        seen[id]++;
    }
    assert_true(seen[0] == 1 && seen[1] == 1);
    done(&f);
    make(&ev, 30, other, 1.2, 6); /* one face, half of the voice is somebody else's */
    f = judged(&ev);
    assert_int_equal(f.segment.n, 2);
    assert_string_equal(f.segment.at[1].kind, "voice-without-face");
    assert_true(fabs((double)f.segment.at[1].start_us / 1e6 - 15) < 1.5);
    done(&f);
}

/* What an analyzer says by itself and in the whole run, as JSON; NULL fields: absent. */
static char *said(const AvaEvidence *ev, const char *only, const AvaAnalyzer *a, double field[AVALIGN_N_FIELDS], const char *reason[AVALIGN_N_FIELDS])
{
    AvaAnalysisOutput out;
    AvalignErrorInfo e = { 0 };
    ((AvaEvidence *)ev)->calibration = *test_calibration();
    assert_int_equal(ava_analyze((AvaAnalysisInput){ .ev = ev, .analyzers = only }, &out, &e), 0);
    json_t *all = ava_json_signals(&out);
    char *text = json_dumps(json_object_get(all, a->info.name), JSON_REAL_PRECISION(17));
    json_decref(all);
    memcpy(field, out.field, sizeof out.field);
    memcpy(reason, out.reason, sizeof out.reason);
    if (only && strcmp(only, "lipsync")) {
        assert_string_equal(out.reason[AVALIGN_SYNC_OFFSET_MS], "not-asked"); /* it ran for others, and says nothing itself */
        assert_true(isnan(ava_signal_number(&out, "lipsync.score")));
    }
    ava_analysis_output_free(&out);
    return text;
}

/* --only X gives the X of the whole run, and what X reads runs with it. */
static void each_alone_is_the_same(void **state)
{
    (void)state;
    AvaEvidence ev;
    make(&ev, 30, other, 1.2, 6); /* half of the voice is somebody else's: what speaker and emotion ask lip sync */
    ev.snr_db = 40;
    for (int i = 0; i < 28; i++) {
        AvaVoiceVec v = { .start_us = i * 1000000, .end_us = i * 1000000 + 1600000, .speech_s = 1.6f, .v = { 1 } };
        AvaEmotionSpan f = { .start_us = i * 1000000, .end_us = i * 1000000 + 2000000, .p = { .1f, .9f } };
        AvaFaceVec w = { .t_us = i * 1000000, .quality = 1, .female = 1, .age = 40, .v = { 1 } };
        assert_int_equal(ava_push(&ev.voice, v), 0);
        assert_int_equal(ava_push(&ev.voice_emotion, f), 0);
        assert_int_equal(ava_push(&ev.track.at[0].face, w), 0);
        for (int k = 0; k < 5; k++) {
            f.start_us = f.end_us = i * 1000000 + k * 200000;
            assert_int_equal(ava_push(&ev.track.at[0].expression, f), 0);
        }
    }
    for (size_t i = 0; ava_analyzers[i]; i++) {
        const AvaAnalyzer *a = ava_analyzers[i];
        double whole[AVALIGN_N_FIELDS], alone[AVALIGN_N_FIELDS];
        const char *why_whole[AVALIGN_N_FIELDS], *why_alone[AVALIGN_N_FIELDS];
        if (a->on_request || *a->fields == AVALIGN_ANOMALY_SCORE) /* the verdict is of what was asked for */
            continue;
        char *x = said(&ev, NULL, a, whole, why_whole), *y = said(&ev, a->info.name, a, alone, why_alone);
        assert_string_equal(x, y);
        assert_true(strcmp(a->info.name, "speaker") || !strstr(x, "\"offscreen_voice\": []"));
        for (const AvalignField *f = a->fields; *f != AVALIGN_N_FIELDS; f++) {
            assert_ptr_equal(why_whole[*f], why_alone[*f]);
            assert_true(why_whole[*f] || whole[*f] == alone[*f]);
        }
        free(x);
        free(y);
    }
    ava_evidence_free(&ev);
}

/* Whoever is read comes first, and can take its answers back. */
static void the_order_is_declared(void **state)
{
    (void)state;
    size_t n = 0;
    for (; ava_analyzers[n]; n++)
        for (const char *const *name = ava_analyzers[n]->after; name && *name; name++) {
            size_t k = 0;
            while (k < n && strcmp(ava_analyzers[k]->info.name, *name))
                k++;
            assert_true(k < n && ava_analyzers[k]->forget);
        }
    assert_string_equal(ava_analyzers[n - 1]->info.name, "verdict");
    assert_true(ava_analyzer_runs(ava_analyzers[0], "speaker", 0));
    assert_false(ava_analyzer_asked(ava_analyzers[0], "speaker", 0));
    assert_false(ava_analyzer_runs(ava_analyzers[0], "viseme", 0));
    assert_false(ava_analyzer_runs(ava_analyzers[0], "-speaker,-emotion,-artifacts,-lipsync", 0));
}

/* A number's name is its place in the JSON, and it is rounded alike. */
static void names_are_places_in_the_json(void **state)
{
    (void)state;
    AvaAnalysisOutput out = test_output();
    AvaLseTrack t = { .lse = { .expert_reason = "x" } };
    out.sync.absent = out.lse.absent = out.viseme.absent = out.speaker.absent = out.emotion.absent = out.authenticity.absent = out.artifacts.absent =
        out.mouth.absent = NULL;
    out.lse.asked = out.viseme.ran = out.speaker.ran = out.speaker.has_voice = out.emotion.ran = out.emotion.has_affect = 1;
    out.sync.file.absent = out.sync.envelope.absent = NULL;
    out.sync.tolerance.name = out.sync.tolerance.source = "x";
    out.emotion.voice.windows = out.emotion.face.windows = 1;
    out.emotion.gesture.n = 1;
    out.emotion.gesture.pair[0] = (AvaGesturePair){ "x", "x", 0, 0 };
    out.artifacts.pulse_seconds = 1;
    out.authenticity.method = "x";
    size_t n = 0;
    for (const char *name; (name = ava_signal_name(n)) != NULL; n++) {
        assert_true(ava_signal_known(name) && isnan(ava_signal_number(&out, name)));
        *ava_signal_at(&out, name) = (double)n + .123456789;
    }
    t.lse.distance = out.lse.min_distance;
    t.lse.confidence = out.lse.confidence;
    t.lse.offset_frames = 2;
    out.lse.offset_ms = 80;
    assert_int_equal(ava_push(&out.lse.face, t), 0);
    json_t *all = ava_json_signals(&out);
    for (size_t i = 0; i < n; i++) {
        char path[64], *rest = path;
        const json_t *j = all;
        strcpy(path, ava_signal_name(i));
        for (const char *key; (key = strsep(&rest, ".")) != NULL;)
            j = json_object_get(j, key);
        print_message("%s\n", ava_signal_name(i));
        assert_true(json_is_number(j));
        assert_true(json_number_value(j) == ava_signal_number(&out, ava_signal_name(i)));
    }
    json_decref(all);
    assert_false(ava_signal_known("visem.llr"));
    assert_true(isnan(ava_signal_number(&out, "visem.llr")));
    ava_analysis_output_free(&out);
}

static void profiles_are_asymmetric(void **state)
{
    (void)state;
    const AvaProfile *p = ava_profile("bt1359-detect");
    assert_true(ava_profile_margin(p, 44) == 1 && ava_profile_margin(p, 46) == -1);
    assert_true(ava_profile_margin(p, -124) == 1 && ava_profile_margin(p, -126) == -1);
    assert_null(ava_profile("nothing"));
    assert_true(ava_profile_margin(ava_profile("atsc-is191"), 16) < 0 && ava_profile_margin(ava_profile("film"), -22) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_offsets_within_range),   cmocka_unit_test(strangers_are_not_believed),
        cmocka_unit_test(many_short_tracks),            cmocka_unit_test(what_repeats_and_what_is_true_are_told_apart),
        cmocka_unit_test(drift_is_found_and_constants_are_not_called_drift), cmocka_unit_test(a_step_is_located), cmocka_unit_test(shots_have_zeros_of_their_own),
        cmocka_unit_test(it_leaves_off_when_cancelled),
        cmocka_unit_test(a_wrong_speed_is_named), cmocka_unit_test(a_large_step_in_a_short_clip_is_named),
        cmocka_unit_test(a_swapped_stretch_is_a_dropout), cmocka_unit_test(the_matching_face_speaks),
        cmocka_unit_test(profiles_are_asymmetric), cmocka_unit_test(each_alone_is_the_same), cmocka_unit_test(the_order_is_declared), cmocka_unit_test(names_are_places_in_the_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
