/* serve_upload.c -- uploads: into a private folder each, within limits, gone after a while. */
#define _GNU_SOURCE /* nftw */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "batch/batch_tables.h"
#include "common/signals.h"
#include "serve/serve.h"

enum { NAME = 1024, PART = 200, DEPTH = 6 };
static const uint64_t spare = (uint64_t)256 << 20; /* of the disk is left to results and to others */

struct Upload {
    Serve *s;
    char path[SERVE_PATH], folder[SERVE_PATH];
    uint64_t size, n; /* announced, come so far */
    struct sha256_ctx hash;
    int fd, ended;
};

/* ---- names ------------------------------------------------------------------------------- */

/* One part of a path, made such that any file system takes it: no control characters, not too long, the ending kept. */
static void clean_part(const char *from, size_t n, char out[PART + 1])
{
    size_t dot = n, keep = n;
    while (dot && from[dot - 1] != '.' && n - dot < 12)
        dot--;
    size_t ending = dot && from[dot - 1] == '.' ? n - dot + 1 : 0;
    if (n > PART) {
        keep = PART - ending;
        while (keep && ((unsigned char)from[keep] & 0xc0) == 0x80) /* not within a character */
            keep--;
    } else {
        ending = 0;
    }
    memcpy(out, from, keep);
    memcpy(out + keep, from + n - ending, ending);
    out[keep + ending] = 0;
    for (char *p = out; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
}

/* "../a//b\n.mp4" -> "a/b?.mp4"; the last DEPTH parts. */
static void clean_name(const char *name, char out[NAME])
{
    const char *part[DEPTH];
    size_t size[DEPTH], n = 0;
    for (const char *p = name; *p;) {
        size_t len = strcspn(p, "/");
        int dots = (len == 1 && p[0] == '.') || (len == 2 && p[0] == '.' && p[1] == '.');
        if (len && !dots) {
            part[n % DEPTH] = p;
            size[n++ % DEPTH] = len;
        }
        p += len + (p[len] == '/');
    }
    size_t at = 0;
    for (size_t i = n > DEPTH ? n - DEPTH : 0; i < n && at + PART + 2 < NAME; i++) {
        char one[PART + 1];
        clean_part(part[i % DEPTH], size[i % DEPTH], one);
        at += (size_t)snprintf(out + at, NAME - at, "%s%s", at ? "/" : "", one);
    }
    if (!at)
        snprintf(out, NAME, "unnamed");
}

const char *upload_name(const Serve *s, const char *path)
{
    size_t n = strlen(s->uploads);
    const char *slash = strncmp(path, s->uploads, n) || path[n] != '/' ? NULL : strchr(path + n + 1, '/');
    return slash ? slash + 1 : path;
}

/* The folder of an upload, from a path in it; 0, or -1: it lies elsewhere. */
static int folder_of(const Serve *s, const char *path, char out[SERVE_PATH])
{
    const char *name = upload_name(s, path);
    if (name == path)
        return -1;
    snprintf(out, SERVE_PATH, "%.*s", (int)(name - path - 1), path);
    return 0;
}

/* ---- folders ----------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    return remove(path) && errno != ENOENT ? -1 : 0;
}

static int remove_tree(const char *folder) { return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS); }

/* Makes the folders on the way to a file. */
static int make_way(char *path, size_t from)
{
    for (char *p = path + from; (p = strchr(p, '/')) != NULL; p++) {
        *p = 0;
        int bad = mkdir(path, 0700) && errno != EEXIST;
        *p = '/';
        if (bad)
            return -1;
    }
    return 0;
}

static int no_room(char why[SERVE_WHY], const char *what)
{
    snprintf(why, SERVE_WHY, "%s", what);
    return 507;
}

/* ---- one upload -------------------------------------------------------------------------- */

/* Counts it, or says why not; under lock. */
static int admit(Serve *s, uint64_t size, char why[SERVE_WHY])
{
    struct statvfs disk;
    if (size == 0) {
        snprintf(why, SERVE_WHY, "the file is empty; copy it again");
        return 422;
    }
    if (size > s->max_file) {
        snprintf(why, SERVE_WHY, "the file is too large: %.1f GB, and %.1f GB is the most here (--max-file)", (double)size / 1e9, (double)s->max_file / 1e9);
        return 413;
    }
    if (size > s->max_total - (s->used < s->max_total ? s->used : s->max_total))
        return no_room(why, "there is no room for more uploads (--max-total); remove some that are done");
    if (statvfs(s->uploads, &disk) == 0 && (uint64_t)disk.f_bavail * disk.f_frsize < size + spare)
        return no_room(why, "the disk is too full for this file; free space, or remove some that are done");
    s->used += size;
    return 0;
}

/* A folder of its own; 0 or -1 with errno set; under lock. */
static int own_folder(Serve *s, char folder[SERVE_PATH])
{
    do
        snprintf(folder, SERVE_PATH, "%s/%08ld", s->uploads, s->next++);
    while (mkdir(folder, 0700) && errno == EEXIST);
    return access(folder, W_OK);
}

int upload_begin(Serve *s, Upload **out, const char *name, uint64_t size, char why[SERVE_WHY])
{
    char clean[NAME];
    Upload *u = calloc(1, sizeof *u);
    if (!u)
        return no_room(why, "out of memory");
    u->s = s;
    u->size = size;
    u->fd = -1;
    sha256_init(&u->hash);
    clean_name(name, clean);
    pthread_mutex_lock(&s->lock);
    int code = admit(s, size, why), bad = 0;
    if (!code && (bad = own_folder(s, u->folder)) != 0)
        s->used -= size;
    pthread_mutex_unlock(&s->lock);
    if (code || bad) {
        free(u);
        return code ? code : no_room(why, strerror(errno));
    }
    snprintf(u->path, sizeof u->path, "%.3000s/%s", u->folder, clean);
    if (make_way(u->path, strlen(u->folder) + 1) == 0)
        u->fd = open(u->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (u->fd < 0) {
        code = no_room(why, strerror(errno));
        upload_free(&u);
    }
    *out = u;
    return code;
}

int upload_write(Upload *u, const char *bytes, size_t n, char why[SERVE_WHY])
{
    if (n > u->size - u->n) {
        snprintf(why, SERVE_WHY, "more came than was announced; send it again");
        return 400;
    }
    sha256_update(&u->hash, n, (const uint8_t *)bytes);
    u->n += n;
    while (n) {
        ssize_t put = write(u->fd, bytes, n);
        if (put < 0 && errno != EINTR)
            return no_room(why, errno == ENOSPC || errno == EDQUOT ? "the disk is full; free space and send the file again" : strerror(errno));
        if (put > 0) {
            bytes += put;
            n -= (size_t)put;
        }
    }
    return 0;
}

int upload_end(Upload *u, int64_t *id, char why[SERVE_WHY])
{
    Serve *s = u->s;
    char hex[65];
    struct stat st;
    tool_sha256_end(&u->hash, hex);
    if (u->n != u->size) {
        snprintf(why, SERVE_WHY, "less came than was announced; send it again");
        return 400;
    }
    if (fsync(u->fd) || fstat(u->fd, &st))
        return no_room(why, strerror(errno));
    pthread_mutex_lock(&s->lock);
    int bad = batch_db_take(s->db, u->path, st.st_size, st.st_mtime, s->settings, hex, id);
    if (bad)
        snprintf(why, SERVE_WHY, "%.200s", batch_db_error(s->db));
    pthread_mutex_unlock(&s->lock);
    u->ended = !bad;
    serve_wake(s);
    return bad ? 507 : 0;
}

void upload_free(Upload **up)
{
    Upload *u = *up;
    *up = NULL;
    if (!u)
        return;
    tool_close(u->fd);
    if (!u->ended) {
        remove_tree(u->folder);
        pthread_mutex_lock(&u->s->lock);
        u->s->used -= u->size;
        pthread_mutex_unlock(&u->s->lock);
    }
    free(u);
}

/* ---- what is there ------------------------------------------------------------------------ */

typedef struct Found {
    Serve *s;
    time_t now;
    long *number; /* of the uploads in the database */
    size_t n;
    int64_t old; /* one that has expired; 0 */
} Found;

static int count_row(void *cookie, const BatchRow *r)
{
    Found *f = cookie;
    const char *name = upload_name(f->s, r->path);
    if (name == r->path)
        return 0;
    long *more = realloc(f->number, (f->n + 1) * sizeof *more);
    if (!more)
        return -1;
    f->number = more;
    f->number[f->n++] = strtol(r->path + strlen(f->s->uploads) + 1, NULL, 10);
    f->s->used += r->size > 0 ? (uint64_t)r->size : 0;
    return 0;
}

int uploads_open(Serve *s)
{
    Found f = { .s = s };
    char path[SERVE_PATH];
    DIR *d = mkdir(s->uploads, 0700) && errno != EEXIST ? NULL : opendir(s->uploads);
    if (!d)
        return tool_complain(s->uploads, strerror(errno));
    int rc = batch_db_rows(s->db, 0, count_row, &f) ? tool_complain(s->out, batch_db_error(s->db)) : 0;
    s->next = 1;
    for (const struct dirent *e; !rc && (e = readdir(d)) != NULL;) {
        long number = strtol(e->d_name, NULL, 10);
        int known = 0;
        for (size_t i = 0; i < f.n && !known; i++)
            known = f.number[i] == number;
        s->next = number >= s->next ? number + 1 : s->next;
        if (number > 0 && !known) {
            snprintf(path, sizeof path, "%.3000s/%.255s", s->uploads, e->d_name);
            remove_tree(path);
        }
    }
    for (size_t i = 0; i < f.n; i++)
        s->next = f.number[i] >= s->next ? f.number[i] + 1 : s->next;
    free(f.number);
    closedir(d);
    return rc;
}

typedef struct Row {
    char path[SERVE_PATH];
    int64_t size;
    int found;
} Row;

static int copy_row(void *cookie, const BatchRow *r)
{
    Row *out = cookie;
    snprintf(out->path, sizeof out->path, "%s", r->path);
    out->size = r->size;
    out->found = 1;
    return 0;
}

/* The file, where it is ours, and all that was made of it. */
static void remove_bytes(const Serve *s, int64_t id, const Row *row)
{
    static const char *const made[][2] = { { "json", "json" }, { "pages", "html" }, { "marks", "json" } };
    char path[BATCH_PATH], folder[SERVE_PATH];
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        unlink(batch_path(path, s->out, made[i][0], id, row->path, made[i][1]));
    if (folder_of(s, row->path, folder) == 0)
        remove_tree(folder);
}

int upload_remove(Serve *s, int64_t id, char why[SERVE_WHY])
{
    Row row = { .found = 0 };
    char folder[SERVE_PATH];
    pthread_mutex_lock(&s->lock);
    int bad = batch_db_rows(s->db, id, copy_row, &row) || (row.found && batch_db_remove(s->db, id));
    if (bad && row.found) { /* a full disk: the database needs a little room to let go of anything */
        remove_bytes(s, id, &row);
        bad = batch_db_remove(s->db, id);
    }
    if (bad)
        snprintf(why, SERVE_WHY, "%.200s", batch_db_error(s->db));
    else if (row.found && folder_of(s, row.path, folder) == 0)
        s->used -= row.size > 0 ? (uint64_t)row.size : 0;
    pthread_mutex_unlock(&s->lock);
    if (bad)
        return 507;
    if (!row.found) {
        snprintf(why, SERVE_WHY, "there is no such file (any more)");
        return 404;
    }
    remove_bytes(s, id, &row);
    serve_wake(s);
    serve_tell_gone(s, id);
    return 0;
}

static int find_old(void *cookie, const BatchRow *r)
{
    Found *f = cookie;
    if (!f->old && upload_name(f->s, r->path) != r->path && difftime(f->now, (time_t)r->mtime) > f->s->expire_s)
        f->old = r->id;
    return 0;
}

void uploads_expire(Serve *s)
{
    Found f = { .s = s, .now = time(NULL) };
    char why[SERVE_WHY];
    do {
        f.old = 0;
        pthread_mutex_lock(&s->lock);
        int bad = batch_db_rows(s->db, 0, find_old, &f);
        pthread_mutex_unlock(&s->lock);
        if (bad || (f.old && upload_remove(s, f.old, why)))
            return;
    } while (f.old && !signals_stopped());
}
