/* emotion.c -- does the emotion in the voice fit the face?
 *
 * Both sides give probabilities of seven emotions over time; the measure is 1 - Jensen-Shannon distance of
 * their means. Weak evidence by nature: people speak with one emotion and show another, and each side's
 * net was taught apart from the other. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/analyzer.h"
#include "analyze/emotion/emotion_model.h"
#include "analyze/input_quality.h"
#include "util/sort.h"

static int emotion_run(const AvaAnalysisInput *in, AvaAnalysisOutput *out, AvalignErrorInfo *e);

const AvaAnalyzer ava_emotion = {
    { "emotion", "does the emotion in the voice fit the face",
      (const char *const[]){ "face-detect", "face-mesh", "vad", "face-expression", "voice-emotion", NULL },
      (const char *const[]){ "emotion_coherence", "emotion.llr", NULL }, 1 },
    (const AvalignField[]){ AVALIGN_EMOTION_COHERENCE, AVALIGN_N_FIELDS }, offsetof(AvaAnalysisOutput, emotion.absent),
    .optional = (const char *const[]){ "speech-encoder", "background", NULL }, .run = emotion_run,
    .after = (const char *const[]){ "lipsync", NULL }
};

enum { MIN_PAIRS = 2, MIN_VIEWS = 5, MAX_LAG = 3, AFFECT_WINDOWS = 12 };
static const double SURE = 0.5, MISMATCH = 0.45;

typedef struct Sum {
    double p[AVA_N_EMOTIONS];
    int n;
} Sum;

static void emotion_add(Sum *s, const double *p)
{
    for (int k = 0; k < AVA_N_EMOTIONS; k++)
        s->p[k] += p[k];
    s->n++;
}

static void mean(const Sum *s, double p[AVA_N_EMOTIONS])
{
    for (int k = 0; k < AVA_N_EMOTIONS; k++)
        p[k] = s->n ? s->p[k] / s->n : 0;
}

static void emotion_side(const Sum *s, const char *absent, AvaEmotionSide *out)
{
    out->absent = absent;
    out->windows = absent ? 0 : s->n;
    if (absent)
        return;
    mean(s, out->p);
    out->strongest = ava_emotion_top(out->p);
    ava_emotion_affect(out->p, &out->valence, &out->arousal);
}

/* ---- faces ----------------------------------------------------------------------------- */

/* Mouth opening of the face at rest: its lowest tenth. */
static double emotion_rest(const AvaTrackRows *t)
{
    float *v = malloc((t->row.n + 1) * sizeof *v);
    size_t n = 0;
    for (size_t i = 0; v && i < t->row.n; i++)
        if (isfinite(t->row.at[i].mouth_open))
            v[n++] = t->row.at[i].mouth_open;
    if (n)
        ava_sort_float(v, n);
    double r = n ? v[n / 10] : 0;
    free(v);
    return r;
}

/* Emotions of a face in [from, to), talking taken out. Returns the number of views. */
static int face_in(const AvaEvidence *ev, const AvaTrackRows *t, double at_rest, int64_t from, int64_t to, Sum *out)
{
    size_t r = 0;
    int n = 0;
    for (size_t i = 0; i < t->expression.n; i++) {
        const AvaEmotionSpan *x = &t->expression.at[i];
        double p[AVA_N_EMOTIONS];
        if (x->start_us < from || x->start_us >= to)
            continue;
        while (r + 1 < t->row.n && t->row.at[r].t_us < x->start_us)
            r++;
        double open = r < t->row.n && isfinite(t->row.at[r].mouth_open) ? (double)t->row.at[r].mouth_open - at_rest : 0;
        ava_emotion_untalk(&ev->calibration, x->p, open, p);
        emotion_add(out, p);
        n++;
    }
    return n;
}

/* Does a segment of this kind (and track, if not -1) cover a part of the stretch? */
static int said_so(const AvaSegmentList *segments, const char *kind, int track, int64_t from, int64_t to)
{
    for (size_t i = 0; i < segments->n; i++) {
        const AvaSegment *s = &segments->at[i];
        if (!strcmp(s->kind, kind) && (track < 0 || s->track == track) && s->start_us < to && s->end_us > from)
            return 1;
    }
    return 0;
}

/* Whose voice is it? The one face there, or the one that lip sync says speaks; -1: unknown. */
static int whose(const AvaEvidence *ev, const AvaSegmentList *segments, int64_t from, int64_t to)
{
    int seen = 0, only = -1, speaking = 0, speaker = -1;
    for (size_t i = 0; i < ev->track.n; i++) {
        const AvaTrackRows *t = &ev->track.at[i];
        if (!t->row.n || t->row.at[0].t_us >= to || t->row.at[t->row.n - 1].t_us < from)
            continue;
        seen++;
        only = (int)i;
        if (said_so(segments, "speaking", t->id, from, to)) {
            speaking++;
            speaker = (int)i;
        }
    }
    if (said_so(segments, "voice-without-face", -1, from, to))
        return -1;
    return seen == 1 ? only : speaking == 1 ? speaker : -1;
}

