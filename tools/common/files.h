/* files.h -- which files a command is to take. */
#ifndef FILES_H
#define FILES_H

enum { FILES_MAX_PATH = 4096 };

/* For each media file in a directory and below (known by its ending), or each line of a list (a file, "-": standard input).
 * Prints what can't be read. 0, or what each() returned if it was not 0, or -1. */
int files_each(const char *what, int (*each)(void *cookie, const char *path), void *cookie);

#endif
