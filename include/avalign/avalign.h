/* avalign.h -- public interface of libavalign; with it come avalign_result.h (what an analysis holds) and
 * avalign_features.h (the methods on arrays, speech features).
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
    AVALIGN_SPEECH_RATE = 16000, /* Hz, mono, what speech analyzers read */
    AVALIGN_ENCODER_STATES = 6,  /* of the speech encoder: after the convolutions, after each of four layers, after the last norm */
    AVALIGN_ENCODER_DIM = 384,   /* numbers of a state */
    AVALIGN_ENCODER_FPS = 50     /* frames a second */
};

/* One face at one instant of the 25 fps grid. Landmarks are interpolated
 * between the two frames around the instant; crops come from the nearer one (half way
 * between them the mouth is the mean of both).
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

/* They run on worker threads, in time order for one track; return non-zero to
 * stop the analysis with AVALIGN_ERR_CANCELLED. */
typedef int AvalignFaceFn(void *cookie, const AvalignFaceView *face);
/* 16 kHz mono samples in [-1,1]; t_us of the first; gaps are filled with zeros. */
typedef int AvalignSpeechFn(void *cookie, int64_t t_us, const float *samples, size_t n);
/* A window of speech as the speech encoder (Whisper tiny.en) hears it: states[6][n][384], frame i centred on t_us + 20 ms * i. Windows
 * come in time order, do not overlap, begin with speech and last 1.5 to 4 s (n at most 200); each was brought to one level. Where nobody
 * speaks there is none. */
typedef int AvalignEncoderFn(void *cookie, int64_t t_us, const float *states, size_t n);

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
    int transcribe;              /* 1 = also the English words that are heard, with times */
    AvalignEncoderFn *on_encoder; /* NULL = none; with it the encoder runs whatever the analyzers are, and must be in the models */
    int timings;                 /* 1 = of files, also what takes how long: media.timings of the JSON, which is then not the same twice */
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

/* ---- library ------------------------------------------------------------------ */

AVALIGN_API const char *avalign_version(void);      /* "1.0.0", the library's; AVALIGN_VERSION: the header's */
AVALIGN_API uint32_t avalign_version_api(void);     /* 0x00MMmmpp */
AVALIGN_API const char *avalign_strerror(int code); /* static text */

typedef struct AvalignModelsConfig {
    size_t struct_size;    /* sizeof(AvalignModelsConfig) */
    const char *cache_dir; /* for compiled nets, made when absent; NULL = none. Where it can't be written, nets are compiled
                              each time; what lies there and is another user's, or writable for others, is not believed */
    const char *phone_dir; /* pocketsphinx's en-us model; NULL = where the build found it */
} AvalignModelsConfig;

/* The folder in which the tool, the Python package and avalign_analyze_audio_visual_alignment() keep compiled nets, for cache_dir:
 * $XDG_CACHE_HOME/avalign, else $HOME/.cache/avalign. 0, or AVALIGN_ERR_ARG: neither is set, or it does not fit in. */
AVALIGN_API int avalign_cache_dir(char *out, size_t room);

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

/* What this build can do, for listings and bindings. */
typedef struct AvalignAnalyzerInfo {
    const char *name, *summary;
    const char *const *roles;  /* NULL-terminated: model roles it needs */
    const char *const *scores; /* NULL-terminated: names it may emit */
    int built;                 /* 0: announced, but not in this build */
} AvalignAnalyzerInfo;
/* The i-th analyzer, from 0, in the order they run; NULL past the last. */
AVALIGN_API const AvalignAnalyzerInfo *avalign_analyzer(size_t i);

#ifdef __cplusplus
}
#endif

#include "avalign_result.h"

#include "avalign_features.h"

#endif /* AVALIGN_AVALIGN_H */
