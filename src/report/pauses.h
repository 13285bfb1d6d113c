/* pauses.h -- the silence between words, for captions and page alike. */
#ifndef AVA_REPORT_PAUSES_H
#define AVA_REPORT_PAUSES_H

#include "result/result.h"

/* Microseconds without speech before the i-th word that was heard. The decoder's words follow each other without a gap, so a pause is where
 * the speech segments have one since the word before began. Under 0 where a word begins before the one before it. */
int64_t ava_pause_before(const AvalignResult *r, size_t i);

#endif
