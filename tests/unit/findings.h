/* findings.h -- empty findings for tests of analyzers. */
#ifndef TEST_FINDINGS_H
#define TEST_FINDINGS_H

#include "analyze/analyzer.h"

static inline AvaFindings test_findings(void)
{
    AvaFindings f = { .signals = json_object(), .track_extra = json_object(), .anomalies = json_array(), .segments = json_array() };
    for (int i = 0; i < AVALIGN_N_FIELDS; i++)
        f.reason[i] = "not-asked";
    return f;
}

static inline void test_drop(AvaFindings *f)
{
    json_decref(f->signals);
    json_decref(f->track_extra);
    json_decref(f->anomalies);
    json_decref(f->segments);
}

#endif
