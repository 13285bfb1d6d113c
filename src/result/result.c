/* result.c -- builds a finished result from the evidence and what the analyzers found. */
#include "result/result.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/err.h"
#include "util/sort.h"


static float median_of(const AvaTrackRows *t, int part)
{
    float *v = malloc(t->row.n * sizeof *v), m = 0;
    if (!v)
        return 0;
    for (size_t i = 0; i < t->row.n; i++)
        v[i] = t->row.at[i].box[part];
    ava_sort_float(v, t->row.n);
    m = v[t->row.n / 2];
    free(v);
    return m;
}

/* Tracks with what is known of each. 0 or -1. */
static int build_tracks(AvalignResult *r, const AvaEvidence *ev)
{
    for (size_t i = 0; i < ev->track.n; i++) {
        const AvaTrackRows *t = &ev->track.at[i];
        if (!t->row.n)
            continue;
        AvalignTrack a = { .id = t->id, .first_us = t->row.at[0].t_us, .last_us = t->row.at[t->row.n - 1].t_us, .speaking = NAN };
        AvaTrackQuality q = { .frames = t->row.n };
        double n = (double)t->row.n;
        for (size_t k = 0; k < t->row.n; k++) {
            const AvaFaceRow *row = &t->row.at[k];
            q.yaw_abs_deg += fabsf(row->yaw) / n;
            q.sharpness += row->sharpness / n;
            q.occlusion += row->occlusion / n;
            q.presence += row->presence / n;
            q.eye_distance_px += row->eye / n;
        }
        for (int p = 0; p < 4; p++)
            a.box[p] = median_of(t, p);
        for (size_t k = 0; k < r->found.track.n; k++)
            if (r->found.track.at[k].id == t->id)
                a.speaking = ava_rounded(r->found.track.at[k].speaking, 3);
        if (ava_push(&r->track, a) || ava_push(&r->quality, q))
            return -1;
    }
    return 0;
}

static int add_segment(AvaSegmentList *list, const char *kind, int64_t start_us, int64_t end_us)
{
    AvaSegment s = { kind, start_us, end_us, -1 };
    return ava_push(list, s);
}

/* Speech with hysteresis: starts over .5, ends after 200 ms under .35. 0 or -1. */
static int speech_segments(AvaSegmentList *list, const AvaEvidence *ev)
{
    int64_t start = -1, quiet = 0, n = (int64_t)ev->voiced.n;
    for (int64_t i = 0; i <= n; i++) {
        float v = i < n ? ev->voiced.at[i] : 0;
        if (start < 0 && v > 0.5f)
            start = i;
        quiet = v < 0.35f ? quiet + 1 : 0;
        if (start >= 0 && (quiet >= 7 || i == n)) {
            int64_t a = ev->sound_t0_us + start * AVA_VAD_US, b = ev->sound_t0_us + (i - quiet + 1) * AVA_VAD_US;
            if (b - a >= 250000 && add_segment(list, "speech", a, b))
                return -1;
            start = -1;
        }
    }
    return 0;
}

/* Speech and shots before what the analyzers found. 0 or -1. */
static int build_segments(AvaSegmentList *found, const AvaEvidence *ev)
{
    AvaSegmentList all = { 0 };
    int bad = speech_segments(&all, ev);
    int64_t from = ev->first_video_us;
    for (size_t i = 0; ev->has_video && !bad && i <= ev->cut_us.n; i++) {
        int64_t to = i < ev->cut_us.n ? ev->cut_us.at[i] : ev->last_video_us;
        bad = add_segment(&all, "shot", from, to);
        from = to;
    }
    bad = bad || ava_append(&all, found->at, found->n);
    ava_vec_free(found);
    *found = all;
    return bad;
}

