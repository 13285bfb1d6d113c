/* drawn_face.h -- role drawn-face: was a face drawn by a program? Log odds of two experts, and where in the face they find it.
 *
 * One expert knows blends (a part of the face that comes from elsewhere), the other what a generator's decoder leaves behind. */
#ifndef AVA_NETS_DRAWN_FACE_H
#define AVA_NETS_DRAWN_FACE_H

#include <stdint.h>

#include "infer/infer.h"
#include "nets/calibration.h"

enum { AVA_BLEND, AVA_DECODER, AVA_DRAWN_EXPERTS };
enum { AVA_DRAWN_MAP = 14, AVA_DRAWN_PLACES = AVA_DRAWN_MAP * AVA_DRAWN_MAP, AVA_DRAWN_MAPS = 6 };

/* A face in one frame. */
typedef struct AvaDrawnOdds {
    int64_t t_us;
    float odds[AVA_DRAWN_EXPERTS]; /* natural log odds "drawn", as the net says them */
} AvaDrawnOdds;

/* And where in it: what each place, row by row, adds to the odds. */
typedef struct AvaDrawnMap {
    AvaDrawnOdds at;
    float cx, cy, side; /* the square of the picture that was looked at */
    float place[AVA_DRAWN_EXPERTS][AVA_DRAWN_PLACES];
} AvaDrawnMap;

/* How much log odds of the two experts speak for a drawn face: the larger one, in deviations of genuine clips. */
double ava_drawn_strength(const AvaCalibration *c, const double odds[AVA_DRAWN_EXPERTS]);
/* The expert that says that: AVA_BLEND or AVA_DECODER. */
int ava_drawn_leader(const AvaCalibration *c, const double odds[AVA_DRAWN_EXPERTS]);
/* The natural log likelihood ratio "genuine" against "drawn" of that; and the score, 1 = genuine, .5 at the threshold. */
double ava_drawn_llr(const AvaCalibration *c, double strength);
double ava_drawn_score(const AvaCalibration *c, double strength);

/* A face, AVA_CLOSE_SIDE squared RGB, to out->at.odds and out->place. s: a session of the role. */
int ava_drawn_run(AvaSession *s, const uint8_t *rgb, AvaDrawnMap *out, AvalignErrorInfo *e);

#endif
