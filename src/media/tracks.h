/* tracks.h -- which streams of a file are tracks of video or sound. Inside src/media/. */
#ifndef AVA_MEDIA_TRACKS_H
#define AVA_MEDIA_TRACKS_H

#include <libavformat/avformat.h>

/* The n-th track's index, -1: there is none. *tracks: how many there are. */
int ava_nth_track(const AVFormatContext *f, enum AVMediaType type, int n, int *tracks);
/* The track that players would take, of the other one's programme; -1: none. */
int ava_default_track(AVFormatContext *f, enum AVMediaType type, int other);
/* Which of its kind, from 1, the stream at index is; 0 for -1. */
int ava_track_number(const AVFormatContext *f, enum AVMediaType type, int index);

#endif