static int add_series(AvalignResult *r, const char *name, const char *unit, int track, int64_t t0, int64_t step, size_t n,
                      AvaSeriesData **out)
{
    AvaSeriesData s = { .track = track, .t0_us = t0, .step_us = step, .n = n };
    snprintf(s.name, sizeof s.name, "%s", name);
    snprintf(s.unit, sizeof s.unit, "%s", unit);
    s.t_us = malloc((n + 1) * sizeof *s.t_us);
    s.value = malloc((n + 1) * sizeof *s.value);
    if (!s.t_us || !s.value || ava_push(&r->series, s)) {
        free(s.t_us);
        free(s.value);
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        s.t_us[i] = t0 + (int64_t)i * step;
        s.value[i] = NAN;
    }
    *out = &r->series.at[r->series.n - 1];
    return 0;
}

static int build_series(AvalignResult *r, const AvaEvidence *ev)
{
    AvaSeriesData *s;
    if (ev->voiced.n) {
        if (add_series(r, "speech", "probability", -1, ev->sound_t0_us + AVA_VAD_US / 2, AVA_VAD_US, ev->voiced.n, &s))
            return -1;
        memcpy(s->value, ev->voiced.at, ev->voiced.n * sizeof *s->value);
    }
    if (ev->energy.n) { /* every fourth: 25 a second are enough to look at */
        size_t n = (ev->energy.n + 3) / 4;
        if (add_series(r, "speech_band_level", "dB", -1, ev->sound_t0_us + 12500, 4 * AVA_ENERGY_US, n, &s))
            return -1;
        for (size_t i = 0; i < n; i++)
            s->value[i] = ev->energy.at[4 * i] * 4.3429448f;
    }
    static const struct {
        const char *name, *unit;
        size_t at;
    } per_face[] = { { "mouth_open", "eye distances", offsetof(AvaFaceRow, mouth_open) },
                     { "mouth_width", "eye distances", offsetof(AvaFaceRow, mouth_width) },
                     { "yaw", "degrees", offsetof(AvaFaceRow, yaw) } };
    for (size_t i = 0; i < ev->track.n; i++) {
        const AvaTrackRows *t = &ev->track.at[i];
        if (!t->row.n)
            continue;
        int64_t t0 = t->row.at[0].t_us;
        size_t n = (size_t)((t->row.at[t->row.n - 1].t_us - t0) / AVA_GRID_US) + 1;
        for (size_t k = 0; k < sizeof per_face / sizeof *per_face; k++) {
            if (add_series(r, per_face[k].name, per_face[k].unit, t->id, t0, AVA_GRID_US, n, &s))
                return -1;
            for (size_t j = 0; j < t->row.n; j++)
                memcpy(&s->value[(t->row.at[j].t_us - t0) / AVA_GRID_US], (const char *)&t->row.at[j] + per_face[k].at, sizeof(float));
        }
        for (int k = 0; t->expression.n && k < AVA_N_EMOTIONS; k++) {
            char name[32];
            snprintf(name, sizeof name, "face_%s", ava_emotion_name(k));
            if (add_series(r, name, "probability", t->id, t0, AVA_EXPRESSION_US, n * AVA_GRID_US / AVA_EXPRESSION_US + 1, &s))
                return -1;
            for (size_t j = 0; j < t->expression.n; j++)
                s->value[(t->expression.at[j].start_us - t0) / AVA_EXPRESSION_US] = t->expression.at[j].p[k];
        }
    }
    return 0;
}

static int build_boxes(AvalignResult *r, const AvaEvidence *ev)
{
    for (size_t i = 0; i < ev->track.n; i++) {
        const AvaTrackRows *t = &ev->track.at[i];
        AvaBoxes b = { .track = t->id, .n = t->row.n, .t_us = malloc((t->row.n + 1) * sizeof *b.t_us), .box = malloc((t->row.n + 1) * sizeof *b.box) };
        if (!b.t_us || !b.box || ava_push(&r->boxes, b)) {
            free(b.t_us);
            free(b.box);
            return -1;
        }
        for (size_t k = 0; k < t->row.n; k++) {
            b.t_us[k] = t->row.at[k].t_us;
            memcpy(b.box[k], t->row.at[k].box, sizeof b.box[k]);
        }
    }
    return 0;
}

