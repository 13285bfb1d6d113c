/* output.c -- files in the making, and what may be written to. */
#include "common/output.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/tool.h"

enum { MAX_PREPARED = 16, MAX_MAKING = 256 };
static struct Prepared {
    const char *path;
    Output out;
} prepared[MAX_PREPARED];
static size_t n_prepared;

static char *making[MAX_MAKING]; /* parts that would have to go; a slot is free when NULL */
static pthread_mutex_t making_lock = PTHREAD_MUTEX_INITIALIZER;

int output_error(const char *path)
{
    tool_say(path, "output: %s; free space or name another place", strerror(errno ? errno : EIO));
    return EXIT_INTERNAL;
}

/* The folder that a path is in; to be freed. *base: the name in it. */
static char *output_folder_of(const char *path, const char **base)
{
    char *dir = strdup(path), *slash = dir ? strrchr(dir, '/') : NULL;
    const char *last = strrchr(path, '/');
    *base = last ? last + 1 : path;
    if (slash)
        slash[slash == dir] = 0;
    else if (dir) {
        free(dir);
        dir = strdup(".");
    }
    return dir;
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
        if (access(path, W_OK))
            return output_error(path);
        if (!S_ISREG(st.st_mode))
            return 0;
    } else if (errno != ENOENT) { /* a name that is too long, say */
        return output_error(path);
    }
    const char *base;
    char *dir = output_folder_of(path, &base);
    int bad = !dir || access(dir, W_OK) != 0;
    if (!bad && !*base) {
        bad = 1;
        errno = EISDIR;
    }
    int saved = errno;
    free(dir);
    errno = saved;
    return bad ? output_error(path) : 0;
}

/* ---- files in the making --------------------------------------------------------------- */

static int note_part(char *part)
{
    int rc = -1;
    pthread_mutex_lock(&making_lock);
    for (size_t i = 0; rc && i < MAX_MAKING; i++)
        if (!making[i]) {
            making[i] = part;
            rc = 0;
        }
    pthread_mutex_unlock(&making_lock);
    return rc;
}

static void forget_part(const char *part)
{
    pthread_mutex_lock(&making_lock);
    for (size_t i = 0; i < MAX_MAKING; i++)
        if (making[i] == part)
            making[i] = NULL;
    pthread_mutex_unlock(&making_lock);
}

void output_abandon(void)
{
    pthread_mutex_lock(&making_lock); /* for good: nothing begins or ends any more */
    for (size_t i = 0; i < MAX_MAKING; i++)
        if (making[i])
            unlink(making[i]);
}

int output_begin(Output *o, const char *path, const char *ending, int open_it)
{
    static unsigned count;
    struct stat st;
    const char *base;
    *o = (Output){ NULL, NULL };
    if (stat(path, &st) || S_ISREG(st.st_mode)) {
        char *dir = output_folder_of(path, &base);
        size_t room = dir ? strlen(dir) + strlen(ending) + 64 : 0;
        if (!dir || !(o->part = malloc(room))) {
            free(dir);
            return -1;
        }
        snprintf(o->part, room, "%s/.avalign-%ld-%u.part%s", dir, (long)getpid(), __atomic_fetch_add(&count, 1, __ATOMIC_RELAXED), ending);
        free(dir);
        if (note_part(o->part)) {
            free(o->part);
            o->part = NULL;
            errno = EMFILE;
            return -1;
        }
    }
    if (!open_it || (o->f = fopen(o->part ? o->part : path, "wb")))
        return 0;
    int saved = errno;
    output_end(o, path, 1);
    errno = saved;
    return -1;
}

int output_end(Output *o, const char *path, int failed)
{
    int rc = failed ? -1 : 0, saved = errno;
    if (o->f && fclose(o->f) && !rc) {
        rc = -1;
        saved = errno;
    }
    if (o->part && !rc && rename(o->part, path)) {
        rc = -1;
        saved = errno;
    }
    if (o->part && rc)
        unlink(o->part);
    if (o->part)
        forget_part(o->part);
    free(o->part);
    *o = (Output){ NULL, NULL };
    errno = saved;
    return rc;
}

static int output_fill(int (*put)(const void *what, FILE *f), const void *what, FILE *f)
{
    errno = 0;
    return put(what, f) || fflush(f) ? -1 : 0;
}

