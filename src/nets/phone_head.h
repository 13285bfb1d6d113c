/* phone_head.h -- role speech-phones: from the speech encoder's frames to English phones. */
#ifndef AVA_NETS_PHONE_HEAD_H
#define AVA_NETS_PHONE_HEAD_H

#include "infer/infer.h"
#include "nets/phones.h"

typedef struct AvaPhoneHead AvaPhoneHead;
int ava_phone_head_open(AvaPhoneHead **out, AvalignModels *m, AvalignErrorInfo *e);
void ava_phone_head_close(AvaPhoneHead **h);
/* A window of at most 200 frames: states[6][n][384] as the encoder gives them, of which the first `heard` count, the first frame start_us
 * after the first sample. Emits its phones in time order, without gaps. Score: mean log probability of the phone a frame. */
int ava_phone_head_run(AvaPhoneHead *h, const float *states, size_t n, size_t heard, int64_t start_us, AvaPhonesFn *emit, void *cookie, AvalignErrorInfo *e);

/* The most likely row of phones: log_p[n][AVA_N_PHONES] of frames of 20 ms; a phone lasts two frames or more, and going on to the next
 * costs `change`. Phones of the row, by their last frame + 1 in end[] and id[]; 0 where n < 2. */
size_t ava_phone_search(const float *log_p, size_t n, float change, size_t *end, uint8_t *id);

#endif
