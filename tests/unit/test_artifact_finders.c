/* Traces of editing made up one by one: each is found where it is, and not where it is not; what the picture says to them. */
#include "test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analyze/analyzer.h"
#include "analyze/forensics/artifact_finders.h"
#include "dsp/fingerprint.h"
#include "dsp/enf.h"
#include "dsp/native.h"
#include "output.h"

extern const AvaAnalyzer ava_artifacts, ava_authenticity, ava_verdict;

enum { RATE = 16000, NATIVE = 48000 };

/* Something like speech: noise through a filter that wanders, never the same twice. */
static void babble(float *x, size_t n, unsigned seed)
{
    unsigned s = seed;
    double f = 800, y1 = 0, y2 = 0, loud = 1;
    for (size_t i = 0; i < n; i++) {
        s = s * 1664525u + 1013904223u;
        double noise = (double)(s >> 8) / (1 << 24) - .5;
        if (i % 1600 == 0) {
            f = 400 + (double)(s >> 10 & 0x7ff);
            loud = .3 + (double)(s >> 21 & 7) / 8;
        }
        double r = .97, c = 2 * r * cos(2 * M_PI * f / RATE), y = noise * loud + c * y1 - r * r * y2;
        y2 = y1;
        y1 = y;
        x[i] = (float)(y * .03);
    }
}

static AvaEvidence *evidence(double s)
{
    AvaEvidence *ev = calloc(1, sizeof *ev);
    ev->calibration = *test_calibration();
    ev->has_audio = 1;
    ev->sound_us = llrint(s * 1e6);
    ev->speech_s = s;
    ev->snr_db = 30;
    ev->sample_rate = NATIVE;
    for (int i = 0; i < s * 1e6 / AVA_VAD_US; i++)
        assert_int_equal(ava_push(&ev->voiced, .9f), 0);
    return ev;
}

static void done(AvaEvidence *ev)
{
    ava_evidence_free(ev);
    free(ev);
}

/* ---- hum, and the frames of an earlier encoding -------------------------------------- */

static int keep_hum(void *cookie, const AvaEnf *h)
{
    AvaEvidence *ev = cookie;
    return ava_push(&ev->enf, *h);
}

/* 12 s of babble over hum of 50.02 Hz whose phase jumps by `turn` of a period at 6 s; how many findings, and the first's place. */
static size_t hum_found(double level, double turn, double *at_s)
{
    enum { N = 12 * RATE };
    AvaEvidence *ev = evidence(12);
    AvaArtifactList got = { 0 };
    float *x = malloc(N * sizeof *x);
    AvaEnfFilter *h = ava_enf_new(RATE, keep_hum, ev);
    babble(x, N, 7);
    for (int i = 0; i < N; i++)
        x[i] += (float)(level * sin(2 * M_PI * (50.02 * i / RATE + (i >= N / 2 ? turn : 0))));
    for (int i = 0; i < N; i += 777)
        assert_int_equal(ava_enf_push(h, x + i, i + 777 < N ? 777 : (size_t)(N - i)), 0);
    assert_int_equal(ev->enf.n, 120);
    assert_int_equal(ava_artifact_hum(ev, &got), 0);
    size_t n = got.n;
    *at_s = n ? (double)(got.at[0].start_us + got.at[0].end_us) / 2e6 : -1;
    if (n)
        assert_string_equal(got.at[0].kind, "splice");
    ava_vec_free(&got);
    ava_enf_free(h);
    free(x);
    done(ev);
    return n;
}

static void hum(void **state)
{
    (void)state;
    double at;
    assert_int_equal(hum_found(.02, 0, &at), 0);
    assert_int_equal(hum_found(.02, .3, &at), 1);
    assert_true(fabs(at - 6) < .15);
    assert_int_equal(hum_found(.02, 1, &at), 0); /* a whole period is no jump */
    assert_int_equal(hum_found(0, .3, &at), 0);  /* no hum, no phase */
}

