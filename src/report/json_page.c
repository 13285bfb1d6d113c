/* json_page.c -- what the evidence page needs beside the result: findings, the registries' words, thumbnails, the video's address. */
#include "report/findings.h"
#include "report/json_result.h"
#include "report/pauses.h"
#include "report/trust.h"

#include <math.h>
#include <string.h>

json_t *ava_json_findings(const AvaFindingList *l)
{
    json_t *out = json_array();
    for (size_t i = 0; i < l->n; i++) {
        const AvaFinding *f = &l->at[i];
        json_array_append_new(out, json_pack("{s:s,s:s,s:s,s:o,s:o,s:o,s:b,s:o,s:o}", "kind", f->kind, "topic", ava_finding_topic(f), "text", f->text, "start_s",
                                             ava_json_real(f->start_s, 3), "end_s", ava_json_real(f->end_s, 3), "score", ava_json_real(f->score, 3), "counts", f->counts,
                                             "weight", ava_json_real(f->weight, 2), "adds", ava_json_real(f->adds, 2)));
    }
    return out;
}

static json_t *findings(const AvalignResult *r)
{
    AvaFindingList l = { 0 };
    json_t *out = ava_findings_list(r, &l) ? NULL : ava_json_findings(&l);
    ava_vec_free(&l);
    return out;
}

static json_t *pictures(const AvalignResult *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->thumbnail.n; i++) {
        const AvaThumbnail *p = &r->thumbnail.at[i];
        json_array_append_new(list, json_pack("{s:f,s:s,s:i,s:s}", "time_s", p->time_s, "what", p->what, "track", p->track, "jpeg", p->jpeg));
    }
    return list;
}

/* The words of the registries, so that the page has none of its own. */
static json_t *kinds(void)
{
    json_t *out = json_object();
    const AvaFindingKind *k;
    for (size_t i = 0; (k = ava_finding_kind(i)); i++)
        json_object_set_new(out, k->topic, json_pack("[s,s,s]", k->title, k->means, k->or_else));
    return out;
}

static json_t *measurements(void)
{
    json_t *list = json_array();
    const AvalignFieldInfo *f;
    for (size_t i = 0; (f = avalign_field_info(i)); i++)
        if (i != AVALIGN_ANOMALY_SCORE) /* the headline */
            json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:s,s:o}", "key", f->key, "unit", f->unit, "label", f->label, "meaning", f->meaning,
                                                  "limit", ava_json_real(f->limit, 2)));
    return list;
}

static json_t *reasons(void)
{
    json_t *out = json_object();
    const AvalignReasonInfo *r;
    for (size_t i = 0; (r = avalign_reason_info(i)); i++)
        json_object_set_new(out, r->code, json_pack("[s,s?]", r->words, r->helps));
    return out;
}

static json_t *pauses(const AvalignResult *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->found.transcript.word.n; i++)
        json_array_append_new(list, ava_json_real((double)ava_pause_before(r, i) / 1e6, 3));
    return list;
}

/* How well the net behind a measure did, as far as its manifest row says; here: in conditions like this file's. */
static json_t *validations(const AvalignResult *r, const AvaTrustRow *row)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->validation.n; i++) {
        const AvaValidation *v = &r->validation.at[i];
        int holds = strcmp(v->role, row->role) ? 0 : ava_trust_holds(r, row, v);
        if (holds)
            json_array_append_new(list, json_pack("{s:s,s:s*,s:b}", "text", v->text, "see", v->see, "here", holds == 2));
    }
    return list;
}

/* Each measure that was judged: its propositions, its ratio, how far it can be trusted. */
static json_t *trust(const AvalignResult *r)
{
    json_t *list = json_array();
    const AvaTrustRow *t;
    for (size_t i = 0; (t = ava_trust_row(i)); i++) {
        if (isnan(ava_signal_number(&r->found, t->answer)))
            continue;
        double llr = ava_trust_llr(r, t);
        json_array_append_new(list, json_pack("{s:s,s:[s,s],s:o,s:s*,s:o}", "label", t->label, "propositions", t->genuine, t->other, "llr", ava_json_real(llr, 2), "words",
                                              isnan(llr) ? NULL : ava_trust_words(llr), "validated", validations(r, t)));
    }
    return list;
}

static json_t *notes(const AvalignResult *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->note.n; i++)
        json_array_append_new(list, json_pack("[s,s]", r->note.at[i].label, r->note.at[i].text));
    return list;
}

json_t *ava_json_page(const AvalignResult *r, const char *video_src)
{
    json_t *more = json_object(), *list = findings(r);
    if (!more || !list) {
        json_decref(more);
        json_decref(list);
        return NULL;
    }
    json_object_set_new(more, "findings", list);
    json_object_set_new(more, "kinds", kinds());
    json_object_set_new(more, "fields", measurements());
    json_object_set_new(more, "reasons", reasons());
    if (r->found.transcript.word.n)
        json_object_set_new(more, "word_pauses_s", pauses(r));
    json_object_set_new(more, "trust", trust(r));
    if (r->note.n)
        json_object_set_new(more, "notes", notes(r));
    if (r->has_thumbnails)
        json_object_set_new(more, "pictures", pictures(r));
    if (video_src)
        json_object_set_new(more, "video_src", json_string(video_src));
    return more;
}
