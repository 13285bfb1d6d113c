/* The whole pipeline on tiny nets (tests/tiny): a grey picture whose brightness is the mouth, noise whose loudness
 * is the voice. Sound moved by k frames moves the envelope's offset by k frames, whatever the layout and rate. */
#include "test.h"
#include "collect.h"

#include <math.h>
#include <stdio.h>

#include <jansson.h>

#include "avalign/avalign.h"

static AvalignModels *models;

static int load(void **state)
{
    (void)state;
    AvalignErrorInfo e;
    int rc = avalign_models_load(&models, getenv("AVALIGN_TINY"), NULL, &e);
    if (rc)
        print_error("%s\n", e.message);
    return rc;
}

static int unload(void **state) { (void)state; avalign_models_free(&models); return 0; }

static double level(double t)
{
    return sin(2 * 3.14159265 * 2.9 * t) + .8 * sin(2 * 3.14159265 * 4.3 * t + 1) + .6 * sin(2 * 3.14159265 * 1.7 * t + 2);
}

enum { SIDE = 256, SECONDS = 8 };

/* Pushes SECONDS of it; the offset by the envelope, and the number of tracks. */
static double run(AvalignPixelFormat format, double fps, int rate, int channels, double late_ms, size_t *n_tracks)
{
    static uint8_t px[SIDE * SIDE * 3];
    static float pcm[192000 / 10 * 8];
    AvalignContext *c;
    AvalignResult *r;
    uint32_t seed = 3;
    assert_int_equal(avalign_open(&c, models, NULL, NULL), 0);
    for (int i = 0; i < SECONDS * fps; i++) {
        double t = i / fps;
        memset(px, 128, sizeof px);
        memset(px, (int)(100 + 25 * level(t)), format == AVALIGN_PIX_I420 ? SIDE * SIDE : sizeof px);
        AvalignImage im = { format, SIDE, SIDE, (int64_t)(t * 1e6), { px, px + SIDE * SIDE, px + SIDE * SIDE * 5 / 4 },
                            { format == AVALIGN_PIX_RGB24 ? SIDE * 3 : SIDE, SIDE / 2, SIDE / 2 }, { 0 } };
        assert_int_equal(avalign_push_video(c, &im), 0);
    }
    for (int b = 0; b < SECONDS * 10; b++) {
        int n = rate / 10;
        for (int i = 0; i < n; i++) {
            seed = seed * 1664525 + 1013904223;
            double t = b * .1 + (double)i / rate;
            float v = (float)(.05 * exp(level(t)) * ((double)seed / 2147483648.0 - 1));
            for (int k = 0; k < channels; k++)
                pcm[i * channels + k] = v;
        }
        AvalignPcm s = { rate, channels, (int64_t)(b * 1e5 + late_ms * 1000), pcm, (size_t)n, { 0 } };
        assert_int_equal(avalign_push_audio(c, &s), 0);
    }
    assert_int_equal(avalign_finish(c, &r), 0);
    char *text = NULL;
    assert_int_equal(avalign_result_write(r, AVALIGN_JSON, collect, &text, NULL), 0);
    json_t *j = json_loads(text, 0, NULL);
    assert_non_null(j);
    json_t *env = json_object_get(json_object_get(json_object_get(j, "signals"), "lipsync"), "envelope");
    double ms = json_number_value(json_object_get(env, "offset_ms"));
    if (!json_object_get(env, "offset_ms"))
        print_error("%.3500s\n", text);
    assert_non_null(json_object_get(env, "offset_ms"));
    *n_tracks = avalign_result_n_tracks(r);
    json_decref(j);
    free(text);
    avalign_result_free(&r);
    avalign_close(&c);
    return ms;
}

static void moved_sound_moves_the_offset(void **state)
{
    (void)state;
    size_t tracks;
    double zero = run(AVALIGN_PIX_GRAY8, 25, 16000, 1, 0, &tracks);
    assert_int_equal(tracks, 1);
    print_message("zero: %+.1f ms\n", zero);
    assert_true(fabs(zero) < 30);
    for (int k = -8; k <= 8; k += 4) {
        double ms = run(AVALIGN_PIX_GRAY8, 25, 16000, 1, -40. * k, &tracks);
        print_message("sound %d frames early: %+.1f ms\n", k, ms);
        assert_true(fabs(ms - zero - 40. * k) < 6);
    }
}

static void layout_rate_and_channels_do_not_matter(void **state)
{
    (void)state;
    size_t tracks;
    double zero = run(AVALIGN_PIX_GRAY8, 25, 16000, 1, 0, &tracks);
    static const struct { AvalignPixelFormat f; double fps; int rate, channels; } ways[] = {
        { AVALIGN_PIX_RGB24, 25, 16000, 1 }, { AVALIGN_PIX_I420, 25, 44100, 2 }, { AVALIGN_PIX_GRAY8, 30, 8000, 1 },
        { AVALIGN_PIX_GRAY8, 60, 48000, 8 }, { AVALIGN_PIX_GRAY8, 23.976, 192000, 2 },
    };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        double ms = run(ways[i].f, ways[i].fps, ways[i].rate, ways[i].channels, 0, &tracks);
        print_message("%d %.3f fps, %d Hz, %d channels: %+.1f ms\n", ways[i].f, ways[i].fps, ways[i].rate, ways[i].channels, ms);
        assert_true(fabs(ms - zero) < 12);
        assert_int_equal(tracks, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(moved_sound_moves_the_offset),
                                        cmocka_unit_test(layout_rate_and_channels_do_not_matter) };
    return cmocka_run_group_tests(tests, load, unload);
}
