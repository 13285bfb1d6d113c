/* artifacts.c -- traces of editing in the sound, each held against the picture.
 *
 * A splice at a shot cut is ordinary editing; inside an unbroken shot with a face it is not, and less so where lip sync
 * breaks as well. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/analyzer.h"
#include "analyze/forensics/edits.h"

static int run(const AvaEvidence *ev, AvaFindings *out, AvalignErrorInfo *e);

const AvaAnalyzer ava_artifacts = {
    { "artifacts", "splices and other traces of editing in the sound", (const char *const[]){ "vad", "splice", NULL },
      (const char *const[]){ "artifacts.segments", NULL }, 1 },
    (const AvalignField[]){ AVALIGN_N_FIELDS }, .run = run
};

enum { AT_CUT_US = 120000, NEAR_BREAK_US = 1000000 };

static int at_cut(const AvaEvidence *ev, int64_t t, int64_t within_us)
{
    for (size_t i = 0; i < ev->cut_us.n; i++)
        if (llabs(ev->cut_us.at[i] - t) <= within_us)
            return 1;
    return 0;
}

static int face_at(const AvaEvidence *ev, int64_t t)
{
    for (size_t i = 0; i < ev->track.n; i++) {
        const AvaTrackRows *r = &ev->track.at[i];
        if (r->row.n && r->row.at[0].t_us <= t && r->row.at[r->row.n - 1].t_us >= t)
            return 1;
    }
    return 0;
}

/* Does the offset step or the match drop out near there? */
static int sync_breaks(const AvaFindings *f, int64_t t)
{
    const json_t *lip = json_object_get(f->signals, "lipsync"), *x;
    double s = (double)t / 1e6, near = NEAR_BREAK_US / 1e6;
    size_t i;
    json_array_foreach(json_object_get(lip, "steps"), i, x)
        if (fabs(json_number_value(json_object_get(x, "at_s")) - s) <= near)
            return 1;
    json_array_foreach(json_object_get(lip, "dropouts"), i, x)
        if (fabs(json_number_value(json_object_get(x, "start_s")) - s) <= near || fabs(json_number_value(json_object_get(x, "end_s")) - s) <= near)
            return 1;
    return 0;
}

/* What the picture says to a place in the sound: changes the score, adds to the sentence. */
static void link_to_picture(const AvaEvidence *ev, const AvaFindings *f, AvaEdit *x)
{
    const char *says = NULL;
    int splice = !strcmp(x->kind, "splice");
    int64_t at = splice ? (x->start_us + x->end_us) / 2 : x->start_us;
    if (!ev->has_video || x->score < .3 || at <= ev->sound_t0_us || !strcmp(x->kind, "resampling") || !strcmp(x->kind, "vocoder"))
        return;
    if (at_cut(ev, at, AT_CUT_US + (splice ? (x->end_us - x->start_us) / 2 : 0))) {
        x->score = fmin(x->score, .4);
        says = "; the picture is cut there too, which is ordinary editing";
    } else if (sync_breaks(f, at)) {
        x->score = fmin(1, x->score + .2);
        says = "; lip sync breaks there as well";
    } else if (face_at(ev, at)) {
        says = "; the shot with the face goes on";
    }
    if (says)
        snprintf(x->evidence + strlen(x->evidence), sizeof x->evidence - strlen(x->evidence), "%s", says);
}

static int by_time(const void *p, const void *q)
{
    const AvaEdit *a = p, *b = q;
    return a->start_us != b->start_us ? (a->start_us > b->start_us) - (a->start_us < b->start_us) : strcmp(a->kind, b->kind);
}

static json_t *channel_layout(const AvaEvidence *ev)
{
    size_t same = 0, n = 0;
    if (ev->channels < 2)
        return ev->channels ? json_string("mono") : json_null();
    for (size_t i = 0; i < ev->native.n; i++)
        if (!isnan(ev->native.at[i].correlation)) {
            n++;
            same += ev->native.at[i].correlation > .9999f;
        }
    return json_string(n && (double)same > .98 * (double)n ? "the same in both channels" : "stereo");
}

static int run(const AvaEvidence *ev, AvaFindings *out, AvalignErrorInfo *e)
{
    (void)e;
    static int (*const find[])(const AvaEvidence *, AvaEdits *) = {
        ava_edits_splices, ava_edits_copies, ava_edits_silence, ava_edits_phase, ava_edits_channel_delay, ava_edits_stereo, ava_edits_pulses,
        ava_edits_vocoder, ava_edits_bandwidth, ava_edits_coding, ava_edits_container, ava_edits_hum
    };
    if (!ev->has_audio) {
        ava_absent(out, &ava_artifacts, "no-audio");
        return 0;
    }
    AvaEdits edits = { 0 };
    int rc = 0;
    for (size_t i = 0; i < sizeof find / sizeof *find && !rc; i++)
        rc = find[i](ev, &edits);
    if (edits.n)
        qsort(edits.at, edits.n, sizeof *edits.at, by_time);
    json_t *segments = json_array();
    double worst = 0;
    for (size_t i = 0; i < edits.n && !rc; i++) {
        AvaEdit *x = &edits.at[i];
        link_to_picture(ev, out, x);
        worst = fmax(worst, x->score);
        json_array_append_new(segments, json_pack("{s:s,s:o,s:o,s:o,s:s}", "kind", x->kind, "start_s", ava_json_real((double)x->start_us / 1e6, 3),
                                                  "end_s", ava_json_real((double)x->end_us / 1e6, 3), "score", ava_json_real(x->score, 3), "evidence",
                                                  x->evidence));
    }
    json_t *grids = json_array();
    for (int i = 0; i < ev->n_grids; i++)
        json_array_append_new(grids, json_pack("{s:s,s:i,s:o,s:b}", "codec", ev->grid[i].coder->name, "offset", ev->grid[i].offset, "strength",
                                               ava_json_real((double)ev->grid[i].strength, 1), "own", ava_own_grid(ev, i)));
    double cutoff = ava_usual_cutoff(ev);
    AvaPulseView pulses = ava_pulse_view(ev, 0, ev->pulses.n);
    json_t *told = pulses.seconds ? json_pack("{s:o,s:o,s:o}", "coherence", ava_json_real(pulses.coherence, 3), "delay_ms", ava_json_real(pulses.delay_ms, 2), "decay_db",
                                              ava_json_real(ava_decay_db(ev), 1))
                                  : json_null();
    json_object_set_new(out->signals, "artifacts",
                        json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "worst", ava_json_real(worst, 3), "codec", *ev->audio_codec ? json_string(ev->audio_codec) : json_null(),
                                  "channels", channel_layout(ev), "bandwidth_hz", cutoff > 0 ? ava_json_real(cutoff, 0) : json_null(), "frame_grids", grids, "pulses", told,
                                  "segments", segments));
    ava_vec_free(&edits);
    return rc ? AVALIGN_ERR_NOMEM : 0;
}
