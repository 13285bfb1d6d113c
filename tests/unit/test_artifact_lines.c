/* Finders of edits on made-up series, just under and just over the lines that they draw. */
#include "test.h"

#include <math.h>
#include <string.h>

#include "analyze/forensics/artifact_finders.h"

static AvaArtifactList found;

/* n frames of 10 ms. */
static void frames(AvaEvidence *ev, int n, float level_db, float zeros)
{
    for (int i = 0; i < n; i++) {
        AvaNativeFrame f = { .level_db = level_db, .zeros = zeros, .correlation = NAN };
        assert_int_equal(ava_push(&ev->native, f), 0);
    }
}

/* The silence between `before` and `after`, in a sound whose room lies at `room`; its score, -1: none was found. */
static double zeros_between(int n, float zeros, float before, float after, float room, int64_t gap_us)
{
    AvaEvidence ev = { .sound_t0_us = 50000, .gap_us = gap_us };
    frames(&ev, 30, -120, 1); /* at the ends it is no edit */
    frames(&ev, 200, room, 0);
    frames(&ev, 5, before, 0);
    frames(&ev, n, -120, zeros);
    frames(&ev, 5, after, 0);
    frames(&ev, 30, -120, 1);
    found.n = 0;
    assert_int_equal(ava_artifact_silence(&ev, &found), 0);
    ava_evidence_free(&ev);
    assert_true(found.n <= 1);
    if (found.n) {
        assert_string_equal(found.at[0].kind, "silence");
        assert_int_equal(found.at[0].start_us, 50000 + 235 * 10000);
        assert_int_equal(found.at[0].end_us, 50000 + (235 + n) * 10000);
    }
    return found.n ? found.at[0].score : -1;
}

static void silence_that_no_room_has(void **state)
{
    (void)state;
    assert_float_equal(zeros_between(6, 1, -40, -40, -60, 0), .6, 1e-9);
    assert_float_equal(zeros_between(5, 1, -40, -40, -60, 0), -1, 1e-9);     /* too brief */
    assert_float_equal(zeros_between(6, .98f, -40, -40, -60, 0), -1, 1e-9);  /* a few samples are not zero */
    assert_float_equal(zeros_between(6, 1, -76, -40, -74, 0), .4, 1e-9);     /* it fades out */
    assert_float_equal(zeros_between(6, 1, -40, -76, -74, 0), .4, 1e-9);
    assert_float_equal(zeros_between(6, 1, -74, -74, -74, 0), .6, 1e-9);
    assert_float_equal(zeros_between(6, 1, -40, -40, -76, 0), -1, 1e-9);     /* no room is heard elsewhere either */
    assert_float_equal(zeros_between(6, 1, -40, -40, -60, 1), .4, 1e-9);     /* a stream that has lost sound */
    assert_float_equal(zeros_between(99, 1, -40, -40, -80, 0), -1, 1e-9);
}

static void a_gate_is_named(void **state)
{
    (void)state;
    for (int n = 100; n < 102; n++) { /* a second of pauses in all */
        AvaEvidence ev = { 0 };
        frames(&ev, 150, -90, 0);
        frames(&ev, 50, -120, 1);
        frames(&ev, 10, -40, 0);
        frames(&ev, n - 50, -120, 1);
        frames(&ev, 50, -40, 0);
        found.n = 0;
        assert_int_equal(ava_artifact_silence(&ev, &found), 0);
        assert_int_equal(found.n, n > 100);
        if (found.n) {
            assert_float_equal(found.at[0].score, .2, 1e-9);
            assert_true(found.at[0].start_us == 0 && found.at[0].end_us == (int64_t)ev.native.n * 10000);
            assert_non_null(strstr(found.at[0].evidence, "1.0 s"));
        }
        ava_evidence_free(&ev);
    }
}

static void a_hole_of_the_stream_says_little(void **state)
{
    (void)state;
    AvaEvidence ev = { 0 };
    frames(&ev, 200, -60, 0);
    frames(&ev, 20, -120, 1);
    frames(&ev, 50, -40, 0);
    assert_int_equal(ava_add_gap(&ev, 2000000, 2200000), 0);
    found.n = 0;
    assert_int_equal(ava_artifact_silence(&ev, &found), 0);
    assert_int_equal(found.n, 1);
    assert_float_equal(found.at[0].score, .3, 1e-9);
    ava_evidence_free(&ev);
}

