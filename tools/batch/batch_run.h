/* batch_run.h -- judges what is queued in a batch's database, each file in a process of its own, until nothing is left (batch) or
 * for as long as the program runs (serve). */
#ifndef BATCH_RUN_H
#define BATCH_RUN_H

#include "batch/batch_db.h"
#include "common/worker_process.h"

typedef enum BatchNews { BATCH_BEGUN, BATCH_PROGRESS, BATCH_FINISHED } BatchNews;

typedef struct BatchRun {
    const Options *o; /* page: also pages/; all_marks: also marks/ */
    const char *out;
    BatchDb *db;
    int jobs; /* 1 to OPTIONS_MAX_JOBS */
    double timeout;
    void *cookie;
    void (*news)(void *cookie, BatchNews what, int64_t id, double done); /* done: with BATCH_PROGRESS, -1 where the length is not known */
    const char *(*name)(void *cookie, const char *path); /* what results call a file; NULL: its path */
    /* -- a run without end -- */
    int endless, wake;                                /* wake: an eventfd, written to when files came or went */
    void (*tick)(void *cookie);                       /* once a minute and more often */
    void (*trouble)(void *cookie, const char *what);  /* it can't go on (a full disk, say) and tries again soon; NULL: it goes on */
    /* -- its own -- */
    WorkerProcess process[OPTIONS_MAX_JOBS];
    BatchFile file[OPTIONS_MAX_JOBS];
    int busy, false_starts;
    char why[256];
} BatchRun;

/* What --jobs and --timeout say, or their defaults. */
int batch_jobs(const Options *o);
double batch_timeout(const Options *o);
/* 0, or -1 with the reason printed. Stopped by a signal it puts back what it was at. */
int batch_run(BatchRun *b);
/* One at a time in a folder: a descriptor to close in the end, or -1 with the reason printed. */
int batch_lock(const char *out);

#endif
