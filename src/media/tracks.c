/* tracks.c -- counts and picks the tracks of a file; cover art is none. */
#include "media/tracks.h"

/* Is it what a viewer would call a picture track (video), a sound track (audio)? */
static int is_track(const AVStream *st, enum AVMediaType type)
{
    return st->codecpar->codec_type == type && !(type == AVMEDIA_TYPE_VIDEO && (st->disposition & AV_DISPOSITION_ATTACHED_PIC));
}

int ava_nth_track(const AVFormatContext *f, enum AVMediaType type, int n, int *tracks)
{
    int found = -1;
    *tracks = 0;
    for (unsigned i = 0; i < f->nb_streams; i++)
        if (is_track(f->streams[i], type) && ++*tracks == n)
            found = (int)i;
    return found;
}

int ava_default_track(AVFormatContext *f, enum AVMediaType type, int other)
{
    int i = av_find_best_stream(f, type, -1, other, NULL, 0);
    return i >= 0 && is_track(f->streams[i], type) ? i : -1;
}

int ava_track_number(const AVFormatContext *f, enum AVMediaType type, int index)
{
    int n = 0;
    for (int i = 0; i <= index; i++)
        n += is_track(f->streams[i], type);
    return n;
}
