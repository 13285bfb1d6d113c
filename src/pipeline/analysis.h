/* analysis.h -- one analysis in progress. */
#ifndef AVA_PIPELINE_ANALYSIS_H
#define AVA_PIPELINE_ANALYSIS_H

#include <pthread.h>
#include <stdatomic.h>

#include "analyze/analyzer.h"
#include "avalign/avalign.h"
#include "extract/external_tracks.h"
#include "extract/stages.h"
#include "media/media.h"
#include "media/push.h"
#include "result/result.h"
#include "track/tracker.h"

typedef enum { AVA_IDLE, AVA_PUSHING, AVA_DONE } AvaState;

/* The parts of the evidence that grow with the length, each of one thread: when its share of max_memory is used up, the
 * rest of its stream is left out, at the same place whatever the threads do. */
typedef enum { AVA_BUDGET_FACES, AVA_BUDGET_SOUND, AVA_BUDGET_LISTEN, AVA_BUDGET_NATIVE, AVA_N_BUDGETS } AvaBudgetOf;
typedef struct AvaBudget {
    unsigned calls;
    int over;
    int64_t at_us; /* where it was used up */
} AvaBudget;

struct AvalignContext {
    AvalignConfig cfg;
    char *analyzers; /* owned copy */
    AvalignModels *models;
    AvalignErrorInfo error;   /* of the last call */
    AvalignErrorInfo failure; /* what ended pushed input; code 0: nothing did */
    atomic_int cancel;
    AvaState state;
    pthread_mutex_t callback_lock; /* log and progress, never two at once */

    char *transcript; /* owned copy */
    AvaPolicy policy;

    int need_video, need_audio;
    AvaEvidence ev;
    AvaTracker *tracker;
    AvaStages *stages;
    AvalignErrorInfo track_error, view_error;
    AvaBudget budget[AVA_N_BUDGETS];
    uint64_t tracks_dropped; /* faces seen after the track table was full */
    AvaExternalTracks *external_tracks; /* NULL: none */
    AvaWarningList warnings;
    AvaTimings *timings; /* NULL: nobody asked */

    /* pushed input */
    AvaPushSound *push_sound;
    AvaMediaStats push_stats;
    int push_rate, push_channels;
    int64_t push_faces_us; /* of the last faces given; INT64_MIN before */
    int64_t push_last_us; /* of the last frame; INT64_MIN before the first */
};

void ava_log(AvalignContext *c, AvalignLogLevel level, const char *stage, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Adds a warning for people and machines. */
void ava_warn(AvalignContext *c, const char *code, uint64_t count, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Bit i: a net that ava_analyzers[i] needs is not among the context's models; it is then absent. */
unsigned ava_left_out(const AvalignContext *c);
/* Does the analyzer run, asked for or read by one that was? */
int ava_wanted(const AvalignContext *c, const AvaAnalyzer *a);
/* Does an analyzer that was asked for need this role, or use it where the manifest has it, or is it itself called so? An AvaAsked of
 * the context. */
int ava_needs(const void *context, const char *role);

/* What the stages of this analysis work with. */
AvaStageSetup ava_stage_setup(AvalignContext *c);

/* streams.c: what the pipeline does with a picture and with sound. */
int ava_streams_open(AvalignContext *c, AvalignErrorInfo *e); /* leaves nothing open when it fails */
/* Frees what ava_streams_open() opened; nothing open is fine. */
void ava_streams_close(AvalignContext *c);
int ava_streams_video(AvalignContext *c, const AvaImage *img, int64_t t_us, AvalignErrorInfo *e);
int ava_streams_sound(AvalignContext *c, int64_t t_us, const float *pcm, size_t n, AvalignErrorInfo *e);
/* The same sound for the nets that hear it by themselves; may run beside ava_streams_sound(). */
int ava_streams_listen(AvalignContext *c, const float *pcm, size_t n, AvalignErrorInfo *e);
/* The same sound at its own rate; from another thread if need be. */
int ava_streams_native(AvalignContext *c, const AvaSound *s, AvalignErrorInfo *e);
int ava_streams_finish(AvalignContext *c, AvalignErrorInfo *e);

/* decode.c: a source or URL through decoder and workers. */
int ava_run_media(AvalignContext *c, AvaSource *src, const char *url, AvaMediaFacts *media, AvalignErrorInfo *e);

/* Tells the analysis what is known of the file (rates, codec, start of both sides), and keeps it for the result. */
void ava_run_facts(AvalignContext *c, const AvaMedia *m, AvaMediaFacts *out);
/* Warns of the jumps of the clock from from_us to to_us. */
void ava_jump_warning(AvalignContext *c, const AvaMediaStats *s, int64_t from_us, int64_t to_us);
/* Warnings for what happened while reading; info NULL: pushed input. */
void ava_media_warnings(AvalignContext *c, const AvaMediaInfo *info, const AvaMediaStats *s);
/* A fresh context with the same models, settings and policy. */
int ava_context_like(AvalignContext **out, AvalignContext *c, AvalignErrorInfo *e);

/* run_analyzers.c: evidence to result. media NULL: it was pushed. */
int ava_run_analyzers(AvalignContext *c, const char *file, const char *sha256, const AvaMediaFacts *media, AvalignResult **out);

#endif
