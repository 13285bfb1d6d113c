/* tool.h -- what the commands share. The tool uses the public header alone. */
#ifndef TOOL_H
#define TOOL_H

#include <nettle/sha2.h>
#include <stdio.h>
#include <time.h>

#include <avalign/avalign.h>

/* Exit codes, the same for every command (docs/avalign.1). */
enum { EXIT_CLEAR = 0, EXIT_FLAGGED = 1, EXIT_UNJUDGED = 2, EXIT_INPUT = 3, EXIT_INTERNAL = 4 };

int cmd_analyze(int argc, char **argv);
int cmd_models(int argc, char **argv);
int cmd_features(int argc, char **argv);
int cmd_embed(int argc, char **argv);
int cmd_enroll(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_eval(int argc, char **argv);
int cmd_batch(int argc, char **argv);
int cmd_submit(int argc, char **argv);
int cmd_worker(int argc, char **argv);
int cmd_queue(int argc, char **argv);
int cmd_selftest(int argc, char **argv);
int cmd_doctor(int argc, char **argv);

/* "avalign: FILE: stage: message" on stderr. file may be NULL. */
void tool_error(const char *file, const AvalignErrorInfo *e);
/* "avalign: WHAT: WHY" on stderr; -1. */
int tool_complain(const char *what, const char *why);
/* The exit code that an error calls for. */
int tool_exit_code(int error);
/* Loads the models: the directory given, AVALIGN_MODELS, beside the program, or
 * the installed one. Prints the error. NULL on failure with *exit_code set. */
AvalignModels *tool_models(const char *dir, int *exit_code);
/* *policy: a built-in one's name, a document, or a file that is read: then *policy points into *text, to be freed. Prints the error. */
int tool_policy(const char **policy, char **text);
/* A JSON string with quotes; bytes that are no UTF-8 become "?". */
void tool_json_string(FILE *f, const char *s);
/* Reads a whole file, with a 0 behind it; NULL with errno set. */
char *tool_slurp(const char *path, size_t *size);
/* Opens a file to read ("-": standard input); -1 with "open: REASON" in why. A pipe without a writer doesn't block. */
int tool_open(const char *path, char why[160]);
/* Reads an open file; *fd and name must live as long. */
AvalignReader tool_reader(int *fd, const char *name);
double tool_seconds_since(const struct timespec *t); /* CLOCK_MONOTONIC */
/* sandbox_enter() with its error told. */
int tool_sandbox(void);
/* Writes a file whole or not at all, synced to disk; 0, or -1 with errno set. */
int tool_put_file(const char *path, const char *bytes, size_t n);
/* The digest of what went in, in hexadecimal. */
void tool_sha256_end(struct sha256_ctx *h, char hex[65]);
/* SHA-256 of a file; 0 or -1 with errno set. */
int tool_hash_file(const char *path, char hex[65]);
int tool_hash_fd(int fd, char hex[65]);
void tool_close(int fd); /* unless it is standard input, or none */
/* Analyzes a path, or standard input for "-". */
int tool_analyze(AvalignContext *c, const char *path, AvalignResult **out);

#endif
