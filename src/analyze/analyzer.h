/* analyzer.h -- one question about the evidence, one file, one row in the table.
 *
 * To add one: a file src/analyze/NAME.c with a const AvaAnalyzer, a line in
 * table.c and in meson.build, a test, a row in docs/scores.md. */
#ifndef AVA_ANALYZER_H
#define AVA_ANALYZER_H

#include <jansson.h>

#include "analyze/sync/profile.h"
#include "analyze/verdict/policy.h"
#include "avalign/avalign.h"
#include "evidence/evidence.h"

/* What analyzers write to. */
typedef struct AvaFindings {
    json_t *signals;     /* object: analyzer name -> object */
    json_t *track_extra; /* object: track id -> object merged into tracks[] */
    double field[AVALIGN_N_FIELDS];
    const char *reason[AVALIGN_N_FIELDS]; /* NULL = field[] is answered */
    json_t *segments;    /* array of {kind, start_s, end_s, ...} */
    json_t *anomalies;   /* array of {kind, weight, detail, start_s, end_s, evidence} */
    const AvaPolicy *policy;
    double flag_at; /* 0 = the policy's */
    const AvaProfile *profile; /* NULL = none asked for */
} AvaFindings;

typedef struct AvaAnalyzer {
    AvalignAnalyzerInfo info;
    const AvalignField *fields; /* it answers these; AVALIGN_N_FIELDS ends the list */
    /* Fills its signals entry and fields. 0 or a negative AvalignError. */
    int (*run)(const AvaEvidence *ev, AvaFindings *out, AvalignErrorInfo *e);
    int on_request; /* left out unless the configuration asks for it */
} AvaAnalyzer;

extern const AvaAnalyzer *const ava_analyzers[]; /* NULL-terminated, in the order they run */

/* Is the analyzer named in "a,b" (or, with "-a,-b", not excluded)? NULL: yes. */
int ava_analyzer_wanted(const char *list, const char *name);
/* 0, or the first name in the list that is no analyzer, copied to unknown. */
int ava_analyzer_list_check(const char *list, char unknown[64]);

/* Marks the analyzer's signal and fields as absent. */
void ava_absent(AvaFindings *f, const AvaAnalyzer *a, const char *reason);
/* Reals for JSON: rounded to 1e-decimals, null when not finite. */
json_t *ava_json_real(double v, int decimals);

#endif
