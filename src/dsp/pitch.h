/* pitch.h -- fundamental frequency of speech as a stream, by the normalised square difference
 * function of McLeod & Wyvill (2005). */
#ifndef AVA_PITCH_H
#define AVA_PITCH_H

#include <stddef.h>

enum { AVA_PITCH_WIN = 640, AVA_PITCH_HOP = 160 }; /* at 16 kHz; value j is centred on sample 160 j + 320 */

typedef struct AvaPitch AvaPitch;
AvaPitch *ava_pitch_new(void); /* NULL when out of memory */
void ava_pitch_free(AvaPitch *p);
/* One window: Hz in 60-420, 0 where nothing repeats. */
float ava_pitch_frame(AvaPitch *p, const float window[AVA_PITCH_WIN]);

#endif
