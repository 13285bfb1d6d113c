/* push.c -- libFuzzer target: any bytes as a string of calls of the push API, in any order, with any numbers. */
#include <stdlib.h>
#include <string.h>

#include "avalign/avalign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Bytes {
    const uint8_t *at;
    size_t n;
} Bytes;

static uint32_t number(Bytes *b, size_t width)
{
    uint32_t v = 0;
    size_t n = width < b->n ? width : b->n;
    memcpy(&v, b->at, n);
    b->at += n;
    b->n -= n;
    return v;
}

static int sink(void *cookie, const char *bytes, size_t n) { return (void)cookie, (void)bytes, (void)n, 0; }

static void picture(AvalignContext *c, Bytes *b)
{
    static uint8_t pixels[96 * 96 * 3 * 2];
    int w = (int)(number(b, 1) % 97), h = (int)(number(b, 1) % 97), format = (int)(number(b, 1) % 4);
    memset(pixels, (int)number(b, 1), sizeof pixels);
    AvalignImage i = { (AvalignPixelFormat)format, w, h, (int64_t)number(b, 3) * 1000, { pixels, pixels, pixels }, { w * 3, w, w }, { 0 } };
    avalign_push_video(c, &i);
}

static void sound(AvalignContext *c, Bytes *b)
{
    static float x[4096 * 3];
    float level = (float)(int16_t)number(b, 2) / 4096;
    uint32_t seed = number(b, 2);
    for (size_t i = 0; i < sizeof x / sizeof *x; i++)
        x[i] = level * ((float)((seed = seed * 1664525u + 1013904223u) >> 9) / (1 << 22) - 1);
    if (number(b, 1) == 7)
        memcpy(x, b->at, b->n < sizeof x ? b->n : sizeof x); /* NANs and the like */
    static const int rates[] = { 8000, 16000, 44100, 48000, 7999, 0 };
    AvalignPcm p = { rates[number(b, 1) % 6], (int)(number(b, 1) % 4), (int64_t)number(b, 3) * 1000, x, number(b, 2) % 4096, { 0 } };
    avalign_push_audio(c, &p);
}

static void face(AvalignContext *c, Bytes *b)
{
    static float points[AVALIGN_LANDMARKS * 3];
    for (size_t i = 0; i < sizeof points / sizeof *points; i++)
        points[i] = (float)(number(b, 1) ^ (uint32_t)i % 61);
    static const size_t counts[] = { 0, 68, AVALIGN_LANDMARKS, 5 };
    AvalignFace f = { .track_id = (int)(number(b, 1) % 3), .box = { 1, 2, (float)number(b, 1), 40 }, .n_landmarks = counts[number(b, 1) % 4],
                      .landmark_dims = 2 + number(b, 1) % 2, .landmarks = points };
    avalign_push_faces(c, (int64_t)number(b, 3) * 1000, &f, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static AvalignModels *models;
    Bytes b = { data, size };
    AvalignContext *c;
    AvalignResult *r = NULL;
    AvalignConfig cfg;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.n_threads = 1;
    if ((!models && avalign_models_load(&models, getenv("AVALIGN_MODELS"), NULL, NULL)) || avalign_open(&c, models, &cfg, NULL))
        abort();
    for (int calls = 0; b.n && calls < 64; calls++) {
        uint32_t what = number(&b, 1) % 8;
        if (what < 3)
            picture(c, &b);
        else if (what < 6)
            sound(c, &b);
        else
            face(c, &b);
    }
    if (avalign_finish(c, &r) == 0) {
        if (avalign_result_write(r, AVALIGN_JSON, sink, NULL, NULL) || avalign_result_write_page(r, NULL, sink, NULL, NULL) || avalign_result_write(r, AVALIGN_ASS, sink, NULL, NULL))
            abort();
    } else if (!*avalign_last_error(c)->message) {
        abort();
    }
    avalign_result_free(&r);
    avalign_close(&c);
    return 0;
}
