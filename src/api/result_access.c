/* result_access.c -- a finished result's lists, and its formats. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "report/findings.h"
#include "report/report.h"
#include "util/err.h"

static int list_findings(AvalignResult *r)
{
    AvaFindingList l = { 0 };
    int bad = ava_findings_list(r, &l);
    for (size_t i = 0; !bad && i < l.n; i++) {
        const AvaFinding *f = &l.at[i];
        char *own = strdup(f->text);
        bad = !own || ava_push(&r->list.finding, ((AvalignFinding){ f->kind, own, f->start_s, f->end_s, f->score, f->counts, f->weight, f->adds }));
        if (bad)
            free(own);
    }
    ava_vec_free(&l);
    return bad;
}

static int list_mouths(AvalignResult *r)
{
    const AvaMouthResult *m = &r->found.mouth;
    AvaPublicLists *l = &r->list;
    AvalignMouth file = { .track = -1, .reason = m->absent, .start_s = NAN, .end_s = NAN, .score = ava_rounded(m->score, 3), .llr = ava_rounded(m->llr, 2),
                          .blend = ava_rounded(m->blend, 2), .decoder = ava_rounded(m->decoder, 2) };
    int bad = ava_push(&l->mouth, file);
    for (size_t i = 0; !bad && i < m->face.n; i++) {
        const AvaMouthTrack *t = &m->face.at[i];
        AvalignMouth face = { t->track, t->absent, t->frames, t->frames ? ava_rounded_s(t->start_us, 3) : NAN, t->frames ? ava_rounded_s(t->end_us, 3) : NAN,
                              ava_rounded(t->says.score, 3), ava_rounded(t->says.llr, 2), ava_rounded(t->says.expert[AVA_BLEND], 2),
                              ava_rounded(t->says.expert[AVA_DECODER], 2) };
        bad = ava_push(&l->mouth, face);
        if (!bad && t->track == m->track) { /* it answers for the file */
            l->mouth.at[0].frames = face.frames;
            l->mouth.at[0].start_s = face.start_s;
            l->mouth.at[0].end_s = face.end_s;
        }
    }
    for (size_t i = 0; !bad && i < m->window.n; i++) {
        const AvaMouthWindow *w = &m->window.at[i];
        bad = ava_push(&l->mouth_window, ((AvalignMouthWindow){ ava_rounded_s(w->start_us, 2), ava_rounded_s(w->end_us, 2), w->track, ava_rounded(w->says.score, 3),
                                                                ava_rounded(w->says.llr, 2),
                                                                ava_rounded(w->says.expert[AVA_BLEND], 2), ava_rounded(w->says.expert[AVA_DECODER], 2) }));
    }
    return bad;
}

/* Rounded as in the JSON. */
int ava_result_lists(AvalignResult *r, AvalignErrorInfo *e)
{
    AvaPublicLists *l = &r->list;
    const AvaAnalysisOutput *f = &r->found;
    int bad = list_findings(r) || list_mouths(r);
    for (size_t i = 0; !bad && i < r->series.n; i++) {
        const AvaSeriesData *s = &r->series.at[i];
        bad = ava_push(&l->series, ((AvalignSeries){ s->name, s->unit, s->track, s->n, s->t_us, s->value }));
    }
    for (size_t i = 0; !bad && i < f->sync.window.n; i++) {
        const AvaSyncWindow *w = &f->sync.window.at[i];
        bad = ava_push(&l->window, ((AvalignWindow){ ava_rounded(w->start_s, 3), ava_rounded(w->end_s, 3), w->track, ava_rounded(w->offset_ms, 1), ava_rounded(w->score, 3) }));
    }
    for (size_t i = 0; !bad && i < f->authenticity.window.n; i++) {
        const AvaVoiceWindow *w = &f->authenticity.window.at[i];
        bad = ava_push(&l->voice, ((AvalignVoiceWindow){ ava_rounded_s(w->start_us, 2), ava_rounded_s(w->end_us, 2), ava_rounded(w->score, 3), ava_rounded(w->codec, 2) }));
    }
    for (size_t i = 0; !bad && i < f->segment.n; i++) {
        const AvaSegment *s = &f->segment.at[i];
        bad = ava_push(&l->segment, ((AvalignSegment){ s->kind, ava_rounded_s(s->start_us, 3), ava_rounded_s(s->end_us, 3), s->track }));
    }
    for (size_t i = 0; !bad && i < r->warning.n; i++)
        bad = ava_push(&l->warning, ((AvalignWarning){ r->warning.at[i].code, r->warning.at[i].text, r->warning.at[i].count }));
    for (size_t i = 0; !bad && i < r->model.n; i++)
        bad = ava_push(&l->model, ((AvalignUsedModel){ r->model.at[i].role, r->model.at[i].name, r->model.at[i].sha256, r->model.at[i].licence }));
    return bad ? ava_fail(e, AVALIGN_ERR_NOMEM, "result", AVA_NO_TIME, 0, "out of memory") : 0;
}

int ava_analyzed(AvalignContext *c, const char *file, const char *sha256, const AvaMediaFacts *media, AvalignResult **out)
{
    int rc = ava_run_analyzers(c, file, sha256, media, out);
    if (!rc && (rc = ava_result_lists(*out, &c->error)))
        avalign_result_free(out);
    return rc;
}

