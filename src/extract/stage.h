/* stage.h -- what a stage is: something that looks at the stream, or hears it, and leaves its answer in the evidence.
 *
 * To add one: a file here with a const AvaStage, its line in the table of stages.c, its file in src/meson.build and, for a
 * net, a row in models/manifest.json. The framework allocates, opens, feeds, finishes and closes. (After libvmaf's feature
 * extractors.) */
#ifndef AVA_STAGE_H
#define AVA_STAGE_H

#include "evidence/evidence.h"
#include "infer/infer.h"
#include "media/media.h"
#include "track/tracker.h"
#include "util/timings.h"

/* A window of speech as the encoder sees it: states[6][n][384], 50 frames a second, the first one start_us after the first sample; after
 * `heard` frames the sound was padded with zeros. */
typedef struct AvaEncoderFrames {
    const float *states;
    size_t n, heard;
    int64_t start_us;
} AvaEncoderFrames;

/* What a stage works with; the first member of its state. */
typedef struct AvaStageSetup {
    AvaEvidence *ev;        /* where answers go; each stage writes members of its own */
    AvalignModels *models;  /* borrowed */
    const char *transcript; /* borrowed; NULL: none */
    int no_video;           /* there is none to come */
    AvalignEncoderFn *on_encoder; /* NULL: nobody wants to see what the speech encoder says */
    void *cookie;           /* its */
    int (*encoded)(void *stages, const AvaEncoderFrames *w, AvalignErrorInfo *e); /* hands a window to every stage's on_encoded; NULL: there is none */
    void *stages;           /* its */
    AvaTimings *timings;    /* NULL: nobody asked what takes how long */
} AvaStageSetup;

/* Frames that the tracker cuts out for it: the mouth with every face, the face and much around it likewise, the face and little
 * around it five times a second at first. */
enum { AVA_CROP_MOUTH = 1, AVA_CROP_WIDE = 2, AVA_CROP_CLOSE = 4 };

/* Callbacks that are NULL are not called. Those of one line below run in one thread, in the order of time; different lines
 * may run at the same time. 0 or a negative AvalignError. Nets are best opened with the first input: files without faces
 * or without sound then load none. */
typedef struct AvaStage {
    const char *name;
    const char *const *roles; /* NULL-terminated: runs when an analyzer asks for one of them, or is called so; NULL: always */
    int video;              /* of no use without video */
    unsigned crops;           /* AVA_CROP_* */
    size_t size;              /* of its state, which begins with an AvaStageSetup that is filled; the rest comes as zeros */
    int (*open)(void *state, AvalignErrorInfo *e);
    /* faces on the 25 fps grid */
    int (*on_face)(void *state, const AvalignFaceView *v, AvalignErrorInfo *e);
    int (*on_wide)(void *state, const AvalignFaceView *v, const AvaWideCrop *w, AvalignErrorInfo *e);
    int (*on_close)(void *state, const AvaCloseCrop *c, AvalignErrorInfo *e);
    /* 16 kHz mono, contiguous: every 10 ms a window of 25 ms with its log-mel bands, then the samples themselves */
    int (*on_frame)(void *state, const float *window, const float *bands, AvalignErrorInfo *e);
    int (*on_sound)(void *state, int64_t t_us, const float *pcm, size_t n, AvalignErrorInfo *e);
    /* a window of speech through the encoder, within the on_sound of its stage */
    int (*on_encoded)(void *state, const AvaEncoderFrames *w, AvalignErrorInfo *e);
    /* the same samples, in a thread for nets that hear the waveform */
    int (*on_listen)(void *state, const float *pcm, size_t n, AvalignErrorInfo *e);
    /* sound at its own rate */
    int (*on_native)(void *state, const AvaSound *s, AvalignErrorInfo *e);
    /* when every stream has ended, one stage after the other in the order of the table */
    int (*finish)(void *state, AvalignErrorInfo *e);
    void (*close)(void *state);
    /* opens what takes long, stays with the models and is no role that an analyzer must have */
    int (*preload)(const AvaStageSetup *setup, AvalignErrorInfo *e);
} AvaStage;

#endif
