/* cmd_eval.c -- avalign eval MANIFEST: how well the scores tell manipulated from genuine on the user's own list. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "eval/csv.h"
#include "eval/eval_stats.h"
#include "common/files.h"
#include "common/options.h"
#include "common/output.h"
#include "common/signals.h"

enum { MAX_METHODS = 64, MAX_JOBS = OPTIONS_MAX_JOBS, MAX_POINTS = 2000 };

typedef struct Measure {
    int field;               /* AvalignField, whose name, place and sign the registry has; -1: none */
    const char *label, *at;  /* of others: in words, and in the result */
    int high, is_llr;        /* of others: high is suspicious */
} Measure;

static const Measure measures[] = {
    { .field = AVALIGN_ANOMALY_SCORE },
    { -1, "seed sum", "signals.verdict.sum", 1, 0 },
    { -1, "calibrated ratio", "signals.verdict.calibrated_llr", 1, 1 },
    { .field = AVALIGN_LIP_SYNC_SCORE },
    { .field = AVALIGN_SYNC_OFFSET_MS },
    { -1, "visemes", "signals.viseme.llr", 0, 0 },
    { .field = AVALIGN_VOICE_FACE_MATCH },
    { .field = AVALIGN_EMOTION_COHERENCE },
    { .field = AVALIGN_VOICE_AUTHENTICITY },
    { -1, "artifacts", "signals.artifacts.worst", 1, 0 },
};

static const char *name_of(const Measure *m) { return m->field < 0 ? m->label : avalign_field_info((size_t)m->field)->label; }

/* The number that is high where the clip is suspicious. */
static double suspicion(const Measure *m, double x)
{
    int sign = m->field < 0 ? (m->high ? 1 : -1) : avalign_field_info((size_t)m->field)->suspicious;
    return sign < 0 ? -x : sign ? x : fabs(x); /* an offset: far from zero */
}

enum { N_MEASURES = sizeof measures / sizeof *measures, ANOMALY = 0, RATIO = 2 };

typedef struct Row {
    char *path;
    const char *method; /* "" for real */
    int fake, group, flagged; /* flagged: -1 = not judged */
    double seconds, value[N_MEASURES]; /* NAN: absent */
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

/* ---- one file ------------------------------------------------------------------------- */

static int gather(void *cookie, const char *bytes, size_t n)
{
    FILE *f = cookie;
    return fwrite(bytes, 1, n, f) == n ? 0 : -1;
}

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
        FILE *f = open_memstream(&text, &size);
        if (f && avalign_result_write(res, AVALIGN_JSON, gather, f, NULL) == 0 && fclose(f) == 0)
            out = json_loadb(text, size, 0, NULL);
        if (!out)
            snprintf(r->why, sizeof r->why, "out of memory");
        if (out && *keep && output_put(keep, text, size)) /* whole or not at all */
            snprintf(r->why, sizeof r->why, "%.200s: %.80s", keep, strerror(errno));
        free(text);
    }
    avalign_result_free(&res);
    avalign_close(&c);
    return out;
}

static double at_path(const json_t *j, const char *path)
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

static void take(Row *r, const json_t *j)
{
    for (int k = 0; k < N_MEASURES; k++) {
        const Measure *m = &measures[k];
        r->value[k] = suspicion(m, at_path(j, m->field < 0 ? m->at : avalign_field_info((size_t)m->field)->key));
    }
    r->seconds = at_path(j, "media.duration_s");
    const json_t *verdict = json_object_get(json_object_get(j, "signals"), "verdict");
    r->flagged = isnan(r->value[ANOMALY]) ? -1 : json_is_true(json_object_get(verdict, "flagged"));
}

static void *work(void *arg)
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
            take(r, j);
        json_decref(j);
        pthread_mutex_lock(&v->lock);
        v->done++;
        if (isatty(STDERR_FILENO))
            fprintf(stderr, "\r%d of %zu", v->done, v->n);
        if (*r->why)
            fprintf(stderr, "%savalign: %s: %s\n", isatty(STDERR_FILENO) ? "\r" : "", r->path, r->why);
        pthread_mutex_unlock(&v->lock);
    }
}

/* ---- tables --------------------------------------------------------------------------- */

