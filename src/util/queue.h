/* queue.h -- a bounded queue of pointers between two threads. */
#ifndef AVA_QUEUE_H
#define AVA_QUEUE_H

#include <stddef.h>

typedef struct AvaQueue AvaQueue;

AvaQueue *ava_queue_new(size_t depth); /* NULL when out of memory */
void ava_queue_free(AvaQueue *q);      /* must be drained; NULL is fine */
/* Blocks while full. 0, or -1 when the queue was stopped (item stays the caller's). */
int ava_queue_put(AvaQueue *q, void *item);
/* Blocks while empty. NULL when the queue ended and is drained, or was stopped. */
void *ava_queue_get(AvaQueue *q);
void ava_queue_end(AvaQueue *q);  /* no more puts; the reader drains the rest */
void ava_queue_stop(AvaQueue *q); /* puts fail from now on; what is queued is still got */

#endif
