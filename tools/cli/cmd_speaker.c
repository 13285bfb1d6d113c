/* cmd_speaker.c -- avalign embed voice|face FILE..., avalign enroll NAME CLIP..., avalign verify --reference FILE CLIP */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/options.h"
#include "common/output.h"
#include "common/signals.h"
#include "common/verification.h"

static AvalignModels *load(const Options *o, int *code)
{
    AvalignModels *m = tool_models(o->models, code);
    if (m && !o->quick)
        avalign_models_set_speaker_id(m);
    return m;
}

/* The result of the speaker analyzer on a clip; NULL with *code set and the error printed. */
static AvalignResult *speaker_analyze(AvalignModels *models, const char *clip, const Options *o, int *code)
{
    AvalignConfig cfg;
    AvalignContext *c = NULL;
    AvalignResult *r = NULL;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.analyzers = "speaker";
    cfg.n_threads = (unsigned)o->threads;
    AvalignErrorInfo e;
    int rc = avalign_open(&c, models, &cfg, &e);
    if (!rc)
        rc = tool_analyze(c, clip, &r);
    if (rc) {
        tool_error(clip, c ? avalign_last_error(c) : &e);
        *code = tool_exit_code(rc);
    }
    avalign_close(&c);
    return r;
}

static json_t *vector_of(const AvalignEmbedding *m)
{
    json_t *v = json_array();
    char digits[32];
    for (size_t i = 0; i < m->n; i++) {
        snprintf(digits, sizeof digits, "%.6g", (double)m->v[i]);
        json_array_append_new(v, json_real(strtod(digits, NULL)));
    }
    return v;
}

static double speaker_rounded(double x, double steps) { return round(x * steps) / steps; }

static int print_embeddings(const char *file, const char *kind, const AvalignResult *r)
{
    const AvalignEmbedding *m;
    size_t found = 0;
    int bad = 0;
    for (size_t i = 0; (m = avalign_result_embedding(r, i)) != NULL; i++) {
        if (strcmp(m->kind, kind))
            continue;
        found++;
        bad |= tool_print_json(json_pack("{s:o,s:s,s:o,s:s,s:f,s:f,s:o}", "file", tool_json_text(file), "kind", kind, "track", m->track >= 0 ? json_integer(m->track) : json_null(),
                                         "model", m->model_sha256, "seconds", speaker_rounded(m->seconds, 100), "quality", speaker_rounded(m->quality, 1000), "vector", vector_of(m)));
    }
    if (!found)
        bad |= tool_print_json(json_pack("{s:o,s:s,s:s}", "file", tool_json_text(file), "kind", kind, "absent", *kind == 'v' ? "no-speech" : "no-face"));
    return bad;
}

int cmd_embed(Options *o)
{
    const char *kind = o->operand[0];
    int code = EXIT_CLEAR, bad = 0;
    if (strcmp(kind, "voice") && strcmp(kind, "face")) {
        tool_say("embed", "voice or face, not \"%.80s\"; see avalign embed --help", kind);
        return EXIT_INPUT;
    }
    AvalignModels *models = load(o, &code);
    for (int i = 1; models && i < o->n_operands && !signals_stopped(); i++) { /* a file that can't be read does not stop the others */
        AvalignResult *r = speaker_analyze(models, o->operand[i], o, &code);
        if (r)
            bad |= print_embeddings(o->operand[i], kind, r);
        avalign_result_free(&r);
    }
    tool_models_end(&models);
    return fflush(stdout) || bad ? EXIT_INTERNAL : code;
}

/* The key file's bytes; 0, or an exit code. */
static int read_key(const Options *o, char **key, size_t *size)
{
    *key = NULL;
    *size = 0;
    if (!o->key)
        return 0;
    *key = tool_slurp(o->key, size);
    if (*key && *size >= 16)
        return 0;
    if (*key)
        tool_say(o->key, "key: under 16 bytes; make one with: head -c 32 /dev/urandom > KEY");
    else
        tool_say(o->key, "key: %s; check the path", strerror(errno));
    return EXIT_INPUT;
}

static int put_reference(const void *json, FILE *f) { return fputs(json, f) < 0 || fputc('\n', f) < 0; }

