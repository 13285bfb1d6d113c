/* Lip sync from embeddings made up to have a known offset or nothing in common; who speaks; analyzers by themselves. */
#include "sync_evidence.h"

#include <stdio.h>

#include "analyze/sync/lipsync.h"
#include "analyze/sync/profile.h"
#include "report/json_parts.h"

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

/* ---- who speaks, to the row -------------------------------------------------------------- */

/* A second of similarity s each: rows from t0 on whose vectors lie at that angle to the sound's, which are all alike. */
static void shown(AvaEvidence *ev, int id, int64_t t0_us, const double *s, int seconds)
{
    AvaTrackRows t = { .id = id };
    for (int i = 0; i < seconds * 25; i++) {
        AvaFaceRow r = { .t_us = t0_us + i * AVA_GRID_US, .eye = 60, .presence = 1 };
        AvaSyncVec v = { { 0 } };
        v.v[0] = (int8_t)lrint(127 * s[i / 25]);
        v.v[1] = (int8_t)lrint(127 * sqrt(1 - s[i / 25] * s[i / 25]));
        assert_int_equal(ava_push(&t.row, r), 0);
        assert_int_equal(ava_push(&t.sync, v), 0);
    }
    assert_int_equal(ava_push(&ev->track, t), 0);
}

static void segment_is(const AvaAnalysisOutput *f, size_t i, const char *kind, int track, int from_row, int to_row)
{
    const AvaSegment *s = &f->segment.at[i];
    assert_true(i < f->segment.n);
    print_message("%s %d: rows %d to %d\n", s->kind, s->track, (int)(s->start_us / AVA_GRID_US), (int)(s->end_us / AVA_GRID_US));
    assert_string_equal(s->kind, kind);
    assert_int_equal(s->track, track);
    assert_int_equal(s->start_us, from_row * AVA_GRID_US);
    assert_int_equal(s->end_us, to_row * AVA_GRID_US);
}

