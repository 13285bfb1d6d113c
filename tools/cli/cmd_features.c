/* cmd_features.c -- avalign features FILE --out DIR
 *
 * Writes what the analyzers' nets see, so that training and use can't drift
 * apart: per face track t_s.npy, landmarks.npy (float32 [n,468,3]), quality.npy
 * ([n,8]: presence, yaw, pitch, roll, eye distance, sharpness, occlusion, mouth
 * opening), mouth.npy (uint8 [n,96,96]) and face.npy (uint8 [n,112,112,3]); for
 * the sound speech.npy (float32, 16 kHz) and speech_t0_s.npy; with --encoder
 * encoder.npy (float32 [n,6,384]) and encoder_t_s.npy, 50 a second of speech. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/options.h"

enum { MAX_TRACKS = 256, N_FILES = 5, QUALITY = 8 };

/* A .npy file that grows by rows: the header is rewritten at the end. */
typedef struct Npy {
    FILE *f;
    const char *type, *tail; /* "<f4", ", 468, 3" */
    uint64_t rows;
} Npy;

typedef struct Track {
    int id;
    Npy file[N_FILES];
} Track;

typedef struct Dump {
    const char *dir;
    Track track[MAX_TRACKS];
    int n, failed;
    Npy speech, encoder, encoder_t;
    int64_t speech_t0_us;
} Dump;

static void npy_header(Npy *y)
{
    char dict[118], head[128] = "\x93NUMPY\x01\x00\x76\x00";
    int n = snprintf(dict, sizeof dict, "{'descr': '%s', 'fortran_order': False, 'shape': (%llu,%s), }", y->type,
                     (unsigned long long)y->rows, y->tail);
    memset(head + 10, ' ', 117);
    memcpy(head + 10, dict, (size_t)n);
    head[127] = '\n';
    fseek(y->f, 0, SEEK_SET);
    fwrite(head, 1, sizeof head, y->f);
}

static int npy_open(Npy *y, const char *dir, const char *name, const char *type, const char *tail)
{
    char path[4352];
    snprintf(path, sizeof path, "%s/%s.npy", dir, name);
    *y = (Npy){ fopen(path, "wb"), type, tail, 0 };
    if (!y->f) {
        fprintf(stderr, "avalign: %s: output: %s\n", path, strerror(errno));
        return -1;
    }
    npy_header(y);
    return 0;
}

static int npy_close(Npy *y)
{
    if (!y->f)
        return 0;
    npy_header(y);
    int rc = ferror(y->f);
    return fclose(y->f) || rc ? -1 : 0;
}

static int npy_row(Npy *y, const void *data, size_t n)
{
    y->rows++;
    return fwrite(data, 1, n, y->f) == n ? 0 : -1;
}

static Track *track_of(Dump *d, int id)
{
    static const struct { const char *name, *type, *tail; } files[N_FILES] = {
        { "t_s", "<f8", "" },           { "landmarks", "<f4", " 468, 3" }, { "quality", "<f4", " 8" },
        { "mouth", "|u1", " 96, 96" },  { "face", "|u1", " 112, 112, 3" },
    };
    for (int i = d->n; i-- > 0;)
        if (d->track[i].id == id)
            return &d->track[i];
    if (d->n == MAX_TRACKS)
        return NULL;
    Track *t = &d->track[d->n];
    char dir[4096];
    snprintf(dir, sizeof dir, "%s/track%d", d->dir, id);
    mkdir(dir, 0777);
    t->id = id;
    for (int i = 0; i < N_FILES; i++)
        if (npy_open(&t->file[i], dir, files[i].name, files[i].type, files[i].tail))
            return NULL;
    d->n++;
    return t;
}

static int on_face(void *cookie, const AvalignFaceView *v)
{
    Dump *d = cookie;
    if (!v->landmarks || !v->mouth || !v->face)
        return 0;
    Track *t = track_of(d, v->track_id);
    if (!t)
        return d->failed = 1;
    double s = (double)v->t_us / 1e6;
    float q[QUALITY] = { v->presence, v->yaw, v->pitch, v->roll, v->eye_distance, v->sharpness, v->occlusion, v->mouth_open };
    int bad = npy_row(&t->file[0], &s, sizeof s) |
              npy_row(&t->file[1], v->landmarks, AVALIGN_LANDMARKS * 3 * sizeof(float)) |
              npy_row(&t->file[2], q, sizeof q) |
              npy_row(&t->file[3], v->mouth, AVALIGN_MOUTH_SIDE * AVALIGN_MOUTH_SIDE) |
              npy_row(&t->file[4], v->face, AVALIGN_FACE_SIDE * AVALIGN_FACE_SIDE * 3);
    return bad ? (d->failed = 1) : 0;
}

