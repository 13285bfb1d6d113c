/* embedding.c -- what the evidence says of a person: mean voice and face, pitch, the rhythm of speech. */
#include "evidence/embedding.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/sort.h"

double ava_cosine(const float *a, const float *b, size_t n)
{
    double ab = 0, aa = 1e-12, bb = 1e-12;
    for (size_t i = 0; i < n; i++) {
        ab += (double)a[i] * b[i];
        aa += (double)a[i] * a[i];
        bb += (double)b[i] * b[i];
    }
    return ab / sqrt(aa * bb);
}

/* Adds w times v to sum. */
static void embedding_add(double *sum, const float *v, double w, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += w * v[i];
}

static void normalise(const double *sum, float *out, size_t n)
{
    double norm = 1e-12;
    for (size_t i = 0; i < n; i++)
        norm += sum[i] * sum[i];
    for (size_t i = 0; i < n; i++)
        out[i] = (float)(sum[i] / sqrt(norm));
}

double ava_mean_voice(const AvaEvidence *ev, float out[AVALIGN_VOICE_DIM])
{
    double sum[AVALIGN_VOICE_DIM] = { 0 };
    for (size_t i = 0; i < ev->voice.n; i++)
        embedding_add(sum, ev->voice.at[i].v, 1, AVALIGN_VOICE_DIM);
    normalise(sum, out, AVALIGN_VOICE_DIM);
    double one = ev->voice.n ? (double)ev->voice.at[0].speech_s : 0;
    return ev->voice.n < 2 ? one : one / 2 * ((double)ev->voice.n + 1); /* windows overlap by half */
}

double ava_mean_face(const AvaTrackRows *t, float out[AVALIGN_FACE_DIM], double *quality)
{
    double sum[AVALIGN_FACE_DIM] = { 0 }, best = 0;
    for (size_t i = 0; i < t->face.n; i++) {
        embedding_add(sum, t->face.at[i].v, t->face.at[i].quality, AVALIGN_FACE_DIM);
        best = fmax(best, t->face.at[i].quality);
    }
    normalise(sum, out, AVALIGN_FACE_DIM);
    *quality = best;
    return (double)t->face.n;
}

size_t ava_spoken_pitch(const AvaEvidence *ev, float **out)
{
    float *v = *out = malloc((ev->pitch.n + 1) * sizeof *v);
    size_t n = 0;
    for (size_t j = 0; v && j < ev->pitch.n; j++)
        if (ev->pitch.at[j] > 0 && ava_voiced_at(ev, ev->sound_t0_us + 20000 + (int64_t)j * AVA_ENERGY_US) > 0.5f)
            v[n++] = ev->pitch.at[j];
    if (v)
        ava_sort_float(v, n);
    return n;
}

double ava_median_pitch(const AvaEvidence *ev)
{
    float *v;
    size_t n = ava_spoken_pitch(ev, &v);
    double m = n >= 20 ? v[n / 2] : 0;
    free(v);
    return m;
}

void ava_rhythm(const AvaEvidence *ev, AvaRhythm *out)
{
    *out = (AvaRhythm){ NAN, NAN, NAN, NAN };
    float *v;
    size_t n = ava_spoken_pitch(ev, &v), pauses = 0, quiet = 0;
    double total = 0;
    if (n >= 100) {
        out->pitch_hz = v[n / 2];
        out->pitch_spread = 12 * log2(v[n * 3 / 4] / v[n / 4]);
    }
    free(v);
    int spoken = 0;
    for (size_t i = 0; i < ev->voiced.n; i++) {
        if (ev->voiced.at[i] < 0.5f) {
            quiet++;
            continue;
        }
        double s = (double)quiet * AVA_VAD_US / 1e6;
        if (spoken && s >= 0.2 && s <= 2) {
            pauses++;
            total += s;
        }
        spoken = 1;
        quiet = 0;
    }
    if (ev->speech_s >= 10) {
        out->pauses_per_minute = (double)pauses * 60 / ev->speech_s;
        out->pause_s = pauses ? total / (double)pauses : NAN;
    }
}
