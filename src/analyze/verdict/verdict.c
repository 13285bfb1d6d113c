/* verdict.c -- the policy's sum (by default the mission's: thresholds and increments exactly as published there) and its fused
 * likelihood ratio. The indicator weights order the findings; they do not enter the sum. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/analyzer.h"

static int run(const AvaEvidence *ev, AvaFindings *out, AvalignErrorInfo *e);

const AvaAnalyzer ava_verdict = {
    { "verdict", "the anomaly score", (const char *const[]){ NULL }, (const char *const[]){ "anomaly_score", NULL }, 1 },
    (const AvalignField[]){ AVALIGN_ANOMALY_SCORE, AVALIGN_N_FIELDS }, .run = run
};

static json_t *flag(AvaFindings *out, const char *kind, double weight, double add, const char *detail)
{
    json_t *a = json_pack("{s:s,s:o,s:o,s:s}", "kind", kind, "weight", ava_json_real(weight, 2), "adds", ava_json_real(add, 2), "detail", detail);
    json_array_append_new(out->anomalies, a);
    return a;
}

/* One anomaly for all traces of editing: the strongest, a splice before others. */
static double flag_artifacts(AvaFindings *out, const AvaRule *r)
{
    const json_t *list = json_object_get(json_object_get(out->signals, "artifacts"), "segments"), *x, *top = NULL;
    size_t i, n = 0;
    double best = 0;
    int splice = 0;
    json_array_foreach(list, i, x) {
        double score = json_number_value(json_object_get(x, "score"));
        int is_splice = !strcmp(json_string_value(json_object_get(x, "kind")), "splice");
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
    char text[400];
    snprintf(text, sizeof text, "%s: %s%s.", splice ? "The sound looks spliced" : "The sound shows traces of editing",
             json_string_value(json_object_get(top, "evidence")), n > 1 ? " (and other places)" : "");
    json_t *a = flag(out, splice ? r->kind : "audio-artifact", splice ? r->weight : fmin(r->weight, 1), r->add, text);
    json_object_set(a, "start_s", json_object_get(top, "start_s"));
    json_object_set(a, "end_s", json_object_get(top, "end_s"));
    return r->add;
}

static void sentence(char *out, size_t size, const AvaRule *r, double x)
{
    if (r->field == AVALIGN_SYNC_OFFSET_MS)
        snprintf(out, size, "The sound is %s: it %s the picture by %.0f ms (over %.0f ms).", x > 0 ? "early" : "late", x > 0 ? "leads" : "lags behind", fabs(x),
                 r->limit);
    else if (r->field == AVALIGN_VOICE_FACE_MATCH)
        snprintf(out, size, "The voice does not fit the face (match %.2f, below %.2f).", x, r->limit);
    else if (r->field == AVALIGN_EMOTION_COHERENCE)
        snprintf(out, size, "The feeling in the voice does not fit the face (coherence %.2f, below %.2f).", x, r->limit);
    else if (r->field == AVALIGN_VOICE_AUTHENTICITY)
        snprintf(out, size, "The voice shows signs of synthesis (authenticity %.2f, below %.2f).", x, r->limit);
    else if (r->field == AVALIGN_LIP_SYNC_SCORE)
        snprintf(out, size, "Mouth and sound do not match (score %.2f, below %.2f).", x, r->limit);
    else
        snprintf(out, size, "The offset is not sure (confidence %.2f, below %.2f).", x, r->limit);
}

static int by_weight(const void *p, const void *q)
{
    double a = json_number_value(json_object_get(*(json_t *const *)p, "weight"));
    double b = json_number_value(json_object_get(*(json_t *const *)q, "weight"));
    return (a < b) - (a > b);
}

static void sort_by_weight(json_t *list)
{
    size_t n = json_array_size(list);
    json_t **v = malloc((n + 1) * sizeof *v);
    if (!v)
        return;
    for (size_t i = 0; i < n; i++)
        v[i] = json_incref(json_array_get(list, i));
    qsort(v, n, sizeof *v, by_weight);
    json_array_clear(list);
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, v[i]);
    free(v);
}

/* Flags what the policy's rules say; the sum, and how many fields had an answer. */
static double add_up(const AvaEvidence *ev, AvaFindings *out, const AvaPolicy *policy, int *judged)
{
    double sum = 0;
    char text[256];
    for (size_t i = 0; i < policy->n_rules; i++) {
        const AvaRule *r = &policy->rule[i];
        if (r->field == AVALIGN_N_FIELDS) {
            if (json_object_get(json_object_get(out->signals, "artifacts"), "segments")) {
                *judged += ev->speech_s >= .5; /* without speech there is nothing to say of a talking head */
                sum += flag_artifacts(out, r);
            }
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
        flag(out, r->kind, r->weight, r->add, text);
    }
    return fmin(sum, 1);
}

static int run(const AvaEvidence *ev, AvaFindings *out, AvalignErrorInfo *e)
{
    AvaPolicy builtin = { 0 };
    const AvaPolicy *policy = out->policy ? out->policy : &builtin;
    int judged = 0, rc = out->policy ? 0 : ava_policy_parse(NULL, &builtin, e);
    if (rc)
        return rc;
    double sum = add_up(ev, out, policy, &judged), llr = 0;
    if (!judged) {
        ava_absent(out, &ava_verdict, "too-little-judged");
        return 0;
    }
    sort_by_weight(out->anomalies);
    json_t *shares = json_object();
    int fused = ava_policy_fuse(policy, out->signals, &llr, shares);
    double calibrated = 1 / (1 + exp(-llr)), at = out->flag_at > 0 ? out->flag_at : policy->flag_at, score = policy->by_fusion ? calibrated : sum;
    json_t *v = json_pack("{s:s,s:o,s:o}", "policy", policy->name, "score", ava_json_real(score, 3), "flag_at", ava_json_real(at, 3));
    json_object_set_new(v, "flagged", json_boolean(score >= at && (fused || !policy->by_fusion)));
    json_object_set_new(v, "judged", json_integer(judged));
    json_object_set_new(v, "sum", ava_json_real(sum, 3));
    json_object_set_new(v, "calibrated_score", fused ? ava_json_real(calibrated, 3) : json_null());
    json_object_set_new(v, "calibrated_llr", fused ? ava_json_real(llr, 2) : json_null());
    json_object_set_new(v, "calibrated_words", fused ? json_string(ava_verbal_scale(llr)) : json_null());
    json_object_set_new(v, "calibrated_cllr", policy->cllr > 0 ? ava_json_real(policy->cllr, 3) : json_null());
    json_object_set_new(v, "shares", shares);
    json_object_set_new(out->signals, "verdict", v);
    if (policy->by_fusion && !fused) {
        out->reason[AVALIGN_ANOMALY_SCORE] = "too-little-judged";
        return 0;
    }
    out->field[AVALIGN_ANOMALY_SCORE] = score;
    out->reason[AVALIGN_ANOMALY_SCORE] = NULL;
    return 0;
}
