/* overlay.h -- the video again with what was measured drawn over it. */
#ifndef OVERLAY_H
#define OVERLAY_H

#include <avalign/avalign.h>

/* Runs ffmpeg. 0, or an exit code with the reason told on stderr. */
int overlay_write(const AvalignResult *r, const char *video, const char *out);

#endif
