/* tracker.h -- faces over time, reported on a fixed 25 fps grid. */
#ifndef AVA_TRACKER_H
#define AVA_TRACKER_H

#include "nets/face.h"

typedef struct AvaTracker AvaTracker;

enum { AVA_WIDE_SIDE = 288 };
/* A face with much around it. */
typedef struct AvaWideCrop {
    const uint8_t *rgb;   /* AVA_WIDE_SIDE squared */
    float cx, cy, side;   /* of the square in the picture */
} AvaWideCrop;

typedef struct AvaTrackerConfig {
    AvalignModels *models; /* borrowed */
    int max_faces;
    int mouth_crops;       /* a mouth crop with every view */
    int face_crops;        /* a face crop with every view, else five times a second */
    int wide_crops;        /* report them */
    void *cookie;
    int (*view)(void *cookie, const AvalignFaceView *v); /* non-zero stops */
    int (*wide)(void *cookie, const AvalignFaceView *v, const AvaWideCrop *w); /* after view */
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
