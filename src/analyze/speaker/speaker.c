/* speaker.c -- does the voice fit the face, and does each stay the same?
 *
 * Voice and face are compared by what both tell (sex); that is weak evidence and its likelihood
 * ratio is bounded. Within the file, voices are compared with voices and faces with faces. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/analyzer.h"
#include "analyze/input_quality.h"
#include "analyze/speaker/speaker_model.h"
#include "analyze/sync/lipsync.h"
#include "analyze/sync/sync_pick.h"
#include "util/err.h"

static int run(const AvaEvidence *ev, AvaFindings *out, AvalignErrorInfo *e);

const AvaAnalyzer ava_speaker = {
    { "speaker", "does the voice fit the face, and does each stay the same",
      (const char *const[]){ "face-detect", "face-mesh", "vad", "face-embed", "face-age-sex", "face-joint", "voice-embed",
                             "voice-joint", NULL },
      (const char *const[]){ "voice_face_match", "speaker.llr", NULL }, 1 },
    (const AvalignField[]){ AVALIGN_VOICE_FACE_MATCH, AVALIGN_N_FIELDS }, .run = run
};

enum { SIDE = 4, MIN_FACES = 2, NARROW_HZ = 11025 }; /* windows to each side of a change (3.2-4 s); faces to judge by */
static const double CHANGE_BELOW = -1.0, DRIFT_BELOW = -1.5, MIN_SPEECH_S = 2, SAME_CLUSTER = 0.68;

static json_t *seconds(int64_t us) { return ava_json_real((double)us / 1e6, 3); }

/* ---- voices ---------------------------------------------------------------------- */

static void mean_of(const AvaEvidence *ev, size_t from, size_t to, float out[AVALIGN_VOICE_DIM])
{
    memset(out, 0, AVALIGN_VOICE_DIM * sizeof *out);
    for (size_t i = from; i < to; i++)
        for (int d = 0; d < AVALIGN_VOICE_DIM; d++)
            out[d] += ev->voice.at[i].v[d];
}

/* Is one and the same face on screen from a second before to a second after? */
static int face_stays(const AvaEvidence *ev, int64_t t_us)
{
    for (size_t i = 0; i < ev->track.n; i++) {
        const AvaTrackRows *t = &ev->track.at[i];
        if (t->row.n && t->row.at[0].t_us <= t_us - 1000000 && t->row.at[t->row.n - 1].t_us >= t_us + 1000000)
            return 1;
    }
    return 0;
}

/* Where the voice before differs most from the voice after, one place per stretch of change. */
static json_t *voice_changes(const AvaEvidence *ev)
{
    json_t *list = json_array();
    size_t n = ev->voice.n, best = 0;
    double lowest = 1;
    for (size_t i = SIDE; i + SIDE <= n + 1; i++) {
        double cosine = 1;
        if (i + SIDE <= n) {
            float a[AVALIGN_VOICE_DIM], b[AVALIGN_VOICE_DIM];
            mean_of(ev, i - SIDE, i, a);
            mean_of(ev, i + 1 < n ? i + 1 : i, i + SIDE < n ? i + SIDE : n, b); /* the window across the change is in neither */
            cosine = ava_cosine(a, b, AVALIGN_VOICE_DIM);
        }
        int changes = ava_voice_llr(cosine, 3) < CHANGE_BELOW;
        if (changes && cosine < lowest) {
            lowest = cosine;
            best = i;
        } else if (best && (!changes || i - best > SIDE)) {
            const AvaVoiceVec *v = &ev->voice.at[best];
            int64_t at = ev->sound_t0_us + (v->start_us + v->end_us) / 2;
            json_array_append_new(list, json_pack("{s:o,s:o,s:b}", "time_s", seconds(at), "llr_same",
                                                  ava_json_real(ava_voice_llr(lowest, 3), 2), "face_stays", face_stays(ev, at)));
            lowest = 1;
            best = 0;
        }
    }
    return list;
}

