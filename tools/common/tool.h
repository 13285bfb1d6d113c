/* tool.h -- what the commands share. The tool uses the public header alone. */
#ifndef TOOL_H
#define TOOL_H

#include <jansson.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <time.h>

#include <avalign/avalign.h>

/* Exit codes, the same for every command (docs/avalign.1). */
enum { EXIT_CLEAR = 0, EXIT_FLAGGED = 1, EXIT_UNJUDGED = 2, EXIT_INPUT = 3, EXIT_INTERNAL = 4 };

/* "avalign: FILE: stage: message" on stderr. file may be NULL; e NULL: out of memory. */
void tool_error(const char *file, const AvalignErrorInfo *e);
/* "avalign: WHAT: WHY" on stderr; -1. */
int tool_complain(const char *what, const char *why);
/* A name as it is, but for control characters, which would make another line of it or steer the terminal: "?". */
void tool_clean(const char *s, FILE *f);
/* The same of a format. Whatever is in names and texts: one line. */
int tool_say(const char *what, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The exit code that an error calls for. */
int tool_exit_code(int error);
/* Loads the models: the directory given, AVALIGN_MODELS, beside the program, or
 * the installed one. Prints the error. NULL on failure with *exit_code set. */
AvalignModels *tool_models(const char *dir, int *exit_code);
/* At the end of the process: the system takes the nets back at once, where freeing them one after the other is a tenth of a
 * short run. Builds that look for leaks free them. */
void tool_models_end(AvalignModels **m);
/* And the end itself, with this code, all output written; returns it in builds that look for leaks. */
int tool_end(int code);
/* A built-in policy's name, a document, or a file that is read: then *policy points into *text, to be freed. 0, or -1 with what is
 * wrong in why. */
int tool_policy(const char *value, const char **policy, char **text, char why[256]);
/* A JSON string; bytes that are no UTF-8 become "?". */
json_t *tool_json_text(const char *s);
/* One line on standard output; takes it. NULL: out of memory, told. 0 or -1. */
int tool_print_json(json_t *line);
/* AvalignWriteFn onto a FILE *. */
int tool_write_file(void *file, const char *bytes, size_t n);
/* The result as its JSON says it, to be released; NULL: out of memory. */
/* With text not NULL its bytes too, to be freed. */
json_t *tool_result_document(const AvalignResult *r, char **text, size_t *n);
/* What a context set up like that says of a path, as its JSON says it, to be released. NULL: the error is told, *code is set. */
json_t *tool_analyze_to_json(AvalignModels *models, const AvalignConfig *cfg, const char *path, int *code);
/* Reads a whole file, with a 0 behind it; NULL with errno set: EFBIG when it is over TOOL_LARGEST, for some never end. */
#define TOOL_LARGEST ((size_t)1 << 30) /* hours of a tracking with all landmarks */
char *tool_slurp(const char *path, size_t *size);
/* The same of a text: without the byte-order mark that some editors put in front. */
char *tool_slurp_text(const char *path, size_t *size);
/* Opens a file to read ("-": standard input); -1 with "open: REASON" in why. A pipe without a writer doesn't block. */
int tool_open(const char *path, char why[160]);
int tool_check_open(int fd, char why[160]); /* fd, or -1 (closed) when it is no regular file with something in it */
/* Reads an open file; *fd and name must live as long. */
AvalignReader tool_reader(int *fd, const char *name);
double tool_seconds_since(const struct timespec *t); /* CLOCK_MONOTONIC */
/* sandbox_enter() with its error told. */
int tool_sandbox(void);
/* The digest of what went in, in hexadecimal. */
void tool_sha256_end(struct sha256_ctx *h, char hex[65]);
/* SHA-256 of a file; 0 or -1 with errno set. */
int tool_hash_file(const char *path, char hex[65]);
int tool_hash_fd(int fd, char hex[65]);
void tool_close(int fd); /* unless it is standard input, or none */
/* Analyzes a path, or standard input for "-"; the first signal cancels it. */
int tool_analyze(AvalignContext *c, const char *path, AvalignResult **out);

#endif
