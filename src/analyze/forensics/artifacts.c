/* artifacts.c -- traces of editing in the sound, each held against the picture.
 *
 * A splice at a shot cut is ordinary editing; inside an unbroken shot with a face it is not, and less so where lip sync
 * breaks as well. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/analyzer.h"
#include "analyze/forensics/artifact_finders.h"

static int artifacts_run(const AvaAnalysisInput *in, AvaAnalysisOutput *out, AvalignErrorInfo *e);

const AvaAnalyzer ava_artifacts = {
    { "artifacts", "splices and other traces of editing in the sound", (const char *const[]){ "vad", NULL },
      (const char *const[]){ "artifacts.segments", NULL }, 1 },
    (const AvalignField[]){ AVALIGN_N_FIELDS }, offsetof(AvaAnalysisOutput, artifacts.absent), .run = artifacts_run,
    .after = (const char *const[]){ "lipsync", NULL }, .optional = (const char *const[]){ "splice", "voice-spoof", NULL }
};

enum { AT_CUT_US = 120000, NEAR_BREAK_US = 1000000, MENDED_US = 200000 };
static const double OWN_WORK = .3;

static int at_cut(const AvaEvidence *ev, int64_t t, int64_t within_us)
{
    for (size_t i = 0; i < ev->cut_us.n; i++)
        if (llabs(ev->cut_us.at[i] - t) <= within_us)
            return 1;
    return 0;
}

static int face_at(const AvaEvidence *ev, int64_t t)
{
    for (size_t i = 0; i < ev->track.n; i++) {
        const AvaTrackRows *r = &ev->track.at[i];
        if (r->row.n && r->row.at[0].t_us <= t && r->row.at[r->row.n - 1].t_us >= t)
            return 1;
    }
    return 0;
}

/* Does the offset step or the match drop out near there? */
static int sync_breaks(const AvaSyncResult *r, int64_t t)
{
    double s = (double)t / 1e6, near = NEAR_BREAK_US / 1e6;
    for (size_t i = 0; i < r->step.n; i++)
        if (fabs(r->step.at[i].at_s - s) <= near)
            return 1;
    for (size_t i = 0; i < r->dropout.n; i++)
        if (fabs(r->dropout.at[i].start_s - s) <= near || fabs(r->dropout.at[i].end_s - s) <= near)
            return 1;
    return 0;
}

static void add_words(AvaArtifact *x, const char *says)
{
    size_t used = strlen(x->evidence);
    snprintf(x->evidence + used, sizeof x->evidence - used, "%s", says);
}

/* Where we filled a hole or moved the sound ourselves, a cut is no sign of an edit. */
static int own_work(const AvaEvidence *ev, AvaArtifact *x)
{
    if ((strcmp(x->kind, "splice") && strcmp(x->kind, "silence") && strcmp(x->kind, "phase")) || x->end_us - x->start_us >= ev->sound_us ||
        !ava_near_gap(ev, x->start_us, x->end_us, MENDED_US))
        return 0;
    if (x->score >= OWN_WORK)
        add_words(x, "; the stream has a hole or a wrong time stamp there, which was mended");
    x->score = fmin(x->score, OWN_WORK);
    return 1;
}

/* What the picture says to a place in the sound: changes the score, adds to the sentence. */
static void link_to_picture(const AvaEvidence *ev, const AvaSyncResult *sync, AvaArtifact *x)
{
    const char *says = NULL;
    int splice = !strcmp(x->kind, "splice");
    int64_t at = splice ? (x->start_us + x->end_us) / 2 : x->start_us;
    if (!ev->has_video || x->score < .3 || at <= ev->sound_t0_us || !strcmp(x->kind, "resampling") || !strcmp(x->kind, "vocoder"))
        return;
    if (at_cut(ev, at, AT_CUT_US + (splice ? (x->end_us - x->start_us) / 2 : 0))) {
        x->score = fmin(x->score, .4);
        says = "; the picture is cut there too, which is ordinary editing";
    } else if (sync_breaks(sync, at)) {
        x->score = fmin(1, x->score + .2);
        says = "; lip sync breaks there as well";
    } else if (face_at(ev, at)) {
        says = "; the shot with the face goes on";
    }
    if (says)
        add_words(x, says);
}

