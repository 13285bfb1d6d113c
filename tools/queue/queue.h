/* queue.h -- jobs and results in RabbitMQ (AMQP 0-9-1), through librabbitmq.
 *
 * For the name N there are durable quorum queues N.jobs, N.results and N.dead; what a broker gives up on goes from N.jobs to
 * N.dead by itself. A worker with a long job holds it in N.hold.ID, see queue_hold(). */
#ifndef QUEUE_H
#define QUEUE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/options.h"

typedef struct QueueSetup { /* filled in by queue_setup() */
    const char *url;         /* amqp[s]://HOST[:PORT][/VHOST], without credentials */
    const char *name;        /* N; NULL: "avalign" */
    const char *credentials; /* file with user=, password=, ca=, cert=, key=; NULL: AVALIGN_AMQP_USER and so on */
    char host[256], vhost[256], user[256], password[256], ca[1024], cert[1024], key[1024], queue[200];
    int port, tls;
} QueueSetup;

typedef struct Queue Queue;

typedef enum QueueName { QUEUE_JOBS, QUEUE_RESULTS, QUEUE_DEAD, QUEUE_N } QueueName;

enum { QUEUE_DELIVERIES = 20, QUEUE_WHY = 240 }; /* a job is given up after so many workers were lost at it */

/* Reads address and credentials; prints what is wrong with them. */
int queue_setup(QueueSetup *s, const Options *o);
/* Connects and makes the queues. NULL with a line in why. */
Queue *queue_open(const QueueSetup *s, char why[QUEUE_WHY]);
void queue_close(Queue **q);
const char *queue_error(const Queue *q);

typedef struct QueueMessage {
    uint64_t tag;
    char *body;
    size_t n;
    char id[65], reason[200]; /* reason: why it is in N.dead */
    int deliveries;           /* to others, before this one */
} QueueMessage;
void queue_message_free(QueueMessage *m);

/* 0 when the broker has it for good. reason may be NULL. */
int queue_publish(Queue *q, QueueName to, const char *body, size_t n, const char *id, const char *reason);
/* One message: 1, 0 none, -1. */
int queue_get(Queue *q, QueueName from, QueueMessage *m);
int queue_ack(Queue *q, uint64_t tag);
int queue_count(Queue *q, QueueName of, int64_t *messages, int64_t *consumers);

/* Jobs are sent as long as the one before was acknowledged. */
int queue_consume(Queue *q);
int queue_stop(Queue *q);
/* The next job, waiting no longer than so many milliseconds; also answers and sends heartbeats, so it must be called every
 * few seconds, with a job at hand too (m NULL: none is expected). 1, 0 none yet, -1 the connection is gone. */
int queue_wait(Queue *q, QueueMessage *m, int ms);

/* Brokers close the channel of a delivery that is not acknowledged in time (30 minutes). A worker that needs longer puts a
 * copy in a queue of its own, takes that, and acknowledges the first; again for the copy. When the worker is lost the copy
 * goes back to N.jobs after some seconds. m: the delivery at hand, replaced. */
int queue_hold(Queue *q, QueueMessage *m);
/* Back to consuming after queue_hold(). */
int queue_let_go(Queue *q);
int queue_fd(const Queue *q);

#endif
