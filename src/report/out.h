/* out.h -- formatted text to the caller's write function. */
#ifndef AVA_OUT_H
#define AVA_OUT_H

#include "avalign/avalign.h"

typedef struct AvaOut {
    AvalignWriteFn *write;
    void *cookie;
    int failed; /* after that nothing more is written */
} AvaOut;

/* At most 1600 bytes at a time. */
void ava_out(AvaOut *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* 01:02:03.456, with a point or a comma. */
void ava_out_clock(AvaOut *o, double s, char point);

/* A text of any length as it is. */
void ava_out_text(AvaOut *o, const char *s);

#endif