static void grid(AvaEvidence *ev, int offset, int from, int to)
{
    AvaGrid *g = &ev->grid[ev->n_grids++];
    *g = (AvaGrid){ .coder = &ava_aac_lines, .offset = offset, .strength = 12, .n = AVA_GRID_SNIPS };
    for (int i = 0; i < AVA_GRID_SNIPS; i++) {
        g->at[i] = (int64_t)i * NATIVE;
        g->here[i] = i >= from && i < to ? 3 : .1f;
    }
}

static void frames_of_two_recordings(void **state)
{
    (void)state;
    struct { int a, a_to, b, b_from; size_t n; const char *kind; } const cases[] = {
        { 100, 15, 613, 15, 1, "splice" },              /* one gives way to the other */
        { 100, AVA_GRID_SNIPS, 613, 0, 1, "compression" }, /* both all along: coded twice before */
        { 0, 15, 613, 15, 1, "splice" },                /* the first is hidden by the stream's own */
        { 0, 15, 613, 0, 1, "compression" },
        { 0, 15, 256, 15, 0, NULL },                    /* and so are its short windows */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AvaEvidence *ev = evidence(AVA_GRID_SNIPS);
        AvaArtifactList got = { 0 };
        strcpy(ev->audio_codec, "aac");
        ev->first_frames = 1024;
        grid(ev, cases[i].a, 0, cases[i].a_to);
        grid(ev, cases[i].b, cases[i].b_from, AVA_GRID_SNIPS);
        assert_int_equal(ava_artifact_coding(ev, &got), 0);
        assert_int_equal(got.n, cases[i].n);
        if (got.n)
            assert_string_equal(got.at[0].kind, cases[i].kind);
        if (i == 0)
            assert_true(got.at[0].start_us == 14000000 && got.at[0].end_us == 15000000);
        ava_vec_free(&got);
        done(ev);
    }
}

/* ---- repeats ------------------------------------------------------------------------ */

static void print_all(AvaEvidence *ev, const float *x, size_t n)
{
    AvaFingerprinter *p = ava_fingerprinter_new();
    for (size_t i = 0; i + AVA_PRINT_WIN <= n; i += AVA_PRINT_HOP)
        assert_int_equal(ava_push(&ev->print, ava_fingerprinter_frame(p, x + i)), 0);
    ava_fingerprinter_free(p);
}

static void copies(void **state)
{
    (void)state;
    enum { N = 12 * RATE };
    float *x = malloc(N * sizeof *x);
    babble(x, N, 5);
    AvaEvidence *ev = evidence(12);
    AvaArtifactList found = { 0 };
    print_all(ev, x, N);
    assert_int_equal(ava_artifact_copies(ev, &found), 0);
    assert_int_equal(found.n, 0); /* untouched */
    ev->print.n = 0;
    for (int i = 0; i < RATE; i++) /* one second from 2 s on, quieter and off the grid of windows, at 8.0031 s */
        x[8 * RATE + 50 + i] = .7f * x[2 * RATE + i];
    print_all(ev, x, N);
    assert_int_equal(ava_artifact_copies(ev, &found), 0);
    assert_int_equal(found.n, 1);
    assert_string_equal(found.at[0].kind, "copy_move");
    assert_float_equal(found.at[0].start_us / 1e6, 8.05, .12);
    assert_float_equal(found.at[0].end_us / 1e6, 8.95, .12);
    assert_true(found.at[0].score >= .5);
    double length, second, first;
    assert_int_equal(sscanf(found.at[0].evidence, "%lf s of speech from %lf s on are a copy of what is heard from %lf s on", &length, &second, &first), 3);
    assert_float_equal(second - first, 6.0031, .011); /* as far apart as the copy was laid, to a step of 10 ms */
    assert_float_equal(second, found.at[0].start_us / 1e6, .006);
    assert_float_equal(length, (found.at[0].end_us - found.at[0].start_us) / 1e6, .006);
    assert_float_equal(found.at[0].score, .55 + .35 * (length - .5) / 1.5, .003);
    for (size_t i = 0; i < ev->voiced.n; i++)
        ev->voiced.at[i] = 0; /* music may repeat itself */
    found.n = 0;
    assert_int_equal(ava_artifact_copies(ev, &found), 0);
    assert_int_equal(found.n, 0);
    ava_vec_free(&found);
    done(ev);
    free(x);
}

