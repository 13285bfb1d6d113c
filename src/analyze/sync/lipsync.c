/* lipsync.c -- how far sound and picture are apart, how sure that is, and how it
 * changes over time. Curves of similarity against lag come from sync_curve.c; this
 * file turns them into answers. The envelope method stands beside them as the
 * baseline; it answers alone when there are no embeddings. */
#include "analyze/sync/lipsync.h"

#include <math.h>
#include <stdlib.h>

#include "analyze/analyzer.h"
#include "analyze/input_quality.h"
#include "analyze/sync/envelope.h"
#include "analyze/sync/sync_score.h"
#include "util/err.h"

static int lipsync_run(const AvaAnalysisInput *in, AvaAnalysisOutput *out, AvalignErrorInfo *e);
static void lipsync_forget(AvaAnalysisOutput *out);

const AvaAnalyzer ava_lipsync = {
    { "lipsync", "how far sound and picture are apart",
      (const char *const[]){ "face-detect", "face-mesh", "vad", "sync-lips", "sync-mouth", "sync-sound", NULL },
      (const char *const[]){ "sync_offset_ms", "sync_confidence", "lip_sync_score", NULL }, 1 },
    (const AvalignField[]){ AVALIGN_SYNC_OFFSET_MS, AVALIGN_SYNC_CONFIDENCE, AVALIGN_LIP_SYNC_SCORE, AVALIGN_N_FIELDS },
    offsetof(AvaAnalysisOutput, sync.absent), .run = lipsync_run, .forget = lipsync_forget,
    .optional = (const char *const[]){ "background", NULL }
};

static AvaSyncAnswer lipsync_answer(const AvaEvidence *ev, const AvaSyncPeak *p, double container_ms)
{
    if (p->reason)
        return (AvaSyncAnswer){ p->reason, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN };
    return (AvaSyncAnswer){ NULL,
                            p->offset_ms,
                            ava_sync_confidence(&ev->calibration, p),
                            ava_sync_score(&ev->calibration, p),
                            p->p_value,
                            container_ms,
                            p->offset_ms - container_ms,
                            p->peak,
                            p->z,
                            p->lead,
                            p->weak_quarter,
                            p->peak_s,
                            p->used_s };
}

/* Rows of one track as a regular mouth series; NAN in the holes and where the
 * mouth can't be judged. */
static float *mouth_series(const AvaTrackRows *t, size_t *n)
{
    int64_t t0 = t->row.at[0].t_us, t1 = t->row.at[t->row.n - 1].t_us;
    *n = (size_t)((t1 - t0) / AVA_GRID_US) + 1;
    float *m = malloc(*n * sizeof *m);
    for (size_t i = 0; m && i < *n; i++)
        m[i] = NAN;
    for (size_t i = 0; m && i < t->row.n; i++) {
        const AvaFaceRow *r = &t->row.at[i];
        if (fabsf(r->yaw) < 50 && r->occlusion < AVA_COVERED)
            m[(r->t_us - t0) / AVA_GRID_US] = r->mouth_open;
    }
    return m;
}

/* The envelope method over the given tracks together. */
static int lipsync_envelope(const AvaEvidence *ev, const AvaSyncPick *c, size_t k, AvalignOffset *out)
{
    AvaLagCurve *curve = calloc(1, sizeof *curve);
    float *weight = malloc((ev->energy.n + 1) * sizeof *weight);
    int rc = curve && weight ? 0 : AVALIGN_ERR_NOMEM;
    if (!rc)
        ava_voiced_weight(ev->voiced.at, ev->voiced.n, AVA_VAD_US, 12500, weight, ev->energy.n);
    for (size_t i = 0; !rc && i < k; i++) {
        size_t n;
        float *mouth = mouth_series(c[i].track, &n);
        rc = mouth ? ava_envelope_add(curve, mouth, n, AVA_GRID_US, c[i].track->row.at[0].t_us, ev->energy.at, weight,
                                      ev->energy.n, ev->sound_t0_us + 12500) : AVALIGN_ERR_NOMEM;
        free(mouth);
    }
    if (!rc)
        ava_envelope_peak(curve, out);
    free(curve);
    free(weight);
    return rc;
}

