#include "evidence/evidence.h"

#include <stdlib.h>

void ava_evidence_free(AvaEvidence *e)
{
    for (size_t i = 0; i < e->track.n; i++) {
        ava_vec_free(&e->track.at[i].row);
        ava_vec_free(&e->track.at[i].sync);
        ava_vec_free(&e->track.at[i].shape);
        ava_vec_free(&e->track.at[i].face);
        ava_vec_free(&e->track.at[i].expression);
    }
    ava_vec_free(&e->sync);
    ava_vec_free(&e->phone);
    ava_vec_free(&e->background);
    ava_vec_free(&e->pcm);
    ava_vec_free(&e->voice);
    ava_vec_free(&e->feeling);
    ava_vec_free(&e->pitch);
    ava_vec_free(&e->encoded);
    ava_vec_free(&e->person);
    ava_vec_free(&e->spoof);
    ava_vec_free(&e->splice);
    ava_vec_free(&e->print);
    ava_vec_free(&e->hum);
    ava_vec_free(&e->delay);
    ava_vec_free(&e->pulses);
    ava_vec_free(&e->native);
    ava_vec_free(&e->band);
    ava_vec_free(&e->lse);
    ava_vec_free(&e->track);
    ava_vec_free(&e->energy);
    ava_vec_free(&e->voiced);
    ava_vec_free(&e->cut_us);
    ava_vec_free(&e->gap);
}

int ava_cancelled(const AvaEvidence *e) { return e->cancel && atomic_load_explicit(e->cancel, memory_order_relaxed); }

float ava_voiced_at(const AvaEvidence *e, int64_t t_us)
{
    int64_t i = (t_us - e->sound_t0_us) / AVA_VAD_US;
    return t_us < e->sound_t0_us || i >= (int64_t)e->voiced.n ? 0 : e->voiced.at[i];
}

AvaTrackRows *ava_track_rows(AvaEvidence *ev, int id)
{
    for (size_t i = ev->track.n; i-- > 0;)
        if (ev->track.at[i].id == id)
            return &ev->track.at[i];
    return NULL;
}

int ava_add_gap(AvaEvidence *e, int64_t start_us, int64_t end_us)
{
    e->gap_us += end_us - start_us;
    return ava_push(&e->gap, ((AvaGap){ start_us, end_us }));
}

int ava_near_gap(const AvaEvidence *e, int64_t start_us, int64_t end_us, int64_t near_us)
{
    for (size_t i = 0; i < e->gap.n; i++)
        if (e->gap.at[i].start_us <= end_us + near_us && e->gap.at[i].end_us >= start_us - near_us)
            return 1;
    return 0;
}
