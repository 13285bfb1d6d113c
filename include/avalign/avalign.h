/* avalign.h -- public interface of libavalign.
 *
 * Give the library a video (a path, your own reader, or decoded frames and
 * samples) and it tells how well sound and picture belong together.
 *
 * Ownership    What *_open, *_load and *_analyze* hand out is the caller's;
 *              release it with the call named beside it. Everything reached
 *              through a const pointer belongs to the object it came from and
 *              lives as long as that object. Input buffers are only read
 *              during the call.
 * Threads      AvalignModels and AvalignResult may be shared by threads: nothing
 *              changes what callers see of them, but for two calls that say so
 *              (avalign_models_set_speaker_id(), avalign_result_add_thumbnails())
 *              and want the object for themselves. An AvalignContext is used by one
 *              thread at a time; avalign_cancel() alone may come from any
 *              thread. Different contexts are independent. The library keeps no
 *              state outside of these objects and reads no environment, but for
 *              AVALIGN_MODELS in avalign_analyze_audio_visual_alignment(). Two
 *              things beneath it are one for the whole process: FFmpeg's log is
 *              set quiet when a file is opened, unless keep_ffmpeg_log, and
 *              pocketsphinx's log is switched off.
 * Time         int64_t microseconds on the presentation clock, 0 = first
 *              presented instant of the file. Durations likewise.
 * Sign         A positive offset means the sound is early: it leads the
 *              picture, and delaying the sound by that much aligns the two.
 * Errors       0 or a count on success, a negative AvalignError on failure.
 *              A call with an AvalignContext says why in
 *              avalign_last_error(), any other one in *why (may be NULL);
 *              both are cleared when the call begins. (A NULL context, a list's
 *              index past its end and the like are told by the code or by
 *              NULL alone.) The library never
 *              exits, aborts or writes to stdio.
 * Versions     A program built against 1.x runs on every later 1.y. Configurations
 *              begin with their size (struct_size). Other structs of the caller's keep
 *              their size for ever: zero them first ("= { 0 }"), for
 *              what is reserved must be 0 and may get a meaning. Structs that
 *              the library hands out by pointer may grow at their end.
 */
#ifndef AVALIGN_AVALIGN_H
#define AVALIGN_AVALIGN_H

#include <stddef.h>
#include <stdint.h>

#include "version.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct AvalignModels AvalignModels;   /* loaded weights, shared */
typedef struct AvalignContext AvalignContext; /* one analysis in progress */
typedef struct AvalignResult AvalignResult;   /* one finished analysis */

typedef enum AvalignError {
    AVALIGN_OK = 0,
    AVALIGN_ERR_ARG = -1,       /* NULL, out of range, wrong state */
    AVALIGN_ERR_NOMEM = -2,     /* allocation failed or budget exceeded */
    AVALIGN_ERR_IO = -3,        /* reader or file system */
    AVALIGN_ERR_FORMAT = -4,    /* not a media file, or damaged beyond use */
    AVALIGN_ERR_NO_STREAM = -5, /* no usable audio or video stream */
    AVALIGN_ERR_MODEL = -6,     /* missing, wrong hash, wrong shape */
    AVALIGN_ERR_INFER = -7,     /* the inference runtime refused */
    AVALIGN_ERR_LIMIT = -8,     /* a limit of AvalignConfig was hit */
    AVALIGN_ERR_CANCELLED = -9,
    AVALIGN_ERR_UNKNOWN_OPTION = -10,
    AVALIGN_ERR_VERSION = -11 /* header and library do not match */
} AvalignError;

typedef struct AvalignErrorInfo {
    int code;          /* AvalignError */
    const char *stage; /* "open", "demux", "face", "lipsync", ...; static text */
    char message[256]; /* one line, UTF-8, no newline, cut if longer */
    int64_t at_us;     /* media time, INT64_MIN when none */
    int cause;         /* errno, AVERROR or the engine's status; 0 when none */
    uint64_t reserved[4];
} AvalignErrorInfo;

typedef enum AvalignLogLevel {
    AVALIGN_LOG_ERROR = 1,
    AVALIGN_LOG_WARNING,
    AVALIGN_LOG_INFO,
    AVALIGN_LOG_DEBUG
} AvalignLogLevel;

