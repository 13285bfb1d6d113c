/* results.h -- what the analyzers found, as numbers. Verdict, marks, pages, text and JSON are made of it; the JSON in
 * src/report/json_*.c alone.
 *
 * A real number that is not known is NAN. Each signal says by itself why it has no answer (absent: a code of docs/reasons.md,
 * static text); it may hold numbers all the same. Lists are the result's own: ava_analysis_output_free() gives all of it back.
 * Times are presentation times; nothing here is rounded. */
#ifndef AVA_EVIDENCE_RESULTS_H
#define AVA_EVIDENCE_RESULTS_H

#include "avalign/avalign.h"
#include "evidence/evidence.h"

enum { AVA_NAME = 32, AVA_SENTENCE = 400 }; /* room for short names and for sentences */

/* A stretch with a kind: "speaking" (of a track), "voice-without-face". */
typedef struct AvaSegment {
    const char *kind; /* static */
    int64_t start_us, end_us;
    int track; /* -1: of none */
} AvaSegment;

typedef AVA_VEC(AvaSegment) AvaSegmentList;

/* A reason to doubt the recording that entered the sum. */
typedef struct AvaAnomaly {
    char kind[AVA_NAME], detail[AVA_SENTENCE];
    double weight, adds;
    int has_time;
    int64_t start_us, end_us;
} AvaAnomaly;

typedef AVA_VEC(AvaAnomaly) AvaAnomalyList;

/* ---- lip sync ---------------------------------------------------------------------------- */

/* Where mouth and sound fit best: of a face, or of the file. */
typedef struct AvaSyncAnswer {
    const char *absent;
    double offset_ms; /* > 0: sound early */
    double confidence, score, p_value, container_offset_ms, content_offset_ms, similarity, prominence, lead, weak_quarter, peak_s, used_s;
} AvaSyncAnswer;

/* By loudness against mouth opening. */
typedef struct AvaEnvelopeAnswer {
    const char *absent;
    double offset_ms, confidence, correlation, prominence;
} AvaEnvelopeAnswer;

typedef struct AvaSyncStep {
    double at_s, step_ms;
} AvaSyncStep;

typedef struct AvaSyncWindow {
    double start_s, end_s, offset_ms, score, similarity; /* similarity at the file's offset */
    int track;
} AvaSyncWindow;

typedef struct AvaSyncDropout {
    double start_s, end_s, score;
} AvaSyncDropout;

/* The offset held against a named tolerance. */
typedef struct AvaToleranceResult {
    const char *name, *source; /* static; name NULL: none was asked for */
    double early_limit_ms, late_limit_ms, margin_ms, margin_interval_ms[2];
    int pass;
} AvaToleranceResult;

typedef struct AvaSyncResult {
    const char *absent;
    int by_envelope;    /* nothing could be embedded: offset, confidence and used_s are the envelope's, the rest is NAN */
    AvaSyncAnswer file;
    AvaEnvelopeAnswer envelope;
    double repeatable_ms;  /* the same material again would answer within this of it, 95 % */
    double interval_ms[2]; /* holds the true offset, 95 % */
    double drift_ppm;
    AVA_VEC(AvaSyncStep) step;
    AVA_VEC(AvaSyncWindow) window;
    AVA_VEC(AvaSyncDropout) dropout;
    int mendable;       /* a shift by file.offset_ms puts it right: ffmpeg keeps it in this container (tests/cli/fix.sh) */
    AvaToleranceResult tolerance;
} AvaSyncResult;

/* SyncNet's measures; asked: somebody wanted them. */
typedef struct AvaLseResult {
    int asked;
    const char *absent;
    AVA_VEC(AvaLseTrack) face;
    size_t longest; /* the file's answer is this face's: */
    double offset_ms, min_distance, confidence;
} AvaLseResult;

/* ---- mouth shapes ------------------------------------------------------------------------ */

typedef struct AvaHeardPhone {
    int id, shape;
    int64_t start_us, end_us;
    double seen; /* probability of the shape; NAN: not looked for, or not seen */
} AvaHeardPhone;

/* P, B or M heard while the lips stay apart. */
typedef struct AvaMissedClosure {
    int phone, track;
    int64_t time_us, frame_us; /* heard; the picture that should show it */
    int64_t frame;
    double opening, closed;
} AvaMissedClosure;

typedef struct AvaVisemeResult {
    const char *absent;
    int ran, aligned; /* phones were looked at; they come from a transcript */
    double offset_used_ms, match_ratio, chance_ratio, z, llr, used;
    size_t unknown_words;
    AVA_VEC(AvaHeardPhone) phone;
    AVA_VEC(AvaMissedClosure) missed;
} AvaVisemeResult;

/* ---- what is said ------------------------------------------------------------------------ */

/* Asked for by the configuration; nothing else reads it. */
typedef struct AvaTranscriptResult {
    int asked;
    const char *absent;
    AvaWordList word;
} AvaTranscriptResult;

/* ---- who speaks -------------------------------------------------------------------------- */

typedef struct AvaVoiceShare {
    double share, speech_s;
} AvaVoiceShare;

