/* speaker_model.c -- what embeddings say, as calibrated likelihood ratios. */
#include "analyze/speaker/speaker_model.h"

#include <math.h>

#include "util/logistic.h"

double ava_voice_llr(const AvaCalibration *c, double cosine, double speech_s)
{
    /* with more speech both kinds of pairs are more alike, and further apart */
    double middle = c->voice.middle + c->voice.longer * fmin(speech_s, 8);
    return ava_bounded(c->voice.slope * fmin(1, 0.4 + 0.2 * speech_s) * (cosine - middle), c->voice.bound);
}

double ava_voice_hop_s(const AvaEvidence *ev) { return ev->voice.n ? (double)ev->voice.at[0].speech_s / 2 : 0; }

double ava_face_llr(const AvaCalibration *c, double cosine) { return ava_bounded(c->face.slope * (cosine - c->face.middle), c->face.bound); }

double ava_voice_female(const AvaCalibration *c, double joint, double pitch_hz)
{
    /* fitted one by one and added: together, twenty people leave the pitch nothing to tell */
    double odds = c->voice_sex.even + c->voice_sex.slope * joint + (pitch_hz > 0 ? c->voice_sex.pitch * log(pitch_hz / 160) : 0);
    return ava_bounded(odds, c->voice_sex.bound);
}

double ava_face_female(const AvaCalibration *c, double joint) { return ava_bounded(c->face_sex.even + c->face_sex.slope * joint, c->face_sex.bound); }

double ava_cross_llr(const AvaCalibration *c, double voice_female, double face_female)
{
    double v = ava_logistic(ava_bounded(voice_female, c->voice_sex.bound)), f = ava_logistic(ava_bounded(face_female, c->face_sex.bound));
    /* belonging together, both are of one sex; else each is female in half of the cases */
    return ava_bounded(log((v * f + (1 - v) * (1 - f)) / 0.5), c->face_sex.match_bound);
}

double ava_cross_net_llr(const AvaCalibration *c, double cosine) { return ava_bounded(c->cross.slope * (cosine - c->cross.middle), c->cross.bound); }

double ava_cross_match(const AvaCalibration *c, double llr) { return ava_logistic(c->face_sex.match_slope * (llr + c->face_sex.match_even)); }
