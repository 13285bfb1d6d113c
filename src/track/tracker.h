/* tracker.h -- faces over time, reported on a fixed 25 fps grid. */
#ifndef AVA_TRACKER_H
#define AVA_TRACKER_H

#include "nets/face.h"

typedef struct AvaTracker AvaTracker;

enum { AVA_WIDE_SIDE = 288, AVA_CLOSE_SIDE = 224 };
/* A face with much around it. */
typedef struct AvaWideCrop {
    const uint8_t *rgb;   /* AVA_WIDE_SIDE squared */
    float cx, cy, side;   /* of the square in the picture */
} AvaWideCrop;

#define AVA_CLOSE_FACES 1.5f
/* A face and little around it, upright, as it is in one frame of the stream. */
typedef struct AvaCloseCrop {
    int track_id;
    int64_t t_us;           /* the picture's own time */
    const uint8_t *rgb;     /* AVA_CLOSE_SIDE squared */
    float cx, cy, side;     /* of the square in the picture: AVA_CLOSE_FACES times the larger side of the landmarks' box */
} AvaCloseCrop;

typedef struct AvaTrackerConfig {
    AvalignModels *models; /* borrowed */
    int max_faces;
    int mouth_crops;       /* a mouth crop with every view */
    int face_crops;        /* a face crop with every view, else five times a second */
    int wide_crops;        /* report them */
    int close_crops;       /* report them, of each face five times a second at first, then every 0.8 s */
    void *cookie;
    int (*view)(void *cookie, const AvalignFaceView *v); /* non-zero stops */
    int (*wide)(void *cookie, const AvalignFaceView *v, const AvaWideCrop *w); /* after view */
    int (*close)(void *cookie, const AvaCloseCrop *c); /* after the views of its time */
    int (*cut)(void *cookie, int64_t t_us);
} AvaTrackerConfig;

int ava_tracker_new(AvaTracker **out, const AvaTrackerConfig *cfg, AvalignErrorInfo *e);
void ava_tracker_free(AvaTracker **t);
/* The caller's own faces at t_us (copied); from then on none are detected here. */
int ava_tracker_give(AvaTracker *t, int64_t t_us, const AvalignFace *faces, size_t n, AvalignErrorInfo *e);
int ava_tracker_frame(AvaTracker *t, const AvaImage *img, int64_t t_us, AvalignErrorInfo *e);
int ava_tracker_finish(AvaTracker *t, AvalignErrorInfo *e);
int ava_tracker_dropped(const AvaTracker *t); /* faces not followed because of max_faces */

#endif
