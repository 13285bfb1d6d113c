/* tags.h -- what a container says of its origin. Inside src/media/. */
#ifndef AVA_MEDIA_TAGS_H
#define AVA_MEDIA_TAGS_H

#include <libavformat/avformat.h>

#include "media/media.h"

/* The first of the tags (NULL ends) that is there; "": none. */
const char *ava_tag(const AVDictionary *d, const char *const *names);
void ava_tags_read(const AVFormatContext *f, AvaTags *t);

#endif
