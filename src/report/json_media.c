/* json_media.c -- the medium as JSON. */
#include "report/credentials.h"
#include "report/json_result.h"

static json_t *moment(int64_t us) { return us == INT64_MIN ? json_null() : ava_json_time(us, 4); }

static json_t *video(const AvaMediaInfo *i, const AvaMediaStats *s)
{
    if (!i->has_video || !s->frames)
        return json_null();
    json_t *rate = i->rate_num ? json_sprintf("%d/%d", i->rate_num, i->rate_den) : json_null();
    return json_pack("{s:o,s:i,s:i,s:i,s:i,s:o,s:o,s:o,s:i,s:b,s:b,s:I,s:I,s:o,s:o}", "codec", ava_json_text(i->video_codec), "stream", i->video_stream,
                     "streams", i->n_video_streams, "width", i->width, "height", i->height,
                     "fps", ava_json_real(i->fps, 3), "frame_rate", rate, "timecode", ava_json_text(i->timecode), "rotation", i->rotation, "interlaced",
                     s->interlaced, "variable_rate", s->max_interval_ms > s->min_interval_ms * 1.5 + 1.5, "frames", (json_int_t)s->frames,
                     "frames_analyzed", (json_int_t)s->frames_kept, "start_s", moment(s->first_video_us), "end_s", moment(s->last_video_us));
}

static json_t *audio(const AvaMediaFacts *m)
{
    const AvaMediaInfo *i = &m->info;
    const AvaMediaStats *s = &m->stats;
    if (!i->has_audio || s->first_audio_us == INT64_MIN)
        return json_null();
    return json_pack("{s:o,s:i,s:i,s:i,s:i,s:o,s:o,s:o}", "codec", ava_json_text(i->audio_codec), "sample_rate", i->sample_rate, "channels", i->channels,
                     "stream", i->audio_stream, "streams", i->n_audio_streams, "start_s", moment(s->first_audio_us), "end_s", moment(s->last_audio_us),
                     "bit_rate", m->audio_bit_rate ? json_integer((json_int_t)m->audio_bit_rate) : json_null());
}

static json_t *sound(const AvaMediaFacts *m)
{
    if (!m->has_sound)
        return json_null();
    return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "held_pitch", ava_json_real(m->held_pitch, 2), "music", ava_json_real(m->music, 2), "other_voices",
                     ava_json_real(m->other_voices, 2), "length_s", ava_json_real(m->length_s, 3), "speech_s", ava_json_real(m->speech_s, 2), "level_dbfs",
                     ava_json_real(m->level_dbfs, 1), "peak", ava_json_real(m->peak, 3), "snr_db", ava_json_real(m->snr_db, 1));
}

static json_t *texts(const char *first, size_t step, int n)
{
    json_t *j = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(j, ava_json_text(first + (size_t)i * step));
    return j;
}

/* What libc2pa_c found. */
static json_t *verification(const AvaC2paVerified *v)
{
    static const char *const states[] = { NULL, "invalid", "valid", "trusted" };
    char says[AVA_C2PA_WORDS];
    ava_c2pa_words(v, says);
    return json_pack("{s:o,s:s,s:o,s:o,s:o,s:o}", "state", ava_json_text(states[v->state]), "says", says, "signer", ava_json_text(v->signer), "signed_at",
                     ava_json_text(v->signed_at), "library", ava_json_text(v->library), "failures", texts(v->failure[0], sizeof *v->failure, v->n_failures));
}

/* What the file claims of itself, in its own words. */
static json_t *json_media_credentials(const AvaC2pa *c)
{
    json_t *list = json_array();
    for (int i = 0; i < c->n; i++) {
        const AvaC2paManifest *m = &c->manifest[i];
        json_array_append_new(list, json_pack("{s:o,s:b,s:o,s:o,s:o,s:o}", "label", ava_json_text(m->label), "active", i + 1 == c->n && !c->incomplete,
                                              "generator", ava_json_text(m->generator), "title", ava_json_text(m->title), "actions",
                                              texts(m->action[0], sizeof *m->action, m->n_actions), "source_types",
                                              texts(m->source[0], sizeof *m->source, m->n_sources)));
    }
    const AvaC2paState state = c->verified.state;
    /* one word for those who read no further: a changed file is false, and what nobody checked is neither */
    json_t *verified = state == AVA_C2PA_UNVERIFIED ? json_null() : json_boolean(state != AVA_C2PA_INVALID);
    return json_pack("{s:o,s:o,s:o,s:i,s:o}", "verified", verified, "verification", verification(&c->verified), "problem", c->problem ? json_string(c->problem) : json_null(), "left_out", c->left_out, "manifests",
                     list);
}

/* How the file is built. */
static json_t *structure(const AvaStructure *s)
{
    json_t *list = json_array();
    for (int i = 0; i < s->n; i++) {
        const AvaPart *p = &s->part[i];
        json_array_append_new(list, json_pack("{s:s,s:i,s:I,s:I,s:i,s:o}", "type", p->type, "depth", p->depth, "at", (json_int_t)p->at, "bytes", (json_int_t)p->size,
                                              "count", p->count, "says", ava_json_text(p->says)));
    }
    return json_pack("{s:o,s:I,s:o,s:i,s:o}", "format", ava_json_text(s->format), "bytes", (json_int_t)s->bytes, "problem", ava_json_text(s->problem), "left_out",
                     s->left_out, "parts", list);
}

static json_t *timings(const AvaMediaFacts *m)
{
    json_t *list = json_array();
    double all = 0;
    for (int i = 0; i < m->n_timings; i++) {
        all += m->timing[i].ms;
        json_array_append_new(list, json_pack("{s:s,s:o}", "stage", m->timing[i].stage, "cpu_ms_per_s", ava_json_real(m->timing[i].ms, 3)));
    }
    return json_pack("{s:o,s:o}", "cpu_ms_per_s", ava_json_real(all, 3), "stages", list);
}

json_t *ava_json_media(const AvaMediaFacts *m)
{
    const AvaMediaInfo *i = &m->info;
    json_t *j = json_object();
    if (m->opened) {
        json_object_set_new(j, "container", ava_json_text(i->container));
        json_object_set_new(j, "writer", ava_json_text(i->tags.writer));
        json_object_set_new(j, "device", ava_json_text(i->tags.device));
        json_object_set_new(j, "duration_s", m->duration_s > 0 ? ava_json_real(m->duration_s, 3) : json_null());
        json_object_set_new(j, "header_duration_s", i->duration_us ? ava_json_time(i->duration_us, 3) : json_null());
        json_object_set_new(j, "video", video(i, &m->stats));
        json_object_set_new(j, "audio", audio(m));
        if (m->structure.bytes > 0) /* not through a pipe, which can't be gone back in */
            json_object_set_new(j, "structure", structure(&m->structure));
        if (m->c2pa.present) /* else nothing: the same content gives the same result, also through a pipe, where none is looked for */
            json_object_set_new(j, "c2pa", json_media_credentials(&m->c2pa));
    }
    if (m->n_timings)
        json_object_set_new(j, "timings", timings(m));
    json_object_set_new(j, "sound", sound(m));
    json_object_set_new(j, "face_s", ava_json_real(m->face_s, 2));
    json_object_set_new(j, "container_offset_ms", ava_json_real(m->container_offset_ms, 1));
    return j;
}
