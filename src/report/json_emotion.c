/* json_emotion.c -- the emotions of voice and face as JSON. */
#include "report/json_parts.h"

static json_t *json_emotion_probabilities(const double p[AVA_N_EMOTIONS])
{
    json_t *j = json_object();
    for (int k = 0; k < AVA_N_EMOTIONS; k++)
        json_object_set_new(j, ava_emotion_name(k), ava_json_real(p[k], 3));
    return j;
}

static json_t *json_emotion_side(const AvaEmotionSide *s)
{
    if (!s->windows)
        return json_null();
    return json_pack("{s:s,s:o,s:o,s:o,s:i}", "strongest", ava_emotion_name(s->strongest), "valence", ava_json_real(s->valence, 2), "arousal",
                     ava_json_real(s->arousal, 2), "probabilities", json_emotion_probabilities(s->p), "windows", s->windows);
}

static json_t *json_emotion_mismatches(const AvaEmotionResult *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->mismatch.n; i++) {
        const AvaEmotionMismatch *m = &r->mismatch.at[i];
        char text[AVA_MISMATCH];
        json_array_append_new(list, json_pack("{s:o,s:o,s:s,s:s,s:s}", "start_s", ava_json_time(m->start_us, 2), "end_s", ava_json_time(m->end_us, 2), "voice",
                                              ava_emotion_name(m->voice), "face", ava_emotion_name(m->face), "detail", ava_mismatch_text(m, text)));
    }
    return list;
}

static json_t *json_emotion_affect_of(const AvaAffect *a)
{
    return json_pack("{s:o,s:o,s:i}", "mean_difference", ava_json_real(a->mean_difference, 2), "correlation", ava_json_real(a->correlation, 2),
                     "face_later_s", a->face_later_s);
}

static json_t *json_emotion_affect(const AvaEmotionResult *r)
{
    return r->has_affect ? json_pack("{s:o,s:o}", "valence", json_emotion_affect_of(&r->valence), "arousal",
                                     json_emotion_affect_of(&r->arousal)) : json_null();
}

static json_t *json_emotion_gesture(const AvaGestureResult *g)
{
    json_t *pairs = json_array();
    for (size_t i = 0; i < g->n; i++)
        json_array_append_new(pairs, json_pack("{s:s,s:s,s:o,s:o}", "voice", g->pair[i].voice, "face", g->pair[i].face, "correlation",
                                               ava_json_real(g->pair[i].correlation, 3), "z", ava_json_real(g->pair[i].z, 2)));
    return json_pack("{s:o,s:o,s:o}", "seconds", ava_json_real(g->seconds, 1), "mean_square_z", ava_json_real(g->mean_square_z, 2), "pairs", pairs);
}

static json_t *json_emotion_windows(const AvaEmotionResult *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->window.n; i++) {
        const AvaEmotionWindow *w = &r->window.at[i];
        json_t *prosody = json_array();
        for (int k = 0; k < AVA_N_PROSODY; k++)
            json_array_append_new(prosody, ava_json_real(w->prosody[k], 3));
        json_t *j = json_pack("{s:o,s:o,s:o,s:o}", "start_s", ava_json_time(w->start_us, 2), "end_s", ava_json_time(w->end_us, 2), "voice",
                              json_emotion_probabilities(w->voice), "prosody", prosody);
        if (w->track >= 0) {
            json_object_set_new(j, "track", json_integer(w->track));
            json_object_set_new(j, "face", json_emotion_probabilities(w->face));
            json_object_set_new(j, "agreement", ava_json_real(w->agreement, 3));
        }
        json_array_append_new(list, j);
    }
    return list;
}

json_t *ava_json_emotion(const AvaEmotionResult *r)
{
    if (!r->ran)
        return ava_json_absent(r->absent);
    json_t *j = json_object(), *face = json_emotion_side(&r->face);
    json_object_set_new(j, "voice", json_emotion_side(&r->voice));
    if (r->face_track >= 0)
        json_object_set_new(face, "track", json_integer(r->face_track));
    json_object_set_new(j, "face", face);
    if (r->voice.absent)
        json_object_set_new(j, "voice_absent", json_string(r->voice.absent));
    if (r->face.absent)
        json_object_set_new(j, "face_absent", json_string(r->face.absent));
    if (r->absent) {
        json_object_set_new(j, "absent", json_string(r->absent));
    } else {
        json_object_set_new(j, "agreement", ava_json_real(r->agreement, 3));
        json_object_set_new(j, "llr", ava_json_real(r->llr, 2));
        json_object_set_new(j, "mismatches", json_emotion_mismatches(r));
        json_object_set_new(j, "affect", json_emotion_affect(r));
    }
    json_object_set_new(j, "gesture", r->gesture.n ? json_emotion_gesture(&r->gesture) : json_null());
    json_object_set_new(j, "windows", json_emotion_windows(r));
    return j;
}
