/* background.h -- what else is heard while somebody speaks, and whether it is too much for the analyzers of the voice. */
#ifndef AVA_ANALYZE_BACKGROUND_H
#define AVA_ANALYZE_BACKGROUND_H

#include "evidence/evidence.h"

/* Shares of the time somebody speaks; NAN: not known (no net, no speech). */
typedef struct AvaBackgroundShares {
    double music, voices;
    int more_music; /* music is the surer of the two */
} AvaBackgroundShares;

AvaBackgroundShares ava_background_shares(const AvaEvidence *ev);
/* "music" or "overlap", the surer, when half of the speech has it, else NULL. */
const char *ava_background_absent(const AvaEvidence *ev);

#endif
