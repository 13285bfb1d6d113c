/* decode.c -- the decoder, and workers for faces, for speech and for the nets that listen by themselves.
 *
 * Each stream is handled by one thread in order, so what comes out does not depend
 * on how many threads there are. With one thread everything runs inline. The first
 * error wins; its worker stops its queue, the decoder notices at the next put. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyze/analyzer.h"
#include "extract/pick_video.h"
#include "media/c2pa.h"
#include "media/structure.h"
#include "pipeline/analysis.h"
#include "util/err.h"
#include "util/format.h"
#include "util/queue.h"

static const double APART_S = 1; /* more is worth a word */

typedef struct Block {
    int64_t t_us;
    size_t n;
    float pcm[];
} Block;

enum { BLOCK = 16000, SOUND_DEPTH = 8 }; /* samples joined before they change threads */

typedef struct Worker {
    AvalignContext *c;
    AvaQueue *queue;
    pthread_t thread;
    int running, rc;
    AvalignErrorInfo error;
    int (*work)(struct Worker *w, void *item); /* takes the item */
    void (*drop)(void *item);
} Worker;

typedef struct Run {
    AvalignContext *c;
    AvalignErrorInfo *e;
    Worker face, sound, listen;
    Block *block;
} Run;

static unsigned thread_count(const AvalignConfig *cfg)
{
    long n = cfg->n_threads ? (long)cfg->n_threads : sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > 16 ? 16 : (unsigned)n;
}

static int work_face(Worker *w, void *item)
{
    AvaFrame *f = item;
    int rc = ava_streams_video(w->c, &f->img, f->pts_us, &w->error);
    ava_frame_free(f);
    return rc;
}

static int work_sound(Worker *w, void *item)
{
    Block *b = item;
    int rc = ava_streams_sound(w->c, b->t_us, b->pcm, b->n, &w->error);
    free(b);
    return rc;
}

static int work_listen(Worker *w, void *item)
{
    Block *b = item;
    int rc = ava_streams_listen(w->c, b->pcm, b->n, &w->error);
    free(b);
    return rc;
}

static void drop_face(void *item) { ava_frame_free(item); }

static void *loop(void *arg)
{
    Worker *w = arg;
    for (void *item; (item = ava_queue_get(w->queue)) != NULL;) {
        if (!w->rc) {
            w->rc = w->work(w, item);
            if (w->rc)
                ava_queue_stop(w->queue);
        } else {
            w->drop(item);
        }
    }
    return NULL;
}

static int worker_start(Worker *w, AvalignContext *c, size_t depth, int (*work)(Worker *, void *), void (*drop)(void *))
{
    w->c = c;
    w->work = work;
    w->drop = drop;
    ava_err_clear(&w->error);
    if (depth == 0)
        return 0; /* inline */
    if (!(w->queue = ava_queue_new(depth)) || pthread_create(&w->thread, NULL, loop, w))
        return -1;
    w->running = 1;
    return 0;
}

/* Ends the worker and passes its error on. */
static int worker_end(Worker *w, AvalignErrorInfo *e)
{
    if (w->running) {
        ava_queue_end(w->queue);
        pthread_join(w->thread, NULL);
        w->running = 0;
    }
    ava_queue_free(w->queue);
    w->queue = NULL;
    if (w->rc && e && !e->code)
        *e = w->error;
    return w->rc;
}

static int decode_give(Worker *w, void *item)
{
    if (!w->queue)
        return w->rc = w->work(w, item);
    if (ava_queue_put(w->queue, item) == 0)
        return 0;
    w->drop(item);
    return AVALIGN_ERR_CANCELLED; /* the worker's own error takes its place */
}

static int decode_on_video(void *cookie, AvaFrame *f)
{
    Run *r = cookie;
    return decode_give(&r->face, f);
}

