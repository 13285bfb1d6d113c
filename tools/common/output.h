/* output.h -- results go to files that appear whole or not at all, also when a signal ends the program. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

/* Could the result be stored there? Asked before the work. 0, or an exit code with the reason printed. */
int output_check(const char *path);
/* Has put() write to the path ("-": standard output). 0, or an exit code with the reason printed. */
int output_write(int (*put)(const void *what, FILE *f), const void *what, const char *path);
/* What put() writes, as a text of *n bytes to be freed; NULL: out of memory, or put() failed. */
char *output_text(int (*put)(const void *what, FILE *f), const void *what, size_t *n);
int output_error(const char *path); /* prints errno; the exit code */
/* Writes a file, synced to disk; 0, or -1 with errno set. */
int output_put(const char *path, const char *bytes, size_t n);

/* A file in the making, beside its place under a short name of its own: names may be as long as the file system takes. */
typedef struct Output {
    FILE *f;
    char *part; /* NULL: written to directly, as devices and pipes are */
} Output;
/* 0, or -1 with errno set. ending: what the name has to end with (".mp4"), or "". f is only opened when asked for. */
int output_begin(Output *o, const char *path, const char *ending, int open_it);
/* Puts it in place, or throws it away when failed is set. 0, or -1 with errno set. */
int output_end(Output *o, const char *path, int failed);
/* Throws away all that is in the making: the program is about to end. From any thread. */
void output_abandon(void);

/* For a process that will be sandboxed: opens the file now, output_write() fills it, and whoever is outside settles all of
 * them in the end. 0, or an exit code with the reason printed. */
int output_prepare(const char *path);
int output_settle(void);

/* Inputs and outputs of a call, known by device and inode, or by folder and name when they are not there yet. */
typedef struct OutputName {
    const char *path;
    char *base; /* owned; NULL: it is there */
    dev_t dev;
    ino_t ino;
    int is_input;
} OutputName;
typedef struct OutputNames {
    OutputName *at;
    size_t n;
} OutputNames;
/* NULL, addresses and what isn't there are no inputs; "-" is standard input. */
void output_names_in(OutputNames *names, const char *path);
/* 0, or EXIT_INPUT with the reason printed: it is an input, or the same as another output. */
int output_names_out(OutputNames *names, const char *path);
void output_names_free(OutputNames *names);

#endif
