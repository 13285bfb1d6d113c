/* verdict.c -- the policy's sum (by default the seed policy's: thresholds and increments exactly as published there) and its fused
 * likelihood ratio. The indicator weights order the findings; they do not enter the sum. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/analyzer.h"
#include "util/format.h"
#include "util/logistic.h"

static int verdict_run(const AvaAnalysisInput *in, AvaAnalysisOutput *out, AvalignErrorInfo *e);

const AvaAnalyzer ava_verdict = {
    { "verdict", "the anomaly score", (const char *const[]){ NULL }, (const char *const[]){ "anomaly_score", NULL }, 1 },
    (const AvalignField[]){ AVALIGN_ANOMALY_SCORE, AVALIGN_N_FIELDS }, offsetof(AvaAnalysisOutput, verdict.absent), .run = verdict_run
};

/* Adds an anomaly; NULL: out of memory. */
static AvaAnomaly *flag(AvaAnalysisOutput *out, const char *kind, double weight, double add, const char *detail)
{
    AvaAnomaly a = { .weight = weight, .adds = add };
    snprintf(a.kind, sizeof a.kind, "%s", kind);
    snprintf(a.detail, sizeof a.detail, "%s", detail);
    return ava_push(&out->anomaly, a) ? NULL : &out->anomaly.at[out->anomaly.n - 1];
}

/* One anomaly for all traces of editing: the strongest, a splice before others. What it adds; negative: out of memory. Scores
 * count as they are written, so that nobody reads .5 of 1 and sees it left out. */
static double flag_artifacts(AvaAnalysisOutput *out, const AvaRule *r)
{
    const AvaArtifact *top = NULL;
    size_t n = 0;
    double best = 0;
    int splice = 0;
    for (size_t i = 0; i < out->artifacts.segment.n; i++) {
        const AvaArtifact *x = &out->artifacts.segment.at[i];
        double score = ava_rounded(x->score, 3);
        int is_splice = !strcmp(x->kind, "splice");
        if (score < r->limit)
            continue;
        n++;
        if (!top || is_splice > splice || (is_splice == splice && score > best)) {
            top = x;
            best = score;
            splice = is_splice;
        }
    }
    if (!top)
        return 0;
    char text[AVA_SENTENCE];
    snprintf(text, sizeof text, "%s: %s%s.", splice ? "The sound looks spliced" : "The sound shows traces of editing", top->evidence,
             n > 1 ? " (and other places)" : "");
    AvaAnomaly *a = flag(out, splice ? r->kind : "audio-artifact", splice ? r->weight : fmin(r->weight, 1), r->add, text);
    if (!a)
        return -1;
    a->has_time = 1;
    a->start_us = top->start_us;
    a->end_us = top->end_us;
    return r->add;
}

static void sentence(char *out, size_t size, const AvaRule *r, double x)
{
    if (r->field == AVALIGN_SYNC_OFFSET_MS)
        ava_format(out, size, "The sound is %s: it %s the picture by %.0f ms (over %.0f ms).", x > 0 ? "early" : "late", x > 0 ? "leads" : "lags behind", fabs(x),
                 r->limit);
    else if (r->field == AVALIGN_VOICE_FACE_MATCH)
        ava_format(out, size, "The voice does not fit the face (match %.2f, below %.2f).", x, r->limit);
    else if (r->field == AVALIGN_EMOTION_COHERENCE)
        ava_format(out, size, "The emotion in the voice does not fit the face (coherence %.2f, below %.2f).", x, r->limit);
    else if (r->field == AVALIGN_VOICE_AUTHENTICITY)
        ava_format(out, size, "The voice shows signs of synthesis (authenticity %.2f, below %.2f).", x, r->limit);
    else if (r->field == AVALIGN_LIP_SYNC_SCORE)
        ava_format(out, size, "Mouth and sound do not match (score %.2f, below %.2f).", x, r->limit);
    else
        ava_format(out, size, "The offset is not sure (confidence %.2f, below %.2f).", x, r->limit);
}