/* Leader clustering: a window joins the voice it is nearest to, or founds one. */
static json_t *voices_json(const AvaEvidence *ev, size_t *voices)
{
    enum { MAX_VOICES = 8 };
    float (*sum)[AVALIGN_VOICE_DIM] = calloc(MAX_VOICES, sizeof *sum);
    size_t count[MAX_VOICES] = { 0 }, n = 0;
    for (size_t i = 0; sum && i < ev->voice.n; i++) {
        const float *v = ev->voice.at[i].v;
        size_t at = 0;
        double best = -1;
        for (size_t k = 0; k < n; k++) {
            double c = ava_cosine(sum[k], v, AVALIGN_VOICE_DIM);
            if (c > best) {
                best = c;
                at = k;
            }
        }
        if (best < SAME_CLUSTER && n < MAX_VOICES)
            at = n++;
        for (int d = 0; d < AVALIGN_VOICE_DIM; d++)
            sum[at][d] += v[d];
        count[at]++;
    }
    json_t *list = json_array();
    *voices = 0;
    for (size_t k = 0; k < n; k++) /* stray windows are no voice */
        if (count[k] >= 3 || n == 1) {
            json_array_append_new(list, json_pack("{s:o,s:o}", "share", ava_json_real((double)count[k] / (double)ev->voice.n, 2),
                                                  "speech_s", ava_json_real((double)ev->voice.at[0].speech_s / 2 * (double)count[k], 1)));
            ++*voices;
        }
    free(sum);
    return list;
}

/* ---- faces ----------------------------------------------------------------------- */

static double probability(double odds) { return 1 / (1 + exp(-fmax(-5, fmin(odds, 5)))); }

/* Log odds of "female", and age, over a track. */
static double face_female(const AvaTrackRows *t, double *age)
{
    double sum = 0, weight = 0;
    *age = 0;
    for (size_t i = 0; i < t->face.n; i++) {
        const AvaFaceVec *f = &t->face.at[i];
        sum += f->quality * f->female;
        *age += f->quality * f->age;
        weight += f->quality;
    }
    *age /= weight > 0 ? weight : 1;
    return weight > 0 ? sum / weight : 0;
}

/* tracks[].identity */
static void describe_tracks(const AvaEvidence *ev, json_t *extra)
{
    for (size_t i = 0; i < ev->track.n; i++) {
        const AvaTrackRows *t = &ev->track.at[i];
        double age, female;
        char id[24];
        if (!t->face.n)
            continue;
        female = face_female(t, &age);
        snprintf(id, sizeof id, "%d", t->id);
        json_t *j = json_object_get(extra, id);
        if (!j)
            json_object_set_new(extra, id, j = json_object());
        json_object_set_new(j, "identity", json_pack("{s:o,s:o,s:i}", "female", ava_json_real(probability(female), 3), "age", ava_json_real(age, 0), "views", (int)t->face.n));
    }
}

/* Instants at which a face differs from the rest of its track. */
static json_t *identity_drift(const AvaEvidence *ev)
{
    json_t *list = json_array();
    for (size_t k = 0; k < ev->track.n; k++) {
        const AvaTrackRows *t = &ev->track.at[k];
        float mean[AVALIGN_FACE_DIM];
        double quality;
        if (t->face.n < 5)
            continue;
        ava_mean_face(t, mean, &quality);
        for (size_t i = 0; i < t->face.n; i++) {
            const AvaFaceVec *f = &t->face.at[i];
            double llr = ava_face_llr(ava_cosine(mean, f->v, AVALIGN_FACE_DIM));
            if (f->quality > 0.3 && llr < DRIFT_BELOW)
                json_array_append_new(list, json_pack("{s:i,s:o,s:o}", "track", t->id, "time_s", seconds(f->t_us), "llr_same",
                                                      ava_json_real(llr, 2)));
        }
    }
    return list;
}

