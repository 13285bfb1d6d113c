/* json_authenticity.c -- a person's voice or a machine's, as JSON. */
#include "report/json_parts.h"

static json_t *experts(const AvaAuthenticityResult *r, const double *value)
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
        json_array_append_new(windows, json_pack("{s:o,s:o,s:o,s:o}", "start_s", ava_json_time(w->start_us, 2), "end_s", ava_json_time(w->end_us, 2), "score",
                                                 ava_json_real(w->score, 3), "experts", experts(r, w->expert)));
    }
    return json_pack("{s:o,s:o,s:o,s:o,s:o}", "score", ava_json_real(r->score, 3), "llr", ava_json_real(r->llr, 2), "odds", ava_json_real(r->odds, 2),
                     "experts", experts(r, r->expert), "windows", windows);
}
