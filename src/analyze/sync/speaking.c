/* speaking.c -- which face speaks when, and speech that belongs to no face on screen.
 *
 * At the file's offset every frame of a mouth has one moment of sound; their
 * similarity, averaged over a second, is high for the face that speaks and about
 * zero for one that does not. Where several are on screen the best one speaks. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/sync/lipsync.h"

enum { HALF = 12, SHORTEST = 8, OFFSCREEN = 50 }; /* rows: half a second, the shortest segments */
static const float SPEAKS = 0.15f, SILENT = 0.08f;

/* Similarity of each row at the offset, averaged over a second of speech; NAN without. */
static float *speaking_match(const AvaEvidence *ev, const AvaTrackRows *t, const uint8_t *speech, double offset_ms)
{
    size_t n = t->sync.n;
    float *raw = malloc((n + 1) * sizeof *raw), *out = malloc((n + 1) * sizeof *out);
    for (size_t i = 0; raw && out && i < n; i++) {
        int64_t j = ava_sync_partner(ev, t->row.at[i].t_us, offset_ms);
        raw[i] = j >= 0 && speech[j] && ava_sync_usable(&t->row.at[i], &t->sync.at[i])
               ? (float)ava_sync_dot(&t->sync.at[i], &ev->sync.at[j]) : NAN;
    }
    for (size_t i = 0; raw && out && i < n; i++) {
        float sum = 0;
        int count = 0;
        for (int64_t k = (int64_t)i - HALF; k <= (int64_t)i + HALF; k++)
            if (k >= 0 && k < (int64_t)n && !isnan(raw[k]) && llabs(t->row.at[k].t_us - t->row.at[i].t_us) <= HALF * AVA_GRID_US) {
                sum += raw[k];
                count++;
            }
        out[i] = isnan(raw[i]) || count < HALF ? NAN : sum / (float)count;
    }
    free(raw);
    return raw ? out : (free(out), NULL);
}

/* Runs of rows for which on[] holds, as segments; short gaps are bridged. 0 or -1. */
static int runs(AvaSegmentList *list, const char *kind, int track, const uint8_t *on, size_t n, int64_t t0_us, size_t shortest)
{
    size_t start = n, last = 0;
    for (size_t i = 0; i <= n; i++) {
        if (i < n && on[i]) {
            start = start == n ? i : start;
            last = i;
        } else if (start < n && (i == n || i - last > HALF)) {
            AvaSegment s = { kind, t0_us + (int64_t)start * AVA_GRID_US, t0_us + (int64_t)(last + 1) * AVA_GRID_US, track };
            if (last - start + 1 >= shortest && ava_push(list, s))
                return -1;
            start = n;
        }
    }
    return 0;
}

int ava_speaking(const AvaEvidence *ev, const uint8_t *speech, double offset_ms, AvaAnalysisOutput *out)
{
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (size_t i = 0; i < ev->track.n; i++)
        if (ev->track.at[i].row.n) {
            const AvaTrackRows *t = &ev->track.at[i];
            first = t->row.at[0].t_us < first ? t->row.at[0].t_us : first;
            last = t->row.at[t->row.n - 1].t_us > last ? t->row.at[t->row.n - 1].t_us : last;
        }
    if (first > last)
        return 0;
    size_t n = (size_t)((last - first) / AVA_GRID_US) + 1;
    float *best = malloc(n * sizeof *best);
    uint8_t *on = malloc(n);
    float **m = calloc(ev->track.n, sizeof *m);
    int rc = best && on && m ? 0 : AVALIGN_ERR_NOMEM;
    for (size_t i = 0; !rc && i < n; i++)
        best[i] = NAN;
    for (size_t k = 0; !rc && k < ev->track.n; k++) {
        const AvaTrackRows *t = &ev->track.at[k];
        if (!(m[k] = speaking_match(ev, t, speech, offset_ms)))
            rc = AVALIGN_ERR_NOMEM;
        for (size_t i = 0; !rc && i < t->sync.n; i++) {
            float *b = &best[(t->row.at[i].t_us - first) / AVA_GRID_US];
            if (!isnan(m[k][i]) && !(*b >= m[k][i]))
                *b = m[k][i];
        }
    }
    for (size_t k = 0; !rc && k < ev->track.n; k++) {
        const AvaTrackRows *t = &ev->track.at[k];
        size_t speaks = 0;
        memset(on, 0, n);
        for (size_t i = 0; i < t->sync.n; i++) {
            size_t at = (size_t)((t->row.at[i].t_us - first) / AVA_GRID_US);
            on[at] = m[k][i] > SPEAKS && m[k][i] >= best[at];
            speaks += on[at];
        }
        if (runs(&out->segment, "speaking", t->id, on, n, first, SHORTEST))
            rc = AVALIGN_ERR_NOMEM;
        for (size_t i = 0; i < out->track.n && t->row.n; i++)
            if (out->track.at[i].id == t->id && out->track.at[i].has_sync)
                out->track.at[i].speaking = (double)speaks / (double)t->row.n;
    }
    if (!rc) {
        for (size_t i = 0; i < n; i++)
            on[i] = best[i] < SILENT;
        if (runs(&out->segment, "voice-without-face", -1, on, n, first, OFFSCREEN))
            rc = AVALIGN_ERR_NOMEM;
    }
    for (size_t k = 0; m && k < ev->track.n; k++)
        free(m[k]);
    free(m);
    free(on);
    free(best);
    return rc;
}
