/* ffmpeg.h -- runs ffmpeg where a new file has to be written. No shell; names are handed on as "file:NAME", so that nothing in them is
 * taken for a protocol or an option. */
#ifndef FFMPEG_H
#define FFMPEG_H

#include "common/output.h"

enum { FFMPEG_WHY = 256 };

/* "file:PATH", to be freed; NULL: out of memory. */
char *ffmpeg_url(const char *path);
/* The ending of a name (".mkv"), by which ffmpeg knows the container; otherwise if it has none. Points into path. */
const char *ffmpeg_ending(const char *path, const char *otherwise);
/* Runs it with these arguments after its own (quiet, no questions, files alone; the output replaces what is there), NULL at the end, and puts the
 * output in place or throws it away. 0, or an exit code with the reason told on stderr as "avalign: OUT: STAGE: ...; HINT". */
int ffmpeg_write(const char *const *arguments, Output *o, const char *out, const char *stage, const char *hint);
/* The same, with the reason in why. */
int ffmpeg_try(const char *const *arguments, Output *o, const char *out, char why[FFMPEG_WHY]);
int ffmpeg_is_there(void); /* on the PATH */

#endif