static int artifacts_by_time(const void *p, const void *q)
{
    const AvaArtifact *a = p, *b = q;
    if (a->start_us != b->start_us)
        return a->start_us < b->start_us ? -1 : 1;
    if (strcmp(a->kind, b->kind) || a->end_us != b->end_us)
        return strcmp(a->kind, b->kind) ? strcmp(a->kind, b->kind) : (a->end_us > b->end_us) - (a->end_us < b->end_us);
    return a->score != b->score ? (a->score < b->score ? 1 : -1) : strcmp(a->evidence, b->evidence);
}

static const char *channel_layout(const AvaEvidence *ev)
{
    size_t same = 0, n = 0;
    if (ev->channels < 2)
        return ev->channels ? "mono" : NULL;
    for (size_t i = 0; i < ev->native.n; i++)
        if (!isnan(ev->native.at[i].correlation)) {
            n++;
            same += ev->native.at[i].correlation > .9999f;
        }
    return n && (double)same > .98 * (double)n ? "the same in both channels" : "stereo";
}

/* What the sound is like, traces apart. */
static void artifacts_describe(const AvaEvidence *ev, AvaArtifactsResult *r)
{
    double cutoff = ava_usual_cutoff(ev);
    AvaPulseView pulses = ava_pulse_view(ev, 0, ev->pulses.n);
    snprintf(r->codec, sizeof r->codec, "%s", ev->audio_codec);
    r->channels = channel_layout(ev);
    r->bandwidth_hz = cutoff > 0 ? cutoff : NAN;
    r->n_grids = ev->n_grids;
    for (int i = 0; i < ev->n_grids; i++)
        r->grid[i] = (AvaCodingGrid){ ev->grid[i].coder->name, ev->grid[i].offset, ava_own_grid(ev, i), (double)ev->grid[i].strength };
    r->pulse_seconds = pulses.seconds;
    if (pulses.seconds) {
        r->pulse_coherence = pulses.coherence;
        r->pulse_delay_ms = pulses.delay_ms;
        r->pulse_decay_db = ava_decay_db(ev);
    }
}

static int artifacts_run(const AvaAnalysisInput *in, AvaAnalysisOutput *out, AvalignErrorInfo *e)
{
    (void)e;
    static int (*const find[])(const AvaEvidence *, AvaArtifactList *) = {
        ava_artifact_splices, ava_artifact_copies, ava_artifact_silence, ava_artifact_phase, ava_artifact_channel_delay, ava_artifact_stereo, ava_artifact_pulses,
        ava_artifact_vocoder, ava_artifact_bandwidth, ava_artifact_coding, ava_artifact_container, ava_artifact_hum
    };
    const AvaEvidence *ev = in->ev;
    AvaArtifactsResult *r = &out->artifacts;
    const char *absent = !ev->has_audio ? "no-audio" : ev->splice.n && !ava_calibrated(&ev->calibration, "splice") ? "not-calibrated" : NULL;
    if (absent) {
        ava_absent(out, &ava_artifacts, absent);
        return 0;
    }
    r->absent = NULL;
    for (size_t i = 0; i < sizeof find / sizeof *find && !ava_cancelled(ev); i++)
        if (find[i](ev, &r->segment))
            return AVALIGN_ERR_NOMEM;
    if (r->segment.n)
        qsort(r->segment.at, r->segment.n, sizeof *r->segment.at, artifacts_by_time);
    r->worst = 0;
    for (size_t i = 0; i < r->segment.n; i++) {
        if (!own_work(ev, &r->segment.at[i]))
            link_to_picture(ev, &out->sync, &r->segment.at[i]);
        r->worst = fmax(r->worst, r->segment.at[i].score);
    }
    artifacts_describe(ev, r);
    return 0;
}
