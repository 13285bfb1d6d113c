/* marks.c -- the findings in the formats of other tools: WebVTT cues (W3C), a CMX 3600 edit list with locators, CSV (RFC 4180),
 * RTTM (NIST; who speaks when), a Praat TextGrid, an OpenTimelineIO timeline with markers, SARIF 2.1.0 (OASIS). */

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/findings.h"
#include "report/out.h"
#include "report/report.h"
#include "report/timecode.h"
#include "report/url.h"

static int marks_put_json(const char *s, size_t n, void *data)
{
    AvaOut *o = data;
    o->failed = o->failed || o->write(o->cookie, s, n) != 0;
    return o->failed ? -1 : 0;
}

/* A copy of text with one character put in front of some, or in place of others. */
static const char *changed(const char *s, char *out, size_t size, const char *these, const char *with, int twice)
{
    size_t n = 0;
    for (; *s && n + 2 < size; s++) {
        int hit = strchr(these, *s) != NULL;
        if (hit && !twice) {
            out[n++] = with[0];
            continue;
        }
        if (hit)
            out[n++] = *s;
        out[n++] = *s;
    }
    out[n] = 0;
    return out;
}

static const char *base_name(const AvalignResult *r)
{
    const char *file = r->line, *slash = file ? strrchr(file, '/') : NULL;
    return slash ? slash + 1 : file ? file : "pushed";
}

/* As editing suites colour markers. */
static const char *colour(const AvaFinding *f) { return f->counts ? "RED" : f->score >= .5 ? "YELLOW" : "BLUE"; }

/* ---- WebVTT -------------------------------------------------------------------------- */

static void vtt(AvaOut *o, const AvaFindingList *l)
{
    char text[700];
    ava_out(o, "WEBVTT\n");
    for (size_t i = 0; i < l->n; i++) {
        const AvaFinding *f = &l->at[i];
        ava_out(o, "\n%s %zu\n", f->kind, i + 1);
        ava_out_clock(o, f->start_s, '.');
        ava_out(o, " --> ");
        ava_out_clock(o, fmax(f->end_s, f->start_s + .5), '.'); /* a moment is shown for half a second */
        ava_out(o, "\n%s\n", changed(f->text, text, sizeof text, "<>&", "'", 0));
    }
}

/* ---- CSV ----------------------------------------------------------------------------- */

static void csv(AvaOut *o, const AvaFindingList *l)
{
    char text[700];
    ava_out(o, "kind,start_s,end_s,score,counts,text\r\n");
    for (size_t i = 0; i < l->n; i++) {
        const AvaFinding *f = &l->at[i];
        ava_out(o, "%s,%.3f,%.3f,%.3f,%d,\"%s%s\"\r\n", f->kind, f->start_s, f->end_s, f->score, f->counts,
            strchr("=+-@", *f->text) && *f->text ? "'" : "", /* a spreadsheet would take it for a formula */
            changed(f->text, text, sizeof text, "\"", "", 1));
    }
}

/* ---- CMX 3600 ------------------------------------------------------------------------ */

static int seen(const AvalignResult *r) { return r->media.info.has_video && r->media.stats.frames; }

static AvaRate frame_rate(const AvalignResult *r)
{
    const AvaMediaInfo *i = &r->media.info;
    char rate[32];
    snprintf(rate, sizeof rate, "%d/%d", i->rate_num, i->rate_den);
    return seen(r) ? ava_rate(rate, i->timecode) : ava_rate(NULL, NULL);
}

static void edl(AvaOut *o, const AvalignResult *r, const AvaFindingList *l)
{
    AvaRate rate = frame_rate(r);
    int64_t end = ava_rate_frame(rate, ava_result_length(r)), source = ava_timecode_frame(rate, seen(r) ? r->media.info.timecode : "");
    char t[4][AVA_TIMECODE];
    for (int k = 0; k < 4; k++)
        ava_timecode(rate, (k % 2 ? end : 0) + (k < 2 ? source : 0), t[k]);
    ava_out(o, "TITLE: avalign findings\nFCM: %s\n\n001  AX       V     C        %s %s %s %s\n* FROM CLIP NAME: ", rate.drop ? "DROP FRAME" : "NON-DROP FRAME",
            t[0], t[1], t[2], t[3]);
    ava_out_text(o, base_name(r));
    ava_out(o, "\n");
    for (size_t i = 0; i < l->n; i++) {
        ava_timecode(rate, ava_rate_frame(rate, l->at[i].start_s), t[0]);
        ava_out(o, "* LOC: %s %-7s %s: %s\n", t[0], colour(&l->at[i]), l->at[i].kind, l->at[i].text);
    }
}

/* ---- RTTM ---------------------------------------------------------------------------- */

