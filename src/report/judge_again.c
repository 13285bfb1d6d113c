/* judge_again.c -- a result, or an evidence page, that was written before, under another policy: the numbers in it are read back, the verdict is
 * written anew, and everything else stays as it is, to the byte. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/findings.h"
#include "report/json_result.h"
#include "report/report.h"
#include "util/err.h"
#include "util/format.h"

/* ---- what the verdict reads ------------------------------------------------------------------ */

static const json_t *judge_again_at_path(const json_t *o, const char *path)
{
    char name[64];
    while (o && *path) {
        size_t n = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)n, path);
        o = json_object_get(o, name);
        path += n + (path[n] == '.');
    }
    return o;
}

static void read_fields(const json_t *doc, AvaAnalysisOutput *out)
{
    for (int i = 0; i < AVALIGN_N_FIELDS; i++) {
        const char *key = avalign_field_info((size_t)i)->key, *why = json_string_value(json_object_get(json_object_get(doc, "absent"), key));
        const json_t *v = json_object_get(doc, key);
        out->field[i] = json_number_value(v);
        out->reason[i] = json_is_number(v) ? NULL : why ? why : "not-asked";
    }
}

static int64_t us_of(const json_t *j) { return llrint(json_number_value(j) * 1e6); }

static int read_artifacts(const json_t *j, AvaArtifactsResult *out)
{
    const json_t *x;
    size_t i;
    out->absent = json_string_value(json_object_get(j, "absent"));
    if (!json_is_object(j))
        out->absent = "not-asked";
    json_array_foreach(json_object_get(j, "segments"), i, x) {
        const char *kind = json_string_value(json_object_get(x, "kind")), *evidence = json_string_value(json_object_get(x, "evidence"));
        AvaArtifact a = { .kind = kind ? kind : "", .start_us = us_of(json_object_get(x, "start_s")), .end_us = us_of(json_object_get(x, "end_s")),
                          .score = json_number_value(json_object_get(x, "score")) };
        snprintf(a.evidence, sizeof a.evidence, "%s", evidence ? evidence : "");
        if (ava_push(&out->segment, a))
            return -1;
    }
    return 0;
}

/* Texts stay the document's. 0 or -1: out of memory. */
static int read_numbers(const json_t *doc, AvaAnalysisOutput *out)
{
    const json_t *signals = json_object_get(doc, "signals");
    const char *name;
    json_t *v;
    read_fields(doc, out);
    for (size_t i = 0; (name = ava_signal_name(i)) != NULL; i++)
        if (json_is_number(judge_again_at_path(signals, name)))
            *ava_signal_at(out, name) = json_number_value(judge_again_at_path(signals, name));
    json_object_foreach((json_t *)judge_again_at_path(signals, "authenticity.experts"), name, v)
        if (out->authenticity.n_experts < AVA_MAX_EXPERTS) {
            int k = out->authenticity.n_experts++;
            snprintf(out->authenticity.name[k], sizeof out->authenticity.name[k], "%s", name);
            out->authenticity.expert[k] = json_is_number(v) ? json_number_value(v) : (double)NAN;
        }
    return read_artifacts(json_object_get(signals, "artifacts"), &out->artifacts);
}

/* ---- what the verdict writes ------------------------------------------------------------------ */

static void write_verdict(json_t *doc, const AvaAnalysisOutput *out, double flag_at)
{
    const AvalignFieldInfo *f = avalign_field_info(AVALIGN_ANOMALY_SCORE);
    const char *why = out->reason[AVALIGN_ANOMALY_SCORE];
    json_t *absent = json_object_get(doc, "absent"), *details = json_array();
    json_object_set_new(doc, f->key, why ? json_null() : ava_json_real(out->field[AVALIGN_ANOMALY_SCORE], f->decimals));
    json_t *reason = why ? json_string(why) : NULL; /* why may be the old one's */
    json_object_del(absent, f->key);
    if (reason)
        json_object_set_new(absent, f->key, reason);
    for (size_t i = 0; i < out->anomaly.n; i++)
        json_array_append_new(details, json_string(out->anomaly.at[i].detail));
    json_object_set_new(doc, "anomaly_details", details);
    json_object_set_new(doc, "anomalies", ava_json_anomalies(out));
    json_object_set_new(json_object_get(doc, "signals"), "verdict", ava_json_verdict(&out->verdict));
    json_object_set_new(json_object_get(doc, "settings"), "flag_at", ava_json_real(flag_at, 3));
}

static int is_artifact(const AvaAnalysisOutput *out, const char *kind)
{
    for (size_t i = 0; i < out->artifacts.segment.n; i++)
        if (!strcmp(out->artifacts.segment.at[i].kind, kind))
            return 1;
    return 0;
}

/* The page's list: what the verdict found is found anew, the rest stays. 0 or -1. */
static int write_findings(json_t *doc, const AvaAnalysisOutput *out)
{
    const json_t *media = json_object_get(doc, "media"), *x;
    AvaFindingList l = { 0 };
    size_t i;
    double length = fmax(fmax(json_number_value(json_object_get(media, "duration_s")), json_number_value(judge_again_at_path(media, "sound.length_s"))), .04);
    json_array_foreach(json_object_get(doc, "segments"), i, x)
        length = fmax(length, json_number_value(json_object_get(x, "end_s")));
    int bad = ava_findings_judged(out, length, &l);
    json_array_foreach(json_object_get(doc, "findings"), i, x) {
        const char *kind = json_string_value(json_object_get(x, "kind")), *text = json_string_value(json_object_get(x, "text"));
        if (bad || !kind || !text || json_is_true(json_object_get(x, "counts")) || is_artifact(out, kind))
            continue;
        AvaFinding f = { .kind = kind, .start_s = json_number_value(json_object_get(x, "start_s")), .end_s = json_number_value(json_object_get(x, "end_s")),
                         .score = json_number_value(json_object_get(x, "score")) };
        snprintf(f.text, sizeof f.text, "%s", text);
        bad = ava_push(&l, f);
    }
    ava_findings_sort(&l);
    json_t *list = bad ? NULL : ava_json_findings(&l); /* before the old texts go */
    ava_vec_free(&l);
    return list ? json_object_set_new(doc, "findings", list) : -1;
}

