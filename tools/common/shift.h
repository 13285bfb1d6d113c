/* shift.h -- what a measured offset says about moving the sound, and the move: a copy in which nothing is encoded again. */
#ifndef SHIFT_H
#define SHIFT_H

#include <stddef.h>

#include "common/tool.h"

enum { SHIFT_WHY = 256, SHIFT_TRACKS_AGREE_MS = 40, SHIFT_RIGHT_MS = 40 };

/* What one measurement says; numbers that are not there are NAN. The analysis answers with an offset where it is sure that the match
 * was read, and with a reason elsewhere: no second threshold here. */
typedef struct ShiftReading {
    double offset_ms, confidence, low_ms, high_ms, repeatable_ms, drift_ppm, step_at_s, step_ms;
    int streams, steps, pictures;
    char why[32]; /* no offset: its reason */
} ShiftReading;

void shift_read(const json_t *doc, ShiftReading *r);

/* Would a constant shift by what was measured put it right? Else why not, in words. */
typedef enum ShiftAnswer { SHIFT_MOVE, SHIFT_IN_SYNC, SHIFT_REFUSED } ShiftAnswer;
ShiftAnswer shift_answer(const ShiftReading *r, char why[SHIFT_WHY]);
/* Track k wants another shift than the one judged: said in why. */
int shift_tracks_differ(const ShiftReading *first, const ShiftReading *other, int k, char why[SHIFT_WHY]);
/* Does the copy read as it should? An offset that is not there does not. */
int shift_right(const ShiftReading *before, const ShiftReading *after, double moved_ms);
/* Can this container (by its name) hold a shift? */
int shift_holds(const char *out);
/* The sound of all tracks moved by so much, beside the picture and the subtitles as they are. 0, or an exit code with the reason in why. */
int shift_move(const char *in, const char *out, double ms, char why[SHIFT_WHY]);

#endif