/* ---- at its own rate ------------------------------------------------------------------ */

static int keep_frame(void *c, const AvaNativeFrame *f) { return ava_push(&((AvaEvidence *)c)->native, *f); }
static int keep_band(void *c, const AvaBand *b) { return ava_push(&((AvaEvidence *)c)->band, *b); }

static void hear(AvaEvidence *ev, const float *x, size_t frames, int channels)
{
    AvaNative *n = ava_native_new(NATIVE, channels, keep_frame, keep_band, ev);
    for (size_t i = 0; i < frames; i += 1000)
        assert_int_equal(ava_native_push(n, x + i * (size_t)channels, frames - i < 1000 ? frames - i : 1000), 0);
    ava_native_free(n);
    ev->channels = channels;
}

static float *noise(size_t n, float level, unsigned seed)
{
    float *x = malloc(n * sizeof *x);
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        x[i] = level * ((float)(seed >> 8) / (1 << 23) - 1);
    }
    return x;
}

/* An odd rate: the hundredth of a second must not drift. */
static void frames_keep_time(void **state)
{
    (void)state;
    enum { R = 22050, S = 60 };
    AvaEvidence *ev = evidence(1);
    float *x = noise(R * S, .1f, 2);
    AvaNative *n = ava_native_new(R, 1, keep_frame, keep_band, ev);
    assert_int_equal(ava_native_push(n, x, R * S), 0);
    assert_int_equal(ev->native.n, 100 * S);
    assert_int_equal(ev->band.n, S);
    ava_native_free(n);
    free(x);
    done(ev);
}

static void silence(void **state)
{
    (void)state;
    enum { N = 6 * NATIVE };
    AvaEvidence *ev = evidence(6);
    AvaArtifactList found = { 0 };
    float *x = noise(N, .003f, 1);
    hear(ev, x, N, 1);
    assert_int_equal(ava_artifact_silence(ev, &found), 0);
    assert_int_equal(found.n, 0);
    ev->native.n = ev->band.n = 0;
    memset(x + 4 * NATIVE, 0, NATIVE / 4 * sizeof *x);
    hear(ev, x, N, 1);
    assert_int_equal(ava_artifact_silence(ev, &found), 0);
    assert_int_equal(found.n, 1);
    assert_float_equal(found.at[0].start_us / 1e6, 4, .011);
    assert_float_equal(found.at[0].end_us / 1e6, 4.25, .011);
    assert_true(found.at[0].score >= .5);
    ava_add_gap(ev, 4000000, 4250000); /* a hole of the stream is no edit */
    found.n = 0;
    assert_int_equal(ava_artifact_silence(ev, &found), 0);
    assert_true(found.n == 1 && found.at[0].score < .5 && strstr(found.at[0].evidence, "hole"));
    ava_vec_free(&found);
    free(x);
    done(ev);
}

