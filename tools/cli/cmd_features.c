/* cmd_features.c -- avalign features FILE --out DIR
 *
 * Writes what the analyzers' nets see, so that training and use can't drift
 * apart: per face track t_s.npy, landmarks.npy (float32 [n,468,3]), quality.npy
 * ([n,8]: presence, yaw, pitch, roll, eye distance, sharpness, occlusion, mouth
 * opening), mouth.npy (uint8 [n,96,96]) and face.npy (uint8 [n,112,112,3]); for
 * the sound speech.npy (float32, 16 kHz) and speech_t0_s.npy; with --encoder
 * encoder.npy (float32 [n,6,384]) and encoder_t_s.npy, 50 a second of speech.
 * What an earlier call left of these in DIR goes first: files of two calls would
 * not belong together. After a failure there is nothing of them. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/options.h"
#include "common/output.h"

enum { MAX_TRACKS = 256, N_FILES = 5, QUALITY = 8 };

/* A .npy file that grows by rows: the header is rewritten at the end. It comes to be with its first row, or at the end: an
 * input that is waited for leaves nothing when the wait is broken off. */
typedef struct Npy {
    FILE *f;
    const char *type, *tail; /* "<f4", ", 468, 3" */
    uint64_t rows;
} Npy;

static const char *const sounds[] = { "speech", "speech_t0_s", "encoder", "encoder_t_s" };
static const struct { const char *name, *type, *tail; } pictures[N_FILES] = {
    { "t_s", "<f8", "" },           { "landmarks", "<f4", " 468, 3" }, { "quality", "<f4", " 8" },
    { "mouth", "|u1", " 96, 96" },  { "face", "|u1", " 112, 112, 3" },
};

typedef struct Track {
    int id;
    Npy file[N_FILES];
} Track;

typedef struct Dump {
    const char *dir;
    Track track[MAX_TRACKS];
    int n, with_encoder, failed, too_many; /* failed: the errno to tell */
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
    if (y->f)
        npy_header(y);
    return y->f ? 0 : -1;
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
    for (int i = d->n; i-- > 0;)
        if (d->track[i].id == id)
            return &d->track[i];
    if (d->n == MAX_TRACKS) {
        d->too_many = 1;
        return NULL;
    }
    Track *t = &d->track[d->n];
    char dir[4096];
    snprintf(dir, sizeof dir, "%s/track%d", d->dir, id);
    mkdir(dir, 0777);
    t->id = id;
    d->n++;
    for (int i = 0; i < N_FILES; i++)
        if (npy_open(&t->file[i], dir, pictures[i].name, pictures[i].type, pictures[i].tail))
            return NULL;
    return t;
}

static int on_face(void *cookie, const AvalignFaceView *v)
{
    Dump *d = cookie;
    if (!v->landmarks || !v->mouth || !v->face)
        return 0;
    Track *t = track_of(d, v->track_id);
    if (!t)
        return d->failed = d->too_many ? E2BIG : errno;
    double s = (double)v->t_us / 1e6;
    float q[QUALITY] = { v->presence, v->yaw, v->pitch, v->roll, v->eye_distance, v->sharpness, v->occlusion, v->mouth_open };
    int bad = npy_row(&t->file[0], &s, sizeof s) |
              npy_row(&t->file[1], v->landmarks, AVALIGN_LANDMARKS * 3 * sizeof(float)) |
              npy_row(&t->file[2], q, sizeof q) |
              npy_row(&t->file[3], v->mouth, AVALIGN_MOUTH_SIDE * AVALIGN_MOUTH_SIDE) |
              npy_row(&t->file[4], v->face, AVALIGN_FACE_SIDE * AVALIGN_FACE_SIDE * 3);
    return bad ? (d->failed = errno) : 0;
}

/* The files of the sound, once there is some; 0, or the errno. */
static int open_sound(Dump *d)
{
    if (d->speech.f)
        return 0;
    if (npy_open(&d->speech, d->dir, "speech", "<f4", "") || (d->with_encoder && (npy_open(&d->encoder, d->dir, "encoder", "<f4", " 6, 384") ||
                                                                                  npy_open(&d->encoder_t, d->dir, "encoder_t_s", "<f8", ""))))
        d->failed = errno;
    return d->failed;
}

static int on_speech(void *cookie, int64_t t_us, const float *pcm, size_t n)
{
    Dump *d = cookie;
    if (open_sound(d))
        return -1;
    if (!d->speech.rows)
        d->speech_t0_us = t_us;
    d->speech.rows += n;
    return fwrite(pcm, sizeof *pcm, n, d->speech.f) == n ? 0 : (d->failed = errno);
}

static int on_encoder(void *cookie, int64_t t_us, const float *states, size_t n)
{
    Dump *d = cookie;
    float row[AVALIGN_ENCODER_STATES * AVALIGN_ENCODER_DIM] = { 0 };
    if (open_sound(d))
        return -1;
    for (size_t i = 0; i < n; i++) {
        double s = (double)t_us / 1e6 + (double)i / AVALIGN_ENCODER_FPS;
        for (size_t k = 0; k < AVALIGN_ENCODER_STATES; k++)
            memcpy(row + k * AVALIGN_ENCODER_DIM, states + (k * n + i) * AVALIGN_ENCODER_DIM, AVALIGN_ENCODER_DIM * sizeof *row);
        if (npy_row(&d->encoder_t, &s, sizeof s) | npy_row(&d->encoder, row, sizeof row))
            return d->failed = errno;
    }
    return 0;
}

