/* Whether material is fit to be judged: the reasons that analyzers share, on made-up rows. */
#include "test.h"

#include <math.h>
#include <string.h>

#include "analyze/background.h"
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

/* ---- where the lines lie (docs/reasons.md) ---------------------------------------------- */

/* On a photograph spread from the 5th to the 95th of a hundred stays under .02 of the eyes' distance and 1.5 degrees. */
static void a_photograph_wanders_so_far(void **state)
{
    (void)state;
    static const float most[4] = { .02f, .02f, 1.5f, 1.5f };
    for (int k = 0; k < 4; k++)
        for (int over = 0; over < 2; over++) {
            AvaEvidence ev = { 0 };
            face(&ev, 60, 60, 0, 0);
            for (int i = 0; i < 60; i++) {
                AvaFaceRow *r = &ev.track.at[0].row.at[i];
                float *v = k == 0 ? &r->mouth_open : k == 1 ? &r->mouth_width : k == 2 ? &r->yaw : &r->pitch;
                *v += i < 3 ? 9 : i >= 57 ? -9 : i % 2 * most[k] * (over ? 1.05f : .95f); /* one in twenty at each end does not count */
            }
            assert_int_equal(ava_still_image(&ev), !over);
            ava_evidence_free(&ev);
        }
    AvaEvidence second = { 0 };
    face(&second, 25, 60, 0, 0);
    assert_true(ava_still_image(&second));
    second.track.at[0].row.n = 24;
    assert_false(ava_still_image(&second));
    ava_evidence_free(&second);
}

static const char *one_face(float eye, float yaw, float covered, float dark, int other)
{
    AvaEvidence ev = { 0 };
    face(&ev, 50, 60, 0, .1f);
    for (int i = 0; i < 50; i++) {
        AvaFaceRow *r = &ev.track.at[0].row.at[i];
        r->yaw = 0;
        if (i < other)
            r->eye = eye, r->yaw = yaw, r->occlusion = covered, r->dark_eyes = dark;
    }
    const char *why = ava_face_unfit(&ev);
    ava_evidence_free(&ev);
    return why;
}

static void what_a_face_must_be(void **state)
{
    (void)state;
    assert_string_equal(one_face(23.5f, 0, 0, 0, 50), "low-resolution");
    assert_null(one_face(24, 0, 0, 0, 50));
    assert_string_equal(one_face(60, 40.5f, 0, 0, 50), "profile");
    assert_string_equal(one_face(60, -40.5f, 0, 0, 50), "profile");
    assert_null(one_face(60, 40, 0, 0, 50));
    assert_string_equal(one_face(60, 0, .61f, 0, 50), "face-covered");
    assert_null(one_face(60, 0, .59f, 0, 50));
    assert_string_equal(one_face(60, 0, 0, .71f, 50), "face-covered");
    assert_null(one_face(60, 0, 0, .69f, 50));
    assert_string_equal(one_face(12, 0, 0, 0, 25), "low-resolution"); /* half of what is seen */
    assert_null(one_face(12, 0, 0, 0, 24));
    assert_null(one_face(0, 90, 1, 1, 50)); /* nothing was seen of it */
}

static void lines_of_codecs(void **state)
{
    (void)state;
    static const struct { const char *codec; int64_t least; } like[] = { { "aac", 14000 }, { "mp3", 14000 }, { "mp2", 14000 }, { "vorbis", 14000 },
        { "ac3", 14000 }, { "eac3", 14000 }, { "wmav1", 14000 }, { "wmav2", 14000 }, { "opus", 8000 } };
    for (size_t i = 0; i < sizeof like / sizeof *like; i++) {
        assert_string_equal(coded(like[i].codec, like[i].least - 1), "low-bit-rate");
        assert_null(coded(like[i].codec, like[i].least));
    }
    AvaEvidence ev = { .snr_db = 2.9 };
    assert_string_equal(ava_voice_unfit(&ev), "too-noisy");
    ev.snr_db = 3.1;
    assert_null(ava_voice_unfit(&ev));
}