static void rttm(AvaOut *o, const AvalignResult *r)
{
    char file[1100];
    changed(base_name(r), file, sizeof file, " \t", "_", 0);
    const AvaSegmentList *l = &r->found.segment;
    int faces = 0;
    for (size_t i = 0; i < l->n; i++)
        faces |= !strcmp(l->at[i].kind, "speaking");
    for (size_t i = 0; i < l->n; i++) {
        const AvaSegment *s = &l->at[i];
        char who[32];
        if (!strcmp(s->kind, "speaking"))
            snprintf(who, sizeof who, "face_%d", s->track);
        else if (!strcmp(s->kind, "voice-without-face") || (!faces && !strcmp(s->kind, "speech")))
            snprintf(who, sizeof who, "unseen");
        else
            continue;
        double a = ava_rounded_s(s->start_us, 3), b = ava_rounded_s(s->end_us, 3);
        ava_out(o, "SPEAKER %s 1 %.3f %.3f <NA> <NA> %s <NA> <NA>\n", file, a, b - a, who);
    }
}

/* ---- Praat --------------------------------------------------------------------------- */

/* An interval with a label. */
typedef struct Labelled {
    double start_s, end_s;
    const char *label;
} Labelled;

typedef AVA_VEC(Labelled) LabelledList;

static int label(LabelledList *l, int64_t start_us, int64_t end_us, const char *text)
{
    Labelled x = { ava_rounded_s(start_us, 3), ava_rounded_s(end_us, 3), text };
    return ava_push(l, x);
}

/* Praat wants every instant covered: what is between gets an empty label. */
static void interval_tier(AvaOut *o, int index, const char *name, const LabelledList *list, double end)
{
    char text[2 * AVA_WORD];
    for (int pass = 0; pass < 2; pass++) {
        double at = 0;
        int n = 0;
        for (size_t i = 0; i < list->n; i++) {
            double a = list->at[i].start_s, b = fmin(end, list->at[i].end_s);
            if (a < at - 1e-9 || b <= a)
                continue;
            if (a > at + 1e-6) {
                n++;
                if (pass)
                    ava_out(o, "        intervals [%d]:\n            xmin = %.4f\n            xmax = %.4f\n            text = \"\"\n", n, at, a);
            }
            n++;
            if (pass)
                ava_out(o, "        intervals [%d]:\n            xmin = %.4f\n            xmax = %.4f\n            text = \"%s\"\n", n, a, b,
                    changed(list->at[i].label, text, sizeof text, "\"", "", 1));
            at = b;
        }
        if (at < end - 1e-6) {
            n++;
            if (pass)
                ava_out(o, "        intervals [%d]:\n            xmin = %.4f\n            xmax = %.4f\n            text = \"\"\n", n, at, end);
        }
        if (!pass)
            ava_out(o, "    item [%d]:\n        class = \"IntervalTier\"\n        name = \"%s\"\n        xmin = 0\n        xmax = %.4f\n        intervals: size = %d\n",
                index, name, end, n);
    }
}

static void textgrid(AvaOut *o, const AvalignResult *r, const AvaFindingList *l)
{
    double end = ava_result_length(r), last = -1;
    LabelledList speech = { 0 }, phones = { 0 }, words = { 0 };
    for (size_t i = 0; i < r->found.segment.n && !o->failed; i++) {
        const AvaSegment *s = &r->found.segment.at[i];
        if (!strcmp(s->kind, "speech") && label(&speech, s->start_us, s->end_us, s->kind))
            o->failed = AVALIGN_ERR_NOMEM;
    }
    for (size_t i = 0; i < r->found.viseme.phone.n && !o->failed; i++) {
        const AvaHeardPhone *p = &r->found.viseme.phone.at[i];
        if (label(&phones, p->start_us, p->end_us, ava_phone_label(p->id)))
            o->failed = AVALIGN_ERR_NOMEM;
    }
    const AvaTranscriptResult *said = &r->found.transcript;
    for (size_t i = 0; i < said->word.n && !o->failed; i++)
        if (label(&words, said->word.at[i].start_us, said->word.at[i].end_us, said->word.at[i].text))
            o->failed = AVALIGN_ERR_NOMEM;
    int n = 0, tiers = said->asked ? 4 : 3;
    char text[700];
    ava_out(o, "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\nxmin = 0\nxmax = %.4f\ntiers? <exists>\nsize = %d\nitem []:\n", end, tiers);
    interval_tier(o, 1, "speech", &speech, end);
    interval_tier(o, 2, "phones", &phones, end);
    ava_vec_free(&speech);
    if (said->asked)
        interval_tier(o, 3, "words", &words, end);
    ava_vec_free(&phones);
    ava_vec_free(&words);
    for (int pass = 0; pass < 2; pass++) {
        last = -1;
        n = 0;
        for (size_t i = 0; i < l->n; i++) {
            if (l->at[i].start_s <= last || l->at[i].start_s > end) /* one point an instant */
                continue;
            last = l->at[i].start_s;
            n++;
            if (pass)
                ava_out(o, "        points [%d]:\n            number = %.4f\n            mark = \"%s: %s\"\n", n, last, l->at[i].kind,
                    changed(l->at[i].text, text, sizeof text, "\"", "", 1));
        }
        if (!pass)
            ava_out(o, "    item [%d]:\n        class = \"TextTier\"\n        name = \"findings\"\n        xmin = 0\n        xmax = %.4f\n        points: size = %d\n", tiers, end, n);
    }
}

