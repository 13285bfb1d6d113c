/* evidence.h -- what the streams left behind, in compact series, for the analyzers.
 * About 130 bytes a face and grid instant and 3.7 kB a second of sound: an hour
 * of one face is 25 MB, whatever the picture's size. */
#ifndef AVA_EVIDENCE_H
#define AVA_EVIDENCE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "dsp/channel_delay.h"
#include "dsp/coding_grid.h"
#include "dsp/enf.h"
#include "dsp/native.h"
#include "dsp/pulses.h"
#include "evidence/viseme_map.h"
#include "nets/background.h"
#include "nets/calibration.h"
#include "nets/drawn_face.h"
#include "nets/emotion.h"
#include "nets/identity.h"
#include "nets/lse.h"
#include "nets/phones.h"
#include "nets/speech_encoder.h"
#include "nets/spoof.h"
#include "nets/sync.h"
#include "nets/voice.h"
#include "nets/voice_person.h"
#include "nets/words.h"
#include "util/vec.h"

/* Of a face: shares over which its mouth (mask, microphone) or its eyes (sunglasses) count as covered. */
#define AVA_COVERED 0.6f
#define AVA_DARK_EYES 0.7f

enum { AVA_GRID_US = 40000, AVA_ENERGY_US = 10000, AVA_VAD_US = 32000, AVA_CODER_GRIDS = 4, AVA_EXPRESSION_US = 400000 };

typedef struct AvaFaceRow {
    int64_t t_us;
    float box[4], yaw, pitch, eye, sharpness, occlusion, dark_eyes, presence, mouth_open, mouth_width, brow, eye_open;
} AvaFaceRow;

/* Probability of each mouth shape, 0-255. */
typedef struct AvaShape {
    uint8_t p[AVA_N_SHAPES];
} AvaShape;

typedef struct AvaTrackRows {
    int id;
    AVA_VEC(AvaFaceRow) row; /* in time order, on the grid, possibly with holes */
    AVA_VEC(AvaSyncVec) sync; /* one per row */
    AVA_VEC(AvaFaceVec) face; /* about one a second */
    AVA_VEC(AvaEmotionSpan) expression; /* at most one in AVA_EXPRESSION_US */
    int has_cross;            /* a cross-modal net of the user's compared it with the voice */
    double cross_cosine;
    AVA_VEC(AvaShape) shape;  /* one per row, or none */
    AVA_VEC(AvaDrawnOdds) drawn; /* five a second at most, in time order */
    AVA_VEC(AvaDrawnMap) drawn_map; /* the AVA_DRAWN_MAPS moments that say most, in no order */
    uint32_t drawn_small;     /* looks at which the face was too small for that */
} AvaTrackRows;

/* SyncNet's measures of a face from start_us to its next hole. */
typedef struct AvaLseTrack {
    int track;
    int64_t start_us;
    AvaLse lse;
} AvaLseTrack;

/* A place where the sound was mended: a hole that silence stands in for, or (start = end) where it was cut, moved or joined to put
 * its clock right. What the finders of artifacts see there is our own work. */
typedef struct AvaGap {
    int64_t start_us, end_us;
} AvaGap;

/* A window of speech as the speech encoder sees it. */
typedef struct AvaEncoded {
    int64_t start_us, end_us; /* since the first sample */
    float pooled[AVA_ENCODER_POOLED];
} AvaEncoded;

