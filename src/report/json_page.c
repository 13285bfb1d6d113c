/* json_page.c -- what the evidence page needs beside the result: the list of findings, pictures, the address of the video. */
#include "report/findings.h"
#include "report/json_result.h"

static json_t *findings(const AvalignResult *r)
{
    AvaFindingList l = { 0 };
    json_t *out = ava_findings_list(r, &l) ? NULL : json_array();
    if (out)
        for (size_t i = 0; i < l.n; i++) {
            const AvaFinding *f = &l.at[i];
            json_array_append_new(out, json_pack("{s:s,s:s,s:o,s:o,s:o,s:b,s:o,s:o}", "kind", f->kind, "text", f->text, "start_s", ava_json_real(f->start_s, 3),
                                                 "end_s", ava_json_real(f->end_s, 3), "score", ava_json_real(f->score, 3), "counts", f->counts, "weight",
                                                 ava_json_real(f->weight, 2), "adds", ava_json_real(f->adds, 2)));
        }
    ava_vec_free(&l);
    return out;
}

static json_t *pictures(const AvalignResult *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->picture.n; i++) {
        const AvaPicture *p = &r->picture.at[i];
        json_array_append_new(list, json_pack("{s:f,s:s,s:i,s:s}", "time_s", p->time_s, "what", p->what, "track", p->track, "jpeg", p->jpeg));
    }
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
    if (r->has_pictures)
        json_object_set_new(more, "pictures", pictures(r));
    if (video_src)
        json_object_set_new(more, "video_src", json_string(video_src));
    return more;
}
