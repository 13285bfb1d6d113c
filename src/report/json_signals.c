/* json_signals.c -- what the analyzers found, as JSON. */
#include <math.h>

#include "report/json_parts.h"

json_t *ava_json_signals(const AvaAnalysisOutput *o)
{
    json_t *j = json_object();
    json_object_set_new(j, "lipsync", ava_json_sync(&o->sync));
    if (o->lse.asked)
        json_object_set_new(j, "lse", ava_json_lse(&o->lse));
    json_object_set_new(j, "viseme", ava_json_viseme(&o->viseme));
    if (o->transcript.asked)
        json_object_set_new(j, "transcript", ava_json_transcript(&o->transcript));
    json_object_set_new(j, "speaker", ava_json_speaker(&o->speaker));
    json_object_set_new(j, "emotion", ava_json_emotion(&o->emotion));
    json_object_set_new(j, "authenticity", ava_json_authenticity(&o->authenticity));
    json_object_set_new(j, "artifacts", ava_json_artifacts(&o->artifacts));
    json_object_set_new(j, "mouth", ava_json_mouth(&o->mouth));
    json_object_set_new(j, "verdict", ava_json_verdict(&o->verdict));
    return j;
}

json_t *ava_json_anomalies(const AvaAnalysisOutput *o)
{
    json_t *list = json_array();
    for (size_t i = 0; i < o->anomaly.n; i++) {
        const AvaAnomaly *a = &o->anomaly.at[i];
        json_t *j = json_pack("{s:s,s:o,s:o,s:s}", "kind", a->kind, "weight", ava_json_real(a->weight, 2), "adds", ava_json_real(a->adds, 2), "detail",
                              a->detail);
        if (a->has_time) {
            json_object_set_new(j, "start_s", ava_json_time(a->start_us, 3));
            json_object_set_new(j, "end_s", ava_json_time(a->end_us, 3));
        }
        json_array_append_new(list, j);
    }
    return list;
}

json_t *ava_json_segments(const AvaAnalysisOutput *o)
{
    json_t *list = json_array();
    for (size_t i = 0; i < o->segment.n; i++) {
        const AvaSegment *s = &o->segment.at[i];
        json_t *j = json_pack("{s:s,s:o,s:o}", "kind", s->kind, "start_s", ava_json_time(s->start_us, 3), "end_s", ava_json_time(s->end_us, 3));
        if (s->track >= 0)
            json_object_set_new(j, "track", json_integer(s->track));
        json_array_append_new(list, j);
    }
    return list;
}

void ava_json_track(json_t *track, const AvaAnalysisOutput *o, int id)
{
    for (size_t i = 0; i < o->track.n; i++) {
        const AvaTrackResult *t = &o->track.at[i];
        if (t->id != id)
            continue;
        if (t->has_sync)
            json_object_set_new(track, "lipsync", ava_json_sync_answer(&t->sync));
        if (!isnan(t->speaking))
            json_object_set_new(track, "speaking", ava_json_real(t->speaking, 3));
        if (t->views)
            json_object_set_new(track, "identity",
                                json_pack("{s:o,s:o,s:i}", "female", ava_json_real(t->female, 3), "age", ava_json_real(t->age, 0), "views", t->views));
    }
}
