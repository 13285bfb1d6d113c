/* pick_video.c -- which of several picture tracks shows the speaker: slides and a camera in one file, several programmes in a
 * broadcast. The first seconds of each are looked at; the track that players would take is kept unless another one shows a
 * face clearly more often. */
#include "extract/pick_video.h"

#include <stdio.h>

#include "nets/face.h"
#include "util/err.h"

enum { LOOK_US = 8000000, EVERY_US = 500000, MOST_TRACKS = 8 };

typedef struct Look {
    AvaFaceNets *nets;
    AvalignErrorInfo *e;
    int64_t next_us;
    int faces;
} Look;

static int pick_video_on_video(void *cookie, AvaFrame *f)
{
    Look *l = cookie;
    AvaFaceBox box;
    int n = 0;
    if (f->pts_us >= l->next_us) {
        l->next_us = f->pts_us + EVERY_US;
        n = ava_face_detect(l->nets, &f->img, 1, &box, 1, l->e);
        l->faces += n > 0;
    }
    ava_frame_free(f);
    return n < 0 ? n : 0;
}

static int pick_video_on_audio(void *cookie, const AvaSound *s) { return (void)cookie, (void)s, 0; }

static int reopen(AvaSource *src, const AvaMediaOptions *opt, AvaMedia **m, AvalignErrorInfo *e)
{
    ava_media_close(m);
    if (ava_source_seek(src, 0, SEEK_SET) != 0)
        return ava_fail(e, AVALIGN_ERR_IO, "open", AVA_NO_TIME, 0, "the input can't be read a second time");
    return ava_media_open(m, src, NULL, opt, e);
}

/* Frames with a face in the first seconds of a track; a track that can't be decoded has none. */
static int faces_in(AvaSource *src, AvaMediaOptions opt, int track, AvaFaceNets *nets, int *faces, AvalignErrorInfo *e)
{
    Look l = { .nets = nets, .e = e, .next_us = INT64_MIN };
    AvaMediaSink sink = { .cookie = &l, .video = pick_video_on_video, .audio = pick_video_on_audio };
    AvaMedia *m = NULL;
    opt.video_stream = track;
    opt.want_audio = 0;
    if (!opt.max_duration_us || opt.max_duration_us > LOOK_US)
        opt.max_duration_us = LOOK_US;
    int rc = reopen(src, &opt, &m, e);
    if (!rc)
        rc = ava_media_run(m, &sink, e);
    ava_media_close(&m);
    *faces = rc ? 0 : l.faces;
    if (rc == AVALIGN_ERR_CANCELLED || rc == AVALIGN_ERR_NOMEM)
        return rc;
    ava_err_clear(e);
    return 0;
}

int ava_pick_video(AvalignModels *models, AvaSource *src, AvaMediaOptions *opt, AvaMedia **m, AvalignErrorInfo *e)
{
    int usual = ava_media_info(*m)->video_stream, n = ava_media_info(*m)->n_video_streams, best = usual, most = 0, own = 0;
    AvaFaceNets *nets = NULL;
    int rc = ava_face_nets_open(&nets, models, e);
    n = n < MOST_TRACKS ? n : MOST_TRACKS;
    for (int k = 0; k <= n && !rc; k++) { /* the usual one first */
        int faces, track = k ? k : usual;
        if (k == usual || track < 1)
            continue;
        rc = faces_in(src, *opt, track, nets, &faces, e);
        if (!k)
            own = faces;
        if (faces > most) {
            most = faces;
            best = track;
        }
    }
    ava_face_nets_close(&nets);
    if (2 * own >= most)
        best = usual;
    opt->video_stream = best;
    return rc ? rc : reopen(src, opt, m, e);
}