/* The scored rows: real, and fake of one method (NULL: all), of lo..hi seconds. */
static size_t pick(const Eval *v, int measure, const char *method, double lo, double hi, Scored *out)
{
    size_t n = 0;
    for (size_t i = 0; i < v->n; i++) {
        const Row *r = &v->row[i];
        if (*r->why || isnan(r->value[measure]) || (r->fake && method && strcmp(r->method, method)) || (hi > 0 && !(r->seconds >= lo && r->seconds < hi)))
            continue;
        out[n++] = (Scored){ r->value[measure], r->fake, r->group };
    }
    return n;
}

static size_t methods_of(const Eval *v, const char *out[MAX_METHODS])
{
    size_t n = 0;
    for (size_t i = 0; i < v->n; i++) {
        size_t k = 0;
        while (k < n && strcmp(out[k], v->row[i].method))
            k++;
        if (v->row[i].fake && k == n && n < MAX_METHODS)
            out[n++] = v->row[i].method;
    }
    return n;
}

static void number(FILE *f, double x)
{
    if (isnan(x))
        fprintf(f, "- | ");
    else
        fprintf(f, "%.2f | ", x);
}

static void line(FILE *f, const Eval *v, const char *name, int measure, const char *method, double lo, double hi, Scored *room)
{
    size_t n = pick(v, measure, method, lo, hi, room), fakes = 0;
    double iv[2];
    for (size_t i = 0; i < n; i++)
        fakes += (size_t)room[i].fake;
    stat_interval(stat_auc, room, n, v->groups, iv);
    fprintf(f, "| %s | %zu | %zu | ", name, fakes, n - fakes);
    number(f, stat_auc(room, n));
    if (isnan(iv[0]))
        fprintf(f, "- | ");
    else
        fprintf(f, "%.2f-%.2f | ", iv[0], iv[1]);
    number(f, stat_eer(room, n));
    number(f, stat_ap(room, n));
    number(f, measures[measure].is_llr ? stat_cllr(room, n) : NAN);
    fprintf(f, "\n");
}

static void head(FILE *f, const char *what)
{
    fprintf(f, "\n| %s | fake | real | AUC | 95 %% | EER | AP | Cllr |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n", what);
}

static void shares(FILE *f, const Eval *v)
{
    size_t n[2] = { 0 }, judged[2] = { 0 }, flagged[2] = { 0 };
    for (size_t i = 0; i < v->n; i++) {
        const Row *r = &v->row[i];
        if (*r->why)
            continue;
        n[r->fake]++;
        judged[r->fake] += r->flagged >= 0;
        flagged[r->fake] += r->flagged > 0;
    }
    fprintf(f, "\nFlagged: %zu of %zu real and %zu of %zu fake; judged: %zu and %zu.\n", flagged[0], n[0], flagged[1], n[1], judged[0], judged[1]);
}

static void tables(FILE *f, const Eval *v, Scored *room)
{
    static const double lengths[][2] = { { 0, 5 }, { 5, 15 }, { 15, 1e9 } };
    static const char *const length_names[] = { "under 5 s", "5 to 15 s", "15 s and more" };
    const char *method[MAX_METHODS];
    size_t n = methods_of(v, method);
    fprintf(f, "All fakes against the real, by measure (intervals: bootstrap by person):\n");
    head(f, "measure");
    for (int k = 0; k < N_MEASURES; k++)
        line(f, v, name_of(&measures[k]), k, NULL, 0, 0, room);
    for (int k = 0; k < 2; k++) {
        int m = k ? RATIO : ANOMALY;
        fprintf(f, "\nThe %s by method:\n", name_of(&measures[m]));
        head(f, "method");
        for (size_t i = 0; i < n; i++)
            line(f, v, *method[i] ? method[i] : "(not named)", m, method[i], 0, 0, room);
    }
    fprintf(f, "\nThe %s by length:\n", name_of(&measures[RATIO]));
    head(f, "length");
    for (size_t i = 0; i < 3; i++)
        line(f, v, length_names[i], RATIO, NULL, lengths[i][0], lengths[i][1], room);
    shares(f, v);
}

/* ---- plots ---------------------------------------------------------------------------- */

static double probit(double p) /* Acklam's approximation is more than a plot needs; this is Abramowitz and Stegun 26.2.23 */
{
    p = fmax(.005, fmin(p, .995)); /* the edge of the plot */
    double t = sqrt(-2 * log(p < .5 ? p : 1 - p));
    double x = t - (2.515517 + .802853 * t + .010328 * t * t) / (1 + 1.432788 * t + .189269 * t * t + .001308 * t * t * t);
    return p < .5 ? -x : x;
}

