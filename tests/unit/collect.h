/* collect.h -- an AvalignWriteFn that gathers what is written in a char * (the caller frees it). */
#ifndef COLLECT_H
#define COLLECT_H

static int collect(void *cookie, const char *bytes, size_t n)
{
    char **text = cookie;
    size_t have = *text ? strlen(*text) : 0;
    *text = realloc(*text, have + n + 1);
    memcpy(*text + have, bytes, n);
    (*text)[have + n] = 0;
    return 0;
}

#endif
