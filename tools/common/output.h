/* output.h -- results go to files that appear whole or not at all. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdio.h>

/* Could the result be stored there? Asked before the work. 0, or an exit code with the reason printed. */
int output_check(const char *path);
/* Has put() write to the path ("-": standard output). 0, or an exit code with the reason printed. */
int output_write(int (*put)(const void *what, FILE *f), const void *what, const char *path);
int output_error(const char *path); /* prints errno; the exit code */

/* For a process that will be shut in: opens the file now, output_write() fills it, and whoever is outside settles all of
 * them in the end. 0, or an exit code with the reason printed. */
int output_prepare(const char *path);
int output_settle(void);

#endif