static int build_scores(AvalignResult *r, const AvaAnalysisOutput *f)
{
    for (int i = 0; i < AVALIGN_N_FIELDS; i++) {
        int has = !f->reason[i];
        AvalignScore s = { avalign_field_info((size_t)i)->key, avalign_field_info((size_t)i)->unit, -1, has ? f->field[i] : 0, has ? 1 : 0, has, f->reason[i] };
        if (i == AVALIGN_SYNC_OFFSET_MS && has && !f->reason[AVALIGN_SYNC_CONFIDENCE])
            s.confidence = f->field[AVALIGN_SYNC_CONFIDENCE];
        if (ava_push(&r->score, s))
            return -1;
    }
    return 0;
}

static void build_fields(AvalignResult *r, const AvaAnalysisOutput *f)
{
    double *to[AVALIGN_N_FIELDS] = { &r->fields.sync_offset_ms,    &r->fields.sync_confidence,
                                     &r->fields.lip_sync_score,    &r->fields.voice_face_match,
                                     &r->fields.emotion_coherence, &r->fields.voice_authenticity,
                                     &r->fields.anomaly_score };
    for (int i = 0; i < AVALIGN_N_FIELDS; i++) {
        r->fields.reason[i] = f->reason[i];
        *to[i] = f->reason[i] ? 0 : f->field[i];
        if (!f->reason[i])
            r->fields.present |= 1u << i;
    }
}

static int add_embedding(AvalignResult *r, const char *kind, const char *sha, int track, const float *v, size_t n, double seconds_,
                         double quality)
{
    AvalignEmbedding m = { .kind = kind, .model_sha256 = sha, .track = track, .n = n, .seconds = seconds_, .quality = quality };
    float *own = malloc(n * sizeof *own);
    if (own)
        m.v = memcpy(own, v, n * sizeof *own);
    if (!own || ava_push(&r->embedding, m)) {
        free(own);
        return -1;
    }
    return 0;
}

const char *ava_result_hash(const AvalignResult *r, const char *role)
{
    for (size_t i = 0; i < r->model.n; i++)
        if (!strcmp(r->model.at[i].role, role))
            return r->model.at[i].sha256;
    return "";
}

static const char *voice_hash(const AvalignResult *r)
{
    const char *surer = ava_result_hash(r, "voice-identity");
    return *surer ? surer : ava_result_hash(r, "voice-embed");
}

static int build_embeddings(AvalignResult *r, const AvaEvidence *ev)
{
    float voice[AVALIGN_VOICE_DIM], face[AVALIGN_FACE_DIM];
    double speech = ava_mean_voice(ev, voice), quality;
    r->calibration = ev->calibration;
    ava_rhythm(ev, &r->rhythm);
    if (speech > 0 && add_embedding(r, "voice", voice_hash(r), -1, voice, AVALIGN_VOICE_DIM, speech, fmin(1, speech / 10)))
        return -1;
    for (size_t i = 0; i < ev->track.n; i++) {
        double s = ava_mean_face(&ev->track.at[i], face, &quality);
        if (s > 0 && add_embedding(r, "face", ava_result_hash(r, "face-embed"), ev->track.at[i].id, face, AVALIGN_FACE_DIM, s, fmin(1, quality)))
            return -1;
    }
    return 0;
}

static int result_copy(char **out, const char *s) { return s && !(*out = strdup(s)) ? -1 : 0; }

