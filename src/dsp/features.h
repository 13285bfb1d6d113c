/* features.h -- the log-mel front end of our nets, as a stream. */
#ifndef AVA_FEATURES_H
#define AVA_FEATURES_H

#include <stddef.h>

enum { AVA_LOGMEL_BANDS = 40, AVA_LOGMEL_WIN = 400, AVA_LOGMEL_HOP = 160, AVA_LOGMEL_FFT = 512 };

typedef struct AvaLogMel AvaLogMel;

AvaLogMel *ava_logmel_new(void); /* NULL when out of memory */
void ava_logmel_free(AvaLogMel *m);
/* One 400-sample window in, 40 natural logs out. */
void ava_logmel_frame(AvaLogMel *m, const float *window, float *out);

#endif
