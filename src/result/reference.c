/* reference.c -- files that hold a person's voice and face, and clips held against them. */
#include <jansson.h>
#include <math.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/speaker/speaker_model.h"
#include "result/result.h"
#include "util/err.h"
#include "util/sha256.h"

enum { FORMAT = 1, MAX_FILE = 1 << 20 };

static json_t *reference_real(double v, int decimals) { return isfinite(v) ? json_real(ava_rounded(v, decimals)) : json_null(); }

static json_t *vector_json(const double *sum, size_t n)
{
    double norm = 1e-12;
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        norm += sum[i] * sum[i];
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, reference_real(sum[i] / sqrt(norm), 6));
    return list;
}

/* The face of a clip that counts: the one lip sync holds the sound against, else the longest. */
static int main_track(const AvalignResult *r)
{
    if (r->found.speaker.track >= 0)
        return r->found.speaker.track;
    const AvalignEmbedding *best = NULL;
    for (size_t i = 0; i < r->embedding.n; i++)
        if (*r->embedding.at[i].kind == 'f' && (!best || r->embedding.at[i].seconds > best->seconds))
            best = &r->embedding.at[i];
    return best ? best->track : -1;
}

/* ---- do the clips belong together? ---------------------------------------------------------- */

enum { MAX_CLIPS = 1000 };
static const double apart = -1.5; /* natural log: as clearly another person as avalign verify asks for */

static const char *clip_name(const AvalignResult *r, size_t k, char room[64])
{
    const char *slash = r->line ? strrchr(r->line, '/') : NULL;
    snprintf(room, 64, "clip %zu", k + 1);
    return slash && slash[1] ? slash + 1 : r->line ? r->line : room;
}

static size_t voices_in(const AvalignResult *r) { return r->found.speaker.voice.n; }

/* The embedding of a clip that can be held against others; NULL: none. */
static const AvalignEmbedding *of_kind(const AvalignResult *r, const char *kind)
{
    int track = *kind == 'f' ? main_track(r) : -1;
    for (size_t i = 0; i < r->embedding.n; i++) {
        const AvalignEmbedding *m = &r->embedding.at[i];
        if (!strcmp(m->kind, kind) && m->track == track && m->seconds >= 2 && (*kind == 'v' ? voices_in(r) < 2 : m->quality >= 0.15))
            return m;
    }
    return NULL;
}

/* "The same person" for two clips; 0 when one of them has nothing to compare, or the net no calibration. */
static double pair_llr(const AvalignResult *a, const AvalignResult *b, const char *kind)
{
    const AvalignEmbedding *x = of_kind(a, kind), *y = of_kind(b, kind);
    if (!x || !y || x->n != y->n || strcmp(x->model_sha256, y->model_sha256))
        return 0;
    double c = ava_cosine(x->v, y->v, x->n);
    double llr = *kind == 'f' ? ava_face_llr(&a->calibration, c) : ava_voice_llr(&a->calibration, c, fmin(x->seconds, y->seconds));
    return isnan(llr) ? 0 : llr;
}

/* A mean over different people is nobody: the pair that is furthest apart is told, and which of the two the others don't fit. */
static int compare_clips(const AvalignResult *const *clips, size_t n, const char *kind, AvalignErrorInfo *e)
{
    double worst = 0, sum[2] = { 0, 0 };
    size_t pair[2] = { 0, 0 };
    char room[2][64];
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n; k++) {
            double llr = pair_llr(clips[i], clips[k], kind);
            if (llr < worst) {
                worst = llr;
                pair[0] = i;
                pair[1] = k;
            }
        }
    if (worst > apart)
        return 0;
    for (size_t i = 0; i < n; i++)
        for (int side = 0; side < 2; side++)
            sum[side] += i != pair[0] && i != pair[1] ? pair_llr(clips[pair[side]], clips[i], kind) : 0;
    int odd = sum[1] < sum[0], told = n > 2 && fabs(sum[0] - sum[1]) > 1;
    const char *a = clip_name(clips[pair[odd]], pair[odd], room[0]), *b = clip_name(clips[pair[!odd]], pair[!odd], room[1]);
    return told ? ava_fail(e, AVALIGN_ERR_FORMAT, "reference", AVA_NO_TIME, 0, "%.100s does not %s like the others (llr %.1f); leave it out", a, *kind == 'f' ? "look" : "sound", worst)
                : ava_fail(e, AVALIGN_ERR_FORMAT, "reference", AVA_NO_TIME, 0, "%.80s and %.80s do not %s like one person (llr %.1f); enroll clips of one person", b, a,
                           *kind == 'f' ? "look" : "sound", worst);
}