typedef struct AvaEvidence {
    AvaCalibration calibration; /* of the nets that it comes from */
    int has_video, has_audio;
    int64_t sound_t0_us;     /* of the first 16 kHz sample */
    int64_t sound_us;        /* length */
    AVA_VEC(float) energy;   /* natural log of 200-4000 Hz power, one per 10 ms; value j is centred
                                12.5 ms + 10 ms j after sound_t0_us */
    AVA_VEC(float) voiced;   /* speech probability, one per 32 ms */
    AVA_VEC(AvaSyncVec) sync; /* one per 20 ms, centred 12.5 ms + 20 ms j after sound_t0_us */
    AVA_VEC(AvaPhone) phone; /* in time order */
    AVA_VEC(AvaBackground) background; /* windows, in time order; none: no such net, or nobody asked */
    const char *phones_absent; /* NULL, or why there are none */
    int phones_aligned;      /* they come from a transcript */
    const char *transcript_unfit; /* why the one that was given is not used; NULL: it is, or there is none */
    char container[32];      /* FFmpeg's name of it; "": pushed */
    size_t unknown_words;    /* of the transcript */
    AVA_VEC(AvaVoiceVec) voice;
    AVA_VEC(AvaEmotionSpan) voice_emotion; /* of the voice; one a second where somebody speaks */
    AVA_VEC(float) pitch;    /* Hz, 0 = none; one per 10 ms, value j centred 20 ms + 10 ms j after sound_t0_us */
    int has_encoder;         /* the speech encoder was there */
    AVA_VEC(AvaEncoded) encoded; /* windows of speech, in time order */
    int has_person;          /* and the head that tells a person's voice */
    AVA_VEC(AvaPersonOdds) person; /* of the same windows */
    AvaWordList word;        /* that were heard, in time order; none: nobody asked */
    int has_drawn;           /* the net of role drawn-face was there */
    AVA_VEC(AvaSpoof) spoof; /* stretches of the voice, in time order */
    int n_experts;
    const char *expert[AVA_MAX_EXPERTS]; /* their names, the models' */
    AVA_VEC(float) splice;   /* log odds of a cut, NAN = silence; value j lies 10 ms j after sound_t0_us */
    AVA_VEC(AvaEnf) enf;     /* one per 100 ms */
    AVA_VEC(uint32_t) print; /* fingerprints; value j of the 128 ms from 10 ms j after sound_t0_us on */
    AVA_VEC(AvaNativeFrame) native; /* of the sound at its own rate; value j from 10 ms j after sound_t0_us on */
    AVA_VEC(AvaBand) band;   /* likewise, one a second */
    AVA_VEC(AvaChannelDelay) delay; /* likewise; none when there is one channel */
    AVA_VEC(AvaPulses) pulses; /* likewise */
    AvaGrid grid[2 * AVA_CODER_GRIDS]; /* of AAC's frames, the strongest first, then of MP3's */
    int n_grids;
    int first_frames;        /* sample frames in the decoder's first block: where the stream's own grid lies */
    int channels;            /* of the sound as it came; 0 = unknown */
    char audio_codec[32];    /* FFmpeg's name; "" = unknown */
    char writer[64], device[64]; /* programs and cameras that the container names; "" = none */
    int64_t created_s[2];    /* of the picture's and the sound's stream, seconds since 1970; 0 = not said */
    int64_t audio_bit_rate;  /* of its packets, bit/s; 0 = unknown */
    int64_t gap_us;          /* holes in the sound that were filled with silence */
    AVA_VEC(AvaGap) gap;     /* where, in time order; files, streams and pushes alike (AvaMediaSink.gap) */
    AVA_VEC(int16_t) pcm;    /* 16 kHz, only when SyncNet was asked for */
    AVA_VEC(AvaLseTrack) lse;
    AVA_VEC(AvaTrackRows) track;
    AVA_VEC(int64_t) cut_us;
    int64_t first_video_us, last_video_us;
    int64_t origin_us; /* where in a stream this began: sentences that people read count from the stream's start; 0 for files */
    double fps; /* nominal, 0 = unknown */
    int sample_rate; /* of the sound as it came, Hz; 0 = unknown */
    double container_offset_ms; /* first frame minus first sound, > 0: sound starts earlier */
    double peak, loudness_db, snr_db; /* of the sound; snr NAN when not measurable */
    double speech_s;            /* seconds judged to be speech */
    double face_s;              /* seconds with at least one face */
    atomic_int *cancel;         /* not 0: the caller wants an end; NULL: never */
} AvaEvidence;

void ava_evidence_free(AvaEvidence *e);

/* The rows of a track, newest first searched; NULL when there is none. */
AvaTrackRows *ava_track_rows(AvaEvidence *ev, int id);

/* Does the caller want an end? Whatever may take longer than a moment asks, and then ends with AVALIGN_ERR_CANCELLED. */
int ava_cancelled(const AvaEvidence *e);

/* Notes a place where the sound was mended; counts in gap_us. 0, or -1 when out of memory. */
int ava_add_gap(AvaEvidence *e, int64_t start_us, int64_t end_us);

/* Bytes of what the frames left, and of what sound at 16 kHz left (but for the nets that listen by themselves: those and
 * the sound at its own rate are filled by other threads). */
uint64_t ava_evidence_face_bytes(const AvaEvidence *e);
uint64_t ava_evidence_sound_bytes(const AvaEvidence *e);
uint64_t ava_evidence_listen_bytes(const AvaEvidence *e);
uint64_t ava_evidence_native_bytes(const AvaEvidence *e);
/* Bytes that analyzers and result need for series on the tracks' grids, which may be far longer than the rows in them. */
uint64_t ava_evidence_series_bytes(const AvaEvidence *e);

/* Speech probability at a time, 0 outside the sound. */
float ava_voiced_at(const AvaEvidence *e, int64_t t_us);

/* Does anything from start_us to end_us lie within `near_us` of a place where the sound was mended? */
int ava_near_gap(const AvaEvidence *e, int64_t start_us, int64_t end_us, int64_t near_us);

#endif
