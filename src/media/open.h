/* open.h -- from bytes or an address to a demuxer that is allowed. Inside src/media/. */
#ifndef AVA_OPEN_H
#define AVA_OPEN_H

#include <libavformat/avformat.h>

#include "avalign/avalign.h"
#include "media/source.h"

/* Opens a source (kept by the caller) or, with source NULL, an address. What was opened is the
 * caller's to close, also after a failure: *fmt, then the buffer of *io and *io. */
int ava_input_open(AVFormatContext **fmt, AVIOContext **io, AvaSource *source, const char *url, AVIOInterruptCB interrupt,
                   AvalignErrorInfo *e);

#endif