static int flush_block(Run *r)
{
    Block *b = r->block, *copy;
    r->block = NULL;
    if (!b)
        return 0;
    size_t size = sizeof *b + b->n * sizeof *b->pcm;
    if (!(copy = malloc(size))) {
        free(b);
        return ava_fail(r->e, AVALIGN_ERR_NOMEM, "audio", AVA_NO_TIME, 0, "out of memory");
    }
    memcpy(copy, b, size);
    int rc = decode_give(&r->sound, b);
    if (!rc)
        return decode_give(&r->listen, copy);
    free(copy);
    return rc;
}

static int decode_on_audio(void *cookie, const AvaSound *s)
{
    Run *r = cookie;
    const float *p = s->speech;
    size_t left = s->n_speech;
    int native = ava_streams_native(r->c, s, r->e); /* cheap: here, in the decoder's thread */
    if (native)
        return native;
    while (left) {
        if (!r->block) {
            if (!(r->block = malloc(sizeof *r->block + BLOCK * sizeof(float))))
                return ava_fail(r->e, AVALIGN_ERR_NOMEM, "audio", s->pts_us, 0, "out of memory");
            r->block->t_us = s->pts_us;
            r->block->n = 0;
        }
        size_t take = BLOCK - r->block->n < left ? BLOCK - r->block->n : left;
        memcpy(r->block->pcm + r->block->n, p, take * sizeof *p);
        r->block->n += take;
        p += take;
        left -= take;
        int rc = r->block->n == BLOCK ? flush_block(r) : 0;
        if (rc)
            return rc;
    }
    return 0;
}

static int decode_on_gap(void *cookie, int64_t start_us, int64_t end_us)
{
    Run *r = cookie;
    return ava_add_gap(&r->c->ev, start_us, end_us) ? ava_fail(r->e, AVALIGN_ERR_NOMEM, "audio", start_us, 0, "out of memory") : 0;
}

static void decode_on_progress(void *cookie, double done, int64_t at_us)
{
    AvalignContext *c = ((Run *)cookie)->c;
    if (!c->cfg.progress)
        return;
    pthread_mutex_lock(&c->callback_lock);
    c->cfg.progress(c->cfg.cookie, done, at_us);
    pthread_mutex_unlock(&c->callback_lock);
}

static int decode_cancelled(void *cookie) { return ava_cancelled(&((AvalignContext *)cookie)->ev); }

/* bit/s of the packets that were read; 0: too short to say. */
static int64_t audio_bit_rate(const AvaMediaStats *s)
{
    double span = s->first_audio_us == INT64_MIN ? 0 : (double)(s->last_audio_us - s->first_audio_us) / 1e6;
    return span < 1 ? 0 : (int64_t)((double)s->audio_bytes * 8 / span);
}

/* As decoded, from the presented beginning to the last frame's or sound's end; 0: nothing was. */
static double decoded_s(const AvaMediaInfo *i, const AvaMediaStats *s)
{
    int64_t picture = s->last_video_us == INT64_MIN ? 0 : s->last_video_us + (i->fps > 0 ? llrint(1e6 / i->fps) : 0);
    return (double)(picture > s->last_audio_us ? picture : s->last_audio_us) / 1e6;
}

void ava_run_facts(AvalignContext *c, const AvaMedia *m, AvaMediaFacts *out)
{
    const AvaMediaInfo *info = ava_media_info(m);
    const AvaMediaStats *s = ava_media_stats(m);
    c->ev.fps = info->fps;
    memcpy(c->ev.container, info->container, sizeof c->ev.container);
    c->ev.sample_rate = info->has_audio ? info->sample_rate : 0;
    c->ev.audio_bit_rate = audio_bit_rate(s);
    memcpy(c->ev.writer, info->tags.writer, sizeof c->ev.writer);
    memcpy(c->ev.device, info->tags.device, sizeof c->ev.device);
    memcpy(c->ev.created_s, info->tags.created_s, sizeof c->ev.created_s);
    if (info->has_audio)
        memcpy(c->ev.audio_codec, info->audio_codec, sizeof c->ev.audio_codec);
    if (s->first_video_us != INT64_MIN && s->first_audio_us != INT64_MIN)
        c->ev.container_offset_ms = (double)(s->first_video_us - s->first_audio_us) / 1000;
    *out = (AvaMediaFacts){ .opened = 1, .info = *info, .stats = *s, .audio_bit_rate = c->ev.audio_bit_rate, .duration_s = decoded_s(info, s) };
}

