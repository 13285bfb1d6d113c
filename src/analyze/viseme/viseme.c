/* viseme.c -- do the mouth's shapes fit the phones heard?
 *
 * Every phone that asks something of the lips is held against the mouth shapes seen around it,
 * at the offset that lip sync finds when it is sure, else as the file plays. What would fit by
 * chance on this clip is measured by shifting the phones by lags that can't be right. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/analyzer.h"
#include "analyze/input_quality.h"
#include "analyze/sync/sync_pick.h"
#include "util/err.h"
#include "util/logistic.h"

static int viseme_run(const AvaAnalysisInput *in, AvaAnalysisOutput *out, AvalignErrorInfo *e);

const AvaAnalyzer ava_viseme = {
    { "viseme", "do the mouth's shapes fit the phones heard",
      (const char *const[]){ "face-detect", "face-mesh", "vad", "sync-lips", "sync-mouth", "sync-sound", "mouth-shape", NULL },
      (const char *const[]){ "viseme.match_ratio", "viseme.chance_ratio", "viseme.llr", NULL }, 1 },
    (const AvalignField[]){ AVALIGN_N_FIELDS }, offsetof(AvaAnalysisOutput, viseme.absent), .run = viseme_run,
    .optional = (const char *const[]){ "background", "speech-encoder", "speech-phones", NULL }
};

enum { MIN_PHONES = 8, LAGS = 28, EDGE_US = 40000 };

/* A shape is there when its probability within the phone reaches the first; lips never closed when
 * that of "closed" stays under the second. Chosen on training people (training/viseme/evaluate.py). */
static const double MATCHES = 0.35, NEVER_CLOSED = 0.25;

typedef struct Seen {
    double most[AVA_N_SHAPES]; /* largest probability of each shape */
    double opening;            /* smallest mouth opening */
    size_t rows;               /* usable ones */
    int track;
} Seen;

typedef struct View {
    const AvaEvidence *ev;
    const AvaSyncPick *pick;
    size_t kept;
    double offset_ms;
} View;