/* Called with a finished line, possibly from a worker thread, never
 * concurrently for one context. */
typedef void AvalignLogFn(void *cookie, AvalignLogLevel level, const char *stage,
                          const char *line);
/* Fraction done in [0,1], or -1 when the length is unknown. Called from the
 * thread that runs the analysis. */
typedef void AvalignProgressFn(void *cookie, double done, int64_t at_us);

/* ---- faces and samples as the pipeline sees them -------------------------- */

enum {
    AVALIGN_LANDMARKS = 468,  /* MediaPipe face mesh, x y z */
    AVALIGN_MOUTH_SIDE = 96,  /* aligned grey mouth crop, pixels */
    AVALIGN_FACE_SIDE = 112,  /* aligned RGB face crop, pixels (ArcFace template) */
    AVALIGN_PORTRAIT_SIDE = 160, /* upright RGB crop, 1.4 faces wide, pixels */
    AVALIGN_VOICE_DIM = 256, /* of a voice embedding */
    AVALIGN_FACE_DIM = 512,  /* of a face embedding */
    AVALIGN_GRID_FPS = 25,    /* analysis grid, frames per second */
    AVALIGN_SPEECH_RATE = 16000 /* Hz, mono, what speech analyzers read */
};

/* One face at one instant of the 25 fps grid. Landmarks are interpolated
 * between the two frames around the instant; crops come from the nearer one.
 * Crops are NULL when the frame is unknown (caller's own tracking). */
typedef struct AvalignFaceView {
    int track_id;
    int64_t t_us;             /* grid instant */
    const float *landmarks;   /* 468 * 3: x, y in upright square pixels, z same unit */
    float presence;           /* landmark net's face probability, [0,1] */
    float box[4];             /* x, y, w, h, pixels */
    float yaw, pitch, roll;   /* degrees; yaw > 0 turned to the image right */
    float eye_distance;       /* outer eye corners, pixels, 3-D */
    float sharpness;          /* Laplacian energy of the aligned face, >= 0 */
    float occlusion;          /* share of the lower face unlike the rest, [0,1] */
    float dark_eyes;          /* share of the skin around the eyes under half as bright as the cheeks, [0,1] */
    float mouth_open;         /* inner-lip gap / eye distance */
    float mouth_width;        /* lip-corner distance / eye distance */
    float brow;               /* brow above the lower lid / eye distance; NAN: not known */
    float eye_open;           /* lids apart / eye distance; NAN: not known */
    const uint8_t *mouth;     /* 96 * 96 grey, row by row, or NULL */
    const uint8_t *face;      /* 112 * 112 * 3 RGB, or NULL */
    const uint8_t *portrait;  /* 160 * 160 * 3 RGB, given with face, or NULL */
} AvalignFaceView;

/* Both run on worker threads, in time order for one track; return non-zero to
 * stop the analysis with AVALIGN_ERR_CANCELLED. */
typedef int AvalignFaceFn(void *cookie, const AvalignFaceView *face);
/* 16 kHz mono samples in [-1,1]; t_us of the first; gaps are filled with zeros. */
typedef int AvalignSpeechFn(void *cookie, int64_t t_us, const float *samples, size_t n);

/* Zeroed fields mean "default"; struct_size (avalign_config_init() sets it) lets old
 * callers work with a newer library: no more than that is read. */
