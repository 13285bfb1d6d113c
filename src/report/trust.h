/* trust.h -- what each measure weighs against what, and how far it was found to be right. */
#ifndef AVA_REPORT_TRUST_H
#define AVA_REPORT_TRUST_H

#include "result/result.h"

/* A measure as evidence: the pair of propositions that it speaks to, as ISO 21043-4 and ENFSI's guideline ask. */
typedef struct AvaTrustRow {
    const char *label;
    const char *genuine, *other; /* the two propositions */
    const char *role;            /* the net whose validation speaks of it */
    const char *answer;          /* the signal's number that is there when it was judged */
    const char *llr;             /* its natural log likelihood ratio, likewise; NULL: it has none */
    const char *heard_s;         /* the seconds that it rests on, likewise; NULL: all speech of the file */
} AvaTrustRow;

const AvaTrustRow *ava_trust_row(size_t i); /* NULL past the last */
/* Natural log likelihood ratio, over 0 for the first proposition; NAN: none was given. */
double ava_trust_llr(const AvalignResult *r, const AvaTrustRow *row);
/* In words; static. */
const char *ava_trust_words(double llr);
/* Does the entry hold for this file? 0: it is for other material, 1: it is for all, 2: it is for material like this file's. */
int ava_trust_holds(const AvalignResult *r, const AvaTrustRow *row, const AvaValidation *v);

#endif
