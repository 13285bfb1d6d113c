#include "common/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/tool.h"

enum { MAX_PREPARED = 16 };
static struct Prepared {
    const char *path;
    char *part;
    FILE *f;
} prepared[MAX_PREPARED];
static size_t n_prepared;

int output_error(const char *path)
{
    fprintf(stderr, "avalign: %s: output: %s; free space or name another place\n", path, strerror(errno ? errno : EIO));
    return EXIT_INTERNAL;
}

int output_check(const char *path)
{
    if (!path || !strcmp(path, "-"))
        return 0;
    struct stat st;
    if (stat(path, &st) == 0) {
        if (S_ISDIR(st.st_mode)) {
            errno = EISDIR;
            return output_error(path);
        }
        return access(path, W_OK) ? output_error(path) : 0;
    }
    char *dir = strdup(path), *slash = dir ? strrchr(dir, '/') : NULL;
    if (slash)
        slash[slash == dir] = 0;
    int bad = access(slash ? dir : ".", W_OK) != 0;
    int saved = errno;
    free(dir);
    errno = saved;
    return bad ? output_error(path) : 0;
}

/* Where it is written first; devices and pipes are written to directly. */
static char *part_of(const char *path, int *special)
{
    struct stat st;
    *special = stat(path, &st) == 0 && !S_ISREG(st.st_mode);
    char *part = malloc(strlen(path) + 32);
    if (part)
        sprintf(part, *special ? "%s" : "%s.%ld.part", path, (long)getpid());
    return part;
}

static int fill(int (*put)(const void *what, FILE *f), const void *what, FILE *f)
{
    errno = 0;
    return put(what, f) || fflush(f) ? -1 : 0;
}

int output_write(int (*put)(const void *what, FILE *f), const void *what, const char *path)
{
    int special;
    if (!strcmp(path, "-"))
        return fill(put, what, stdout) ? output_error("standard output") : 0;
    for (size_t i = 0; i < n_prepared; i++)
        if (prepared[i].path == path) {
            if (fill(put, what, prepared[i].f) == 0)
                return 0;
            if (ftruncate(fileno(prepared[i].f), 0)) /* an empty one is thrown away */
                fprintf(stderr, "avalign: %s: output: what was written stays\n", path);
            return output_error(path);
        }
    char *part = part_of(path, &special);
    if (!part)
        return output_error(path);
    errno = 0;
    FILE *f = fopen(part, "wb");
    int rc = !f || fill(put, what, f);
    int saved = errno;
    if (f && fclose(f) && !rc) {
        rc = -1;
        saved = errno;
    }
    errno = saved;
    if (!rc && !special)
        rc = rename(part, path) != 0;
    if (rc) {
        rc = output_error(path);
        if (f && !special)
            remove(part);
    }
    free(part);
    return rc;
}

int output_prepare(const char *path)
{
    int special;
    if (!path || !strcmp(path, "-"))
        return 0;
    struct Prepared *p = &prepared[n_prepared];
    *p = (struct Prepared){ path, part_of(path, &special), NULL };
    if (n_prepared == MAX_PREPARED || !p->part || !(p->f = fopen(p->part, "wb"))) {
        free(p->part);
        return output_error(path);
    }
    if (special) {
        free(p->part);
        p->part = NULL;
    }
    n_prepared++;
    return 0;
}

int output_settle(void)
{
    int code = 0;
    for (size_t i = 0; i < n_prepared; i++) {
        struct Prepared *p = &prepared[i];
        struct stat st;
        int full = fstat(fileno(p->f), &st) == 0 && st.st_size > 0;
        fclose(p->f);
        if (p->part && (full ? rename(p->part, p->path) : remove(p->part)))
            code = output_error(p->path);
        free(p->part);
    }
    n_prepared = 0;
    return code;
}
