/* live.h -- avalign analyze --live: a line of JSON for each window of a stream. */
#ifndef LIVE_H
#define LIVE_H

#include <stdio.h>

#include "common/tool.h"

/* Reads in (NULL: the address) to its end; lines go to out, flushed one by one. Prints errors; an exit code: 1 when any
 * window was flagged, 2 when none could be judged. */
int live_analyze(AvalignContext *c, const AvalignReader *in, const char *name, double window_s, FILE *out);

#endif
