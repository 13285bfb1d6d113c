/* lse.c -- reports SyncNet's measures, when they were asked for (--lse). */
#include <stdio.h>

#include "analyze/analyzer.h"

static int run(const AvaEvidence *ev, AvaFindings *out, AvalignErrorInfo *e);

const AvaAnalyzer ava_lse = {
    { "lse", "SyncNet's offset, LSE-D and LSE-C with your own copy of its net",
      (const char *const[]){ "face-detect", "face-mesh", "vad", "syncnet-face", "syncnet-sound", NULL },
      (const char *const[]){ "lse.distance", "lse.confidence", NULL }, 1 },
    (const AvalignField[]){ AVALIGN_N_FIELDS }, .run = run, .on_request = 1
};

static json_t *one_json(const AvaLseTrack *t)
{
    const AvaLse *l = &t->lse;
    json_t *j = json_pack("{s:i,s:o}", "track", t->track, "start_s", ava_json_real((double)t->start_us / 1e6, 3));
    if (l->reason) {
        json_object_set_new(j, "absent", json_string(l->reason));
    } else {
        json_object_set_new(j, "av_offset_frames", json_integer(l->offset_frames));
        json_object_set_new(j, "offset_ms", ava_json_real(l->offset_frames * 40., 0));
        json_object_set_new(j, "min_distance", ava_json_real(l->distance, 4));
        json_object_set_new(j, "confidence", ava_json_real(l->confidence, 4));
        json_object_set_new(j, "windows", json_integer((json_int_t)l->windows));
    }
    if (!l->expert_reason)
        json_object_set_new(j, "wav2lip_expert", json_pack("{s:o,s:o,s:i}", "cosine", ava_json_real(l->expert, 4), "best_cosine",
                                                           ava_json_real(l->expert_best, 4), "best_offset_frames",
                                                           l->expert_offset_frames));
    return j;
}

static int run(const AvaEvidence *ev, AvaFindings *out, AvalignErrorInfo *e)
{
    (void)e;
    const char *absent = !ev->has_audio ? "no-audio" : !ev->has_video ? "no-video" : !ev->lse.n ? "no-face" : NULL;
    if (absent) {
        ava_absent(out, &ava_lse, absent);
        return 0;
    }
    /* the file's answer is the longest face's; all are listed */
    const AvaLseTrack *longest = &ev->lse.at[0];
    json_t *list = json_array();
    for (size_t i = 0; i < ev->lse.n; i++) {
        const AvaLseTrack *t = &ev->lse.at[i];
        longest = t->lse.windows > longest->lse.windows ? t : longest;
        json_array_append_new(list, one_json(t));
    }
    json_t *j = one_json(longest);
    json_object_set_new(j, "faces", list);
    json_object_set_new(out->signals, "lse", j);
    return 0;
}