/* What the run knows. 0 or -1. */
static int build_facts(AvalignResult *r, const AvaRunFacts *facts)
{
    if (result_copy(&r->file, facts->file) || result_copy(&r->line, facts->file) || result_copy(&r->analyzers, facts->analyzers))
        return -1;
    if (r->line)
        ava_clean_line(r->line, strlen(facts->file) + 1, facts->file);
    snprintf(r->sha256, sizeof r->sha256, "%s", facts->sha256 ? facts->sha256 : "");
    r->flag_at = facts->flag_at;
    r->max_pixels = facts->max_pixels;
    r->keep_ffmpeg_log = facts->keep_ffmpeg_log;
    r->media = *facts->media;
    return ava_append(&r->warning, facts->warnings->at, facts->warnings->n) || ava_models_used(facts->models, &r->model) || ava_validation_read(facts->models, &r->model, &r->validation)
               ? -1 : 0;
}

static int build_details(AvalignResult *r)
{
    size_t n = r->found.anomaly.n;
    if (!(r->details = calloc(n + 1, sizeof *r->details)))
        return -1;
    for (size_t i = 0; i < n; i++)
        r->details[i] = r->found.anomaly.at[i].detail;
    r->fields.n_anomaly_details = n;
    r->fields.anomaly_details = r->details;
    return 0;
}

int ava_result_build(AvalignResult **out, const AvaEvidence *ev, AvaAnalysisOutput *given, const AvaRunFacts *facts, AvalignErrorInfo *e)
{
    AvalignResult *r = *out = calloc(1, sizeof *r);
    if (r) {
        r->found = *given;
        ava_analysis_output_init(given, "not-asked");
        build_fields(r, &r->found);
    }
    if (!r || build_facts(r, facts) || build_segments(&r->found.segment, ev) || build_tracks(r, ev) || build_series(r, ev) ||
        build_scores(r, &r->found) || build_details(r) || build_embeddings(r, ev) || build_boxes(r, ev)) {
        avalign_result_free(out);
        return ava_fail(e, AVALIGN_ERR_NOMEM, "result", AVA_NO_TIME, 0, "out of memory");
    }
    return 0;
}

void ava_thumbnails_free(AvaThumbnailList *l)
{
    for (size_t i = 0; i < l->n; i++)
        free(l->at[i].jpeg);
    ava_vec_free(l);
}

void avalign_result_free(AvalignResult **pr)
{
    AvalignResult *r = pr ? *pr : NULL;
    if (!r)
        return;
    free(r->file);
    free(r->line);
    free(r->analyzers);
    ava_analysis_output_free(&r->found);
    ava_vec_free(&r->list.warning);
    ava_models_used_free(&r->model);
    ava_validation_free(&r->validation);
    for (size_t i = 0; i < r->note.n; i++) {
        free(r->note.at[i].label);
        free(r->note.at[i].text);
    }
    ava_vec_free(&r->note);
    ava_thumbnails_free(&r->thumbnail);
    ava_vec_free(&r->quality);
    for (size_t i = 0; i < r->series.n; i++) {
        free(r->series.at[i].t_us);
        free(r->series.at[i].value);
    }
    for (size_t i = 0; i < r->embedding.n; i++)
        free((void *)r->embedding.at[i].v);
    for (size_t i = 0; i < r->boxes.n; i++) {
        free(r->boxes.at[i].t_us);
        free(r->boxes.at[i].box);
    }
    for (size_t i = 0; i < r->list.finding.n; i++)
        free((void *)r->list.finding.at[i].text);
    ava_vec_free(&r->list.finding);
    ava_vec_free(&r->list.window);
    ava_vec_free(&r->list.voice);
    ava_vec_free(&r->list.mouth);
    ava_vec_free(&r->list.mouth_window);
    ava_vec_free(&r->list.segment);
    ava_vec_free(&r->warning);
    ava_vec_free(&r->list.model);
    ava_vec_free(&r->list.series);
    ava_vec_free(&r->boxes);
    ava_vec_free(&r->embedding);
    ava_vec_free(&r->series);
    ava_vec_free(&r->score);
    ava_vec_free(&r->track);
    free(r->details);
    free(r);
    *pr = NULL;
}
