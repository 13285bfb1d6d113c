/* api.h -- what the doors of the public header share. Inside src/api/. */
#ifndef AVA_API_H
#define AVA_API_H

#include "pipeline/analysis.h"
#include "result/result.h"

/* Fills the context's error with AVALIGN_ERR_ARG and the reason, in place of what was there. */
int ava_refuse(AvalignContext *c, const char *why);
/* The public lists of a result that was just built. */
int ava_result_lists(AvalignResult *r, AvalignErrorInfo *e);
/* Evidence to a result with its lists. media: NULL for pushed input. */
int ava_analyzed(AvalignContext *c, const char *file, const char *sha256, const AvaMediaFacts *media, AvalignResult **out);

/* For calls that open a context of their own: what it says of a failed rc goes to *why. Returns rc. */
int ava_pass_on(AvalignContext *c, int rc, AvalignErrorInfo *why);

#endif