typedef struct AvaVoiceChange {
    int64_t time_us;
    double llr_same;
    int face_stays;
} AvaVoiceChange;

typedef struct AvaIdentityDrift {
    int track;
    int64_t time_us;
    double llr_same;
} AvaIdentityDrift;

/* Two faces and one voice. */
typedef struct AvaSharedVoice {
    int track[2];
    double voice_llr_same, face_llr_same;
} AvaSharedVoice;

typedef struct AvaSpeakerResult {
    const char *absent;
    int ran, has_voice, has_face;
    double speech_s, voice_pitch_hz;
    AVA_VEC(AvaVoiceShare) voice;
    AVA_VEC(AvaVoiceChange) change;
    AVA_VEC(AvaIdentityDrift) drift;
    AvaSegmentList offscreen;
    AVA_VEC(AvaSharedVoice) shared;
    double cross_net_cosine, match, llr, voice_female, face_female, face_age; /* match NAN: voice and face were not compared */
    int track; /* whose face it was; -1 */
} AvaSpeakerResult;

/* ---- emotion ----------------------------------------------------------------------------- */

typedef struct AvaEmotionSide {
    const char *absent;     /* why nothing is known; NULL: it is */
    int windows, strongest; /* windows 0: nothing known; strongest: AvaEmotion */
    double p[AVA_N_EMOTIONS], valence, arousal;
} AvaEmotionSide;

typedef struct AvaEmotionWindow {
    int64_t start_us, end_us;
    double voice[AVA_N_EMOTIONS], face[AVA_N_EMOTIONS], agreement, prosody[AVA_N_PROSODY];
    int track; /* whose face; -1: none to compare with */
} AvaEmotionWindow;

typedef struct AvaEmotionMismatch {
    int64_t start_us, end_us;
    int voice, face; /* AvaEmotion */
} AvaEmotionMismatch;

const char *ava_emotion_name(int emotion);

enum { AVA_MISMATCH = 64 };
/* "anger in the voice, happiness in the face"; returns out. */
const char *ava_mismatch_text(const AvaEmotionMismatch *m, char out[AVA_MISMATCH]);

/* How valence or arousal of both sides go together, at the lag that suits them best. */
typedef struct AvaAffect {
    double mean_difference, correlation;
    int face_later_s;
} AvaAffect;

typedef struct AvaGesturePair {
    const char *voice, *face; /* static */
    double correlation, z;
} AvaGesturePair;

/* Do pitch and loudness move with head, brows and lids? */
typedef struct AvaGestureResult {
    size_t n; /* 0: too little is seen */
    AvaGesturePair pair[8];
    double seconds, mean_square_z;
} AvaGestureResult;

typedef struct AvaEmotionResult {
    const char *absent;
    int ran, face_track, has_affect; /* face_track -1: none */
    AvaEmotionSide voice, face;
    double agreement, llr;
    AVA_VEC(AvaEmotionMismatch) mismatch;
    AvaAffect valence, arousal;
    AvaGestureResult gesture;
    AVA_VEC(AvaEmotionWindow) window;
} AvaEmotionResult;

/* ---- the sound --------------------------------------------------------------------------- */

typedef struct AvaVoiceWindow {
    int64_t start_us, end_us;
    double score, codec, expert[AVA_MAX_EXPERTS]; /* codec: NAN, or log odds "through a neural codec"; experts: of method voice-spoof alone */
} AvaVoiceWindow;

typedef struct AvaAuthenticityResult {
    const char *absent;
    const char *method; /* "speech-encoder" or "voice-spoof" */
    int n_experts;
    char name[AVA_MAX_EXPERTS][AVA_NAME]; /* of the experts */
    double score, llr, odds, codec, expert[AVA_MAX_EXPERTS]; /* codec: as of a window, of all */
    AVA_VEC(AvaVoiceWindow) window;
} AvaAuthenticityResult;

/* A trace that editing left in the sound. */
typedef struct AvaArtifact {
    const char *kind; /* "splice", "copy_move", "silence", "phase", "vocoder", "compression", "resampling"; static */
    int64_t start_us, end_us;
    double score;       /* [0,1]; from .5 on it counts as a sign of manipulation */
    char evidence[200]; /* a sentence */
} AvaArtifact;

typedef AVA_VEC(AvaArtifact) AvaArtifactList;

typedef struct AvaCodingGrid {
    const char *codec; /* static */
    int offset, own;   /* own: of the stream as it came */
    double strength;
} AvaCodingGrid;

typedef struct AvaArtifactsResult {
    const char *absent;
    double worst, bandwidth_hz;
    char codec[AVA_NAME];  /* "" = not known */
    const char *channels;  /* "mono", ...; NULL = not known */
    int n_grids;
    AvaCodingGrid grid[2 * AVA_CODER_GRIDS];
    size_t pulse_seconds;  /* 0: no voice for the three that follow */
    double pulse_coherence, pulse_delay_ms, pulse_decay_db;
    AvaArtifactList segment;
} AvaArtifactsResult;

/* ---- the picture ------------------------------------------------------------------------- */

