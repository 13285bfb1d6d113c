/* cmd_speaker.c -- avalign embed voice|face FILE..., avalign enroll NAME CLIP..., avalign verify --reference FILE CLIP */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/tool.h"

enum { MODELS = 256, OUT, KEY, REFERENCE, THREADS, QUICK };
static const struct option longs[] = { { "models", 1, NULL, MODELS }, { "out", 1, NULL, OUT },         { "key", 1, NULL, KEY },
                                       { "help", 0, NULL, 'h' },      { "reference", 1, NULL, REFERENCE },
                                       { "threads", 1, NULL, THREADS },  { "quick", 0, NULL, QUICK }, { NULL, 0, NULL, 0 } };

typedef struct Options {
    const char *models, *out, *key_file, *reference;
    unsigned threads;
    int quick;
} Options;

/* 0, or an exit code plus one. */
static int parse(int argc, char **argv, const char *usage, Options *o)
{
    for (int c; (c = getopt_long(argc, argv, "ho:", longs, NULL)) != -1;) {
        switch (c) {
        case MODELS: o->models = optarg; break;
        case 'o':
        case OUT: o->out = optarg; break;
        case KEY: o->key_file = optarg; break;
        case REFERENCE: o->reference = optarg; break;
        case QUICK: o->quick = 1; break;
        case THREADS: o->threads = (unsigned)atoi(optarg); break;
        default: fputs(usage, c == 'h' ? stdout : stderr); return (c == 'h' ? EXIT_CLEAR : EXIT_INPUT) + 1;
        }
    }
    return 0;
}

static AvalignModels *load(const Options *o, int *code)
{
    AvalignModels *m = tool_models(o->models, code);
    if (m && !o->quick)
        avalign_models_tell_apart(m);
    return m;
}

/* The result of the speaker analyzer on a clip; NULL with *code set and the error printed. */
static AvalignResult *analyze(AvalignModels *models, const char *clip, const Options *o, int *code)
{
    AvalignConfig cfg;
    AvalignContext *c = NULL;
    AvalignResult *r = NULL;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.analyzers = "speaker";
    cfg.n_threads = o->threads;
    int rc = avalign_open(&c, models, &cfg);
    if (!rc)
        rc = tool_analyze(c, clip, &r);
    if (rc) {
        tool_error(clip, avalign_last_error(c));
        *code = tool_exit_code(rc);
    }
    avalign_close(&c);
    return r;
}

static void print_vector(const AvalignEmbedding *m)
{
    printf("\"vector\": [");
    for (size_t i = 0; i < m->n; i++)
        printf("%s%.6g", i ? ", " : "", (double)m->v[i]);
    printf("]}\n");
}

static void print_embeddings(const char *file, const char *kind, const AvalignResult *r)
{
    const AvalignEmbedding *m;
    size_t n = avalign_result_embeddings(r, &m), found = 0;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(m[i].kind, kind))
            continue;
        found++;
        printf("{\"file\": ");
        tool_json_string(stdout, file);
        printf(", \"kind\": \"%s\", \"track\": ", kind);
        if (m[i].track >= 0)
            printf("%d", m[i].track);
        else
            printf("null");
        printf(", \"model\": \"%s\", \"seconds\": %.2f, \"quality\": %.3f, ", m[i].model_sha256, m[i].seconds, m[i].quality);
        print_vector(&m[i]);
    }
    if (!found) {
        printf("{\"file\": ");
        tool_json_string(stdout, file);
        printf(", \"kind\": \"%s\", \"absent\": \"%s\"}\n", kind, *kind == 'v' ? "no-speech" : "no-face");
    }
}

int cmd_embed(int argc, char **argv)
{
    static const char usage[] = "usage: avalign embed voice|face FILE... [--quick] [--models DIR] [--threads N]\n\n"
                                "One JSON line for the voice, or for each face, of every file: file, kind, track, model\n"
                                "(SHA-256 of the net), seconds, quality, vector of length 1. Voices need 0.8 s of speech.\n"
                                "--quick: voices by the smaller net that analyze uses.\n";
    Options o = { 0 };
    int code = parse(argc, argv, usage, &o);
    if (code)
        return code - 1;
    const char *kind = optind < argc ? argv[optind] : "";
    if ((strcmp(kind, "voice") && strcmp(kind, "face")) || optind + 1 >= argc) {
        fprintf(stderr, "avalign: say voice or face and name a file; see avalign embed --help\n");
        return EXIT_INPUT;
    }
    code = EXIT_CLEAR;
    AvalignModels *models = load(&o, &code);
    for (int i = optind + 1; models && i < argc; i++) { /* a file that can't be read does not stop the others */
        AvalignResult *r = analyze(models, argv[i], &o, &code);
        if (r)
            print_embeddings(argv[i], kind, r);
        avalign_result_free(&r);
    }
    avalign_models_free(&models);
    return fflush(stdout) ? EXIT_INTERNAL : code;
}

/* The key file's bytes; 0, or an exit code. */
static int read_key(const Options *o, char **key, size_t *size)
{
    *key = NULL;
    *size = 0;
    if (!o->key_file)
        return 0;
    *key = tool_slurp(o->key_file, size);
    if (*key && *size >= 16)
        return 0;
    if (*key)
        fprintf(stderr, "avalign: %s: key: under 16 bytes; make one with: head -c 32 /dev/urandom > KEY\n", o->key_file);
    else
        fprintf(stderr, "avalign: %s: key: %s; check the path\n", o->key_file, strerror(errno));
    return EXIT_INPUT;
}

