/* findings.h -- everything that was found, as one list in time order, for marks. */
#ifndef AVA_FINDINGS_LIST_H
#define AVA_FINDINGS_LIST_H

#include "result/result.h"

typedef struct AvaFinding {
    const char *kind;    /* "audio-splice", "copy_move", "missed-closure", ...; the result's or static */
    char text[320];      /* a sentence, one line */
    double start_s, end_s, score; /* score 0-1; from .5 on it counts */
    int counts;          /* it entered the anomaly score */
    double weight, adds; /* of the anomaly, when it counts */
} AvaFinding;

typedef AVA_VEC(AvaFinding) AvaFindingList;

/* Findings that have a time; those of the whole file (an offset, a synthetic voice) from start to end. 0, or -1: out of memory. */
int ava_findings_list(const AvalignResult *r, AvaFindingList *out);
/* Of these the ones that depend on the policy: what entered the score, and the traces of editing that did not. length: of the medium. */
int ava_findings_judged(const AvaAnalysisOutput *f, double length, AvaFindingList *out);
void ava_findings_sort(AvaFindingList *l);
/* What a finding is about, in words for people: the rows of finding_kinds.c. */
typedef struct AvaFindingKind {
    const char *topic, *title, *means, *or_else;
} AvaFindingKind;
const AvaFindingKind *ava_finding_kind(size_t i); /* NULL past the last */
const char *ava_finding_topic(const AvaFinding *f); /* the row that speaks of it */

/* Of the medium, seconds; at least the last finding's end. */
double ava_result_length(const AvalignResult *r);

#endif
