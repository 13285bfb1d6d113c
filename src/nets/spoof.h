/* spoof.h -- role voice-spoof: is a stretch of speech a person's or a machine's?
 *
 * Input "waveform", [1, samples] at 16 kHz; the shape says how long a stretch it hears. One output of a number for
 * each of the row's "experts"; "weights" and "bias" make one log odds of them, natural, above 0: a machine. So a
 * net with other classes fits by its manifest row alone (training/import/aasist.py). */
#ifndef AVA_NETS_SPOOF_H
#define AVA_NETS_SPOOF_H

#include "infer/infer.h"

enum { AVA_MAX_EXPERTS = 6 };

typedef struct AvaSpoof {
    int64_t start_us, end_us; /* since the first sample */
    float expert[AVA_MAX_EXPERTS];
    float odds;               /* log odds of a machine, not calibrated */
} AvaSpoof;

typedef struct AvaSpoofNet AvaSpoofNet;
int ava_spoof_open(AvaSpoofNet **out, AvalignModels *m, AvalignErrorInfo *e);
void ava_spoof_close(AvaSpoofNet **n);
size_t ava_spoof_samples(const AvaSpoofNet *n); /* that it hears at a time */
int ava_spoof_experts(const AvaSpoofNet *n, const char *name[AVA_MAX_EXPERTS]); /* how many; names live as long as the models */
/* Level is evened out here; a stretch shorter than the net wants is repeated. Fills expert and odds. */
int ava_spoof_run(AvaSpoofNet *n, const float *x, size_t len, AvaSpoof *out, AvalignErrorInfo *e);

#endif