void ava_jump_warning(AvalignContext *c, const AvaMediaStats *s, int64_t from_us, int64_t to_us)
{
    char places[160] = "";
    size_t used = 0;
    uint64_t n = 0, kept = s->clock_jumps < AVA_MAX_JUMPS ? s->clock_jumps : AVA_MAX_JUMPS;
    for (uint64_t i = s->clock_jumps - kept; i < s->clock_jumps; i++) {
        const AvaClockJump *j = &s->jump[i % AVA_MAX_JUMPS];
        if (j->at_us < from_us || j->at_us >= to_us || n++ >= 3)
            continue;
        used += (size_t)ava_format(places + used, sizeof places - used, "%sby %.2f s %s at %.2f s", used ? ", " : "",
                                 fabs((double)j->by_us) / 1e6, j->by_us > 0 ? "ahead" : "back", (double)j->at_us / 1e6);
    }
    n = from_us == INT64_MIN ? s->clock_jumps : n;
    if (n)
        ava_warn(c, "clock-jump", n, "the clock jumps %s%s; picture and sound were joined there by the same shift", places, n > 3 ? ", and more" : "");
}

void ava_media_warnings(AvalignContext *c, const AvaMediaInfo *info, const AvaMediaStats *s)
{
    if (info && info->n_video_streams > 1 && !c->cfg.video_stream)
        ava_warn(c, "several-pictures", (uint64_t)info->n_video_streams, "%d video tracks; number %d is judged, --video-stream (video_stream) takes another",
                 info->n_video_streams, info->video_stream);
    if (*s->no_decoder)
        ava_warn(c, "no-decoder", 1, "no decoder for a stream (%s); convert it with ffmpeg to have it judged", s->no_decoder);
    if (s->truncated)
        ava_warn(c, "truncated", 1, "the file ends early or can't be read to its end; what was there is judged");
    if (s->packets_damaged || s->frames_damaged)
        ava_warn(c, "damaged", s->packets_damaged + s->frames_damaged, "%llu damaged packets and %llu damaged frames",
                 (unsigned long long)s->packets_damaged, (unsigned long long)s->frames_damaged);
    if (s->samples_bad)
        ava_warn(c, "bad-samples", s->samples_bad, "%llu sound samples were not numbers and were silenced",
                 (unsigned long long)s->samples_bad);
    if (s->gaps_filled)
        ava_warn(c, "sound-gaps", s->gaps_filled, "%llu holes in the sound, %.2f s in all, were filled with silence",
                 (unsigned long long)s->gaps_filled, (double)s->gap_us / 1e6);
    if (s->times_fixed)
        ava_warn(c, "times-fixed", s->times_fixed, "%llu time stamps were out of order or impossible",
                 (unsigned long long)s->times_fixed);
    if (s->turned_us > 1000000)
        ava_warn(c, "channel-inverted", 1, "one channel is upside down against the others for %.1f s; it was turned back before they were mixed",
                 (double)s->turned_us / 1e6);
    if (s->no_picture_times)
        ava_warn(c, "no-picture-times", 1, "B pictures in AVI carry no time stamps; players differ by one or two pictures in when they show them");
    double apart = ((double)s->first_audio_us - (double)s->first_video_us) / 1e6; /* either may be unknown, see below */
    if (s->first_audio_us != INT64_MIN && s->first_video_us != INT64_MIN && fabs(apart) > APART_S)
        ava_warn(c, "starts-apart", 1, "by its time stamps the %s begins %.1f s after the %s; offsets are searched within 3 s", apart > 0 ? "sound" : "picture",
                 fabs(apart), apart > 0 ? "picture" : "sound");
    if (s->clock_jumps)
        ava_jump_warning(c, s, INT64_MIN, INT64_MAX);
    if (s->sparse_us)
        ava_warn(c, "sparse", 1, "the times run to %.0f s with far less of picture and sound before; what comes from there on was left out",
                 (double)s->sparse_us / 1e6);
    if (s->hit_duration_limit)
        ava_warn(c, "duration-limit", 1, "stopped at the duration limit");
}

