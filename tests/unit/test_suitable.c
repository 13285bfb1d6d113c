/* Whether material is fit to be judged: the reasons that analyzers share, on made-up rows. */
#include "test.h"

#include <math.h>
#include <string.h>

#include "analyze/input_quality.h"
#include "util/vec.h"

/* n rows of one face; move: how far lips and head go. */
static void face(AvaEvidence *ev, size_t n, float eye, float yaw, float move)
{
    assert_int_equal(ava_reserve(&ev->track, 1), 0);
    AvaTrackRows *t = &ev->track.at[ev->track.n++];
    memset(t, 0, sizeof *t);
    for (size_t i = 0; i < n; i++) {
        float s = sinf((float)i * .7f);
        AvaFaceRow r = { .t_us = (int64_t)i * AVA_GRID_US, .eye = eye, .yaw = yaw + 30 * move * s, .pitch = 20 * move * s,
                         .mouth_open = .1f + move * s, .mouth_width = .5f + move / 2 * s, .box = { (float)i, 0, 100, 100 } };
        assert_int_equal(ava_push(&t->row, r), 0);
    }
}

static void only_what_moves_is_a_video(void **state)
{
    (void)state;
    AvaEvidence photo = { 0 }, speaks = { 0 }, nods = { 0 }, poster = { 0 }, brief = { 0 };
    face(&photo, 50, 60, 0, .004f); /* landmarks wander a little; the box pans */
    assert_true(ava_still_image(&photo));
    face(&speaks, 50, 60, 0, .05f);
    assert_false(ava_still_image(&speaks));
    assert_null(ava_face_unfit(&speaks));
    face(&nods, 50, 60, 0, 0);
    for (size_t i = 0; i < 50; i++)
        nods.track.at[0].row.at[i].pitch = (float)(i % 10); /* listens */
    assert_false(ava_still_image(&nods));
    face(&poster, 50, 60, 0, .004f);
    face(&poster, 50, 60, 0, .05f); /* somebody before a poster */
    assert_false(ava_still_image(&poster));
    face(&brief, 20, 60, 0, 0); /* too short to say */
    assert_false(ava_still_image(&brief));
    ava_evidence_free(&photo);
    ava_evidence_free(&speaks);
    ava_evidence_free(&nods);
    ava_evidence_free(&poster);
    ava_evidence_free(&brief);
}

static void small_and_turned_faces_are_told_apart(void **state)
{
    (void)state;
    AvaEvidence none = { 0 }, small = { 0 }, turned = { 0 }, half = { 0 };
    assert_null(ava_face_unfit(&none));
    face(&small, 50, 12, 60, .1f); /* small and turned: small comes first */
    assert_string_equal(ava_face_unfit(&small), "low-resolution");
    face(&turned, 50, 60, -60, .1f);
    assert_string_equal(ava_face_unfit(&turned), "profile");
    face(&half, 30, 60, 0, .1f);
    face(&half, 29, 12, 0, .1f);
    assert_null(ava_face_unfit(&half)); /* most of what there is can be judged */
    for (size_t i = 0; i < 30; i++) /* sunglasses */
        half.track.at[0].row.at[i].dark_eyes = .9f;
    assert_string_equal(ava_face_unfit(&half), "face-covered");
    assert_null(ava_lips_unfit(&half)); /* lips are seen beneath them */
    for (size_t i = 0; i < 30; i++) /* a mask */
        half.track.at[0].row.at[i].occlusion = .9f;
    assert_string_equal(ava_lips_unfit(&half), "face-covered");
    ava_evidence_free(&small);
    ava_evidence_free(&turned);
    ava_evidence_free(&half);
}

static const char *coded(const char *codec, int64_t rate)
{
    AvaEvidence ev = { .snr_db = 30, .audio_bit_rate = rate };
    strcpy(ev.audio_codec, codec);
    return ava_voice_unfit(&ev);
}

static void bit_rates_are_held_against_their_codec(void **state)
{
    (void)state;
    assert_string_equal(coded("aac", 9000), "low-bit-rate");
    assert_null(coded("aac", 17000));
    assert_string_equal(coded("opus", 6000), "low-bit-rate");
    assert_null(coded("opus", 9000));
    assert_null(coded("aac", 0));      /* unknown */
    assert_null(coded("flac", 9000));  /* loses nothing */
    AvaEvidence noisy = { .snr_db = 1, .audio_bit_rate = 9000, .audio_codec = "aac" }, unknown = { .snr_db = NAN };
    assert_string_equal(ava_voice_unfit(&noisy), "too-noisy"); /* the first reason */
    assert_null(ava_voice_unfit(&unknown));
}

static void a_whisper_has_no_pitch(void **state)
{
    (void)state;
    AvaEvidence ev = { .snr_db = 30 };
    for (int i = 0; i < 100; i++) /* 3.2 s */
        assert_int_equal(ava_push(&ev.voiced, .9f), 0);
    assert_null(ava_voice_unfit(&ev)); /* pitch was not measured */
    for (int i = 0; i < 300; i++)
        assert_int_equal(ava_push(&ev.pitch, 0.f), 0);
    assert_string_equal(ava_voice_unfit(&ev), "whisper");
    for (size_t i = 0; i < ev.pitch.n; i += 4)
        ev.pitch.at[i] = 120;
    assert_null(ava_voice_unfit(&ev));
    ava_evidence_free(&ev);
}

/* Notes of .4 s with vibrato, a word's glide of 6 semitones a second between them: `sung` of 10 are notes. */
static const char *melody(int sung)
{
    AvaEvidence ev = { .snr_db = 30 };
    for (int i = 0; i < 400; i++)
        assert_int_equal(ava_push(&ev.voiced, .9f), 0);
    for (int i = 0; i < 1200; i++) {
        int note = i / 40 % 10 < sung;
        double s = note ? (double)(i / 40 % 5)  + .4 * sin(2 * M_PI * 5.5 * i / 100) : .06 * (i % 80);
        assert_int_equal(ava_push(&ev.pitch, (float)(150 * exp2(s / 12))), 0);
    }
    const char *r = ava_voice_unfit(&ev);
    ava_evidence_free(&ev);
    return r;
}

static void songs_hold_their_notes(void **state)
{
    (void)state;
    assert_null(melody(0));
    assert_null(melody(1));
    assert_string_equal(melody(10), "singing");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_moves_is_a_video),
        cmocka_unit_test(small_and_turned_faces_are_told_apart),
        cmocka_unit_test(a_whisper_has_no_pitch),
        cmocka_unit_test(songs_hold_their_notes),
        cmocka_unit_test(bit_rates_are_held_against_their_codec),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
