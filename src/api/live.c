/* live.c -- a stream without end: each window of it is an analysis of its own, so memory does not grow.
 *
 * Picture and sound of a moment don't arrive together, so the window that comes next is open beside the one that is being
 * filled; a window is judged when both sides have passed its end, or one of them by far. */
#include <stdlib.h>

#include "api/api.h"
#include "util/err.h"

enum { WINDOW_US = 10000000, LEAST_US = 2000000, MOST_US = 300000000, LAG_US = 1500000, STUB_US = 1000000, OPEN = 2 };

typedef struct Window {
    AvalignContext *c; /* NULL: not begun */
    int64_t n;         /* it covers [n, n + 1) windows of the stream */
    int64_t end_us;    /* of what came, in the stream */
} Window;

typedef struct Live {
    AvalignContext *c; /* the caller's: models, settings, errors */
    AvaMedia *media;
    int64_t window_us, next; /* next: the first window that was not judged */
    Window open[OPEN];
    int64_t video_us, sound_us; /* how far each side has come */
    int has_video, has_sound;
    int64_t speech_t0_us, speech_n;
    AvaMediaStats told; /* up to the last window that was judged */
    AVA_VEC(AvaGap) gap; /* of the stream, from the first window that was not judged on */
    AvalignWindowFn *on_window;
    void *cookie;
    AvalignErrorInfo *e;
    AvalignErrorInfo after_stop; /* of the windows that are still judged when the caller has said stop */
} Live;

static Window *live_window(Live *l, int64_t n)
{
    Window *w = &l->open[n % OPEN];
    if (w->c)
        return w;
    *w = (Window){ .n = n };
    if (ava_context_like(&w->c, l->c, l->e) || ava_streams_open(w->c, l->e)) {
        avalign_close(&w->c);
        return NULL;
    }
    w->c->ev.origin_us = n * l->window_us;
    return w;
}

/* The window's share of the mended places. */
static int give_gaps(Live *l, Window *w)
{
    int64_t start = w->n * l->window_us, end = start + l->window_us;
    size_t kept = 0;
    for (size_t i = 0; i < l->gap.n; i++) {
        AvaGap g = l->gap.at[i];
        if (g.start_us < end && g.end_us >= start &&
            ava_add_gap(&w->c->ev, g.start_us > start ? g.start_us - start : 0, (g.end_us < end ? g.end_us : end) - start))
            return -1;
        if (g.end_us >= end)
            l->gap.at[kept++] = g;
    }
    l->gap.n = kept;
    return 0;
}

/* What was counted since the last window was judged; the places of holes and jumps are known better. */
static AvaMediaStats live_news(Live *l)
{
    AvaMediaStats now = *ava_media_stats(l->media), d = now;
    d.frames_damaged -= l->told.frames_damaged;
    d.packets_damaged -= l->told.packets_damaged;
    d.samples_bad -= l->told.samples_bad;
    d.times_fixed -= l->told.times_fixed;
    d.turned_us -= l->told.turned_us;
    d.clock_jumps = 0;
    l->told = now;
    return d;
}

static int live_analyze(Live *l, Window *w)
{
    AvalignResult *r = NULL;
    int64_t start = w->n * l->window_us;
    AvaMediaFacts media;
    ava_run_facts(w->c, l->media, &media);
    int rc = give_gaps(l, w) ? ava_fail(l->e, AVALIGN_ERR_NOMEM, "live", start, 0, "out of memory") : ava_streams_finish(w->c, l->e);
    AvaMediaStats own = live_news(l);
    own.gaps_filled = 0;
    own.gap_us = w->c->ev.gap_us;
    for (size_t i = 0; i < w->c->ev.gap.n; i++)
        own.gaps_filled += w->c->ev.gap.at[i].end_us > w->c->ev.gap.at[i].start_us;
    ava_media_warnings(w->c, ava_media_info(l->media), &own);
    ava_jump_warning(w->c, ava_media_stats(l->media), start, start + l->window_us);
    if (!rc && !(rc = ava_analyzed(w->c, NULL, NULL, &media, &r))) {
        if (l->on_window(l->cookie, start, w->end_us < start + l->window_us ? w->end_us : start + l->window_us, r))
            rc = ava_fail(l->e, AVALIGN_ERR_CANCELLED, "live", start, 0, "stopped by the caller");
    } else if (!l->e->code) {
        *l->e = *avalign_last_error(w->c);
    }
    avalign_result_free(&r);
    avalign_close(&w->c);
    return rc;
}

/* Judges what is complete. */
static int live_settle(Live *l)
{
    int rc = 0;
    while (!rc) {
        int64_t end = (l->next + 1) * l->window_us, least = l->video_us < l->sound_us ? l->video_us : l->sound_us, most = l->video_us > l->sound_us ? l->video_us : l->sound_us;
        int both = l->has_video && l->has_sound;
        if (most < end || (both && least < end && most < end + LAG_US))
            return 0;
        Window *w = &l->open[l->next % OPEN];
        if (w->c)
            rc = live_analyze(l, w);
        l->next++;
    }
    return rc;
}

/* The window of a moment: NULL with *rc 0: it was judged already, the moment came too late. */
static Window *live_at(Live *l, int64_t t_us, int *rc)
{
    int64_t n = t_us < 0 ? 0 : t_us / l->window_us;
    *rc = 0;
    while (!*rc && n >= l->next + OPEN) { /* a jump, or one side is far ahead */
        Window *first = &l->open[l->next % OPEN];
        if (first->c)
            *rc = live_analyze(l, first);
        l->next++;
        if (!l->open[0].c && !l->open[1].c)
            l->next = n;
    }
    if (*rc || n < l->next)
        return NULL;
    Window *w = live_window(l, n);
    *rc = w ? 0 : l->e->code;
    return w;
}

