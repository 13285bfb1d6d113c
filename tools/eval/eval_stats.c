/* eval_stats.c -- areas, error rates and their intervals. */
#include "eval/eval_stats.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { DRAWS = 400 };

static int higher_first(const void *p, const void *q)
{
    double a = ((const Scored *)p)->score, b = ((const Scored *)q)->score;
    return (a < b) - (a > b);
}

/* Sorted from the highest score on; *fakes and *reals are counted. NULL when out of memory or one class is missing. */
static Scored *sorted(const Scored *s, size_t n, double *fakes, double *reals)
{
    Scored *v = malloc((n + 1) * sizeof *v);
    *fakes = *reals = 0;
    for (size_t i = 0; v && i < n; i++) {
        v[i] = s[i];
        *(s[i].fake ? fakes : reals) += 1;
    }
    if (!v || *fakes == 0 || *reals == 0) {
        free(v);
        return NULL;
    }
    qsort(v, n, sizeof *v, higher_first);
    return v;
}

/* Counts of the next group of equal scores; the index behind it. */
static size_t tie(const Scored *v, size_t n, size_t i, double *fake, double *real)
{
    *fake = *real = 0;
    size_t k = i;
    for (; k < n && v[k].score == v[i].score; k++)
        *(v[k].fake ? fake : real) += 1;
    return k;
}

double stat_auc(const Scored *s, size_t n)
{
    double fakes, reals, above = 0, area = 0, f, r;
    Scored *v = sorted(s, n, &fakes, &reals);
    if (!v)
        return NAN;
    for (size_t i = 0; i < n;) {
        i = tie(v, n, i, &f, &r);
        area += r * (above + f / 2);
        above += f;
    }
    free(v);
    return area / fakes / reals;
}

double stat_eer(const Scored *s, size_t n)
{
    double fakes, reals, hit = 0, alarm = 0, f, r, last_miss = 1, last_alarm = 0, eer = NAN;
    Scored *v = sorted(s, n, &fakes, &reals);
    if (!v)
        return NAN;
    for (size_t i = 0; i < n && isnan(eer);) {
        i = tie(v, n, i, &f, &r);
        hit += f;
        alarm += r;
        double miss = 1 - hit / fakes, fa = alarm / reals;
        if (fa >= miss) { /* where the line between the two last points crosses the diagonal */
            double da = fa - last_alarm, dm = last_miss - miss;
            eer = da + dm > 0 ? last_alarm + da * (last_miss - last_alarm) / (da + dm) : fa;
        }
        last_miss = miss;
        last_alarm = fa;
    }
    free(v);
    return eer;
}

double stat_ap(const Scored *s, size_t n)
{
    double fakes, reals, hit = 0, seen = 0, sum = 0, f, r;
    Scored *v = sorted(s, n, &fakes, &reals);
    if (!v)
        return NAN;
    for (size_t i = 0; i < n;) {
        i = tie(v, n, i, &f, &r);
        hit += f;
        seen += f + r;
        sum += f / fakes * hit / seen;
    }
    free(v);
    return sum;
}

double stat_cllr(const Scored *s, size_t n)
{
    double cost[2] = { 0, 0 }, count[2] = { 0, 0 };
    for (size_t i = 0; i < n; i++) {
        double x = s[i].fake ? -s[i].score : s[i].score;
        cost[s[i].fake != 0] += x > 30 ? x : log1p(exp(x));
        count[s[i].fake != 0]++;
    }
    return count[0] && count[1] ? (cost[0] / count[0] + cost[1] / count[1]) / 2 / log(2) : NAN;
}

static int eval_stats_by_value(const void *p, const void *q)
{
    double a = *(const double *)p, b = *(const double *)q;
    return (a > b) - (a < b);
}

static int by_group(const void *p, const void *q)
{
    const Scored *a = p, *b = q;
    return a->group != b->group ? (a->group > b->group) - (a->group < b->group) : (a->score > b->score) - (a->score < b->score);
}

/* Rows by group, and where each group starts: a draw then costs what it draws, not groups times rows. */
void stat_interval(StatFn *f, const Scored *s, size_t n, int groups, double out[2])
{
    double got[DRAWS];
    size_t m = 0, room = 4 * n + 64;
    Scored *draw = malloc(room * sizeof *draw), *v = malloc((n + 1) * sizeof *v);
    size_t *start = calloc((size_t)groups + 1, sizeof *start);
    uint64_t state = 88172645463325252u;
    out[0] = out[1] = NAN;
    if (v && start) {
        memcpy(v, s, n * sizeof *v);
        qsort(v, n, sizeof *v, by_group);
        for (size_t i = 0; i < n; i++)
            start[v[i].group + 1]++;
        for (int g = 0; g < groups; g++)
            start[g + 1] += start[g];
    }
    for (int d = 0; draw && v && start && d < DRAWS; d++) {
        size_t k = 0;
        for (int g = 0; g < groups; g++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            size_t pick = (size_t)((state >> 33) % (uint64_t)groups), count = start[pick + 1] - start[pick];
            count = count < room - k ? count : room - k;
            memcpy(draw + k, v + start[pick], count * sizeof *draw);
            k += count;
        }
        double x = f(draw, k);
        if (!isnan(x))
            got[m++] = x;
    }
    free(draw);
    free(v);
    free(start);
    if (m < DRAWS / 2)
        return;
    qsort(got, m, sizeof *got, eval_stats_by_value);
    out[0] = got[(size_t)(.025 * (double)(m - 1))];
    out[1] = got[(size_t)(.975 * (double)(m - 1))];
}

size_t stat_det(const Scored *s, size_t n, double (*out)[2], size_t room)
{
    double fakes, reals, hit = 0, alarm = 0, f, r;
    size_t m = 0;
    Scored *v = sorted(s, n, &fakes, &reals);
    for (size_t i = 0; v && i < n && m < room;) {
        i = tie(v, n, i, &f, &r);
        hit += f;
        alarm += r;
        out[m][0] = alarm / reals;
        out[m++][1] = 1 - hit / fakes;
    }
    free(v);
    return m;
}