static double det_at(double p) { return 40 + 320 * (probit(p) + 2.6) / 5.2; }

static void det_plot(FILE *f, const Eval *v, Scored *room)
{
    static const double ticks[] = { .01, .05, .1, .2, .4, .6, .8 };
    static const int shown[] = { RATIO, ANOMALY, 3 };
    static const char *const colours[] = { "#0b6e99", "#b3261e", "#7a4fa3" };
    static double points[MAX_POINTS][2];
    fprintf(f, "<h2>Detection error trade-off</h2><svg viewBox=\"0 0 420 400\" width=\"420\"><rect x=\"40\" y=\"0\" width=\"320\" height=\"360\" fill=\"none\" stroke=\"#999\"/>");
    for (size_t i = 0; i < sizeof ticks / sizeof *ticks; i++)
        fprintf(f, "<text x=\"%.1f\" y=\"375\" text-anchor=\"middle\">%.0f</text><text x=\"34\" y=\"%.1f\" text-anchor=\"end\">%.0f</text>", det_at(ticks[i]), 100 * ticks[i],
                400 - det_at(ticks[i]) + 4, 100 * ticks[i]);
    for (int k = 0; k < 3; k++) {
        size_t n = stat_det(room, pick(v, shown[k], NULL, 0, 0, room), points, MAX_POINTS);
        fprintf(f, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" points=\"", colours[k]);
        for (size_t i = 0; i < n; i++)
            fprintf(f, "%.1f,%.1f ", det_at(points[i][0]), 400 - det_at(points[i][1]));
        fprintf(f, "\"/><text x=\"230\" y=\"%d\" style=\"fill:%s\">%s</text>", 20 + 16 * k, colours[k], name_of(&measures[shown[k]]));
    }
    fprintf(f, "<text x=\"200\" y=\"394\" text-anchor=\"middle\">real flagged, %%</text><text transform=\"rotate(-90 12 180)\" x=\"12\" y=\"180\" text-anchor=\"middle\">fake missed, %%</text></svg>\n");
}

/* Share of each class with a ratio over x. */
static void tippett_plot(FILE *f, const Eval *v, Scored *room)
{
    size_t n = pick(v, RATIO, NULL, 0, 0, room);
    fprintf(f, "<h2>Tippett plot of the calibrated ratio</h2><svg viewBox=\"0 0 420 400\" width=\"420\"><rect x=\"40\" y=\"20\" width=\"320\" height=\"340\" fill=\"none\" stroke=\"#999\"/>"
               "<line x1=\"200\" x2=\"200\" y1=\"20\" y2=\"360\" stroke=\"#ccc\"/>");
    for (int d = -2; d <= 2; d++)
        fprintf(f, "<text x=\"%d\" y=\"375\" text-anchor=\"middle\">%d</text>", 200 + 80 * d, d);
    for (int fake = 0; fake < 2; fake++) {
        double total = 0;
        for (size_t i = 0; i < n; i++)
            total += room[i].fake == fake;
        fprintf(f, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" points=\"", fake ? "#b3261e" : "#2e6b3a");
        for (int p = 0; p <= 160 && total > 0; p++) {
            double x = (p - 80) / 40. * log(10), over = 0;
            for (size_t i = 0; i < n; i++)
                over += room[i].fake == fake && room[i].score > x;
            fprintf(f, "%d,%.1f ", 40 + 2 * p, 360 - 340 * over / total);
        }
        fprintf(f, "\"/><text x=\"290\" y=\"%d\" style=\"fill:%s\">%s</text>", 40 + 16 * fake, fake ? "#b3261e" : "#2e6b3a", fake ? "fake" : "real");
    }
    fprintf(f, "<text x=\"200\" y=\"394\" text-anchor=\"middle\">ratio over, powers of ten</text></svg>\n");
}

