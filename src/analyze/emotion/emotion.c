/* emotion.c -- does the feeling in the voice fit the face?
 *
 * Both sides give probabilities of seven feelings over time; the measure is 1 - Jensen-Shannon distance of
 * their means. Weak evidence by nature: people speak with one feeling and look another, and each side's
 * net was taught apart from the other. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/analyzer.h"
#include "analyze/emotion/emotion_model.h"
#include "analyze/input_quality.h"
#include "util/sort.h"

static int run(const AvaEvidence *ev, AvaFindings *out, AvalignErrorInfo *e);

const AvaAnalyzer ava_emotion = {
    { "emotion", "does the feeling in the voice fit the face",
      (const char *const[]){ "face-detect", "face-mesh", "vad", "face-expression", "voice-emotion", NULL },
      (const char *const[]){ "emotion_coherence", "emotion.llr", NULL }, 1 },
    (const AvalignField[]){ AVALIGN_EMOTION_COHERENCE, AVALIGN_N_FIELDS }, .run = run
};

enum { MIN_PAIRS = 2, MIN_VIEWS = 5, MAX_LAG = 3, AFFECT_WINDOWS = 12 };
static const double SURE = 0.5, MISMATCH = 0.45;

typedef struct Window {
    int64_t start_us, end_us;
    double voice[AVA_N_EMOTIONS], face[AVA_N_EMOTIONS];
    int track; /* whose face; -1: none to compare with */
} Window;

typedef struct Sum {
    double p[AVA_N_EMOTIONS];
    int n;
} Sum;

static void add(Sum *s, const double *p)
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

static json_t *seconds(int64_t us) { return ava_json_real((double)us / 1e6, 2); }

static json_t *probabilities(const double p[AVA_N_EMOTIONS])
{
    json_t *j = json_object();
    for (int k = 0; k < AVA_N_EMOTIONS; k++)
        json_object_set_new(j, ava_emotion_names[k], ava_json_real(p[k], 3));
    return j;
}

static json_t *side(const Sum *s)
{
    double p[AVA_N_EMOTIONS], valence, arousal;
    mean(s, p);
    ava_emotion_affect(p, &valence, &arousal);
    return json_pack("{s:s,s:o,s:o,s:o,s:i}", "strongest", ava_emotion_names[ava_emotion_top(p)], "valence", ava_json_real(valence, 2), "arousal",
                     ava_json_real(arousal, 2), "probabilities", probabilities(p), "windows", s->n);
}

/* ---- faces ----------------------------------------------------------------------------- */

/* Mouth opening of the face at rest: its lowest tenth. */
static double rest(const AvaTrackRows *t)
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

/* Feelings of a face in [from, to), talking taken out. Returns the number of views. */
static int face_in(const AvaTrackRows *t, double at_rest, int64_t from, int64_t to, Sum *out)
{
    size_t r = 0;
    int n = 0;
    for (size_t i = 0; i < t->expression.n; i++) {
        const AvaFeeling *x = &t->expression.at[i];
        double p[AVA_N_EMOTIONS];
        if (x->start_us < from || x->start_us >= to)
            continue;
        while (r + 1 < t->row.n && t->row.at[r].t_us < x->start_us)
            r++;
        double open = r < t->row.n && isfinite(t->row.at[r].mouth_open) ? (double)t->row.at[r].mouth_open - at_rest : 0;
        ava_emotion_untalk(x->p, open, p);
        add(out, p);
        n++;
    }
    return n;
}

/* Does a segment of this kind (and track, if not -1) cover a part of the stretch? */
static int said_so(const json_t *segments, const char *kind, int track, int64_t from, int64_t to)
{
    for (size_t i = 0; i < json_array_size(segments); i++) {
        const json_t *s = json_array_get(segments, i);
        if (!strcmp(json_string_value(json_object_get(s, "kind")), kind) &&
            (track < 0 || json_integer_value(json_object_get(s, "track")) == track) &&
            json_number_value(json_object_get(s, "start_s")) * 1e6 < (double)to && json_number_value(json_object_get(s, "end_s")) * 1e6 > (double)from)
            return 1;
    }
    return 0;
}

