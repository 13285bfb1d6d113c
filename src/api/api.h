/* api.h -- what the doors of the public header share. Inside src/api/. */
#ifndef AVA_API_H
#define AVA_API_H

#include "pipeline/analysis.h"
#include "result/result.h"

/* Fills the context's error with AVALIGN_ERR_ARG and the reason, in place of what was there. */
int ava_refuse(AvalignContext *c, const char *why);

#endif
