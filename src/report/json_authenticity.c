/* json_authenticity.c -- a person's voice or a machine's, as JSON. */
#include "report/json_parts.h"

#include <math.h>

static json_t *json_authenticity_experts(const AvaAuthenticityResult *r, const double *value)
{
    json_t *j = json_object();
    for (int k = 0; k < r->n_experts; k++)
        json_object_set_new(j, r->name[k], ava_json_real(value[k], 2));
    return j;
}

json_t *ava_json_authenticity(const AvaAuthenticityResult *r)
{
    if (r->absent)
        return ava_json_absent(r->absent);
    json_t *windows = json_array();
    for (size_t i = 0; i < r->window.n; i++) {
        const AvaVoiceWindow *w = &r->window.at[i];
        json_t *o = json_pack("{s:o,s:o,s:o}", "start_s", ava_json_time(w->start_us, 2), "end_s", ava_json_time(w->end_us, 2), "score",
                              ava_json_real(w->score, 3));
        if (isfinite(w->codec))
            json_object_set_new(o, "codec", ava_json_real(w->codec, 2));
        else
            json_object_set_new(o, "experts", json_authenticity_experts(r, w->expert));
        json_array_append_new(windows, o);
    }
    json_t *j = json_pack("{s:s,s:o,s:o,s:o}", "method", r->method, "score", ava_json_real(r->score, 3), "llr", ava_json_real(r->llr, 2), "odds",
                          ava_json_real(r->odds, 2));
    if (isfinite(r->codec))
        json_object_set_new(j, "codec", ava_json_real(r->codec, 2));
    json_object_set_new(j, "experts", json_authenticity_experts(r, r->expert));
    json_object_set_new(j, "windows", windows);
    return j;
}
