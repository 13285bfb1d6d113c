/* csv.c -- one pass over the text; fields are un-quoted in place. */
#include "eval/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ends the field at *p, un-quotes it in place. The character behind it: the separator, '\n' or 0. */
static char csv_field(char **p, char sep, char **out)
{
    char *in = *p, *o = in;
    *out = in;
    if (*in == '"') {
        in++;
        while (*in && !(*in == '"' && in[1] != '"')) {
            in += *in == '"';
            *o++ = *in++;
        }
        in += *in == '"';
    }
    while (*in && *in != sep && *in != '\n')
        *o++ = *in++;
    char end = *in;
    *p = in + (end != 0);
    while (o > *out && o[-1] == '\r')
        o--;
    *o = 0;
    return end;
}

int csv_parse(char *text, Csv *c, char *why)
{
    memset(c, 0, sizeof *c);
    c->text = text;
    char *p = text + (strncmp(text, "\xef\xbb\xbf", 3) ? 0 : 3), *first_end = strchr(p, '\n'), *tab = strchr(p, '\t'), *cell;
    char sep = tab && (!first_end || tab < first_end) ? '\t' : ',';
    size_t room = 0, n = 0, line = 1, in_row = 0;
    if (!*p) {
        snprintf(why, 128, "it is empty");
        return -1;
    }
    for (char end = sep; *p || end == sep;) {
        if (in_row == 0 && (*p == '\n' || (*p == '\r' && p[1] == '\n'))) { /* a blank line */
            p += *p == '\r' ? 2 : 1;
            line++;
            end = '\n';
            continue;
        }
        end = csv_field(&p, sep, &cell);
        if (n == room) {
            char **more = realloc(c->cell, (room = room ? 2 * room : 256) * sizeof *more);
            if (!more) {
                snprintf(why, 128, "out of memory");
                return -1;
            }
            c->cell = more;
        }
        c->cell[n++] = cell;
        in_row++;
        if (end == sep)
            continue;
        if (!c->columns)
            c->columns = in_row;
        if (in_row != c->columns) {
            snprintf(why, 128, "line %zu has %zu fields, the header %zu", line, in_row, c->columns);
            return -1;
        }
        in_row = 0;
        line++;
    }
    if (!c->columns) {
        snprintf(why, 128, "it has no header, only blank lines");
        return -1;
    }
    c->name = c->cell;
    c->rows = n / c->columns - 1;
    return 0;
}

void csv_free(Csv *c)
{
    free(c->text);
    free(c->cell);
    memset(c, 0, sizeof *c);
}

int csv_column(const Csv *c, const char *name)
{
    for (size_t i = 0; i < c->columns; i++)
        if (!strcmp(c->name[i], name))
            return (int)i;
    return -1;
}

const char *csv_at(const Csv *c, size_t row, int column)
{
    return column < 0 ? "" : c->cell[(row + 1) * c->columns + (size_t)column];
}