static AvaEnvelopeAnswer envelope_answer(const AvalignOffset *o)
{
    if (o->reason)
        return (AvaEnvelopeAnswer){ o->reason, NAN, NAN, NAN, NAN };
    return (AvaEnvelopeAnswer){ NULL, o->offset_ms, o->confidence, o->correlation, o->prominence };
}

/* With landmarks of 68 points and no mouth images there is nothing to embed: then
 * the envelope answers. */
static void answer_by_envelope(const AvalignOffset *o, const AvaEvidence *ev, AvaAnalysisOutput *out)
{
    AvaSyncResult *r = &out->sync;
    if (o->reason) {
        ava_absent(out, &ava_lipsync, ava_lips_unfit(ev) ? ava_lips_unfit(ev) : o->reason);
        return;
    }
    r->absent = NULL;
    r->by_envelope = 1;
    r->envelope = envelope_answer(o);
    r->file.offset_ms = o->offset_ms;
    r->file.confidence = o->confidence;
    r->file.container_offset_ms = ev->container_offset_ms;
    r->file.content_offset_ms = o->offset_ms - ev->container_offset_ms;
    r->file.used_s = o->used_s;
    out->field[AVALIGN_SYNC_OFFSET_MS] = o->offset_ms;
    out->field[AVALIGN_SYNC_CONFIDENCE] = o->confidence;
    out->reason[AVALIGN_SYNC_OFFSET_MS] = o->confidence < 0.5 ? "unclear" : NULL;
    out->reason[AVALIGN_SYNC_CONFIDENCE] = NULL;
    out->reason[AVALIGN_LIP_SYNC_SCORE] = "no-mouth-image";
}

/* The smallest margin that the interval allows, and the largest. */
static AvaToleranceResult lipsync_tolerance(const AvaProfile *p, double ms, const double interval[2])
{
    double a = ava_profile_margin(p, interval[0]), b = ava_profile_margin(p, interval[1]), m = ava_profile_margin(p, ms);
    double top = (p->early_ms - p->late_ms) / 2; /* the offset in the middle of the tolerance */
    double most = interval[0] <= top && top <= interval[1] ? ava_profile_margin(p, top) : fmax(a, b);
    return (AvaToleranceResult){ p->name, p->source, p->early_ms, p->late_ms, m, { fmin(a, b), most }, m >= 0 };
}

/* What keeps an offset from standing out, where something other than the sound's own fit is seen to; else NULL. */
static const char *what_hides_it(const AvaEvidence *ev)
{
    const char *voice = ava_voice_unfit(ev);
    return voice ? voice : ava_lips_unfit(ev);
}

