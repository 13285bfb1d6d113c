/* results.c -- empty results, their end, and numbers by name. */
#include "evidence/results.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Numbers a policy can name. Decimals are those of the JSON. */
typedef struct Number {
    const char *name;
    size_t at;
    int decimals;
    int stands_alone; /* judges beside the headline fields: a verdict may rest on it */
} Number;

#define AT(signal, member) offsetof(AvaAnalysisOutput, signal.member) /* NOLINT(bugprone-macro-parentheses): a member has none */

static const Number numbers[] = {
    { "lipsync.offset_ms", AT(sync, file.offset_ms), 1, 0 },
    { "lipsync.confidence", AT(sync, file.confidence), 3, 0 },
    { "lipsync.score", AT(sync, file.score), 3, 0 },
    { "lipsync.p_value", AT(sync, file.p_value), 6, 0 },
    { "lipsync.container_offset_ms", AT(sync, file.container_offset_ms), 1, 0 },
    { "lipsync.content_offset_ms", AT(sync, file.content_offset_ms), 1, 0 },
    { "lipsync.similarity", AT(sync, file.similarity), 3, 0 },
    { "lipsync.prominence", AT(sync, file.prominence), 2, 0 },
    { "lipsync.lead", AT(sync, file.lead), 3, 0 },
    { "lipsync.weak_quarter", AT(sync, file.weak_quarter), 3, 0 },
    { "lipsync.peak_s", AT(sync, file.peak_s), 2, 0 },
    { "lipsync.used_s", AT(sync, file.used_s), 2, 0 },
    { "lipsync.repeatable_ms", AT(sync, repeatable_ms), 1, 0 },
    { "lipsync.drift_ppm", AT(sync, drift_ppm), 1, 0 },
    { "lipsync.profile.margin_ms", AT(sync, tolerance.margin_ms), 1, 0 },
    { "lipsync.envelope.offset_ms", AT(sync, envelope.offset_ms), 1, 0 },
    { "lipsync.envelope.confidence", AT(sync, envelope.confidence), 3, 0 },
    { "lipsync.envelope.correlation", AT(sync, envelope.correlation), 3, 0 },
    { "lipsync.envelope.prominence", AT(sync, envelope.prominence), 2, 0 },
    { "lse.offset_ms", AT(lse, offset_ms), 0, 0 },
    { "lse.min_distance", AT(lse, min_distance), 4, 0 },
    { "lse.confidence", AT(lse, confidence), 4, 0 },
    { "viseme.offset_used_ms", AT(viseme, offset_used_ms), 1, 0 },
    { "viseme.match_ratio", AT(viseme, match_ratio), 3, 0 },
    { "viseme.chance_ratio", AT(viseme, chance_ratio), 3, 0 },
    { "viseme.z", AT(viseme, z), 2, 0 },
    { "viseme.llr", AT(viseme, llr), 2, 0 },
    { "viseme.used", AT(viseme, used), 0, 0 },
    { "speaker.speech_s", AT(speaker, speech_s), 1, 0 },
    { "speaker.voice_pitch_hz", AT(speaker, voice_pitch_hz), 1, 0 },
    { "speaker.cross_net_cosine", AT(speaker, cross_net_cosine), 4, 0 },
    { "speaker.match", AT(speaker, match), 3, 0 },
    { "speaker.llr", AT(speaker, llr), 2, 0 },
    { "speaker.voice_female", AT(speaker, voice_female), 3, 0 },
    { "speaker.face_female", AT(speaker, face_female), 3, 0 },
    { "speaker.face_age", AT(speaker, face_age), 0, 0 },
    { "emotion.agreement", AT(emotion, agreement), 3, 0 },
    { "emotion.llr", AT(emotion, llr), 2, 0 },
    { "emotion.voice.valence", AT(emotion, voice.valence), 2, 0 },
    { "emotion.voice.arousal", AT(emotion, voice.arousal), 2, 0 },
    { "emotion.face.valence", AT(emotion, face.valence), 2, 0 },
    { "emotion.face.arousal", AT(emotion, face.arousal), 2, 0 },
    { "emotion.voice.probabilities.neutral", AT(emotion, voice.p[AVA_NEUTRAL]), 3, 0 },
    { "emotion.voice.probabilities.happiness", AT(emotion, voice.p[AVA_HAPPINESS]), 3, 0 },
    { "emotion.voice.probabilities.sadness", AT(emotion, voice.p[AVA_SADNESS]), 3, 0 },
    { "emotion.voice.probabilities.anger", AT(emotion, voice.p[AVA_ANGER]), 3, 0 },
    { "emotion.voice.probabilities.fear", AT(emotion, voice.p[AVA_FEAR]), 3, 0 },
    { "emotion.voice.probabilities.disgust", AT(emotion, voice.p[AVA_DISGUST]), 3, 0 },
    { "emotion.voice.probabilities.surprise", AT(emotion, voice.p[AVA_SURPRISE]), 3, 0 },
    { "emotion.face.probabilities.neutral", AT(emotion, face.p[AVA_NEUTRAL]), 3, 0 },
    { "emotion.face.probabilities.happiness", AT(emotion, face.p[AVA_HAPPINESS]), 3, 0 },
    { "emotion.face.probabilities.sadness", AT(emotion, face.p[AVA_SADNESS]), 3, 0 },
    { "emotion.face.probabilities.anger", AT(emotion, face.p[AVA_ANGER]), 3, 0 },
    { "emotion.face.probabilities.fear", AT(emotion, face.p[AVA_FEAR]), 3, 0 },
    { "emotion.face.probabilities.disgust", AT(emotion, face.p[AVA_DISGUST]), 3, 0 },
    { "emotion.face.probabilities.surprise", AT(emotion, face.p[AVA_SURPRISE]), 3, 0 },
    { "emotion.affect.valence.mean_difference", AT(emotion, valence.mean_difference), 2, 0 },
    { "emotion.affect.valence.correlation", AT(emotion, valence.correlation), 2, 0 },
    { "emotion.affect.arousal.mean_difference", AT(emotion, arousal.mean_difference), 2, 0 },
    { "emotion.affect.arousal.correlation", AT(emotion, arousal.correlation), 2, 0 },
    { "emotion.gesture.seconds", AT(emotion, gesture.seconds), 1, 0 },
    { "emotion.gesture.mean_square_z", AT(emotion, gesture.mean_square_z), 2, 0 },
    { "authenticity.score", AT(authenticity, score), 3, 0 },
    { "authenticity.llr", AT(authenticity, llr), 2, 0 },
    { "authenticity.odds", AT(authenticity, odds), 2, 0 },
    { "artifacts.worst", AT(artifacts, worst), 3, 0 },
    { "artifacts.bandwidth_hz", AT(artifacts, bandwidth_hz), 0, 0 },
    { "artifacts.pulses.coherence", AT(artifacts, pulse_coherence), 3, 0 },
    { "artifacts.pulses.delay_ms", AT(artifacts, pulse_delay_ms), 2, 0 },
    { "artifacts.pulses.decay_db", AT(artifacts, pulse_decay_db), 1, 0 },
    { "mouth.score", AT(mouth, score), 3, 1 },
    { "mouth.llr", AT(mouth, llr), 2, 1 },
    { "mouth.blend", AT(mouth, blend), 2, 1 },
    { "mouth.decoder", AT(mouth, decoder), 2, 1 },
    { "mouth.frames_judged", AT(mouth, frames_judged), 0, 0 },
};

