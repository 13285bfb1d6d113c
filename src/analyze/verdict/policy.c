/* policy.c -- reads policies and fuses by them. */
#include "analyze/verdict/policy.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/err.h"
#include "util/logistic.h"

/* policies/seed.json, policies/calibrated.json */
extern const unsigned char ava_policy_seed[], ava_policy_calibrated[];
extern const size_t ava_policy_seed_size, ava_policy_calibrated_size;

enum { N_FIELDS = AVALIGN_ANOMALY_SCORE }; /* what rules may speak of: all but their own outcome, the last */

static int policy_bad(AvalignErrorInfo *e, const char *where, size_t i, const char *what)
{
    return ava_fail(e, AVALIGN_ERR_ARG, "policy", AVA_NO_TIME, 0, "%s, entry %zu: %s; see docs/policy.schema.json", where, i, what);
}

static int policy_copy(char *out, size_t size, const json_t *text)
{
    const char *s = json_string_value(text);
    if (!s || !*s || strlen(s) >= size)
        return -1;
    strcpy(out, s);
    return 0;
}

static int parse_rule(const json_t *j, AvaRule *r, size_t i, AvalignErrorInfo *e)
{
    const char *field = json_string_value(json_object_get(j, "field"));
    const json_t *below = json_object_get(j, "below"), *outside = json_object_get(j, "outside"), *from = json_object_get(j, "from");
    r->field = field && !strcmp(field, "artifacts") ? AVALIGN_N_FIELDS : -1;
    for (int k = 0; field && k < N_FIELDS; k++)
        if (!strcmp(field, avalign_field_info((size_t)k)->key))
            r->field = k;
    if (r->field < 0)
        return policy_bad(e, "sum", i, "\"field\" is none of the result's fields nor \"artifacts\"");
    if (policy_copy(r->kind, sizeof r->kind, json_object_get(j, "kind")))
        return policy_bad(e, "sum", i, "\"kind\" is missing or too long");
    if (!json_is_number(json_object_get(j, "add")) || !json_is_number(json_object_get(j, "weight")))
        return policy_bad(e, "sum", i, "\"add\" and \"weight\" must be numbers");
    const json_t *limit = r->field == AVALIGN_N_FIELDS ? from : below ? below : outside;
    if (!json_is_number(limit) || (below && outside))
        return policy_bad(e, "sum", i, "needs one limit: \"below\" or \"outside\", \"from\" for artifacts");
    r->outside = limit == outside;
    r->limit = json_number_value(limit);
    r->add = json_number_value(json_object_get(j, "add"));
    r->weight = json_number_value(json_object_get(j, "weight"));
    return r->add >= 0 && r->add <= 1 ? 0 : policy_bad(e, "sum", i, "\"add\" must be 0 to 1");
}

static int parse_term(const json_t *j, AvaTerm *t, size_t i, AvalignErrorInfo *e)
{
    static const char *const forms[] = { "value", "logit", "size" };
    const char *form = json_string_value(json_object_get(j, "as"));
    int known = 0;
    if (policy_copy(t->signal, sizeof t->signal, json_object_get(j, "signal")))
        return policy_bad(e, "fusion", i, "\"signal\" is missing or too long");
    if (!ava_signal_known(t->signal)) /* a slip of the pen would count as 0 for ever */
        return policy_bad(e, "fusion", i, "\"signal\" is none of the result's numbers");
    for (int k = 0; form && k < 3; k++)
        if (!strcmp(form, forms[k])) {
            t->form = (AvaTermForm)k;
            known = 1;
        }
    if (!known)
        return policy_bad(e, "fusion", i, "\"as\" is one of value, logit, size");
    if (!json_is_number(json_object_get(j, "weight")) || !json_is_number(json_object_get(j, "clip")))
        return policy_bad(e, "fusion", i, "\"weight\" and \"clip\" must be numbers");
    const json_t *only = json_object_get(j, "only_against");
    if (only && !json_is_boolean(only))
        return policy_bad(e, "fusion", i, "\"only_against\" is true or false");
    t->only_against = json_is_true(only);
    t->neutral = json_number_value(json_object_get(j, "neutral"));
    t->clip = json_number_value(json_object_get(j, "clip"));
    t->weight = json_number_value(json_object_get(j, "weight"));
    return t->clip > 0 ? 0 : policy_bad(e, "fusion", i, "\"clip\" must be over 0");
}

static int read_sum(const json_t *list, AvaPolicy *p, AvalignErrorInfo *e)
{
    const json_t *x;
    size_t i;
    int rc = json_array_size(list) > AVA_MAX_RULES ? policy_bad(e, "sum", AVA_MAX_RULES, "too many entries") : 0;
    p->n_rules = 0;
    json_array_foreach(list, i, x)
        if (!rc && (rc = parse_rule(x, &p->rule[i], i, e)) == 0)
            p->n_rules = i + 1;
    return rc;
}

