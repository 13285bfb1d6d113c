/* serve_events.h -- what happens, told to everybody who listens: a ring of texts. Who falls behind is told to load all anew. */
#ifndef SERVE_EVENTS_H
#define SERVE_EVENTS_H

#include <stddef.h>
#include <stdint.h>

typedef struct Events Events;

Events *events_open(void); /* NULL: out of memory */
/* One line of JSON. */
void events_put(Events *e, const char *line);
uint64_t events_now(Events *e);
/* Waits for what comes after *at, ten seconds at most, and writes it in the form of server-sent events, as much as there is room
 * for; a comment when nothing came. Bytes written; 0: closed. */
size_t events_take(Events *e, uint64_t *at, char *room, size_t size);
void events_close(Events *e); /* wakes all who wait */

#endif
