/* evidence.c -- frees the evidence, and answers what several readers ask of it. */
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
        ava_vec_free(&e->track.at[i].drawn);
        ava_vec_free(&e->track.at[i].drawn_map);
    }
    ava_vec_free(&e->sync);
    ava_vec_free(&e->phone);
    ava_vec_free(&e->background);
    ava_vec_free(&e->pcm);
    ava_vec_free(&e->voice);
    ava_vec_free(&e->voice_emotion);
    ava_vec_free(&e->pitch);
    ava_vec_free(&e->encoded);
    ava_vec_free(&e->person);
    ava_vec_free(&e->word);
    ava_vec_free(&e->spoof);
    ava_vec_free(&e->splice);
    ava_vec_free(&e->print);
    ava_vec_free(&e->enf);
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

#define BYTES(v) ((uint64_t)(v).n * sizeof *(v).at)

uint64_t ava_evidence_face_bytes(const AvaEvidence *e)
{
    uint64_t sum = BYTES(e->track) + BYTES(e->cut_us) + BYTES(e->lse);
    for (size_t i = 0; i < e->track.n; i++) {
        const AvaTrackRows *t = &e->track.at[i];
        sum += BYTES(t->row) + BYTES(t->sync) + BYTES(t->face) + BYTES(t->expression) + BYTES(t->shape) + BYTES(t->drawn) + BYTES(t->drawn_map);
    }
    return sum;
}

uint64_t ava_evidence_sound_bytes(const AvaEvidence *e)
{
    return BYTES(e->energy) + BYTES(e->voiced) + BYTES(e->sync) + BYTES(e->phone) + BYTES(e->background) + BYTES(e->voice) +
           BYTES(e->pitch) + BYTES(e->splice) + BYTES(e->enf) + BYTES(e->print) + BYTES(e->pulses) + BYTES(e->pcm);
}

uint64_t ava_evidence_listen_bytes(const AvaEvidence *e) { return BYTES(e->voice_emotion) + BYTES(e->spoof); }

uint64_t ava_evidence_native_bytes(const AvaEvidence *e) { return BYTES(e->native) + BYTES(e->band) + BYTES(e->delay); }

uint64_t ava_evidence_series_bytes(const AvaEvidence *e)
{
    enum { PER_FACE = 3 * 12 + 16, PER_EXPRESSION = AVA_N_EMOTIONS * 12, FOR_ALL = 16 };
    int64_t first = INT64_MAX, last = INT64_MIN;
    double sum = 0; /* spans may be absurd */
    for (size_t i = 0; i < e->track.n; i++) {
        const AvaTrackRows *t = &e->track.at[i];
        if (!t->row.n)
            continue;
        int64_t from = t->row.at[0].t_us, to = t->row.at[t->row.n - 1].t_us;
        sum += ((double)to - (double)from) * (PER_FACE / (double)AVA_GRID_US + (t->expression.n ? PER_EXPRESSION / (double)AVA_EXPRESSION_US : 0));
        first = from < first ? from : first;
        last = to > last ? to : last;
    }
    if (last > first)
        sum += ((double)last - (double)first) * FOR_ALL / AVA_GRID_US;
    return sum < 1e18 ? (uint64_t)sum : UINT64_MAX;
}