typedef struct AvalignConfig {
    size_t struct_size;
    unsigned n_threads;      /* 1 = everything in the calling thread; else three workers beside the decoder. Results are the same */
    unsigned queue_depth;    /* decoded frames in flight; 0 = 4 */
    uint64_t max_memory;     /* bytes for queued frames (an eighth), for what is kept of faces (half) and of sound (three
                                eighths), and for the series on the faces' times; 0 = 1 GiB, some 20 hours of one face */
    uint64_t max_pixels;     /* per frame; 0 = 8192 * 4320 */
    int64_t max_duration_us; /* 0 = no limit; analysis stops there with a warning */
    unsigned max_faces;      /* tracked at once; 0 = 8 */
    const char *analyzers;   /* "lipsync,speaker"; NULL = all; "-viseme" = all but */
    int min_log_level;       /* AvalignLogLevel; 0 = WARNING */
    AvalignLogFn *log;           /* NULL = silent */
    AvalignProgressFn *progress; /* NULL = none */
    void *cookie;                /* handed to every callback */
    int audio_stream;            /* n-th audio stream, from 1; 0 = the default one */
    int allow_network;           /* 1 = URLs may be opened */
    int keep_ffmpeg_log;     /* 0 = FFmpeg's own, process-wide log is set quiet */
    AvalignFaceFn *on_face;      /* NULL = none */
    AvalignSpeechFn *on_speech;  /* NULL = none */
    const char *profile;         /* tolerance for the offset: seed, bt1359-detect, bt1359-accept,
                                    ebu-r37, atsc-is191, film; NULL = none */
    double flag_at;              /* verdict threshold of anomaly_score; 0 = the policy's, 0.5 */
    int lse;                     /* 1 = also SyncNet's own measures; its nets must be in the models */
    const char *transcript;      /* English text of what is said, for the viseme analyzer; NULL = none */
    const char *policy;          /* "seed" (NULL), "calibrated" or a JSON document (docs/policy.schema.json) */
    int video_stream;            /* n-th picture track, from 1, cover art not counted; 0 = the one that shows a face */
} AvalignConfig;

/* Is it a policy? 0, AVALIGN_ERR_UNKNOWN_OPTION or AVALIGN_ERR_ARG, as avalign_open() would say. */
AVALIGN_API int avalign_policy_check(const char *policy, AvalignErrorInfo *why);

/* Read like pread-less stdio. read: bytes read, 0 at end, <0 on error.
 * seek: new position or <0, SEEK_SET/CUR/END; seek may be NULL (streamed). */
typedef struct AvalignReader {
    void *cookie;
    int64_t (*read)(void *cookie, uint8_t *buf, size_t size);
    int64_t (*seek)(void *cookie, int64_t offset, int whence);
    const char *name; /* the result's "file"; NULL: none */
    uint64_t reserved[4];
} AvalignReader;

typedef enum AvalignPixelFormat {
    AVALIGN_PIX_RGB24 = 1, /* data[0]: h rows of w RGB triples */
    AVALIGN_PIX_GRAY8,     /* data[0] */
    AVALIGN_PIX_I420       /* data[0..2]: Y h*w, U and V (h+1)/2*(w+1)/2, limited range */
} AvalignPixelFormat;

typedef struct AvalignImage {
    AvalignPixelFormat format;
    int width, height;      /* pixels, upright (rotation applied) */
    int64_t pts_us;         /* strictly increasing */
    const uint8_t *data[3];
    ptrdiff_t stride[3];    /* bytes; may be negative */
    uint64_t reserved[4];
} AvalignImage;

typedef struct AvalignPcm {
    int sample_rate;        /* Hz, 8000..192000, constant per context */
    int channels;           /* 1..8, interleaved */
    int64_t pts_us;         /* of the first sample */
    const float *samples;   /* frames * channels values in [-1,1] */
    size_t frames;
    uint64_t reserved[4];
} AvalignPcm;

/* The caller's own face tracking for one instant. Any of box, landmarks and
 * mouth may be given (box all zero, n_landmarks 0, mouth.format 0 = absent).
 * With 468 landmarks the whole face is used as if tracked here; with 68
 * (iBUG 300-W) the mouth series; with a mouth image alone the sync net. */
typedef struct AvalignFace {
    int track_id;
    float box[4];
    size_t n_landmarks, landmark_dims; /* dims 2 or 3 */
    const float *landmarks;
    AvalignImage mouth;
    uint64_t reserved[4];
} AvalignFace;

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
    AVALIGN_ASS       /* subtitles that draw faces, speech, offset and findings over the video */
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

/* ---- library ------------------------------------------------------------------ */

AVALIGN_API const char *avalign_version(void);      /* "1.0.0", the library's; AVALIGN_VERSION: the header's */
AVALIGN_API uint32_t avalign_version_api(void);     /* 0x00MMmmpp */
AVALIGN_API const char *avalign_strerror(int code); /* static text */

typedef struct AvalignModelsConfig {
    size_t struct_size;    /* sizeof(AvalignModelsConfig) */
    const char *cache_dir; /* for compiled nets, made when absent; NULL = none. What lies there is believed: it must be a
                              folder that nobody else can write */
    const char *phone_dir; /* pocketsphinx's en-us model; NULL = where the build found it */
} AvalignModelsConfig;