/* The voice while lip sync has a face speaking; seconds of it. */
static double voice_of_track(const AvaEvidence *ev, const json_t *segments, int track, float mean[AVALIGN_VOICE_DIM])
{
    size_t k, n = 0;
    json_t *s;
    memset(mean, 0, AVALIGN_VOICE_DIM * sizeof *mean);
    json_array_foreach(segments, k, s) {
        json_t *t = json_object_get(s, "track");
        if (!t || json_integer_value(t) != track || strcmp(json_string_value(json_object_get(s, "kind")), "speaking"))
            continue;
        int64_t from = (int64_t)(json_number_value(json_object_get(s, "start_s")) * 1e6) - ev->sound_t0_us;
        int64_t to = (int64_t)(json_number_value(json_object_get(s, "end_s")) * 1e6) - ev->sound_t0_us;
        for (size_t i = 0; i < ev->voice.n; i++) {
            int64_t middle = (ev->voice.at[i].start_us + ev->voice.at[i].end_us) / 2;
            if (middle < from || middle > to)
                continue;
            for (int d = 0; d < AVALIGN_VOICE_DIM; d++)
                mean[d] += ev->voice.at[i].v[d];
            n++;
        }
    }
    return 0.8 * (double)n;
}

/* Pairs of tracks with two faces and one voice. */
static json_t *one_voice_two_faces(const AvaEvidence *ev, const AvaFindings *out)
{
    enum { MOST = 32 }; /* tracks; longer lists are films */
    json_t *list = json_array();
    for (size_t i = 0; i < ev->track.n && i < MOST; i++) {
        float voice_i[AVALIGN_VOICE_DIM], voice_j[AVALIGN_VOICE_DIM], face_i[AVALIGN_FACE_DIM], face_j[AVALIGN_FACE_DIM];
        const AvaTrackRows *a = &ev->track.at[i];
        double quality, si = voice_of_track(ev, out->segments, a->id, voice_i);
        if (si < MIN_SPEECH_S || a->face.n < MIN_FACES)
            continue;
        ava_mean_face(a, face_i, &quality);
        for (size_t j = i + 1; j < ev->track.n && j < MOST; j++) {
            const AvaTrackRows *b = &ev->track.at[j];
            double sj = voice_of_track(ev, out->segments, b->id, voice_j);
            if (sj < MIN_SPEECH_S || b->face.n < MIN_FACES)
                continue;
            ava_mean_face(b, face_j, &quality);
            double voice = ava_voice_llr(ava_cosine(voice_i, voice_j, AVALIGN_VOICE_DIM), fmin(si, sj));
            double face = ava_face_llr(ava_cosine(face_i, face_j, AVALIGN_FACE_DIM));
            if (voice > 1.5 && face < -2)
                json_array_append_new(list, json_pack("{s:[i,i],s:o,s:o}", "tracks", a->id, b->id, "voice_llr_same",
                                                      ava_json_real(voice, 2), "face_llr_same", ava_json_real(face, 2)));
        }
    }
    return list;
}

/* Seconds of speech with no speaking face on screen, as lip sync found them. */
static json_t *offscreen(const AvaFindings *out)
{
    json_t *list = json_array();
    size_t i;
    json_t *s;
    json_array_foreach(out->segments, i, s)
        if (!strcmp(json_string_value(json_object_get(s, "kind")), "voice-without-face"))
            json_array_append_new(list, json_pack("{s:O,s:O}", "start_s", json_object_get(s, "start_s"), "end_s",
                                                  json_object_get(s, "end_s")));
    return list;
}

/* The face that the sound is held against: the one whose mouth fits, else the longest. */
static int main_face(const AvaEvidence *ev, const AvaTrackRows **face, int *rivals)
{
    *face = NULL;
    *rivals = 0;
    uint8_t *speech = ava_sync_speech(ev);
    AvaSyncPick *pick = calloc(ev->track.n + 1, sizeof *pick);
    size_t kept = 0, k = speech && pick ? ava_sync_pick(ev, speech, pick, &kept) : 0;
    if (k && pick[0].confidence >= 0.5)
        *face = pick[0].track;
    for (size_t i = 0; !*face && i < ev->track.n; i++)
        for (size_t j = 0; j < ev->track.n; j++)
            *rivals += i != j && ev->track.at[i].face.n >= MIN_FACES && ev->track.at[j].face.n >= MIN_FACES &&
                       2 * ev->track.at[j].row.n > ev->track.at[i].row.n;
    for (size_t i = 0; (!*face || !(*face)->face.n) && i < ev->track.n; i++) {
        const AvaTrackRows *t = &ev->track.at[i];
        if (t->face.n && (!*face || !(*face)->face.n || t->row.n > (*face)->row.n))
            *face = t;
    }
    int rc = speech && pick ? 0 : AVALIGN_ERR_NOMEM;
    free(speech);
    free(pick);
    return rc;
}