/* What a reference can't tell, in words: whoever enrolls can still do something about it. */
static void say_lacks(const char *name, const char *json)
{
    json_t *doc = json_loads(json, 0, NULL), *text;
    size_t i;
    json_array_foreach(json_object_get(doc, "lacks"), i, text)
        tool_say(name, "reference: %s", json_string_value(text));
    json_decref(doc);
}

/* The place that no option named: not one of the clips, nor the key. 0 or an exit code. */
static int own_output(const Options *o, const char *path)
{
    OutputNames names = { NULL, 0 };
    output_names_in(&names, o->key);
    for (int i = 1; i < o->n_operands; i++)
        output_names_in(&names, o->operand[i]);
    int code = output_names_out(&names, path);
    output_names_free(&names);
    return code ? code : output_check(path);
}

int cmd_enroll(Options *o)
{
    const char *name = o->operand[0];
    char *key, *json = NULL, own[4096], **clip = o->operand + 1;
    const char *path = o->out ? o->out : own;
    int code;
    size_t key_size, n = (size_t)o->n_operands - 1;
    snprintf(own, sizeof own, "%.4000s.avref", name);
    if (!o->out && strchr(name, '/')) {
        fprintf(stderr, "avalign: enroll: the name has a slash; say --out FILE\n");
        return EXIT_INPUT;
    }
    if (!o->out && (code = own_output(o, own)))
        return code;
    AvalignModels *models = NULL;
    AvalignResult **r = calloc(n, sizeof *r);
    code = read_key(o, &key, &key_size);
    if (!code && !r) {
        tool_complain("enroll", "out of memory");
        code = EXIT_INTERNAL;
    }
    if (!code)
        models = load(o, &code);
    for (size_t i = 0; i < n && models && !code; i++)
        r[i] = speaker_analyze(models, clip[i], o, &code);
    if (models && !code) {
        AvalignErrorInfo e = { 0 };
        int rc = avalign_reference_create((const AvalignResult *const *)r, n, name, key, key_size, &json, &e);
        if (rc) {
            tool_error(name, &e);
            code = tool_exit_code(rc);
        } else if (!(code = output_write(put_reference, json, path))) {
            say_lacks(name, json);
        }
    }
    avalign_reference_free(&json);
    for (size_t i = 0; r && i < n; i++)
        avalign_result_free(&r[i]);
    free(r);
    free(key);
    tool_models_end(&models);
    return code;
}

int cmd_verify(Options *o)
{
    const char *clip = o->operand[0];
    int code;
    if (!o->reference) {
        fprintf(stderr, "avalign: verify: --reference FILE is missing; see avalign verify --help\n");
        return EXIT_INPUT;
    }
    size_t size = 0, key_size;
    char *key = NULL, *json = tool_slurp(o->reference, &size);
    if (!json) {
        tool_say(o->reference, "reference: %s; check the path", strerror(errno));
        return EXIT_INPUT;
    }
    AvalignModels *models = NULL;
    AvalignResult *r = NULL;
    AvalignErrorInfo e = { 0 };
    AvalignVerification v;
    code = read_key(o, &key, &key_size);
    if (!code && avalign_reference_check(json, size, key, key_size, &e)) { /* before a clip is decoded for nothing */
        tool_error(o->reference, &e);
        code = EXIT_INPUT;
    }
    if (!code && (models = load(o, &code)) && (r = speaker_analyze(models, clip, o, &code))) {
        if (avalign_reference_verify(json, size, key, key_size, r, &v, &e)) {
            tool_error(o->reference, &e);
            code = EXIT_INPUT;
        } else {
            int bad = tool_print_json(verification_json(clip, &v));
            code = v.voice_reason && v.face_reason ? EXIT_UNJUDGED
                 : (!v.voice_reason && v.voice_llr < -1.5) || (!v.face_reason && v.face_llr < -1.5) ? EXIT_FLAGGED : EXIT_CLEAR;
            if (bad || fflush(stdout))
                code = EXIT_INTERNAL;
        }
    }
    avalign_result_free(&r);
    tool_models_end(&models);
    free(key);
    free(json);
    return code;
}