char *output_text(int (*put)(const void *what, FILE *f), const void *what, size_t *n)
{
    char *s = NULL;
    FILE *f = open_memstream(&s, n);
    int bad = !f || put(what, f);
    if (f)
        bad |= fclose(f) != 0;
    if (bad) {
        free(s);
        s = NULL;
        *n = 0;
    }
    return s;
}

int output_write(int (*put)(const void *what, FILE *f), const void *what, const char *path)
{
    Output o;
    if (!strcmp(path, "-"))
        return output_fill(put, what, stdout) ? output_error("standard output") : 0;
    for (size_t i = 0; i < n_prepared; i++)
        if (prepared[i].path == path) {
            if (output_fill(put, what, prepared[i].out.f) == 0)
                return 0;
            int saved = errno;
            if (ftruncate(fileno(prepared[i].out.f), 0)) /* an empty one is thrown away */
                tool_say(path, "output: what was written stays");
            errno = saved;
            return output_error(path);
        }
    if (output_begin(&o, path, "", 1))
        return output_error(path);
    int bad = output_fill(put, what, o.f);
    return output_end(&o, path, bad) ? output_error(path) : 0;
}

int output_put(const char *path, const char *bytes, size_t n)
{
    Output o;
    if (output_begin(&o, path, "", 1))
        return -1;
    int bad = fwrite(bytes, 1, n, o.f) != n || fflush(o.f) || (o.part && fsync(fileno(o.f)));
    return output_end(&o, path, bad);
}

int output_prepare(const char *path)
{
    if (!path || !strcmp(path, "-"))
        return 0;
    errno = EMFILE;
    if (n_prepared == MAX_PREPARED || output_begin(&prepared[n_prepared].out, path, "", 1))
        return output_error(path);
    prepared[n_prepared++].path = path;
    return 0;
}

int output_settle(void)
{
    int code = 0;
    for (size_t i = 0; i < n_prepared; i++) {
        struct Prepared *p = &prepared[i];
        struct stat st;
        int empty = p->out.part && (fstat(fileno(p->out.f), &st) || st.st_size == 0); /* nothing came of it, and that was told */
        if (output_end(&p->out, p->path, empty) && !empty)
            code = output_error(p->path);
    }
    n_prepared = 0;
    return code;
}

/* ---- inputs and outputs of a call ------------------------------------------------------ */

static OutputName *add_name(OutputNames *names, const char *path)
{
    OutputName *more = realloc(names->at, (names->n + 1) * sizeof *more);
    if (!more)
        return NULL;
    names->at = more;
    more[names->n] = (OutputName){ .path = path };
    return &more[names->n++];
}

void output_names_in(OutputNames *names, const char *path)
{
    struct stat st;
    if (!path || (strcmp(path, "-") ? stat(path, &st) : fstat(STDIN_FILENO, &st)) || !S_ISREG(st.st_mode))
        return;
    OutputName *name = add_name(names, path);
    if (name) {
        name->dev = st.st_dev;
        name->ino = st.st_ino;
        name->is_input = 1;
    }
}

static int same_name(const OutputName *a, const OutputName *b)
{
    return a->dev == b->dev && a->ino == b->ino && (a->base && b->base ? !strcmp(a->base, b->base) : a->base == b->base);
}

int output_names_out(OutputNames *names, const char *path)
{
    struct stat st;
    const char *base;
    OutputName *name = add_name(names, path);
    if (!name)
        return output_error(path);
    if (!strcmp(path, "-")) {
        name->base = strdup("-"); /* standard output: of device 0, inode 0 */
    } else if (stat(path, &st) == 0) {
        if (!S_ISREG(st.st_mode)) { /* /dev/null takes everything */
            names->n--;
            return 0;
        }
        name->dev = st.st_dev;
        name->ino = st.st_ino;
    } else {
        char *dir = output_folder_of(path, &base);
        if (dir && stat(dir, &st) == 0) {
            name->dev = st.st_dev;
            name->ino = st.st_ino;
            name->base = strdup(base);
        } else {
            names->n--; /* output_check() says it better */
        }
        free(dir);
        if (names->n == 0 || names->at[names->n - 1].path != path)
            return 0;
    }
    for (size_t i = 0; i + 1 < names->n; i++)
        if (same_name(&names->at[i], name)) {
            tool_say(path, "output: it is %s too (%s); name another place", names->at[i].is_input ? "an input" : "another output", names->at[i].path);
            return EXIT_INPUT;
        }
    return 0;
}

void output_names_free(OutputNames *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->at[i].base);
    free(names->at);
    *names = (OutputNames){ NULL, 0 };
}