#define LIST(plural, singular, Type, member)                                                                               \
    size_t avalign_result_n_##plural(const AvalignResult *r) { return r ? r->member.n : 0; }                               \
    const Type *avalign_result_##singular(const AvalignResult *r, size_t i) { return r && i < r->member.n ? &r->member.at[i] : NULL; }

LIST(scores, score, AvalignScore, score)
LIST(findings, finding, AvalignFinding, list.finding)
LIST(windows, window, AvalignWindow, list.window)
LIST(voice_windows, voice_window, AvalignVoiceWindow, list.voice)
LIST(mouths, mouth, AvalignMouth, list.mouth)
LIST(mouth_windows, mouth_window, AvalignMouthWindow, list.mouth_window)
LIST(segments, segment, AvalignSegment, list.segment)
LIST(tracks, track, AvalignTrack, track)
LIST(warnings, warning, AvalignWarning, list.warning)
LIST(models, model, AvalignUsedModel, list.model)
LIST(embeddings, embedding, AvalignEmbedding, embedding)
LIST(series, series_at, AvalignSeries, list.series)

const AvalignSeries *avalign_result_series(const AvalignResult *r, const char *name, int track)
{
    for (size_t i = 0; r && name && i < r->list.series.n; i++)
        if (r->list.series.at[i].track == track && !strcmp(r->list.series.at[i].name, name))
            return &r->list.series.at[i];
    return NULL;
}

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

/* The writers say 1 when the caller's write() refused, or an AvalignError. */
static int written(int rc, AvalignErrorInfo *why)
{
    return rc > 0                    ? ava_fail(why, AVALIGN_ERR_IO, "write", AVA_NO_TIME, 0, "the output could not be written")
         : rc == AVALIGN_ERR_ARG     ? ava_fail(why, rc, "write", AVA_NO_TIME, 0, "no such format")
         : rc                        ? ava_fail(why, rc, "write", AVA_NO_TIME, 0, "%s", avalign_strerror(rc))
                                     : 0;
}

int avalign_result_write(const AvalignResult *r, AvalignFormat format, AvalignWriteFn *write, void *cookie, AvalignErrorInfo *why)
{
    ava_err_clear(why);
    if (!r || !write)
        return ava_fail(why, AVALIGN_ERR_ARG, "write", AVA_NO_TIME, 0, "no result, or nowhere to write to");
    int captions = format == AVALIGN_WORDS_VTT || format == AVALIGN_WORDS_SRT;
    if (captions && !r->found.transcript.asked)
        return ava_fail(why, AVALIGN_ERR_ARG, "write", AVA_NO_TIME, 0, "the words were not asked for; set AvalignConfig.transcribe");
    if (captions && r->found.transcript.absent && !strcmp(r->found.transcript.absent, "net-left-out"))
        return ava_fail(why, AVALIGN_ERR_MODEL, "write", AVA_NO_TIME, 0, "these models have no net that hears words (role speech-words); take those that come with avalign");
    return written(captions                   ? ava_report_captions(r, format, write, cookie)
                   : format == AVALIGN_JSON   ? ava_report_json(r, 0, NULL, write, cookie)
                   : format == AVALIGN_TEXT   ? ava_report_text(r, write, cookie)
                   : format == AVALIGN_ASS    ? ava_report_ass(r, write, cookie)
                                              : ava_report_marks(r, format, write, cookie), why);
}

int avalign_result_write_page(const AvalignResult *r, const char *video, AvalignWriteFn *write, void *cookie, AvalignErrorInfo *why)
{
    ava_err_clear(why);
    if (!r || !write)
        return ava_fail(why, AVALIGN_ERR_ARG, "write", AVA_NO_TIME, 0, "no result, or nowhere to write to");
    return written(ava_report_page(r, video, write, cookie), why);
}

static char *one_line(const char *s)
{
    size_t n = strlen(s) + 1;
    char *out = malloc(n);
    if (out)
        ava_clean_line(out, n, s);
    return out;
}

int avalign_result_add_note(AvalignResult *r, const char *label, const char *text, AvalignErrorInfo *why)
{
    ava_err_clear(why);
    if (!r || !label || !text || !*label || !*text || strlen(label) > AVALIGN_MAX_NOTE_LABEL || strlen(text) > AVALIGN_MAX_NOTE_TEXT)
        return ava_fail(why, AVALIGN_ERR_ARG, "note", AVA_NO_TIME, 0, "a note needs a result, a label of 1 to %d bytes and a text of 1 to %d", AVALIGN_MAX_NOTE_LABEL, AVALIGN_MAX_NOTE_TEXT);
    if (r->note.n >= AVALIGN_MAX_NOTES)
        return ava_fail(why, AVALIGN_ERR_LIMIT, "note", AVA_NO_TIME, 0, "a page has room for %d notes", AVALIGN_MAX_NOTES);
    AvaNote n = { one_line(label), one_line(text) };
    if (n.label && n.text && !ava_push(&r->note, n))
        return 0;
    free(n.label);
    free(n.text);
    return ava_fail(why, AVALIGN_ERR_NOMEM, "note", AVA_NO_TIME, 0, "out of memory");
}
