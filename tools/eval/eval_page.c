/* eval_page.c -- the evaluation as a page: eval_page.html with the numbers put in; its script draws tables and plots. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/output.h"
#include "eval/eval.h"

extern const unsigned char eval_template[];
extern const size_t eval_template_size;

enum { MAX_POINTS = 2000 };

struct Tables {
    const Eval *v;
    Scored *room;
};

static int eval_page_put_tables(const void *what, FILE *f)
{
    const struct Tables *t = what;
    eval_tables(f, t->v, t->room);
    return 0;
}

static json_t *tables_text(const Eval *v, Scored *room)
{
    size_t n;
    char *text = output_text(eval_page_put_tables, &(struct Tables){ v, room }, &n);
    json_t *j = text ? json_string(text) : NULL;
    free(text);
    return j;
}

/* Detection error trade-off of a measure: [share of real flagged, share of fake missed]. */
static json_t *det(const Eval *v, int measure, Scored *room)
{
    static double points[MAX_POINTS][2];
    json_t *list = json_array();
    size_t n = stat_det(room, eval_pick(v, measure, NULL, 0, 0, room), points, MAX_POINTS);
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_pack("[f,f]", points[i][0], points[i][1]));
    return json_pack("{s:s,s:o}", "name", eval_name(&eval_measures[measure]), "points", list);
}

/* The calibrated ratio of every clip of a class, as powers of ten. */
static json_t *ratios(const Eval *v, int fake, Scored *room)
{
    json_t *list = json_array();
    size_t n = eval_pick(v, EVAL_RATIO, NULL, 0, 0, room);
    for (size_t i = 0; i < n; i++)
        if (room[i].fake == fake)
            json_array_append_new(list, json_real(room[i].score / log(10)));
    return list;
}

/* What HTML could take for a tag is written as an escape of JSON. */
static void put_escaped(FILE *f, const char *s)
{
    for (; *s; s++)
        if (strchr("<>&", *s))
            fprintf(f, "\\u%04x", (unsigned)*s);
        else
            fputc(*s, f);
}

int eval_page(FILE *f, const Eval *v, Scored *room)
{
    static const char mark[] = "@DATA@";
    const char *page = (const char *)eval_template, *end = page + eval_template_size, *at = page;
    while (at + sizeof mark < end && memcmp(at, mark, sizeof mark - 1))
        at++;
    json_t *doc = json_pack("{s:s,s:o,s:[o,o,o],s:o,s:o}", "version", avalign_version(), "tables", tables_text(v, room), "det", det(v, EVAL_RATIO, room),
                            det(v, EVAL_ANOMALY, room), det(v, EVAL_LIP_SYNC, room), "real", ratios(v, 0, room), "fake", ratios(v, 1, room));
    char *text = doc ? json_dumps(doc, JSON_COMPACT | JSON_REAL_PRECISION(6)) : NULL;
    json_decref(doc);
    if (!text)
        return -1;
    fwrite(page, 1, (size_t)(at - page), f);
    put_escaped(f, text);
    fwrite(at + sizeof mark - 1, 1, (size_t)(end - at) - (sizeof mark - 1), f);
    free(text);
    return ferror(f);
}
