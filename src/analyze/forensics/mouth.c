/* mouth.c -- was the face drawn by a program, or its mouth?
 *
 * A net looks at the face five times a second at first, then every 0.8 s; two experts say how much they see of a blend and of a generator's decoder. The measure
 * of a face is the mean of each over its frames, and then the larger one in deviations of genuine faces. The face that was judged in
 * most frames answers for the file: the calibration is of such faces, and a crowd gets no more tries than one. */
#include <math.h>
#include <stdlib.h>

#include "analyze/analyzer.h"
#include "util/err.h"

static int mouth_run(const AvaAnalysisInput *in, AvaAnalysisOutput *out, AvalignErrorInfo *e);

const AvaAnalyzer ava_mouth = {
    { "mouth", "was the face drawn by a program", (const char *const[]){ "face-detect", "face-mesh", "drawn-face", NULL },
      (const char *const[]){ "mouth.score", "mouth.llr", NULL }, 1 },
    (const AvalignField[]){ AVALIGN_N_FIELDS }, offsetof(AvaAnalysisOutput, mouth.absent),
    .run = mouth_run
};

enum { WINDOW_US = 4000000, STEP_US = 1000000, WINDOW_LEAST = 5 };

/* Of the experts' numbers to score and ratio. */
static AvaDrawnAnswer weighed(const AvaCalibration *c, AvaDrawnAnswer a)
{
    double strength = ava_drawn_strength(c, a.expert);
    a.score = ava_drawn_score(c, strength);
    a.llr = ava_drawn_llr(c, strength);
    return a;
}

/* Of the looks from..to-1. */
static AvaDrawnAnswer mouth_mean_of(const AvaCalibration *c, const AvaTrackRows *t, size_t from, size_t to)
{
    AvaDrawnAnswer a = { 0 };
    for (int k = 0; k < AVA_DRAWN_EXPERTS; k++) {
        for (size_t i = from; i < to; i++)
            a.expert[k] += (double)t->drawn.at[i].odds[k];
        a.expert[k] /= (double)(to - from);
    }
    return weighed(c, a);
}

static int add_windows(const AvaCalibration *c, const AvaTrackRows *t, AvaMouthResult *r)
{
    size_t from = 0, to = 0, n = t->drawn.n;
    int64_t first = t->drawn.at[0].t_us, last = t->drawn.at[n - 1].t_us;
    for (int64_t start = first; start == first || start + WINDOW_US <= last + STEP_US; start += STEP_US) {
        while (from < n && t->drawn.at[from].t_us < start)
            from++;
        to = to > from ? to : from;
        while (to < n && t->drawn.at[to].t_us < start + WINDOW_US)
            to++;
        if (from == n)
            break;
        if (t->drawn.at[from].t_us >= start + WINDOW_US) { /* a hole: on to the window that ends it */
            start += (t->drawn.at[from].t_us - start - WINDOW_US) / STEP_US * STEP_US;
            continue;
        }
        if (to - from < WINDOW_LEAST)
            continue;
        AvaMouthWindow w = { start, t->drawn.at[to - 1].t_us, t->id, mouth_mean_of(c, t, from, to) };
        if (ava_push(&r->window, w))
            return -1;
    }
    return 0;
}

static int mouth_by_time(const void *p, const void *q)
{
    const AvaMouthFrame *a = p, *b = q;
    return a->t_us != b->t_us ? (a->t_us > b->t_us) - (a->t_us < b->t_us) : (a->track > b->track) - (a->track < b->track);
}

/* The frames of the face that speak most for a drawn one. */
static int add_frames(const AvaCalibration *c, const AvaTrackRows *t, AvaMouthResult *r)
{
    for (size_t i = 0; i < t->drawn_map.n; i++) {
        const AvaDrawnMap *m = &t->drawn_map.at[i];
        AvaMouthFrame f = { .t_us = m->at.t_us, .track = t->id, .cx = (double)m->cx, .cy = (double)m->cy, .side = (double)m->side };
        for (int k = 0; k < AVA_DRAWN_EXPERTS; k++)
            f.says.expert[k] = (double)m->at.odds[k];
        f.says = weighed(c, f.says);
        f.expert = ava_drawn_leader(c, f.says.expert);
        for (int k = 0; k < AVA_DRAWN_PLACES; k++)
            f.place[k] = m->place[f.expert][k];
        if (ava_push(&r->frame, f))
            return -1;
    }
    if (r->frame.n)
        qsort(r->frame.at, r->frame.n, sizeof *r->frame.at, mouth_by_time);
    return 0;
}

