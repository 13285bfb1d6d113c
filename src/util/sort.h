/* sort.h -- numbers in ascending order, for medians and quantiles. */
#ifndef AVA_SORT_H
#define AVA_SORT_H

#include <stddef.h>

void ava_sort_float(float *v, size_t n); /* no NANs; v may be NULL when n is 0 */
void ava_sort_double(double *v, size_t n);

#endif
