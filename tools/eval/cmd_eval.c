/* cmd_eval.c -- avalign eval MANIFEST: how well the scores tell manipulated from genuine on the user's own list. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "eval/csv.h"
#include "eval/eval.h"
#include "common/files.h"
#include "common/output.h"
#include "common/signals.h"

enum { MAX_JOBS = OPTIONS_MAX_JOBS };

/* The number that is high where the clip is suspicious. */
static double suspicion(const Measure *m, double x)
{
    int sign = m->field < 0 ? (m->high ? 1 : -1) : avalign_field_info((size_t)m->field)->suspicious;
    return sign < 0 ? -x : sign ? x : fabs(x); /* an offset: far from zero */
}

/* ---- one file ------------------------------------------------------------------------- */

static const char *result_path(const Eval *v, size_t i, char room[4096])
{
    const char *slash = strrchr(v->row[i].path, '/');
    snprintf(room, 4096, "%s/%05zu-%.200s.json", v->results, i, slash ? slash + 1 : v->row[i].path);
    return room;
}

static json_t *analyzed(Eval *v, Row *r, const char *keep)
{
    AvalignContext *c = NULL;
    AvalignResult *res = NULL;
    json_t *out = NULL;
    AvalignErrorInfo e;
    int rc = avalign_open(&c, v->models, &v->cfg, &e);
    if (!rc)
        rc = tool_analyze(c, r->path, &res);
    if (rc) {
        snprintf(r->why, sizeof r->why, "%s", c ? avalign_last_error(c)->message : e.message);
    } else {
        char *text = NULL;
        size_t size = 0;
        if (!(out = tool_result_document(res, &text, &size)))
            snprintf(r->why, sizeof r->why, "out of memory");
        if (out && *keep && output_put(keep, text, size)) /* whole or not at all */
            snprintf(r->why, sizeof r->why, "%.200s: %.80s", keep, strerror(errno));
        free(text);
    }
    avalign_result_free(&res);
    avalign_close(&c);
    return out;
}

static double eval_at_path(const json_t *j, const char *path)
{
    char key[64];
    while (j && *path) {
        size_t n = strcspn(path, ".");
        memcpy(key, path, n);
        key[n] = 0;
        j = json_object_get(j, key);
        path += n + (path[n] == '.');
    }
    return json_is_number(j) ? json_number_value(j) : NAN;
}

static void cmd_eval_take(Row *r, const json_t *j)
{
    for (int k = 0; k < EVAL_MEASURES; k++) {
        const Measure *m = &eval_measures[k];
        r->value[k] = suspicion(m, eval_at_path(j, m->field < 0 ? m->at : avalign_field_info((size_t)m->field)->key));
    }
    r->seconds = eval_at_path(j, "media.duration_s");
    const json_t *verdict = json_object_get(json_object_get(j, "signals"), "verdict");
    r->flagged = isnan(r->value[EVAL_ANOMALY]) ? -1 : json_is_true(json_object_get(verdict, "flagged"));
}

static void *eval_work(void *arg)
{
    Eval *v = arg;
    for (;;) {
        pthread_mutex_lock(&v->lock);
        size_t i = v->next++;
        pthread_mutex_unlock(&v->lock);
        if (i >= v->n || signals_stopped())
            return NULL;
        Row *r = &v->row[i];
        char keep[4096] = "";
        json_t *j = v->results ? json_load_file(result_path(v, i, keep), 0, NULL) : NULL;
        if (!j)
            j = analyzed(v, r, keep);
        if (j)
            cmd_eval_take(r, j);
        json_decref(j);
        pthread_mutex_lock(&v->lock);
        v->done++;
        if (isatty(STDERR_FILENO))
            fprintf(stderr, "\r%d of %zu", v->done, v->n);
        if (*r->why) {
            fprintf(stderr, "%s", isatty(STDERR_FILENO) ? "\r" : "");
            tool_complain(r->path, r->why);
        }
        pthread_mutex_unlock(&v->lock);
    }
}

/* ---- the command ---------------------------------------------------------------------- */

/* Persons become numbers: rows sorted by name, so that a list of any length costs no more than its sorting. */
typedef struct Named {
    const char *person;
    size_t row;
} Named;

static int by_person(const void *p, const void *q)
{
    const Named *a = p, *b = q;
    int order = strcmp(a->person, b->person);
    return order ? order : (a->row > b->row) - (a->row < b->row);
}

/* Groups are numbered as they first appear. A row without a name is a person of its own. */
static int group_rows(const Csv *t, Eval *v)
{
    int c_person = csv_column(t, "person"), n = 0;
    Named *name = malloc((v->n + 1) * sizeof *name);
    int *number = calloc(v->n + 1, sizeof *number);
    if (!name || !number) {
        free(name);
        free(number);
        return tool_complain("manifest", "out of memory");
    }
    for (size_t i = 0; i < v->n; i++)
        name[i] = (Named){ csv_at(t, i, c_person), i };
    qsort(name, v->n, sizeof *name, by_person);
    for (size_t i = 0; i < v->n; i++) {
        n += i == 0 || !*name[i].person || strcmp(name[i].person, name[i - 1].person);
        v->row[name[i].row].group = n - 1;
    }
    for (size_t i = 0; i < v->n; i++) {
        int *at = &number[v->row[i].group];
        if (!*at)
            *at = ++v->groups;
        v->row[i].group = *at - 1;
    }
    free(name);
    free(number);
    return 0;
}