static int is_number(const char *s) { return *s && s[strspn(s, "0123456789")] == 0; }

/* Files of this command in a folder: names[n] of images or sounds; each by each(). 0, or what it said. */
static int each_name(const char *dir, int is_track, int (*each)(const char *path, const struct stat *input), const struct stat *input)
{
    char path[4608];
    size_t n = is_track ? N_FILES : sizeof sounds / sizeof *sounds;
    int rc = 0;
    for (size_t i = 0; i < n && !rc; i++) {
        snprintf(path, sizeof path, "%s/%s.npy", dir, is_track ? pictures[i].name : sounds[i]);
        rc = each(path, input);
    }
    return rc;
}

static int each_file(const char *dir, int (*each)(const char *path, const struct stat *input), const struct stat *input)
{
    char path[4352];
    DIR *d = opendir(dir);
    int rc = each_name(dir, 0, each, input);
    for (struct dirent *e; d && !rc && (e = readdir(d));)
        if (!strncmp(e->d_name, "track", 5) && is_number(e->d_name + 5)) {
            snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
            rc = each_name(path, 1, each, input);
            rmdir(path); /* when nothing else is in it */
        }
    if (d)
        closedir(d);
    return rc;
}

static int is_input(const char *path, const struct stat *input)
{
    struct stat st;
    if (stat(path, &st) || st.st_dev != input->st_dev || st.st_ino != input->st_ino)
        return 0;
    tool_complain(path, "output: it is an input too; name another place");
    return 1;
}

static int throw_away(const char *path, const struct stat *input)
{
    (void)input;
    unlink(path);
    return 0;
}

/* 0, or an exit code. */
static int open_files(Dump *d, const Options *o)
{
    const char *in = o->operand[0];
    struct stat st;
    int from_stdin = !strcmp(in, "-"), address = strstr(in, "://") != NULL;
    if (!from_stdin && !address && access(in, R_OK)) { /* before anything older goes */
        char why[160];
        snprintf(why, sizeof why, "open: %s; check the path", strerror(errno));
        return tool_complain(in, why), EXIT_INPUT;
    }
    if ((from_stdin ? fstat(STDIN_FILENO, &st) : stat(in, &st)) == 0 && each_file(d->dir, is_input, &st))
        return EXIT_INPUT;
    d->with_encoder = o->encoder;
    int bad = (mkdir(d->dir, 0777) && errno != EEXIST) || stat(d->dir, &st) || access(d->dir, W_OK | X_OK);
    d->failed = bad ? errno : S_ISDIR(st.st_mode) ? 0 : ENOTDIR;
    if (!d->failed)
        each_file(d->dir, throw_away, NULL);
    return d->failed ? EXIT_INTERNAL : 0;
}

/* The analysis of which the files are made; 0 or an exit code. */
static int look_and_hear(Dump *d, AvalignModels *models, const Options *o)
{
    AvalignContext *c = NULL;
    AvalignResult *r = NULL;
    AvalignConfig cfg;
    AvalignErrorInfo e;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.analyzers = "lipsync";
    cfg.n_threads = (unsigned)o->threads;
    cfg.on_face = on_face;
    cfg.on_speech = on_speech;
    cfg.on_encoder = o->encoder ? on_encoder : NULL;
    cfg.cookie = d;
    int rc = avalign_open(&c, models, &cfg, &e), code = 0;
    if (!rc)
        rc = tool_analyze(c, o->operand[0], &r);
    if (d->too_many)
        tool_complain(o->operand[0], "features: over 256 faces; cut the file into parts");
    else if (rc && !d->failed)
        tool_error(o->operand[0], c ? avalign_last_error(c) : &e);
    if (rc)
        code = d->failed ? EXIT_INTERNAL : tool_exit_code(rc);
    avalign_result_free(&r);
    avalign_close(&c);
    return code;
}

static int close_files(Dump *d, int code)
{
    int bad = !code && open_sound(d); /* of a file without sound: no rows */
    bad |= npy_close(&d->speech) | npy_close(&d->encoder) | npy_close(&d->encoder_t);
    for (int i = 0; i < d->n; i++)
        for (int k = 0; k < N_FILES; k++)
            bad |= npy_close(&d->track[i].file[k]);
    Npy t0;
    if (!code && !bad) {
        double s = (double)d->speech_t0_us / 1e6;
        bad = npy_open(&t0, d->dir, "speech_t0_s", "<f8", "") || npy_row(&t0, &s, sizeof s);
        bad |= npy_close(&t0);
    }
    if (d->failed)
        errno = d->failed;
    if ((bad || d->failed) && !d->too_many)
        output_error(d->dir);
    return code ? code : bad ? EXIT_INTERNAL : EXIT_CLEAR;
}

int cmd_features(Options *o)
{
    if (!o->out)
        return tool_complain("features", "--out DIR is missing; see avalign features --help"), EXIT_INPUT;
    int code = EXIT_CLEAR;
    AvalignModels *models = tool_models(o->models, &code);
    Dump *d = models ? calloc(1, sizeof *d) : NULL;
    if (d) {
        d->dir = o->out;
        code = open_files(d, o);
        if (!code || code == EXIT_INTERNAL) {
            code = code ? code : look_and_hear(d, models, o);
            code = close_files(d, code);
            if (code)
                each_file(d->dir, throw_away, NULL);
        }
    } else if (models) {
        code = EXIT_INTERNAL;
    }
    free(d);
    tool_models_end(&models);
    return code;
}
