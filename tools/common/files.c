/* files.c -- folders and lists. */
#include "common/files.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "common/signals.h"
#include "common/tool.h"

enum { HEAD = 512 };

static const char *const endings[] = { "mp4", "m4v",  "mov", "mkv", "mk3d", "webm", "avi", "divx", "mpg", "mpeg", "mpe", "m1v", "m2v", "ts",  "mts", "m2t",  "m2ts", "tod", "mod",  "vob", "dv",  "dif",
                                       "flv", "f4v",  "wmv", "asf", "3gp",  "3g2",  "ogv", "ogm",  "mxf", "gxf",  "nut", "rm",  "rmvb", "y4m", "wav", "w64", "rf64", "mp2", "mp3", "mka", "m4a", "m4b", "aac",
                                       "ac3", "eac3", "amr", "aif", "aiff", "aifc", "caf", "au",   "wma", "flac", "ogg", "oga", "opus", "spx" };

const char *files_ending(size_t i) { return i < sizeof endings / sizeof *endings ? endings[i] : NULL; }

/* What a media file starts with. */
static int media_bytes(const unsigned char *p, size_t n)
{
    static const struct {
        size_t at;
        const char *bytes;
        size_t n;
    } start[] = { { 4, "ftyp", 4 }, { 4, "moov", 4 }, { 4, "mdat", 4 }, { 4, "wide", 4 }, { 0, "\x1a\x45\xdf\xa3", 4 }, { 0, "RIFF", 4 }, { 0, "RF64", 4 }, { 0, "FORM", 4 },
                  { 0, "OggS", 4 }, { 0, "fLaC", 4 }, { 0, "ID3", 3 }, { 0, "FLV\x01", 4 }, { 0, "\0\0\1\xba", 4 }, { 0, "\0\0\1\xb3", 4 }, { 0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11", 8 },
                  { 0, "\x06\x0e\x2b\x34\x02\x05\x01\x01", 8 }, { 0, "\x1f\x07\x00", 3 }, { 0, "caff", 4 }, { 0, "#!AMR", 5 }, { 0, ".RMF", 4 } };
    for (size_t i = 0; i < sizeof start / sizeof *start; i++)
        if (n >= start[i].at + start[i].n && !memcmp(p + start[i].at, start[i].bytes, start[i].n))
            return 1;
    return (n > 376 && p[0] == 0x47 && p[188] == 0x47 && p[376] == 0x47) || (n > 388 && p[4] == 0x47 && p[196] == 0x47 && p[388] == 0x47); /* transport stream, plain or with stamps */
}

const char *files_no_text(const char *bytes, size_t n)
{
    const unsigned char *p = (const unsigned char *)bytes;
    if (n >= 2 && ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff)))
        return "this is UTF-16; save it as UTF-8";
    if (media_bytes(p, n))
        return "this is a media file, and a list is wanted; for one file there is avalign analyze";
    return memchr(bytes, 0, n) ? "this is no text; a list has a path on each line" : NULL;
}

static int is_media(const FTSENT *f)
{
    const char *dot = strrchr(f->fts_name, '.');
    if (dot && dot != f->fts_name) {
        for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
            if (!strcasecmp(dot + 1, endings[i]))
                return 1;
        return 0;
    }
    unsigned char head[HEAD];
    FILE *in = dot || !S_ISREG(f->fts_statp->st_mode) ? NULL : fopen(f->fts_accpath, "rb");
    size_t n = in ? fread(head, 1, sizeof head, in) : 0;
    if (in)
        fclose(in);
    return media_bytes(head, n);
}

static int each_below(const char *dir, int (*each)(void *cookie, const char *path), void *cookie)
{
    char *roots[] = { (char *)dir, NULL };
    FTS *t = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, NULL);
    int rc = t ? 0 : FILES_NO_LIST;
    if (rc)
        tool_complain(dir, strerror(errno));
    for (FTSENT *f; t && !rc && !signals_stopped() && (f = fts_read(t));) {
        if (f->fts_info == FTS_F && is_media(f))
            rc = each(cookie, f->fts_path);
        else if (f->fts_info == FTS_DNR || f->fts_info == FTS_ERR || f->fts_info == FTS_NS)
            tool_complain(f->fts_path, strerror(f->fts_errno));
        else if (f->fts_info == FTS_DC)
            tool_complain(f->fts_path, "a symbolic link back to a folder it is in; left out");
        else if (f->fts_info == FTS_SLNONE)
            tool_complain(f->fts_path, "a symbolic link to nothing; left out");
    }
    if (t)
        fts_close(t);
    return rc;
}

/* A line without its end: its length, -1 at the end of the list, FILES_NO_LIST when it is longer than a path. */
static long read_line(FILE *f, char line[FILES_MAX_PATH])
{
    size_t n = 0;
    int ch;
    while ((ch = getc(f)) != EOF && ch != '\n') {
        if (n + 1 == FILES_MAX_PATH)
            return FILES_NO_LIST;
        line[n++] = (char)ch;
    }
    if (ch == EOF && !n)
        return -1;
    if (n && line[n - 1] == '\r')
        n--;
    line[n] = 0;
    return (long)n;
}

static int each_line(const char *what, FILE *f, int (*each)(void *cookie, const char *path), void *cookie)
{
    char line[FILES_MAX_PATH], text[120];
    int rc = 0, number = 1;
    for (long n; !rc && !signals_stopped() && (n = read_line(f, line)) != -1; number++) {
        char *path = line;
        const char *wrong = n < 0 ? "is longer than a path can be; is this a list?" : NULL;
        const char *other = number == 1 ? files_no_text(line, n < 0 ? HEAD : (size_t)n) : NULL;
        if (!other && !wrong && strlen(line) != (size_t)n)
            wrong = "has a zero byte; is this a list?";
        if (number == 1 && !strncmp(path, "\xef\xbb\xbf", 3)) /* a byte-order mark */
            path += 3;
        if (other || wrong) {
            snprintf(text, sizeof text, "list: line %d %s", number, wrong);
            if (other)
                snprintf(text, sizeof text, "list: %s", other);
            tool_complain(what, text);
            rc = FILES_NO_LIST;
        } else if (path[strspn(path, " \t")]) {
            rc = each(cookie, path);
        }
    }
    if (!rc && ferror(f)) {
        tool_complain(what, strerror(errno));
        rc = FILES_NO_LIST;
    }
    return rc;
}

int files_each(const char *what, int (*each)(void *cookie, const char *path), void *cookie)
{
    struct stat st;
    if (strcmp(what, "-") && stat(what, &st) == 0 && S_ISDIR(st.st_mode))
        return each_below(what, each, cookie);
    FILE *f = strcmp(what, "-") ? fopen(what, "r") : stdin;
    if (!f) {
        tool_complain(what, strerror(errno));
        return FILES_NO_LIST;
    }
    int rc = each_line(what, f, each, cookie);
    if (f != stdin)
        fclose(f);
    return rc;
}
