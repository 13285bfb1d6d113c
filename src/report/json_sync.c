/* json_sync.c -- lip sync and SyncNet's measures as JSON. */
#include <stdio.h>

#include "report/json_parts.h"
#include "util/format.h"

json_t *ava_json_sync_answer(const AvaSyncAnswer *a)
{
    if (a->absent)
        return ava_json_absent(a->absent);
    return json_pack("{s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "method", "learned", "offset_ms", ava_json_real(a->offset_ms, 1), "confidence",
                     ava_json_real(a->confidence, 3), "score", ava_json_real(a->score, 3), "p_value", ava_json_real(a->p_value, 6),
                     "container_offset_ms", ava_json_real(a->container_offset_ms, 1), "content_offset_ms", ava_json_real(a->content_offset_ms, 1),
                     "similarity", ava_json_real(a->similarity, 3), "prominence", ava_json_real(a->prominence, 2), "lead", ava_json_real(a->lead, 3),
                     "weak_quarter", ava_json_real(a->weak_quarter, 3), "peak_s", ava_json_real(a->peak_s, 2), "used_s", ava_json_real(a->used_s, 2));
}

static json_t *json_sync_envelope(const AvaEnvelopeAnswer *a)
{
    if (a->absent)
        return ava_json_absent(a->absent);
    return json_pack("{s:o,s:o,s:o,s:o}", "offset_ms", ava_json_real(a->offset_ms, 1), "confidence", ava_json_real(a->confidence, 3), "correlation",
                     ava_json_real(a->correlation, 3), "prominence", ava_json_real(a->prominence, 2));
}

/* ffmpeg's arguments that put the sound where it belongs; -copyts: else it begins both anew where a broadcast was joined. */
static json_t *json_sync_fix(double offset_ms)
{
    char text[160];
    ava_format(text, sizeof text, "ffmpeg -copyts -i IN -itsoffset %.3f -i IN -map 0:v -map 1:a -c copy OUT", offset_ms / 1000);
    return json_string(text);
}

static json_t *json_sync_tolerance(const AvaToleranceResult *t)
{
    return json_pack("{s:s,s:s,s:o,s:o,s:b,s:o,s:[o,o]}", "name", t->name, "source", t->source, "early_limit_ms", ava_json_real(t->early_limit_ms, 1),
                     "late_limit_ms", ava_json_real(t->late_limit_ms, 1), "pass", t->pass, "margin_ms", ava_json_real(t->margin_ms, 1),
                     "margin_interval_ms", ava_json_real(t->margin_interval_ms[0], 1), ava_json_real(t->margin_interval_ms[1], 1));
}

static void over_time(json_t *j, const AvaSyncResult *r)
{
    json_t *steps = json_array(), *windows = json_array(), *dropouts = json_array();
    for (size_t i = 0; i < r->step.n; i++)
        json_array_append_new(steps, json_pack("{s:o,s:o}", "at_s", ava_json_real(r->step.at[i].at_s, 2), "step_ms", ava_json_real(r->step.at[i].step_ms, 1)));
    for (size_t i = 0; i < r->window.n; i++) {
        const AvaSyncWindow *w = &r->window.at[i];
        json_array_append_new(windows, json_pack("{s:o,s:o,s:i,s:o,s:o,s:o}", "start_s", ava_json_real(w->start_s, 2), "end_s", ava_json_real(w->end_s, 2),
                                                 "track", w->track, "offset_ms", ava_json_real(w->offset_ms, 1), "score", ava_json_real(w->score, 3),
                                                 "similarity", ava_json_real(w->similarity, 3)));
    }
    for (size_t i = 0; i < r->dropout.n; i++) {
        const AvaSyncDropout *d = &r->dropout.at[i];
        json_array_append_new(dropouts, json_pack("{s:o,s:o,s:o,s:s}", "start_s", ava_json_real(d->start_s, 2), "end_s", ava_json_real(d->end_s, 2), "score",
                                                  ava_json_real(d->score, 3), "reason", "mouth-does-not-match"));
    }
    json_object_set_new(j, "interval_ms", json_pack("[o,o]", ava_json_real(r->interval_ms[0], 1), ava_json_real(r->interval_ms[1], 1)));
    json_object_set_new(j, "repeatable_ms", ava_json_real(r->repeatable_ms, 1));
    json_object_set_new(j, "drift_ppm", ava_json_real(r->drift_ppm, 1));
    json_object_set_new(j, "steps", steps);
    json_object_set_new(j, "windows", windows);
    json_object_set_new(j, "dropouts", dropouts);
}

json_t *ava_json_sync(const AvaSyncResult *r)
{
    if (r->absent)
        return ava_json_absent(r->absent);
    if (r->by_envelope) {
        json_t *e = json_sync_envelope(&r->envelope);
        json_object_set_new(e, "method", json_string("envelope"));
        json_object_set_new(e, "container_offset_ms", ava_json_real(r->file.container_offset_ms, 1));
        json_object_set_new(e, "content_offset_ms", ava_json_real(r->file.content_offset_ms, 1));
        json_object_set_new(e, "used_s", ava_json_real(r->file.used_s, 2));
        return e;
    }
    json_t *j = ava_json_sync_answer(&r->file);
    over_time(j, r);
    json_object_set_new(j, "fix", r->mendable ? json_sync_fix(r->file.offset_ms) : json_null());
    if (r->tolerance.name)
        json_object_set_new(j, "profile", json_sync_tolerance(&r->tolerance));
    json_object_set_new(j, "envelope", json_sync_envelope(&r->envelope));
    return j;
}

static json_t *lse_face(const AvaLseTrack *t)
{
    const AvaLse *l = &t->lse;
    json_t *j = json_pack("{s:i,s:o}", "track", t->track, "start_s", ava_json_time(t->start_us, 3));
    if (l->reason) {
        json_object_set_new(j, "absent", json_string(l->reason));
    } else {
        json_object_set_new(j, "av_offset_frames", json_integer(l->offset_frames));
        json_object_set_new(j, "offset_ms", ava_json_real(l->offset_frames * 40., 0));
        json_object_set_new(j, "min_distance", ava_json_real(l->distance, 4));
        json_object_set_new(j, "confidence", ava_json_real(l->confidence, 4));
        json_object_set_new(j, "windows", json_integer((json_int_t)l->windows));
    }
    if (!l->expert_reason)
        json_object_set_new(j, "wav2lip_expert", json_pack("{s:o,s:o,s:i}", "cosine", ava_json_real(l->expert, 4), "best_cosine",
                                                           ava_json_real(l->expert_best, 4), "best_offset_frames",
                                                           l->expert_offset_frames));
    return j;
}

json_t *ava_json_lse(const AvaLseResult *r)
{
    if (r->absent)
        return ava_json_absent(r->absent);
    json_t *j = lse_face(&r->face.at[r->longest]), *list = json_array();
    for (size_t i = 0; i < r->face.n; i++)
        json_array_append_new(list, lse_face(&r->face.at[i]));
    json_object_set_new(j, "faces", list);
    return j;
}