/* ---- over time --------------------------------------------------------------------------- */

/* Stretches in which voice and face each are sure, of different emotions. 0 or -1. */
static int emotion_mismatches(AvaEmotionResult *r)
{
    const AvaEmotionWindow *w = r->window.at;
    size_t n = r->window.n;
    for (size_t i = 0; i < n; i++) {
        int v = ava_emotion_top(w[i].voice), f = ava_emotion_top(w[i].face);
        if (w[i].track < 0 || v == f || w[i].voice[v] < SURE || w[i].face[f] < SURE || ava_emotion_agreement(w[i].voice, w[i].face) > MISMATCH)
            continue;
        size_t k = i;
        while (k + 1 < n && w[k + 1].track == w[i].track && w[k + 1].start_us <= w[k].end_us && ava_emotion_top(w[k + 1].voice) == v &&
               ava_emotion_top(w[k + 1].face) == f)
            k++;
        AvaEmotionMismatch m = { w[i].start_us, w[k].end_us, v, f };
        if (ava_push(&r->mismatch, m))
            return -1;
        i = k;
    }
    return 0;
}

static double pearson(const double *x, const double *y, size_t n)
{
    double sx = 0, sy = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n; i++)
        sx += x[i], sy += y[i], xx += x[i] * x[i], yy += y[i] * y[i], xy += x[i] * y[i];
    double m = (double)n, vx = xx - sx * sx / m, vy = yy - sy * sy / m;
    return vx <= 1e-9 || vy <= 1e-9 ? NAN : (xy - sx * sy / m) / sqrt(vx * vy);
}

/* How valence and arousal of both sides go together, at the lag (s) that suits them best. 0 or -1. */
static int emotion_affect(AvaEmotionResult *r)
{
    const AvaEmotionWindow *w = r->window.at;
    size_t n = r->window.n, used = 0;
    double *room = calloc(4 * (n + 1), sizeof *room);
    if (!room)
        return -1;
    double *v[2] = { room, room + n }, *f[2] = { room + 2 * n, room + 3 * n };
    for (size_t i = 0; i < n; i++)
        if (w[i].track >= 0) {
            ava_emotion_affect(w[i].voice, &v[0][used], &v[1][used]);
            ava_emotion_affect(w[i].face, &f[0][used], &f[1][used]);
            used++;
        }
    r->has_affect = used >= AFFECT_WINDOWS;
    for (int k = 0; k < 2 && r->has_affect; k++) {
        AvaAffect a = { 0, NAN, 0 };
        for (int lag = -MAX_LAG; lag <= MAX_LAG; lag++) { /* lag > 0: the face comes later */
            size_t early = lag < 0 ? (size_t)-lag : 0, late = lag > 0 ? (size_t)lag : 0;
            double c = pearson(v[k] + early, f[k] + late, used - early - late);
            if (!isnan(c) && (isnan(a.correlation) || c > a.correlation + 1e-9)) {
                a.correlation = c;
                a.face_later_s = lag;
            }
        }
        for (size_t i = 0; i < used; i++)
            a.mean_difference += fabs(v[k][i] - f[k][i]) / (double)used;
        *(k ? &r->arousal : &r->valence) = a;
    }
    free(room);
    return 0;
}

/* ---- the answer -------------------------------------------------------------------------- */

static const AvaTrackRows *longest(const AvaEvidence *ev)
{
    const AvaTrackRows *best = NULL;
    for (size_t i = 0; i < ev->track.n; i++)
        if (ev->track.at[i].expression.n && (!best || ev->track.at[i].expression.n > best->expression.n))
            best = &ev->track.at[i];
    return best;
}

/* Why there is nothing to be said of a side by itself; NULL: there is. */
static const char *no_voice(const AvaEvidence *ev, const Sum *voice)
{
    const char *unfit = ava_voice_unfit(ev);
    return !ev->has_audio ? "no-audio" : ev->speech_s < .5 ? "no-speech" : unfit ? unfit : voice->n ? NULL : "too-short";
}

static const char *no_face(const AvaEvidence *ev, const Sum *face)
{
    const char *unfit = ava_face_unfit(ev);
    return !ev->has_video && !ev->track.n ? "no-video" : !ev->track.n ? "no-face" : face->n ? NULL : unfit ? unfit : "face-unclear";
}