/* ---- OpenTimelineIO ------------------------------------------------------------------ */

static json_t *otio_time(double s, AvaRate rate)
{
    return json_pack("{s:s,s:f,s:f}", "OTIO_SCHEMA", "RationalTime.1", "rate", (double)rate.num / rate.den, "value", (double)ava_rate_frame(rate, s));
}

static json_t *otio_range(double a, double b, AvaRate rate)
{
    return json_pack("{s:s,s:o,s:o}", "OTIO_SCHEMA", "TimeRange.1", "start_time", otio_time(a, rate), "duration", otio_time(b - a, rate));
}

static void otio(AvaOut *o, const AvalignResult *r, const AvaFindingList *l)
{
    AvaRate rate = frame_rate(r);
    double end = ava_result_length(r);
    char *url = ava_file_url(r->file);
    if (!url) {
        o->failed = AVALIGN_ERR_NOMEM;
        return;
    }
    json_t *markers = json_array();
    for (size_t i = 0; i < l->n; i++) {
        const AvaFinding *f = &l->at[i];
        json_array_append_new(markers, json_pack("{s:s,s:s,s:s,s:o,s:{s:{s:s,s:f}}}", "OTIO_SCHEMA", "Marker.2", "name", f->kind, "color",
                                                 colour(f), "marked_range",
                                                 otio_range(f->start_s, f->end_s, rate), "metadata", "avalign", "text", f->text, "score", f->score));
    }
    json_t *clip = json_pack("{s:s,s:s,s:o,s:{s:s,s:s,s:o},s:o}", "OTIO_SCHEMA", "Clip.1", "name", base_name(r), "source_range", otio_range(0, end, rate),
                             "media_reference", "OTIO_SCHEMA", "ExternalReference.1", "target_url", url, "available_range",
                             otio_range(0, end, rate), "markers", markers);
    json_t *doc = json_pack("{s:s,s:s,s:{s:s,s:s,s:[{s:s,s:s,s:s,s:[o]}]}}", "OTIO_SCHEMA", "Timeline.1", "name", "avalign findings", "tracks",
                            "OTIO_SCHEMA", "Stack.1", "name", "tracks", "children", "OTIO_SCHEMA", "Track.1", "name", "video", "kind", "Video", "children",
                            clip);
    json_dump_callback(doc, marks_put_json, o, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    json_decref(doc);
    free(url);
}

/* ---- SARIF --------------------------------------------------------------------------- */

static void sarif(AvaOut *o, const AvalignResult *r, const AvaFindingList *l)
{
    char *where = ava_file_url(r->file);
    if (!where) {
        o->failed = AVALIGN_ERR_NOMEM;
        return;
    }
    json_t *results = json_array(), *rules = json_array();
    for (size_t i = 0; i < l->n; i++) {
        const AvaFinding *f = &l->at[i];
        size_t k, rule = json_array_size(rules);
        const json_t *x;
        json_array_foreach(rules, k, x)
            if (!strcmp(json_string_value(json_object_get(x, "id")), f->kind))
                rule = k;
        if (rule == json_array_size(rules))
            json_array_append_new(rules, json_pack("{s:s}", "id", f->kind));
        json_array_append_new(results, json_pack("{s:s,s:i,s:s,s:{s:s},s:[{s:{s:{s:s}}}],s:{s:f,s:f,s:f}}", "ruleId", f->kind, "ruleIndex", (int)rule, "level",
                                                 f->counts ? "error" : f->score >= .5 ? "warning" : "note", "message", "text", f->text, "locations",
                                                 "physicalLocation", "artifactLocation", "uri", where, "properties", "start_s", f->start_s, "end_s",
                                                 f->end_s, "score", f->score));
    }
    json_t *doc = json_pack("{s:s,s:s,s:[{s:{s:{s:s,s:s,s:o}},s:o}]}", "$schema", "https://json.schemastore.org/sarif-2.1.0.json", "version", "2.1.0", "runs",
                            "tool", "driver", "name", "avalign", "version", avalign_version(), "rules", rules, "results", results);
    json_dump_callback(doc, marks_put_json, o, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    json_decref(doc);
    free(where);
}

int ava_report_marks(const AvalignResult *r, AvalignFormat format, AvalignWriteFn *write, void *cookie)
{
    AvaOut o = { write, cookie, 0 };
    AvaFindingList l = { 0 };
    if (ava_findings_list(r, &l))
        o.failed = AVALIGN_ERR_NOMEM;
    switch (format) {
    case AVALIGN_VTT: vtt(&o, &l); break;
    case AVALIGN_EDL: edl(&o, r, &l); break;
    case AVALIGN_CSV: csv(&o, &l); break;
    case AVALIGN_RTTM: rttm(&o, r); break;
    case AVALIGN_TEXTGRID: textgrid(&o, r, &l); break;
    case AVALIGN_OTIO: otio(&o, r, &l); break;
    case AVALIGN_SARIF: sarif(&o, r, &l); break;
    default: o.failed = AVALIGN_ERR_ARG;
    }
    ava_vec_free(&l);
    return o.failed;
}