/* Seconds of sound whose spectrum ends at so many Hz in a step of so many dB. */
static void seconds(AvaEvidence *ev, int n, float hz, float step_db, float level_db)
{
    for (int i = 0; i < n; i++) {
        AvaBand b = { .cutoff_hz = hz, .step_db = step_db, .level_db = level_db };
        assert_int_equal(ava_push(&ev->band, b), 0);
    }
    while (ev->voiced.n * (size_t)AVA_VAD_US < (ev->band.n + 1) * 1000000)
        assert_int_equal(ava_push(&ev->voiced, .9f), 0);
}

static double part_at(int n, float hz, float step_db, float other_hz, float level_db)
{
    AvaEvidence ev = { .sample_rate = 48000, .sound_t0_us = 0 };
    seconds(&ev, 8, 15000, 40, -30);
    seconds(&ev, 1, hz, step_db, level_db);
    seconds(&ev, n - 1, other_hz, step_db, level_db);
    seconds(&ev, 8, 15000, 40, -30);
    found.n = 0;
    assert_int_equal(ava_artifact_bandwidth(&ev, &found), 0);
    ava_evidence_free(&ev);
    for (size_t i = 0; i < found.n; i++)
        if (!strcmp(found.at[i].kind, "compression")) {
            assert_true(found.at[i].start_us == 8000000 && found.at[i].end_us == (8 + n) * 1000000LL);
            if (n == 2 && hz == 8900 && other_hz == hz)
                assert_string_equal(found.at[i].evidence, "the spectrum ends at 8.9 kHz from 8 to 10 s and at 15.0 kHz elsewhere: this part came another way");
            return found.at[i].score;
        }
    return -1;
}

static void a_part_that_came_another_way(void **state)
{
    (void)state;
    assert_float_equal(part_at(2, 8900, 31, 8900, -30), .55, 1e-9);
    assert_float_equal(part_at(1, 8900, 31, 8900, -30), -1, 1e-9);   /* one second is none */
    assert_float_equal(part_at(2, 9100, 31, 9100, -30), -1, 1e-9);   /* over .6 of the usual */
    assert_float_equal(part_at(2, 8900, 29, 8900, -30), -1, 1e-9);   /* no clear step */
    assert_float_equal(part_at(2, 7000, 31, 8700, -30), .55, 1e-9);  /* much the same in both */
    assert_float_equal(part_at(2, 7000, 31, 8800, -30), -1, 1e-9);
    assert_float_equal(part_at(2, 8900, 31, 8900, -46), -1, 1e-9);   /* too soft to say */
    assert_float_equal(part_at(2, 8900, 31, 8900, -44), .55, 1e-9);
}

/* Stored at `rate`, all of it ends at hz; 10 seconds of which so many have a step. */
static int once_sampled(int rate, float hz, float step_db, int with_step)
{
    AvaEvidence ev = { .sample_rate = rate };
    seconds(&ev, with_step, hz, step_db, -30);
    seconds(&ev, 10 - with_step, hz, 0, -30);
    found.n = 0;
    assert_int_equal(ava_artifact_bandwidth(&ev, &found), 0);
    ava_evidence_free(&ev);
    for (size_t i = 0; i < found.n; i++)
        assert_true(!strcmp(found.at[i].kind, "resampling") && found.at[i].score == .2);
    return (int)found.n;
}

static void sampled_anew(void **state)
{
    (void)state;
    static const float rates[] = { 8000, 11025, 16000, 22050, 24000 };
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        assert_int_equal(once_sampled(96000, rates[i] / 2 * .95f, 40, 10), i == 4 ? 2 : 1); /* 22.05 kHz too */
        assert_int_equal(once_sampled(96000, rates[i] / 2 * .93f, 40, 10), i == 4 ? 1 : 0);
        assert_int_equal(once_sampled(96000, rates[i] / 2 * 1.085f, 40, 10), i == 3 ? 2 : 1); /* what ends at 12 kHz may have been at 22.05 or 24 */
        assert_int_equal(once_sampled((int)rates[i], rates[i] / 2, 40, 10), 0); /* it ends where it must */
    }
    assert_int_equal(once_sampled(48000, 4000, 40, 10), 1);
    assert_string_equal(found.at[0].evidence, "stored at 48.0 kHz but nothing is heard over 4.0 kHz: it once was sampled at 8.0 kHz, or a codec cut it there");
    assert_int_equal(once_sampled(19900, 8000, 40, 10), 0); /* from a quarter more on */
    assert_int_equal(once_sampled(20100, 8000, 40, 10), 1);
    assert_int_equal(once_sampled(48000, 8000, 26, 7), 1);
    assert_int_equal(once_sampled(48000, 8000, 26, 6), 0);
    assert_int_equal(once_sampled(48000, 8000, 24, 10), 0);
}

