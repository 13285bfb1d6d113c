/* How the two channels and the bands of a voice go together: made-up sound with a known delay, polarity and phase. */
#include "test.h"

#include <math.h>
#include <string.h>

#include "analyze/forensics/artifact_finders.h"

enum { RATE = 16000, STEREO = 48000, SECONDS = 10 };

static AvaEvidence *evidence(void)
{
    AvaEvidence *ev = calloc(1, sizeof *ev);
    ev->has_audio = 1;
    ev->sound_us = SECONDS * 1000000;
    for (int i = 0; i < ev->sound_us / AVA_VAD_US; i++)
        assert_int_equal(ava_push(&ev->voiced, .9f), 0);
    return ev;
}

static void done(AvaEvidence *ev)
{
    ava_evidence_free(ev);
    free(ev);
}

static float noise(unsigned *s)
{
    *s = *s * 1664525u + 1013904223u;
    return (float)(*s >> 8) / (1 << 24) - .5f;
}

/* ---- two channels ----------------------------------------------------------------------------- */

static int keep_delay(void *cookie, const AvaChannelDelay *d)
{
    AvaEvidence *ev = cookie;
    return ava_push(&ev->delay, *d);
}

/* The second channel is the first one `first` samples later, from 5 s on `second` samples; own: a share of its own noise in it. */
static AvaEvidence *stereo(int first, int second, float sign, float own_first, float own_second)
{
    static float x[SECONDS * STEREO], y[SECONDS * STEREO][2];
    AvaEvidence *ev = evidence();
    unsigned a = 1, b = 2;
    for (int i = 0; i < SECONDS * STEREO; i++)
        x[i] = noise(&a) * .3f;
    for (int i = 0; i < SECONDS * STEREO; i++) {
        int late = i < SECONDS * STEREO / 2 ? first : second;
        float own = i < SECONDS * STEREO / 2 ? own_first : own_second;
        y[i][0] = x[i];
        y[i][1] = sign * ((1 - own) * (i >= late && i - late < SECONDS * STEREO ? x[i - late] : 0) + own * noise(&b) * .3f);
    }
    AvaDelayMeter *m = ava_delay_meter_new(STEREO, 2, keep_delay, ev);
    assert_non_null(m);
    for (int i = 0; i < SECONDS * STEREO; i += 777)
        assert_int_equal(ava_delay_meter_push(m, y[i], i + 777 < SECONDS * STEREO ? 777 : (size_t)(SECONDS * STEREO - i)), 0);
    ava_delay_meter_free(m);
    assert_int_equal(ev->delay.n, SECONDS);
    return ev;
}

static void delays(void **state)
{
    (void)state;
    struct { int first, second; float sign; size_t n; double score; } const cases[] = {
        { 0, 0, 1, 0, 0 },       /* one channel twice */
        { 20, 20, 1, 0, 0 },     /* two microphones a hand apart */
        { 480, 480, 1, 1, .2 },  /* 10 ms: stereo made of one channel */
        { 480, 480, -1, 1, .2 }, /* and turned over */
        { -480, -480, 1, 1, .2 },
        { 20, 60, 1, 1, .55 },   /* another recording from the middle on */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AvaEvidence *ev = stereo(cases[i].first, cases[i].second, cases[i].sign, 0, 0);
        AvaArtifactList got = { 0 };
        assert_true(fabs((double)ev->delay.at[2].ms - cases[i].first / 48.) < 1e-3 && ev->delay.at[2].match > .85f);
        assert_int_equal(ava_artifact_channel_delay(ev, &got), 0);
        assert_int_equal(got.n, cases[i].n);
        if (got.n) {
            assert_string_equal(got.at[0].kind, "phase");
            assert_true(fabs(got.at[0].score - cases[i].score) < 1e-9);
        }
        if (cases[i].first != cases[i].second)
            assert_int_equal(got.at[0].start_us, 5000000);
        ava_vec_free(&got);
        done(ev);
    }
}

static void stereo_that_comes_and_goes(void **state)
{
    (void)state;
    for (int k = 0; k < 4; k++) { /* own sound in the second channel before and after the middle */
        AvaEvidence *ev = stereo(0, 0, 1, k & 1 ? .5f : 0, k & 2 ? .5f : 0);
        AvaArtifactList got = { 0 };
        assert_int_equal(ava_artifact_stereo(ev, &got), 0);
        assert_int_equal(got.n, k == 1 || k == 2);
        if (got.n) {
            assert_int_equal(got.at[0].start_us, 5000000);
            assert_non_null(strstr(got.at[0].evidence, k == 1 ? "differed" : "were the same"));
        }
        ava_vec_free(&got);
        done(ev);
    }
}

