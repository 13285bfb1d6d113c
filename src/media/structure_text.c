/* structure_text.c -- what parts of a container say, as one clean line each. */
#define _GNU_SOURCE /* memmem */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "media/structure.h"
#include "util/err.h"
#include "util/format.h"

void ava_part_put(char says[AVA_PART_SAYS], const char *format, ...)
{
    size_t n = strlen(says);
    va_list ap;
    va_start(ap, format);
    ava_vformat(says + n, AVA_PART_SAYS - n, format, ap);
    va_end(ap);
}

void ava_part_text(char says[AVA_PART_SAYS], const void *text, size_t n)
{
    char raw[AVA_PART_SAYS], line[AVA_PART_SAYS];
    n = n < sizeof raw - 1 ? n : sizeof raw - 1;
    memcpy(raw, text, n);
    raw[n] = 0;
    ava_clean_line(line, sizeof line, raw);
    ava_part_put(says, "%s", line);
}

void ava_part_date(char says[AVA_PART_SAYS], const char *what, int64_t seconds)
{
    struct tm t;
    time_t s = (time_t)seconds;
    if (seconds > -62135596800 && seconds < 253402300800 && gmtime_r(&s, &t))
        ava_part_put(says, "%s%s %04d-%02d-%02d %02d:%02d:%02d UTC", *says ? ", " : "", what, t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
}

void ava_part_coder(char says[AVA_PART_SAYS], AvaPartBytes body)
{
    static const char *const marks[] = { "x264 - core", "x265 (build", "Lavc", "LAME3" };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const uint8_t *at = body.n ? memmem(body.p, body.n, marks[i], strlen(marks[i])) : NULL;
        size_t n = 0, most = at ? body.n - (size_t)(at - body.p) : 0;
        while (n < most && n < 40 && at[n] >= ' ' && at[n] < 0x7f)
            n++;
        if (at) {
            ava_part_put(says, "%s", *says ? ", " : "holds the name ");
            ava_part_text(says, at, n);
        }
    }
}
