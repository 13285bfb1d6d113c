#include "common/files.h"
#include "common/tool.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static int is_media(const char *name)
{
    static const char *const ends[] = { "mp4", "m4v", "mov", "mkv", "webm", "avi", "mpg", "mpeg", "ts", "mts", "m2ts", "flv", "wmv", "3gp", "ogv", "mxf",
                                        "wav", "mp3", "m4a", "aac", "flac", "ogg", "opus" };
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof ends / sizeof *ends; i++)
        if (!strcasecmp(dot + 1, ends[i]))
            return 1;
    return 0;
}

static int each_below(const char *dir, int (*each)(void *cookie, const char *path), void *cookie)
{
    char *roots[] = { (char *)dir, NULL };
    FTS *t = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    int rc = t ? 0 : -1;
    if (rc)
        tool_complain(dir, strerror(errno));
    for (FTSENT *f; t && !rc && (f = fts_read(t));) {
        if (f->fts_info == FTS_F && is_media(f->fts_name))
            rc = each(cookie, f->fts_path);
        else if (f->fts_info == FTS_DNR || f->fts_info == FTS_ERR)
            tool_complain(f->fts_path, strerror(f->fts_errno));
    }
    if (t)
        fts_close(t);
    return rc;
}

int files_each(const char *what, int (*each)(void *cookie, const char *path), void *cookie)
{
    char line[FILES_MAX_PATH + 2];
    struct stat st;
    if (stat(what, &st) == 0 && S_ISDIR(st.st_mode))
        return each_below(what, each, cookie);
    FILE *f = strcmp(what, "-") ? fopen(what, "r") : stdin;
    if (!f) {
        tool_complain(what, strerror(errno));
        return -1;
    }
    int rc = 0;
    while (!rc && fgets(line, sizeof line, f)) {
        size_t n = strcspn(line, "\r\n");
        if (n >= FILES_MAX_PATH - 1) {
            tool_complain(what, "a line is longer than a path can be");
            rc = -1;
        }
        line[n] = 0;
        if (*line && !rc)
            rc = each(cookie, line);
    }
    if (f != stdin)
        fclose(f);
    return rc;
}
