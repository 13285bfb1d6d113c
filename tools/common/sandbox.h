/* sandbox.h -- keeps the process from disk and network before it reads input that is not trusted. */
#ifndef SANDBOX_H
#define SANDBOX_H

/* From here on this process, with all its threads, can compute, and read and write what is open already: it opens no file,
 * reaches no network, starts no program. 0, or -1 with errno set. There is no way back. */
int sandbox_enter(void);

#endif
