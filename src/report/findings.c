/* findings.c -- everything that was found, as one list in time order. */
#include "report/findings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/credentials.h"
#include "util/err.h"

double ava_result_length(const AvalignResult *r)
{
    double end = fmax(ava_rounded(r->media.duration_s, 3), ava_rounded(r->media.length_s, 3));
    for (size_t i = 0; i < r->found.segment.n; i++)
        end = fmax(end, ava_rounded_s(r->found.segment.at[i].end_us, 3));
    return fmax(end, .04);
}

static int findings_add(AvaFindingList *out, const char *kind, double start, double end, double score, int counts, const char *text)
{
    AvaFinding f = { .kind = kind, .start_s = fmax(0, start), .end_s = fmax(fmax(0, start), end), .score = score, .counts = counts };
    ava_clean_line(f.text, sizeof f.text, text ? text : "");
    return ava_push(out, f);
}

static int findings_by_time(const void *p, const void *q)
{
    const AvaFinding *a = p, *b = q;
    if (a->start_s != b->start_s)
        return a->start_s < b->start_s ? -1 : 1;
    int kind = strcmp(a->kind, b->kind);
    if (kind || a->end_s != b->end_s)
        return kind ? kind : a->end_s < b->end_s ? -1 : 1;
    return a->score != b->score ? (a->score < b->score ? 1 : -1) : strcmp(a->text, b->text);
}

/* Is this trace already there as an anomaly? */
static int findings_known(const AvaFindingList *l, double start, double end)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->at[i].counts && l->at[i].start_s == start && l->at[i].end_s == end)
            return 1;
    return 0;
}

/* What lip sync found over time. */
static int add_sync(AvaFindingList *out, const AvaSyncResult *r)
{
    for (size_t i = 0; i < r->step.n; i++) {
        double at = ava_rounded(r->step.at[i].at_s, 2);
        if (findings_add(out, "sync-step", at, at, .8, 0, "the offset between sound and picture jumps"))
            return -1;
    }
    for (size_t i = 0; i < r->dropout.n; i++)
        if (findings_add(out, "sync-dropout", ava_rounded(r->dropout.at[i].start_s, 2), ava_rounded(r->dropout.at[i].end_s, 2), .6, 0,
                         "mouth and sound do not match here, though elsewhere they do"))
            return -1;
    return 0;
}

static int add_voices(AvaFindingList *out, const AvaSpeakerResult *r)
{
    for (size_t i = 0; i < r->change.n; i++) {
        double at = ava_rounded_s(r->change.at[i].time_us, 3);
        if (findings_add(out, "voice-change", at, at, .5, 0, "another voice from here on"))
            return -1;
    }
    for (size_t i = 0; i < r->offscreen.n; i++)
        if (findings_add(out, "offscreen-voice", ava_rounded_s(r->offscreen.at[i].start_us, 3), ava_rounded_s(r->offscreen.at[i].end_us, 3), .3, 0,
                         "somebody speaks who is not the face in the picture"))
            return -1;
    return 0;
}

/* A person's speech that a net wrote anew, from the first to the last window that says so; no sign of a synthetic voice. */
static int add_codec(AvaFindingList *out, const AvaAuthenticityResult *r)
{
    const AvaVoiceWindow *first = NULL, *last = NULL;
    for (size_t i = 0; !r->absent && r->codec > 0 && i < r->window.n; i++)
        if (r->window.at[i].codec > 0) {
            first = first ? first : &r->window.at[i];
            last = &r->window.at[i];
        }
    return first ? findings_add(out, "neural-codec", ava_rounded_s(first->start_us, 2), ava_rounded_s(last->end_us, 2), .3, 0,
                                "the speech seems to have gone through a neural codec or restoration, which says nothing of who speaks")
                 : 0;
}

static int add_lips_and_looks(AvaFindingList *out, const AvaAnalysisOutput *f)
{
    for (size_t i = 0; i < f->viseme.missed.n; i++) {
        const AvaMissedClosure *m = &f->viseme.missed.at[i];
        double at = ava_rounded_s(m->frame_us, 3);
        char text[96];
        snprintf(text, sizeof text, "%s was heard but the lips were not closed", ava_phone_label(m->phone));
        if (findings_add(out, "missed-closure", at, at, .3, 0, text))
            return -1;
    }
    if (add_sync(out, &f->sync))
        return -1;
    for (size_t i = 0; i < f->emotion.mismatch.n; i++) {
        const AvaEmotionMismatch *m = &f->emotion.mismatch.at[i];
        char text[AVA_MISMATCH];
        if (findings_add(out, "emotion-mismatch", ava_rounded_s(m->start_us, 2), ava_rounded_s(m->end_us, 2), .3, 0, ava_mismatch_text(m, text)))
            return -1;
    }
    return 0;
}

