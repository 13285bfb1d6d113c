/* Music and other voices: windows of the stream, shares of the speech, and what follows from them. */
#include "test.h"
#include "calibration.h"

#include <math.h>

#include "analyze/background.h"
#include "util/err.h"

static AvalignModels *models;

static int load(void **state)
{
    (void)state;
    AvalignErrorInfo e;
    return avalign_models_load(&models, getenv("AVALIGN_TINY"), NULL, &e);
}

static int unload(void **state) { (void)state; avalign_models_free(&models); return 0; }

static int keep(void *cookie, const AvaBackground *b, size_t n)
{
    AvaEvidence *ev = cookie;
    return ava_append(&ev->background, b, n);
}

/* The tiny net: music where a window's first samples are above zero, voices where below. */
static void hear(AvaEvidence *ev, float first, size_t seconds, size_t step)
{
    AvaBackgroundNet *net;
    AvalignErrorInfo e;
    static float pcm[16000 * 20];
    ava_err_clear(&e);
    for (size_t i = 0; i < seconds * 16000; i++)
        pcm[i] = first;
    assert_int_equal(ava_background_open(&net, models, keep, ev, &e), 0);
    for (size_t i = 0; i < seconds * 16000; i += step)
        assert_int_equal(ava_background_push(net, pcm + i, step < seconds * 16000 - i ? step : seconds * 16000 - i, &e), 0);
    assert_int_equal(ava_background_flush(net, &e), 0);
    ava_background_close(&net);
}

static void speech(AvaEvidence *ev, size_t seconds, float p)
{
    for (size_t i = 0; i < seconds * 1000000 / AVA_VAD_US; i++)
        assert_int_equal(ava_push(&ev->voiced, p), 0);
}

static void windows_overlap_and_cover_the_end(void **state)
{
    (void)state;
    AvaEvidence ev = { 0 };
    hear(&ev, .1f, 10, 777);
    assert_int_equal(ev.background.n, 6); /* at 0, 1.5, 3, 4.5, 6 s, and the rest from 7.5 s */
    assert_int_equal(ev.background.at[1].start_us, 1500000);
    assert_int_equal(ev.background.at[5].end_us, 10000000);
    assert_true(ev.background.at[0].music > 0 && ev.background.at[0].voices < 0);
    ava_evidence_free(&ev);
    AvaEvidence at_once = { 0 }, brief = { 0 }, silent = { 0 };
    hear(&at_once, .1f, 10, 160000);
    assert_int_equal(at_once.background.n, 6); /* however it is cut */
    hear(&brief, .1f, 2, 1000);
    assert_int_equal(brief.background.n, 1);
    hear(&silent, 0, 10, 1000);
    assert_int_equal(silent.background.n, 0);
    ava_evidence_free(&at_once);
    ava_evidence_free(&brief);
    ava_evidence_free(&silent);
}

static void half_of_the_speech_decides(void **state)
{
    (void)state;
    AvaEvidence blank = { .calibration = *test_calibration() }, none = blank, music = blank, voices = blank, later = blank;
    assert_null(ava_background_absent(&none)); /* no net, no reason */
    assert_true(isnan(ava_background_shares(&none).music));
    hear(&music, .1f, 9, 16000);
    speech(&music, 9, .9f);
    assert_string_equal(ava_background_absent(&music), "music");
    assert_true(ava_background_shares(&music).music == 1 && ava_background_shares(&music).voices == 0);
    hear(&voices, -.1f, 9, 16000);
    speech(&voices, 9, .9f);
    assert_string_equal(ava_background_absent(&voices), "overlap");
    hear(&later, .1f, 9, 16000); /* where nobody speaks it does not matter */
    speech(&later, 9, .1f);
    assert_null(ava_background_absent(&later));
    music.calibration.background.music_at = NAN; /* a net without calibration says nothing */
    assert_null(ava_background_absent(&music));
    ava_evidence_free(&music);
    ava_evidence_free(&voices);
    ava_evidence_free(&later);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(windows_overlap_and_cover_the_end), cmocka_unit_test(half_of_the_speech_decides) };
    return cmocka_run_group_tests(tests, load, unload);
}
