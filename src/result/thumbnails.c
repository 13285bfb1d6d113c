/* thumbnails.c -- small images for the evidence page: each face, lips that should have closed, faces that may be drawn, places of findings. They
 * are taken in a second pass, for only then is it known where to look. */
#include <math.h>
#include <nettle/base64.h>
#include <stdlib.h>
#include <string.h>

#include "media/jpeg.h"
#include "media/media.h"
#include "result/result.h"
#include "util/err.h"

enum { MAX_PICTURES = 72, MAX_OF_A_KIND = 12, SIDE = 160, CLOSE = 224, HIGH = 168, TOO_LATE_US = 500000 };

typedef struct Want {
    int64_t t_us;
    const char *what; /* "face", "missed closure", "drawn face", "finding" */
    int track;        /* -1: the whole frame */
    double box[4];
} Want;

typedef struct Wants {
    Want at[MAX_PICTURES];
    size_t n, next;
    AvaThumbnailList out;
} Wants;

static const char DRAWN[] = "drawn face";

static void want(Wants *w, double t_s, const char *what, int track, const float *box)
{
    for (size_t i = 0; i < w->n; i++)
        if (w->at[i].t_us == llrint(t_s * 1e6) && w->at[i].what == what && w->at[i].track == track)
            return;
    if (w->n == MAX_PICTURES)
        return;
    Want *x = &w->at[w->n++];
    *x = (Want){ .t_us = llrint(t_s * 1e6), .what = what, .track = track };
    for (size_t k = 0; k < 4; k++)
        x->box[k] = box ? ava_rounded((double)box[k], 1) : 0;
}

static const float *box_of(const AvalignResult *r, int track)
{
    for (size_t i = 0; i < r->track.n; i++)
        if (r->track.at[i].id == track)
            return r->track.at[i].box;
    return NULL;
}

static int thumbnails_by_time(const void *p, const void *q)
{
    const Want *a = p, *b = q; /* never equal: want() takes each once */
    if (a->t_us != b->t_us)
        return a->t_us < b->t_us ? -1 : 1;
    int kind = strcmp(a->what, b->what);
    return kind ? kind : (a->track > b->track) - (a->track < b->track);
}

static void gather(const AvalignResult *r, Wants *w)
{
    const AvaAnalysisOutput *f = &r->found;
    for (size_t i = 0; i < r->track.n && i < MAX_OF_A_KIND; i++) {
        const AvalignTrack *t = &r->track.at[i];
        double a = ava_rounded_s(t->first_us, 3), b = ava_rounded_s(t->last_us, 3);
        for (int k = 1; k < 4; k++) /* at a quarter, half and three quarters of its time */
            want(w, a + (b - a) * k / 4, "face", t->id, t->box);
    }
    for (size_t i = 0; i < f->viseme.missed.n && i < MAX_OF_A_KIND; i++) {
        const AvaMissedClosure *m = &f->viseme.missed.at[i];
        want(w, ava_rounded_s(m->frame_us, 3), "missed closure", m->track, box_of(r, m->track));
    }
    for (size_t i = 0; i < f->mouth.frame.n && i < MAX_OF_A_KIND; i++) { /* the very square that was looked at, for the map lies over it */
        const AvaMouthFrame *m = &f->mouth.frame.at[i];
        float s = (float)m->side;
        want(w, ava_rounded_s(m->t_us, 3), DRAWN, m->track, (float[]){ (float)m->cx - s / 2, (float)m->cy - s / 2, s, s });
    }
    size_t n = 0;
    for (size_t i = 0; i < f->anomaly.n; i++)
        if (f->anomaly.at[i].has_time && n++ < MAX_OF_A_KIND)
            want(w, ava_rounded_s(f->anomaly.at[i].start_us, 3), "finding", -1, NULL);
    for (size_t i = 0; i < f->artifacts.segment.n; i++)
        if (ava_rounded(f->artifacts.segment.at[i].score, 3) >= .5 && n++ < MAX_OF_A_KIND)
            want(w, ava_rounded_s(f->artifacts.segment.at[i].start_us, 3), "finding", -1, NULL);
    qsort(w->at, w->n, sizeof *w->at, thumbnails_by_time);
}

