/* out.c -- formats into the caller's write function, and remembers that it failed. */
#include "report/out.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "util/format.h"

void ava_out(AvaOut *o, const char *fmt, ...)
{
    char s[1600];
    va_list ap;
    va_start(ap, fmt);
    int n = ava_vformat(s, sizeof s, fmt, ap);
    va_end(ap);
    if (!o->failed && n > 0)
        o->failed = o->write(o->cookie, s, (size_t)n < sizeof s ? (size_t)n : sizeof s - 1) != 0;
}

void ava_out_text(AvaOut *o, const char *s)
{
    if (!o->failed && *s)
        o->failed = o->write(o->cookie, s, strlen(s)) != 0;
}

void ava_out_clock(AvaOut *o, double s, char point)
{
    long ms = lrint(s * 1000);
    ava_out(o, "%02ld:%02ld:%02ld%c%03ld", ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, point, ms % 1000);
}