/* Hum of one line with a wander of `rough` radians, whose phase jumps by so many degrees at block `at`; its score, -1: none. */
static double jump(int n, int at, double degrees, double rough, int line)
{
    AvaEvidence ev = { .sound_t0_us = 100000, .sound_us = n * 100000LL };
    uint32_t s = 5;
    for (int i = 0; i < n; i++) {
        AvaEnf b = { { 0 }, { 0 } };
        for (int k = 0; k < AVA_ENF_LINES; k++) { /* the other lines are noise */
            s = s * 1664525 + 1013904223;
            double u = (double)s / 2147483648.0 - 1, phase = k == line ? .3 * i + rough * u + (i >= at ? degrees * M_PI / 180 : 0) : 3.1 * u;
            b.re[k] = (float)(.01 * cos(phase));
            b.im[k] = (float)(.01 * sin(phase));
        }
        assert_int_equal(ava_push(&ev.enf, b), 0);
    }
    found.n = 0;
    assert_int_equal(ava_artifact_hum(&ev, &found), 0);
    ava_evidence_free(&ev);
    assert_true(found.n <= 1);
    if (found.n) {
        print_message("%s\n", found.at[0].evidence);
        assert_string_equal(found.at[0].kind, "splice");
        assert_int_equal(found.at[0].start_us, 100000 + at * 100000LL);
        assert_int_equal(found.at[0].end_us, 100000 + at * 100000LL);
    }
    return found.n ? found.at[0].score : -1;
}

static void hum_jumps(void **state)
{
    (void)state;
    assert_float_equal(jump(600, 300, 60, .01, 0), .55, 1e-9);
    assert_non_null(strstr(found.at[0].evidence, "the 50 Hz hum of the mains jumps by 59 degrees"));
    assert_float_equal(jump(600, 300, -60, .01, 3), .55, 1e-9);
    assert_non_null(strstr(found.at[0].evidence, "the 120 Hz hum of the mains jumps by -59 degrees"));
    assert_float_equal(jump(60, 30, 0, .01, 0), -1, 1e-9);
    assert_float_equal(jump(600, 300, 25, .001, 0), -1, 1e-9); /* under 25 degrees nothing is believed */
    assert_float_equal(jump(600, 300, 26, .001, 0), .55, 1e-9);
    assert_float_equal(jump(29, 15, 90, .001, 0), -1, 1e-9); /* three seconds at the least */
    assert_float_equal(jump(30, 15, 90, .001, 0), .55, 1e-9);
    assert_float_equal(jump(60, 4, 90, .001, 0), -1, 1e-9);  /* five blocks on either side */
    assert_float_equal(jump(60, 5, 90, .001, 0), .55, 1e-9);
    assert_float_equal(jump(60, 30, 90, 2, 0), -1, 1e-9);    /* a hum that wanders is none */
}

/* ---- two channels -------------------------------------------------------------------------- */

static void stereo(AvaEvidence *ev, int n, float correlation, float level_db)
{
    for (int i = 0; i < n; i++) {
        AvaNativeFrame f = { .level_db = level_db, .correlation = correlation };
        assert_int_equal(ava_push(&ev->native, f), 0);
    }
}

/* A stretch of n frames at that correlation with a pause in it, among 400 that are alike; the score, -1: none. */
static double turned(int n, float correlation, float pause_db)
{
    AvaEvidence ev = { .sound_us = 1 };
    stereo(&ev, 200, .9f, -30);
    stereo(&ev, n / 2, correlation, -30);
    stereo(&ev, 10, .1f, pause_db);
    stereo(&ev, n - n / 2, correlation, -30);
    stereo(&ev, 200, .9f, -30);
    found.n = 0;
    assert_int_equal(ava_artifact_phase(&ev, &found), 0);
    ava_evidence_free(&ev);
    if (found.n == 1)
        assert_true(found.at[0].start_us == 2000000 && found.at[0].end_us == (210 + n) * 10000);
    return found.n == 1 ? found.at[0].score : -1;
}

