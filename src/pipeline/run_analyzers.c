/* run_analyzers.c -- runs the analyzers over the evidence and builds the result. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/background.h"
#include "analyze/input_quality.h"
#include "pipeline/analysis.h"
#include "result/result.h"
#include "util/err.h"

static int run_analyzers_by_time(const void *p, const void *q)
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
    qsort(t, n, sizeof *t, run_analyzers_by_time);
    for (size_t i = 0; i < n; i++)
        distinct += i == 0 || t[i] != t[i - 1];
    free(t);
    return (double)distinct * AVA_GRID_US / 1e6;
}

/* What the evidence says of the medium. */
static void measured(const AvaEvidence *ev, AvaMediaFacts *m)
{
    m->face_s = ev->face_s;
    m->container_offset_ms = ev->has_audio && ev->has_video ? ev->container_offset_ms : NAN;
    m->has_sound = ev->has_audio;
    if (!ev->has_audio)
        return;
    AvaBackgroundShares other = ava_background_shares(ev);
    m->held_pitch = ava_share_held(ev);
    m->music = other.music;
    m->other_voices = other.voices;
    m->length_s = (double)ev->sound_us / 1e6;
    m->speech_s = ev->speech_s;
    m->level_dbfs = ev->loudness_db;
    m->peak = ev->peak;
    m->snr_db = ev->snr_db;
}

/* Each row a second of the medium; what no row counted is the first: reading and decoding, in FFmpeg's threads too (and
 * what the engine did in its own while nets were loaded). */
static void timed(AvaTimings *t, AvaMediaFacts *m)
{
    if (!t || !t->began_ns || !(m->duration_s > 0))
        return;
    int64_t rest = ava_timings_total(t);
    double ms_per_ns = 1e-6 / m->duration_s;
    m->timing[m->n_timings++].stage = "decoding";
    for (int i = 0; i < t->n && m->n_timings < AVA_MAX_TIMINGS; i++) {
        int64_t ns = atomic_load(&t->row[i].ns);
        rest -= ns;
        m->timing[m->n_timings].stage = t->row[i].name;
        m->timing[m->n_timings++].ms = (double)ns * ms_per_ns;
    }
    m->timing[0].ms = (double)(rest > 0 ? rest : 0) * ms_per_ns;
}

/* The words, where they were asked for. */
static int transcribed(AvalignContext *c, AvaTranscriptResult *r, AvalignErrorInfo *e)
{
    const AvaEvidence *ev = &c->ev;
    r->asked = c->cfg.transcribe;
    if (!r->asked)
        return 0;
    r->absent = !ev->has_audio ? "no-audio" : !ava_models_has(c->models, "speech-words") ? "net-left-out" : !ev->word.n ? "no-speech" : NULL;
    if (r->absent && !strcmp(r->absent, "net-left-out"))
        ava_warn(c, r->absent, 1, "no words: these models hold no nets for them (speech-words, speech-memory); name a folder of models that does: models/ of a source tree after make setup");
    return ava_append(&r->word, ev->word.at, ev->word.n) ? ava_fail(e, AVALIGN_ERR_NOMEM, "words", AVA_NO_TIME, 0, "out of memory") : 0;
}

int ava_run_analyzers(AvalignContext *c, const char *file, const char *sha256, const AvaMediaFacts *media, AvalignResult **out)
{
    AvaEvidence *ev = &c->ev;
    AvaAnalysisOutput found;
    AvaMediaFacts facts = media ? *media : (AvaMediaFacts){ 0 };
    ev->face_s = face_seconds(ev);
    measured(ev, &facts);
    AvaLap lap = ava_lap_begin(c->timings);
    int rc = ava_analyze((AvaAnalysisInput){ .ev = ev, .analyzers = c->analyzers, .on_request = c->cfg.lse, .left_out = ava_left_out(c), .policy = &c->policy, .flag_at = c->cfg.flag_at,
                                             .profile = c->cfg.profile ? ava_profile(c->cfg.profile) : NULL, .cancel = &c->cancel },
                         &found, &c->error);
    ava_lap_end(c->timings, AVA_TIME_ANALYZERS, lap);
    timed(c->timings, &facts);
    if (!rc)
        rc = transcribed(c, &found.transcript, &c->error);
    if (!rc)
        rc = ava_result_build(out, ev, &found,
                              &(AvaRunFacts){ file, sha256, c->analyzers, c->cfg.flag_at > 0 ? c->cfg.flag_at : c->policy.flag_at, &facts, &c->warnings,
                                              c->models, c->cfg.max_pixels, c->cfg.keep_ffmpeg_log },
                              &c->error);
    ava_analysis_output_free(&found);
    return rc;
}