/* First row of the track at or after t_us. */
static size_t lower(const AvaTrackRows *t, int64_t t_us)
{
    size_t lo = 0, hi = t->row.n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (t->row.at[mid].t_us < t_us)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* The mouth between two instants of the picture; 0 when not seen throughout. */
static int viseme_look(const View *v, int64_t from_us, int64_t to_us, Seen *s)
{
    memset(s, 0, sizeof *s);
    s->opening = INFINITY;
    for (size_t k = 0; k < v->kept; k++) {
        const AvaTrackRows *t = v->pick[k].track;
        if (t->shape.n != t->row.n)
            continue;
        for (size_t i = lower(t, from_us); i < t->row.n && t->row.at[i].t_us <= to_us; i++) {
            if (!ava_sync_usable(&t->row.at[i], &t->sync.at[i]))
                return 0;
            for (int c = 0; c < AVA_N_SHAPES; c++)
                s->most[c] = fmax(s->most[c], t->shape.at[i].p[c] / 255.);
            s->opening = fmin(s->opening, t->row.at[i].mouth_open);
            s->rows++;
            s->track = t->id;
        }
    }
    return (int64_t)s->rows * AVA_GRID_US >= to_us - from_us - AVA_GRID_US && s->rows;
}

/* The phone as the picture should show it, a frame more before and after. */
static int look_at_phone(const View *v, const AvaPhone *p, int64_t lag_us, Seen *s)
{
    int64_t shift = v->ev->sound_t0_us + (int64_t)llrint(v->offset_ms * 1000) + lag_us;
    return viseme_look(v, p->start_us + shift - EDGE_US, p->end_us + shift + EDGE_US, s);
}

typedef struct Tally {
    double ratio, score; /* share that match; mean log probability of the shape asked for */
    size_t n;
} Tally;

static Tally tally(const View *v, int64_t lag_us)
{
    Tally t = { 0, 0, 0 };
    for (size_t i = 0; i < v->ev->phone.n; i++) {
        const AvaPhone *p = &v->ev->phone.at[i];
        int shape = ava_shape_of_phone(p->id);
        Seen s;
        if (shape == AVA_SHAPE_NEUTRAL || !look_at_phone(v, p, lag_us, &s))
            continue;
        t.ratio += s.most[shape] >= MATCHES;
        t.score += log(s.most[shape] + 0.02);
        t.n++;
    }
    t.ratio /= t.n ? (double)t.n : 1;
    t.score /= t.n ? (double)t.n : 1;
    return t;
}

/* The same at lags of 0.4 to 3.1 s to either side: mean and deviation. */
static int by_chance(const View *v, double *ratio, double *mean, double *deviation)
{
    double sum = 0, square = 0, r = 0;
    int n = 0;
    for (int k = 0; k < LAGS; k++) {
        int64_t lag = (400000 + (int64_t)(k / 2) * 208000) * (k % 2 ? -1 : 1);
        Tally t = tally(v, lag);
        if (t.n < MIN_PHONES)
            continue;
        r += t.ratio;
        sum += t.score;
        square += t.score * t.score;
        n++;
    }
    if (n < 6)
        return 0;
    *ratio = r / n;
    *mean = sum / n;
    *deviation = sqrt(fmax(square / n - *mean * *mean, 1e-6));
    return 1;
}

/* Why the recogniser's phones can't be trusted here, or NULL. English speech has
 * 8-18 phones a second; far fewer or more, and it is guessing. */
static const char *no_footing(const AvaEvidence *ev)
{
    double spoken = 0;
    size_t n = 0;
    if (ava_voice_unfit(ev))
        return ava_voice_unfit(ev);
    if (ava_still_image(ev))
        return "still-image";
    for (size_t i = 0; i < ev->phone.n; i++)
        if (ev->phone.at[i].id != AVA_PHONE_SIL) {
            spoken += (double)(ev->phone.at[i].end_us - ev->phone.at[i].start_us) / 1e6;
            n++;
        }
    if (n < MIN_PHONES)
        return "too-short";
    double rate = (double)n / spoken;
    return !ev->phones_aligned && (rate < 6 || rate > 20) ? "phones-unreliable" : NULL;
}

/* P, B or M heard while the lips stay apart. */
static int missed_closure(const AvaPhone *p, const Seen *s)
{
    return ava_shape_of_phone(p->id) == AVA_SHAPE_CLOSED && s->rows >= 3 && s->most[AVA_SHAPE_CLOSED] < NEVER_CLOSED;
}

/* The phones, and which closures are missing. 0 or -1. */
static int list_phones(const View *v, AvaVisemeResult *r)
{
    int64_t t0 = v->ev->sound_t0_us;
    double fps = v->ev->fps > 0 ? v->ev->fps : AVALIGN_GRID_FPS;
    for (size_t i = 0; i < v->ev->phone.n; i++) {
        const AvaPhone *p = &v->ev->phone.at[i];
        int shape = ava_shape_of_phone(p->id);
        Seen s;
        if (p->id == AVA_PHONE_SIL)
            continue;
        int seen = shape != AVA_SHAPE_NEUTRAL && look_at_phone(v, p, 0, &s);
        AvaHeardPhone heard = { p->id, shape, t0 + p->start_us, t0 + p->end_us, seen ? s.most[shape] : NAN };
        if (ava_push(&r->phone, heard))
            return -1;
        if (seen && missed_closure(p, &s)) {
            int64_t time = t0 + (p->start_us + p->end_us) / 2, at = time + (int64_t)llrint(v->offset_ms * 1000);
            AvaMissedClosure m = { p->id, s.track, time, at, llrint((double)(at - v->ev->first_video_us) / 1e6 * fps), s.opening,
                                   s.most[AVA_SHAPE_CLOSED] };
            if (ava_push(&r->missed, m))
                return -1;
        }
    }
    return 0;
}

static int viseme_measure(const View *v, AvaAnalysisOutput *out)
{
    double ratio, mean, deviation;
    Tally own = tally(v, 0);
    AvaVisemeResult *r = &out->viseme;
    r->ran = 1;
    r->absent = NULL;
    r->aligned = v->ev->phones_aligned;
    r->unknown_words = v->ev->unknown_words;
    r->offset_used_ms = v->offset_ms;
    if (list_phones(v, r))
        return AVALIGN_ERR_NOMEM;
    const char *why = no_footing(v->ev);
    if (!why && (own.n < MIN_PHONES || !by_chance(v, &ratio, &mean, &deviation)))
        why = "too-short";
    if (why) {
        r->missed.n = 0; /* they would be guesses */
        ava_absent(out, &ava_viseme, why);
        return 0;
    }
    r->match_ratio = own.ratio;
    r->chance_ratio = ratio;
    r->z = (own.score - mean) / deviation;
    const AvaCalibration *c = &v->ev->calibration;
    r->llr = ava_bounded(c->viseme.slope * (r->z - c->viseme.middle), c->viseme.bound);
    r->used = (double)own.n;
    return 0;
}

static int viseme_run(const AvaAnalysisInput *in, AvaAnalysisOutput *out, AvalignErrorInfo *e)
{
    const AvaEvidence *ev = in->ev;
    const char *absent = !ev->has_audio ? "no-audio" : !ev->has_video ? "no-video" : !ev->track.n ? "no-face"
                       : ev->speech_s < 0.5 ? "no-speech" : ev->phones_absent;
    size_t shapes = 0;
    for (size_t i = 0; i < ev->track.n; i++)
        shapes += ev->track.at[i].shape.n;
    if (!absent && !shapes)
        absent = "no-mouth-image";
    int rc = absent ? 0 : ava_sync_faces_find(in->faces, ev);
    if (!rc && !absent && !in->faces->kept)
        absent = "too-short";
    if (absent) {
        ava_absent(out, &ava_viseme, absent);
        return 0;
    }
    if (!rc) {
        const AvaSyncPick *pick = in->faces->pick;
        View v = { ev, pick, in->faces->kept, pick[0].found >= AVA_SYNC_ANSWERED ? pick[0].peak.offset_ms : 0 };
        rc = viseme_measure(&v, out);
    }
    return rc ? ava_fail(e, rc, "viseme", AVA_NO_TIME, 0, "out of memory") : 0;
}
