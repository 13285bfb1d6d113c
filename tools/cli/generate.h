/* generate.h -- man page section and completions, written from the option table. */
#ifndef GENERATE_H
#define GENERATE_H

/* what: "man", "bash" or "zsh"; to standard output. An exit code. */
int generate(const char *what);

#endif