static void polarity(void **state)
{
    (void)state;
    assert_float_equal(turned(50, -.71f, -51), .6, 1e-9);
    assert_float_equal(turned(49, -.71f, -51), -1, 1e-9);
    assert_float_equal(turned(50, -.69f, -51), -1, 1e-9);
    assert_float_equal(turned(50, -.71f, -49), -1, 1e-9); /* heard and not turned: two brief stretches */
    for (int n = 0; n < 2; n++) { /* more than .8 of it: a cable */
        AvaEvidence ev = { .sound_t0_us = 7, .sound_us = 70 };
        stereo(&ev, 81 - 2 * n, -.9f, -30);
        stereo(&ev, 19 + 2 * n, .9f, -30);
        stereo(&ev, 50, .9f, -51); /* what is not heard does not count */
        found.n = 0;
        assert_int_equal(ava_artifact_phase(&ev, &found), 0);
        assert_int_equal(found.n, 1);
        assert_float_equal(found.at[0].score, n ? .6 : .3, 1e-9);
        assert_int_equal(found.at[0].start_us, 7);
        ava_evidence_free(&ev);
    }
}

static void delays(AvaEvidence *ev, int n, float ms, float match, float same)
{
    for (int i = 0; i < n; i++) {
        AvaChannelDelay d = { .ms = ms, .match = match, .same = same };
        assert_int_equal(ava_push(&ev->delay, d), 0);
    }
}

/* Seconds at one delay, then at another; the score of what is found, -1: nothing. */
static double delayed(int n, float a, float b, float match)
{
    AvaEvidence ev = { .sound_us = 1 };
    delays(&ev, n, a, match, 0);
    delays(&ev, 2, 9, 0, 0); /* silence in between */
    delays(&ev, n, b, match, 0);
    found.n = 0;
    assert_int_equal(ava_artifact_channel_delay(&ev, &found), 0);
    ava_evidence_free(&ev);
    if (found.n && found.at[0].score > .5)
        assert_true(found.at[0].start_us == (n + 2) * 1000000LL && found.at[0].end_us == (n + 3) * 1000000LL);
    return found.n == 1 ? found.at[0].score : -1;
}

static void delay_between_channels(void **state)
{
    (void)state;
    assert_float_equal(delayed(3, 0, .26f, .91f), .55, 1e-9);
    assert_float_equal(delayed(2, 0, .26f, .91f), -1, 1e-9);
    assert_float_equal(delayed(3, 0, .24f, .91f), -1, 1e-9);
    assert_float_equal(delayed(3, 0, .25f, .91f), -1, 1e-9); /* just so much is not more */
    assert_float_equal(delayed(3, 0, .26f, .89f), -1, 1e-9);
    assert_float_equal(delayed(3, 1.6f, 1.6f, .91f), .2, 1e-9); /* throughout */
    assert_float_equal(delayed(3, -1.6f, -1.6f, .91f), .2, 1e-9);
    assert_float_equal(delayed(3, 1.4f, 1.4f, .91f), -1, 1e-9);
    assert_float_equal(delayed(3, 1.6f, 1.69f, .91f), .2, 1e-9); /* within a tenth it is one */
}

static int alike(int n, float a, float b)
{
    AvaEvidence ev = { 0 };
    delays(&ev, 4, 0, 1, a);
    delays(&ev, 1, 0, 1, .995f); /* neither this nor that */
    delays(&ev, 1, 0, 0, 0);
    delays(&ev, n, 0, 1, b);
    found.n = 0;
    assert_int_equal(ava_artifact_stereo(&ev, &found), 0);
    ava_evidence_free(&ev);
    if (found.n)
        assert_true(found.at[0].score == .3 && found.at[0].start_us == 6000000 && found.at[0].end_us == 7000000);
    return (int)found.n;
}

static void stereo_that_comes_and_goes(void **state)
{
    (void)state;
    assert_int_equal(alike(3, 1, .98f), 1);
    assert_non_null(strstr(found.at[0].evidence, "were the same before, begin to differ"));
    assert_int_equal(alike(3, .98f, 1), 1);
    assert_non_null(strstr(found.at[0].evidence, "differed before, become the same"));
    assert_int_equal(alike(2, 1, .98f), 0);
    assert_int_equal(alike(3, 1, .991f), 0);
    assert_int_equal(alike(3, .98f, .9998f), 0);
    assert_int_equal(alike(9, 1, 1), 0);
}

/* ---- pulses -------------------------------------------------------------------------------- */

