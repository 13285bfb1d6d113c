/* pick_video.h -- which of several picture tracks is judged. */
#ifndef AVA_EXTRACT_PICK_VIDEO_H
#define AVA_EXTRACT_PICK_VIDEO_H

#include "infer/infer.h"
#include "media/media.h"

/* Opens the track that shows a face in *m's place; opt gets its number. The source must be seekable. */
int ava_pick_video(AvalignModels *models, AvaSource *src, AvaMediaOptions *opt, AvaMedia **m, AvalignErrorInfo *e);

#endif