static int live_on_video(void *cookie, AvaFrame *f)
{
    Live *l = cookie;
    int rc;
    Window *w = live_at(l, f->pts_us, &rc);
    if (w) {
        rc = ava_streams_video(w->c, &f->img, f->pts_us - w->n * l->window_us, l->e);
        w->end_us = f->pts_us > w->end_us ? f->pts_us : w->end_us;
    }
    l->video_us = f->pts_us > l->video_us ? f->pts_us : l->video_us;
    ava_frame_free(f);
    return rc ? rc : live_settle(l);
}

static int live_on_audio(void *cookie, const AvaSound *s)
{
    Live *l = cookie;
    int rc;
    Window *w = live_at(l, s->pts_us, &rc);
    if (!l->speech_n)
        l->speech_t0_us = s->pts_us;
    if (w) {
        AvaSound part = *s;
        part.pts_us -= w->n * l->window_us;
        rc = ava_streams_native(w->c, &part, l->e);
        if (!rc && s->n_speech)
            rc = ava_streams_listen(w->c, s->speech, s->n_speech, l->e);
        if (!rc && s->n_speech)
            rc = ava_streams_sound(w->c, l->speech_t0_us + l->speech_n * 1000000 / 16000 - w->n * l->window_us, s->speech, s->n_speech, l->e);
        l->sound_us = s->pts_us + (int64_t)s->frames * 1000000 / s->rate;
        w->end_us = l->sound_us > w->end_us ? l->sound_us : w->end_us;
    }
    l->speech_n += (int64_t)s->n_speech;
    return rc ? rc : live_settle(l);
}

static int live_on_gap(void *cookie, int64_t start_us, int64_t end_us)
{
    Live *l = cookie;
    return ava_push(&l->gap, ((AvaGap){ start_us, end_us })) ? ava_fail(l->e, AVALIGN_ERR_NOMEM, "live", start_us, 0, "out of memory") : 0;
}

static int live_cancelled(void *cookie) { return ava_cancelled(&((AvalignContext *)cookie)->ev); }

/* A stream has no length: only how far it has come. */
static void live_on_progress(void *cookie, double done, int64_t at_us)
{
    AvalignContext *c = ((Live *)cookie)->c;
    (void)done;
    if (c->cfg.progress)
        c->cfg.progress(c->cfg.cookie, -1, at_us);
}

static int live_run(Live *l, AvaSource *src, const char *url)
{
    AvalignContext *c = l->c;
    AvaMediaOptions opt = { c->cfg.max_pixels, c->cfg.max_duration_us, c->cfg.audio_stream, c->need_video, c->need_audio,
                            c->cfg.allow_network, c->cfg.keep_ffmpeg_log, live_cancelled, c, c->cfg.video_stream, 1, 0 };
    AvaMediaSink sink = { .cookie = l, .video = live_on_video, .audio = live_on_audio, .progress = live_on_progress, .gap = live_on_gap };
    int rc = ava_media_open(&l->media, src, url, &opt, l->e);
    if (rc)
        return rc;
    l->has_video = ava_media_info(l->media)->has_video;
    l->has_sound = ava_media_info(l->media)->has_audio;
    rc = ava_media_run(l->media, &sink, l->e);
    int told_to_stop = rc == AVALIGN_ERR_CANCELLED && live_cancelled(c); /* what came is still judged */
    ava_err_clear(&l->after_stop);
    if (told_to_stop)
        l->e = &l->after_stop;
    for (int i = 0; i < OPEN; i++, l->next++) { /* the end of the stream */
        Window *w = &l->open[l->next % OPEN];
        if (w->c && told_to_stop && !l->after_stop.code && w->end_us - w->n * l->window_us >= STUB_US)
            live_analyze(l, w);
        else if (w->c && !rc && w->end_us - w->n * l->window_us >= STUB_US)
            rc = live_analyze(l, w);
        avalign_close(&w->c);
    }
    ava_media_close(&l->media);
    ava_vec_free(&l->gap);
    return rc;
}

int avalign_analyze_live(AvalignContext *c, const AvalignReader *in, const char *url, int64_t window_us, AvalignWindowFn *on_window, void *cookie)
{
    if (!c)
        return AVALIGN_ERR_ARG;
    ava_err_clear(&c->error);
    window_us = window_us ? window_us : WINDOW_US;
    if (c->state != AVA_IDLE)
        return ava_fail(&c->error, AVALIGN_ERR_ARG, "call", AVA_NO_TIME, 0, "this context has been used; open another one");
    if (!on_window || (!in && !url) || window_us < LEAST_US || window_us > MOST_US)
        return ava_fail(&c->error, AVALIGN_ERR_ARG, "call", AVA_NO_TIME, 0, "a live analysis needs an input, a callback and windows of 2 to 300 s");
    if (c->external_tracks || c->transcript)
        return ava_fail(&c->error, AVALIGN_ERR_ARG, "call", AVA_NO_TIME, 0, "tracks and a transcript are for files, not for streams");
    if (!in && !c->cfg.allow_network)
        return ava_fail(&c->error, AVALIGN_ERR_ARG, "open", AVA_NO_TIME, 0, "addresses are only opened with --allow-network");
    c->state = AVA_DONE;
    Live l = { .c = c, .window_us = window_us, .video_us = INT64_MIN, .sound_us = INT64_MIN, .on_window = on_window, .cookie = cookie, .e = &c->error };
    AvaSource *src = NULL;
    int rc = in ? ava_source_open_reader(&src, in, &c->error) : 0;
    if (!rc)
        rc = live_run(&l, src, in ? NULL : url);
    ava_source_close(&src);
    return rc;
}