/* Reads dir/manifest.json and checks that every row is well formed. Nets are
 * read, checked against their SHA-256 and compiled when first needed. On
 * failure *out is NULL. cfg: NULL = all default. */
AVALIGN_API int avalign_models_load(AvalignModels **out, const char *dir,
                                    const AvalignModelsConfig *cfg, AvalignErrorInfo *why);
/* Drops one reference and sets *models to NULL. NULL is fine. */
AVALIGN_API void avalign_models_free(AvalignModels **models);

typedef struct AvalignModelInfo {
    const char *role;    /* what it is for: "face-detect", "face-mesh", "vad", ... */
    const char *name, *file, *sha256, *licence, *source;
    uint64_t reserved[4];
} AvalignModelInfo;
/* Changes the models, for good: the slower, surer net of the role voice-identity embeds voices, where these models have one (1; else
 * 0), for telling people apart, as avalign embed, enroll and verify do. Call it before the models are used or shared; such embeddings
 * are not for avalign_verify_speaker(). */
AVALIGN_API int avalign_models_set_speaker_id(AvalignModels *models);
AVALIGN_API size_t avalign_models_count(const AvalignModels *models);
AVALIGN_API int avalign_models_info(const AvalignModels *models, size_t i, AvalignModelInfo *out);
/* Reads the i-th file, compares its SHA-256 and compiles it. */
AVALIGN_API int avalign_models_verify(AvalignModels *models, size_t i, AvalignErrorInfo *why);

AVALIGN_API void avalign_config_init(AvalignConfig *cfg, size_t size);

/* The context takes its own reference on models and copies cfg and its strings. */
AVALIGN_API int avalign_open(AvalignContext **out, AvalignModels *models, const AvalignConfig *cfg,
                             AvalignErrorInfo *why);
AVALIGN_API void avalign_close(AvalignContext **ctx); /* NULL is fine; sets NULL */

/* The caller's tracking for the whole file, in place of face detection; JSON
 * text as in docs/tracks.schema.json. Call before avalign_analyze_*(). */
AVALIGN_API int avalign_set_tracks(AvalignContext *ctx, const char *json, size_t size);

/* Opens every net and model file that the analysis will need. Afterwards nothing but the input is opened, so a
 * program may shut itself in (seccomp, say) before it reads input that it doesn't trust. Optional. */
AVALIGN_API int avalign_preload(AvalignContext *ctx);

/* Whole file in one call: decode, analyze, fuse. Blocks. A context analyzes
 * one file; open another for the next (models are shared). Release the result
 * with avalign_result_free(). */
AVALIGN_API int avalign_analyze_path(AvalignContext *ctx, const char *path, AvalignResult **out);
AVALIGN_API int avalign_analyze_reader(AvalignContext *ctx, const AvalignReader *in,
                                       AvalignResult **out);

/* A stream without end, judged while it runs: every window_us (2 s to 5 minutes; 0: 10 s) one window is judged on its
 * own, as if it were a file, and handed to on_window with its place in the stream; the numbers in it count from its start, its sentences from the stream's.
 * in: read to its end, or NULL: url (needs allow_network). Memory stays bounded however long it runs. A non-zero
 * answer of on_window, or avalign_cancel(), ends it with AVALIGN_ERR_CANCELLED; after the latter the windows at hand are still
 * judged and handed over. A last window under 1 s is left out. */
typedef int AvalignWindowFn(void *cookie, int64_t start_us, int64_t end_us, const AvalignResult *r);
AVALIGN_API int avalign_analyze_live(AvalignContext *ctx, const AvalignReader *in, const char *url, int64_t window_us, AvalignWindowFn *on_window,
                                     void *cookie);

/* Or bring your own decoder: push in any interleaving, each stream in time
 * order, then finish; stages run in the calling thread. A hole in the sound is filled with silence, which
 * is no finding, and told in a warning. A push whose arguments can't be used (AVALIGN_ERR_ARG, or AVALIGN_ERR_LIMIT
 * for an image over max_pixels) changes nothing: go on with the next. Any other failure ends the analysis
 * and frees what it held; every later push, and avalign_finish(), answers with that failure again. */
