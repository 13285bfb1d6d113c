/* sync_evidence.h -- evidence of a face and its sound with a known offset, made of random curves. */
#ifndef AVA_TEST_SYNC_EVIDENCE_H
#define AVA_TEST_SYNC_EVIDENCE_H

#include "test.h"

#include <math.h>
#include <string.h>

#include "output.h"

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
static double scattered(double t) { (void)t; return 8000 * (uniform() - .5); }

#endif