static void polarity(void **state)
{
    (void)state;
    enum { N = 4 * NATIVE };
    AvaEvidence *ev = evidence(4);
    AvaArtifactList found = { 0 };
    float *one = noise(N, .1f, 3), *x = malloc(2 * N * sizeof *x);
    for (int way = 0; way < 3; way++) { /* as it should be; turned from 1 to 2 s; turned throughout */
        for (int i = 0; i < N; i++) {
            x[2 * i] = one[i];
            x[2 * i + 1] = way == 2 || (way == 1 && i >= NATIVE && i < 2 * NATIVE) ? -one[i] : one[i];
        }
        ev->native.n = ev->band.n = found.n = 0;
        hear(ev, x, N, 2);
        assert_int_equal(ava_artifact_phase(ev, &found), 0);
        assert_int_equal(found.n, way ? 1 : 0);
        if (way == 1) {
            assert_float_equal(found.at[0].start_us / 1e6, 1, .011);
            assert_float_equal(found.at[0].end_us / 1e6, 2, .011);
            assert_true(found.at[0].score >= .5);
        } else if (way == 2) {
            assert_true(found.at[0].score < .5);
        }
    }
    ava_vec_free(&found);
    free(one);
    free(x);
    done(ev);
}

/* White noise to so many Hz, by a windowed sinc. */
static void low_pass(const float *in, float *out, size_t n, double hz)
{
    enum { HALF = 200 };
    static float h[2 * HALF + 1];
    for (int k = -HALF; k <= HALF; k++) {
        double t = 2 * hz / NATIVE, w = .42 + .5 * cos(M_PI * k / HALF) + .08 * cos(2 * M_PI * k / HALF);
        h[k + HALF] = (float)((k ? sin(M_PI * t * k) / (M_PI * k) : t) * w);
    }
    for (size_t i = 0; i < n; i++) {
        out[i] = 0;
        for (int k = -HALF; k <= HALF; k++)
            if ((int64_t)i + k >= 0 && i + (size_t)k < n)
                out[i] += in[(int64_t)i + k] * h[k + HALF];
    }
}

static void bandwidth(void **state)
{
    (void)state;
    enum { N = 12 * NATIVE };
    AvaEvidence *ev = evidence(12);
    AvaArtifactList found = { 0 };
    float *x = noise(N, .3f, 9), *y = malloc(N * sizeof *y);
    low_pass(x, y, N, 15500);
    hear(ev, y, N, 1);
    assert_int_equal(ava_artifact_bandwidth(ev, &found), 0);
    assert_int_equal(found.n, 0);
    assert_float_equal(ava_usual_cutoff(ev), 15500, 700);
    ev->native.n = ev->band.n = 0;
    low_pass(x + 5 * NATIVE, y + 5 * NATIVE, 3 * NATIVE, 4000); /* a telephone's part */
    hear(ev, y, N, 1);
    assert_int_equal(ava_artifact_bandwidth(ev, &found), 0);
    assert_int_equal(found.n, 1);
    assert_string_equal(found.at[0].kind, "compression");
    assert_float_equal(found.at[0].start_us / 1e6, 5, 1.01);
    assert_float_equal(found.at[0].end_us / 1e6, 8, 1.01);
    ev->native.n = ev->band.n = found.n = 0;
    low_pass(x, y, N, 8000); /* once at 16 kHz, all of it */
    hear(ev, y, N, 1);
    assert_int_equal(ava_artifact_bandwidth(ev, &found), 0);
    assert_int_equal(found.n, 1);
    assert_string_equal(found.at[0].kind, "resampling");
    assert_true(found.at[0].score < .5);
    ava_vec_free(&found);
    free(x);
    free(y);
    done(ev);
}

/* ---- the analyzers -------------------------------------------------------------------- */

/* Log odds with a peak at 5 s. */
static void spliced(AvaEvidence *ev)
{
    for (int i = 0; i < 1000; i++)
        assert_int_equal(ava_push(&ev->splice, i == 500 ? 40.f : i > 495 && i < 505 ? 20.f : -20.f), 0);
}

