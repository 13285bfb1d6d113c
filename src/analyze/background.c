/* background.c -- how much of speech has music or another voice under it, and when that is too much. */
#include "analyze/background.h"

#include <math.h>

static const double TOO_MUCH = .5, SPEAKS = .3; /* SPEAKS: share of a window */

AvaBackgroundShares ava_background_shares(const AvaEvidence *ev)
{
    double spoken = 0, music = 0, voices = 0, lead = 0;
    /* log odds; of windows without it 1 % reach -0.15 and 1.97 on held-out voices and music, a third of them over noise
     * (models/background/CARD.md), and what counts is half of the windows */
    double music_at = ev->calibration.background.music_at, voices_at = ev->calibration.background.voices_at;
    for (size_t i = 0; i < ev->background.n && isfinite(music_at) && isfinite(voices_at); i++) {
        const AvaBackground *b = &ev->background.at[i];
        size_t from = (size_t)(b->start_us / AVA_VAD_US), to = (size_t)(b->end_us / AVA_VAD_US);
        double speech = 0;
        for (size_t k = from; k < to && k < ev->voiced.n; k++)
            speech += ev->voiced.at[k] > .5f;
        if (to <= from || speech < SPEAKS * (double)(to - from))
            continue;
        spoken += speech;
        music += (double)b->music > music_at ? speech : 0;
        voices += (double)b->voices > voices_at ? speech : 0;
        lead += speech * ((double)b->music - music_at - ((double)b->voices - voices_at));
    }
    return spoken > 0 ? (AvaBackgroundShares){ music / spoken, voices / spoken, lead > 0 } : (AvaBackgroundShares){ NAN, NAN, 0 };
}

const char *ava_background_absent(const AvaEvidence *ev)
{
    AvaBackgroundShares s = ava_background_shares(ev);
    int music = s.music >= TOO_MUCH, voices = s.voices >= TOO_MUCH;
    return music && (!voices || s.more_music) ? "music" : voices ? "overlap" : NULL;
}
