/* avalign_result.h -- what a finished analysis holds: its structs, and the calls that hand them out.
 * A part of avalign.h, which includes it; what is said there of ownership, threads and errors holds here. */
#ifndef AVALIGN_RESULT_H
#define AVALIGN_RESULT_H

#ifndef AVALIGN_AVALIGN_H
#error "include avalign/avalign.h"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- results ----------------------------------------------------------------- */

/* The structs of a result are the result's: avalign_result_score() and the like hand out pointers. */

typedef struct AvalignScore {
    const char *name;   /* "lipsync.offset_ms"; table: docs/scores.md */
    const char *unit;   /* "ms", "probability", "cosine", "" */
    int track;          /* face track id, -1 = whole file */
    double value;       /* undefined when !present */
    double confidence;  /* [0,1]; 0 when !present */
    int present;        /* 0: not computable here, see reason */
    const char *reason; /* NULL when present */
} AvalignScore;

typedef struct AvalignSeries {
    const char *name, *unit;
    int track;
    size_t n;
    const int64_t *t_us; /* n times, increasing */
    const float *value;  /* n values, NAN = not computed */
} AvalignSeries;

typedef struct AvalignTrack {
    int id;
    int64_t first_us, last_us;
    float box[4];    /* x, y, w, h in pixels, median over the track */
    double speaking; /* share of its time judged to be speaking; NAN = not judged */
} AvalignTrack;

/* What was found, in time order: what entered the anomaly score and what did not; the list of the page and of the marks. */
typedef struct AvalignFinding {
    const char *kind;      /* "audio-splice", "copy_move", "missed-closure", ...; docs/scores.md */
    const char *text;      /* a sentence, one line */
    double start_s, end_s; /* the whole file where the finding has no place */
    double score;          /* [0,1]; from .5 on a sign of manipulation */
    int counts;            /* 1: it entered the anomaly score, with weight, and added `adds` */
    double weight, adds;
} AvalignFinding;

/* The offset between sound and picture over a stretch of one face. */
typedef struct AvalignWindow {
    double start_s, end_s;
    int track;
    double offset_ms; /* > 0: sound early; NAN = not measured */
    double score;     /* [0,1], how well mouth and sound match at that lag; NAN = not measured */
} AvalignWindow;

/* A stretch of speech that was heard for a machine's voice. */
typedef struct AvalignVoiceWindow {
    double start_s, end_s;
    double score; /* [0,1]: under .5 it shows signs of synthesis */
    double codec; /* log odds "a person's speech that a neural codec or a restoration wrote anew"; NAN = not judged */
} AvalignVoiceWindow;

/* Was a face drawn by a program, or its mouth (analyzer "mouth")? The file's answer, track -1, is the first of the list; then
 * one of each face that was looked at. */
typedef struct AvalignMouth {
    int track;             /* -1: the file, for which the face that was judged in most pictures answers */
    const char *reason;    /* NULL, or why there is no answer: the numbers are then NAN; static text */
    size_t frames;         /* pictures judged */
    double start_s, end_s; /* of these; NAN: there are none */
    double score;          /* [0,1], 1 = as cameras see a face; under .5 it looks drawn */
    double llr;            /* natural log likelihood ratio, genuine against drawn; bounded */
    double blend, decoder; /* natural log odds of the experts: a part comes from elsewhere; it came out of a generator's decoder */
} AvalignMouth;

/* The same over four seconds of one face. */
typedef struct AvalignMouthWindow {
    double start_s, end_s;
    int track;
    double score, llr, blend, decoder;
} AvalignMouthWindow;

/* "speech", "shot", "speaking" (a face, while lip sync has it speak), "voice-without-face". */
typedef struct AvalignSegment {
    const char *kind;
    double start_s, end_s;
    int track; /* -1 = none */
} AvalignSegment;

/* What went less than well, and how often: "damaged", "sound-gaps", ... */
typedef struct AvalignWarning {
    const char *code, *text;
    uint64_t count;
} AvalignWarning;

/* A net that took part. */
typedef struct AvalignUsedModel {
    const char *role, *name, *sha256, *licence;
} AvalignUsedModel;

typedef enum AvalignFormat {
    AVALIGN_JSON = 1, /* docs/result.schema.json */
    AVALIGN_TEXT,     /* a terminal summary in words */
    /* the findings as marks for other tools (docs/marks.md) */
    AVALIGN_VTT, AVALIGN_EDL, AVALIGN_CSV, AVALIGN_RTTM, AVALIGN_TEXTGRID, AVALIGN_OTIO, AVALIGN_SARIF,
    AVALIGN_ASS,      /* subtitles that draw faces, speech, offset and findings over the video */
    /* the heard words as captions, WebVTT and SubRip; AVALIGN_ERR_ARG without AvalignConfig.transcribe */
    AVALIGN_WORDS_VTT, AVALIGN_WORDS_SRT
} AvalignFormat;
typedef int AvalignWriteFn(void *cookie, const char *bytes, size_t n); /* 0 = go on */

