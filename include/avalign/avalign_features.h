/* avalign_features.h -- optional extras: the methods as calls on arrays, and speech features.
 * A part of avalign.h, which includes it; what is said there of ownership, threads and errors holds here. */
#ifndef AVALIGN_FEATURES_H
#define AVALIGN_FEATURES_H

#ifndef AVALIGN_AVALIGN_H
#error "include avalign/avalign.h"
#endif

#ifdef __cplusplus
extern "C" {
#endif

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
    double voice_bound, face_bound; /* neither ratio is ever beyond its own, to either side: so much the calibration bears */
    uint64_t reserved[2];
} AvalignVerification;

/* Is the file a whole reference, and does its signature fit the key? For before a clip is analysed: 0, or AVALIGN_ERR_FORMAT as
 * below. */
AVALIGN_API int avalign_reference_check(const char *json, size_t size, const void *key, size_t key_size, AvalignErrorInfo *e);

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
 * are; its middle square is read without looking for one. Returns 0, also when there is no answer (reason); AVALIGN_ERR_FORMAT: not a picture;
 * AVALIGN_ERR_NO_STREAM: a picture that is damaged or cut off. */
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
 * 512 at 16 kHz (the power of two that holds the window), pre-emphasis .97, lifter 22, first value replaced by log energy. 13
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

#endif /* AVALIGN_FEATURES_H */
