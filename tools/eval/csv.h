/* csv.h -- tables with a header line, comma- or tab-separated (RFC 4180 quotes). */
#ifndef CSV_H
#define CSV_H

#include <stddef.h>

typedef struct Csv {
    char *text;     /* owned; fields point into it */
    char **cell;    /* rows * columns */
    size_t rows, columns; /* the header is not a row */
    char **name;    /* of the columns */
} Csv;

/* Takes text (from malloc). 0, or -1 with a line for people in why (room >= 128). */
int csv_parse(char *text, Csv *out, char *why);
void csv_free(Csv *c);
/* The column of this name, or -1. */
int csv_column(const Csv *c, const char *name);
const char *csv_at(const Csv *c, size_t row, int column); /* "" for column -1 */

#endif
