/* media.h -- any file FFmpeg reads, as upright frames and sound with true times.
 * Only src/media/ includes libav*. */
#ifndef AVA_MEDIA_H
#define AVA_MEDIA_H

#include "avalign/avalign.h"
#include "image/image.h"
#include "media/source.h"

typedef struct AvaMedia AvaMedia;

typedef struct AvaMediaOptions {
    uint64_t max_pixels;
    int64_t max_duration_us; /* 0 = none */
    int audio_stream;        /* n-th audio stream from 1; 0 = default */
    int want_video, want_audio;
    int allow_network, keep_ffmpeg_log;
    int (*cancelled)(void *cookie);
    void *cookie;
    int video_stream;        /* n-th picture track from 1, cover art not counted; 0 = default */
    int endless; /* a stream: its times may run as far as they like */
    int still;   /* a single frame (JPEG, PNG, ...), and nothing else */
} AvaMediaOptions;

/* What the container says of its origin; one line each, "" or 0: nothing. */
typedef struct AvaTags {
    char writer[64];         /* the program that wrote the file */
    char device[64];         /* make and model of a camera */
    int64_t created_s[2];    /* of the first stream of video and of sound, seconds since 1970 */
} AvaTags;

typedef struct AvaMediaInfo {
    AvaTags tags;
    char container[32], video_codec[32], audio_codec[32];
    int has_video, has_audio, n_audio_streams, audio_stream, n_video_streams, video_stream;
    int width, height;      /* upright, square pixels */
    int rotation;           /* degrees clockwise to upright */
    double fps;             /* container's average, 0 = unknown */
    int rate_num, rate_den; /* the same exactly; 0 = unknown */
    char timecode[16];      /* of the first frame, as "01:00:00;00"; "" = none */
    int sample_rate, channels;
    int64_t duration_us;    /* 0 = unknown */
} AvaMediaInfo;

/* The clock of the whole file jumped: where, on the clock put right, and by how much (> 0: ahead). */
typedef struct AvaClockJump {
    int64_t at_us, by_us;
} AvaClockJump;

enum { AVA_MAX_JUMPS = 16 };

/* What happened while reading; times on the presentation clock. */
typedef struct AvaMediaStats {
    int64_t first_video_us, last_video_us, first_audio_us, last_audio_us; /* INT64_MIN = never */
    uint64_t frames, frames_kept, frames_damaged, packets_damaged, samples_bad, gaps_filled, times_fixed;
    int64_t gap_us;          /* silence put into gaps */
    int64_t turned_us;       /* sound of which a channel was upside down and was turned back */
    uint64_t audio_bytes;    /* of the packets */
    double min_interval_ms, max_interval_ms; /* between frames shown */
    int interlaced, truncated, hit_duration_limit;
    uint64_t clock_jumps;
    AvaClockJump jump[AVA_MAX_JUMPS]; /* the last ones: number i is jump[i % AVA_MAX_JUMPS] */
    int no_picture_times;    /* B frames in AVI, which has no time stamps */
    int64_t sparse_us;       /* reading ended here, for the times ran ahead of what there is (span.h); 0 = it did not */
    char no_decoder[32];     /* codec of a stream that could not be decoded, "" = none */
} AvaMediaStats;

typedef struct AvaFrame {
    AvaImage img;
    int64_t pts_us;
    size_t bytes;
    void *ref;
} AvaFrame;
void ava_frame_free(AvaFrame *f);

typedef struct AvaSound {
    int64_t pts_us;         /* of the first native sample */
    const float *native;    /* interleaved, finite, nominally [-1,1] */
    size_t frames;
    int rate, channels;
    const float *speech;    /* 16 kHz mono; contiguous from call to call */
    size_t n_speech;
} AvaSound;

/* Called in time order from the thread in ava_media_run(); non-zero stops with that code. */
typedef struct AvaMediaSink {
    void *cookie;
    int (*video)(void *cookie, AvaFrame *frame); /* takes the frame */
    int (*audio)(void *cookie, const AvaSound *sound);
    void (*progress)(void *cookie, double done, int64_t at_us);
    /* The sound was mended here (see AvaGap); told before the sound that follows. NULL: nobody wants to know. */
    int (*gap)(void *cookie, int64_t start_us, int64_t end_us);
} AvaMediaSink;

/* Opens a source (kept by the caller) or, with source NULL, a URL. */
int ava_media_open(AvaMedia **out, AvaSource *source, const char *url, const AvaMediaOptions *opt,
                   AvalignErrorInfo *e);
void ava_media_close(AvaMedia **m);
const AvaMediaInfo *ava_media_info(const AvaMedia *m);
const AvaMediaStats *ava_media_stats(const AvaMedia *m);
/* Decodes to the end. Damage is counted, not fatal. */
int ava_media_run(AvaMedia *m, const AvaMediaSink *sink, AvalignErrorInfo *e);

/* Frames closer together than this are skipped: 50 and 60 fps are halved, and
 * landmarks are interpolated at true times afterwards. */
enum { AVA_MIN_FRAME_GAP_US = 26000 };

#endif
