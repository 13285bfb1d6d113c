/* forensics.h -- what tells of synthesis and editing in the sound, into the evidence. */
#ifndef AVA_EXTRACT_FORENSICS_H
#define AVA_EXTRACT_FORENSICS_H

#include "avalign/avalign.h"
#include "evidence/evidence.h"
#include "infer/infer.h"
#include "media/media.h"

typedef struct AvaTraces AvaTraces;
typedef struct AvaTraceWants {
    int spoof, edits; /* is the voice real; splices and the like */
} AvaTraceWants;

int ava_traces_new(AvaTraces **out, AvaEvidence *ev, AvalignModels *models, AvaTraceWants wants, AvalignErrorInfo *e);
void ava_traces_free(AvaTraces **t);
/* At its own rate. This and the next two may each have a thread of its own. */
int ava_traces_native(AvaTraces *t, const AvaSound *s, AvalignErrorInfo *e);
/* 16 kHz, contiguous: for the nets that tell a person from a machine, and for those that find cuts. */
int ava_traces_voice(AvaTraces *t, const float *pcm, size_t n, AvalignErrorInfo *e);
int ava_traces_edits(AvaTraces *t, const float *pcm, size_t n, AvalignErrorInfo *e);
/* After the evidence's voiced is complete. */
int ava_traces_finish(AvaTraces *t, AvalignErrorInfo *e);

#endif
