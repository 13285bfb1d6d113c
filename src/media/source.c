/* source.c -- hashing: bytes read in order from the start enter the hash as they
 * pass; after a jump (a player's index at the end of the file) hashing waits, and
 * ava_source_sha256() reads the rest. A file read front to back is read once. */
#include "media/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/err.h"
#include "util/sha256.h"

struct AvaSource {
    AvalignReader r;
    int fd, seekable, at_end;
    int64_t pos, hashed;
    AvaSha256 hash;
    uint8_t head[1024]; /* the first bytes, to say what a refused file is */
    size_t n_head;
};

static int64_t fd_read(void *cookie, uint8_t *buf, size_t n)
{
    ssize_t got;
    do
        got = read(((AvaSource *)cookie)->fd, buf, n);
    while (got < 0 && errno == EINTR);
    return got;
}

static int64_t fd_seek(void *cookie, int64_t off, int whence)
{
    return lseek(((AvaSource *)cookie)->fd, off, whence);
}

static AvaSource *source_new(void)
{
    AvaSource *s = calloc(1, sizeof *s);
    if (s) {
        s->fd = -1;
        sha256_init(&s->hash);
    }
    return s;
}

int ava_source_open_path(AvaSource **out, const char *path, AvalignErrorInfo *e)
{
    *out = NULL;
    AvaSource *s = source_new();
    if (!s)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "open", AVA_NO_TIME, 0, "out of memory");
    struct stat st = { 0 };
    int rc = 0;
    s->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (s->fd < 0 || fstat(s->fd, &st))
        rc = ava_fail(e, AVALIGN_ERR_IO, "open", AVA_NO_TIME, errno, "%s; check the path", strerror(errno));
    else if (S_ISDIR(st.st_mode))
        rc = ava_fail(e, AVALIGN_ERR_IO, "open", AVA_NO_TIME, EISDIR, "is a directory; name one media file");
    else if (S_ISREG(st.st_mode) && st.st_size == 0)
        rc = ava_fail(e, AVALIGN_ERR_FORMAT, "open", AVA_NO_TIME, 0, "the file is empty; copy it again");
    if (rc) {
        ava_source_close(&s);
        return rc;
    }
    s->seekable = S_ISREG(st.st_mode);
    s->r = (AvalignReader){ .cookie = s, .read = fd_read, .seek = fd_seek };
    *out = s;
    return 0;
}

int ava_source_open_reader(AvaSource **out, const AvalignReader *r, AvalignErrorInfo *e)
{
    *out = NULL;
    if (!r || !r->read)
        return ava_fail(e, AVALIGN_ERR_ARG, "open", AVA_NO_TIME, 0, "the reader has no read function");
    AvaSource *s = source_new();
    if (!s)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "open", AVA_NO_TIME, 0, "out of memory");
    s->r = *r;
    s->seekable = r->seek != NULL && r->seek(r->cookie, 0, SEEK_SET) == 0;
    *out = s;
    return 0;
}

void ava_source_close(AvaSource **ps)
{
    AvaSource *s = ps ? *ps : NULL;
    if (!s)
        return;
    if (s->fd >= 0)
        close(s->fd);
    free(s);
    *ps = NULL;
}

int64_t ava_source_read(AvaSource *s, uint8_t *buf, size_t n)
{
    int64_t got = s->r.read(s->r.cookie, buf, n);
    if (got < 0 || (uint64_t)got > n)
        return -1;
    if (got == 0)
        s->at_end = 1;
    if (s->pos <= s->hashed && s->pos + got > s->hashed) {
        int64_t skip = s->hashed - s->pos;
        sha256_update(&s->hash, (size_t)(got - skip), buf + skip);
        s->hashed = s->pos + got;
    }
    if (s->pos == (int64_t)s->n_head && s->n_head < sizeof s->head) {
        size_t room = sizeof s->head - s->n_head, take = (size_t)got < room ? (size_t)got : room;
        memcpy(s->head + s->n_head, buf, take);
        s->n_head += take;
    }
    s->pos += got;
    return got;
}

size_t ava_source_head(const AvaSource *s, const uint8_t **bytes)
{
    *bytes = s->head;
    return s->n_head;
}

int64_t ava_source_seek(AvaSource *s, int64_t off, int whence)
{
    if (!s->seekable)
        return -1;
    int64_t p = s->r.seek(s->r.cookie, off, whence);
    if (p >= 0) {
        s->pos = p;
        s->at_end = 0;
    }
    return p;
}

size_t ava_source_read_at(AvaSource *s, int64_t at, uint8_t *out, size_t n)
{
    size_t have = 0;
    int64_t got = 1;
    if (ava_source_seek(s, at, SEEK_SET) != at)
        return 0;
    while (have < n && (got = ava_source_read(s, out + have, n - have)) > 0)
        have += (size_t)got;
    return have;
}

int ava_source_seekable(const AvaSource *s) { return s->seekable; }

int64_t ava_source_size(AvaSource *s)
{
    if (!s->seekable)
        return -1;
    int64_t here = s->pos, end = ava_source_seek(s, 0, SEEK_END);
    ava_source_seek(s, here, SEEK_SET);
    return end;
}

int ava_source_sha256(AvaSource *s, char hex[65])
{
    if (s->seekable && ava_source_seek(s, s->hashed, SEEK_SET) < 0)
        return -1;
    if (!s->seekable && s->pos != s->hashed)
        return -1;
    if (s->seekable) {
        size_t room = 1 << 16;
        uint8_t *buf = malloc(room);
        int64_t got = -1;
        while (buf && (got = ava_source_read(s, buf, room)) > 0)
            ;
        free(buf);
        if (got < 0)
            return -1;
    } else if (!s->at_end) {
        return -1;
    }
    ava_sha256_hex(&s->hash, hex);
    return 0;
}