AVALIGN_API int avalign_push_video(AvalignContext *ctx, const AvalignImage *image);
AVALIGN_API int avalign_push_audio(AvalignContext *ctx, const AvalignPcm *pcm);
/* Own tracking for the instant pts_us, in time order; once called, no detection
 * runs here. Call it before pushing the picture of that instant, if there is one
 * (it is needed for boxes without landmarks, and for crops). */
AVALIGN_API int avalign_push_faces(AvalignContext *ctx, int64_t pts_us, const AvalignFace *faces,
                                   size_t n);
AVALIGN_API int avalign_finish(AvalignContext *ctx, AvalignResult **out);

/* From any thread, at any time: the analysis ends with AVALIGN_ERR_CANCELLED as soon as the stage at work asks (within
 * a second, but for a read of the caller's own AvalignReader and the first compilation of a net). */
AVALIGN_API void avalign_cancel(AvalignContext *ctx);
/* Of the context's last call; code 0: it did not fail. NULL context: NULL. */
AVALIGN_API const AvalignErrorInfo *avalign_last_error(const AvalignContext *ctx);

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
/* Takes small pictures for the page from the file that was analyzed (each face, lips that should have
 * closed, what speaks most for a drawn face, places of findings), which decodes its picture once more, within the configuration's max_pixels. Changes
 * the result: no other thread may use it meanwhile. */
AVALIGN_API int avalign_result_add_thumbnails(AvalignResult *r, const char *path, AvalignErrorInfo *why);
AVALIGN_API int avalign_result_add_thumbnails_reader(AvalignResult *r, const AvalignReader *in, AvalignErrorInfo *why);
AVALIGN_API void avalign_result_free(AvalignResult **r);

/* What this build can do, for listings and bindings. */
typedef struct AvalignAnalyzerInfo {
    const char *name, *summary;
    const char *const *roles;  /* NULL-terminated: model roles it needs */
    const char *const *scores; /* NULL-terminated: names it may emit */
    int built;                 /* 0: announced, but not in this build */
} AvalignAnalyzerInfo;
/* The i-th analyzer, from 0, in the order they run; NULL past the last. */
AVALIGN_API const AvalignAnalyzerInfo *avalign_analyzer(size_t i);

/* ---- building blocks on arrays --------------------------------------------------- */

/* Everything at its default: one call from a path to the eight fields.
 * tracking: JSON text of docs/tracks.schema.json or NULL. Models come from
 * AVALIGN_MODELS or the installed directory. *out is released with
 * avalign_result_free(). */
AVALIGN_API int avalign_analyze_audio_visual_alignment(const char *path, const char *tracking,
                                                       AvalignResult **out,
                                                       AvalignErrorInfo *why);

/* Lip sync of one face from arrays. */
typedef struct AvalignLipSync {
    double offset_ms;      /* > 0: sound early */
    double interval_ms[2]; /* holds the true offset, 95 %: what zero is differs by sets and people. A *change* of the offset
                              between copies is measured far better: signals.lipsync.repeatable_ms */
    double confidence;     /* [0,1], share of such answers within 80 ms of the truth, as calibrated; never 1 */
    double score;          /* [0,1], how well mouth and sound match at the best lag */
    double p_value;        /* of so prominent a match among lags that can't be right */
    const char *reason;    /* NULL, or why there is no answer; static text */
    uint64_t reserved[4];
} AvalignLipSync;

/* faces: n observations of one face at t_us[] (increasing), each with 468 landmarks
 * (x, y, z), or a mouth image, or both; the nets for what is given are used. A mouth
 * image is square, eye line level, 1.1 outer-eye distances wide, centred on the lips.
 * pcm: its pts_us is on the same clock. Returns 0, also when there is no answer. */
AVALIGN_API int avalign_analyze_lip_sync(AvalignModels *models, const AvalignFace *faces, const int64_t *t_us,
                                         size_t n, const AvalignPcm *pcm, AvalignLipSync *out, AvalignErrorInfo *why);

/* ---- who is it ------------------------------------------------------------------- */

typedef struct AvalignVoice {
    float v[AVALIGN_VOICE_DIM]; /* length 1 */
    double speech_s;    /* speech that went in, seconds */
    double quality;     /* [0,1], grows with the speech: 1 from 10 s on */
    const char *reason; /* NULL, or why there is no embedding; static text */
    uint64_t reserved[4];
} AvalignVoice;