enum { N_NUMBERS = sizeof numbers / sizeof *numbers };

double ava_rounded(double v, int decimals)
{
    double k = pow(10, decimals), r = rint(v * k) / k;
    return r == 0 ? 0 : r;
}

int ava_strength(double llr)
{
    double lr = exp(fabs(llr));
    return lr < 2 ? 0 : lr < 10 ? 1 : lr < 100 ? 2 : 3;
}

enum { EXPERT = sizeof "authenticity.experts." - 1 };
static int is_expert(const char *name) { return !strncmp(name, "authenticity.experts.", EXPERT); }

static const Number *results_find(const char *name)
{
    for (size_t i = 0; i < N_NUMBERS; i++)
        if (!strcmp(numbers[i].name, name))
            return &numbers[i];
    return NULL;
}

double ava_rounded_s(int64_t us, int decimals) { return ava_rounded((double)us / 1e6, decimals); }

double *ava_signal_at(AvaAnalysisOutput *o, const char *name)
{
    const Number *n = results_find(name);
    for (int k = 0; is_expert(name) && k < o->authenticity.n_experts; k++)
        if (!strcmp(name + EXPERT, o->authenticity.name[k]))
            return &o->authenticity.expert[k];
    return n ? (double *)(void *)((char *)o + n->at) : NULL;
}