/* Containers in which a copy keeps how far the streams start apart. AVI has no such thing; of a pushed one nothing is known. */
static int keeps_starts(const char *container)
{
    static const char *const names[] = { "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "mpegts", "flv", "mpeg", "asf" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(container, names[i]))
            return 1;
    return 0;
}

/* What the joint curve's peak says, and how it goes over time. */
static int answer_by_peak(const AvaAnalysisInput *in, const AvaSyncPeak *peak, AvaAnalysisOutput *out)
{
    const AvaEvidence *ev = in->ev;
    const AvaSyncFaces *f = in->faces;
    AvaSyncResult *r = &out->sync;
    const AvaTrackRows **tracks = malloc((f->kept + 1) * sizeof *tracks);
    for (size_t i = 0; tracks && i < f->kept; i++)
        tracks[i] = f->pick[i].track;
    r->absent = NULL;
    r->file = lipsync_answer(ev, peak, ev->container_offset_ms);
    int rc = tracks ? ava_sync_over_time(ev, tracks, f->kept, f->speech, peak, r) : AVALIGN_ERR_NOMEM;
    free(tracks);
    double found = ava_sync_found(&ev->calibration, peak);
    int answered = found >= AVA_SYNC_ANSWERED;
    if (!rc && found >= AVA_SYNC_SURE)
        rc = ava_speaking(ev, f->speech, peak->offset_ms, out);
    if (rc)
        return rc;
    r->mendable = answered && !r->step.n && keeps_starts(ev->container);
    if (in->profile)
        r->tolerance = lipsync_tolerance(in->profile, peak->offset_ms, r->interval_ms);
    const char *hidden = answered ? NULL : r->drift_ppm < 0 || r->drift_ppm > 0 ? "drift" : what_hides_it(ev);
    out->field[AVALIGN_SYNC_OFFSET_MS] = peak->offset_ms;
    out->field[AVALIGN_SYNC_CONFIDENCE] = r->file.confidence;
    out->field[AVALIGN_LIP_SYNC_SCORE] = r->file.score;
    out->reason[AVALIGN_SYNC_OFFSET_MS] = answered ? NULL : hidden ? hidden : "unclear";
    out->reason[AVALIGN_SYNC_CONFIDENCE] = NULL;
    out->reason[AVALIGN_LIP_SYNC_SCORE] = hidden; /* a low score would tell of that, not of the mouth */
    return 0;
}

static int lipsync_measure(const AvaAnalysisInput *in, AvaAnalysisOutput *out)
{
    const AvaEvidence *ev = in->ev;
    const AvaSyncFaces *f = in->faces;
    AvaSyncCurve *sum = calloc(1, sizeof *sum);
    AvaSyncPeak peak = { .reason = "too-short" };
    AvalignOffset env = { .reason = "too-short" };
    if (!sum)
        return AVALIGN_ERR_NOMEM;
    size_t embedded = 0;
    for (size_t i = 0; i < f->kept; i++) {
        ava_sync_curve_join(sum, &f->pick[i].curve);
        embedded += f->pick[i].peak.used_s > 0;
    }
    int rc = lipsync_envelope(ev, f->pick, f->kept, &env);
    if (!rc && f->kept && embedded)
        ava_sync_curve_peak(sum, 0, 3000, &peak);
    free(sum);
    if (rc)
        return rc;
    if (!embedded) {
        answer_by_envelope(&env, ev, out);
    } else if (peak.reason) {
        ava_absent(out, &ava_lipsync, ava_lips_unfit(ev) ? ava_lips_unfit(ev) : peak.reason);
    } else {
        out->sync.envelope = envelope_answer(&env);
        rc = answer_by_peak(in, &peak, out);
    }
    return rc;
}

static int lipsync_run(const AvaAnalysisInput *in, AvaAnalysisOutput *out, AvalignErrorInfo *e)
{
    const AvaEvidence *ev = in->ev;
    const char *absent = !ev->has_audio ? "no-audio" : !ev->has_video ? "no-video" : !ev->track.n ? "no-face"
                       : ev->speech_s < 0.5 ? "no-speech" : ava_still_image(ev) ? "still-image" : NULL;
    if (absent) {
        ava_absent(out, &ava_lipsync, absent);
        return 0;
    }
    int rc = ava_sync_faces_find(in->faces, ev);
    for (size_t i = 0; !rc && i < in->faces->n; i++) {
        AvaTrackResult *t = ava_track_result(out, in->faces->pick[i].track->id);
        if (!t) {
            rc = AVALIGN_ERR_NOMEM;
            break;
        }
        t->has_sync = 1;
        t->sync = lipsync_answer(ev, &in->faces->pick[i].peak, ev->container_offset_ms);
    }
    if (!rc)
        rc = lipsync_measure(in, out);
    return rc ? ava_fail(e, rc, "lipsync", AVA_NO_TIME, 0, "out of memory") : 0;
}

/* Segments stay: who spoke when is what others asked it for. */
static void lipsync_forget(AvaAnalysisOutput *out)
{
    ava_vec_free(&out->sync.step);
    ava_vec_free(&out->sync.window);
    ava_vec_free(&out->sync.dropout);
    ava_sync_result_init(&out->sync, NULL);
    for (size_t i = 0; i < out->track.n; i++)
        out->track.at[i].has_sync = 0;
}
