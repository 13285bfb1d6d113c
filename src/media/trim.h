/* trim.h -- what an edit list trims from the first frame. Inside src/media/. */
#ifndef AVA_TRIM_H
#define AVA_TRIM_H

#include <libavformat/avformat.h>

#include "media/source.h"

/* In MP4 and MOV a trim may begin between two frames; libavformat then moves the first whole one to the very beginning, and the
 * picture's clock is up to one frame early. By how much, in the stream's units; 0 in all other files. */
int64_t ava_trimmed(AvaSource *source, const AVFormatContext *fmt, int stream);

#endif
