/* tags.c -- the container's tags in their many spellings. */
#include "media/tags.h"

#include <libavutil/parseutils.h>
#include <stdio.h>
#include <string.h>

#include "util/err.h"

const char *ava_tag(const AVDictionary *d, const char *const *names)
{
    const AVDictionaryEntry *t = NULL;
    while (!t && *names)
        t = av_dict_get(d, *names++, NULL, 0);
    return t ? t->value : "";
}

void ava_tags_read(const AVFormatContext *f, AvaTags *t)
{
    static const char *const writer[] = { "encoder", "encoding_tool", "software", "com.apple.quicktime.software", NULL };
    static const char *const make[] = { "com.apple.quicktime.make", "com.android.manufacturer", "make", NULL };
    static const char *const model[] = { "com.apple.quicktime.model", "com.android.model", "model", NULL };
    static const char *const made[] = { "creation_time", NULL };
    char device[128];
    snprintf(device, sizeof device, "%.60s %.60s", ava_tag(f->metadata, make), ava_tag(f->metadata, model));
    ava_clean_line(t->writer, sizeof t->writer, ava_tag(f->metadata, writer));
    ava_clean_line(t->device, sizeof t->device, device + (*device == ' '));
    if (*t->device && t->device[strlen(t->device) - 1] == ' ')
        t->device[strlen(t->device) - 1] = 0;
    for (unsigned i = f->nb_streams; i-- > 0;) {
        const AVStream *s = f->streams[i];
        int k = s->codecpar->codec_type == AVMEDIA_TYPE_AUDIO;
        int64_t us = 0;
        if ((k || s->codecpar->codec_type == AVMEDIA_TYPE_VIDEO) && av_parse_time(&us, ava_tag(s->metadata, made), 0) == 0)
            t->created_s[k] = us > 0 ? us / 1000000 : 0; /* 1904 and 1970 are clocks that were never set */
    }
}
