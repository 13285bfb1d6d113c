#include "report/findings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "util/err.h"

static double real(const json_t *o, const char *key) { return json_number_value(json_object_get(o, key)); }

double ava_result_length(const AvalignResult *r)
{
    const json_t *media = json_object_get(r->root, "media"), *s;
    double end = fmax(real(media, "duration_s"), real(json_object_get(media, "sound"), "length_s"));
    size_t i;
    json_array_foreach(json_object_get(r->root, "segments"), i, s)
        end = fmax(end, real(s, "end_s"));
    return fmax(end, .04);
}

static int add(AvaFindingList *out, const char *kind, double start, double end, double score, int counts, const char *text)
{
    AvaFinding f = { .kind = kind, .start_s = fmax(0, start), .end_s = fmax(fmax(0, start), end), .score = score, .counts = counts };
    ava_clean_line(f.text, sizeof f.text, text ? text : "");
    return ava_push(out, f);
}

/* A list of the signals, each with start_s and end_s, or a moment: at_s or time_s. */
static int add_all(AvaFindingList *out, const json_t *list, const char *kind, double score, const char *text, const char *detail_key)
{
    const json_t *x;
    size_t i;
    json_array_foreach(list, i, x) {
        const json_t *at = json_object_get(x, "at_s") ? json_object_get(x, "at_s") : json_object_get(x, "time_s");
        double start = at ? json_number_value(at) : real(x, "start_s"), end = at ? start : real(x, "end_s");
        const char *own = detail_key ? json_string_value(json_object_get(x, detail_key)) : NULL;
        if (add(out, kind, start, end, score, 0, own ? own : text))
            return -1;
    }
    return 0;
}

static int by_time(const void *p, const void *q)
{
    const AvaFinding *a = p, *b = q;
    return a->start_s != b->start_s ? (a->start_s > b->start_s) - (a->start_s < b->start_s) : (a->end_s > b->end_s) - (a->end_s < b->end_s);
}

/* Is this trace already there as an anomaly? */
static int known(const AvaFindingList *l, double start, double end)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->at[i].counts && l->at[i].start_s == start && l->at[i].end_s == end)
            return 1;
    return 0;
}

int ava_findings_list(const AvalignResult *r, AvaFindingList *out)
{
    const json_t *signals = json_object_get(r->root, "signals"), *lip = json_object_get(signals, "lipsync"), *who = json_object_get(signals, "speaker"), *x;
    double length = ava_result_length(r);
    size_t i;
    json_array_foreach(json_object_get(r->root, "anomalies"), i, x) {
        int timed = json_object_get(x, "start_s") != NULL;
        if (add(out, json_string_value(json_object_get(x, "kind")), timed ? real(x, "start_s") : 0, timed ? real(x, "end_s") : length, 1, 1,
                json_string_value(json_object_get(x, "detail"))))
            return -1;
        out->at[out->n - 1].weight = real(x, "weight");
        out->at[out->n - 1].adds = real(x, "adds");
    }
    json_array_foreach(json_object_get(json_object_get(signals, "artifacts"), "segments"), i, x)
        if (!known(out, real(x, "start_s"), real(x, "end_s")) &&
            add(out, json_string_value(json_object_get(x, "kind")), real(x, "start_s"), real(x, "end_s"), real(x, "score"), 0,
                json_string_value(json_object_get(x, "evidence"))))
            return -1;
    json_array_foreach(json_object_get(json_object_get(signals, "viseme"), "missed_closures"), i, x) {
        char text[96];
        snprintf(text, sizeof text, "%s was heard but the lips were not closed", json_string_value(json_object_get(x, "phone")));
        if (add(out, "missed-closure", real(x, "picture_s"), real(x, "picture_s"), .3, 0, text))
            return -1;
    }
    if (add_all(out, json_object_get(lip, "steps"), "sync-step", .8, "the offset between sound and picture jumps", NULL) ||
        add_all(out, json_object_get(lip, "dropouts"), "sync-dropout", .6, "mouth and sound do not match here, though elsewhere they do", NULL) ||
        add_all(out, json_object_get(json_object_get(signals, "emotion"), "mismatches"), "emotion-mismatch", .3, "", "detail") ||
        add_all(out, json_object_get(who, "voice_changes"), "voice-change", .5, "another voice from here on", NULL) ||
        add_all(out, json_object_get(who, "offscreen_voice"), "offscreen-voice", .3, "somebody speaks who is not the face in the picture", NULL))
        return -1;
    if (out->n)
        qsort(out->at, out->n, sizeof *out->at, by_time);
    return 0;
}
