/* serve_events.c -- the ring of events. It lives until the program ends: a thread may still be waiting at it. */
#include "serve/serve_events.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RING = 1024, WAIT_S = 10 };

struct Events {
    pthread_mutex_t lock;
    pthread_cond_t more;
    char *line[RING];
    uint64_t n; /* so many have been put */
    int closed;
};

Events *events_open(void)
{
    Events *e = calloc(1, sizeof *e);
    if (e) {
        pthread_mutex_init(&e->lock, NULL);
        pthread_cond_init(&e->more, NULL);
    }
    return e;
}

void events_put(Events *e, const char *line)
{
    char *copy = strdup(line);
    pthread_mutex_lock(&e->lock);
    free(e->line[e->n % RING]);
    e->line[e->n % RING] = copy; /* NULL, out of memory: those who listen are told to load anew */
    e->n++;
    pthread_cond_broadcast(&e->more);
    pthread_mutex_unlock(&e->lock);
}

uint64_t events_now(Events *e)
{
    pthread_mutex_lock(&e->lock);
    uint64_t n = e->n;
    pthread_mutex_unlock(&e->lock);
    return n;
}

size_t events_take(Events *e, uint64_t *at, char *room, size_t size)
{
    struct timespec until;
    size_t n = 0;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_S;
    pthread_mutex_lock(&e->lock);
    int late = 0;
    while (!e->closed && *at == e->n && !late)
        late = pthread_cond_timedwait(&e->more, &e->lock, &until) != 0;
    while (!e->closed && *at < e->n) {
        const char *line = e->n - *at > RING ? NULL : e->line[*at % RING];
        if (!line) {
            n += (size_t)snprintf(room + n, size - n, "event: reload\ndata: {}\n\n");
            *at = e->n;
            break;
        }
        if (n + strlen(line) + 16 > size) {
            if (n)
                break;
            line = "{}"; /* never so long */
        }
        n += (size_t)snprintf(room + n, size - n, "data: %s\n\n", line);
        ++*at;
    }
    if (!n && !e->closed)
        n = (size_t)snprintf(room, size, ": still here\n\n");
    pthread_mutex_unlock(&e->lock);
    return n;
}

void events_close(Events *e)
{
    pthread_mutex_lock(&e->lock);
    e->closed = 1;
    pthread_cond_broadcast(&e->more);
    pthread_mutex_unlock(&e->lock);
}