/* The heaviest first; of one weight, as the policy has them. */
static void sort_by_weight(AvaAnomalyList *l)
{
    for (size_t i = 1; i < l->n; i++) /* a handful */
        for (size_t k = i; k > 0 && ava_rounded(l->at[k].weight, 2) > ava_rounded(l->at[k - 1].weight, 2); k--) {
            AvaAnomaly t = l->at[k];
            l->at[k] = l->at[k - 1];
            l->at[k - 1] = t;
        }
}

/* Flags what the policy's rules say; the sum, and how many fields had an answer. Negative: out of memory. */
static double add_up(const AvaEvidence *ev, AvaAnalysisOutput *out, const AvaPolicy *policy, int *judged)
{
    double sum = 0;
    char text[256];
    for (size_t i = 0; i < policy->n_rules; i++) {
        const AvaRule *r = &policy->rule[i];
        if (r->field == AVALIGN_N_FIELDS) {
            double add = out->artifacts.absent ? 0 : flag_artifacts(out, r);
            if (add < 0)
                return -1;
            sum += add;
            *judged += !out->artifacts.absent && ev->speech_s >= .5; /* without speech there is nothing to say of a talking head */
            continue;
        }
        if (out->reason[r->field])
            continue;
        double x = out->field[r->field];
        ++*judged;
        if (r->outside ? fabs(x) <= r->limit : x >= r->limit)
            continue;
        sum += r->add;
        sentence(text, sizeof text, r, x);
        if (!flag(out, r->kind, r->weight, r->add, text))
            return -1;
    }
    return fmin(sum, 1);
}

/* Has a term of the policy that no headline field stands for a number? Such a one is never in the sum. */
static int judged_beside(const AvaAnalysisOutput *out, const AvaPolicy *policy)
{
    for (size_t i = 0; policy->by_fusion && i < policy->n_terms; i++)
        if (ava_signal_stands_alone(policy->term[i].signal) && !isnan(ava_signal_number(out, policy->term[i].signal)))
            return 1;
    return 0;
}

static int verdict_run(const AvaAnalysisInput *in, AvaAnalysisOutput *out, AvalignErrorInfo *e)
{
    AvaPolicy builtin = { 0 };
    const AvaPolicy *policy = in->policy ? in->policy : &builtin;
    AvaVerdictResult *r = &out->verdict;
    int judged = 0, rc = in->policy ? 0 : ava_policy_parse(NULL, &builtin, e);
    if (rc)
        return rc;
    double sum = add_up(in->ev, out, policy, &judged), llr = 0;
    if (sum < 0)
        return AVALIGN_ERR_NOMEM;
    judged += judged_beside(out, policy);
    if (!judged) {
        ava_absent(out, &ava_verdict, "too-little-judged");
        return 0;
    }
    sort_by_weight(&out->anomaly);
    int fused = ava_policy_fuse(policy, out, &llr);
    if (fused < 0)
        return AVALIGN_ERR_NOMEM;
    double calibrated = ava_logistic(llr);
    r->absent = NULL;
    snprintf(r->policy, sizeof r->policy, "%s", policy->name);
    r->score = policy->by_fusion ? calibrated : sum;
    r->flag_at = in->flag_at > 0 ? in->flag_at : policy->flag_at;
    r->flagged = r->score >= r->flag_at && (fused || !policy->by_fusion);
    r->judged = judged;
    r->sum = sum;
    r->calibrated_score = fused ? calibrated : NAN;
    r->calibrated_llr = fused ? llr : NAN;
    r->calibrated_words = fused ? ava_verbal_scale(llr) : NULL;
    r->calibrated_cllr = policy->cllr > 0 ? policy->cllr : NAN;
    if (policy->by_fusion && !fused) {
        out->reason[AVALIGN_ANOMALY_SCORE] = "too-little-judged";
        return 0;
    }
    out->field[AVALIGN_ANOMALY_SCORE] = r->score;
    out->reason[AVALIGN_ANOMALY_SCORE] = NULL;
    return 0;
}
