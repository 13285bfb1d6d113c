/* queue.c -- a ring with a mutex and two conditions. */
#include "util/queue.h"

#include <pthread.h>
#include <stdlib.h>

struct AvaQueue {
    pthread_mutex_t lock;
    pthread_cond_t not_full, not_empty;
    size_t depth, head, count;
    int ended, stopped;
    void *item[];
};

AvaQueue *ava_queue_new(size_t depth)
{
    AvaQueue *q = calloc(1, sizeof *q + depth * sizeof(void *));
    if (!q)
        return NULL;
    q->depth = depth;
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->not_full, NULL);
    pthread_cond_init(&q->not_empty, NULL);
    return q;
}

void ava_queue_free(AvaQueue *q)
{
    if (!q)
        return;
    pthread_mutex_destroy(&q->lock);
    pthread_cond_destroy(&q->not_full);
    pthread_cond_destroy(&q->not_empty);
    free(q);
}

int ava_queue_put(AvaQueue *q, void *item)
{
    pthread_mutex_lock(&q->lock);
    while (q->count == q->depth && !q->stopped)
        pthread_cond_wait(&q->not_full, &q->lock);
    int ok = !q->stopped;
    if (ok) {
        q->item[(q->head + q->count++) % q->depth] = item;
        pthread_cond_signal(&q->not_empty);
    }
    pthread_mutex_unlock(&q->lock);
    return ok ? 0 : -1;
}

void *ava_queue_get(AvaQueue *q)
{
    void *item = NULL;
    pthread_mutex_lock(&q->lock);
    while (q->count == 0 && !q->ended && !q->stopped)
        pthread_cond_wait(&q->not_empty, &q->lock);
    if (q->count) {
        item = q->item[q->head];
        q->head = (q->head + 1) % q->depth;
        q->count--;
        pthread_cond_signal(&q->not_full);
    }
    pthread_mutex_unlock(&q->lock);
    return item;
}

static void set_and_wake(AvaQueue *q, int *flag)
{
    pthread_mutex_lock(&q->lock);
    *flag = 1;
    pthread_cond_broadcast(&q->not_full);
    pthread_cond_broadcast(&q->not_empty);
    pthread_mutex_unlock(&q->lock);
}

void ava_queue_end(AvaQueue *q) { set_and_wake(q, &q->ended); }
void ava_queue_stop(AvaQueue *q) { set_and_wake(q, &q->stopped); }