static void match(const AvaEvidence *ev, const AvaTrackRows *face, double pitch, size_t voices, json_t *j, AvaFindings *out)
{
    double joint = 0, age, female = face_female(face, &age);
    for (size_t i = 0; i < ev->voice.n; i++)
        joint += ev->voice.at[i].joint / (double)ev->voice.n;
    double llr = face->has_cross ? face->cross_llr : ava_cross_llr(ava_voice_female(joint, pitch), female);
    double value = ava_cross_match(llr);
    if (face->has_cross)
        json_object_set_new(j, "cross_net_cosine", ava_json_real(face->cross_cosine, 4));
    json_object_set_new(j, "match", ava_json_real(value, 3));
    json_object_set_new(j, "llr", ava_json_real(llr, 2));
    json_object_set_new(j, "voice_female", ava_json_real(probability(ava_voice_female(joint, pitch)), 3));
    json_object_set_new(j, "face_female", ava_json_real(probability(female), 3));
    json_object_set_new(j, "face_age", ava_json_real(age, 0));
    json_object_set_new(j, "track", json_integer(face->id));
    const char *why = voices > 1 ? "several-voices" : age > 0 && age < 14 ? "child" : NULL;
    out->reason[AVALIGN_VOICE_FACE_MATCH] = why;
    out->field[AVALIGN_VOICE_FACE_MATCH] = value;
}

static int run(const AvaEvidence *ev, AvaFindings *out, AvalignErrorInfo *e)
{
    const AvaTrackRows *face = NULL;
    int rivals = 0;
    size_t voices = 0, faces = 0;
    float mean[AVALIGN_VOICE_DIM];
    double speech_s = ava_mean_voice(ev, mean), pitch = ava_median_pitch(ev);
    json_t *j = json_object();
    json_object_set_new(out->signals, "speaker", j);
    if (ev->voice.n) {
        json_object_set_new(j, "speech_s", ava_json_real(speech_s, 1));
        json_object_set_new(j, "voice_pitch_hz", pitch > 0 ? ava_json_real(pitch, 1) : json_null());
        json_object_set_new(j, "voices", voices_json(ev, &voices));
        json_object_set_new(j, "voice_changes", voice_changes(ev));
    }
    if (main_face(ev, &face, &rivals))
        return ava_fail(e, AVALIGN_ERR_NOMEM, "speaker", AVA_NO_TIME, 0, "out of memory");
    for (size_t i = 0; i < ev->track.n; i++)
        faces += ev->track.at[i].face.n;
    if (faces) {
        describe_tracks(ev, out->track_extra);
        json_object_set_new(j, "identity_drift", identity_drift(ev));
    }
    json_object_set_new(j, "offscreen_voice", offscreen(out));
    json_object_set_new(j, "one_voice_two_faces", one_voice_two_faces(ev, out));
    const char *absent = !ev->has_audio ? "no-audio" : !ev->has_video ? "no-video" : !ev->track.n ? "no-face"
                       : ev->speech_s < 0.5 ? "no-speech" : speech_s < MIN_SPEECH_S ? "too-short"
                       : ev->sample_rate && ev->sample_rate < NARROW_HZ ? "narrow-band"
                       : ava_voice_unfit(ev);
    const char *unfit = ava_face_unfit(ev);
    if (!absent && (!face || face->face.n < MIN_FACES))
        absent = unfit ? unfit : "face-unclear";
    else if (!absent && unfit && !strcmp(unfit, "face-covered")) /* there are views, but of half a face */
        absent = unfit;
    else if (!absent && rivals)
        absent = "several-faces";
    if (absent)
        ava_absent(out, &ava_speaker, absent);
    else
        match(ev, face, pitch, voices, j, out);
    return 0;
}