/* The mean of 25 rows crosses .15 and .08 where arithmetic says; the better of two speaks; a voice without a face lasts two seconds. */
static void who_speaks_to_the_row(void **state)
{
    (void)state;
    static const double a[11] = { [3] = .3, .3, .3 }, b[8] = { [6] = .2, .2 };
    AvaEvidence ev = { .has_audio = 1, .has_video = 1 };
    AvaAnalysisOutput f = test_output();
    AvaSyncVec alike = { { 127 } };
    for (int i = 0; i < 600; i++)
        assert_int_equal(ava_push(&ev.sync, alike), 0);
    uint8_t speech[600];
    memset(speech, 1, sizeof speech);
    shown(&ev, 4, 0, a, 11);
    shown(&ev, 9, AVA_GRID_US, b, 8); /* begins a row later: its rows lie at its own times */
    assert_int_equal(ava_reserve(&f.track, 2), 0);
    f.track.n = 2;
    memset(f.track.at, 0, 2 * sizeof *f.track.at);
    f.track.at[0].id = 9, f.track.at[1].id = 4;
    f.track.at[0].has_sync = f.track.at[1].has_sync = 1;
    assert_int_equal(ava_speaking(&ev, speech, 0, &f), 0);
    /* of 25 rows around row 75, 13 (12 after it) show .3: 13 * .299 / 25 = .156 is over .15, 12 are not */
    assert_int_equal(f.segment.n, 4);
    segment_is(&f, 0, "speaking", 4, 75, 150);
    /* .2 of the last two seconds, 19 of 25 rows are needed: from row 157 of the grid on, whose middle is a row later */
    segment_is(&f, 1, "speaking", 9, 158, 201);
    /* less than .08 by the best of both: seven of 25 rows at .299 are more */
    segment_is(&f, 2, "voice-without-face", -1, 1, 69); /* the sound's first vector lies after row 0 */
    segment_is(&f, 3, "voice-without-face", -1, 201, 275);
    assert_float_equal(f.track.at[1].speaking, 75 / 275., 1e-9);
    assert_float_equal(f.track.at[0].speaking, 43 / 200., 1e-9);
    ava_analysis_output_free(&f);
    f = test_output();
    memset(speech, 0, 2 * 60); /* where nobody speaks there is nothing to say: no voice without a face before row 60 */
    assert_int_equal(ava_speaking(&ev, speech, 0, &f), 0);
    assert_int_equal(f.segment.n, 3);
    segment_is(&f, 0, "speaking", 4, 75, 150);
    segment_is(&f, 2, "voice-without-face", -1, 201, 275);
    ava_analysis_output_free(&f);
    ava_evidence_free(&ev);
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

extern const AvaAnalyzer ava_lse;

/* SyncNet's measures: all faces are listed, the longest answers, the first of two. */
static void the_longest_face_answers(void **state)
{
    (void)state;
    static const size_t windows[] = { 10, 40, 40, 7 };
    AvaEvidence ev = { .has_video = 1 };
    AvaAnalysisOutput f = test_output();
    assert_int_equal(test_run(&ava_lse, &ev, &f), 0);
    assert_true(f.lse.asked);
    assert_string_equal(f.lse.absent, "no-audio");
    ev.has_audio = 1, ev.has_video = 0;
    assert_int_equal(test_run(&ava_lse, &ev, &f), 0);
    assert_string_equal(f.lse.absent, "no-video");
    ev.has_video = 1;
    assert_int_equal(test_run(&ava_lse, &ev, &f), 0);
    assert_string_equal(f.lse.absent, "no-face");
    for (int i = 0; i < 4; i++) {
        AvaLseTrack t = { .track = i, .lse = { .windows = windows[i], .offset_frames = i + 1, .distance = 7 + i, .confidence = 3 + i } };
        assert_int_equal(ava_push(&ev.lse, t), 0);
    }
    assert_int_equal(test_run(&ava_lse, &ev, &f), 0);
    assert_null(f.lse.absent);
    assert_true(f.lse.face.n == 4 && f.lse.longest == 1);
    assert_true(f.lse.offset_ms == 80 && f.lse.min_distance == 8 && f.lse.confidence == 4);
    ava_analysis_output_free(&f);
    f = test_output();
    ev.lse.at[1].lse.reason = "too-short"; /* listed, and no answer */
    assert_int_equal(test_run(&ava_lse, &ev, &f), 0);
    assert_true(f.lse.face.n == 4 && isnan(f.lse.offset_ms) && isnan(f.lse.min_distance));
    ava_analysis_output_free(&f);
    ava_evidence_free(&ev);
}

static void profiles_are_asymmetric(void **state)
{
    (void)state;
    static const struct { const char *name; double early, late; } like[] = { { "seed", 100, 100 },  { "bt1359-detect", 45, 125 }, { "bt1359-accept", 90, 185 },
                                                                             { "ebu-r37", 40, 60 }, { "atsc-is191", 15, 45 },     { "film", 22, 22 } };
    for (size_t i = 0; i < sizeof like / sizeof *like; i++) { /* as the standards have them (docs/scores.md) */
        const AvaProfile *p = ava_profile(like[i].name);
        assert_true(ava_profile_margin(p, like[i].early) == 0 && ava_profile_margin(p, -like[i].late) == 0);
        assert_true(ava_profile_margin(p, like[i].early + 1) == -1 && ava_profile_margin(p, 1 - like[i].late) == 1);
    }
    assert_null(ava_profile("nothing"));
    const AvaProfile *p = ava_profile("bt1359-detect");
    assert_true(ava_profile_margin(p, 44) == 1 && ava_profile_margin(p, -126) == -1);
}

/* ---- what is made of the offset ---------------------------------------------------------- */

/* Held against a tolerance: the margins of the offset, of its interval's worse end, and of the best place within the interval. */
static void held_against_a_tolerance(void **state)
{
    (void)state;
    static const double offsets[] = { 0, -300, 300 };
    for (size_t i = 0; i < 3; i++) {
        AvaEvidence ev;
        AvaAnalysisOutput f = test_output();
        const AvaProfile *p = ava_profile("bt1359-detect"); /* 45 early, 125 late: its middle lies at -40 */
        wanted = offsets[i];
        make(&ev, 10, constant, 1.2, 11);
        ev.container_offset_ms = 30;
        assert_int_equal(test_run_with(ava_analyzers[0], (AvaAnalysisInput){ .ev = &ev, .profile = p }, &f), 0);
        const AvaToleranceResult *t = &f.sync.tolerance;
        double ms = f.sync.file.offset_ms, lo = f.sync.interval_ms[0], hi = f.sync.interval_ms[1];
        assert_true(lo < ms && ms < hi);
        assert_string_equal(t->name, "bt1359-detect");
        assert_true(t->early_limit_ms == 45 && t->late_limit_ms == 125);
        assert_float_equal(t->margin_ms, fmin(45 - ms, 125 + ms), 1e-9);
        assert_float_equal(t->margin_interval_ms[0], fmin(fmin(45 - hi, 125 + hi), fmin(45 - lo, 125 + lo)), 1e-9);
        assert_float_equal(t->margin_interval_ms[1], i ? fmax(fmin(45 - hi, 125 + hi), fmin(45 - lo, 125 + lo)) : 85, 1e-9);
        assert_int_equal(t->pass, i == 0);
        assert_float_equal(f.sync.file.content_offset_ms, ms - 30, 1e-9);
        assert_float_equal(f.sync.file.container_offset_ms, 30, 1e-9);
        ava_evidence_free(&ev);
        done(&f);
    }
}

/* A shift puts it right where the container keeps how far its streams start apart, and there is one offset. */
static void what_a_shift_mends(void **state)
{
    (void)state;
    static const struct { const char *container; int mends; } like[] = { { "mov,mp4,m4a,3gp,3g2,mj2", 1 }, { "asf", 1 }, { "avi", 0 }, { "", 0 } };
    for (size_t i = 0; i < sizeof like / sizeof *like; i++) {
        AvaEvidence ev;
        wanted = 200;
        make(&ev, 10, constant, 1.2, 11);
        strcpy(ev.container, like[i].container);
        AvaAnalysisOutput f = judged(&ev);
        assert_int_equal(f.sync.mendable, like[i].mends);
        done(&f);
    }
    AvaEvidence ev;
    make(&ev, 8, scattered, 1.2, 503); /* nothing is found */
    strcpy(ev.container, "asf");
    AvaAnalysisOutput f = judged(&ev);
    assert_false(f.sync.mendable);
    done(&f);
}

/* Without a picture of the mouth the envelope answers, if it is sure. */
static void the_envelope_alone(void **state)
{
    (void)state;
    for (int sure = 0; sure < 2; sure++) {
        AvaEvidence ev;
        wanted = 0;
        make(&ev, 12, constant, 1.2, 11);
        AvaTrackRows *t = &ev.track.at[0];
        memset(t->sync.at, 0, t->sync.n * sizeof *t->sync.at);
        for (size_t j = 0; j < ev.energy.n; j++) {
            double s = .0125 + .01 * (double)j;
            ev.energy.at[j] = (float)(1.3 * sin(18.2 * s) + sin(27 * s + 1) + .8 * sin(10.7 * s + 2));
        }
        for (size_t i = 0; i < t->row.n && sure; i++) {
            double s = .04 * (double)i - .08; /* the mouth is 80 ms late */
            t->row.at[i].mouth_open = (float)(.2 + .05 * (1.3 * sin(18.2 * s) + sin(27 * s + 1) + .8 * sin(10.7 * s + 2)));
        }
        t->row.at[70].yaw = 50, t->row.at[70].mouth_open = 9; /* turned too far, covered: left out */
        t->row.at[90].occlusion = AVA_COVERED, t->row.at[90].mouth_open = 9;
        ev.container_offset_ms = 30;
        AvaAnalysisOutput f = judged(&ev);
        assert_true(f.sync.by_envelope && !f.sync.absent);
        assert_true((f.reason[AVALIGN_SYNC_OFFSET_MS] == NULL) == sure);
        assert_true(f.field[AVALIGN_SYNC_OFFSET_MS] == f.sync.envelope.offset_ms && f.field[AVALIGN_SYNC_CONFIDENCE] == f.sync.envelope.confidence);
        assert_true((f.sync.envelope.confidence >= .5) == sure);
        assert_float_equal(f.sync.file.content_offset_ms, f.sync.file.offset_ms - 30, 1e-9);
        assert_string_equal(f.reason[AVALIGN_LIP_SYNC_SCORE], "no-mouth-image");
        if (sure)
            assert_float_equal(f.sync.file.offset_ms, 80, 4);
        done(&f);
    }
}

static void why_lip_sync_says_nothing(void **state)
{
    (void)state;
    static const char *const why[] = { "no-audio", "no-video", "no-face", "no-speech", "too-short" };
    for (int i = 0; i < 5; i++) {
        AvaEvidence ev;
        wanted = 0;
        make(&ev, i == 4 ? .6 : 10, constant, 1.2, 11);
        ev.has_audio = i != 0;
        ev.has_video = i != 1;
        ev.speech_s = i == 3 ? .49 : .5;
        size_t n = ev.track.n;
        ev.track.n = i == 2 ? 0 : n;
        AvaAnalysisOutput f = test_output();
        assert_int_equal(test_run(ava_analyzers[0], &ev, &f), 0);
        print_message("%s: %s\n", why[i], f.sync.absent ? f.sync.absent : "-");
        assert_string_equal(f.sync.absent, why[i]);
        assert_string_equal(f.reason[AVALIGN_SYNC_OFFSET_MS], why[i]);
        ev.track.n = n;
        ava_evidence_free(&ev);
        done(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_offsets_within_range), cmocka_unit_test(strangers_are_not_believed), cmocka_unit_test(what_repeats_and_what_is_true_are_told_apart),
        cmocka_unit_test(the_matching_face_speaks), cmocka_unit_test(who_speaks_to_the_row),   cmocka_unit_test(profiles_are_asymmetric),    cmocka_unit_test(each_alone_is_the_same),
        cmocka_unit_test(the_order_is_declared),      cmocka_unit_test(names_are_places_in_the_json), cmocka_unit_test(the_longest_face_answers),
        cmocka_unit_test(held_against_a_tolerance),   cmocka_unit_test(what_a_shift_mends),           cmocka_unit_test(the_envelope_alone),
        cmocka_unit_test(why_lip_sync_says_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
