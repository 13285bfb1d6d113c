/* emotion_model.h -- what emotion.c and gesture.c know by training, and their arithmetic. */
#ifndef AVA_EMOTION_EMOTION_MODEL_H
#define AVA_EMOTION_EMOTION_MODEL_H

#include "evidence/results.h"
#include "nets/calibration.h"

/* 1 - Jensen-Shannon distance (square root of the divergence, natural logarithm; SciPy's jensenshannon()). */
double ava_emotion_agreement(const double a[AVA_N_EMOTIONS], const double b[AVA_N_EMOTIONS]);
/* The agreement to the headline field: its .6 lies where 2 % of real clips are, by training/emotion/measure.py on the training
 * people (the lowest of their 14 clips agrees by .29; the calibration leaves a margin below it, for 14 clips do not tell where 2 % lie). */
double ava_emotion_coherence(const AvaCalibration *c, double agreement);
/* Natural log likelihood ratio "voice and face belong together" against "of two recordings", bounded. */
double ava_emotion_llr(const AvaCalibration *c, double agreement);
/* A talking mouth looks like emotion: takes out what opening it by so much (per eye distance, above the
 * face's usual) does to the expression net. */
void ava_emotion_untalk(const AvaCalibration *c, const float p[AVA_N_EMOTIONS], double opening, double out[AVA_N_EMOTIONS]);
/* Expected place on the plane of valence and arousal, each -1..1 (Russell & Mehrabian 1977). */
void ava_emotion_affect(const double p[AVA_N_EMOTIONS], double *valence, double *arousal);
/* The likeliest emotion. */
int ava_emotion_top(const double p[AVA_N_EMOTIONS]);

/* gesture.c: do pitch and loudness move with head, brows and lids? 0 or AVALIGN_ERR_NOMEM. */
int ava_gesture(const AvaEvidence *ev, const AvaTrackRows *t, AvaGestureResult *out);

#endif
