/* drawn_face.c -- was a face drawn by a program? */
#include "nets/drawn_face.h"

#include <math.h>
#include <string.h>

#include "util/err.h"

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

double ava_drawn_score(const AvaCalibration *c, double strength) { return 1 / (1 + exp(c->drawn.llr_slope * (strength - c->drawn.threshold))); }

/* Always whole batches: one shape, compiled once. */
static float *room(AvaSession *s) { return ava_session_input(s, 0, (int64_t[]){ AVA_DRAWN_BATCH, SIDE, SIDE, 3 }, 4); }

static int refused(AvalignErrorInfo *e)
{
    return ava_fail(e, AVALIGN_ERR_MODEL, "mouth", AVA_NO_TIME, 0,
                    "role drawn-face: out of memory, or its net does not take %d faces of 224 x 224 x 3 numbers; restore its file", AVA_DRAWN_BATCH);
}

int ava_drawn_put(AvaSession *s, int i, const uint8_t *rgb, AvalignErrorInfo *e)
{
    float *in = room(s);
    if (!in)
        return refused(e);
    in += (size_t)i * PIXELS;
    for (int k = 0; k < PIXELS; k++)
        in[k] = rgb[k];
    return 0;
}

int ava_drawn_run(AvaSession *s, int faces, AvaDrawnMap *out, AvalignErrorInfo *e)
{
    float *in = room(s);
    if (!in)
        return refused(e);
    memset(in + (size_t)faces * PIXELS, 0, (size_t)(AVA_DRAWN_BATCH - faces) * PIXELS * sizeof *in);
    int rc = ava_session_run(s, e);
    if (rc)
        return rc;
    size_t n_odds = 0, n_places = 0;
    const float *odds = ava_session_output(s, 0, &n_odds), *place = ava_session_output(s, 1, &n_places);
    if (!odds || !place || n_odds != AVA_DRAWN_BATCH * AVA_DRAWN_EXPERTS || n_places != AVA_DRAWN_BATCH * sizeof out->place / sizeof(float))
        return ava_fail(e, AVALIGN_ERR_MODEL, "mouth", AVA_NO_TIME, 0,
                        "role drawn-face gives %zu and %zu numbers for %d faces, not 2 and 2 x 14 x 14 each", n_odds, n_places, AVA_DRAWN_BATCH);
    for (int i = 0; i < faces; i++) {
        memcpy(out[i].at.odds, odds + (size_t)i * AVA_DRAWN_EXPERTS, sizeof out[i].at.odds);
        memcpy(out[i].place, place + (size_t)i * AVA_DRAWN_EXPERTS * AVA_DRAWN_PLACES, sizeof out[i].place);
    }
    return 0;
}
