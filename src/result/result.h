/* result.h -- one finished analysis. */
#ifndef AVA_RESULT_H
#define AVA_RESULT_H

#include "evidence/results.h"
#include "avalign/avalign.h"
#include "evidence/embedding.h"
#include "infer/infer.h"
#include "media/c2pa.h"
#include "media/media.h"
#include "media/structure.h"
#include "result/validation.h"
#include "util/timings.h"
#include "util/vec.h"

/* Of the JSON: grows when a reader of the last one would be misled. */
enum { AVA_RESULT_FORMAT = 1 };

typedef struct AvaSeriesData {
    char name[32], unit[16];
    int track;
    int64_t t0_us, step_us;
    size_t n;
    int64_t *t_us;
    float *value;
} AvaSeriesData;

/* Where a face was, for overlays; not in the JSON. */
typedef struct AvaBoxes {
    int track;
    size_t n;
    int64_t *t_us;
    float (*box)[4];
} AvaBoxes;

/* What is known of the medium. */
typedef struct AvaMediaFacts {
    int opened; /* there is a file or a stream, and info and stats are its; else all was pushed */
    AvaMediaInfo info;
    AvaMediaStats stats;
    AvaC2pa c2pa;           /* Content Credentials in it */
    AvaStructure structure; /* its parts */
    double duration_s;      /* as decoded; 0 = nothing was */
    int64_t audio_bit_rate; /* of its packets, bit/s; 0 = too short to say */
    int has_sound;          /* and these are known of it; NAN: not measured */
    double held_pitch, music, other_voices, length_s, speech_s, level_dbfs, peak, snr_db;
    double face_s, container_offset_ms; /* NAN: there are not both sides */
    int n_timings;          /* 0: nobody asked */
    struct {
        const char *stage;
        double ms;          /* of the processor, for a second of the medium */
    } timing[AVA_MAX_TIMINGS];
} AvaMediaFacts;

/* A face over its whole track: means, and how many frames. */
typedef struct AvaTrackQuality {
    size_t frames;
    double presence, eye_distance_px, yaw_abs_deg, sharpness, occlusion;
} AvaTrackQuality;

/* For the evidence page. */
typedef struct AvaThumbnail {
    double time_s;
    const char *what; /* static */
    int track;        /* -1: the whole frame */
    char *jpeg;       /* as a data: address; the result's */
} AvaThumbnail;

typedef AVA_VEC(AvaThumbnail) AvaThumbnailList;

/* What the user says of the case, for the page alone; texts are the result's. */
typedef struct AvaNote {
    char *label, *text;
} AvaNote;

/* What the public lists hand out; texts are the result's, but those of the findings. */
typedef struct AvaPublicLists {
    AVA_VEC(AvalignFinding) finding;
    AVA_VEC(AvalignWindow) window;
    AVA_VEC(AvalignVoiceWindow) voice;
    AVA_VEC(AvalignMouth) mouth;
    AVA_VEC(AvalignMouthWindow) mouth_window;
    AVA_VEC(AvalignSegment) segment;
    AVA_VEC(AvalignWarning) warning;
    AVA_VEC(AvalignUsedModel) model;
    AVA_VEC(AvalignSeries) series;
} AvaPublicLists;

struct AvalignResult {
    char *file;   /* its name byte by byte, which JSON can't hold when it is no UTF-8; NULL when pushed */
    char *line;   /* the same for people, one line of UTF-8; NULL likewise */
    char sha256[65]; /* of the file; "" = not known */
    char *analyzers; /* that were asked for; NULL: all */
    double flag_at;
    AvaMediaFacts media;
    AvaWarningList warning;
    AvaModelUseList model;
    AvaAnalysisOutput found; /* its segments: speech and shots first, then the analyzers' */
    AvalignAudioVisualResult fields;
    int has_thumbnails; /* they were asked for */
    AvaThumbnailList thumbnail;
    AVA_VEC(AvaNote) note;
    AvaValidationList validation; /* of the nets in use */
    const char **details;
    AVA_VEC(AvalignScore) score;
    AVA_VEC(AvalignTrack) track;
    AVA_VEC(AvaTrackQuality) quality; /* one a track */
    AVA_VEC(AvaSeriesData) series;
    AVA_VEC(AvaBoxes) boxes;
    AVA_VEC(AvalignEmbedding) embedding; /* vectors are the result's */
    AvaRhythm rhythm;
    AvaCalibration calibration; /* of the nets that the embeddings come from */
    AvaPublicLists list;
    uint64_t max_pixels; /* of the configuration, for the second pass */
    int keep_ffmpeg_log;
};

/* What the run knows beside the evidence. */
typedef struct AvaRunFacts {
    const char *file;      /* as given, NULL when pushed */
    const char *sha256;    /* NULL = not known */
    const char *analyzers; /* NULL: all */
    double flag_at;
    const AvaMediaFacts *media;
    const AvaWarningList *warnings;
    AvalignModels *models;
    uint64_t max_pixels; /* of the configuration */
    int keep_ffmpeg_log;
} AvaRunFacts;

/* Takes what is in f over, and leaves it empty. */
int ava_result_build(AvalignResult **out, const AvaEvidence *ev, AvaAnalysisOutput *f, const AvaRunFacts *facts, AvalignErrorInfo *e);

void ava_thumbnails_free(AvaThumbnailList *l);

/* The SHA-256 of the net that played a role; "" when none did. */
const char *ava_result_hash(const AvalignResult *r, const char *role);


#endif
