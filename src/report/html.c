/* html.c -- the evidence page: page.html with the result put in. The data can't leave their place: whatever HTML could take for
 * a tag is written as an escape of JSON, and the page's script makes text of it, never markup. */
#include <stdlib.h>
#include <string.h>

#include "report/report.h"

extern const unsigned char ava_page[];
extern const size_t ava_page_size;

int ava_escaped(void *escapes, const char *s, size_t n)
{
    static const char *const as[2][3] = { { "&lt;", "&gt;", "&amp;" }, { "\\u003c", "\\u003e", "\\u0026" } };
    AvaEscapes *o = escapes;
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
static const char *html_mark(const char *name)
{
    const char *page = (const char *)ava_page;
    size_t n = strlen(name), i = 0;
    while (i + n < ava_page_size && memcmp(page + i, name, n))
        i++;
    return page + i;
}

int ava_report_page(const AvalignResult *r, const char *video, AvalignWriteFn *write, void *cookie)
{
    const char *page = (const char *)ava_page, *end = page + ava_page_size;
    const char *text = html_mark("@TEXT@"), *data = html_mark("@DATA@");
    AvaEscapes plain = { write, cookie, 0 }, json = { write, cookie, 1 };
    int bad = write(cookie, page, (size_t)(text - page)) || ava_report_text(r, ava_escaped, &plain) || write(cookie, text + 6, (size_t)(data - text - 6)) ||
              ava_report_json(r, 1, video, ava_escaped, &json) || write(cookie, data + 6, (size_t)(end - data - 6));
    return bad;
}