/* n seconds of voice whose correlation peaks at so high and so late. */
static void pulses(AvaEvidence *ev, int n, double top, double ms)
{
    for (int i = 0; i < n; i++) {
        AvaPulses p = { .weight = 2 };
        for (int k = 0; k < AVA_PULSE_LAGS; k++)
            p.sum[k] = (float)(2 * (top - .05 * pow(k - AVA_PULSE_MIDDLE - ms / AVA_PULSE_LAG_MS, 2)));
        assert_int_equal(ava_push(&ev->pulses, p), 0);
    }
    while (ev->voiced.n * (size_t)AVA_VAD_US < (ev->pulses.n + 1) * 1000000)
        assert_int_equal(ava_push(&ev->voiced, .9f), 0);
}

/* A loudness that falls by so many dB in 20 ms, every tenth time. */
static void falls(AvaEvidence *ev, double db)
{
    for (int i = 0; i < 400; i++)
        assert_int_equal(ava_push(&ev->energy, (float)(i % 20 < 2 ? 0 : i % 20 < 4 ? -db / 4.343 : -db / 4.343 * (20 - i % 20) / 16)), 0);
}

static double smeared(double top, double ms, double fall_db, int n)
{
    AvaEvidence ev = { .sound_us = 1 };
    pulses(&ev, n, top, ms);
    falls(&ev, fall_db);
    assert_float_equal(ava_decay_db(&ev), fall_db, .01);
    found.n = 0;
    assert_int_equal(ava_artifact_pulses(&ev, &found), 0);
    ava_evidence_free(&ev);
    return found.n ? found.at[0].score : -1;
}

static void pulses_that_do_not_arrive_together(void **state)
{
    (void)state;
    assert_float_equal(smeared(.29, 0, 9, 2), .55, 1e-9); /* dry: a vocoder */
    assert_string_equal(found.at[0].kind, "vocoder");
    assert_float_equal(smeared(.31, 0, 9, 2), -1, 1e-9);
    assert_float_equal(smeared(.29, 0, 9, 1), -1, 1e-9);  /* a second is too little */
    assert_float_equal(smeared(.29, 0, 7, 2), -1, 1e-9);  /* a room is heard */
    assert_float_equal(smeared(.19, 0, 7, 2), .2, 1e-9);
    assert_float_equal(smeared(.21, 0, 7, 2), -1, 1e-9);
    assert_float_equal(smeared(.9, 1.3, 9, 2), .2, 1e-9); /* 1.5 ms from where it usually is */
    assert_string_equal(found.at[0].kind, "phase");
    assert_non_null(strstr(found.at[0].evidence, "1.3 ms later"));
    assert_float_equal(smeared(.9, 1.1, 9, 2), -1, 1e-9);
    assert_float_equal(smeared(.9, -1.9, 9, 2), .2, 1e-9);
    assert_float_equal(smeared(.9, -1.7, 9, 2), -1, 1e-9);
}

static int changed(int n, double a, double b, double top)
{
    AvaEvidence ev = { 0 };
    pulses(&ev, n, .9, a);
    pulses(&ev, n, top, b);
    falls(&ev, 9);
    found.n = 0;
    assert_int_equal(ava_artifact_pulses(&ev, &found), 0);
    ava_evidence_free(&ev);
    if (found.n)
        assert_true(found.at[0].score == .45 && found.at[0].start_us == (n - 1) * 1000000LL && found.at[0].end_us == (n + 1) * 1000000LL);
    return (int)found.n;
}

static void pulses_that_change(void **state)
{
    (void)state;
    assert_int_equal(changed(6, -.9, .7, .9), 1);
    assert_int_equal(changed(6, -.9, .5, .9), 0); /* under 1.5 ms */
    assert_int_equal(changed(3, -.9, .7, .9), 1);
    assert_int_equal(changed(2, -.9, .7, .9), 0); /* three seconds on either side */
    AvaEvidence ev = { 0 };
    pulses(&ev, 4, .5, -.4);
    for (size_t i = 0; i < ev.voiced.n; i++) /* the second of them has voice in three of ten places, the third in two */
        ev.voiced.at[i] = i * 32 / 1000 == 1 && i * 32 % 1000 >= 300 ? .5f : i * 32 / 1000 == 2 && i * 32 % 1000 >= 200 ? .5f : .9f;
    AvaPulseView v = ava_pulse_view(&ev, 0, 4);
    assert_int_equal(v.seconds, 3);
    assert_float_equal(v.coherence, .5 - .05 * .2 * .2, 1e-6);
    assert_float_equal(v.delay_ms, -.4, 1e-6); /* the parabola through three places has its top there */
    ava_evidence_free(&ev);
}

