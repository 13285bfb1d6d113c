#include "analyze/background.h"

#include <math.h>

/* Log odds that 1 % of windows without it reach, on held-out voices and music: models/background/CARD.md. */
static const float MUSIC_AT = 0, VOICES_AT = 1.1f;
static const double TOO_MUCH = .5, SPEAKS = .3; /* SPEAKS: share of a window */

AvaBackgroundShares ava_background_shares(const AvaEvidence *ev)
{
    double spoken = 0, music = 0, voices = 0;
    for (size_t i = 0; i < ev->background.n; i++) {
        const AvaBackground *b = &ev->background.at[i];
        size_t from = (size_t)(b->start_us / AVA_VAD_US), to = (size_t)(b->end_us / AVA_VAD_US);
        double speech = 0;
        for (size_t k = from; k < to && k < ev->voiced.n; k++)
            speech += ev->voiced.at[k] > .5f;
        if (to <= from || speech < SPEAKS * (double)(to - from))
            continue;
        spoken += speech;
        music += b->music > MUSIC_AT ? speech : 0;
        voices += b->voices > VOICES_AT ? speech : 0;
    }
    return spoken > 0 ? (AvaBackgroundShares){ music / spoken, voices / spoken } : (AvaBackgroundShares){ NAN, NAN };
}

const char *ava_background_absent(const AvaEvidence *ev)
{
    AvaBackgroundShares s = ava_background_shares(ev);
    return s.music >= TOO_MUCH ? "music" : s.voices >= TOO_MUCH ? "overlap" : NULL;
}
