/* drawn_face.c -- was a face drawn by a program? */
#include "nets/drawn_face.h"

#include <math.h>
#include <string.h>

#include "util/err.h"
#include "util/logistic.h"

enum { SIDE = 224, PIXELS = SIDE * SIDE * 3 };

static double blend(const AvaCalibration *c, const double *odds) { return (odds[AVA_BLEND] - c->drawn.blend_mean) / c->drawn.blend_sd; }

static double decoder(const AvaCalibration *c, const double *odds) { return (odds[AVA_DECODER] - c->drawn.decoder_mean) / c->drawn.decoder_sd; }

double ava_drawn_strength(const AvaCalibration *c, const double odds[AVA_DRAWN_EXPERTS])
{
    return fmax(blend(c, odds), decoder(c, odds));
}

int ava_drawn_leader(const AvaCalibration *c, const double odds[AVA_DRAWN_EXPERTS])
{
    return decoder(c, odds) > blend(c, odds) ? AVA_DECODER : AVA_BLEND;
}

double ava_drawn_llr(const AvaCalibration *c, double strength)
{
    return fmax(c->drawn.llr_low, fmin(c->drawn.llr_slope * (c->drawn.llr_even - strength), c->drawn.llr_high));
}

double ava_drawn_score(const AvaCalibration *c, double strength) { return ava_logistic(c->drawn.llr_slope * (c->drawn.threshold - strength)); }

int ava_drawn_run(AvaSession *s, const uint8_t *rgb, AvaDrawnMap *out, AvalignErrorInfo *e)
{
    /* one at a time: each face in a batch takes 30 MB more, and no time is won */
    float *in = ava_session_input(s, 0, (int64_t[]){ 1, SIDE, SIDE, 3 }, 4);
    if (!in)
        return ava_fail(e, AVALIGN_ERR_MODEL, "mouth", AVA_NO_TIME, 0,
                        "role drawn-face: out of memory, or its net does not take faces of 224 x 224 x 3 numbers; restore its file");
    for (int k = 0; k < PIXELS; k++)
        in[k] = rgb[k];
    int rc = ava_session_run(s, e);
    if (rc)
        return rc;
    size_t n_odds = 0, n_places = 0;
    const float *odds = ava_session_output(s, 0, &n_odds), *place = ava_session_output(s, 1, &n_places);
    if (!odds || !place || n_odds != AVA_DRAWN_EXPERTS || n_places != sizeof out->place / sizeof(float))
        return ava_fail(e, AVALIGN_ERR_MODEL, "mouth", AVA_NO_TIME, 0, "role drawn-face gives %zu and %zu numbers for a face, not 2 and 2 x 14 x 14", n_odds, n_places);
    memcpy(out->at.odds, odds, sizeof out->at.odds);
    memcpy(out->place, place, sizeof out->place);
    return 0;
}
