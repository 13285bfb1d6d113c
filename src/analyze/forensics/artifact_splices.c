/* artifact_splices.c -- splices, repeated stretches, traces of a vocoder. */
#include "analyze/forensics/artifact_finders.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyze/forensics/authenticity_model.h"
#include "avalign/avalign.h"
#include "dsp/fingerprint.h"
#include "util/format.h"

enum { STEP_US = 10000, MAX_REPEATS = 64, MIN_REPEAT = 50, APART = 30, MAX_SPLICES = 200 };

int ava_artifact_add(AvaArtifactList *out, const char *kind, int64_t start_us, int64_t end_us, double score, const char *fmt, ...)
{
    AvaArtifact x = { .kind = kind, .start_us = start_us, .end_us = end_us, .score = fmax(0, fmin(score, 1)) };
    va_list ap;
    va_start(ap, fmt);
    ava_vformat(x.evidence, sizeof x.evidence, fmt, ap);
    va_end(ap);
    return ava_push(out, x);
}


/* Is it the highest of its neighbourhood, the first if there are several? */
static int is_top(const float *o, size_t n, size_t i)
{
    for (size_t k = i > APART ? i - APART : 0; k < n && k <= i + APART; k++)
        if (!isnan(o[k]) && (o[k] > o[i] || (k < i && o[k] >= o[i])))
            return 0;
    return 1;
}

int ava_artifact_splices(const AvaEvidence *ev, AvaArtifactList *out)
{
    const float *o = ev->splice.at;
    size_t n = ev->splice.n;
    int found = 0;
    for (size_t i = 0; i < n && found < MAX_SPLICES; i++) {
        if (isnan(o[i]) || ava_splice_score(&ev->calibration, (double)o[i]) < .3)
            continue;
        int64_t at = ava_frame_us(ev, i);
        if (!is_top(o, n, i) || at < ev->sound_t0_us + 150000 || at > ev->sound_t0_us + ev->sound_us - 150000)
            continue;
        found++;
        if (ava_artifact_add(out, "splice", at - STEP_US, at + STEP_US, ava_splice_score(&ev->calibration, (double)o[i]),
                          "the sound does not go on from itself at %.2f s (log odds %.1f)", ava_seconds(ev->origin_us + at), (double)o[i]))
            return -1;
    }
    return 0;
}

int ava_artifact_copies(const AvaEvidence *ev, AvaArtifactList *out)
{
    size_t n = ev->print.n;
    AvaRepeat r[MAX_REPEATS];
    uint8_t *use = malloc(n + 1);
    if (!use)
        return -1;
    for (size_t i = 0; i < n; i++) { /* in speech alone: music repeats itself, and so does silence */
        int64_t middle = ava_frame_us(ev, i) + AVA_PRINT_WIN * 1000000LL / AVALIGN_SPEECH_RATE / 2;
        use[i] = ava_voiced_at(ev, middle) > .5f;
    }
    int found = ava_find_repeats(ev->print.at, use, n, MIN_REPEAT, r, MAX_REPEATS), rc = found < 0 ? -1 : 0;
    for (int k = 0; k < found && !rc; k++) {
        int64_t half = AVA_PRINT_WIN * 1000000LL / AVALIGN_SPEECH_RATE / 2;
        int64_t a = ava_frame_us(ev, (size_t)r[k].first) + half, b = ava_frame_us(ev, (size_t)r[k].second) + half;
        int64_t length = (int64_t)r[k].n * STEP_US;
        rc = ava_artifact_add(out, "copy_move", b, b + length, .55 + .35 * fmin(1, (ava_seconds(length) - .5) / 1.5),
                           "%.2f s of speech from %.2f s on are a copy of what is heard from %.2f s on (%.0f %% of the fingerprint's bits differ)",
                           ava_seconds(length), ava_seconds(ev->origin_us + b), ava_seconds(ev->origin_us + a), 100 * r[k].errors);
    }
    free(use);
    return rc;
}

/* The expert that looks at phase alone. */
static int phase_expert(const AvaEvidence *ev)
{
    for (int k = 0; k < ev->n_experts; k++)
        if (ava_is_phase_expert(ev->expert[k]))
            return k;
    return -1;
}

int ava_artifact_vocoder(const AvaEvidence *ev, AvaArtifactList *out)
{
    int k = phase_expert(ev);
    for (size_t i = 0; k >= 0 && i < ev->spoof.n; i++) {
        double sum = 0;
        size_t from = i, n = 0;
        for (; i < ev->spoof.n && ava_vocoder_score(&ev->calibration, (double)ev->spoof.at[i].expert[k]) >= .5; i++, n++)
            sum += (double)ev->spoof.at[i].expert[k];
        if (n < 2) /* a single stretch of 3 s may err */
            continue;
        const AvaSpoof *a = &ev->spoof.at[from], *b = &ev->spoof.at[i - 1];
        if (ava_artifact_add(out, "vocoder", ev->sound_t0_us + a->start_us, ev->sound_t0_us + b->end_us, ava_vocoder_score(&ev->calibration, sum / (double)n),
                          "the phases of the harmonics go together as a vocoder makes them, not a throat (log odds %.1f)", sum / (double)n))
            return -1;
    }
    return 0;
}