/* Whose voice is it? The one face there, or the one that lip sync says speaks; -1: unknown. */
static int whose(const AvaEvidence *ev, const json_t *segments, int64_t from, int64_t to)
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

static json_t *mismatches(const Window *w, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        int v = ava_emotion_top(w[i].voice), f = ava_emotion_top(w[i].face);
        if (w[i].track < 0 || v == f || w[i].voice[v] < SURE || w[i].face[f] < SURE || ava_emotion_agreement(w[i].voice, w[i].face) > MISMATCH)
            continue;
        size_t k = i;
        while (k + 1 < n && w[k + 1].track == w[i].track && w[k + 1].start_us <= w[k].end_us && ava_emotion_top(w[k + 1].voice) == v &&
               ava_emotion_top(w[k + 1].face) == f)
            k++;
        char text[160];
        snprintf(text, sizeof text, "%s in the voice, %s in the face", ava_emotion_names[v], ava_emotion_names[f]);
        json_array_append_new(list, json_pack("{s:o,s:o,s:s,s:s,s:s}", "start_s", seconds(w[i].start_us), "end_s", seconds(w[k].end_us), "voice",
                                              ava_emotion_names[v], "face", ava_emotion_names[f], "detail", text));
        i = k;
    }
    return list;
}

static double pearson(const double *x, const double *y, size_t n)
{
    double sx = 0, sy = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n; i++)
        sx += x[i], sy += y[i], xx += x[i] * x[i], yy += y[i] * y[i], xy += x[i] * y[i];
    double m = (double)n, vx = xx - sx * sx / m, vy = yy - sy * sy / m;
    return vx <= 1e-9 || vy <= 1e-9 ? NAN : (xy - sx * sy / m) / sqrt(vx * vy);
}

/* How valence and arousal of both sides go together, at the lag (s) that suits them best. */
static json_t *affect(const Window *w, size_t n)
{
    double *room = calloc(4 * (n + 1), sizeof *room);
    if (!room)
        return json_null();
    double *v[2] = { room, room + n }, *f[2] = { room + 2 * n, room + 3 * n };
    size_t used = 0;
    for (size_t i = 0; i < n; i++)
        if (w[i].track >= 0) {
            ava_emotion_affect(w[i].voice, &v[0][used], &v[1][used]);
            ava_emotion_affect(w[i].face, &f[0][used], &f[1][used]);
            used++;
        }
    json_t *out = used >= AFFECT_WINDOWS ? json_object() : json_null();
    for (int k = 0; k < 2 && json_is_object(out); k++) {
        double best = NAN, apart = 0;
        int at = 0;
        for (int lag = -MAX_LAG; lag <= MAX_LAG; lag++) { /* lag > 0: the face comes later */
            size_t a = lag < 0 ? (size_t)-lag : 0, b = lag > 0 ? (size_t)lag : 0;
            double r = pearson(v[k] + a, f[k] + b, used - a - b);
            if (!isnan(r) && (isnan(best) || r > best + 1e-9)) {
                best = r;
                at = lag;
            }
        }
        for (size_t i = 0; i < used; i++)
            apart += fabs(v[k][i] - f[k][i]) / (double)used;
        json_object_set_new(out, k ? "arousal" : "valence", json_pack("{s:o,s:o,s:i}", "mean_difference", ava_json_real(apart, 2), "correlation",
                                                                      ava_json_real(best, 2), "face_later_s", at));
    }
    free(room);
    return out;
}

static json_t *windows_json(const AvaEvidence *ev, const Window *w, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        json_t *prosody = json_array();
        for (int k = 0; k < AVA_N_PROSODY; k++)
            json_array_append_new(prosody, ava_json_real((double)ev->feeling.at[i].prosody[k], 3));
        json_t *j = json_pack("{s:o,s:o,s:o,s:o}", "start_s", seconds(w[i].start_us), "end_s", seconds(w[i].end_us), "voice", probabilities(w[i].voice), "prosody", prosody);
        if (w[i].track >= 0) {
            json_object_set_new(j, "track", json_integer(ev->track.at[w[i].track].id));
            json_object_set_new(j, "face", probabilities(w[i].face));
            json_object_set_new(j, "agreement", ava_json_real(ava_emotion_agreement(w[i].voice, w[i].face), 3));
        }
        json_array_append_new(list, j);
    }
    return list;
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