double ava_signal_number(const AvaAnalysisOutput *o, const char *name)
{
    const Number *n = results_find(name);
    const double *x = ava_signal_at((AvaAnalysisOutput *)o, name);
    return x ? ava_rounded(*x, n ? n->decimals : 2) : NAN;
}

int ava_signal_stands_alone(const char *name)
{
    const Number *n = results_find(name);
    return n && n->stands_alone;
}

int ava_signal_known(const char *name) { return results_find(name) || is_expert(name); }

const char *ava_signal_name(size_t i) { return i < N_NUMBERS ? numbers[i].name : NULL; }

void ava_sync_result_init(AvaSyncResult *r, const char *reason)
{
    AvaSyncAnswer none = { reason, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN };
    *r = (AvaSyncResult){ .absent = reason, .file = none, .envelope = { reason, NAN, NAN, NAN, NAN }, .repeatable_ms = NAN, .interval_ms = { NAN, NAN },
                          .drift_ppm = NAN, .tolerance = { .margin_ms = NAN, .margin_interval_ms = { NAN, NAN } } };
}

void ava_analysis_output_init(AvaAnalysisOutput *o, const char *reason)
{
    memset(o, 0, sizeof *o);
    for (size_t i = 0; i < N_NUMBERS; i++)
        *ava_signal_at(o, numbers[i].name) = NAN;
    ava_sync_result_init(&o->sync, reason);
    o->verdict.calibrated_score = o->verdict.calibrated_llr = o->verdict.calibrated_cllr = NAN;
    o->speaker.track = o->emotion.face_track = o->mouth.track = -1;
    o->lse.absent = o->viseme.absent = o->transcript.absent = o->speaker.absent = o->emotion.absent = o->authenticity.absent =
        o->artifacts.absent = o->mouth.absent = o->verdict.absent = reason;
    for (int i = 0; i < AVALIGN_N_FIELDS; i++)
        o->reason[i] = reason;
}

const char *ava_emotion_name(int emotion) { return ava_emotion_names[emotion]; }

const char *ava_mismatch_text(const AvaEmotionMismatch *m, char out[AVA_MISMATCH])
{
    snprintf(out, AVA_MISMATCH, "%s in the voice, %s in the face", ava_emotion_names[m->voice], ava_emotion_names[m->face]);
    return out;
}

AvaTrackResult *ava_track_result(AvaAnalysisOutput *o, int id)
{
    for (size_t i = 0; i < o->track.n; i++)
        if (o->track.at[i].id == id)
            return &o->track.at[i];
    AvaTrackResult t = { .id = id, .speaking = NAN, .female = NAN, .age = NAN };
    return ava_push(&o->track, t) ? NULL : &o->track.at[o->track.n - 1];
}

void ava_analysis_output_free(AvaAnalysisOutput *o)
{
    ava_vec_free(&o->sync.step);
    ava_vec_free(&o->sync.window);
    ava_vec_free(&o->sync.dropout);
    ava_vec_free(&o->lse.face);
    ava_vec_free(&o->viseme.phone);
    ava_vec_free(&o->viseme.missed);
    ava_vec_free(&o->transcript.word);
    ava_vec_free(&o->speaker.voice);
    ava_vec_free(&o->speaker.change);
    ava_vec_free(&o->speaker.drift);
    ava_vec_free(&o->speaker.offscreen);
    ava_vec_free(&o->speaker.shared);
    ava_vec_free(&o->emotion.mismatch);
    ava_vec_free(&o->emotion.window);
    ava_vec_free(&o->authenticity.window);
    ava_vec_free(&o->artifacts.segment);
    ava_vec_free(&o->mouth.window);
    ava_vec_free(&o->mouth.face);
    ava_vec_free(&o->mouth.frame);
    ava_vec_free(&o->verdict.share);
    ava_vec_free(&o->track);
    ava_vec_free(&o->segment);
    ava_vec_free(&o->anomaly);
}