/* ---- two bands -------------------------------------------------------------------------------- */

static int keep_pulses(void *cookie, const AvaPulses *p)
{
    AvaEvidence *ev = cookie;
    return ava_push(&ev->pulses, *p);
}

/* A ringing at hz, struck by pulses whose distances wander, `late` samples after them; without pulses: by noise. */
static void ring(float *x, double hz, int late, int pulses, unsigned seed)
{
    double y1 = 0, y2 = 0, r = .97, c = 2 * r * cos(2 * M_PI * hz / RATE);
    unsigned s = 7, own = seed;
    for (int i = 0, next = 50; i < SECONDS * RATE; i++) {
        double strike = pulses ? i == next + late : (double)noise(&own) * .3;
        if (i == next + 40)
            next += 120 + (int)((noise(&s) + .5f) * 40);
        double y = strike + c * y1 - r * r * y2;
        y2 = y1;
        y1 = y;
        x[i] += (float)(y * .2);
    }
}

static AvaEvidence *voice(int late, int pulses, float fall)
{
    static float x[SECONDS * RATE];
    AvaEvidence *ev = evidence();
    memset(x, 0, sizeof x);
    ring(x, 500, 0, pulses, 1);
    ring(x, 2600, late, pulses, 2);
    AvaPulseMeter *m = ava_pulse_meter_new(keep_pulses, ev);
    assert_non_null(m);
    for (int i = 0; i < SECONDS * RATE; i += 777)
        assert_int_equal(ava_pulse_meter_push(m, x + i, i + 777 < SECONDS * RATE ? 777 : (size_t)(SECONDS * RATE - i)), 0);
    assert_int_equal(ava_pulse_meter_flush(m), 0);
    ava_pulse_meter_free(m);
    for (int i = 0; i < SECONDS * 100; i++) /* loud and, each fifth of a second, gone at the given pace (nats in 10 ms) */
        assert_int_equal(ava_push(&ev->energy, -3 - fall * (float)(i % 20 < 16 ? 0 : i % 20 - 15)), 0);
    return ev;
}

static void pulses(void **state)
{
    (void)state;
    struct { int late, pulses; float fall; const char *kind; double score; } const cases[] = {
        { 0, 1, 2, NULL, 0 },
        { 32, 1, 2, "phase", .2 },    /* the high band 2 ms later: an all-pass */
        { 0, 0, 2, "vocoder", .55 },  /* bands that know nothing of each other */
        { 0, 0, .3f, "vocoder", .2 }, /* which a room explains as well */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AvaEvidence *ev = voice(cases[i].late, cases[i].pulses, cases[i].fall);
        AvaArtifactList got = { 0 };
        AvaPulseView v = ava_pulse_view(ev, 0, ev->pulses.n);
        assert_int_equal(v.seconds, SECONDS);
        if (cases[i].pulses)
            assert_true(v.coherence > .6 && fabs(v.delay_ms - cases[i].late / 16. + .6) < .2); /* .6: the low band rings longer */
        else
            assert_true(v.coherence < .2);
        assert_int_equal(ava_artifact_pulses(ev, &got), 0);
        assert_int_equal(got.n, cases[i].kind != NULL);
        if (got.n) {
            assert_string_equal(got.at[0].kind, cases[i].kind);
            assert_true(fabs(got.at[0].score - cases[i].score) < 1e-9);
        }
        ava_vec_free(&got);
        done(ev);
    }
    AvaEvidence *a = voice(0, 1, 2), *b = voice(32, 1, 2); /* the one up to 5 s, the other from there on */
    AvaArtifactList got = { 0 };
    memcpy(a->pulses.at + SECONDS / 2, b->pulses.at + SECONDS / 2, SECONDS / 2 * sizeof *a->pulses.at);
    assert_int_equal(ava_artifact_pulses(a, &got), 0);
    assert_int_equal(got.n, 1);
    assert_string_equal(got.at[0].kind, "phase");
    assert_true(got.at[0].start_us <= 5000000 && got.at[0].end_us >= 5000000);
    ava_vec_free(&got);
    for (size_t i = 0; i < a->voiced.n; i++) /* nobody speaks: nothing to say */
        a->voiced.at[i] = 0;
    assert_int_equal(ava_artifact_pulses(a, &got), 0);
    assert_int_equal(got.n, 0);
    done(a);
    done(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(delays), cmocka_unit_test(stereo_that_comes_and_goes), cmocka_unit_test(pulses) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
