/* run_analyzers.c -- runs the analyzers over the evidence and builds the result. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/background.h"
#include "analyze/input_quality.h"
#include "infer/infer.h"
#include "pipeline/analysis.h"
#include "report/json_parts.h"
#include "result/result.h"
#include "util/err.h"

static int by_time(const void *p, const void *q)
{
    int64_t a = *(const int64_t *)p, b = *(const int64_t *)q;
    return (a > b) - (a < b);
}

/* Seconds with at least one face. */
static double face_seconds(const AvaEvidence *ev)
{
    size_t total = 0, n = 0, distinct = 0;
    for (size_t i = 0; i < ev->track.n; i++)
        total += ev->track.at[i].row.n;
    if (ev->track.n == 1)
        return (double)total * AVA_GRID_US / 1e6;
    int64_t *t = malloc((total + 1) * sizeof *t);
    if (!t)
        return 0;
    for (size_t i = 0; i < ev->track.n; i++)
        for (size_t k = 0; k < ev->track.at[i].row.n; k++)
            t[n++] = ev->track.at[i].row.at[k].t_us;
    qsort(t, n, sizeof *t, by_time);
    for (size_t i = 0; i < n; i++)
        distinct += i == 0 || t[i] != t[i - 1];
    free(t);
    return (double)distinct * AVA_GRID_US / 1e6;
}

static json_t *sound_json(const AvaEvidence *ev)
{
    if (!ev->has_audio)
        return json_null();
    AvaBackgroundShares other = ava_background_shares(ev);
    return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "held_pitch", ava_json_real(ava_share_held(ev), 2), "music", ava_json_real(other.music, 2), "other_voices", ava_json_real(other.voices, 2), "length_s", ava_json_real((double)ev->sound_us / 1e6, 3), "speech_s",
                     ava_json_real(ev->speech_s, 2), "level_dbfs", ava_json_real(ev->loudness_db, 1), "peak",
                     ava_json_real(ev->peak, 3), "snr_db", ava_json_real(ev->snr_db, 1));
}

int ava_judge(AvalignContext *c, const char *file, const char *sha256, json_t *media, AvalignResult **out)
{
    AvaEvidence *ev = &c->ev;
    AvaAnalysisOutput found;
    ev->face_s = face_seconds(ev);
    int rc = ava_analyze((AvaAnalysisInput){ .ev = ev, .analyzers = c->analyzers, .on_request = c->cfg.lse, .policy = &c->policy, .flag_at = c->cfg.flag_at,
                                             .profile = c->cfg.profile ? ava_profile(c->cfg.profile) : NULL },
                         &found, &c->error);
    json_t *settings = json_pack("{s:o,s:o,s:i}", "analyzers", c->analyzers ? json_string(c->analyzers) : json_string("all"),
                                 "flag_at", ava_json_real(c->cfg.flag_at > 0 ? c->cfg.flag_at : c->policy.flag_at, 3), "grid_fps", AVALIGN_GRID_FPS);
    if (!media)
        media = json_object();
    json_object_set_new(media, "sound", sound_json(ev));
    json_object_set_new(media, "face_s", ava_json_real(ev->face_s, 2));
    json_object_set_new(media, "container_offset_ms",
                        ev->has_audio && ev->has_video ? ava_json_real(ev->container_offset_ms, 1) : json_null());
    AvaRunFacts facts = { file, sha256, media, c->warnings, ava_models_used(c->models), settings };
    if (!rc)
        rc = ava_result_build(out, ev, &found, &facts, &c->error);
    json_decref(facts.models);
    json_decref(media);
    json_decref(settings);
    ava_analysis_output_free(&found);
    return rc;
}
