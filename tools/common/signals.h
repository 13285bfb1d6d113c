/* signals.h -- SIGINT, SIGTERM or SIGHUP, once: every command ends within a second, whatever it waits for. A thread of its own
 * takes the signals. The first cancels the analyses at work and tells everybody who asks; who is not gone soon after, or when
 * a second comes, is ended: files in the making are thrown away, processes that were started are stopped. */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <sys/types.h>

#include <avalign/avalign.h>

/* Before any other thread. code: of the process when it has to be ended. */
void signals_start(int code);
/* From now on SIGUSR1 sets signals_drain(). Before signals_start(). */
void signals_take_drain(void);
int signals_stopped(void); /* 1 after the first */
int signals_drained(void); /* SIGUSR1 came */
int signals_fd(void);      /* readable from the first on, for poll(); -1 before signals_start() */
/* An analysis that the first signal cancels, until it is taken off again (before it is closed). */
void signals_add(AvalignContext *c);
void signals_remove(AvalignContext *c);
/* The same for a process: it is sent SIGTERM, and SIGKILL at the end. 0 at signals_child(0): none any more. */
void signals_child(pid_t pid);
/* In a process that was forked, before exec: signals as they were. */
void signals_restore(void);

#endif
