/* cmd_emotion.c -- avalign emotion voice|face FILE...: what one net says of many files, a JSON line each. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/options.h"
#include "common/signals.h"

static const char *const names[AVALIGN_EMOTIONS] = { "neutral", "happiness", "sadness", "anger", "fear", "disgust", "surprise" };

/* A recording: the analyzer's answer for one side. NULL with *code set and the error told. */
static json_t *of_recording(AvalignModels *models, const char *kind, const char *file, const Options *o, int *code)
{
    AvalignConfig cfg;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.analyzers = "emotion";
    cfg.n_threads = (unsigned)o->threads;
    json_t *doc = tool_analyze_to_json(models, &cfg, file, code), *line = NULL;
    json_t *emotion = json_object_get(json_object_get(doc, "signals"), "emotion"), *side = json_object_get(emotion, kind);
    const char *why = json_string_value(json_object_get(emotion, *kind == 'v' ? "voice_absent" : "face_absent"));
    if (json_is_object(side))
        line = json_pack("{s:O,s:O,s:O}", "probabilities", json_object_get(side, "probabilities"), "valence", json_object_get(side, "valence"), "arousal",
                         json_object_get(side, "arousal"));
    else if (emotion)
        line = json_pack("{s:s}", "absent", why ? why : json_string_value(json_object_get(emotion, "absent")));
    if (doc && !line) {
        tool_error(file, NULL);
        *code = EXIT_INTERNAL;
    }
    json_decref(doc);
    return line;
}

static double emotion_rounded(double x, double steps) { return round(x * steps) / steps; }

static json_t *of_image(const AvalignExpression *x)
{
    if (x->reason)
        return json_pack("{s:s}", "absent", x->reason);
    json_t *p = json_object();
    for (size_t k = 0; k < AVALIGN_EMOTIONS; k++)
        json_object_set_new(p, names[k], json_real(emotion_rounded(x->p[k], 1e4)));
    return json_pack("{s:o,s:f,s:f}", "probabilities", p, "valence", emotion_rounded(x->valence, 100), "arousal", emotion_rounded(x->arousal, 100));
}

static json_t *cmd_emotion_answer(AvalignModels *models, const char *kind, const char *file, const Options *o, int *code)
{
    AvalignExpression x;
    AvalignErrorInfo e;
    if (*kind == 'v' || !strcmp(file, "-"))
        return of_recording(models, kind, file, o, code);
    int rc = avalign_read_expression(models, file, o->crop, &x, &e);
    if (!rc)
        return of_image(&x);
    if (rc == AVALIGN_ERR_FORMAT && !o->crop) /* not a still picture */
        return of_recording(models, kind, file, o, code);
    tool_error(file, &e);
    *code = tool_exit_code(rc);
    return NULL;
}

static const char *hash_of(AvalignModels *models, const char *role)
{
    AvalignModelInfo info;
    for (size_t i = 0; i < avalign_models_count(models); i++)
        if (!avalign_models_info(models, i, &info) && !strcmp(info.role, role))
            return info.sha256;
    return "";
}

int cmd_emotion(Options *o)
{
    const char *kind = o->operand[0];
    int code = EXIT_CLEAR, bad = 0, voice = !strcmp(kind, "voice");
    if (!voice && strcmp(kind, "face") != 0) {
        tool_say("emotion", "voice or face, not \"%.80s\"; see avalign emotion --help", kind);
        return EXIT_INPUT;
    }
    if (voice && o->crop) {
        fprintf(stderr, "avalign: --crop is for faces: avalign emotion face --crop FILE...\n");
        return EXIT_INPUT;
    }
    AvalignModels *models = tool_models(o->models, &code);
    for (int i = 1; models && i < o->n_operands && !signals_stopped(); i++) { /* a file that can't be read does not stop the others */
        json_t *line = json_pack("{s:o,s:s,s:s}", "file", tool_json_text(o->operand[i]), "kind", kind, "model", hash_of(models, voice ? "voice-emotion" : "face-expression"));
        json_t *said = cmd_emotion_answer(models, kind, o->operand[i], o, &code);
        if (said) {
            json_object_update(line, said);
            bad |= tool_print_json(line);
        } else {
            json_decref(line);
        }
        json_decref(said);
    }
    tool_models_end(&models);
    return fflush(stdout) || bad ? EXIT_INTERNAL : code;
}
