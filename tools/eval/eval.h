/* eval.h -- what avalign eval counts: rows of the user's list with the numbers of their results; its tables and its page. */
#ifndef EVAL_EVAL_H
#define EVAL_EVAL_H

#include <pthread.h>
#include <stdio.h>

#include "eval/eval_stats.h"
#include "common/options.h"

enum { EVAL_ANOMALY = 0, EVAL_RATIO = 2, EVAL_LIP_SYNC = 3, EVAL_MEASURES = 11 };

/* A number of the result that may tell fake from real. */
typedef struct Measure {
    int field;               /* AvalignField, whose name, place and sign the registry has; -1: none */
    const char *label, *at;  /* of others: in words, and in the result */
    int high, is_llr;        /* of others: high is suspicious */
} Measure;

extern const Measure eval_measures[EVAL_MEASURES];
const char *eval_name(const Measure *m);

typedef struct Row {
    char *path;
    const char *method; /* "" for real */
    int fake, group, flagged; /* flagged: -1 = not judged */
    double seconds, value[EVAL_MEASURES]; /* NAN: absent */
    char why[300];      /* "": it has a result */
} Row;

typedef struct Eval {
    const char *results;
    AvalignConfig cfg;
    AvalignModels *models;
    Row *row;
    size_t n, next;
    int groups, done;
    pthread_mutex_t lock;
} Eval;

/* The scored rows, room for all: real, and fake of one method (NULL: all), of lo..hi seconds (hi 0: all). */
size_t eval_pick(const Eval *v, int measure, const char *method, double lo, double hi, Scored *out);

/* Markdown; and a page that draws the same tables and two plots. room: for v->n rows. */
void eval_tables(FILE *f, const Eval *v, Scored *room);
int eval_page(FILE *f, const Eval *v, Scored *room);

#endif