static int read_rows(const char *path, const Csv *t, Eval *v)
{
    int c_path = csv_column(t, "path"), c_label = csv_column(t, "label"), c_method = csv_column(t, "method");
    const char *slash = strrchr(path, '/');
    if (c_path < 0 || c_label < 0) {
        tool_say(path, "manifest: needs the columns path and label");
        return -1;
    }
    if (!(v->row = calloc(t->rows + 1, sizeof *v->row)))
        return tool_complain(path, "manifest: out of memory");
    for (size_t i = 0; i < t->rows; i++) {
        Row *r = &v->row[v->n++];
        const char *p = csv_at(t, i, c_path), *label = csv_at(t, i, c_label);
        r->fake = !strcmp(label, "fake") || !strcmp(label, "spoof");
        r->method = r->fake ? csv_at(t, i, c_method) : "";
        r->flagged = -1;
        for (int k = 0; k < EVAL_MEASURES; k++)
            r->value[k] = NAN;
        if (!r->fake && strcmp(label, "real") && strcmp(label, "bonafide")) {
            tool_say(path, "manifest: row %zu: label \"%.60s\" is neither real nor fake", i + 1, label);
            return -1;
        }
        if (!*p) {
            tool_say(path, "manifest: row %zu has no path", i + 1);
            return -1;
        }
        size_t dir = *p == '/' || !slash ? 0 : (size_t)(slash - path) + 1;
        if (!(r->path = malloc(dir + strlen(p) + 1)))
            return tool_complain(path, "manifest: out of memory");
        memcpy(r->path, path, dir);
        strcpy(r->path + dir, p);
    }
    return group_rows(t, v);
}

typedef struct Tables {
    const Eval *v;
    Scored *room;
} Tables;

static int eval_put_tables(const void *what, FILE *f)
{
    const Tables *t = what;
    eval_tables(f, t->v, t->room);
    return ferror(f);
}

static int eval_put_page(const void *what, FILE *f)
{
    const Tables *t = what;
    return eval_page(f, t->v, t->room);
}

static void run_all(Eval *v, long jobs)
{
    pthread_t t[MAX_JOBS];
    long n = 0;
    while (n < jobs - 1 && n < MAX_JOBS && !pthread_create(&t[n], NULL, eval_work, v))
        n++;
    eval_work(v);
    while (n)
        pthread_join(t[--n], NULL);
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\n");
}

/* The tables of what has a result; an exit code. */
static int write_tables(const Options *o, const Eval *v)
{
    size_t judged = 0;
    for (size_t i = 0; i < v->n; i++)
        judged += !*v->row[i].why;
    if (!judged) {
        tool_say(o->operand[0], "manifest: %s; there is nothing to count", v->n ? "none of its files has a result" : "it has no rows");
        return EXIT_UNJUDGED;
    }
    Tables t = { v, malloc((v->n + 1) * sizeof(Scored)) };
    int code = t.room ? output_write(eval_put_tables, &t, o->markdown ? o->markdown : "-") : EXIT_INTERNAL;
    if (o->html && t.room && !code)
        code = output_write(eval_put_page, &t, o->html);
    free(t.room);
    return code;
}

/* The list, with why it can't be one told. 0 or -1. */
static int read_list(const char *path, Csv *table)
{
    size_t size;
    char *text = tool_slurp(path, &size), why[128];
    const char *other = text ? files_no_text(text, size < 512 ? size : 512) : NULL;
    memset(table, 0, sizeof *table);
    if (!text)
        tool_say(path, "manifest: %s; check the path", strerror(errno));
    else if (other || strlen(text) != size)
        tool_say(path, "manifest: %s", other ? other : "this is no text; a CSV or TSV table is wanted");
    else if (csv_parse(text, table, why) == 0)
        return 0;
    else
        tool_say(path, "manifest: %s", why);
    if (!table->text)
        free(text);
    return -1;
}

int cmd_eval(Options *o)
{
    Eval v = { .lock = PTHREAD_MUTEX_INITIALIZER, .results = o->results };
    long cores = sysconf(_SC_NPROCESSORS_ONLN), jobs = o->jobs ? o->jobs : cores < 1 ? 1 : cores > MAX_JOBS ? MAX_JOBS : cores;
    const char *path = o->operand[0];
    Csv table;
    int code = EXIT_INPUT;
    if (options_config(o, &v.cfg))
        return EXIT_INTERNAL;
    v.cfg.n_threads = 1;
    if (read_list(path, &table) == 0 && read_rows(path, &table, &v) == 0) {
        if (v.results && mkdir(v.results, 0777) && errno != EEXIST) {
            tool_say(v.results, "output: %s; name another place", strerror(errno));
            code = EXIT_INTERNAL;
        } else if ((v.models = tool_models(o->models, &code)) != NULL) {
            run_all(&v, jobs);
            code = signals_stopped() ? EXIT_INTERNAL : write_tables(o, &v);
        }
    }
    tool_models_end(&v.models);
    for (size_t i = 0; v.row && i < v.n; i++)
        free(v.row[i].path);
    free(v.row);
    csv_free(&table);
    return code;
}