/* The headline fields. A field without an answer has present bit 0 and a
 * static reason code ("no-speech", "no-face", ...; docs/reasons.md); its number
 * is then undefined and must not be read. */
typedef enum AvalignField {
    AVALIGN_SYNC_OFFSET_MS,
    AVALIGN_SYNC_CONFIDENCE,
    AVALIGN_LIP_SYNC_SCORE,
    AVALIGN_VOICE_FACE_MATCH,
    AVALIGN_EMOTION_COHERENCE,
    AVALIGN_VOICE_AUTHENTICITY,
    AVALIGN_ANOMALY_SCORE,
    AVALIGN_N_FIELDS
} AvalignField;

enum { AVALIGN_MAX_FIELDS = 16 }; /* room for those to come */

/* A field's description, for listings, tables and pages. */
typedef struct AvalignFieldInfo {
    const char *key;   /* its name in the JSON, "sync_offset_ms" */
    const char *unit;  /* "ms", "probability" or "" */
    const char *label; /* in words, "lip-sync offset" */
    const char *meaning; /* of its numbers, one line */
    int decimals;      /* worth printing */
    double low, high;  /* its range; NAN = no bound */
    int suspicious;    /* +1: high values are, -1: low ones, 0: neither by itself */
    double limit;      /* where the answer turns: beyond it the value is suspicious; NAN = no such place */
} AvalignFieldInfo;
/* Of the i-th AvalignField; NULL past the last. */
AVALIGN_API const AvalignFieldInfo *avalign_field_info(size_t i);

/* Why a number is absent: the code that the JSON has, the same in words, and what would help (docs/reasons.md tells more). */
typedef struct AvalignReasonInfo {
    const char *code, *words, *helps; /* helps: what the person who has the file can do; NULL: nothing is known */
} AvalignReasonInfo;
/* In the order of the registry, NULL past the last. */
AVALIGN_API const AvalignReasonInfo *avalign_reason_info(size_t i);
/* The words for a code; a code that is not known is handed back, NULL too. */
AVALIGN_API const char *avalign_reason_words(const char *code);

typedef struct AvalignAudioVisualResult {
    double sync_offset_ms;     /* > 0: sound early */
    double sync_confidence;    /* [0,1] */
    double lip_sync_score;     /* [0,1] */
    double voice_face_match;   /* [0,1] */
    double emotion_coherence;  /* [0,1] */
    double voice_authenticity; /* [0,1], 1 = real */
    double anomaly_score;      /* [0,1] */
    double reserved_value[AVALIGN_MAX_FIELDS - AVALIGN_N_FIELDS];
    uint32_t present;          /* bit per AvalignField */
    const char *reason[AVALIGN_MAX_FIELDS];
    size_t n_anomaly_details;
    const char *const *anomaly_details; /* sentences; owned by the result */
    uint64_t reserved[4];
} AvalignAudioVisualResult;

AVALIGN_API int avalign_result_fields(const AvalignResult *r, AvalignAudioVisualResult *out);
/* Did the anomaly score reach the threshold? 1, 0, or -1: there is no score. */
AVALIGN_API int avalign_result_flagged(const AvalignResult *r);

