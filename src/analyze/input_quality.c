/* input_quality.c -- the gates that several analyzers share: noise, bit rate, music, whisper, song, covered faces. */
#include "analyze/input_quality.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/background.h"

/* People speak at a pitch in .38 of their speech at the least (real dev videos and the shared recordings), a whisper in none. */
static const double NOISY_DB = 3, WHISPER = .15, STEADY = .2 /* semitones */;
/* Of 153 real recordings of speech one reaches .19 (acted calm), the next .07; a cappella song .04 to .44 (docs/accuracy.md). A net that
 * was taught speech takes song for a machine's voice. */
static const double SUNG = .1;

/* bit/s under which too little of a voice is left; codecs that are not named here keep it, or are telephones' (narrow-band). */
static const struct { const char *codec; int64_t least; } coded[] = {
    { "aac", 14000 }, { "mp3", 14000 }, { "mp2", 14000 }, { "vorbis", 14000 }, { "ac3", 14000 }, { "eac3", 14000 },
    { "wmav1", 14000 }, { "wmav2", 14000 }, { "opus", 8000 },
};

/* Share of the speech in which something repeats at a pitch; NAN: pitch was not measured. */
static double share_with_pitch(const AvaEvidence *ev)
{
    size_t speech = 0, pitched = 0;
    for (size_t i = 0; i < ev->pitch.n; i++)
        if (ava_voiced_at(ev, ev->sound_t0_us + 20000 + (int64_t)i * 10000) > .5f) {
            speech++;
            pitched += ev->pitch.at[i] > 0;
        }
    return speech > 100 ? (double)pitched / (double)speech : NAN;
}

/* Notes are held and words glide: at 10 ms i of the pitch, does its mean over 180 ms (vibrato is gone) stay within a fifth of a semitone for a
 * sixth of a second? Where pitch is missing it does not. */
static int held(const float *semitone, size_t n, size_t i)
{
    enum { HALF = 9, REACH = 8 };
    double mean[3] = { 0 };
    for (int k = -1; k <= 1; k++) {
        size_t at = i + (size_t)(k + 1) * REACH;
        for (size_t j = at; j < at + 2 * HALF; j++) {
            if (j >= n || isnan(semitone[j]))
                return 0;
            mean[k + 1] += (double)semitone[j] / (2 * HALF);
        }
    }
    return fabs(mean[1] - mean[0]) < STEADY && fabs(mean[2] - mean[1]) < STEADY;
}

double ava_share_held(const AvaEvidence *ev)
{
    size_t n = ev->pitch.n, all = 0, notes = 0;
    float *s = malloc((n + 1) * sizeof *s);
    if (!s)
        return NAN;
    for (size_t i = 0; i < n; i++)
        s[i] = ev->pitch.at[i] > 0 && ava_voiced_at(ev, ev->sound_t0_us + 20000 + (int64_t)i * 10000) > .5f ? 12 * log2f(ev->pitch.at[i] / 100) : NAN;
    for (size_t i = 0; i < n; i++) {
        all += !isnan(s[i]);
        notes += held(s, n, i);
    }
    free(s);
    return all > 100 ? (double)notes / (double)all : NAN;
}

const char *ava_voice_unfit(const AvaEvidence *ev)
{
    if (share_with_pitch(ev) < WHISPER) /* which looks like noise, too */
        return "whisper";
    if (ava_share_held(ev) > SUNG)
        return "singing";
    if (ev->snr_db < NOISY_DB)
        return "too-noisy";
    for (size_t i = 0; i < sizeof coded / sizeof *coded; i++)
        if (ev->audio_bit_rate && ev->audio_bit_rate < coded[i].least && !strcmp(ev->audio_codec, coded[i].codec))
            return "low-bit-rate";
    return ava_background_absent(ev);
}

/* ---- the picture ------------------------------------------------------------------------- */

enum { A_SECOND = 25, SMALL_EYE = 24 /* pixels */, TURNED = 40 /* degrees */ };

static int input_quality_by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* From the 5th to the 95th of a hundred. */
static float spread(float *v, size_t n)
{
    qsort(v, n, sizeof *v, input_quality_by_value);
    return v[n - 1 - n / 20] - v[n / 20];
}

/* On a photograph, however it is coded, landmarks wander by a fiftieth of the distance between the eyes at most; lips that
 * speak move further (docs/accuracy.md). Zooming and panning move the box but neither lips nor head. */
static int is_still(const AvaTrackRows *t)
{
    enum { MEASURES = 4 };
    static const float most[MEASURES] = { .02f, .02f, 1.5f, 1.5f };
    size_t n = t->row.n;
    float *v = malloc(n * sizeof *v);
    int still = v != NULL;
    for (int k = 0; still && k < MEASURES; k++) {
        for (size_t i = 0; i < n; i++) {
            const AvaFaceRow *r = &t->row.at[i];
            v[i] = k == 0 ? r->mouth_open : k == 1 ? r->mouth_width : k == 2 ? r->yaw : r->pitch;
        }
        still = spread(v, n) < most[k];
    }
    free(v);
    return still;
}

int ava_still_image(const AvaEvidence *ev)
{
    int stills = 0;
    for (size_t i = 0; i < ev->track.n; i++) {
        if (ev->track.at[i].row.n < A_SECOND)
            continue;
        if (!is_still(&ev->track.at[i]))
            return 0;
        stills++;
    }
    return stills > 0;
}

static const char *input_quality_unfit(const AvaEvidence *ev, int eyes)
{
    size_t n = 0, small = 0, turned = 0, covered = 0;
    for (size_t i = 0; i < ev->track.n; i++) {
        const AvaTrackRows *t = &ev->track.at[i];
        for (size_t k = 0; k < t->row.n; k++) {
            const AvaFaceRow *r = &t->row.at[k];
            n += r->eye > 0; /* else a caller's mouth or box of which nothing was seen */
            if (!(r->eye > 0))
                continue;
            if (r->eye < SMALL_EYE)
                small++;
            else if (fabsf(r->yaw) > TURNED)
                turned++;
            else
                covered += r->occlusion > AVA_COVERED || (eyes && r->dark_eyes > AVA_DARK_EYES);
        }
    }
    if (!n || 2 * (small + turned + covered) < n)
        return NULL;
    return covered > small && covered > turned ? "face-covered" : small >= turned ? "low-resolution" : "profile";
}

const char *ava_face_unfit(const AvaEvidence *ev) { return input_quality_unfit(ev, 1); }
const char *ava_lips_unfit(const AvaEvidence *ev) { return input_quality_unfit(ev, 0); }
