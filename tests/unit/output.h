/* output.h -- empty output of analyzers, and running one by itself. */
#ifndef TEST_OUTPUT_H
#define TEST_OUTPUT_H

#include "analyze/analyzer.h"
#include "calibration.h"

static inline AvaAnalysisOutput test_output(void)
{
    AvaAnalysisOutput o;
    ava_analysis_output_init(&o, "not-asked");
    return o;
}

/* The analyzer alone, with what in says beside the evidence. */
static inline int test_run_with(const AvaAnalyzer *a, AvaAnalysisInput in, AvaAnalysisOutput *out)
{
    AvaSyncFaces faces = { 0 };
    AvalignErrorInfo e = { 0 };
    in.faces = &faces;
    if (!in.ev->calibration.voice.slope) /* unless the test brings its own */
        ((AvaEvidence *)in.ev)->calibration = *test_calibration();
    int rc = a->run(&in, out, &e);
    ava_sync_faces_free(&faces);
    return rc;
}

static inline int test_run(const AvaAnalyzer *a, const AvaEvidence *ev, AvaAnalysisOutput *out)
{
    return test_run_with(a, (AvaAnalysisInput){ .ev = ev }, out);
}

/* Somebody speaks (track -1: a voice without a face) from second a to second b. */
static inline void test_says(AvaSegmentList *list, int track, int a, int b)
{
    AvaSegment s = { track < 0 ? "voice-without-face" : "speaking", a * 1000000LL, b * 1000000LL, track };
    assert_int_equal(ava_push(list, s), 0);
}

#endif
