/* sort.c -- comparisons for qsort. */
#include "util/sort.h"

#include <stdlib.h>

static int floats(const void *p, const void *q)
{
    float a = *(const float *)p, b = *(const float *)q;
    return (a > b) - (a < b);
}

static int doubles(const void *p, const void *q)
{
    double a = *(const double *)p, b = *(const double *)q;
    return (a > b) - (a < b);
}

void ava_sort_float(float *v, size_t n)
{
    if (n)
        qsort(v, n, sizeof *v, floats);
}

void ava_sort_double(double *v, size_t n)
{
    if (n)
        qsort(v, n, sizeof *v, doubles);
}
