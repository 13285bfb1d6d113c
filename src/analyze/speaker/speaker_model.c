/* speaker_model.c -- what embeddings say, as calibrated likelihood ratios. */
#include "analyze/speaker/speaker_model.h"

#include <math.h>

/* From training/speaker/train.py, which see: logistic regressions on the training people. Its pairs
 * of one person come mostly from one recording, which flatters; so the slopes are about two thirds
 * of the fitted ones and the voice's midpoint a little higher. The bounds are about the logarithm of
 * the number of people that they rest on. */
static const double VOICE_SLOPE = 28, VOICE_MIDDLE = 0.60, VOICE_LONGER = 0.02, FACE_SLOPE = 20, FACE_MIDDLE = 0.42;
static const double IDENTITY_SLOPE = 21, IDENTITY_MIDDLE = 0.49, IDENTITY_LONGER = 0.01;
static const double VOICE_BOUND = 3.2, FACE_BOUND = 3.2, SEX_BOUND = 3, CROSS_BOUND = 2;

static double bounded(double x, double limit) { return fmax(-limit, fmin(x, limit)); }

double ava_voice_llr(double cosine, double speech_s)
{
    /* with more speech both kinds of pairs are more alike, and further apart */
    double middle = VOICE_MIDDLE + VOICE_LONGER * fmin(speech_s, 8);
    return bounded(VOICE_SLOPE * fmin(1, 0.4 + 0.2 * speech_s) * (cosine - middle), VOICE_BOUND);
}

/* The same for the net of the role voice-identity, whose people lie further apart. */
double ava_identity_llr(double cosine, double speech_s)
{
    double middle = IDENTITY_MIDDLE + IDENTITY_LONGER * fmin(speech_s, 8);
    return bounded(IDENTITY_SLOPE * fmin(1, 0.4 + 0.2 * speech_s) * (cosine - middle), VOICE_BOUND);
}

double ava_same_voice_llr(const AvaEvidence *ev, double cosine, double speech_s)
{
    return ev->voice_identity ? ava_identity_llr(cosine, speech_s) : ava_voice_llr(cosine, speech_s);
}

double ava_voice_hop_s(const AvaEvidence *ev) { return ev->voice.n ? (double)ev->voice.at[0].speech_s / 2 : 0; }

double ava_face_llr(double cosine) { return bounded(FACE_SLOPE * (cosine - FACE_MIDDLE), FACE_BOUND); }

double ava_voice_female(double joint, double pitch_hz)
{
    /* fitted one by one and added: together, twenty people leave the pitch nothing to tell */
    return bounded(0.86 + 2.29 * joint + (pitch_hz > 0 ? 3.5 * log(pitch_hz / 160) : 0), SEX_BOUND);
}

double ava_face_female(double joint) { return bounded(1.30 + 2.0 * joint, SEX_BOUND); }

static double probability(double log_odds) { return 1 / (1 + exp(-log_odds)); }

double ava_cross_llr(double voice_female, double face_female)
{
    double v = probability(bounded(voice_female, SEX_BOUND)), f = probability(bounded(face_female, SEX_BOUND));
    /* belonging together, both are of one sex; else each is female in half of the cases */
    return bounded(log((v * f + (1 - v) * (1 - f)) / 0.5), CROSS_BOUND);
}

double ava_cross_match(double llr) { return probability(1.5 * (llr + 0.9)); }
