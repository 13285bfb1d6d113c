/* source.h -- the bytes of the input, from a path or the caller's reader, hashed on the way. */
#ifndef AVA_SOURCE_H
#define AVA_SOURCE_H

#include "avalign/avalign.h"

typedef struct AvaSource AvaSource;

/* Opens a regular file, a pipe or a device; directories and empty files are errors. */
int ava_source_open_path(AvaSource **out, const char *path, AvalignErrorInfo *e);
int ava_source_open_reader(AvaSource **out, const AvalignReader *r, AvalignErrorInfo *e);
void ava_source_close(AvaSource **s);
int64_t ava_source_read(AvaSource *s, uint8_t *buf, size_t n); /* 0 at the end, <0 error */
/* The first bytes of what was read, up to 1,024. */
size_t ava_source_head(const AvaSource *s, const uint8_t **bytes);
int64_t ava_source_seek(AvaSource *s, int64_t off, int whence);
/* How many of the n bytes at `at` there are; moves the source. */
size_t ava_source_read_at(AvaSource *s, int64_t at, uint8_t *out, size_t n);
int ava_source_seekable(const AvaSource *s);
int64_t ava_source_size(AvaSource *s); /* -1 = unknown */
/* SHA-256 of the whole input, reading what was not yet read. -1 when a streamed
 * input was not read to its end. */
int ava_source_sha256(AvaSource *s, char hex[65]);

#endif
