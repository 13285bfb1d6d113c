/* json_viseme.c -- mouth shapes as JSON. */
#include <math.h>

#include "report/json_parts.h"

static json_t *phones(const AvaVisemeResult *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->phone.n; i++) {
        const AvaHeardPhone *p = &r->phone.at[i];
        json_t *j = json_pack("{s:o,s:o,s:s,s:s}", "start_s", ava_json_time(p->start_us, 3), "end_s", ava_json_time(p->end_us, 3), "phone",
                              ava_phone_label(p->id), "viseme", ava_shape_name(p->shape));
        if (!isnan(p->seen))
            json_object_set_new(j, "seen", ava_json_real(p->seen, 2));
        json_array_append_new(list, j);
    }
    return list;
}

static json_t *missed(const AvaVisemeResult *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->missed.n; i++) {
        const AvaMissedClosure *m = &r->missed.at[i];
        json_array_append_new(list, json_pack("{s:s,s:o,s:o,s:I,s:i,s:o,s:o}", "phone", ava_phone_label(m->phone), "time_s", ava_json_time(m->time_us, 3),
                                              "picture_s", ava_json_time(m->frame_us, 3), "frame", (json_int_t)m->frame, "track", m->track,
                                              "opening", ava_json_real(m->opening, 3), "closed", ava_json_real(m->closed, 2)));
    }
    return list;
}

json_t *ava_json_viseme(const AvaVisemeResult *r)
{
    if (!r->ran)
        return ava_json_absent(r->absent);
    json_t *j = json_pack("{s:o,s:s,s:o}", "phones", phones(r), "phones_from", r->aligned ? "transcript" : "recogniser", "offset_used_ms",
                          ava_json_real(r->offset_used_ms, 1));
    if (r->aligned)
        json_object_set_new(j, "unknown_words", json_integer((json_int_t)r->unknown_words));
    if (r->absent) {
        json_object_set_new(j, "absent", json_string(r->absent));
        return j;
    }
    json_object_set_new(j, "match_ratio", ava_json_real(r->match_ratio, 3));
    json_object_set_new(j, "chance_ratio", ava_json_real(r->chance_ratio, 3));
    json_object_set_new(j, "z", ava_json_real(r->z, 2));
    json_object_set_new(j, "llr", ava_json_real(r->llr, 2));
    json_object_set_new(j, "used", json_integer((json_int_t)r->used));
    json_object_set_new(j, "missed_closures", missed(r));
    return j;
}