static int add_drawn(AvaFindingList *out, const AvaMouthResult *r)
{
    char text[160];
    if (!r->drawn) /* its numbers may not be there */
        return 0;
    snprintf(text, sizeof text, "the face looks as if a program had drawn it, or its mouth (%s; %d frames judged)",
             r->expert == AVA_BLEND ? "a part of it comes from elsewhere" : "it came out of a generator", (int)r->frames_judged);
    return findings_add(out, "drawn-face", ava_rounded_s(r->start_us, 3), ava_rounded_s(r->end_us, 3), 1 - ava_rounded(r->score, 3), 0, text);
}

/* What the file says of itself, of all of it; nobody checked it, so it enters no sum. */
static int add_declared(AvaFindingList *out, const AvaC2pa *c, double length)
{
    static const char *const source[] = { "", "an algorithm or a generative model in a step or a part of it", "an algorithm as its source (algorithmicMedia)",
                                          "that parts of it come from a generative model (compositeWithTrainedAlgorithmicMedia)",
                                          "a generative model as its source (trainedAlgorithmicMedia)" };
    int active = c->declared && !c->incomplete && (c->declared > AVA_DECLARES_STEP || c->declared >= c->declared_earlier);
    AvaDeclared what = active || c->declared > c->declared_earlier ? c->declared : c->declared_earlier;
    char text[260];
    if (c->verified.state == AVA_C2PA_INVALID) {
        char says[AVA_C2PA_WORDS];
        ava_c2pa_words(&c->verified, says);
        snprintf(text, sizeof text, "the Content Credentials are %.180s", says);
        if (findings_add(out, "credentials-invalid", 0, length, .5, 0, text))
            return -1;
    }
    snprintf(text, sizeof text, "the file itself declares %s%s, %s", source[what], active ? "" : " in a manifest that may tell of an earlier file or of a part",
             c->verified.state == AVA_C2PA_TRUSTED ? "signed by somebody on your list of trusted signers" : c->verified.state == AVA_C2PA_VALID ? "signed by somebody who is on no list of trusted signers"
             : c->verified.state == AVA_C2PA_INVALID ? "and was changed since" : "not verified");
    return what ? findings_add(out, "declared-generated", 0, length, active && what > AVA_DECLARES_STEP ? .6 : .3, 0, text) : 0;
}

int ava_findings_judged(const AvaAnalysisOutput *f, double length, AvaFindingList *out)
{
    for (size_t i = 0; i < f->anomaly.n; i++) {
        const AvaAnomaly *a = &f->anomaly.at[i];
        if (findings_add(out, a->kind, a->has_time ? ava_rounded_s(a->start_us, 3) : 0, a->has_time ? ava_rounded_s(a->end_us, 3) : length, 1, 1, a->detail))
            return -1;
        out->at[out->n - 1].weight = ava_rounded(a->weight, 2);
        out->at[out->n - 1].adds = ava_rounded(a->adds, 2);
    }
    for (size_t i = 0; i < f->artifacts.segment.n; i++) {
        const AvaArtifact *x = &f->artifacts.segment.at[i];
        double start = ava_rounded_s(x->start_us, 3), end = ava_rounded_s(x->end_us, 3);
        if (!findings_known(out, start, end) && findings_add(out, x->kind, start, end, ava_rounded(x->score, 3), 0, x->evidence))
            return -1;
    }
    return 0;
}

void ava_findings_sort(AvaFindingList *l)
{
    if (l->n)
        qsort(l->at, l->n, sizeof *l->at, findings_by_time);
}

/* Times and scores are those of the JSON, to the last digit: who compares the two finds one place, not two. */
int ava_findings_list(const AvalignResult *r, AvaFindingList *out)
{
    const AvaAnalysisOutput *f = &r->found;
    double length = ava_result_length(r);
    if (ava_findings_judged(f, length, out))
        return -1;
    if (add_lips_and_looks(out, f) || add_voices(out, &f->speaker) || add_codec(out, &f->authenticity) || add_drawn(out, &f->mouth) ||
        add_declared(out, &r->media.c2pa, length))
        return -1;
    ava_findings_sort(out);
    return 0;
}