/* What the reference can't tell, as sentences for whoever enrolls. */
static json_t *lacks_json(const AvalignResult *const *clips, size_t n, const json_t *voice, const json_t *face)
{
    json_t *list = json_array();
    char room[64];
    if (!voice)
        json_array_append_new(list, json_string("no voice: in no clip is one voice heard for long enough; verify will judge the face alone"));
    if (!face)
        json_array_append_new(list, json_string("no face: in no clip is a face clear for long enough; verify will judge the voice alone"));
    for (size_t i = 0; i < n; i++)
        if (voices_in(clips[i]) > 1)
            json_array_append_new(list, json_sprintf("%s: %d voices are heard in it, so its sound was left out; cut it to the person", clip_name(clips[i], i, room),
                                                     (int)voices_in(clips[i])));
    return list;
}

/* Mean over the clips of one kind; NULL: nothing to take. *mixed: from different nets. */
static json_t *mean_json(const AvalignResult *const *clips, size_t n, const char *kind, int *mixed)
{
    double sum[AVALIGN_FACE_DIM] = { 0 }, seconds = 0;
    size_t dim = 0, used = 0;
    const char *model = NULL;
    for (size_t k = 0; k < n; k++) {
        int track = *kind == 'f' ? main_track(clips[k]) : -1;
        if (*kind == 'v' && voices_in(clips[k]) > 1)
            continue;
        for (size_t i = 0; i < clips[k]->embedding.n; i++) {
            const AvalignEmbedding *m = &clips[k]->embedding.at[i];
            if (strcmp(m->kind, kind) || m->track != track)
                continue;
            *mixed |= model && strcmp(model, m->model_sha256);
            model = m->model_sha256;
            dim = m->n;
            for (size_t d = 0; d < dim; d++)
                sum[d] += m->seconds * m->v[d];
            seconds += m->seconds;
            used++;
        }
    }
    return used ? json_pack("{s:s,s:o,s:i,s:o}", "model_sha256", model, "seconds", reference_real(seconds, 1), "clips", (int)used,
                            "vector", vector_json(sum, dim)) : NULL;
}

static json_t *rhythm_json(const AvalignResult *const *clips, size_t n)
{
    static const char *const name[4] = { "pitch_hz", "pitch_spread_semitones", "pauses_per_minute", "pause_s" };
    json_t *j = json_object();
    for (int k = 0; k < 4; k++) {
        double sum = 0;
        size_t count = 0;
        for (size_t i = 0; i < n; i++) {
            const AvaRhythm *r = &clips[i]->rhythm;
            double v = (const double[4]){ r->pitch_hz, r->pitch_spread, r->pauses_per_minute, r->pause_s }[k];
            if (isfinite(v)) {
                sum += v;
                count++;
            }
        }
        json_object_set_new(j, name[k], count ? reference_real(sum / (double)count, 2) : json_null());
    }
    return j;
}

/* Hex of the checksum (key NULL) or of the HMAC over the document without either. */
static int digest(const json_t *doc, const void *key, size_t key_size, char hex[65])
{
    json_t *bare = json_copy((json_t *)doc);
    json_object_del(bare, "sha256");
    json_object_del(bare, "hmac_sha256");
    char *text = json_dumps(bare, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(9));
    json_decref(bare);
    if (!text)
        return -1;
    if (key) {
        struct hmac_sha256_ctx h;
        uint8_t out[SHA256_DIGEST_SIZE];
        hmac_sha256_set_key(&h, key_size, key);
        hmac_sha256_update(&h, strlen(text), (const uint8_t *)text);
        hmac_sha256_digest(&h, sizeof out, out);
        for (size_t i = 0; i < sizeof out; i++) {
            hex[2 * i] = "0123456789abcdef"[out[i] >> 4];
            hex[2 * i + 1] = "0123456789abcdef"[out[i] & 15];
        }
        hex[64] = 0;
    } else {
        ava_sha256_of(text, strlen(text), hex);
    }
    free(text);
    return 0;
}