static int write_reference(const char *path, const char *json)
{
    if (!strcmp(path, "-"))
        return fputs(json, stdout) < 0 || putchar('\n') < 0 || fflush(stdout) ? EXIT_INTERNAL : 0;
    char part[4200];
    snprintf(part, sizeof part, "%s.%ld.part", path, (long)getpid());
    FILE *f = fopen(part, "wb");
    int bad = !f || fputs(json, f) < 0 || fputc('\n', f) < 0;
    if (f)
        bad |= fclose(f) != 0;
    if (!bad && !rename(part, path))
        return 0;
    fprintf(stderr, "avalign: %s: output: %s; free space or name another place\n", path, strerror(errno));
    if (f)
        remove(part);
    return EXIT_INTERNAL;
}

int cmd_enroll(int argc, char **argv)
{
    static const char usage[] = "usage: avalign enroll NAME CLIP... [--out FILE] [--key KEYFILE] [--models DIR] [--threads N]\n\n"
                                "Writes a reference of the person's voice, face and speaking rhythm from clips known to be\n"
                                "genuine (default: NAME.avref). With --key the file is signed (HMAC-SHA256).\n";
    Options o = { 0 };
    int code = parse(argc, argv, usage, &o);
    if (code)
        return code - 1;
    if (optind + 1 >= argc) {
        fprintf(stderr, "avalign: give a name and at least one clip; see avalign enroll --help\n");
        return EXIT_INPUT;
    }
    const char *name = argv[optind++];
    char path[4096], *key, *json = NULL;
    snprintf(path, sizeof path, "%s.avref", name);
    if (!o.out && strchr(name, '/')) {
        fprintf(stderr, "avalign: the name has a slash; say --out FILE\n");
        return EXIT_INPUT;
    }
    size_t key_size, n = (size_t)(argc - optind);
    AvalignModels *models = NULL;
    AvalignResult **r = calloc(n, sizeof *r);
    code = read_key(&o, &key, &key_size);
    if (!code && r)
        models = load(&o, &code);
    for (size_t i = 0; i < n && models && !code; i++)
        r[i] = analyze(models, argv[optind + (int)i], &o, &code);
    if (models && !code) {
        AvalignErrorInfo e = { 0 };
        int rc = avalign_reference_create((const AvalignResult *const *)r, n, name, key, key_size, &json, &e);
        if (rc) {
            tool_error(argv[optind], &e);
            code = tool_exit_code(rc);
        } else {
            code = write_reference(o.out ? o.out : path, json);
        }
    }
    avalign_reference_free(&json);
    for (size_t i = 0; r && i < n; i++)
        avalign_result_free(&r[i]);
    free(r);
    free(key);
    avalign_models_free(&models);
    return code;
}

static void print_side(const char *what, const char *reason, double llr, double cosine)
{
    if (reason)
        printf("\"%s\": {\"absent\": \"%s\"}", what, reason);
    else
        printf("\"%s\": {\"llr\": %.2f, \"cosine\": %.4f, \"supports\": \"%s\"}", what, llr, cosine,
               fabs(llr) < 0.7 ? "neither" : llr > 0 ? "same person" : "another person");
}

int cmd_verify(int argc, char **argv)
{
    static const char usage[] = "usage: avalign verify --reference FILE CLIP [--key KEYFILE] [--models DIR] [--threads N]\n\n"
                                "Is the person in the clip the one in the reference? Prints one JSON line with natural log\n"
                                "likelihood ratios for voice and face. Exit code 1 when either speaks clearly (llr under\n"
                                "-1.5) for another person, 2 when neither can be judged.\n";
    Options o = { 0 };
    int code = parse(argc, argv, usage, &o);
    if (code)
        return code - 1;
    if (!o.reference || optind + 1 != argc) {
        fprintf(stderr, "avalign: name --reference FILE and one clip; see avalign verify --help\n");
        return EXIT_INPUT;
    }
    size_t size = 0, key_size;
    char *key = NULL, *json = tool_slurp(o.reference, &size);
    if (!json) {
        fprintf(stderr, "avalign: %s: reference: %s; check the path\n", o.reference, strerror(errno));
        return EXIT_INPUT;
    }
    AvalignModels *models = NULL;
    AvalignResult *r = NULL;
    AvalignErrorInfo e = { 0 };
    AvalignVerification v;
    code = read_key(&o, &key, &key_size);
    if (!code && (models = load(&o, &code)) && (r = analyze(models, argv[optind], &o, &code))) {
        int rc = avalign_reference_verify(json, size, key, key_size, r, &v, &e);
        if (rc) {
            tool_error(o.reference, &e);
            code = EXIT_INPUT;
        } else {
            printf("{\"file\": ");
            tool_json_string(stdout, argv[optind]);
            printf(", \"reference\": ");
            tool_json_string(stdout, v.name);
            printf(", \"signature\": \"%s\", ", v.signature > 0 ? "valid" : v.signature < 0 ? "not checked, no key given" : "none");
            print_side("voice", v.voice_reason, v.voice_llr, v.voice_cosine);
            printf(", ");
            print_side("face", v.face_reason, v.face_llr, v.face_cosine);
            printf("}\n");
            code = v.voice_reason && v.face_reason ? EXIT_UNJUDGED
                 : (!v.voice_reason && v.voice_llr < -1.5) || (!v.face_reason && v.face_llr < -1.5) ? EXIT_FLAGGED : EXIT_CLEAR;
            if (fflush(stdout))
                code = EXIT_INTERNAL;
        }
    }
    avalign_result_free(&r);
    avalign_models_free(&models);
    free(key);
    free(json);
    return code;
}
