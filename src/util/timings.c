/* timings.c -- where the processor's time goes. */
#include "util/timings.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Of the lap that is open in this thread: what was counted elsewhere, and what of it was loading. */
static _Thread_local int64_t inner, loading;

static int64_t now(clockid_t clock)
{
    struct timespec t;
    return clock_gettime(clock, &t) ? 0 : (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

AvaTimings *ava_timings_new(void)
{
    static const char *const always[] = { [AVA_TIME_LOADING] = "loading", [AVA_TIME_FACES] = "faces", [AVA_TIME_BANDS] = "bands", [AVA_TIME_ANALYZERS] = "analyzers" };
    AvaTimings *t = calloc(1, sizeof *t);
    for (int i = 0; t && i < (int)(sizeof always / sizeof *always); i++)
        ava_timings_row(t, always[i]);
    return t;
}

void ava_timings_start(AvaTimings *t)
{
    t->began_ns = now(CLOCK_PROCESS_CPUTIME_ID);
    inner = loading = 0;
}

int ava_timings_row(AvaTimings *t, const char *name)
{
    int i = 0;
    while (i < t->n && strcmp(t->row[i].name, name))
        i++;
    if (i == t->n && t->n < AVA_MAX_TIMINGS)
        t->row[t->n++].name = name;
    return i < AVA_MAX_TIMINGS ? i : AVA_MAX_TIMINGS - 1;
}

int64_t ava_timings_total(const AvaTimings *t) { return now(CLOCK_PROCESS_CPUTIME_ID) - t->began_ns; }

AvaLap ava_lap_load(void)
{
    AvaLap lap = { now(CLOCK_THREAD_CPUTIME_ID), inner };
    inner = 0;
    return lap;
}

/* Closes the lap; its own time. */
static int64_t timings_own(AvaLap lap)
{
    int64_t all = now(CLOCK_THREAD_CPUTIME_ID) - lap.at, mine = all - inner;
    inner = lap.inner + all;
    return mine;
}

void ava_lap_loaded(AvaLap lap) { loading += timings_own(lap); }

AvaLap ava_lap_begin(const AvaTimings *t) { return t ? ava_lap_load() : (AvaLap){ 0 }; }

void ava_lap_end(AvaTimings *t, int row, AvaLap lap)
{
    if (!t)
        return;
    atomic_fetch_add(&t->row[row].ns, timings_own(lap));
    atomic_fetch_add(&t->row[AVA_TIME_LOADING].ns, loading);
    loading = 0;
}