/* Why a face has no answer of its own; NULL: it has. */
static const char *face_absent(const AvaCalibration *c, const AvaTrackRows *t)
{
    return t->drawn_small > t->drawn.n ? "face-small" : (double)t->drawn.n < c->drawn.least_frames ? "too-few-frames" : NULL;
}

static int score_face(const AvaCalibration *c, const AvaTrackRows *t, AvaMouthResult *r)
{
    AvaMouthTrack f = { .track = t->id, .absent = face_absent(c, t), .frames = t->drawn.n, .says = { NAN, NAN, { NAN, NAN } } };
    if (t->drawn.n) {
        f.start_us = t->drawn.at[0].t_us;
        f.end_us = t->drawn.at[t->drawn.n - 1].t_us;
    }
    if (!f.absent) {
        f.says = mouth_mean_of(c, t, 0, t->drawn.n);
        if (add_windows(c, t, r))
            return -1;
    }
    return (t->drawn.n || t->drawn_small) ? ava_push(&r->face, f) : 0;
}

/* Where the face is drawn: from the first to the last window under the threshold, all of it where no window is. */
static void place_finding(AvaMouthResult *r, const AvaMouthTrack *f)
{
    r->start_us = INT64_MAX;
    for (size_t i = 0; i < r->window.n; i++) {
        const AvaMouthWindow *w = &r->window.at[i];
        if (w->track != f->track || ava_rounded(w->says.score, 3) >= .5)
            continue;
        r->start_us = w->start_us < r->start_us ? w->start_us : r->start_us;
        r->end_us = w->end_us;
    }
    if (r->start_us == INT64_MAX) {
        r->start_us = f->start_us;
        r->end_us = f->end_us;
    }
}

static const char *mouth_why_not(const AvaEvidence *ev)
{
    size_t rows = 0;
    for (size_t i = 0; i < ev->track.n; i++)
        rows += ev->track.at[i].row.n;
    return !ev->has_drawn && ev->has_video ? "net-left-out" : !ev->has_video ? "no-video" : !rows ? "no-face"
           : !ava_calibrated(&ev->calibration, "drawn-face") ? "not-calibrated" : NULL;
}

static int mouth_run(const AvaAnalysisInput *in, AvaAnalysisOutput *out, AvalignErrorInfo *e)
{
    const AvaEvidence *ev = in->ev;
    const AvaCalibration *c = &ev->calibration;
    AvaMouthResult *r = &out->mouth;
    const AvaMouthTrack *most = NULL;
    size_t small = 0, looks = 0;
    const char *why = mouth_why_not(ev);
    if (why) {
        ava_absent(out, &ava_mouth, why);
        return 0;
    }
    for (size_t i = 0; i < ev->track.n; i++) {
        if (score_face(c, &ev->track.at[i], r))
            return ava_fail(e, AVALIGN_ERR_NOMEM, "mouth", AVA_NO_TIME, 0, "out of memory");
        small += ev->track.at[i].drawn_small;
        looks += ev->track.at[i].drawn.n;
    }
    for (size_t i = 0; i < r->face.n; i++)
        if (!r->face.at[i].absent && (!most || r->face.at[i].frames > most->frames))
            most = &r->face.at[i];
    if (!most) {
        ava_absent(out, &ava_mouth, small > looks ? "face-small" : "too-few-frames");
        return 0;
    }
    for (size_t i = 0; i < ev->track.n; i++)
        if (ev->track.at[i].id == most->track && add_frames(c, &ev->track.at[i], r))
            return ava_fail(e, AVALIGN_ERR_NOMEM, "mouth", AVA_NO_TIME, 0, "out of memory");
    r->absent = NULL;
    r->track = most->track;
    r->frames_judged = (double)most->frames;
    r->score = most->says.score;
    r->llr = most->says.llr;
    r->blend = most->says.expert[AVA_BLEND];
    r->decoder = most->says.expert[AVA_DECODER];
    r->expert = ava_drawn_leader(c, most->says.expert);
    r->drawn = ava_rounded(r->score, 3) < .5;
    if (r->drawn)
        place_finding(r, most);
    return 0;
}
