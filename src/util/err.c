/* err.c -- fills an error unless there is one. */
#include "util/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util/format.h"

void ava_err_clear(AvalignErrorInfo *e)
{
    if (!e)
        return;
    memset(e, 0, sizeof *e);
    e->stage = "";
    e->at_us = AVA_NO_TIME;
}

/* Length of a well-formed UTF-8 sequence at s, or 0. */
static size_t utf8_len(const unsigned char *s)
{
    if (s[0] < 0x80)
        return 1;
    size_t n = s[0] >= 0xf0 && s[0] < 0xf5 ? 4 : s[0] >= 0xe0 && s[0] < 0xf0 ? 3 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return n;
}

void ava_clean_line(char *out, size_t room, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t o = 0;
    while (*s) {
        size_t n = utf8_len(s);
        if (n == 0 || *s < 0x20 || *s == 0x7f) {
            if (o + 1 >= room)
                break;
            out[o++] = *s == '\n' || *s == '\t' ? ' ' : '?';
            s++;
            continue;
        }
        if (o + n >= room)
            break;
        memcpy(out + o, s, n);
        o += n;
        s += n;
    }
    out[o] = 0;
}

int (ava_fail)(AvalignErrorInfo *e, int code, const char *stage, int64_t at_us, int cause,
             const char *fmt, ...)
{
    if (!e || e->code)
        return code;
    char line[1024];
    va_list ap;
    va_start(ap, fmt);
    ava_vformat(line, sizeof line, fmt, ap);
    va_end(ap);
    ava_clean_line(e->message, sizeof e->message, line);
    e->code = code;
    e->stage = stage;
    e->at_us = at_us;
    e->cause = cause;
    return code;
}

const char *avalign_strerror(int code)
{
    switch (code) {
    case AVALIGN_OK: return "success";
    case AVALIGN_ERR_ARG: return "bad argument";
    case AVALIGN_ERR_NOMEM: return "out of memory";
    case AVALIGN_ERR_IO: return "read error";
    case AVALIGN_ERR_FORMAT: return "not a usable media file";
    case AVALIGN_ERR_NO_STREAM: return "no usable stream";
    case AVALIGN_ERR_MODEL: return "model missing or wrong";
    case AVALIGN_ERR_INFER: return "inference failed";
    case AVALIGN_ERR_LIMIT: return "limit reached";
    case AVALIGN_ERR_CANCELLED: return "cancelled";
    case AVALIGN_ERR_UNKNOWN_OPTION: return "unknown option";
    case AVALIGN_ERR_VERSION: return "header and library versions differ";
    default: return code > 0 ? "success" : "unknown error";
    }
}