static int thumbnails_keep(Wants *w, const Want *x, const AvaImage *img)
{
    int close = x->what == DRAWN, width = close ? CLOSE : SIDE, height = width;
    float faces = close ? 1 : 1.3f;
    AvaAffine map;
    if (x->track >= 0 && x->box[2] > 0) {
        map = ava_affine_square((float)(x->box[0] + x->box[2] / 2), (float)(x->box[1] + x->box[3] / 2), faces * (float)fmax(x->box[2], x->box[3]), 0, width);
    } else {
        float k = (float)img->height / HIGH;
        height = HIGH;
        width = (int)lrintf((float)img->width / k) & ~1;
        width = width < 16 ? 16 : width > 4 * HIGH ? 4 * HIGH : width;
        map = (AvaAffine){ k, 0, k / 2 - .5f, 0, k, k / 2 - .5f };
    }
    uint8_t *rgb = malloc((size_t)width * (size_t)height * 3), *jpeg = NULL;
    size_t size = 0;
    int rc = !rgb;
    if (!rc) {
        ava_warp_rgb(img, map, width, height, rgb);
        rc = ava_jpeg(rgb, width, height, &jpeg, &size);
    }
    static const char head[] = "data:image/jpeg;base64,";
    char *text = rc ? NULL : malloc(sizeof head + BASE64_ENCODE_RAW_LENGTH(size));
    if (text) {
        memcpy(text, head, sizeof head - 1);
        base64_encode_raw(text + sizeof head - 1, size, jpeg);
        text[sizeof head - 1 + BASE64_ENCODE_RAW_LENGTH(size)] = 0;
    }
    free(jpeg);
    free(rgb);
    AvaThumbnail p = { rint((double)x->t_us / 1e3) / 1e3, x->what, x->track, text };
    if (text && ava_push(&w->out, p) == 0)
        return 0;
    free(text);
    return AVALIGN_ERR_NOMEM;
}

static int thumbnails_on_video(void *cookie, AvaFrame *f)
{
    Wants *w = cookie;
    int rc = 0;
    while (!rc && w->next < w->n && w->at[w->next].t_us <= f->pts_us + AVA_MIN_FRAME_GAP_US / 2) {
        const Want *x = &w->at[w->next++];
        if (f->pts_us - x->t_us < TOO_LATE_US)
            rc = thumbnails_keep(w, x, &f->img);
    }
    ava_frame_free(f);
    return rc ? rc : w->next == w->n ? AVALIGN_ERR_CANCELLED : 0; /* seen all that was wanted */
}

static int thumbnails_never(void *cookie) { return (void)cookie, 0; }

static int thumbnails_take(AvalignResult *r, const char *path, const AvalignReader *in, AvalignErrorInfo *why)
{
    AvalignErrorInfo e;
    ava_err_clear(&e);
    ava_err_clear(why);
    if (!r || (!path && !in))
        return ava_fail(why, AVALIGN_ERR_ARG, "call", AVA_NO_TIME, 0, "no result or no input");
    Wants w = { .n = 0 };
    gather(r, &w);
    AvaSource *src = NULL;
    AvaMedia *m = NULL;
    AvaMediaOptions opt = { .max_pixels = r->max_pixels, .keep_ffmpeg_log = r->keep_ffmpeg_log, .want_video = 1, .cancelled = thumbnails_never, .endless = 1 };
    const AvaMediaFacts *f = &r->media; /* the same streams, both of them: the clock is put right by both */
    opt.video_stream = f->info.has_video && f->stats.frames ? f->info.video_stream : 0;
    opt.audio_stream = f->info.has_audio && f->stats.first_audio_us != INT64_MIN ? f->info.audio_stream : 0;
    int rc = !w.n ? 0 : path ? ava_source_open_path(&src, path, &e) : ava_source_open_reader(&src, in, &e);
    if (src)
        rc = ava_media_open(&m, src, NULL, &opt, &e);
    if (m) {
        AvaMediaSink sink = { .cookie = &w, .video = thumbnails_on_video };
        rc = ava_media_run(m, &sink, &e);
        rc = rc == AVALIGN_ERR_CANCELLED && w.next == w.n ? 0 : rc;
    }
    ava_media_close(&m);
    ava_source_close(&src);
    if (rc) {
        ava_thumbnails_free(&w.out);
        if (why)
            *why = e;
        return rc;
    }
    ava_thumbnails_free(&r->thumbnail);
    r->thumbnail = w.out;
    r->has_thumbnails = 1;
    return 0;
}

int avalign_result_add_thumbnails(AvalignResult *r, const char *path, AvalignErrorInfo *why) { return thumbnails_take(r, path, NULL, why); }

int avalign_result_add_thumbnails_reader(AvalignResult *r, const AvalignReader *in, AvalignErrorInfo *why) { return thumbnails_take(r, NULL, in, why); }
