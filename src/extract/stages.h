/* stages.h -- the stages of one analysis, opened by what was asked for. */
#ifndef AVA_STAGES_H
#define AVA_STAGES_H

#include "extract/stage.h"

typedef struct AvaStages AvaStages;
/* Does somebody ask for this role? */
typedef int AvaAsked(const void *cookie, const char *role);

/* What the streams must bring: frames, sound. */
enum { AVA_WANTS_VIDEO = 1, AVA_WANTS_AUDIO = 2 };
unsigned ava_stages_wants(AvaAsked *asked, const void *cookie);

/* On failure *out is NULL. */
int ava_stages_open(AvaStages **out, const AvaStageSetup *setup, AvaAsked *asked, const void *cookie, AvalignErrorInfo *e);
void ava_stages_close(AvaStages **s);
/* What the stages keep with the models besides the nets of the analyzers' roles. */
int ava_stages_preload(const AvaStageSetup *setup, AvaAsked *asked, const void *cookie, AvalignErrorInfo *e);
unsigned ava_stages_crops(const AvaStages *s); /* AVA_CROP_* that somebody needs */

int ava_stages_face(AvaStages *s, const AvalignFaceView *v, AvalignErrorInfo *e);
int ava_stages_wide(AvaStages *s, const AvalignFaceView *v, const AvaWideCrop *w, AvalignErrorInfo *e);
int ava_stages_close_crop(AvaStages *s, const AvaCloseCrop *c, AvalignErrorInfo *e);
int ava_stages_sound(AvaStages *s, int64_t t_us, const float *pcm, size_t n, AvalignErrorInfo *e);
int ava_stages_listen(AvaStages *s, const float *pcm, size_t n, AvalignErrorInfo *e);
int ava_stages_native(AvaStages *s, const AvaSound *sound, AvalignErrorInfo *e);
int ava_stages_finish(AvaStages *s, AvalignErrorInfo *e);

#endif
