/* eval_stats.h -- how well scores tell two classes apart. Higher scores stand for class 1 (manipulated). */
#ifndef EVAL_STATS_H
#define EVAL_STATS_H

#include <stddef.h>

typedef struct Scored {
    double score;
    int fake;
    int group; /* person: 0..groups-1 */
} Scored;

double stat_auc(const Scored *s, size_t n);  /* area under the ROC curve, ties count half; NAN with one class */
double stat_eer(const Scored *s, size_t n);  /* equal error rate, between thresholds */
double stat_ap(const Scored *s, size_t n);   /* average precision, fakes positive (as scikit-learn) */
double stat_cllr(const Scored *s, size_t n); /* cost of natural log likelihood ratios, bits (Bruemmer and du Preez 2006) */

typedef double StatFn(const Scored *s, size_t n);
/* 95 % interval by drawing groups with replacement, 400 times, always the same way. NAN when it can't be told. */
void stat_interval(StatFn *f, const Scored *s, size_t n, int groups, double out[2]);

/* The detection error trade-off: at most room pairs of false-alarm and miss rates, from the highest threshold on. */
size_t stat_det(const Scored *s, size_t n, double (*out)[2], size_t room);

#endif
