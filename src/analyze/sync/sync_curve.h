/* sync_curve.h -- how well a mouth and a sound agree at every lag. */
#ifndef AVA_SYNC_SYNC_CURVE_H
#define AVA_SYNC_SYNC_CURVE_H

#include "evidence/evidence.h"

enum { AVA_SYNC_REACH = 150, AVA_SYNC_LAGS = 2 * AVA_SYNC_REACH + 1, AVA_SYNC_STEP_MS = 20 }; /* +-3 s */

/* Lag l stands for (l - AVA_SYNC_REACH + phase) * 20 ms; > 0: sound early. */
typedef struct AvaSyncCurve {
    double sum[AVA_SYNC_LAGS], weight[AVA_SYNC_LAGS]; /* similarity times weight, and weight */
    double parts[AVA_SYNC_LAGS], part_sum[AVA_SYNC_LAGS], part_square[AVA_SYNC_LAGS]; /* half seconds, their means, and those squared */
    double phase; /* of the picture grid within the sound's 20 ms steps, [0,1) */
} AvaSyncCurve;

typedef struct AvaSyncPeak {
    double offset_ms, peak; /* similarity there, [-1,1] */
    double z;               /* peak above the far lags, in their deviations */
    double lead;            /* peak above the best lag over 200 ms away */
    double weak_quarter;    /* what the weaker quarter of half seconds still has there above the far lags */
    double peak_s;          /* seconds that have a partner there */
    double used_s;          /* speech with a visible mouth, seconds */
    double p_value;         /* of so high a peak among lags that can't be right */
    const char *reason;     /* NULL, or why there is no peak */
} AvaSyncPeak;

/* Speech weight (0 or 1) of every sound vector: ev->sync.n bytes, the caller's; NULL: no memory. */
uint8_t *ava_sync_speech(const AvaEvidence *ev);
/* 1 when the row's mouth can be judged. */
int ava_sync_usable(const AvaFaceRow *r, const AvaSyncVec *v);
/* Index of the sound vector that belongs to the picture at t_us when the sound is
 * offset_ms early; -1: there is none. */
int64_t ava_sync_partner(const AvaEvidence *ev, int64_t t_us, double offset_ms);
double ava_sync_dot(const AvaSyncVec *a, const AvaSyncVec *b); /* cosine */
/* Adds the rows from..to-1 of a track. */
void ava_sync_curve_add(AvaSyncCurve *c, const AvaEvidence *ev, const AvaTrackRows *t, const uint8_t *speech, size_t from,
                        size_t to);
void ava_sync_curve_join(AvaSyncCurve *sum, const AvaSyncCurve *c);
/* The best lag within +-reach_ms of around_ms. */
void ava_sync_curve_peak(const AvaSyncCurve *c, double around_ms, double reach_ms, AvaSyncPeak *out);
/* Mean similarity at an offset, NAN without evidence. */
double ava_sync_curve_at(const AvaSyncCurve *c, double offset_ms);

#endif
