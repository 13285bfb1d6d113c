/* calibration.h -- what training found for each net: the numbers that turn its output into ratios and scores.
 *
 * They stand in the net's manifest row ("calibration": {...}), so that a net brought by a user comes with its own or with none.
 * A net without gives vectors or raw numbers and no verdict (reason "not-calibrated"). Where a calibration was fitted on several nets
 * together, "with": {"ROLE": "SHA-256"} names the others; with any other file in that role it does not hold. */
#ifndef AVA_NETS_CALIBRATION_H
#define AVA_NETS_CALIBRATION_H

#include "infer/infer.h"

/* NAN throughout a part whose role has no calibration, or one that does not hold. Natural logarithms; bounds are what the number of
 * people in the calibration supports. */
typedef struct AvaCalibration {
    struct {
        double found[5];       /* logistic of 1, peak, weak quarter, log seconds, lead: is the peak the match, or another? */
        double right;          /* share of the found within 80 ms of the truth */
        double score[4];       /* the same without lead: the own sound, or another's? */
        double sure_ms, wider; /* half of the interval where it was surely found, and its growth */
    } sync;                    /* sync-sound */
    struct {
        double slope, middle, bound; /* llr of the deviations over chance */
    } viseme;                        /* mouth-shape */
    struct {
        double slope, middle, longer, bound; /* llr = slope * (cosine - middle - longer * seconds) */
        double cluster;                      /* cosine from which two windows are one voice; about e to 1 in favour */
    } voice;                                 /* voice-embed, or voice-identity in its place */
    struct {
        double slope, middle, bound;
    } face; /* face-embed */
    struct {
        double even, slope, pitch, bound; /* log odds "female" = even + slope * output + pitch * log(pitch / 160 Hz) */
    } voice_sex;                          /* voice-joint */
    struct {
        double even, slope, bound;
        double match_slope, match_even, match_bound; /* match = logistic(slope * (llr + even)) */
    } face_sex;                                      /* face-joint */
    struct {
        double slope, middle, bound;
    } cross; /* cross-face */
    struct {
        double talk[7]; /* what a unit of mouth opening adds to each emotion's log odds */
    } expression;       /* face-expression */
    struct {
        double lowest_real, slope, middle, bound; /* of the agreement with the face; .6 lies at the lowest of real clips */
    } coherence;                                  /* voice-emotion */
    struct {
        double slope, middle, bound;
        double real_99, soft;      /* 99 % of real clips lie below; the score's softness there */
        double vocoder_at;         /* the phase expert's threshold */
    } spoof;                       /* voice-spoof */
    struct {
        double llr_slope, llr_even, llr_bound; /* llr "a person's voice" = slope * (even - log odds) */
        double score_bound;                    /* of the log odds in the score */
    } person;                                  /* voice-person */
    struct {
        double at, soft;
    } splice; /* splice */
    struct {
        double music_at, voices_at;
    } background; /* background */
    struct {
        double blend_mean, blend_sd, decoder_mean, decoder_sd; /* of genuine clips: the larger (odds - mean) / sd of the two experts counts */
        double llr_slope, llr_even, llr_low, llr_high;         /* llr "genuine" = slope * (even - that), held within low and high */
        double threshold;                                      /* over which a face counts as drawn */
        double least_side, least_frames;                     /* of the square that is looked at, in pixels of the picture; how many */
    } drawn;                                                   /* drawn-face */
} AvaCalibration;

void ava_calibration_read(const AvalignModels *m, AvaCalibration *out);
/* 1, or 0 where the role needs numbers that are not there. */
int ava_calibrated(const AvaCalibration *c, const char *role);

#endif