int ava_run_media(AvalignContext *c, AvaSource *src, const char *url, AvaMediaFacts *media, AvalignErrorInfo *e)
{
    unsigned threads = thread_count(&c->cfg);
    AvaMediaOptions opt = { c->cfg.max_pixels, c->cfg.max_duration_us, c->cfg.audio_stream, c->need_video, c->need_audio,
                            c->cfg.allow_network, c->cfg.keep_ffmpeg_log, decode_cancelled, c, c->cfg.video_stream, 0, 0 };
    AvaMedia *m = NULL;
    int rc = ava_media_open(&m, src, url, &opt, e);
    if (!rc && !opt.video_stream && src && c->need_video && ava_media_info(m)->n_video_streams > 1 && ava_source_seekable(src))
        rc = ava_pick_video(c->models, src, &opt, &m, e);
    if (rc)
        return rc;
    const AvaMediaInfo *info = ava_media_info(m);
    const AvaMediaStats *stats = ava_media_stats(m);
    Run r = { .c = c, .e = e };
    if (c->timings)
        ava_timings_start(c->timings);
    size_t depth = 0;
    if (threads > 1) {
        uint64_t frame = (uint64_t)info->width * (uint64_t)info->height * 3 / 2 + 1;
        uint64_t fit = c->cfg.max_memory / 8 / frame;
        depth = fit < 1 ? 1 : fit > c->cfg.queue_depth ? c->cfg.queue_depth : (size_t)fit;
    }
    if ((rc = ava_streams_open(c, e)) == 0 &&
        (worker_start(&r.face, c, depth, work_face, drop_face) ||
         worker_start(&r.sound, c, threads > 1 ? SOUND_DEPTH : 0, work_sound, free) ||
         worker_start(&r.listen, c, threads > 1 ? SOUND_DEPTH : 0, work_listen, free)))
        rc = ava_fail(e, AVALIGN_ERR_NOMEM, "start", AVA_NO_TIME, 0, "no worker threads could be started");
    if (!rc) {
        AvaMediaSink sink = { &r, decode_on_video, decode_on_audio, decode_on_progress, decode_on_gap };
        rc = ava_media_run(m, &sink, e);
        if (!rc)
            rc = flush_block(&r);
    }
    free(r.block);
    int rf = worker_end(&r.face, e), rs = worker_end(&r.sound, e), rl = worker_end(&r.listen, e);
    rc = rf ? rf : rs ? rs : rl ? rl : rc;
    if (rc && e && !e->code)
        ava_fail(e, rc, "decode", AVA_NO_TIME, 0, "stopped");
    ava_run_facts(c, m, media);
    if (!rc && src)
        ava_structure_read(src, &media->structure);
    if (!rc && src && ava_c2pa_find(src, &media->c2pa))
        rc = ava_fail(e, AVALIGN_ERR_NOMEM, "open", AVA_NO_TIME, 0, "out of memory");
    if (!rc && src && media->c2pa.present)
        ava_c2pa_verify(src, &media->c2pa.verified);
    if (!rc) {
        ava_media_warnings(c, info, stats);
        if (!stats->frames && stats->first_audio_us == INT64_MIN)
            rc = ava_fail(e, AVALIGN_ERR_FORMAT, "decode", AVA_NO_TIME, 0,
                          "nothing in it could be decoded; the file is damaged, get another copy");
    }
    ava_media_close(&m);
    if (!rc)
        rc = ava_streams_finish(c, e);
    return rc;
}