/* What the experts of role drawn-face say of a face: of a window, a face, a frame, or the file. */
typedef struct AvaDrawnAnswer {
    double score, llr;                /* 0-1, 1 = genuine; natural log likelihood ratio, genuine against drawn */
    double expert[AVA_DRAWN_EXPERTS]; /* the experts' mean log odds "drawn" */
} AvaDrawnAnswer;

typedef struct AvaMouthWindow {
    int64_t start_us, end_us;
    int track;
    AvaDrawnAnswer says;
} AvaMouthWindow;

typedef struct AvaMouthTrack {
    int track;
    const char *absent;
    int64_t start_us, end_us; /* of the frames judged */
    size_t frames;
    AvaDrawnAnswer says;
} AvaMouthTrack;

/* A picture that says much, and where in it: what each place of a grid over the square adds to the larger expert's log odds. */
typedef struct AvaMouthFrame {
    int64_t t_us;
    int track, expert; /* expert: AVA_BLEND or AVA_DECODER */
    AvaDrawnAnswer says;
    double cx, cy, side;
    float place[AVA_DRAWN_PLACES];
} AvaMouthFrame;

typedef struct AvaMouthResult {
    const char *absent;
    int track;           /* the face that answers for the file: the one judged in most frames; -1: none */
    double score, llr, blend, decoder, frames_judged;
    int drawn;           /* score is under .5 */
    int expert;          /* the one that says more: AVA_BLEND or AVA_DECODER */
    int64_t start_us, end_us; /* where it is, when it is */
    AVA_VEC(AvaMouthWindow) window;
    AVA_VEC(AvaMouthTrack) face;
    AVA_VEC(AvaMouthFrame) frame; /* in time order */
} AvaMouthResult;

/* ---- verdict ----------------------------------------------------------------------------- */

/* What a term of the fusion gave. */
typedef struct AvaShare {
    char signal[64];
    double share;
} AvaShare;

typedef struct AvaVerdictResult {
    const char *absent;
    char policy[AVA_NAME];
    double score, flag_at, sum, calibrated_score, calibrated_llr, calibrated_cllr; /* calibrated_*: NAN when no term had a number */
    const char *calibrated_words; /* static or NULL */
    int flagged, judged;
    AVA_VEC(AvaShare) share;
} AvaVerdictResult;

/* What went wrong on the way and did not end it. */
typedef struct AvaWarning {
    char code[AVA_NAME], text[256];
    uint64_t count;
} AvaWarning;

typedef AVA_VEC(AvaWarning) AvaWarningList;

/* ---- all of it --------------------------------------------------------------------------- */

/* What is known of a face beside the evidence. */
typedef struct AvaTrackResult {
    int id, has_sync, views; /* views: looks at its identity; 0: none */
    AvaSyncAnswer sync;
    double speaking;         /* share of its time; NAN: not known */
    double female, age;
} AvaTrackResult;

typedef struct AvaAnalysisOutput {
    AvaSyncResult sync;
    AvaLseResult lse;
    AvaVisemeResult viseme;
    AvaTranscriptResult transcript;
    AvaSpeakerResult speaker;
    AvaEmotionResult emotion;
    AvaAuthenticityResult authenticity;
    AvaArtifactsResult artifacts;
    AvaMouthResult mouth;
    AvaVerdictResult verdict;
    AVA_VEC(AvaTrackResult) track; /* one for each of the evidence's */
    double field[AVALIGN_N_FIELDS];
    const char *reason[AVALIGN_N_FIELDS]; /* NULL = field[] is answered */
    AvaSegmentList segment;
    AvaAnomalyList anomaly;
} AvaAnalysisOutput;

void ava_sync_result_init(AvaSyncResult *r, const char *reason);
/* Nothing known yet, every signal and field absent for the reason. */
void ava_analysis_output_init(AvaAnalysisOutput *o, const char *reason);
void ava_analysis_output_free(AvaAnalysisOutput *o);
/* The track's entry, made where there is none; NULL: out of memory. */
AvaTrackResult *ava_track_result(AvaAnalysisOutput *o, int id);

/* Where the number with a name stands; NULL: no such number. */
double *ava_signal_at(AvaAnalysisOutput *o, const char *name);
/* The number with a name as in the JSON under signals ("viseme.llr"), rounded as it is there, so that whoever has the JSON can
 * compute the same; NAN: there is none. */
double ava_signal_number(const AvaAnalysisOutput *o, const char *name);
/* Is there a number of this name at all? (The names of experts are the manifest's: any will do.) */
int ava_signal_known(const char *name);
/* Does it judge beside the headline fields, so that a verdict may rest on it? */
int ava_signal_stands_alone(const char *name);
/* The i-th such name; NULL at the end. */
const char *ava_signal_name(size_t i);

/* How strong a natural log likelihood ratio is, by the size of the ratio: 0 under 2, 1 under 10, 2 under 100, 3 from there on. */
int ava_strength(double llr);

/* To 1e-decimals; no negative zero. NAN stays. */
double ava_rounded(double v, int decimals);
/* A time in seconds, rounded likewise. */
double ava_rounded_s(int64_t us, int decimals);

#endif
