/* lipsync.c -- how far sound and picture are apart, how sure that is, and how it
 * changes over time. Curves of similarity against lag come from sync_curve.c; this
 * file turns them into answers. The envelope method stands beside them as the
 * baseline; it answers alone when there are no embeddings. */
#include "analyze/sync/lipsync.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/analyzer.h"
#include "analyze/input_quality.h"
#include "analyze/sync/envelope.h"
#include "analyze/sync/sync_pick.h"
#include "util/err.h"

static int run(const AvaEvidence *ev, AvaFindings *out, AvalignErrorInfo *e);

const AvaAnalyzer ava_lipsync = {
    { "lipsync", "how far sound and picture are apart",
      (const char *const[]){ "face-detect", "face-mesh", "vad", "sync-lips", "sync-mouth", "sync-sound", NULL },
      (const char *const[]){ "sync_offset_ms", "sync_confidence", "lip_sync_score", NULL }, 1 },
    (const AvalignField[]){ AVALIGN_SYNC_OFFSET_MS, AVALIGN_SYNC_CONFIDENCE, AVALIGN_LIP_SYNC_SCORE, AVALIGN_N_FIELDS }, .run = run
};

/* Logistic regressions fitted by training/lip_sync/calibrate.py on training people
 * whom the scoring nets had not seen; docs/accuracy.md has the figures. */
static double logistic(double z) { return 1 / (1 + exp(-z)); }

double ava_sync_confidence(const AvaSyncPeak *p)
{
    return logistic(-5.20 + 0.83 * p->peak + 1.39 * p->z + 0.94 * p->lead + 0.55 * log(fmax(p->used_s, 0.1)));
}

double ava_sync_score(const AvaSyncPeak *p)
{
    return logistic(-5.30 + 1.01 * p->peak + 1.69 * p->z);
}

