/* json_verdict.c -- the verdict as JSON. */
#include "report/json_parts.h"

json_t *ava_json_verdict(const AvaVerdictResult *r)
{
    if (r->absent)
        return ava_json_absent(r->absent);
    json_t *j = json_pack("{s:s,s:o,s:o}", "policy", r->policy, "score", ava_json_real(r->score, 3), "flag_at", ava_json_real(r->flag_at, 3));
    json_t *shares = json_object();
    for (size_t i = 0; i < r->share.n; i++)
        json_object_set_new(shares, r->share.at[i].signal, ava_json_real(r->share.at[i].share, 3));
    json_object_set_new(j, "flagged", json_boolean(r->flagged));
    json_object_set_new(j, "judged", json_integer(r->judged));
    json_object_set_new(j, "sum", ava_json_real(r->sum, 3));
    json_object_set_new(j, "calibrated_score", ava_json_real(r->calibrated_score, 3));
    json_object_set_new(j, "calibrated_llr", ava_json_real(r->calibrated_llr, 2));
    json_object_set_new(j, "calibrated_words", ava_json_text(r->calibrated_words));
    json_object_set_new(j, "calibrated_cllr", ava_json_real(r->calibrated_cllr, 3));
    json_object_set_new(j, "shares", shares);
    return j;
}