static void splice_and_picture(void **state)
{
    (void)state;
    for (int way = 0; way < 4; way++) { /* no picture; shot goes on; cut there too; lip sync breaks */
        AvaEvidence *ev = evidence(10);
        AvaAnalysisOutput f = test_output();
        spliced(ev);
        if (way)
            ev->has_video = 1;
        AvaTrackRows t = { .id = 0 };
        AvaFaceRow a = { .t_us = 0 }, b = { .t_us = 9000000 };
        AvaSyncStep step = { .at_s = 5.3 };
        assert_int_equal(ava_push(&t.row, a), 0);
        assert_int_equal(ava_push(&t.row, b), 0);
        assert_int_equal(ava_push(&ev->track, t), 0);
        if (way == 2)
            assert_int_equal(ava_push(&ev->cut_us, 5040000), 0);
        if (way == 3)
            assert_int_equal(ava_push(&f.sync.step, step), 0);
        assert_int_equal(test_run(&ava_artifacts, ev, &f), 0);
        const AvaArtifact *s = &f.artifacts.segment.at[0];
        double score = s->score;
        const char *says = s->evidence;
        assert_string_equal(s->kind, "splice");
        assert_int_equal(s->start_us, 4990000);
        assert_true(way == 2 ? score < .5 : score >= .5);
        assert_int_equal(!!strstr(says, "shot with the face goes on"), way == 1);
        assert_int_equal(!!strstr(says, "ordinary editing"), way == 2);
        assert_int_equal(!!strstr(says, "lip sync breaks"), way == 3);
        assert_int_equal(test_run(&ava_verdict, ev, &f), 0);
        assert_float_equal(f.field[AVALIGN_ANOMALY_SCORE], way == 2 ? 0 : .15, 1e-9);
        assert_int_equal(f.anomaly.n, way != 2);
        if (way != 2) {
            const AvaAnomaly *x = &f.anomaly.at[0];
            assert_string_equal(x->kind, "audio-splice");
            assert_float_equal(x->weight, 1.1, 1e-9);
            assert_true(x->has_time && x->start_us == 4990000 && x->end_us == 5010000);
        }
        ava_analysis_output_free(&f);
        done(ev);
    }
}

static void voices(void **state)
{
    (void)state;
    static const float odds[] = { -8, 30 };
    for (int made = 0; made < 2; made++) {
        AvaEvidence *ev = evidence(8);
        AvaAnalysisOutput f = test_output();
        ev->n_experts = 2;
        ev->expert[0] = "spectrum";
        ev->expert[1] = "phase";
        for (int i = 0; i < 4; i++) {
            AvaSpoof s = { .start_us = i * 1500000, .end_us = i * 1500000 + 3000000, .expert = { odds[made], odds[made] }, .odds = odds[made] };
            assert_int_equal(ava_push(&ev->spoof, s), 0);
        }
        assert_int_equal(test_run(&ava_authenticity, ev, &f), 0);
        assert_null(f.reason[AVALIGN_VOICE_AUTHENTICITY]);
        assert_true(made ? f.field[AVALIGN_VOICE_AUTHENTICITY] < .1 : f.field[AVALIGN_VOICE_AUTHENTICITY] > .9);
        assert_true(f.authenticity.llr * (made ? -1 : 1) > 0);
        assert_true(fabs(f.authenticity.llr) < 5); /* bounded */
        assert_int_equal(f.authenticity.window.n, 4);
        assert_int_equal(test_run(&ava_artifacts, ev, &f), 0);
        assert_int_equal(f.artifacts.segment.n > 0, made); /* the phase expert's word */
        if (made)
            assert_string_equal(f.artifacts.segment.at[0].kind, "vocoder");
        ava_analysis_output_free(&f);
        ev->speech_s = .9;
        f = test_output();
        assert_int_equal(test_run(&ava_authenticity, ev, &f), 0);
        assert_string_equal(f.reason[AVALIGN_VOICE_AUTHENTICITY], "too-short");
        ava_analysis_output_free(&f);
        done(ev);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(copies), cmocka_unit_test(frames_keep_time), cmocka_unit_test(silence), cmocka_unit_test(polarity), cmocka_unit_test(bandwidth), cmocka_unit_test(hum), cmocka_unit_test(frames_of_two_recordings),
                                        cmocka_unit_test(splice_and_picture), cmocka_unit_test(voices) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
