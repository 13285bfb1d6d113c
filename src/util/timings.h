/* timings.h -- where the processor's time goes: a row for each part of an analysis, each moment counted once. */
#ifndef AVA_TIMINGS_H
#define AVA_TIMINGS_H

#include <stdatomic.h>
#include <stdint.h>

enum { AVA_MAX_TIMINGS = 48 };

typedef struct AvaTimings {
    int n;
    struct AvaTiming {
        const char *name; /* static text */
        atomic_llong ns;
    } row[AVA_MAX_TIMINGS];
    int64_t began_ns; /* of the process's clock */
} AvaTimings;

/* Rows that are always there; those of the stages follow. */
enum { AVA_TIME_LOADING, AVA_TIME_FACES, AVA_TIME_BANDS, AVA_TIME_ANALYZERS };
AvaTimings *ava_timings_new(void); /* free() it; NULL: out of memory */
void ava_timings_start(AvaTimings *t);
/* A row of this name, made when there is none; texts are static. */
int ava_timings_row(AvaTimings *t, const char *name);
/* What the whole process took since the start, all threads. */
int64_t ava_timings_total(const AvaTimings *t);

/* What a thread does from begin to end counts for a row, but for what was begun and ended within, which counts for its own.
 * t NULL: nobody wants to know. */
typedef struct AvaLap {
    int64_t at, inner;
} AvaLap;
AvaLap ava_lap_begin(const AvaTimings *t);
void ava_lap_end(AvaTimings *t, int row, AvaLap lap);
/* Loading a net, by who doesn't know for whom: counts for the row "loading" of whoever has begun a lap in this thread. */
AvaLap ava_lap_load(void);
void ava_lap_loaded(AvaLap lap);

#endif