static const char *emotion_why_not(const AvaEvidence *ev, const Sum *face, const Sum *voice, size_t pairs)
{
    const char *v = no_voice(ev, voice), *f = no_face(ev, face);
    if (!ev->has_audio)
        return "no-audio";
    if (f && !ev->track.n) /* no video, or nobody in it */
        return f;
    if (v && strcmp(v, "too-short") != 0)
        return v;
    if (ava_still_image(ev))
        return "still-image";
    if (f || v)
        return f ? f : v;
    if (!pairs && ev->track.n > 1)
        return "several-faces";
    return pairs < MIN_PAIRS ? "too-short" : NULL;
}

/* Voice and, where somebody's face goes with it, face of every window. *pairs: how many have both. 0 or -1. */
static int emotion_windows(const AvaEvidence *ev, const AvaSegmentList *segments, const double *at_rest, AvaEmotionResult *r, Sum *voice, size_t *pairs,
                           Sum both[2])
{
    if (ava_reserve(&r->window, ev->voice_emotion.n))
        return -1;
    for (size_t i = 0; i < ev->voice_emotion.n; i++) {
        const AvaEmotionSpan *x = &ev->voice_emotion.at[i];
        Sum here = { 0 };
        AvaEmotionWindow *w = &r->window.at[r->window.n++];
        *w = (AvaEmotionWindow){ .start_us = ev->sound_t0_us + x->start_us, .end_us = ev->sound_t0_us + x->end_us, .agreement = NAN, .track = -1 };
        for (int k = 0; k < AVA_N_EMOTIONS; k++)
            w->voice[k] = (double)x->p[k];
        for (int k = 0; k < AVA_N_PROSODY; k++)
            w->prosody[k] = (double)x->prosody[k];
        emotion_add(voice, w->voice);
        int at = whose(ev, segments, w->start_us, w->end_us);
        if (at < 0 || face_in(ev, &ev->track.at[at], at_rest[at], w->start_us, w->end_us, &here) < MIN_VIEWS)
            continue;
        w->track = ev->track.at[at].id;
        mean(&here, w->face);
        w->agreement = ava_emotion_agreement(w->voice, w->face);
        emotion_add(&both[0], w->voice);
        emotion_add(&both[1], w->face);
        ++*pairs;
    }
    return 0;
}

static int emotion_measure(const AvaEvidence *ev, const double *at_rest, AvaAnalysisOutput *out)
{
    Sum voice = { 0 }, face = { 0 }, both[2] = { 0 };
    size_t pairs = 0;
    AvaEmotionResult *r = &out->emotion;
    r->ran = 1;
    if (emotion_windows(ev, &out->segment, at_rest, r, &voice, &pairs, both))
        return AVALIGN_ERR_NOMEM;
    const AvaTrackRows *main_face = longest(ev);
    if (main_face) {
        face_in(ev, main_face, at_rest[main_face - ev->track.at], INT64_MIN, INT64_MAX, &face);
        r->face_track = main_face->id;
    }
    emotion_side(&voice, no_voice(ev, &voice), &r->voice);
    emotion_side(&face, no_face(ev, &face), &r->face);
    const char *why = emotion_why_not(ev, &face, &voice, pairs);
    if (why) {
        ava_absent(out, &ava_emotion, why);
    } else {
        double v[AVA_N_EMOTIONS], f[AVA_N_EMOTIONS];
        mean(&both[0], v);
        mean(&both[1], f);
        r->absent = NULL;
        r->agreement = ava_emotion_agreement(v, f);
        r->llr = ava_emotion_llr(&ev->calibration, r->agreement);
        if (emotion_mismatches(r) || emotion_affect(r))
            return AVALIGN_ERR_NOMEM;
        out->field[AVALIGN_EMOTION_COHERENCE] = ava_emotion_coherence(&ev->calibration, r->agreement);
        out->reason[AVALIGN_EMOTION_COHERENCE] = NULL;
    }
    return main_face && ev->has_audio ? ava_gesture(ev, main_face, &r->gesture) : 0;
}

static int emotion_run(const AvaAnalysisInput *in, AvaAnalysisOutput *out, AvalignErrorInfo *e)
{
    (void)e;
    const AvaEvidence *ev = in->ev;
    double *at_rest = calloc(ev->track.n + 1, sizeof *at_rest);
    for (size_t i = 0; at_rest && i < ev->track.n; i++)
        at_rest[i] = emotion_rest(&ev->track.at[i]);
    int rc = at_rest ? emotion_measure(ev, at_rest, out) : AVALIGN_ERR_NOMEM;
    free(at_rest);
    return rc;
}