/* Coherence by lag: `edge` at the first, a peak of `mid` three lags after the middle, one of `far` six lags before it. */
static double delay(double edge, double mid, double far)
{
    AvaEvidence ev = { 0 };
    AvaPulses p = { .weight = 1 };
    p.sum[0] = (float)edge;
    p.sum[AVA_PULSE_MIDDLE + 3] = (float)mid;
    p.sum[AVA_PULSE_MIDDLE - 6] = (float)far;
    for (int i = 0; i < 64; i++)
        assert_int_equal(ava_push(&ev.voiced, .9f), 0);
    assert_int_equal(ava_push(&ev.pulses, p), 0);
    AvaPulseView v = ava_pulse_view(&ev, 0, 9);
    assert_float_equal(v.coherence, fmax(edge, fmax(mid, far)), 1e-6);
    ava_evidence_free(&ev);
    return v.delay_ms;
}

static void the_nearest_of_high_peaks(void **state)
{
    (void)state;
    assert_float_equal(delay(0, .61, 1), 3 * AVA_PULSE_LAG_MS, 1e-6); /* over .6 of the highest */
    assert_float_equal(delay(0, .59, 1), -6 * AVA_PULSE_LAG_MS, 1e-6);
    assert_float_equal(delay(0, 1, .9), 3 * AVA_PULSE_LAG_MS, 1e-6);
    assert_float_equal(delay(.8, .49, 0), 3 * AVA_PULSE_LAG_MS, 1e-6);
    assert_true(isnan(delay(.9, .5, 0))); /* the highest lies at the edge, where nothing can be told */
    AvaEvidence ev = { 0 };
    AvaPulses p = { .weight = 1 }; /* a flat top has no place but its own */
    for (int k = 4; k <= 6; k++)
        p.sum[AVA_PULSE_MIDDLE + k] = .7f;
    for (int i = 0; i < 64; i++)
        assert_int_equal(ava_push(&ev.voiced, .9f), 0);
    assert_int_equal(ava_push(&ev.pulses, p), 0);
    AvaPulseView v = ava_pulse_view(&ev, 0, 1);
    assert_true(v.delay_ms >= 4 * AVA_PULSE_LAG_MS - .51 * AVA_PULSE_LAG_MS && v.delay_ms <= 5 * AVA_PULSE_LAG_MS);
    p.sum[AVA_PULSE_MIDDLE + 4] = .69f, p.sum[AVA_PULSE_MIDDLE + 3] = .69f;
    ev.pulses.at[0] = p;
    v = ava_pulse_view(&ev, 0, 1);
    assert_false(isnan(v.delay_ms));
    ava_evidence_free(&ev);
}

/* Falls are counted down to 50 dB under the loudest, and of twenty the second steepest. */
static void how_fast_sound_dies_away(void **state)
{
    (void)state;
    AvaEvidence ev = { 0 };
    for (int i = 0; i < 102; i++)
        assert_int_equal(ava_push(&ev.energy, i == 99 ? -20.f : -3.f), 0);
    ev.energy.at[50] = 0; /* the only falls: 3 from here, 8.5 to the floor at 99 */
    assert_float_equal(ava_decay_db(&ev), 0, 1e-9);
    for (int i = 0; i < 102; i++)
        ev.energy.at[i] = i % 4 < 2 ? 0 : -20;
    assert_float_equal(ava_decay_db(&ev), 4.343 * 11.5, 1e-4);
    ev.energy.n = 2;
    assert_true(isnan(ava_decay_db(&ev)));
    ev.energy.n = 102;
    ava_evidence_free(&ev);
}

static int teardown(void **state) { (void)state; ava_vec_free(&found); return 0; }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_that_no_room_has), cmocka_unit_test(a_gate_is_named), cmocka_unit_test(a_hole_of_the_stream_says_little),
        cmocka_unit_test(a_part_that_came_another_way), cmocka_unit_test(sampled_anew), cmocka_unit_test(hum_jumps),
        cmocka_unit_test(polarity), cmocka_unit_test(delay_between_channels), cmocka_unit_test(stereo_that_comes_and_goes),
        cmocka_unit_test(pulses_that_do_not_arrive_together), cmocka_unit_test(pulses_that_change),
        cmocka_unit_test(the_nearest_of_high_peaks), cmocka_unit_test(how_fast_sound_dies_away),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
