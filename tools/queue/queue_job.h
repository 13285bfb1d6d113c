/* queue_job.h -- what travels through the queues, as JSON. */
#ifndef QUEUE_JOB_H
#define QUEUE_JOB_H

#include <jansson.h>
#include <stddef.h>

#include "common/worker_process.h"

/* {"avalign_job": 2, "id", "path", "sha256", "attempts"} and the settings of the analysis that were given, each under its option's
 * name. Version 1 knew only, policy and html. */
typedef struct QueueJob {
    json_t *doc;            /* owns the texts */
    const char *id;         /* of content and settings: SHA-256 */
    const char *path, *sha256;
    Options setup;          /* the settings */
    int attempts;           /* workers lost at it before it was held */
} QueueJob;

/* The JSON text, to be freed; NULL: out of memory or the path is no UTF-8. */
char *queue_job_write(const Options *o, const char *path, const char *sha256, char id[65]);
/* 0, or -1: no job. */
int queue_job_read(QueueJob *j, const char *body, size_t n);
void queue_job_free(QueueJob *j);

/* {"avalign_result": 1, "id", "path", "sha256", "settings", "worker", "seconds", "exit_code", "json", "page"}; json and page are texts. */
char *queue_result_write(const QueueJob *j, const ProcessAnswer *a, double seconds);

#endif
