/* verdict.c -- the mission's sum: thresholds and increments exactly as published
 * there. The indicator weights order the findings; they do not enter the sum. */
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

typedef struct Rule {
    AvalignField field;
    double below, add, weight; /* flagged when the field is below; the offset's rule is its own */
    const char *kind, *sentence;
} Rule;

static const Rule rules[] = {
    { AVALIGN_VOICE_FACE_MATCH, .5, .25, 1.4, "voice-face-mismatch", "The voice does not fit the face (match %.2f, below 0.50)." },
    { AVALIGN_EMOTION_COHERENCE, .6, .2, 1.2, "incongruent-emotion", "The feeling in the voice does not fit the face (coherence %.2f, below 0.60)." },
    { AVALIGN_VOICE_AUTHENTICITY, .5, .25, 1.3, "synthetic-voice", "The voice shows signs of synthesis (authenticity %.2f, below 0.50)." },
};

static const double ARTIFACT = .5;

static json_t *flag(AvaFindings *out, const char *kind, double weight, double add, const char *detail)
{
    json_t *a = json_pack("{s:s,s:o,s:o,s:s}", "kind", kind, "weight", ava_json_real(weight, 2), "adds", ava_json_real(add, 2), "detail", detail);
    json_array_append_new(out->anomalies, a);
    return a;
}

/* One anomaly for all traces of editing: the strongest, a splice before others. */
static double flag_artifacts(AvaFindings *out)
{
    const json_t *list = json_object_get(json_object_get(out->signals, "artifacts"), "segments"), *x, *top = NULL;
    size_t i, n = 0;
    double best = 0;
    int splice = 0;
    json_array_foreach(list, i, x) {
        double score = json_number_value(json_object_get(x, "score"));
        int is_splice = !strcmp(json_string_value(json_object_get(x, "kind")), "splice");
        if (score < ARTIFACT)
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
    json_t *a = flag(out, splice ? "audio-splice" : "audio-artifact", splice ? 1.1 : 1.0, .15, text);
    json_object_set(a, "start_s", json_object_get(top, "start_s"));
    json_object_set(a, "end_s", json_object_get(top, "end_s"));
    return .15;
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

static int run(const AvaEvidence *ev, AvaFindings *out, AvalignErrorInfo *e)
{
    (void)e;
    double sum = 0;
    int judged = 0;
    char text[256];
    if (!out->reason[AVALIGN_SYNC_OFFSET_MS]) {
        double ms = out->field[AVALIGN_SYNC_OFFSET_MS];
        judged++;
        if (fabs(ms) > 100) {
            sum += .3;
            snprintf(text, sizeof text, "The sound is %s: it %s the picture by %.0f ms (over 100 ms).",
                     ms > 0 ? "early" : "late", ms > 0 ? "leads" : "lags behind", fabs(ms));
            flag(out, "lip-sync-error", 1.5, .3, text);
        }
    }
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const Rule *r = &rules[i];
        if (out->reason[r->field])
            continue;
        judged++;
        if (out->field[r->field] < r->below) {
            sum += r->add;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            snprintf(text, sizeof text, r->sentence, out->field[r->field]);
#pragma GCC diagnostic pop
            flag(out, r->kind, r->weight, r->add, text);
        }
    }
    if (json_object_get(json_object_get(out->signals, "artifacts"), "segments")) {
        judged += ev->speech_s >= .5; /* without speech there is nothing to say of a talking head */
        sum += flag_artifacts(out);
    }
    if (!judged) {
        ava_absent(out, &ava_verdict, "too-little-judged");
        return 0;
    }
    sort_by_weight(out->anomalies);
    sum = fmin(sum, 1);
    out->field[AVALIGN_ANOMALY_SCORE] = sum;
    out->reason[AVALIGN_ANOMALY_SCORE] = NULL;
    json_object_set_new(out->signals, "verdict",
                        json_pack("{s:s,s:o,s:o,s:b,s:i}", "policy", "seed", "score", ava_json_real(sum, 3), "flag_at",
                                  ava_json_real(out->flag_at, 3), "flagged", sum >= out->flag_at, "judged", judged));
    return 0;
}