/* Lists: how many, and the i-th from 0 (NULL past the last). NULL is a result without anything. */
AVALIGN_API size_t avalign_result_n_scores(const AvalignResult *r);
AVALIGN_API const AvalignScore *avalign_result_score(const AvalignResult *r, size_t i);
AVALIGN_API size_t avalign_result_n_findings(const AvalignResult *r);
AVALIGN_API const AvalignFinding *avalign_result_finding(const AvalignResult *r, size_t i);
AVALIGN_API size_t avalign_result_n_windows(const AvalignResult *r);
AVALIGN_API const AvalignWindow *avalign_result_window(const AvalignResult *r, size_t i);
AVALIGN_API size_t avalign_result_n_voice_windows(const AvalignResult *r);
AVALIGN_API const AvalignVoiceWindow *avalign_result_voice_window(const AvalignResult *r, size_t i);
AVALIGN_API size_t avalign_result_n_mouths(const AvalignResult *r);
AVALIGN_API const AvalignMouth *avalign_result_mouth(const AvalignResult *r, size_t i);
AVALIGN_API size_t avalign_result_n_mouth_windows(const AvalignResult *r);
AVALIGN_API const AvalignMouthWindow *avalign_result_mouth_window(const AvalignResult *r, size_t i);
AVALIGN_API size_t avalign_result_n_segments(const AvalignResult *r);
AVALIGN_API const AvalignSegment *avalign_result_segment(const AvalignResult *r, size_t i);
AVALIGN_API size_t avalign_result_n_tracks(const AvalignResult *r);
AVALIGN_API const AvalignTrack *avalign_result_track(const AvalignResult *r, size_t i);
AVALIGN_API size_t avalign_result_n_warnings(const AvalignResult *r);
AVALIGN_API const AvalignWarning *avalign_result_warning(const AvalignResult *r, size_t i);
AVALIGN_API size_t avalign_result_n_models(const AvalignResult *r);
AVALIGN_API const AvalignUsedModel *avalign_result_model(const AvalignResult *r, size_t i);
AVALIGN_API size_t avalign_result_n_series(const AvalignResult *r);
AVALIGN_API const AvalignSeries *avalign_result_series_at(const AvalignResult *r, size_t i);
/* The one of that name and track (-1: of none); NULL: there is none. */
AVALIGN_API const AvalignSeries *avalign_result_series(const AvalignResult *r, const char *name, int track);

/* Whose voice and whose faces were heard and seen (analyzer "speaker"). Only vectors with the
 * same model_sha256 may be compared. */
typedef struct AvalignEmbedding {
    const char *kind;         /* "voice" or "face" */
    const char *model_sha256; /* of the net that made it */
    int track;                /* face track id; -1 for the voice */
    size_t n;                 /* AVALIGN_VOICE_DIM or AVALIGN_FACE_DIM */
    const float *v;           /* n numbers, length 1; the quality-weighted mean over time */
    double seconds;           /* of speech, or of the face */
    double quality;           /* [0,1] */
} AvalignEmbedding;
AVALIGN_API size_t avalign_result_n_embeddings(const AvalignResult *r);
AVALIGN_API const AvalignEmbedding *avalign_result_embedding(const AvalignResult *r, size_t i);

/* AVALIGN_ERR_IO: write() said no. */
AVALIGN_API int avalign_result_write(const AvalignResult *r, AvalignFormat format,
                                     AvalignWriteFn *write, void *cookie, AvalignErrorInfo *why);
/* The evidence page: one HTML file that needs no network. video: how the page finds the video, as a path
 * relative to the page ("../clips/a.mp4"); NULL: the reader drops it on the page. */
AVALIGN_API int avalign_result_write_page(const AvalignResult *r, const char *video, AvalignWriteFn *write, void *cookie,
                                          AvalignErrorInfo *why);
/* Adds a line to the head of the page, in the order of the calls: whose case it is, which exhibit, who examined it when. Never in the
 * JSON, which stays the same for the same file. label and text: UTF-8, made one line of; copied. Changes the result, like the next.
 * AVALIGN_ERR_ARG: empty or too long; AVALIGN_ERR_LIMIT: there are AVALIGN_MAX_NOTES. */
enum { AVALIGN_MAX_NOTES = 64, AVALIGN_MAX_NOTE_LABEL = 80, AVALIGN_MAX_NOTE_TEXT = 4000 };
AVALIGN_API int avalign_result_add_note(AvalignResult *r, const char *label, const char *text, AvalignErrorInfo *why);
/* Takes small pictures for the page from the file that was analyzed (each face, lips that should have
 * closed, what speaks most for a drawn face, places of findings), which decodes its picture once more, within the configuration's max_pixels. Changes
 * the result: no other thread may use it meanwhile. */
AVALIGN_API int avalign_result_add_thumbnails(AvalignResult *r, const char *path, AvalignErrorInfo *why);
AVALIGN_API int avalign_result_add_thumbnails_reader(AvalignResult *r, const AvalignReader *in, AvalignErrorInfo *why);
/* A result that was written before (AVALIGN_JSON), or an evidence page, judged by another policy (as AvalignConfig.policy and flag_at
 * say it) without the recording: everything but the verdict stays, to the byte. The verdict comes from the numbers as they are written there,
 * rounded; one that lies within its last digit of a limit can fall to the other side. AVALIGN_ERR_FORMAT: it is neither. */
AVALIGN_API int avalign_judge_again(const char *result, size_t size, const char *policy, double flag_at, AvalignWriteFn *write, void *cookie,
                                    AvalignErrorInfo *why);
AVALIGN_API void avalign_result_free(AvalignResult **r);

#ifdef __cplusplus
}
#endif

#endif /* AVALIGN_RESULT_H */