/* Speech of 8 s that begins 1 s before the clock, `pitched` of 100 pitch values of it with a pitch; n values of them. */
static const char *with_pitch(int pitched, int n)
{
    AvaEvidence ev = { .snr_db = 30, .sound_t0_us = -1000000 };
    for (int i = 0; i < 250; i++)
        assert_int_equal(ava_push(&ev.voiced, i < 200 ? .9f : .5f), 0); /* .5 is no speech */
    for (int i = 0; i < n; i++)
        assert_int_equal(ava_push(&ev.pitch, i < 638 ? (i * 37 % 100 < pitched ? 100.f + (float)(i * 13 % 60) : 0) : 0), 0);
    const char *why = ava_voice_unfit(&ev);
    ava_evidence_free(&ev);
    return why;
}

static void lines_of_whisper(void **state)
{
    (void)state;
    assert_string_equal(with_pitch(14, 800), "whisper");
    assert_null(with_pitch(16, 800));
    assert_null(with_pitch(0, 100)); /* too little to say */
    assert_string_equal(with_pitch(0, 105), "whisper");
}

/* A glide all the way, so many semitones a second, but for notes: a step of .19 semitones within 80 ms is held, .21 is not. */
static double glide(double a_second)
{
    AvaEvidence ev = { .snr_db = 30 };
    for (int i = 0; i < 400; i++)
        assert_int_equal(ava_push(&ev.voiced, .9f), 0);
    for (int i = 0; i < 1200; i++)
        assert_int_equal(ava_push(&ev.pitch, (float)(100 * exp2(a_second * (i % 600) / 1200))), 0);
    double held = ava_share_held(&ev);
    ava_evidence_free(&ev);
    return held;
}

static void lines_of_song(void **state)
{
    (void)state;
    double slow = glide(.19 / .08), quick = glide(.21 / .08);
    print_message("held: %.3f, %.3f\n", slow, quick);
    assert_float_equal(slow, 2 * (600 - 33) / 1200., .01); /* but for the last third of a second of each, and over the fall between the two */
    assert_true(quick == 0);
}

static void background_counts_where_somebody_speaks(void **state)
{
    (void)state;
    AvaEvidence ev = { .snr_db = 30 };
    ev.calibration.background.music_at = 1;
    ev.calibration.background.voices_at = 2;
    for (int i = 0; i < 400; i++) /* four stretches of 100: full of speech, 31 of it, 29 of it, full */
        assert_int_equal(ava_push(&ev.voiced, i % 100 < (i < 100 ? 100 : i < 200 ? 31 : i < 300 ? 29 : 100) ? .9f : .5f), 0);
    static const float music[4] = { 1.1f, .9f, 9, .9f }, voices[4] = { 1.9f, 2.1f, 9, 2.1f };
    for (int k = 0; k < 4; k++) {
        AvaBackground b = { .start_us = k * 100 * AVA_VAD_US, .end_us = (k + 1) * 100 * AVA_VAD_US, .music = music[k], .voices = voices[k] };
        assert_int_equal(ava_push(&ev.background, b), 0);
    }
    AvaBackgroundShares s = ava_background_shares(&ev);
    assert_float_equal(s.music, 100 / 231., 1e-9);
    assert_float_equal(s.voices, 131 / 231., 1e-9);
    assert_false(s.more_music);
    assert_string_equal(ava_background_absent(&ev), "overlap");
    ev.background.at[1].music = ev.background.at[3].music = 4; /* now music all the way, and it stands out more */
    assert_string_equal(ava_background_absent(&ev), "music");
    ev.background.at[1].voices = ev.background.at[3].voices = 6;
    assert_string_equal(ava_background_absent(&ev), "overlap");
    ev.background.at[1].voices = ev.background.at[3].voices = -6;
    ev.background.at[1].music = ev.background.at[3].music = -4;
    assert_null(ava_background_absent(&ev));
    ev.calibration.background.music_at = NAN; /* a net without its calibration says nothing */
    assert_true(isnan(ava_background_shares(&ev).music));
    ava_evidence_free(&ev);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_moves_is_a_video),
        cmocka_unit_test(small_and_turned_faces_are_told_apart),
        cmocka_unit_test(a_whisper_has_no_pitch),
        cmocka_unit_test(songs_hold_their_notes),
        cmocka_unit_test(bit_rates_are_held_against_their_codec),
        cmocka_unit_test(a_photograph_wanders_so_far),
        cmocka_unit_test(what_a_face_must_be),
        cmocka_unit_test(lines_of_codecs),
        cmocka_unit_test(lines_of_whisper),
        cmocka_unit_test(lines_of_song),
        cmocka_unit_test(background_counts_where_somebody_speaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
