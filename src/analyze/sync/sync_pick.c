/* sync_pick.c -- which faces a file's sound is held against. */
#include "analyze/sync/sync_pick.h"

#include <math.h>
#include <stdlib.h>

#include "analyze/sync/sync_score.h"

enum { SHORTEST = 12 }; /* rows */
static const double SURELY = .9;

/* The surer one first; of two that were surely found, the nearer. */
static int by_found(const void *p, const void *q)
{
    const AvaSyncPick *a = p, *b = q;
    double x = fmin(a->found, SURELY), y = fmin(b->found, SURELY);
    if (x != y)
        return x < y ? 1 : -1;
    if (!a->peak.reason && !b->peak.reason && fabs(a->peak.offset_ms) != fabs(b->peak.offset_ms))
        return fabs(a->peak.offset_ms) > fabs(b->peak.offset_ms) ? 1 : -1;
    return a->track->id - b->track->id;
}

static int overlaps(const AvaTrackRows *a, const AvaTrackRows *b)
{
    return a->row.at[0].t_us <= b->row.at[b->row.n - 1].t_us && b->row.at[0].t_us <= a->row.at[a->row.n - 1].t_us;
}

size_t ava_sync_pick(const AvaEvidence *ev, const uint8_t *speech, AvaSyncPick *out, size_t *kept)
{
    size_t k = 0;
    for (size_t i = 0; i < ev->track.n; i++) {
        const AvaTrackRows *t = &ev->track.at[i];
        if (t->row.n < SHORTEST)
            continue;
        AvaSyncPick *c = &out[k++];
        c->track = t;
        ava_sync_curve_add(&c->curve, ev, t, speech, 0, t->row.n);
        ava_sync_curve_peak(&c->curve, 0, 3000, &c->peak);
        c->found = c->peak.reason ? -1 : ava_sync_found(&ev->calibration, &c->peak);
    }
    qsort(out, k, sizeof *out, by_found);
    *kept = 0;
    for (size_t i = 0; i < k; i++) {
        int clash = 0;
        for (size_t j = 0; j < *kept && !clash; j++)
            clash = overlaps(out[i].track, out[j].track);
        if (clash)
            continue;
        AvaSyncPick t = out[i]; /* those kept move to the front */
        out[i] = out[*kept];
        out[(*kept)++] = t;
    }
    return k;
}

int ava_sync_faces_find(AvaSyncFaces *f, const AvaEvidence *ev)
{
    if (f->speech)
        return 0;
    f->speech = ava_sync_speech(ev);
    f->pick = calloc(ev->track.n + 1, sizeof *f->pick);
    if (!f->speech || !f->pick) {
        ava_sync_faces_free(f);
        return AVALIGN_ERR_NOMEM;
    }
    if (ava_calibrated(&ev->calibration, "sync-sound")) /* others than lipsync come here too, and do without */
        f->n = ava_sync_pick(ev, f->speech, f->pick, &f->kept);
    return 0;
}

void ava_sync_faces_free(AvaSyncFaces *f)
{
    free(f->speech);
    free(f->pick);
    *f = (AvaSyncFaces){ 0 };
}
