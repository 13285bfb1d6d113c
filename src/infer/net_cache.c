/* net_cache.c -- compiled nets kept as files, and which model files were hashed already.
 *
 * A net's file is what the engine exports and behind it a tail: the net's id (hash and shapes) and the engine's description in words, then
 * size and checksum of all. It is written beside its place and renamed, so that what is found is whole whoever else is
 * writing, and it is compared with the whole tail, so that another machine's, an older engine's or a damaged one is as
 * good as none. A mark (an empty file) says that a model file of this device, inode, size and times had this hash, so
 * that it need not be read to know that it is still the one. */
#include "infer/net_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "avalign/avalign.h"
#include "util/sha256.h"

enum { PATH_ROOM = AVA_NET_CACHE_PATH, ENGINE_ROOM = 1024, TAIL_ROOM = ENGINE_ROOM + AVA_NET_CACHE_ID + 8, SETTLED_S = 2 }; /* file times are that coarse at worst */

struct AvaNetCache {
    char dir[4096], engine[ENGINE_ROOM];
};

typedef struct Foot {
    uint64_t n_blob, sum;
    char magic[8];
} Foot;

/* To be changed when the same bytes would be compiled otherwise. */
static const char magic[8] = "avanet2";

/* With all that lead to it; as mkdir -p. */
static int make_dir(const char *dir)
{
    char part[4096];
    for (size_t i = 1; i <= strlen(dir); i++) {
        if (dir[i] && dir[i] != '/')
            continue;
        memcpy(part, dir, i);
        part[i] = 0;
        if (mkdir(part, 0700) && errno != EEXIST)
            return access(dir, X_OK); /* a link of the path may be there and not ours to make */
    }
    return 0;
}

AvaNetCache *ava_net_cache_new(const char *dir, const char *engine)
{
    if (!dir || !*dir || strlen(dir) >= sizeof((AvaNetCache *)0)->dir - 80 || strlen(engine) >= ENGINE_ROOM || make_dir(dir))
        return NULL;
    AvaNetCache *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    memcpy(c->dir, dir, strlen(dir) + 1);
    memcpy(c->engine, engine, strlen(engine) + 1);
    return c;
}

void ava_net_cache_free(AvaNetCache *c) { free(c); }

int avalign_cache_dir(char *out, size_t room)
{
    const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int given = xdg && *xdg, n = -1;
    if (out && (given || (home && *home)))
        n = snprintf(out, room, given ? "%s/avalign" : "%s/.cache/avalign", given ? xdg : home);
    return n >= 0 && (size_t)n < room ? 0 : AVALIGN_ERR_ARG;
}

/* What stands between the blob and the foot; its length. */
static size_t tail(const AvaNetCache *c, const char *id, char out[TAIL_ROOM])
{
    return (size_t)snprintf(out, TAIL_ROOM, "%s\n%s\n", id, c->engine);
}

static void net_cache_place(const AvaNetCache *c, const char *id, char path[PATH_ROOM])
{
    char text[TAIL_ROOM], hex[65];
    ava_sha256_of(text, tail(c, id, text), hex);
    snprintf(path, PATH_ROOM, "%s/%.32s.net", c->dir, hex);
}

/* Against damage, not against forgery; quicker than the file can be read. */
static uint64_t checksum(const unsigned char *p, size_t n)
{
    uint64_t lane[4] = { 1, 2, 3, 4 }, word[4], sum = n;
    for (; n >= sizeof word; p += sizeof word, n -= sizeof word) {
        memcpy(word, p, sizeof word);
        for (int i = 0; i < 4; i++) {
            lane[i] = (lane[i] ^ word[i]) * 0x9e3779b97f4a7c15u;
            lane[i] ^= lane[i] >> 29;
        }
    }
    for (int i = 0; i < 4; i++)
        sum = (sum ^ lane[i]) * 0xd6e8feb86659fd93u;
    for (; n; n--, p++)
        sum = (sum ^ *p) * 0xd6e8feb86659fd93u;
    return sum ^ sum >> 32;
}

