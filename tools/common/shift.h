/* shift.h -- what a measured offset says about putting the sound right, and the copy in which it is: moved as a whole with nothing encoded again,
 * or, where the offset drifts or jumps, the sound alone resampled or moved part by part. The picture is never encoded again. */
#ifndef SHIFT_H
#define SHIFT_H

#include <stddef.h>

#include "common/tool.h"

enum { SHIFT_WHY = 256, SHIFT_TRACKS_AGREE_MS = 40, SHIFT_RIGHT_MS = 40, SHIFT_PARTS = 9 };

typedef enum ShiftHow { SHIFT_WHOLE, SHIFT_DRIFT, SHIFT_STEPS } ShiftHow;

/* What is done to the sound; positive: later. */
typedef struct Shift {
    ShiftHow how;
    double ms;                                      /* whole: by so much; drift: at the beginning */
    double ppm;                                     /* drift: played so much slower */
    int n;                                          /* steps: parts, */
    double from_s[SHIFT_PARTS], by_ms[SHIFT_PARTS]; /* from where on, by how much */
    double rest_ms;                                 /* what the copy is to read */
} Shift;

/* What one measurement says; numbers that are not there are NAN. The analysis answers with an offset where it is sure that the match
 * was read, and with a reason elsewhere: no second threshold here. */
typedef struct ShiftReading {
    double offset_ms, confidence, low_ms, high_ms, repeatable_ms, drift_ppm, step_at_s, step_ms, bit_rate, sample_rate;
    int streams, steps, pictures;
    char codec[24]; /* of the sound */
    char why[32];   /* no offset: its reason */
    Shift shift;    /* that puts it right, where shift_answer() says so */
    int parts_known; /* every part between two steps, or the slope, has windows to go by */
} ShiftReading;

void shift_read(const json_t *doc, ShiftReading *r);

/* Would that put it right? Else why not, in words. */
typedef enum ShiftAnswer { SHIFT_MOVE, SHIFT_IN_SYNC, SHIFT_REFUSED } ShiftAnswer;
ShiftAnswer shift_answer(const ShiftReading *r, char why[SHIFT_WHY]);
/* Track k wants another shift than the one judged: said in why. */
int shift_tracks_differ(const ShiftReading *first, const ShiftReading *other, int k, char why[SHIFT_WHY]);
/* Does the copy read as it should? An offset that is not there does not. */
int shift_right(const Shift *s, const ShiftReading *after);
/* "moved by +137 ms", "resampled by -5000 ppm", "moved in 2 parts: by 0 ms, from 19.5 s by -298 ms" */
char *shift_words(const Shift *s, char out[SHIFT_WHY]);
/* Can this container (by its name) hold a shift? */
int shift_holds(const char *out);
/* The copy: the sound of all tracks put right, beside the picture and the subtitles as they are. r: of the file, for the sound's codec. 0, or an exit
 * code with the reason in why. */
int shift_write(const char *in, const char *out, const Shift *s, const ShiftReading *r, char why[SHIFT_WHY]);

#endif
