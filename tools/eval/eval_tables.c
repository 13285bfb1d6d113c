/* eval_tables.c -- how well each measure tells fake from real, as Markdown. */
#include <math.h>
#include <string.h>

#include "eval/eval.h"

enum { MAX_METHODS = 64 };

const Measure eval_measures[EVAL_MEASURES] = {
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
    { -1, "face not drawn", "signals.mouth.llr", 0, 0 },
};

const char *eval_name(const Measure *m) { return m->field < 0 ? m->label : avalign_field_info((size_t)m->field)->label; }

size_t eval_pick(const Eval *v, int measure, const char *method, double lo, double hi, Scored *out)
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

static void eval_tables_number(FILE *f, double x)
{
    if (isnan(x))
        fprintf(f, "- | ");
    else
        fprintf(f, "%.2f | ", x);
}

static void eval_tables_line(FILE *f, const Eval *v, const char *name, int measure, const char *method, double lo, double hi, Scored *room)
{
    size_t n = eval_pick(v, measure, method, lo, hi, room), fakes = 0;
    double iv[2];
    for (size_t i = 0; i < n; i++)
        fakes += (size_t)room[i].fake;
    stat_interval(stat_auc, room, n, v->groups, iv);
    fprintf(f, "| ");
    for (const char *s = name; *s; s++)
        fputc(*s == '|' || *s == '\n' ? '/' : *s, f); /* what would end the cell */
    fprintf(f, " | %zu | %zu | ", fakes, n - fakes);
    eval_tables_number(f, stat_auc(room, n));
    if (isnan(iv[0]))
        fprintf(f, "- | ");
    else
        fprintf(f, "%.2f-%.2f | ", iv[0], iv[1]);
    eval_tables_number(f, stat_eer(room, n));
    eval_tables_number(f, stat_ap(room, n));
    eval_tables_number(f, eval_measures[measure].is_llr ? stat_cllr(room, n) : NAN);
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

void eval_tables(FILE *f, const Eval *v, Scored *room)
{
    static const double lengths[][2] = { { 0, 5 }, { 5, 15 }, { 15, 1e9 } };
    static const char *const length_names[] = { "under 5 s", "5 to 15 s", "15 s and more" };
    const char *method[MAX_METHODS];
    size_t n = methods_of(v, method);
    fprintf(f, "All fakes against the real, by measure (intervals: bootstrap by person):\n");
    head(f, "measure");
    for (int k = 0; k < EVAL_MEASURES; k++)
        eval_tables_line(f, v, eval_name(&eval_measures[k]), k, NULL, 0, 0, room);
    for (int k = 0; k < 2; k++) {
        int m = k ? EVAL_RATIO : EVAL_ANOMALY;
        fprintf(f, "\nThe %s by method:\n", eval_name(&eval_measures[m]));
        head(f, "method");
        for (size_t i = 0; i < n; i++)
            eval_tables_line(f, v, *method[i] ? method[i] : "(not named)", m, method[i], 0, 0, room);
    }
    fprintf(f, "\nThe %s by length:\n", eval_name(&eval_measures[EVAL_RATIO]));
    head(f, "length");
    for (size_t i = 0; i < 3; i++)
        eval_tables_line(f, v, length_names[i], EVAL_RATIO, NULL, lengths[i][0], lengths[i][1], room);
    shares(f, v);
}
