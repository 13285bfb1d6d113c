/* lipsync.c -- how far sound and picture are apart. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/analyzer.h"
#include "analyze/envelope.h"
#include "util/err.h"

/* Rows of one track as a regular series; NAN in the holes and where the mouth
 * can't be judged. */
static float *mouth_series(const AvaTrackRows *t, size_t *n)
{
    int64_t t0 = t->row.at[0].t_us, t1 = t->row.at[t->row.n - 1].t_us;
    *n = (size_t)((t1 - t0) / AVA_GRID_US) + 1;
    float *m = malloc(*n * sizeof *m);
    for (size_t i = 0; m && i < *n; i++)
        m[i] = NAN;
    for (size_t i = 0; m && i < t->row.n; i++) {
        const AvaFaceRow *r = &t->row.at[i];
        if (fabsf(r->yaw) < 50 && r->occlusion < 0.6f)
            m[(r->t_us - t0) / AVA_GRID_US] = r->mouth_open;
    }
    return m;
}

static int overlaps(const AvaTrackRows *a, const AvaTrackRows *b)
{
    return a->row.at[0].t_us <= b->row.at[b->row.n - 1].t_us && b->row.at[0].t_us <= a->row.at[a->row.n - 1].t_us;
}

static json_t *offset_json(const AvalignOffset *o, double container_ms, double used_s)
{
    json_t *j = json_object();
    if (o->reason) {
        json_object_set_new(j, "absent", json_string(o->reason));
        return j;
    }
    json_object_set_new(j, "method", json_string("envelope"));
    json_object_set_new(j, "offset_ms", ava_json_real(o->offset_ms, 1));
    json_object_set_new(j, "confidence", ava_json_real(o->confidence, 3));
    json_object_set_new(j, "container_offset_ms", ava_json_real(container_ms, 1));
    json_object_set_new(j, "content_offset_ms", ava_json_real(o->offset_ms - container_ms, 1));
    json_object_set_new(j, "correlation", ava_json_real(o->correlation, 3));
    json_object_set_new(j, "prominence", ava_json_real(o->prominence, 2));
    json_object_set_new(j, "used_s", ava_json_real(used_s, 2));
    return j;
}

static void curve_add(AvaLagCurve *sum, const AvaLagCurve *c)
{
    for (int l = 0; l < AVA_ENV_LAGS; l++) {
        sum->xy[l] += c->xy[l];
        sum->xx[l] += c->xx[l];
        sum->yy[l] += c->yy[l];
        sum->w[l] += c->w[l];
    }
    sum->voiced_s += c->voiced_s;
}

static int run(const AvaEvidence *ev, AvaFindings *out, AvalignErrorInfo *e);

static const AvalignField fields[] = { AVALIGN_SYNC_OFFSET_MS, AVALIGN_SYNC_CONFIDENCE, AVALIGN_LIP_SYNC_SCORE,
                                       AVALIGN_N_FIELDS };
const AvaAnalyzer ava_lipsync = {
    { "lipsync", "how far sound and picture are apart",
      (const char *const[]){ "face-detect", "face-mesh", "vad", NULL },
      (const char *const[]){ "sync_offset_ms", "sync_confidence", "lip_sync_score", "lipsync.correlation",
                             "lipsync.prominence", NULL }, 1 },
    fields, run
};

typedef struct Candidate {
    const AvaTrackRows *track;
    AvaLagCurve curve;
    AvalignOffset offset;
} Candidate;

static int by_confidence(const void *p, const void *q)
{
    const Candidate *a = p, *b = q;
    double x = a->offset.reason ? -1 : a->offset.confidence, y = b->offset.reason ? -1 : b->offset.confidence;
    if (x != y)
        return x < y ? 1 : -1;
    return a->track->id - b->track->id;
}

static int run(const AvaEvidence *ev, AvaFindings *out, AvalignErrorInfo *e)
{
    const char *absent = !ev->has_audio ? "no-audio" : !ev->has_video ? "no-video" : !ev->track.n ? "no-face"
                       : ev->speech_s < 0.5 ? "no-speech" : NULL;
    if (absent) {
        ava_absent(out, &ava_lipsync, absent);
        return 0;
    }
    size_t m = ev->energy.n, k = 0;
    float *weight = malloc((m + 1) * sizeof *weight);
    Candidate *cand = calloc(ev->track.n, sizeof *cand);
    int rc = weight && cand ? 0 : AVALIGN_ERR_NOMEM;
    if (!rc)
        ava_voiced_weight(ev->voiced.at, ev->voiced.n, AVA_VAD_US, 12500, weight, m);
    for (size_t i = 0; !rc && i < ev->track.n; i++) {
        const AvaTrackRows *t = &ev->track.at[i];
        size_t n;
        if (t->row.n < 20)
            continue;
        float *mouth = mouth_series(t, &n);
        Candidate *c = &cand[k++];
        c->track = t;
        rc = mouth ? ava_envelope_add(&c->curve, mouth, n, AVA_GRID_US, t->row.at[0].t_us, ev->energy.at, weight, m,
                                      ev->sound_t0_us + 12500) : AVALIGN_ERR_NOMEM;
        free(mouth);
        ava_envelope_peak(&c->curve, &c->offset);
        char id[24];
        snprintf(id, sizeof id, "%d", t->id);
        json_object_set_new(out->track_extra, id,
                            json_pack("{s:o}", "lipsync", offset_json(&c->offset, ev->container_offset_ms,
                                                                      c->curve.voiced_s)));
    }
    if (!rc) {
        /* the most telling face, and with it every other that is never on screen together with it */
        AvaLagCurve *sum = calloc(1, sizeof *sum);
        AvalignOffset o = { .reason = "too-short" };
        qsort(cand, k, sizeof *cand, by_confidence);
        for (size_t i = 0; sum && i < k; i++) {
            int clash = 0;
            for (size_t j = 0; j < i && !clash; j++)
                clash = overlaps(cand[i].track, cand[j].track);
            if (!clash)
                curve_add(sum, &cand[i].curve);
        }
        if (!sum)
            rc = AVALIGN_ERR_NOMEM;
        else if (k)
            ava_envelope_peak(sum, &o);
        if (!rc && o.reason) {
            ava_absent(out, &ava_lipsync, o.reason);
        } else if (!rc) {
            json_object_set_new(out->signals, "lipsync", offset_json(&o, ev->container_offset_ms, sum->voiced_s));
            out->field[AVALIGN_SYNC_OFFSET_MS] = o.offset_ms;
            out->field[AVALIGN_SYNC_CONFIDENCE] = o.confidence;
            out->reason[AVALIGN_SYNC_OFFSET_MS] = o.confidence < 0.5 ? "unclear" : NULL;
            out->reason[AVALIGN_SYNC_CONFIDENCE] = NULL;
            out->reason[AVALIGN_LIP_SYNC_SCORE] = "not-built";
        }
        free(sum);
    }
    free(weight);
    free(cand);
    return rc ? ava_fail(e, rc, "lipsync", AVA_NO_TIME, 0, "out of memory") : 0;
}
