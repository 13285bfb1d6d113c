/* lse.c -- reports SyncNet's measures, when they were asked for (--lse). */
#include <stdlib.h>

#include "analyze/analyzer.h"

static int lse_run(const AvaAnalysisInput *in, AvaAnalysisOutput *out, AvalignErrorInfo *e);

const AvaAnalyzer ava_lse = {
    { "lse", "SyncNet's offset, LSE-D and LSE-C with your own copy of its net",
      (const char *const[]){ "face-detect", "face-mesh", "vad", "syncnet-face", "syncnet-sound", NULL },
      (const char *const[]){ "lse.distance", "lse.confidence", NULL }, 1 },
    (const AvalignField[]){ AVALIGN_N_FIELDS }, offsetof(AvaAnalysisOutput, lse.absent), .run = lse_run, .on_request = 1
};

static int lse_run(const AvaAnalysisInput *in, AvaAnalysisOutput *out, AvalignErrorInfo *e)
{
    (void)e;
    const AvaEvidence *ev = in->ev;
    const char *absent = !ev->has_audio ? "no-audio" : !ev->has_video ? "no-video" : !ev->lse.n ? "no-face" : NULL;
    AvaLseResult *r = &out->lse;
    r->asked = 1;
    r->absent = absent;
    if (absent)
        return 0;
    if (ava_append(&r->face, ev->lse.at, ev->lse.n))
        return AVALIGN_ERR_NOMEM;
    for (size_t i = 0; i < r->face.n; i++) /* the file's answer is the longest face's; all are listed */
        if (r->face.at[i].lse.windows > r->face.at[r->longest].lse.windows)
            r->longest = i;
    const AvaLse *l = &r->face.at[r->longest].lse;
    if (!l->reason) {
        r->offset_ms = l->offset_frames * 40.;
        r->min_distance = l->distance;
        r->confidence = l->confidence;
    }
    return 0;
}
