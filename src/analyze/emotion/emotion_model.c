/* emotion_model.c -- arousal, valence and log odds from the probabilities of emotions, by the calibration. */
#include "analyze/emotion/emotion_model.h"

#include <math.h>

#include "util/logistic.h"

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

double ava_emotion_coherence(const AvaCalibration *c, double g)
{
    double lowest = c->coherence.lowest_real, x = g < lowest ? .6 * g / lowest : .6 + .4 * (g - lowest) / (1 - lowest);
    return fmax(0, fmin(x, 1));
}

double ava_emotion_llr(const AvaCalibration *c, double g)
{
    return ava_bounded(c->coherence.slope * (g - c->coherence.middle), c->coherence.bound);
}

void ava_emotion_untalk(const AvaCalibration *c, const float p[AVA_N_EMOTIONS], double opening, double out[AVA_N_EMOTIONS])
{
    double sum = 0, open = fmax(0, fmin(opening, .4));
    for (int k = 0; k < AVA_N_EMOTIONS; k++)
        sum += out[k] = (double)p[k] * exp(-c->expression.talk[k] * open);
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
