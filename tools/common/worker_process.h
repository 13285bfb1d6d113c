/* worker_process.h -- files judged in a process of their own: a crash, a hang or a memory hog is that file's result, not the end, and
 * with the sandbox on, a malicious file reaches neither disk nor network. The process loads the models once and takes one
 * file after the other: the parent opens each and hands the open file over; the answer comes back whole. */
#ifndef WORKER_PROCESS_H
#define WORKER_PROCESS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "common/options.h"

/* What became of a file. Texts are the receiver's to free, with process_answer_free(). */
typedef struct ProcessAnswer {
    int exit_code;
    char *json, *page; /* NULL: no result; no page */
    char *error;       /* "stage: message" when there is no result */
    char *marks;       /* with all_marks: {"vtt": TEXT, ...}, every format of --marks that this result has */
} ProcessAnswer;

/* With people set in the options, a process keeps what it read of each file (its answer is "{}"), JUDGE_MAX_CLIPS at most, and then
 * takes, in place of a name, "\1enroll NAME" (a reference is the answer) and "\1verify" (the file is a reference; the first one kept is held
 * against it). */
enum { JUDGE_MAX_CLIPS = 50 };

typedef struct WorkerProcess {
    pid_t pid; /* 0: not running */
    int fd;    /* socket; wait for it to become readable */
    int ready; /* the models are loaded */
    int64_t file; /* at work on; 0: idle */
    struct timespec since;
    int32_t code;
    double done;      /* of the file at work on, 0 to 1; -1: its length is not known */
    uint64_t size[4]; /* of what comes: JSON, page, error, marks */
    char *text;
    size_t n, total;
    int heading; /* the sizes are known */
} WorkerProcess;

/* o: settings of the analysis, models, threads (0: one), sandbox, memory. */
int process_start(WorkerProcess *j, const Options *o);
/* Hands a file over. 0; -1 it can't be opened (a->error says why); -2 the process is gone. */
int process_give(WorkerProcess *j, int64_t id, const char *path, ProcessAnswer *a);
int process_give_open(WorkerProcess *j, int64_t id, const char *path, int fd); /* takes fd; 0 or -2 */
/* What it says: 1 with the answer, 0 nothing yet, -1 it died. */
int process_hear(WorkerProcess *j, ProcessAnswer *a);
double process_seconds(const WorkerProcess *j); /* at work on the file */
/* Kills it if need be; says in words how it ended. */
void process_end(WorkerProcess *j, int kill_it, char why[96]);
void process_answer_free(ProcessAnswer *a);

/* Are the settings such that a process can be started with them? Asked once, before the first file. 0, or -1 with the reason
 * printed. */
int process_check(Options *o, int *exit_code);

/* The process's own side: avalign worker-process [options], a socket as standard input. */
int cmd_worker_process(Options *o);

#endif
