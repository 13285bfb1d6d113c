/* batch_worker.h -- files judged in processes of their own: a crash, a hang or a memory hog is that file's result, not the end.
 * A worker loads the models once and takes one file after the other. */
#ifndef BATCH_WORKER_H
#define BATCH_WORKER_H

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "tool.h"

typedef struct WorkerSetup {
    const char *exe;           /* of the tool */
    char **args;               /* options for the worker, NULL-terminated */
    const char *scratch;       /* folder for results in the making */
    int64_t memory_mb;         /* 0: no limit */
} WorkerSetup;

typedef struct Worker {
    pid_t pid;      /* 0: not running */
    int to, from;   /* pipes */
    int64_t file;   /* at work on; 0: idle */
    struct timespec since;
    char line[64];  /* of its answer so far */
    size_t n;
} Worker;

int worker_start(Worker *w, const WorkerSetup *s);
/* Hands a file over; the worker writes SCRATCH/ID.json (or ID.err: why not) and SCRATCH/ID.html. */
int worker_give(Worker *w, int64_t id, const char *path);
/* What it says: 1 with the exit code of the file, 0 nothing yet, -1 it died. */
int worker_hear(Worker *w, int *exit_code);
/* Kills it if need be; says in words how it ended. */
void worker_end(Worker *w, int kill_it, char why[96]);

/* The worker's own side: avalign batch-worker SCRATCH [options]. */
int cmd_batch_worker(int argc, char **argv);

#endif
