/* analyzer.h -- one question about the evidence, one file, one row in the table.
 *
 * To add one: a file src/analyze/WING/NAME.c with a const AvaAnalyzer, a line in table.c and in src/meson.build, its struct in
 * evidence/results.h, its JSON in report/json_NAME.c, a test, a row in docs/scores.md. */
#ifndef AVA_ANALYZER_H
#define AVA_ANALYZER_H

#include <stdatomic.h>

#include "analyze/sync/profile.h"
#include "analyze/sync/sync_pick.h"
#include "analyze/verdict/policy.h"
#include "avalign/avalign.h"
#include "evidence/evidence.h"
#include "evidence/results.h"

/* What analyzers are given. */
typedef struct AvaAnalysisInput {
    const AvaEvidence *ev;
    AvaSyncFaces *faces;       /* of the evidence, found once: ava_sync_faces_find() */
    const char *analyzers;     /* the list of those asked for; NULL: all */
    int on_request;            /* those that are left out otherwise are asked for */
    const AvaPolicy *policy;   /* NULL: the built-in one */
    double flag_at;            /* 0 = the policy's */
    const AvaProfile *profile; /* NULL = none asked for */
    unsigned left_out;         /* bit i: a net that ava_analyzers[i] needs is not among these models */
    const atomic_int *cancel;  /* asked before each analyzer; NULL: nobody cancels */
} AvaAnalysisInput;

typedef struct AvaAnalyzer {
    AvalignAnalyzerInfo info;
    const AvalignField *fields; /* it answers these; AVALIGN_N_FIELDS ends the list */
    size_t absent_at;           /* where in AvaAnalysisOutput its reason stands */
    /* Fills its part of out and its fields, and reads what the analyzers in `after` left there. 0 or a negative AvalignError. */
    int (*run)(const AvaAnalysisInput *in, AvaAnalysisOutput *out, AvalignErrorInfo *e);
    const char *const *after; /* names of the analyzers whose results it reads (NULL: of none); they run before it, asked for or not */
    /* Takes its answers back, when it ran for another one alone; for those that are named in an `after`. */
    void (*forget)(AvaAnalysisOutput *out);
    const char *const *optional; /* roles that it uses where the manifest has them; NULL: none */
    int on_request; /* left out unless the configuration asks for it */
} AvaAnalyzer;

extern const AvaAnalyzer *const ava_analyzers[]; /* NULL-terminated, in the order they run; the verdict is the last */

/* Is the analyzer named in "a,b" (or, with "-a,-b", not excluded)? NULL: yes. */
int ava_analyzer_wanted(const char *list, const char *name);
/* Is it asked for; must it run, because it is or because one that is reads its results? */
int ava_analyzer_asked(const AvaAnalyzer *a, const char *list, int on_request);
int ava_analyzer_runs(const AvaAnalyzer *a, const char *list, int on_request);
/* 0, or the first name in the list that is no analyzer, copied to unknown. */
int ava_analyzer_list_check(const char *list, char unknown[64]);

/* Marks the analyzer's signal and fields as absent. */
void ava_absent(AvaAnalysisOutput *out, const AvaAnalyzer *a, const char *reason);

/* Runs what was asked for, and what that reads, in order; the rest is absent ("not-asked"). in->faces is its own matter. 0 or a
 * negative AvalignError; out is the caller's either way. */
int ava_analyze(AvaAnalysisInput in, AvaAnalysisOutput *out, AvalignErrorInfo *e);

#endif