static int on_speech(void *cookie, int64_t t_us, const float *pcm, size_t n)
{
    Dump *d = cookie;
    if (!d->speech.rows)
        d->speech_t0_us = t_us;
    d->speech.rows += n;
    return fwrite(pcm, sizeof *pcm, n, d->speech.f) == n ? 0 : (d->failed = 1);
}

static int on_encoder(void *cookie, int64_t t_us, const float *states, size_t n)
{
    Dump *d = cookie;
    float row[AVALIGN_ENCODER_STATES * AVALIGN_ENCODER_DIM] = { 0 };
    for (size_t i = 0; i < n; i++) {
        double s = (double)t_us / 1e6 + (double)i / AVALIGN_ENCODER_FPS;
        for (size_t k = 0; k < AVALIGN_ENCODER_STATES; k++)
            memcpy(row + k * AVALIGN_ENCODER_DIM, states + (k * n + i) * AVALIGN_ENCODER_DIM, AVALIGN_ENCODER_DIM * sizeof *row);
        if (npy_row(&d->encoder_t, &s, sizeof s) | npy_row(&d->encoder, row, sizeof row))
            return d->failed = 1;
    }
    return 0;
}

static int open_files(Dump *d, const Options *o)
{
    mkdir(d->dir, 0777); /* npy_open() says what is wrong with it */
    return npy_open(&d->speech, d->dir, "speech", "<f4", "") || (o->encoder && (npy_open(&d->encoder, d->dir, "encoder", "<f4", " 6, 384") ||
                                                                                npy_open(&d->encoder_t, d->dir, "encoder_t_s", "<f8", "")));
}

int cmd_features(Options *o)
{
    const char *out = o->out;
    AvalignConfig cfg;
    if (!out) {
        fprintf(stderr, "avalign: features: --out DIR is missing; see avalign features --help\n");
        return EXIT_INPUT;
    }
    avalign_config_init(&cfg, sizeof cfg);
    cfg.analyzers = "lipsync";
    cfg.n_threads = (unsigned)o->threads;
    int code = EXIT_CLEAR;
    Dump *d = calloc(1, sizeof *d);
    if (!d)
        return EXIT_INTERNAL;
    d->dir = out;
    AvalignModels *models = tool_models(o->models, &code);
    if (models && open_files(d, o) == 0) {
        AvalignContext *c = NULL;
        AvalignResult *r = NULL;
        cfg.on_face = on_face;
        cfg.on_speech = on_speech;
        cfg.on_encoder = o->encoder ? on_encoder : NULL;
        cfg.cookie = d;
        AvalignErrorInfo e;
        int rc = avalign_open(&c, models, &cfg, &e);
        if (!rc)
            rc = tool_analyze(c, o->operand[0], &r);
        if (rc) {
            tool_error(o->operand[0], c ? avalign_last_error(c) : &e);
            code = d->failed ? EXIT_INTERNAL : tool_exit_code(rc);
        }
        avalign_result_free(&r);
        avalign_close(&c);
    } else if (models) {
        code = EXIT_INTERNAL;
    }
    tool_models_end(&models);
    int bad = npy_close(&d->speech) | npy_close(&d->encoder) | npy_close(&d->encoder_t);
    for (int i = 0; i < d->n; i++)
        for (int k = 0; k < N_FILES; k++)
            bad |= npy_close(&d->track[i].file[k]);
    Npy t0;
    if (!code && npy_open(&t0, out, "speech_t0_s", "<f8", "") == 0) {
        double s = (double)d->speech_t0_us / 1e6;
        bad |= npy_row(&t0, &s, sizeof s) | npy_close(&t0);
    }
    free(d);
    return bad && !code ? EXIT_INTERNAL : code;
}
