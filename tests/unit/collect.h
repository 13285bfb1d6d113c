/* collect.h -- what is written, gathered: AvalignWriteFns of two kinds. */
#ifndef COLLECT_H
#define COLLECT_H

#include "test.h"

#include <stdlib.h>
#include <string.h>

/* In a char *, which the caller frees. */
static inline int collect(void *cookie, const char *bytes, size_t n)
{
    char **text = cookie;
    size_t have = *text ? strlen(*text) : 0;
    *text = realloc(*text, have + n + 1);
    memcpy(*text + have, bytes, n);
    (*text)[have + n] = 0;
    return 0;
}

/* In a Text, which has the room that a result or a page needs. */
typedef struct Text {
    size_t n;
    char s[1 << 17];
} Text;

static inline int append(void *cookie, const char *s, size_t n)
{
    Text *t = cookie;
    assert_true(t->n + n < sizeof t->s);
    memcpy(t->s + t->n, s, n);
    t->s[t->n += n] = 0;
    return 0;
}

#endif
