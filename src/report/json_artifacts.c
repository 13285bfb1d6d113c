/* json_artifacts.c -- traces of editing in the sound, as JSON. */
#include "report/json_parts.h"

json_t *ava_json_artifacts(const AvaArtifactsResult *r)
{
    if (r->absent)
        return ava_json_absent(r->absent);
    json_t *segments = json_array(), *grids = json_array();
    for (size_t i = 0; i < r->segment.n; i++) {
        const AvaArtifact *x = &r->segment.at[i];
        json_array_append_new(segments, json_pack("{s:s,s:o,s:o,s:o,s:s}", "kind", x->kind, "start_s", ava_json_time(x->start_us, 3), "end_s",
                                                  ava_json_time(x->end_us, 3), "score", ava_json_real(x->score, 3), "evidence", x->evidence));
    }
    for (int i = 0; i < r->n_grids; i++) {
        const AvaCodingGrid *g = &r->grid[i];
        json_array_append_new(grids, json_pack("{s:s,s:i,s:o,s:b}", "codec", g->codec, "offset", g->offset, "strength", ava_json_real(g->strength, 1), "own",
                                               g->own));
    }
    json_t *pulses = r->pulse_seconds ? json_pack("{s:o,s:o,s:o}", "coherence", ava_json_real(r->pulse_coherence, 3), "delay_ms",
                                                  ava_json_real(r->pulse_delay_ms, 2), "decay_db", ava_json_real(r->pulse_decay_db, 1))
                                      : json_null();
    return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "worst", ava_json_real(r->worst, 3), "codec", ava_json_text(r->codec), "channels",
                     ava_json_text(r->channels), "bandwidth_hz", ava_json_real(r->bandwidth_hz, 0), "frame_grids", grids, "pulses", pulses, "segments",
                     segments);
}
