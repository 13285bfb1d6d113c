/* files.h -- which files a command is to take. */
#ifndef FILES_H
#define FILES_H

#include <stddef.h>

enum { FILES_MAX_PATH = 4096, FILES_NO_LIST = -3 };

/* For each media file in a directory and below (known by its ending, or by its first bytes when it has none; symbolic links are
 * followed), or each line of a list (a file, "-": standard input). Prints what can't be read. 0, what each() returned if it was
 * not 0, or FILES_NO_LIST. */
int files_each(const char *what, int (*each)(void *cookie, const char *path), void *cookie);
/* The i-th ending that media files have ("mp4"), or NULL past the last. */
const char *files_ending(size_t i);
/* Is it text? NULL, or what it is instead, in words. Looks at the first bytes. */
const char *files_no_text(const char *bytes, size_t n);

#endif