static json_t *peak_json(const AvaSyncPeak *p, double container_ms)
{
    if (p->reason)
        return json_pack("{s:s}", "absent", p->reason);
    return json_pack("{s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "method", "learned", "offset_ms",
                     ava_json_real(p->offset_ms, 1), "confidence", ava_json_real(ava_sync_confidence(p), 3), "score",
                     ava_json_real(ava_sync_score(p), 3), "p_value", ava_json_real(p->p_value, 6), "container_offset_ms",
                     ava_json_real(container_ms, 1), "content_offset_ms", ava_json_real(p->offset_ms - container_ms, 1),
                     "similarity", ava_json_real(p->peak, 3), "prominence", ava_json_real(p->z, 2), "lead",
                     ava_json_real(p->lead, 3), "used_s", ava_json_real(p->used_s, 2));
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
static int envelope(const AvaEvidence *ev, const AvaSyncPick *c, size_t k, AvalignOffset *out)
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

static json_t *envelope_json(const AvalignOffset *o)
{
    if (o->reason)
        return json_pack("{s:s}", "absent", o->reason);
    return json_pack("{s:o,s:o,s:o,s:o}", "offset_ms", ava_json_real(o->offset_ms, 1), "confidence",
                     ava_json_real(o->confidence, 3), "correlation", ava_json_real(o->correlation, 3), "prominence",
                     ava_json_real(o->prominence, 2));
}

/* With landmarks of 68 points and no mouth images there is nothing to embed: then
 * the envelope answers. */
static void answer_by_envelope(const AvalignOffset *o, const AvaEvidence *ev, AvaFindings *out)
{
    if (o->reason) {
        ava_absent(out, &ava_lipsync, ava_lips_unfit(ev) ? ava_lips_unfit(ev) : o->reason);
        return;
    }
    json_t *j = envelope_json(o);
    json_object_set_new(j, "method", json_string("envelope"));
    json_object_set_new(j, "container_offset_ms", ava_json_real(ev->container_offset_ms, 1));
    json_object_set_new(j, "content_offset_ms", ava_json_real(o->offset_ms - ev->container_offset_ms, 1));
    json_object_set_new(j, "used_s", ava_json_real(o->used_s, 2));
    json_object_set_new(out->signals, "lipsync", j);
    out->field[AVALIGN_SYNC_OFFSET_MS] = o->offset_ms;
    out->field[AVALIGN_SYNC_CONFIDENCE] = o->confidence;
    out->reason[AVALIGN_SYNC_OFFSET_MS] = o->confidence < 0.5 ? "unclear" : NULL;
    out->reason[AVALIGN_SYNC_CONFIDENCE] = NULL;
    out->reason[AVALIGN_LIP_SYNC_SCORE] = "no-mouth-image";
}

/* ffmpeg's arguments that put the sound where it belongs. */
static json_t *fix_json(double offset_ms)
{
    char text[160];
    snprintf(text, sizeof text, "ffmpeg -i IN -itsoffset %.3f -i IN -map 0:v -map 1:a -c copy OUT", offset_ms / 1000);
    return json_string(text);
}

/* The smallest margin that the interval allows, and the largest. */
static json_t *profile_json(const AvaProfile *p, double ms, const double interval[2])
{
    double a = ava_profile_margin(p, interval[0]), b = ava_profile_margin(p, interval[1]), m = ava_profile_margin(p, ms);
    double top = (p->early_ms - p->late_ms) / 2; /* the offset in the middle of the tolerance */
    double most = interval[0] <= top && top <= interval[1] ? ava_profile_margin(p, top) : fmax(a, b);
    return json_pack("{s:s,s:s,s:o,s:o,s:b,s:o,s:[o,o]}", "name", p->name, "source", p->source, "early_limit_ms",
                     ava_json_real(p->early_ms, 1), "late_limit_ms", ava_json_real(p->late_ms, 1), "pass", m >= 0,
                     "margin_ms", ava_json_real(m, 1), "margin_interval_ms", ava_json_real(fmin(a, b), 1),
                     ava_json_real(most, 1));
}

/* What keeps an offset from standing out, where something other than the sound's own fit is seen to; else NULL. */
static const char *what_hides_it(const AvaEvidence *ev)
{
    const char *voice = ava_voice_unfit(ev);
    return voice ? voice : ava_lips_unfit(ev);
}

static int judge(const AvaEvidence *ev, const AvaSyncPick *cand, size_t kept, const uint8_t *speech, AvaFindings *out)
{
    AvaSyncCurve *sum = calloc(1, sizeof *sum);
    AvaSyncPeak peak = { .reason = "too-short" };
    AvalignOffset env = { .reason = "too-short" };
    if (!sum)
        return AVALIGN_ERR_NOMEM;
    size_t embedded = 0;
    for (size_t i = 0; i < kept; i++) {
        ava_sync_curve_join(sum, &cand[i].curve);
        embedded += cand[i].peak.used_s > 0;
    }
    int rc = envelope(ev, cand, kept, &env);
    if (!rc && kept && embedded)
        ava_sync_curve_peak(sum, 0, 3000, &peak);
    if (!rc && !embedded) {
        answer_by_envelope(&env, ev, out);
    } else if (!rc && peak.reason) {
        ava_absent(out, &ava_lipsync, ava_lips_unfit(ev) ? ava_lips_unfit(ev) : peak.reason);
    } else if (!rc) {
        json_t *j = peak_json(&peak, ev->container_offset_ms);
        double confidence = ava_sync_confidence(&peak);
        const char *hidden = confidence < 0.5 ? what_hides_it(ev) : NULL;
        AvaSyncTime time = { 0 };
        const AvaTrackRows **tracks = malloc((kept + 1) * sizeof *tracks);
        for (size_t i = 0; tracks && i < kept; i++)
            tracks[i] = cand[i].track;
        rc = tracks ? ava_sync_over_time(ev, tracks, kept, speech, &peak, &time) : AVALIGN_ERR_NOMEM;
        free(tracks);
        if (!rc && confidence >= 0.8)
            rc = ava_speaking(ev, speech, peak.offset_ms, out->segments, out->track_extra);
        if (!rc) {
            json_object_set_new(j, "interval_ms", json_pack("[o,o]", ava_json_real(time.interval_ms[0], 1),
                                                            ava_json_real(time.interval_ms[1], 1)));
            json_object_set_new(j, "drift_ppm", ava_json_real(time.drift_ppm, 1));
            json_object_set_new(j, "steps", time.steps);
            json_object_set_new(j, "windows", time.windows);
            json_object_set_new(j, "dropouts", time.dropouts);
            json_object_set_new(j, "fix", confidence >= 0.5 ? fix_json(peak.offset_ms) : json_null());
            if (out->profile)
                json_object_set_new(j, "profile", profile_json(out->profile, peak.offset_ms, time.interval_ms));
            json_object_set_new(j, "envelope", envelope_json(&env));
            out->field[AVALIGN_SYNC_OFFSET_MS] = peak.offset_ms;
            out->field[AVALIGN_SYNC_CONFIDENCE] = confidence;
            out->field[AVALIGN_LIP_SYNC_SCORE] = ava_sync_score(&peak);
            out->reason[AVALIGN_SYNC_OFFSET_MS] = confidence >= 0.5 ? NULL : hidden ? hidden : "unclear";
            out->reason[AVALIGN_SYNC_CONFIDENCE] = NULL;
            out->reason[AVALIGN_LIP_SYNC_SCORE] = hidden; /* a low score would tell of that, not of the mouth */
        }
        json_object_set_new(out->signals, "lipsync", j);
    }
    free(sum);
    return rc;
}

static int run(const AvaEvidence *ev, AvaFindings *out, AvalignErrorInfo *e)
{
    const char *absent = !ev->has_audio ? "no-audio" : !ev->has_video ? "no-video" : !ev->track.n ? "no-face"
                       : ev->speech_s < 0.5 ? "no-speech" : ava_still_image(ev) ? "still-image" : NULL;
    if (absent) {
        ava_absent(out, &ava_lipsync, absent);
        return 0;
    }
    uint8_t *speech = ava_sync_speech(ev);
    AvaSyncPick *pick = calloc(ev->track.n, sizeof *pick);
    size_t kept = 0, k = 0;
    int rc = speech && pick ? 0 : AVALIGN_ERR_NOMEM;
    if (!rc)
        k = ava_sync_pick(ev, speech, pick, &kept);
    for (size_t i = 0; i < k; i++) {
        char id[24];
        snprintf(id, sizeof id, "%d", pick[i].track->id);
        json_object_set_new(out->track_extra, id, json_pack("{s:o}", "lipsync", peak_json(&pick[i].peak, ev->container_offset_ms)));
    }
    if (!rc)
        rc = judge(ev, pick, kept, speech, out);
    free(speech);
    free(pick);
    return rc ? ava_fail(e, rc, "lipsync", AVA_NO_TIME, 0, "out of memory") : 0;
}