/* Voice embedding (GE2E, Wan et al. 2018, or the net of avalign_models_set_speaker_id()) of mono or interleaved samples, from 0.8 s of speech
 * on. Returns 0, also when there is none (reason), or a negative AvalignError. */
AVALIGN_API int avalign_extract_voice_embedding(AvalignModels *models, const AvalignPcm *pcm, AvalignVoice *out,
                                                AvalignErrorInfo *why);

typedef struct AvalignSpeakerMatch {
    double match; /* [0,1]: under .5 the voice does not fit the face */
    double llr;   /* natural log likelihood ratio, same person against two people; weak evidence, within +-2 */
    uint64_t reserved[4];
} AvalignSpeakerMatch;

/* Do these faces and these voices belong to one person? n_faces * AVALIGN_FACE_DIM and n_voices
 * * AVALIGN_VOICE_DIM numbers from the nets of the roles face-embed and voice-embed. */
AVALIGN_API int avalign_verify_speaker(AvalignModels *models, const float *faces, size_t n_faces, const float *voices,
                                       size_t n_voices, AvalignSpeakerMatch *out, AvalignErrorInfo *why);

/* A reference file: a person's voice, face and speaking rhythm from clips known to be genuine,
 * as JSON text with the nets' hashes and a checksum; with a key (key_size > 0) also an
 * HMAC-SHA256. Release *json with avalign_reference_free(). The clips are compared with each other first:
 * AVALIGN_ERR_FORMAT names one that shows or sounds like another person. AVALIGN_ERR_NO_STREAM: neither a
 * voice nor a face could be taken from the clips. What is missing stands in the document's "lacks", in words. */
AVALIGN_API int avalign_reference_create(const AvalignResult *const *clips, size_t n, const char *name, const void *key,
                                         size_t key_size, char **json, AvalignErrorInfo *why);
AVALIGN_API void avalign_reference_free(char **json);

typedef struct AvalignVerification {
    char name[128];
    int signature;            /* 1 valid, 0 none, -1 there is one but no key was given */
    const char *voice_reason, *face_reason; /* NULL, or why there is no answer; static text */
    double voice_llr, face_llr;       /* natural log likelihood ratios for the person named */
    double voice_cosine, face_cosine; /* [-1,1] */
    int face_track;           /* the track that is most like the reference */
    uint64_t reserved[4];
} AvalignVerification;

/* Holds a clip against a reference. Returns AVALIGN_ERR_FORMAT for a damaged, tampered or foreign
 * file or a wrong key, AVALIGN_ERR_MODEL when it was made with other nets. */
AVALIGN_API int avalign_reference_verify(const char *json, size_t size, const void *key, size_t key_size,
                                         const AvalignResult *clip, AvalignVerification *out, AvalignErrorInfo *why);

/* ---- what does it express ------------------------------------------------------------ */

enum { AVALIGN_EMOTIONS = 7 }; /* neutral, happiness, sadness, anger, fear, disgust, surprise */

typedef struct AvalignExpression {
    double p[AVALIGN_EMOTIONS]; /* probabilities, sum 1 */
    double valence, arousal;    /* [-1,1], from the usual places of the seven */
    const char *reason;         /* NULL, or why there is no answer; static text */
    uint64_t reserved[4];
} AvalignExpression;

/* What the clearest face of a still picture expresses (role face-expression). crop: the picture is a face already, cut out as those of FER2013
 * are; its middle square is read without looking for one. Returns 0, also when there is no answer (reason); AVALIGN_ERR_FORMAT: not a picture. */
AVALIGN_API int avalign_read_expression(AvalignModels *models, const char *path, int crop, AvalignExpression *out, AvalignErrorInfo *why);

/* ---- is the sound honest ----------------------------------------------------------- */

typedef struct AvalignSyntheticVoice {
    double authenticity; /* [0,1]: under .5 the voice shows signs of synthesis */
    double llr;          /* natural log likelihood ratio, a person's voice against a machine's; bounded */
    const char *reason;  /* NULL, or why there is no answer; static text */
    uint64_t reserved[4];
} AvalignSyntheticVoice;

