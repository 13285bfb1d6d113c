/* open.h -- from bytes or an address to a demuxer that is allowed. Inside src/media/. */
#ifndef AVA_OPEN_H
#define AVA_OPEN_H

#include <libavformat/avformat.h>

#include "avalign/avalign.h"
#include "media/source.h"

/* Opens a source (kept by the caller) or, with source NULL, an address; still: a source that holds one frame, and no other. What was
 * opened is the caller's to close, also after a failure: *fmt, then the buffer of *io and *io. */
int ava_input_open(AVFormatContext **fmt, AVIOContext **io, AvaSource *source, const char *url, int still, AVIOInterruptCB interrupt,
                   AvalignErrorInfo *e);

/* What reads a source for libavformat; NULL: out of memory. */
AVIOContext *ava_source_io(AvaSource *source);
void ava_source_io_free(AVIOContext **io);
/* Lets f read from io alone, by the demuxers that are allowed: no file, address or protocol that the bytes name is opened. */
void ava_input_confine(AVFormatContext *f, AVIOContext *io, int still, AVDictionary **options);

#endif
