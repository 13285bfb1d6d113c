/* Finders in the history of a file: earlier grids of frames and what the container says, just under and just over their lines. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "analyze/forensics/artifact_finders.h"

static AvaArtifactList found;

/* A grid seen in n places, a second apart: `here` deviations up to the place `at`, `after` from there on. */
static AvaGrid *grid(AvaEvidence *ev, const AvaCoderLines *coder, int offset, int n, int at, float here, float after)
{
    AvaGrid *g = &ev->grid[ev->n_grids++];
    *g = (AvaGrid){ .coder = coder, .offset = offset, .strength = 10, .n = (size_t)n };
    for (int i = 0; i < n; i++) {
        g->at[i] = i * 48000;
        g->here[i] = i < at ? here : after;
    }
    return g;
}

static double coding(AvaEvidence *ev)
{
    ev->sound_t0_us = 20000;
    ev->sound_us = 30000000;
    ev->sample_rate = 48000;
    found.n = 0;
    assert_int_equal(ava_artifact_coding(ev, &found), 0);
    return found.n == 1 ? found.at[0].score : found.n ? 9 : -1;
}

static void between_places(int at)
{
    assert_string_equal(found.at[0].kind, "splice");
    assert_int_equal(found.at[0].start_us, 20000 + (at - 1) * 1000000);
    assert_int_equal(found.at[0].end_us, 20000 + at * 1000000);
}

/* The stream's own frames are no history: within two samples of where its decoder begins them. */
static void own_frames(void **state)
{
    (void)state;
    for (int off = -3; off <= 3; off++) {
        AvaEvidence ev = { .first_frames = 700, .audio_codec = "aac" };
        grid(&ev, &ava_aac_lines, (700 + off) % 128, 20, 20, 3, 3);
        assert_int_equal(ava_own_grid(&ev, 0), abs(off) <= 2);
        assert_float_equal(coding(&ev), abs(off) <= 2 ? -1 : .1, 1e-9);
        strcpy(ev.audio_codec, "mp3");
        assert_false(ava_own_grid(&ev, 0));
    }
    AvaEvidence ev = { .first_frames = 100, .audio_codec = "mp3" };
    grid(&ev, &ava_mp3_lines, (100 + ava_mp3_lines.behind) % ava_mp3_lines.period, 20, 20, 3, 3);
    assert_true(ava_own_grid(&ev, 0));
}

static void one_grid_gives_way_to_another(void **state)
{
    (void)state;
    AvaEvidence ev = { 0 };
    grid(&ev, &ava_aac_lines, 100, 20, 12, 3, 1);
    grid(&ev, &ava_aac_lines, 400, 20, 12, 1, 3);
    assert_float_equal(coding(&ev), .7, 1e-9);
    between_places(12);
    assert_non_null(strstr(found.at[0].evidence, "AAC encoding jump by 300 samples"));
    for (int i = 0; i < 20; i++)
        ev.grid[1].here[i] = i < 12 ? 2.1f : 3; /* less than a deviation apart before */
    assert_float_equal(coding(&ev), .1, 1e-9);
    for (int i = 0; i < 20; i++)
        ev.grid[1].here[i] = i < 12 ? 1.9f : 3;
    assert_float_equal(coding(&ev), .7, 1e-9);
    ev.grid[1].offset = 50;
    coding(&ev);
    assert_non_null(strstr(found.at[0].evidence, "jump by 974 samples"));
}

static void a_grid_in_one_part(void **state)
{
    (void)state;
    static const struct { int n, at; float here, after; double score; } like[] = {
        { 20, 6, 4, .3f, .45 }, { 20, 3, 4, .3f, .1 },        /* six places on either side */
        { 20, 14, 4, .3f, .45 }, { 20, 17, 4, .3f, .1 },
        { 20, 10, 4, .5f, .1 }, { 20, 10, .3f, 4, .45 },      /* no more than .4 where it is not */
        { 20, 10, 2.6f, .3f, .45 }, { 20, 10, 2.5f, .3f, .1 } /* five standard errors: apart by 2.236 */
    };
    for (size_t i = 0; i < sizeof like / sizeof *like; i++) {
        AvaEvidence ev = { 0 };
        grid(&ev, &ava_mp3_lines, 9, like[i].n, like[i].at, like[i].here, like[i].after);
        print_message("case %zu\n", i);
        assert_float_equal(coding(&ev), like[i].score, 1e-9);
        if (like[i].score > .4)
            between_places(like[i].at);
        else
            assert_non_null(strstr(found.at[0].evidence, "speech synthesis service"));
    }
}

static double container(const char *device, const char *writer, int64_t a, int64_t b, int earlier)
{
    AvaEvidence ev = { .created_s = { a, b } };
    snprintf(ev.device, sizeof ev.device, "%s", device);
    snprintf(ev.writer, sizeof ev.writer, "%s", writer);
    if (earlier)
        grid(&ev, &ava_aac_lines, 9, 20, 20, 3, 3);
    found.n = 0;
    assert_int_equal(ava_artifact_container(&ev, &found), 0);
    assert_true(found.n <= 1);
    return found.n ? found.at[0].score : -1;
}

static void what_the_container_says(void **state)
{
    (void)state;
    assert_float_equal(container("", "Lavf", 0, 0, 1), -1, 1e-9);
    assert_float_equal(container("Acme One", "Acme 1.2", 0, 0, 1), .3, 1e-9);
    assert_float_equal(container("Acme One", "Acme 1.2", 0, 0, 0), -1, 1e-9); /* its own program */
    assert_float_equal(container("Acme One", "Lavf", 0, 0, 0), .1, 1e-9);
    assert_float_equal(container("Acme One", "", 0, 0, 0), -1, 1e-9);
    assert_float_equal(container("", "", 100, 111, 0), .3, 1e-9);
    assert_non_null(strstr(found.at[0].evidence, "11 s apart"));
    assert_float_equal(container("", "", 100, 110, 0), -1, 1e-9);
    assert_float_equal(container("", "", 111, 100, 0), .3, 1e-9);
    assert_non_null(strstr(found.at[0].evidence, "11 s apart"));
    assert_float_equal(container("", "", 110, 100, 0), -1, 1e-9);
    assert_float_equal(container("", "", 0, 111, 0), -1, 1e-9); /* a clock that was never set */
    assert_float_equal(container("", "", 111, 0, 0), -1, 1e-9);
}

static int teardown(void **state) { (void)state; ava_vec_free(&found); return 0; }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_frames), cmocka_unit_test(one_grid_gives_way_to_another), cmocka_unit_test(a_grid_in_one_part), cmocka_unit_test(what_the_container_says),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
