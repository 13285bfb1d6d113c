/* result_access.c -- what a caller reads of a finished result. */
#include <string.h>

#include "report/report.h"

int avalign_result_fields(const AvalignResult *r, AvalignAudioVisualResult *out)
{
    if (!r || !out)
        return AVALIGN_ERR_ARG;
    *out = r->fields;
    return 0;
}

int avalign_result_flagged(const AvalignResult *r)
{
    return !r || r->fields.reason[AVALIGN_ANOMALY_SCORE] ? -1 : r->found.verdict.flagged;
}

size_t avalign_result_scores(const AvalignResult *r, const AvalignScore **out)
{
    if (out)
        *out = r ? r->score.at : NULL;
    return r ? r->score.n : 0;
}

size_t avalign_result_tracks(const AvalignResult *r, const AvalignTrack **out)
{
    if (out)
        *out = r ? r->track.at : NULL;
    return r ? r->track.n : 0;
}

size_t avalign_result_embeddings(const AvalignResult *r, const AvalignEmbedding **out)
{
    if (out)
        *out = r ? r->embedding.at : NULL;
    return r ? r->embedding.n : 0;
}

int avalign_result_series(const AvalignResult *r, const char *name, int track, AvalignSeries *out)
{
    if (!r || !name || !out)
        return AVALIGN_ERR_ARG;
    for (size_t i = 0; i < r->series.n; i++) {
        const AvaSeriesData *s = &r->series.at[i];
        if (!strcmp(s->name, name) && s->track == track) {
            *out = (AvalignSeries){ s->name, s->unit, s->track, s->n, s->t_us, s->value };
            return 0;
        }
    }
    return AVALIGN_ERR_NO_STREAM;
}

int avalign_result_write(const AvalignResult *r, AvalignFormat format, AvalignWriteFn *write, void *cookie)
{
    if (!r || !write)
        return AVALIGN_ERR_ARG;
    int rc = format == AVALIGN_JSON ? ava_report_json(r, 0, NULL, write, cookie)
           : format == AVALIGN_TEXT ? ava_report_text(r, write, cookie) : format == AVALIGN_ASS ? ava_report_ass(r, write, cookie) : ava_report_marks(r, format, write, cookie);
    return rc > 0 ? AVALIGN_ERR_IO : rc;
}
