/* trim.c -- the time between a trim and the first whole frame after it. libavformat forgets it when it cuts by the edit list, but
 * not when it leaves all frames in place: the file's index is read a second time that way, and the same frame looked up. */
#include "media/trim.h"

#include <stdio.h>
#include <string.h>

#include "media/open.h"

/* The first frame that is shown, if others before it are not. */
static const AVIndexEntry *first_whole(AVStream *st)
{
    int n = avformat_index_get_entries_count(st), cut = 0;
    for (int i = 0; i < n; i++) {
        const AVIndexEntry *e = avformat_index_get_entry(st, i);
        if (!(e->flags & AVINDEX_DISCARD_FRAME))
            return cut ? e : NULL;
        cut = 1;
    }
    return NULL;
}

static int64_t apart(AVFormatContext *whole, int stream, const AVIndexEntry *first)
{
    AVStream *st = (unsigned)stream < whole->nb_streams ? whole->streams[stream] : NULL;
    for (int i = 0, n = st ? avformat_index_get_entries_count(st) : 0; i < n; i++) {
        const AVIndexEntry *e = avformat_index_get_entry(st, i);
        if (e->pos == first->pos)
            return e->timestamp - first->timestamp;
    }
    return 0;
}

int64_t ava_trimmed(AvaSource *source, const AVFormatContext *fmt, int stream)
{
    const AVIndexEntry *first = NULL;
    if (source && stream >= 0 && !strncmp(fmt->iformat->name, "mov,", 4) && ava_source_seekable(source))
        first = first_whole(fmt->streams[stream]);
    if (!first)
        return 0;
    int64_t here = ava_source_seek(source, 0, SEEK_CUR), by = 0;
    AVIOContext *io = ava_source_io(source);
    AVFormatContext *whole = io ? avformat_alloc_context() : NULL;
    AVDictionary *options = NULL;
    if (whole && av_dict_set(&options, "advanced_editlist", "0", 0) >= 0 && ava_source_seek(source, 0, SEEK_SET) == 0) {
        ava_input_confine(whole, io, 0, &options);
        if (avformat_open_input(&whole, "", fmt->iformat, &options) == 0) /* frees it otherwise */
            by = apart(whole, stream, first);
    }
    avformat_close_input(&whole);
    av_dict_free(&options);
    ava_source_io_free(&io);
    ava_source_seek(source, here, SEEK_SET);
    AVRational rate = fmt->streams[stream]->avg_frame_rate;
    int64_t most = av_rescale_q(1000000, AV_TIME_BASE_Q, fmt->streams[stream]->time_base);
    if (rate.num > 0 && rate.den > 0)
        most = av_rescale_q(1, av_inv_q(rate), fmt->streams[stream]->time_base) * 3 / 2;
    return by > 0 && by <= most ? by : 0; /* more is another kind of list */
}