/* Is the voice a person's? pcm: all of the sound. Returns 0, also when there is no answer. */
AVALIGN_API int avalign_detect_synthetic_voice(AvalignModels *models, const AvalignPcm *pcm, AvalignSyntheticVoice *out,
                                               AvalignErrorInfo *why);

typedef struct AvalignArtifact {
    char kind[32];        /* splice, copy_move, silence, phase, vocoder, compression, resampling */
    double start_s, end_s; /* on the clock of pcm->pts_us */
    double score;         /* [0,1]; from .5 on a sign of manipulation */
    char evidence[256];   /* a sentence */
    uint64_t reserved[4];
} AvalignArtifact;

/* Traces of editing in the sound, in time order; the first room of them go to out, *n is how many there are. */
AVALIGN_API int avalign_detect_audio_artifacts(AvalignModels *models, const AvalignPcm *pcm, AvalignArtifact *out, size_t room, size_t *n,
                                               AvalignErrorInfo *why);

/* How the sound's loudness follows the mouth's opening (the classic envelope
 * method; see docs/scores.md). */
typedef struct AvalignOffset {
    double offset_ms;   /* > 0: sound early */
    double confidence;  /* [0,1], probability that the offset is within 80 ms */
    double correlation; /* peak of the normalised cross-correlation, [-1,1] */
    double prominence;  /* peak above the curve's median, in its own deviations */
    double lead;        /* peak above the best rival over 150 ms away */
    double used_s;      /* seconds of mouth and speech together */
    const char *reason; /* NULL, or why there is no answer; static text */
    uint64_t reserved[4];
} AvalignOffset;

/* mouth: n values of mouth opening at mouth_fps (any unit; NAN = not seen).
 * pcm: n_samples mono samples in [-1,1] at sample_rate (8000..192000 Hz).
 * voiced: NULL, or n_voiced speech probabilities at voiced_fps. Both series
 * start at the same instant. Returns 0, also when there is no answer (reason). */
AVALIGN_API int avalign_detect_av_offset(const float *mouth, size_t n, double mouth_fps,
                                         const float *pcm, size_t n_samples, int sample_rate,
                                         const float *voiced, size_t n_voiced, double voiced_fps,
                                         AvalignOffset *out, AvalignErrorInfo *why);

/* Speech features as the field defines them. Each fills out row by row (one
 * row per frame) and returns the number of frames; with out NULL it only counts.
 * AVALIGN_ERR_ARG: out, of room floats, is too small, or a number is out of range;
 * AVALIGN_ERR_NOMEM; there is no more to say, so there is no *why. */
/* python_speech_features.mfcc(): 25 ms window, 10 ms hop, 26 mel bands, FFT
 * 512, pre-emphasis .97, lifter 22, first value replaced by log energy. 13
 * values a frame; pcm on the int16 scale, as SyncNet feeds it. */
AVALIGN_API int64_t avalign_mfcc_psf(const float *pcm, size_t n, int sample_rate, float *out,
                                     size_t room);
/* librosa.feature.melspectrogram() with n_fft 2048, hop 512, Hann, centre
 * zero-padded, Slaney scale and norm, power: n_mels values a frame. */
AVALIGN_API int64_t avalign_mel_librosa(const float *pcm, size_t n, int sample_rate, int n_mels,
                                        float *out, size_t room);
/* librosa.feature.mfcc(): type-II orthonormal DCT of power_to_db of the above
 * with 128 mels, top_db 80; n_mfcc (13, 20, ...) values a frame. */
AVALIGN_API int64_t avalign_mfcc_librosa(const float *pcm, size_t n, int sample_rate, int n_mfcc,
                                         float *out, size_t room);
/* librosa.feature.spectral_contrast(): 6 octave bands from 200 Hz, quantile
 * .02; 7 values a frame, dB. */
AVALIGN_API int64_t avalign_spectral_contrast(const float *pcm, size_t n, int sample_rate,
                                              float *out, size_t room);
/* The log-mel front end of avalign's own nets: 40 bands 60-7600 Hz (HTK
 * scale), 25 ms Hann window, 10 ms hop, 16 kHz, natural log(power + 1e-6).
 * Frame i is centred on sample 160 i + 200. */
AVALIGN_API int64_t avalign_log_mel(const float *pcm, size_t n, float *out, size_t room);

#ifdef __cplusplus
}
#endif

#endif /* AVALIGN_AVALIGN_H */