static int read_fusion(const json_t *f, AvaPolicy *p, AvalignErrorInfo *e)
{
    const json_t *terms = json_object_get(f, "terms"), *x;
    size_t i;
    p->n_terms = 0;
    p->bias = json_number_value(json_object_get(f, "bias"));
    p->bound = json_number_value(json_object_get(f, "bound"));
    p->cllr = json_number_value(json_object_get(f, "cllr"));
    int rc = !json_is_array(terms) || json_array_size(terms) > AVA_MAX_TERMS || !(p->bound > 0) ? policy_bad(e, "fusion", 0, "needs \"terms\" (24 at most) and a \"bound\" over 0") : 0;
    json_array_foreach(terms, i, x)
        if (!rc && (rc = parse_term(x, &p->term[i], i, e)) == 0)
            p->n_terms = i + 1;
    return rc;
}

static int policy_read_document(const char *text, size_t size, AvaPolicy *p, AvalignErrorInfo *e)
{
    json_error_t where;
    json_t *doc = json_loadb(text, size, JSON_REJECT_DUPLICATES, &where);
    const json_t *score = json_object_get(doc, "score"), *sum = json_object_get(doc, "sum"), *fusion = json_object_get(doc, "fusion"), *at = json_object_get(doc, "flag_at");
    int rc = 0;
    if (!doc)
        rc = ava_fail(e, AVALIGN_ERR_ARG, "policy", AVA_NO_TIME, 0, "not JSON: line %d: %s; see docs/policy.schema.json", where.line, where.text);
    else if (json_integer_value(json_object_get(doc, "format")) != 1 || policy_copy(p->name, sizeof p->name, json_object_get(doc, "name")) || !json_is_string(score) ||
             (strcmp(json_string_value(score), "sum") && strcmp(json_string_value(score), "fusion")))
        rc = ava_fail(e, AVALIGN_ERR_ARG, "policy", AVA_NO_TIME, 0,
                      "needs \"format\": 1, \"name\" and \"score\" (\"sum\" or \"fusion\"); see docs/policy.schema.json");
    else if (at && !(json_number_value(at) > 0 && json_number_value(at) <= 1))
        rc = ava_fail(e, AVALIGN_ERR_ARG, "policy", AVA_NO_TIME, 0, "\"flag_at\" must be over 0 and at most 1; see docs/policy.schema.json");
    if (!rc) {
        p->by_fusion = !strcmp(json_string_value(score), "fusion");
        p->flag_at = at ? json_number_value(at) : .5;
    }
    if (!rc && sum)
        rc = read_sum(sum, p, e);
    if (!rc && fusion)
        rc = read_fusion(fusion, p, e);
    json_decref(doc);
    return rc;
}

int ava_policy_parse(const char *text, AvaPolicy *out, AvalignErrorInfo *e)
{
    memset(out, 0, sizeof *out);
    int own = text && *text == '{', fused = text && !strcmp(text, "calibrated");
    if (text && !own && !fused && strcmp(text, "seed"))
        return ava_fail(e, AVALIGN_ERR_UNKNOWN_OPTION, "policy", AVA_NO_TIME, 0, "no such policy; there are seed and calibrated, or a JSON document");
    int rc = 0; /* each built-in one brings what the other lacks; the one asked for comes last and decides */
    for (int k = 0; k < 2 && !rc; k++)
        rc = (k == fused) ? policy_read_document((const char *)ava_policy_calibrated, ava_policy_calibrated_size, out, e)
                          : policy_read_document((const char *)ava_policy_seed, ava_policy_seed_size, out, e);
    return rc || !own ? rc : policy_read_document(text, strlen(text), out, e);
}

int ava_policy_fuse(const AvaPolicy *p, AvaAnalysisOutput *out, double *llr)
{
    int used = 0;
    double sum = p->bias;
    for (size_t i = 0; i < p->n_terms; i++) {
        const AvaTerm *t = &p->term[i];
        double x = ava_signal_number(out, t->signal);
        if (isnan(x))
            continue;
        x = t->form == AVA_TERM_LOGIT ? log(fmax(x, 1e-3) / fmax(1 - x, 1e-3)) : t->form == AVA_TERM_SIZE ? fabs(x) : x;
        AvaShare share = { .share = t->weight * ava_bounded(x - t->neutral, t->clip) };
        if (t->only_against)
            share.share = fmax(0, share.share);
        memcpy(share.signal, t->signal, sizeof share.signal);
        if (ava_push(&out->verdict.share, share))
            return -1;
        sum += share.share;
        used++;
    }
    *llr = ava_bounded(sum, p->bound);
    return used;
}

const char *ava_verbal_scale(double llr)
{
    static const char *const words[2][4] = { { "the signals do not tell", "weak support for a genuine recording", "moderate support for a genuine recording", "strong support for a genuine recording" },
                                             { "the signals do not tell", "weak support for manipulation", "moderate support for manipulation", "strong support for manipulation" } };
    return words[llr > 0][ava_strength(llr)];
}
