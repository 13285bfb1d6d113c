/* json_mouth.c -- was the face drawn, as JSON. */
#include "report/json_parts.h"

#include <math.h>

/* The numbers of an answer, added to an object. */
static json_t *says(json_t *o, const AvaDrawnAnswer *a)
{
    json_object_set_new(o, "score", ava_json_real(a->score, 3));
    json_object_set_new(o, "llr", ava_json_real(a->llr, 2));
    json_object_set_new(o, "blend", ava_json_real(a->expert[AVA_BLEND], 2));
    json_object_set_new(o, "decoder", ava_json_real(a->expert[AVA_DECODER], 2));
    return o;
}

static json_t *faces(const AvaMouthResult *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->face.n; i++) {
        const AvaMouthTrack *t = &r->face.at[i];
        json_t *o = json_pack("{s:i,s:i}", "track", t->track, "frames_judged", (int)t->frames);
        if (t->absent)
            json_object_set_new(o, "absent", json_string(t->absent));
        else
            says(o, &t->says);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *json_mouth_windows(const AvaMouthResult *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->window.n; i++) {
        const AvaMouthWindow *w = &r->window.at[i];
        json_array_append_new(list, says(json_pack("{s:o,s:o,s:i}", "start_s", ava_json_time(w->start_us, 2), "end_s", ava_json_time(w->end_us, 2),
                                                   "track", w->track), &w->says));
    }
    return list;
}

static json_t *frames(const AvaMouthResult *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->frame.n; i++) {
        const AvaMouthFrame *f = &r->frame.at[i];
        json_t *map = json_array();
        for (int y = 0; y < AVA_DRAWN_MAP; y++) {
            json_t *row = json_array();
            for (int x = 0; x < AVA_DRAWN_MAP; x++)
                json_array_append_new(row, ava_json_real((double)f->place[y * AVA_DRAWN_MAP + x], 2));
            json_array_append_new(map, row);
        }
        json_t *o = json_pack("{s:o,s:i,s:[o,o,o,o],s:s,s:o}", "time_s", ava_json_time(f->t_us, 3), "track", f->track, "box",
                              ava_json_real(f->cx - f->side / 2, 1), ava_json_real(f->cy - f->side / 2, 1), ava_json_real(f->side, 1),
                              ava_json_real(f->side, 1), "expert", f->expert == AVA_BLEND ? "blend" : "decoder", "map", map);
        json_array_append_new(list, says(o, &f->says));
    }
    return list;
}

json_t *ava_json_mouth(const AvaMouthResult *r)
{
    if (r->absent) {
        json_t *j = ava_json_absent(r->absent);
        if (r->face.n)
            json_object_set_new(j, "tracks", faces(r));
        return j;
    }
    return json_pack("{s:o,s:o,s:o,s:o,s:i,s:i,s:o,s:o,s:o}", "score", ava_json_real(r->score, 3), "llr", ava_json_real(r->llr, 2), "blend",
                     ava_json_real(r->blend, 2), "decoder", ava_json_real(r->decoder, 2), "track", r->track,
                     "frames_judged", (int)r->frames_judged, "tracks", faces(r), "windows", json_mouth_windows(r), "frames", frames(r));
}
