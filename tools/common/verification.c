/* verification.c -- see verification.h. */
#include "common/verification.h"

#include <math.h>

static double verification_rounded(double x, double steps) { return round(x * steps) / steps; }

/* How many times likelier what is seen or heard is if the first proposition holds, and between what that can lie at all. */
static json_t *side(const char *reason, double llr, double bound, double cosine)
{
    if (reason)
        return json_pack("{s:s}", "absent", reason);
    return json_pack("{s:f,s:f,s:[f,f],s:f,s:s}", "llr", verification_rounded(llr, 100), "ratio", verification_rounded(exp(llr), 1000), "ratio_bounds", verification_rounded(exp(-bound), 1000), verification_rounded(exp(bound), 1000),
                     "cosine", verification_rounded(cosine, 10000), "supports", fabs(llr) < 0.7 ? "neither" : llr > 0 ? "same person" : "another person");
}

json_t *verification_json(const char *clip, const AvalignVerification *v)
{
    return json_pack("{s:o,s:o,s:s,s:[s,s],s:o,s:o}", "file", tool_json_text(clip), "reference", tool_json_text(v->name), "signature",
                     v->signature > 0 ? "valid" : v->signature < 0 ? "not checked, no key given" : "none", "propositions", "the clip is of the person enrolled",
                     "the clip is of another person", "voice", side(v->voice_reason, v->voice_llr, v->voice_bound, v->voice_cosine), "face",
                     side(v->face_reason, v->face_llr, v->face_bound, v->face_cosine));
}
