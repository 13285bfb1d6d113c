/* json_speaker.c -- voices and faces as JSON. */
#include <math.h>

#include "report/json_parts.h"

static json_t *json_speaker_voices(const AvaSpeakerResult *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->voice.n; i++)
        json_array_append_new(list, json_pack("{s:o,s:o}", "share", ava_json_real(r->voice.at[i].share, 2), "speech_s",
                                              ava_json_real(r->voice.at[i].speech_s, 1)));
    return list;
}

static json_t *json_speaker_changes(const AvaSpeakerResult *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->change.n; i++) {
        const AvaVoiceChange *c = &r->change.at[i];
        json_array_append_new(list, json_pack("{s:o,s:o,s:b}", "time_s", ava_json_time(c->time_us, 3), "llr_same", ava_json_real(c->llr_same, 2),
                                              "face_stays", c->face_stays));
    }
    return list;
}

static json_t *drift(const AvaSpeakerResult *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->drift.n; i++) {
        const AvaIdentityDrift *d = &r->drift.at[i];
        json_array_append_new(list, json_pack("{s:i,s:o,s:o}", "track", d->track, "time_s", ava_json_time(d->time_us, 3), "llr_same",
                                              ava_json_real(d->llr_same, 2)));
    }
    return list;
}

static json_t *json_speaker_offscreen(const AvaSpeakerResult *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->offscreen.n; i++)
        json_array_append_new(list, json_pack("{s:o,s:o}", "start_s", ava_json_time(r->offscreen.at[i].start_us, 3), "end_s",
                                              ava_json_time(r->offscreen.at[i].end_us, 3)));
    return list;
}

static json_t *shared(const AvaSpeakerResult *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->shared.n; i++) {
        const AvaSharedVoice *s = &r->shared.at[i];
        json_array_append_new(list, json_pack("{s:[i,i],s:o,s:o}", "tracks", s->track[0], s->track[1], "voice_llr_same",
                                              ava_json_real(s->voice_llr_same, 2), "face_llr_same", ava_json_real(s->face_llr_same, 2)));
    }
    return list;
}

json_t *ava_json_speaker(const AvaSpeakerResult *r)
{
    if (!r->ran)
        return ava_json_absent(r->absent);
    json_t *j = json_object();
    if (r->has_voice) {
        json_object_set_new(j, "speech_s", ava_json_real(r->speech_s, 1));
        json_object_set_new(j, "voice_pitch_hz", ava_json_real(r->voice_pitch_hz, 1));
        json_object_set_new(j, "voices", json_speaker_voices(r));
        json_object_set_new(j, "voice_changes", json_speaker_changes(r));
    }
    if (r->has_face)
        json_object_set_new(j, "identity_drift", drift(r));
    json_object_set_new(j, "offscreen_voice", json_speaker_offscreen(r));
    json_object_set_new(j, "one_voice_two_faces", shared(r));
    if (r->absent) {
        json_object_set_new(j, "absent", json_string(r->absent));
        return j;
    }
    if (!isnan(r->cross_net_cosine))
        json_object_set_new(j, "cross_net_cosine", ava_json_real(r->cross_net_cosine, 4));
    json_object_set_new(j, "match", ava_json_real(r->match, 3));
    json_object_set_new(j, "llr", ava_json_real(r->llr, 2));
    json_object_set_new(j, "voice_female", ava_json_real(r->voice_female, 3));
    json_object_set_new(j, "face_female", ava_json_real(r->face_female, 3));
    json_object_set_new(j, "face_age", ava_json_real(r->face_age, 0));
    json_object_set_new(j, "track", json_integer(r->track));
    return j;
}
