#include "analyze/emotion/emotion_model.h"

#include <math.h>

double ava_emotion_agreement(const double a[AVA_N_EMOTIONS], const double b[AVA_N_EMOTIONS])
{
    double divergence = 0;
    for (int k = 0; k < AVA_N_EMOTIONS; k++) {
        double m = (a[k] + b[k]) / 2;
        if (a[k] > 0)
            divergence += a[k] * log(a[k] / m) / 2;
        if (b[k] > 0)
            divergence += b[k] * log(b[k] / m) / 2;
    }
    return 1 - sqrt(fmax(0, divergence));
}

/* Printed by training/emotion/measure.py on the training people. The lowest of their 14 clips agrees by .29; LOWEST_REAL
 * leaves a margin below it, for 14 clips do not tell where 2 % lie. */
static const double LOWEST_REAL = 0.12, LLR_SLOPE = 0.43, LLR_MIDDLE = 0.441, LLR_BOUND = 0.7;
static const double TALK[AVA_N_EMOTIONS] = { -30.82, 4.33, -0.35, 10.66, -1.88, 5.88, 12.17 };

double ava_emotion_coherence(double g)
{
    double c = g < LOWEST_REAL ? .6 * g / LOWEST_REAL : .6 + .4 * (g - LOWEST_REAL) / (1 - LOWEST_REAL);
    return fmax(0, fmin(c, 1));
}

double ava_emotion_llr(double g) { return fmax(-LLR_BOUND, fmin(LLR_SLOPE * (g - LLR_MIDDLE), LLR_BOUND)); }

void ava_emotion_untalk(const float p[AVA_N_EMOTIONS], double opening, double out[AVA_N_EMOTIONS])
{
    double sum = 0, open = fmax(0, fmin(opening, .4));
    for (int k = 0; k < AVA_N_EMOTIONS; k++)
        sum += out[k] = (double)p[k] * exp(-TALK[k] * open);
    for (int k = 0; k < AVA_N_EMOTIONS; k++)
        out[k] = sum > 0 ? out[k] / sum : 1. / AVA_N_EMOTIONS;
}

void ava_emotion_affect(const double p[AVA_N_EMOTIONS], double *valence, double *arousal)
{
    static const double place[AVA_N_EMOTIONS][2] = { { 0, 0 }, { .81, .51 }, { -.63, -.27 }, { -.51, .59 }, { -.64, .60 }, { -.60, .35 }, { .40, .67 } };
    *valence = *arousal = 0;
    for (int k = 0; k < AVA_N_EMOTIONS; k++) {
        *valence += p[k] * place[k][0];
        *arousal += p[k] * place[k][1];
    }
}

int ava_emotion_top(const double p[AVA_N_EMOTIONS])
{
    int best = 0;
    for (int k = 1; k < AVA_N_EMOTIONS; k++)
        if (p[k] > p[best])
            best = k;
    return best;
}
