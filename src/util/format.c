/* format.c -- printf with a point, whatever the locale. */
#include "util/format.h"

#include <locale.h>
#include <stdio.h>

int ava_vformat(char *out, size_t room, const char *fmt, va_list ap)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0), old = c ? uselocale(c) : (locale_t)0;
    int n = vsnprintf(out, room, fmt, ap);
    if (c) {
        uselocale(old);
        freelocale(c);
    }
    return n;
}

int ava_format(char *out, size_t room, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = ava_vformat(out, room, fmt, ap);
    va_end(ap);
    return n;
}

int ava_lower(int c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c; }

int ava_letter_or_digit(int c) { return (c >= '0' && c <= '9') || (ava_lower(c) >= 'a' && ava_lower(c) <= 'z'); }
