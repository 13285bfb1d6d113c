/* policy.h -- how the signals become one number: a sum with thresholds, a fusion of likelihood ratios, or both.
 *
 * A policy is a JSON document (docs/policy.schema.json); "seed" (the seed sum) and "calibrated" (logistic regression,
 * training/verdict) are built in. */
#ifndef AVA_VERDICT_POLICY_H
#define AVA_VERDICT_POLICY_H

#include "avalign/avalign.h"
#include "evidence/results.h"

enum { AVA_MAX_RULES = 16, AVA_MAX_TERMS = 24 };

typedef struct AvaRule {
    char kind[32];
    int field;     /* AvalignField, or AVALIGN_N_FIELDS: traces of editing */
    int outside;   /* flagged when |value| is over the limit; else when it is under (fields) or reaches it (traces) */
    double limit, add, weight;
} AvaRule;

typedef enum AvaTermForm { AVA_TERM_VALUE, AVA_TERM_LOGIT, AVA_TERM_SIZE } AvaTermForm; /* x, log(x/(1-x)), |x| */

typedef struct AvaTerm {
    char signal[64]; /* "viseme.llr": a number under signals */
    AvaTermForm form;
    double neutral, clip, weight; /* weight * clamp(form(x) - neutral, +-clip); 0 when there is no number */
    int only_against;             /* a share under 0, which would speak for a genuine recording, counts as 0 */
} AvaTerm;

typedef struct AvaPolicy {
    char name[32];
    int by_fusion; /* anomaly_score is the fusion's, not the sum's */
    double flag_at;
    size_t n_rules, n_terms;
    AvaRule rule[AVA_MAX_RULES];
    AvaTerm term[AVA_MAX_TERMS];
    double bias, bound; /* of the fused log likelihood ratio, natural */
    double cllr;        /* measured, bits; 0 = not stated */
} AvaPolicy;

/* text: "seed", "calibrated" or a JSON document; NULL is "seed". What a document leaves out (sum or fusion) is the built-in one's.
 * AVALIGN_ERR_UNKNOWN_OPTION for another name, AVALIGN_ERR_ARG for a faulty document. */
int ava_policy_parse(const char *text, AvaPolicy *out, AvalignErrorInfo *e);

/* Natural log likelihood ratio "manipulated" against "genuine", of the signals' numbers as they are written in the JSON; each
 * term's share goes to out->verdict. The number of terms that had a number; -1: out of memory. */
int ava_policy_fuse(const AvaPolicy *p, AvaAnalysisOutput *out, double *llr);
/* The ratio in words (ENFSI guideline for evaluative reporting, 2015). Static text. */
const char *ava_verbal_scale(double llr);

#endif