/* Is all of it as it was written, and for this model and this engine? */
static int whole(const AvaNetCache *c, const char *id, const unsigned char *at, size_t n, size_t *n_blob)
{
    char want[TAIL_ROOM];
    size_t n_want = tail(c, id, want);
    Foot f;
    if (n <= n_want + sizeof f)
        return 0;
    memcpy(&f, at + n - sizeof f, sizeof f);
    *n_blob = n - n_want - sizeof f;
    return !memcmp(f.magic, magic, sizeof magic) && f.n_blob == *n_blob && !memcmp(at + *n_blob, want, n_want) && f.sum == checksum(at, *n_blob);
}

AvaCachedNet ava_net_cache_map(const AvaNetCache *c, const char *id)
{
    AvaCachedNet net = { 0 };
    char path[PATH_ROOM];
    struct stat st;
    void *at = MAP_FAILED;
    if (!c)
        return net;
    net_cache_place(c, id, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return net;
    if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0 && (st.st_uid == geteuid() || st.st_uid == 0) && !(st.st_mode & 022))
        at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (at == MAP_FAILED)
        return net;
    net.n_mapped = (size_t)st.st_size;
    if (whole(c, id, at, net.n_mapped, &net.n))
        net.at = at;
    else
        munmap(at, net.n_mapped);
    return net;
}

void ava_net_cache_rest(AvaCachedNet net)
{
    if (net.at)
        madvise((void *)(uintptr_t)net.at, net.n_mapped, MADV_DONTNEED);
}

void ava_net_cache_unmap(AvaCachedNet net)
{
    if (net.at)
        munmap((void *)(uintptr_t)net.at, net.n_mapped);
}

int ava_net_cache_begin(const AvaNetCache *c, char tmp[PATH_ROOM])
{
    if (!c)
        return -1;
    snprintf(tmp, PATH_ROOM, "%s/net-XXXXXX", c->dir);
    int fd = mkstemp(tmp); /* for its owner alone */
    return fd < 0 ? -1 : close(fd);
}

/* The tail behind what the engine wrote. */
static int net_cache_finish(const AvaNetCache *c, const char *id, int fd)
{
    struct stat st;
    char text[TAIL_ROOM];
    size_t n = tail(c, id, text);
    if (fstat(fd, &st) || st.st_size <= 0)
        return -1;
    void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED)
        return -1;
    Foot f = { .n_blob = (uint64_t)st.st_size, .sum = checksum(at, (size_t)st.st_size) };
    memcpy(f.magic, magic, sizeof magic);
    munmap(at, (size_t)st.st_size);
    return write(fd, text, n) == (ssize_t)n && write(fd, &f, sizeof f) == (ssize_t)sizeof f ? 0 : -1;
}

void ava_net_cache_end(const AvaNetCache *c, const char *id, const char *tmp, int written)
{
    char path[PATH_ROOM];
    int fd = written ? open(tmp, O_RDWR | O_APPEND | O_CLOEXEC) : -1;
    net_cache_place(c, id, path);
    int bad = fd < 0 || net_cache_finish(c, id, fd);
    if (fd >= 0 && close(fd))
        bad = 1;
    if (bad || rename(tmp, path))
        unlink(tmp);
}

static void net_cache_mark(const AvaNetCache *c, const struct stat *st, const char *sha256, char path[PATH_ROOM])
{
    char text[256], hex[65];
    int n = snprintf(text, sizeof text, "%s %llu %llu %lld %lld.%09ld %lld.%09ld", sha256, (unsigned long long)st->st_dev, (unsigned long long)st->st_ino,
                     (long long)st->st_size, (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec, (long long)st->st_ctim.tv_sec, st->st_ctim.tv_nsec);
    ava_sha256_of(text, (size_t)n, hex);
    snprintf(path, PATH_ROOM, "%s/%.32s.seen", c->dir, hex);
}

int ava_net_cache_known(const AvaNetCache *c, const struct stat *st, const char *sha256)
{
    char path[PATH_ROOM];
    if (!c)
        return 0;
    net_cache_mark(c, st, sha256, path);
    return access(path, F_OK) == 0;
}

void ava_net_cache_know(const AvaNetCache *c, const struct stat *st, const char *sha256)
{
    char path[PATH_ROOM];
    time_t now = time(NULL);
    if (!c || st->st_ctim.tv_sec + SETTLED_S > now || st->st_mtim.tv_sec + SETTLED_S > now)
        return;
    net_cache_mark(c, st, sha256, path);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0)
        close(fd);
}
