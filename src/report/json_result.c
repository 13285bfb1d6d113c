/* json_result.c -- the whole result as JSON, in the order of docs/result.schema.json. */
#include "report/json_result.h"

#include <math.h>
#include <string.h>

#include "report/findings.h"
#include "util/err.h"

static void noticed_once(json_t *list, const char *kind)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!strcmp(json_string_value(json_array_get(list, i)), kind))
            return;
    json_array_append_new(list, json_string(kind));
}

/* What of the findings is strong, whatever a policy counts: judged again, this list stays. NULL: out of memory. */
static json_t *noticed(const AvalignResult *r)
{
    json_t *list = json_array();
    AvaFindingList l = { 0 };
    int bad = ava_findings_list(r, &l);
    for (size_t i = 0; i < r->found.artifacts.segment.n; i++)
        if (ava_rounded(r->found.artifacts.segment.at[i].score, 3) >= .5)
            noticed_once(list, r->found.artifacts.segment.at[i].kind);
    for (size_t i = 0; i < l.n; i++)
        if (!l.at[i].counts && l.at[i].score >= .5)
            noticed_once(list, l.at[i].kind);
    ava_vec_free(&l);
    if (!bad)
        return list;
    json_decref(list);
    return NULL;
}

/* The fields, the reasons of those that are absent, and the sentences. */
static void fields(json_t *root, const AvalignResult *r)
{
    const AvaAnalysisOutput *f = &r->found;
    json_t *absent = json_object(), *details = json_array();
    for (int i = 0; i < AVALIGN_N_FIELDS; i++) {
        const AvalignFieldInfo *info = avalign_field_info((size_t)i);
        json_object_set_new(root, info->key, f->reason[i] ? json_null() : ava_json_real(f->field[i], info->decimals));
        if (f->reason[i])
            json_object_set_new(absent, info->key, json_string(f->reason[i]));
    }
    for (size_t i = 0; i < f->anomaly.n; i++)
        json_array_append_new(details, json_string(f->anomaly.at[i].detail));
    json_object_set_new(root, "anomaly_details", details);
    json_object_set_new(root, "absent", absent);
}

static json_t *tracks(const AvalignResult *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->track.n; i++) {
        const AvalignTrack *t = &r->track.at[i];
        const AvaTrackQuality *q = &r->quality.at[i];
        json_t *j = json_pack("{s:i,s:o,s:o,s:i,s:[o,o,o,o],s:{s:o,s:o,s:o,s:o,s:o}}", "id", t->id, "start_s", ava_json_time(t->first_us, 3), "end_s",
                              ava_json_time(t->last_us, 3), "frames", (int)q->frames, "box", ava_json_real(t->box[0], 1), ava_json_real(t->box[1], 1),
                              ava_json_real(t->box[2], 1), ava_json_real(t->box[3], 1), "quality", "presence", ava_json_real(q->presence, 3),
                              "eye_distance_px", ava_json_real(q->eye_distance_px, 1), "yaw_abs_deg", ava_json_real(q->yaw_abs_deg, 1), "sharpness",
                              ava_json_real(q->sharpness, 2), "occlusion", ava_json_real(q->occlusion, 3));
        ava_json_track(j, &r->found, t->id);
        json_array_append_new(list, j);
    }
    return list;
}

static json_t *warnings(const AvalignResult *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->warning.n; i++) {
        const AvaWarning *w = &r->warning.at[i];
        json_array_append_new(list, json_pack("{s:s,s:I,s:s}", "code", w->code, "count", (json_int_t)w->count, "text", w->text));
    }
    return list;
}

static json_t *models(const AvalignResult *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->model.n; i++) {
        const AvaModelUse *m = &r->model.at[i];
        json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:s}", "role", m->role, "name", m->name, "sha256", m->sha256, "licence", m->licence));
    }
    return list;
}

json_t *ava_json_result(const AvalignResult *r)
{
    json_t *root = json_object();
    json_object_set_new(root, "format", json_integer(AVA_RESULT_FORMAT));
    json_object_set_new(root, "file", r->line ? json_string(r->line) : json_null());
    json_object_set_new(root, "file_sha256", ava_json_text(r->sha256));
    json_object_set_new(root, "avalign", json_string(avalign_version()));
    fields(root, r);
    json_object_set_new(root, "anomalies", ava_json_anomalies(&r->found));
    json_object_set_new(root, "noticed", noticed(r));
    json_object_set_new(root, "signals", ava_json_signals(&r->found));
    json_object_set_new(root, "tracks", tracks(r));
    json_object_set_new(root, "segments", ava_json_segments(&r->found));
    json_object_set_new(root, "media", ava_json_media(&r->media));
    json_object_set_new(root, "warnings", warnings(r));
    json_object_set_new(root, "models", models(r));
    json_object_set_new(root, "settings", json_pack("{s:s,s:o,s:i}", "analyzers", r->analyzers ? r->analyzers : "all", "flag_at",
                                                    ava_json_real(r->flag_at, 3), "grid_fps", AVALIGN_GRID_FPS));
    return root;
}