/* ---- the text ------------------------------------------------------------------------------------ */

static const char *find_text(const char *s, size_t n, const char *what)
{
    size_t len = strlen(what);
    for (size_t i = 0; i + len <= n; i++)
        if (s[i] == *what && !memcmp(s + i, what, len))
            return s + i;
    return NULL;
}

static int judge_again_foreign(AvalignErrorInfo *e)
{
    return ava_fail(e, AVALIGN_ERR_FORMAT, "judge", AVA_NO_TIME, 0, "this is no result and no evidence page of this version; analyze the file again");
}

/* The document in a text (all but the series); NULL with the error. */
static json_t *judge_again_read_document(const char *text, size_t n, AvalignErrorInfo *e)
{
    static const char end[] = "\"series\":0}";
    json_error_t je;
    char *whole = malloc(n + sizeof end);
    if (!whole)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "judge", AVA_NO_TIME, 0, "out of memory"), NULL;
    memcpy(whole, text, n);
    memcpy(whole + n, end, sizeof end);
    json_t *doc = json_loadb(whole, n + sizeof end - 1, JSON_REJECT_DUPLICATES, &je);
    free(whole);
    if (doc && json_integer_value(json_object_get(doc, "format")) == AVA_RESULT_FORMAT && json_is_object(json_object_get(doc, "signals")) &&
        json_is_object(json_object_get(doc, "absent")) && json_is_object(json_object_get(doc, "settings")))
        return doc;
    json_decref(doc);
    judge_again_foreign(e);
    return NULL;
}

static int judge_document(json_t *doc, AvaJudgeFn *judge, void *cookie, AvalignErrorInfo *e)
{
    AvaAnalysisOutput found;
    double flag_at = 0;
    ava_analysis_output_init(&found, "not-asked");
    int rc = read_numbers(doc, &found) ? AVALIGN_ERR_NOMEM : judge(cookie, json_number_value(judge_again_at_path(json_object_get(doc, "media"), "sound.speech_s")), &found, &flag_at, e);
    if (!rc)
        write_verdict(doc, &found, flag_at);
    if (!rc && json_object_get(doc, "findings") && write_findings(doc, &found))
        rc = AVALIGN_ERR_NOMEM;
    ava_analysis_output_free(&found);
    return rc == AVALIGN_ERR_NOMEM ? ava_fail(e, rc, "judge", AVA_NO_TIME, 0, "out of memory") : rc;
}

/* The page's text for those without scripts is of the old verdict. */
static int write_head(const char *text, size_t n, const json_t *doc, AvalignWriteFn *write, void *to)
{
    static const char open[] = "<noscript><pre>";
    const char *from = find_text(text, n, open), *end = from ? find_text(from, n - (size_t)(from - text), "</pre>") : NULL;
    const json_t *score = json_object_get(doc, avalign_field_info(AVALIGN_ANOMALY_SCORE)->key), *verdict = judge_again_at_path(json_object_get(doc, "signals"), "verdict");
    const char *policy = json_string_value(json_object_get(verdict, "policy"));
    char note[200];
    AvaEscapes html = { write, to, 0 };
    if (!end)
        return write(to, text, n);
    from += sizeof open - 1;
    if (policy)
        ava_format(note, sizeof note, "Judged again by the policy \"%s\": %s. Anomaly score %.2f, flagged from %.2f. What was measured stands in the JSON result.", policy,
                   json_is_true(json_object_get(verdict, "flagged")) ? "flagged" : "not flagged", json_number_value(score), json_number_value(json_object_get(verdict, "flag_at")));
    else
        snprintf(note, sizeof note, "Judged again: too little could be measured for a verdict.");
    return write(to, text, (size_t)(from - text)) || ava_escaped(&html, note, strlen(note)) || write(to, end, n - (size_t)(end - text));
}

int ava_report_judge_again(const char *text, size_t size, AvaJudgeFn *judge, void *cookie, AvalignWriteFn *write, void *to, AvalignErrorInfo *e)
{
    static const char data[] = "id=\"data\">", series[] = "\n\"series\": [";
    const char *start = text, *tail = NULL;
    int page = size && *text == '<';
    if (page && (start = find_text(text, size, data)) != NULL)
        start += sizeof data - 1;
    if (start)
        tail = find_text(start, size - (size_t)(start - text), series);
    if (!tail)
        return judge_again_foreign(e);
    size_t head = (size_t)(start - text), to_tail = (size_t)(++tail - text);
    json_t *doc = judge_again_read_document(start, to_tail - head, e);
    if (!doc)
        return e->code;
    int rc = judge_document(doc, judge, cookie, e);
    json_object_del(doc, "series");
    AvaEscapes json = { write, to, 1 };
    if (!rc && ((page && write_head(text, head, doc, write, to)) || (page ? ava_json_members(doc, ava_escaped, &json) : ava_json_members(doc, write, to)) ||
                write(to, tail, size - to_tail)))
        rc = ava_fail(e, AVALIGN_ERR_IO, "write", AVA_NO_TIME, 0, "the output could not be written");
    json_decref(doc);
    return rc;
}