/* Markdown tables to HTML: only what tables() writes. */
static void tables_as_html(FILE *f, char *text)
{
    int open = 0, first = 0;
    for (char *s = text, *save; (s = strtok_r(s, "\n", &save)) != NULL; s = NULL) {
        int row = *s == '|', rule = !strncmp(s, "| ---", 5);
        if (row && !open) {
            fprintf(f, "<table>");
            first = 1;
        } else if (!row && open) {
            fprintf(f, "</table>\n");
        }
        open = row;
        if (rule)
            continue;
        fprintf(f, row ? "<tr>" : "<p>");
        const char *tag = first ? "th" : "td";
        for (char *p = s + (row ? 2 : 0); *p;) {
            if (row)
                fprintf(f, "<%s>", tag);
            while (*p && !(row && *p == '|')) {
                if (strchr("<>&", *p))
                    fprintf(f, "&#%d;", *p);
                else
                    fputc(*p, f);
                p++;
            }
            if (row)
                fprintf(f, "</%s>", tag);
            p += *p == '|';
            p += row && *p == ' ';
        }
        fprintf(f, row ? "</tr>" : "</p>\n");
        first = 0;
    }
    if (open)
        fprintf(f, "</table>\n");
}

static int page(FILE *f, const Eval *v, Scored *room)
{
    char *text = NULL;
    size_t size = 0;
    FILE *m = open_memstream(&text, &size);
    if (!m)
        return -1;
    tables(m, v, room);
    fclose(m);
    fprintf(f, "<!doctype html><meta charset=\"utf-8\"><meta name=\"color-scheme\" content=\"light dark\"><title>avalign eval</title>"
               "<style>body{font:15px/1.5 system-ui,sans-serif;max-width:1000px;margin:24px auto;padding:0 16px}table{border-collapse:collapse}"
               "td,th{padding:3px 12px 3px 0;border-bottom:1px solid #9995;text-align:left}svg{max-width:100%%}svg text{font-size:12px;fill:currentColor}</style>"
               "<h1>avalign %s: evaluation</h1>\n", avalign_version());
    tables_as_html(f, text);
    det_plot(f, v, room);
    tippett_plot(f, v, room);
    free(text);
    return ferror(f);
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
        fprintf(stderr, "avalign: %s: manifest: needs the columns path and label\n", path);
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
        for (int k = 0; k < N_MEASURES; k++)
            r->value[k] = NAN;
        if (!r->fake && strcmp(label, "real") && strcmp(label, "bonafide")) {
            fprintf(stderr, "avalign: %s: manifest: row %zu: label \"%.60s\" is neither real nor fake\n", path, i + 1, label);
            return -1;
        }
        if (!*p) {
            fprintf(stderr, "avalign: %s: manifest: row %zu has no path\n", path, i + 1);
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

static int put_tables(const void *what, FILE *f)
{
    const Tables *t = what;
    tables(f, t->v, t->room);
    return ferror(f);
}

static int put_page(const void *what, FILE *f)
{
    const Tables *t = what;
    return page(f, t->v, t->room);
}

static void run_all(Eval *v, long jobs)
{
    pthread_t t[MAX_JOBS];
    long n = 0;
    while (n < jobs - 1 && n < MAX_JOBS && !pthread_create(&t[n], NULL, work, v))
        n++;
    work(v);
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
        fprintf(stderr, "avalign: %s: manifest: %s; there is nothing to count\n", o->operand[0], v->n ? "none of its files has a result" : "it has no rows");
        return EXIT_UNJUDGED;
    }
    Tables t = { v, malloc((v->n + 1) * sizeof(Scored)) };
    int code = t.room ? output_write(put_tables, &t, o->markdown ? o->markdown : "-") : EXIT_INTERNAL;
    if (o->html && t.room && !code)
        code = output_write(put_page, &t, o->html);
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
        fprintf(stderr, "avalign: %s: manifest: %s; check the path\n", path, strerror(errno));
    else if (other || strlen(text) != size)
        fprintf(stderr, "avalign: %s: manifest: %s\n", path, other ? other : "this is no text; a CSV or TSV table is wanted");
    else if (csv_parse(text, table, why) == 0)
        return 0;
    else
        fprintf(stderr, "avalign: %s: manifest: %s\n", path, why);
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
            fprintf(stderr, "avalign: %s: output: %s; name another place\n", v.results, strerror(errno));
            code = EXIT_INTERNAL;
        } else if ((v.models = tool_models(o->models, &code)) != NULL) {
            run_all(&v, jobs);
            code = signals_stopped() ? EXIT_INTERNAL : write_tables(o, &v);
        }
    }
    avalign_models_free(&v.models);
    for (size_t i = 0; v.row && i < v.n; i++)
        free(v.row[i].path);
    free(v.row);
    csv_free(&table);
    return code;
}
