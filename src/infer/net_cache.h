/* net_cache.h -- compiled nets kept as files, and which model files were hashed already. Inside src/infer/. */
#ifndef AVA_NET_CACHE_H
#define AVA_NET_CACHE_H

#include <stddef.h>
#include <sys/stat.h>

typedef struct AvaNetCache AvaNetCache;
enum { AVA_NET_CACHE_PATH = 4352, AVA_NET_CACHE_ID = 512 }; /* an id is shorter */

/* engine: everything that decides whether a net compiled then is of use now. NULL: no folder, none to be made, or no
 * memory; every call takes that for a cache in which nothing is. */
AvaNetCache *ava_net_cache_new(const char *dir, const char *engine);
void ava_net_cache_free(AvaNetCache *c);

typedef struct AvaCachedNet {
    const char *at; /* what the engine exported; NULL: nothing was found */
    size_t n, n_mapped;
} AvaCachedNet;

/* What was compiled under this id, mapped; nothing where it is not there, cut, damaged, of another machine or
 * of another user. */
AvaCachedNet ava_net_cache_map(const AvaNetCache *c, const char *id);
/* Lets go of the memory, not of the mapping: what is read again comes from the file again. */
void ava_net_cache_rest(AvaCachedNet net);
void ava_net_cache_unmap(AvaCachedNet net);

/* To add one: where the engine may write it (0, or -1: it can't be kept), then whether it did. No failure is told: what
 * can't be kept is compiled again the next time. */
int ava_net_cache_begin(const AvaNetCache *c, char tmp[AVA_NET_CACHE_PATH]);
void ava_net_cache_end(const AvaNetCache *c, const char *id, const char *tmp, int written);

/* Had the file that st describes this hash when it was last read? Told so by a mark, which is left where the file is old
 * enough for its times to tell a change. */
int ava_net_cache_known(const AvaNetCache *c, const struct stat *st, const char *sha256);
void ava_net_cache_know(const AvaNetCache *c, const struct stat *st, const char *sha256);

#endif
