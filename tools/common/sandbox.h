/* sandbox.h -- shuts the process in before it reads input that nobody vouches for. */
#ifndef SANDBOX_H
#define SANDBOX_H

/* From here on this process, with all its threads, can compute, and read and write what is open already: it opens no file,
 * reaches no network, starts no program. 0, or -1 with errno set. There is no way back. */
int sandbox_enter(void);

#endif
