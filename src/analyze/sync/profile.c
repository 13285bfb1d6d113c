/* profile.c -- the table of tolerances, and how far an offset lies inside or outside one. */
#include "analyze/sync/profile.h"

#include <math.h>
#include <string.h>

static const AvaProfile profiles[] = {
    { "seed", "avalign's own threshold, 100 ms either way", 100, 100 },
    { "bt1359-detect", "ITU-R BT.1359-1 (1998), detectability", 45, 125 },
    { "bt1359-accept", "ITU-R BT.1359-1 (1998), acceptability", 90, 185 },
    { "ebu-r37", "EBU R37-2007, at the output to the transmitter", 40, 60 },
    { "atsc-is191", "ATSC IS-191 (2003), at the encoder's input", 15, 45 },
    { "film", "ITU-R BR.265-9, half a film frame", 22, 22 },
};

const AvaProfile *ava_profile(const char *name)
{
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++)
        if (!strcmp(profiles[i].name, name))
            return &profiles[i];
    return NULL;
}

double ava_profile_margin(const AvaProfile *p, double ms) { return fmin(p->early_ms - ms, p->late_ms + ms); }