static const char *why_not(const AvaEvidence *ev, const Sum *face, const Sum *voice, size_t pairs)
{
    if (!ev->has_audio)
        return "no-audio";
    if (!ev->has_video && !ev->track.n)
        return "no-video";
    if (!ev->track.n)
        return "no-face";
    if (ev->speech_s < .5)
        return "no-speech";
    const char *voice_unfit = ava_voice_unfit(ev);
    if (voice_unfit)
        return voice_unfit;
    if (ava_still_image(ev))
        return "still-image";
    if (!face->n)
        return ava_face_unfit(ev) ? ava_face_unfit(ev) : "face-unclear";
    if (!voice->n)
        return "too-short";
    if (!pairs && ev->track.n > 1)
        return "several-faces";
    return pairs < MIN_PAIRS ? "too-short" : NULL;
}

static int run(const AvaEvidence *ev, AvaFindings *out, AvalignErrorInfo *e)
{
    (void)e;
    size_t n = ev->feeling.n, pairs = 0;
    Window *w = calloc(n + 1, sizeof *w);
    double *at_rest = calloc(ev->track.n + 1, sizeof *at_rest);
    if (!w || !at_rest) {
        free(w);
        free(at_rest);
        return AVALIGN_ERR_NOMEM;
    }
    Sum voice = { 0 }, face = { 0 }, both_voice = { 0 }, both_face = { 0 };
    for (size_t i = 0; i < ev->track.n; i++)
        at_rest[i] = rest(&ev->track.at[i]);
    for (size_t i = 0; i < n; i++) {
        const AvaFeeling *x = &ev->feeling.at[i];
        Sum here = { 0 };
        w[i].start_us = ev->sound_t0_us + x->start_us;
        w[i].end_us = ev->sound_t0_us + x->end_us;
        for (int k = 0; k < AVA_N_EMOTIONS; k++)
            w[i].voice[k] = (double)x->p[k];
        add(&voice, w[i].voice);
        w[i].track = whose(ev, out->segments, w[i].start_us, w[i].end_us);
        if (w[i].track >= 0 && face_in(&ev->track.at[w[i].track], at_rest[w[i].track], w[i].start_us, w[i].end_us, &here) < MIN_VIEWS)
            w[i].track = -1;
        if (w[i].track < 0)
            continue;
        mean(&here, w[i].face);
        add(&both_voice, w[i].voice);
        add(&both_face, w[i].face);
        pairs++;
    }
    const AvaTrackRows *main_face = longest(ev);
    if (main_face)
        face_in(main_face, at_rest[main_face - ev->track.at], INT64_MIN, INT64_MAX, &face);

    json_t *s = json_object();
    json_object_set_new(s, "voice", voice.n ? side(&voice) : json_null());
    json_object_set_new(s, "face", face.n ? side(&face) : json_null());
    if (main_face)
        json_object_set_new(json_object_get(s, "face"), "track", json_integer(main_face->id));
    json_object_set_new(out->signals, "emotion", s);
    const char *why = why_not(ev, &face, &voice, pairs);
    if (why) {
        ava_absent(out, &ava_emotion, why);
    } else {
        double v[AVA_N_EMOTIONS], f[AVA_N_EMOTIONS];
        mean(&both_voice, v);
        mean(&both_face, f);
        double agreement = ava_emotion_agreement(v, f);
        json_object_set_new(s, "agreement", ava_json_real(agreement, 3));
        json_object_set_new(s, "llr", ava_json_real(ava_emotion_llr(agreement), 2));
        json_object_set_new(s, "mismatches", mismatches(w, n));
        json_object_set_new(s, "affect", affect(w, n));
        out->field[AVALIGN_EMOTION_COHERENCE] = ava_emotion_coherence(agreement);
        out->reason[AVALIGN_EMOTION_COHERENCE] = NULL;
    }
    json_t *gesture = main_face && ev->has_audio ? ava_gesture(ev, main_face) : NULL;
    json_object_set_new(s, "gesture", gesture ? gesture : json_null());
    json_object_set_new(s, "windows", windows_json(ev, w, n));
    free(w);
    free(at_rest);
    return 0;
}