int avalign_reference_create(const AvalignResult *const *clips, size_t n, const char *name, const void *key, size_t key_size,
                             char **json, AvalignErrorInfo *e)
{
    ava_err_clear(e);
    if (json)
        *json = NULL;
    if (!clips || !n || !name || !json || (key_size && !key))
        return ava_fail(e, AVALIGN_ERR_ARG, "reference", AVA_NO_TIME, 0, "an argument is missing");
    if (n > MAX_CLIPS)
        return ava_fail(e, AVALIGN_ERR_ARG, "reference", AVA_NO_TIME, 0, "more than %d clips; a few minutes of a person are enough", MAX_CLIPS);
    int rc = compare_clips(clips, n, "voice", e);
    if (!rc)
        rc = compare_clips(clips, n, "face", e);
    if (rc)
        return rc;
    int mixed = 0;
    json_t *voice = mean_json(clips, n, "voice", &mixed), *face = mean_json(clips, n, "face", &mixed);
    json_t *text = json_string(name);
    if ((!voice && !face) || mixed || !text) {
        json_decref(voice);
        json_decref(face);
        json_decref(text);
        return mixed ? ava_fail(e, AVALIGN_ERR_MODEL, "reference", AVA_NO_TIME, 0, "the clips were analyzed with different nets")
             : !text ? ava_fail(e, AVALIGN_ERR_ARG, "reference", AVA_NO_TIME, 0, "the name is not valid UTF-8")
                     : ava_fail(e, AVALIGN_ERR_NO_STREAM, "reference", AVA_NO_TIME, 0,
                                "neither a voice nor a face was found; give clips with 2 s of clear speech of one person or a frontal face");
    }
    json_t *lacks = lacks_json(clips, n, voice, face);
    json_t *doc = json_pack("{s:i,s:s,s:s,s:o,s:o,s:o,s:o,s:o}", "avalign_reference", FORMAT, "kind", "person", "avalign", avalign_version(), "name",
                            text, "voice", voice ? voice : json_null(), "face", face ? face : json_null(), "rhythm", rhythm_json(clips, n), "lacks", lacks);
    char hex[65];
    int bad = !doc || digest(doc, NULL, 0, hex);
    if (!bad)
        json_object_set_new(doc, "sha256", json_string(hex));
    if (!bad && key_size) {
        bad = digest(doc, key, key_size, hex);
        json_object_set_new(doc, "hmac_sha256", json_string(hex));
    }
    *json = bad ? NULL : json_dumps(doc, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
    json_decref(doc);
    return *json ? 0 : ava_fail(e, AVALIGN_ERR_NOMEM, "reference", AVA_NO_TIME, 0, "out of memory");
}

void avalign_reference_free(char **json)
{
    if (json) {
        free(*json);
        *json = NULL;
    }
}

static int damaged(AvalignErrorInfo *e, const char *what)
{
    return ava_fail(e, AVALIGN_ERR_FORMAT, "reference", AVA_NO_TIME, 0, "%s; enroll the person again", what);
}

static int same_digest(const json_t *doc, const char *field, const void *key, size_t key_size)
{
    char hex[65];
    const char *want = json_string_value(json_object_get(doc, field));
    return want && strlen(want) == 64 && !digest(doc, key, key_size, hex) && memeql_sec(want, hex, 64);
}

/* Compares one kind; *reason is set when there is no answer. A negative AvalignError for files that can't be used. */
static int reference_compare(const json_t *mine, const AvalignResult *clip, const char *kind, double *cosine, double *llr, double *bound, int *track,
                   const char **reason, AvalignErrorInfo *e)
{
    float ref[AVALIGN_FACE_DIM];
    const json_t *v = json_object_get(mine, "vector");
    const char *model = json_string_value(json_object_get(mine, "model_sha256"));
    size_t n = json_array_size(v);
    *cosine = -2;
    *reason = NULL;
    if (!json_is_object(mine)) {
        *reason = "not-enrolled";
        return 0;
    }
    if (!model || n > AVALIGN_FACE_DIM)
        return damaged(e, "a vector in the reference is not one");
    for (size_t d = 0; d < n; d++)
        ref[d] = (float)json_number_value(json_array_get(v, d));
    *reason = *kind == 'f' ? "no-face" : "no-speech";
    for (size_t i = 0; i < clip->embedding.n; i++) {
        const AvalignEmbedding *m = &clip->embedding.at[i];
        if (strcmp(m->kind, kind))
            continue;
        if (strcmp(m->model_sha256, model) || m->n != n)
            return ava_fail(e, AVALIGN_ERR_MODEL, "reference", AVA_NO_TIME, 0,
                            "the reference was made with another %s net; enroll the person again with these models", kind);
        if (*kind == 'v' && m->seconds < 2) {
            *reason = "too-short";
            continue;
        }
        if (*kind == 'f' && (m->seconds < 2 || m->quality < 0.15)) {
            *reason = "face-unclear";
            continue;
        }
        double c = ava_cosine(ref, m->v, n);
        if (c > *cosine) {
            *cosine = c;
            *track = m->track;
            double s = fmin(m->seconds, json_number_value(json_object_get(mine, "seconds")));
            *llr = *kind == 'f' ? ava_face_llr(&clip->calibration, c) : ava_voice_llr(&clip->calibration, c, s);
        }
    }
    if (*cosine > -2)
        *reason = isnan(*llr) ? "not-calibrated" : NULL;
    *bound = *kind == 'f' ? clip->calibration.face.bound : clip->calibration.voice.bound;
    return 0;
}

/* The document of a reference whose checksum and signature fit; NULL with the reason in e. */
static json_t *intact(const char *json, size_t size, const void *key, size_t key_size, AvalignErrorInfo *e)
{
    json_error_t je;
    json_t *doc = size && size <= MAX_FILE ? json_loadb(json, size, JSON_REJECT_DUPLICATES, &je) : NULL;
    int rc = 0;
    if (!json_is_object(doc) || json_integer_value(json_object_get(doc, "avalign_reference")) != FORMAT)
        rc = damaged(e, "this is no reference file");
    else if (!same_digest(doc, "sha256", NULL, 0))
        rc = damaged(e, "the reference file was changed or is damaged (its checksum does not fit)");
    else if (key_size && !same_digest(doc, "hmac_sha256", key, key_size))
        rc = ava_fail(e, AVALIGN_ERR_FORMAT, "reference", AVA_NO_TIME, 0,
                      "the signature does not fit the key; use the key it was signed with, or do not trust the file");
    if (!rc)
        return doc;
    json_decref(doc);
    return NULL;
}

int avalign_reference_check(const char *json, size_t size, const void *key, size_t key_size, AvalignErrorInfo *e)
{
    ava_err_clear(e);
    if (!json || (key_size && !key))
        return ava_fail(e, AVALIGN_ERR_ARG, "reference", AVA_NO_TIME, 0, "an argument is missing");
    json_t *doc = intact(json, size, key, key_size, e);
    int rc = doc ? 0 : AVALIGN_ERR_FORMAT;
    json_decref(doc);
    return rc;
}

int avalign_reference_verify(const char *json, size_t size, const void *key, size_t key_size, const AvalignResult *clip,
                             AvalignVerification *out, AvalignErrorInfo *e)
{
    ava_err_clear(e);
    if (!json || !clip || !out || (key_size && !key))
        return ava_fail(e, AVALIGN_ERR_ARG, "reference", AVA_NO_TIME, 0, "an argument is missing");
    memset(out, 0, sizeof *out);
    json_t *doc = intact(json, size, key, key_size, e);
    if (!doc)
        return AVALIGN_ERR_FORMAT;
    int none;
    const char *name = json_string_value(json_object_get(doc, "name"));
    ava_clean_line(out->name, sizeof out->name, name ? name : "");
    out->signature = key_size ? 1 : json_object_get(doc, "hmac_sha256") ? -1 : 0;
    int rc = reference_compare(json_object_get(doc, "voice"), clip, "voice", &out->voice_cosine, &out->voice_llr, &out->voice_bound, &none,
                     &out->voice_reason, e);
    if (!rc)
        rc = reference_compare(json_object_get(doc, "face"), clip, "face", &out->face_cosine, &out->face_llr, &out->face_bound, &out->face_track,
                     &out->face_reason, e);
    json_decref(doc);
    return rc;
}
