#include "report/out.h"

#include <stdarg.h>
#include <stdio.h>

void ava_out(AvaOut *o, const char *fmt, ...)
{
    char s[1600];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(s, sizeof s, fmt, ap);
    va_end(ap);
    if (!o->failed && n > 0)
        o->failed = o->write(o->cookie, s, (size_t)n < sizeof s ? (size_t)n : sizeof s - 1) != 0;
}
