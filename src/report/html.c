/* html.c -- the evidence page: page.html with the result put in. The data can't leave their place: whatever HTML could take for
 * a tag is written as an escape of JSON, and the page's script makes text of it, never markup. */
#include <stdlib.h>
#include <string.h>

#include "report/findings.h"
#include "report/json_parts.h"
#include "result/result.h"

extern const unsigned char ava_page[];
extern const size_t ava_page_size;

typedef struct Out {
    AvalignWriteFn *write;
    void *cookie;
    int json; /* escapes of JSON, not of HTML */
} Out;

static int escaped(void *cookie, const char *s, size_t n)
{
    static const char *const as[2][3] = { { "&lt;", "&gt;", "&amp;" }, { "\\u003c", "\\u003e", "\\u0026" } };
    Out *o = cookie;
    while (n) {
        size_t plain = 0;
        while (plain < n && s[plain] != '<' && s[plain] != '>' && s[plain] != '&')
            plain++;
        if (plain && o->write(o->cookie, s, plain))
            return -1;
        if (plain < n) {
            const char *x = as[o->json][s[plain] == '<' ? 0 : s[plain] == '>' ? 1 : 2];
            if (o->write(o->cookie, x, strlen(x)))
                return -1;
            plain++;
        }
        s += plain;
        n -= plain;
    }
    return 0;
}

/* Where a mark stands in the page. */
static const char *mark(const char *name)
{
    const char *page = (const char *)ava_page;
    size_t n = strlen(name), i = 0;
    while (i + n < ava_page_size && memcmp(page + i, name, n))
        i++;
    return page + i;
}

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

int avalign_result_write_page(const AvalignResult *r, const char *video, AvalignWriteFn *write, void *cookie)
{
    if (!r || !write)
        return AVALIGN_ERR_ARG;
    const char *page = (const char *)ava_page, *end = page + ava_page_size;
    const char *text = mark("@TEXT@"), *data = mark("@DATA@");
    Out plain = { write, cookie, 0 }, json = { write, cookie, 1 };
    json_t *more = json_object();
    json_t *list = findings(r);
    if (!more || !list) {
        json_decref(more);
        json_decref(list);
        return AVALIGN_ERR_NOMEM;
    }
    json_object_set_new(more, "findings", list);
    if (r->pictures)
        json_object_set(more, "pictures", r->pictures);
    if (video)
        json_object_set_new(more, "video_src", json_string(video));
    int bad = write(cookie, page, (size_t)(text - page)) || ava_report_text(r, escaped, &plain) || write(cookie, text + 6, (size_t)(data - text - 6)) ||
              ava_report_json(r, more, escaped, &json) || write(cookie, data + 6, (size_t)(end - data - 6));
    json_decref(more);
    return bad ? AVALIGN_ERR_IO : 0;
}
