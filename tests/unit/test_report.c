/* The writers: time codes, names of any bytes, the list of findings. */
#include "test.h"
#include "collect.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/findings.h"
#include "report/pauses.h"
#include "report/timecode.h"
#include "report/url.h"
#include "nets/phones.h"
#include "result/result.h"
#include "util/err.h"
#include "util/vec.h"

/* Labels of a whole day one after the other, those that drop-frame leaves out stepped over: ST 12-1 by its words. */
static void every_label_of_a_day(void **state)
{
    (void)state;
    static const struct { const char *rate, *start; int count, leaves; double fps; } row[] = {
        { "24000/1001", NULL, 24, 0, 24000 / 1001. }, { "24/1", NULL, 24, 0, 24 }, { "25/1", NULL, 25, 0, 25 }, { "30/1", "00:00:00;00", 30, 0, 30 },
        { "30000/1001", NULL, 30, 0, 30000 / 1001. }, { "30000/1001", "01:00:00:00", 30, 0, 30000 / 1001. }, { "30000/1001", "01:00:00;00", 30, 2, 30000 / 1001. },
        { "50/1", NULL, 50, 0, 50 }, { "60000/1001", NULL, 60, 0, 60000 / 1001. }, { "60000/1001", "00:00:00;00", 60, 4, 60000 / 1001. },
        { "2997/100", "00:00:00;00", 30, 2, 30000 / 1001. }, { "19001/634", NULL, 30, 0, 30000 / 1001. }, { "120000/1001", NULL, 60, 0, 60000 / 1001. },
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        AvaRate r = ava_rate(row[i].rate, row[i].start);
        assert_int_equal(r.count, row[i].count);
        assert_int_equal(r.drop, row[i].leaves > 0);
        assert_true(fabs((double)r.num / r.den - row[i].fps) < 1e-12);
        int64_t frame = 0;
        for (int h = 0; h < 24; h++)
            for (int m = 0; m < 60; m++)
                for (int s = 0; s < 60; s++)
                    for (int f = 0; f < r.count; f++) {
                        if (s == 0 && f < row[i].leaves && m % 10)
                            continue; /* no such label */
                        if (f < 5 || f == r.count - 1) {
                            char want[64], got[AVA_TIMECODE];
                            snprintf(want, sizeof want, "%02d:%02d:%02d%c%02d", h, m, s, row[i].leaves ? ';' : ':', f);
                            ava_timecode(r, frame, got);
                            assert_string_equal(got, want);
                            assert_int_equal(ava_timecode_frame(r, want), frame);
                        }
                        frame++;
                    }
        /* drop-frame keeps up with the clock to two pictures in a day; non-drop is late by 3.6 s an hour */
        if (row[i].leaves)
            assert_true(llabs((long long)frame - llround(86400 * row[i].fps)) <= row[i].leaves * 3 / 2);
    }
}

static void rates_that_are_none(void **state)
{
    (void)state;
    static const struct { const char *text; int count; } row[] = { { NULL, 25 }, { "", 25 }, { "0/1", 25 }, { "-5/1", 25 }, { "5", 25 }, { "25/0", 25 }, { "1/3", 1 },
                                                                   { "173/10", 17 }, { "90000/1", 44 }, { "999999999/1", 60 } };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        AvaRate r = ava_rate(row[i].text, NULL);
        if (i == 9)
            assert_in_range(r.count, 1, 60);
        else
            assert_int_equal(r.count, row[i].count);
        assert_int_equal(r.drop, 0);
    }
    AvaRate r = ava_rate("25/1", NULL);
    assert_int_equal(ava_rate_frame(r, 0.99), 25);
    assert_int_equal(ava_timecode_frame(r, "10:00"), 0);
    assert_int_equal(ava_timecode_frame(r, "00:00:00:25"), 0);
    assert_int_equal(ava_timecode_frame(r, "00:00:01:00"), 25);
    char t[AVA_TIMECODE];
    ava_timecode(r, -3, t);
    assert_string_equal(t, "00:00:00:00");
}

static const char *written(const AvalignResult *r, AvalignFormat f)
{
    static Text t;
    t.s[t.n = 0] = 0;
    assert_int_equal(avalign_result_write(r, f, append, &t, NULL), 0);
    return t.s;
}

#define ADD(list, ...) assert_int_equal(ava_push(list, ((__typeof__(*(list)->at)){ __VA_ARGS__ })), 0)

/* An hour and more at 30000/1001 with one finding of each kind. */
static AvalignResult *result_of(const char *timecode, const char *file)
{
    enum { S = 1000000 };
    AvalignResult *r = calloc(1, sizeof *r);
    assert_non_null(r);
    AvaAnalysisOutput *f = &r->found;
    ava_analysis_output_init(f, "not-asked");
    f->sync.absent = f->viseme.absent = f->speaker.absent = f->emotion.absent = f->artifacts.absent = NULL;
    f->viseme.ran = f->viseme.aligned = f->speaker.ran = f->emotion.ran = 1;
    r->media.opened = r->media.info.has_video = 1;
    r->media.stats.frames = 1;
    r->media.duration_s = 4000;
    r->media.info.rate_num = 30000;
    r->media.info.rate_den = 1001;
    snprintf(r->media.info.timecode, sizeof r->media.info.timecode, "%s", timecode);
    ADD(&f->anomaly, .kind = "lip-sync-error", .detail = "late, by \"much\"", .weight = 1.5, .adds = .3);
    ADD(&f->anomaly, .kind = "audio-splice", .detail = "spliced", .weight = 1.1, .adds = .15, .has_time = 1, .start_us = 60 * S, .end_us = 61 * S);
    ADD(&f->segment, "speaking", S, 5 * S / 2, 3);
    ADD(&f->artifacts.segment, "splice", 60 * S, 61 * S, .9, "the same");
    ADD(&f->artifacts.segment, "hum", 70 * S, 71 * S, .55, "=hum");
    ADD(&f->viseme.missed, .phone = ava_phone_id("P"), .time_us = 5 * S, .frame_us = 5 * S);
    ADD(&f->sync.step, 3600, 200);
    ADD(&f->sync.dropout, 20, 22, .1);
    ADD(&f->emotion.mismatch, 30 * S, 31 * S, AVA_HAPPINESS, AVA_SADNESS);
    ADD(&f->speaker.change, 40 * S, -2, 1);
    f->authenticity.absent = NULL;
    f->authenticity.codec = .2;
    ADD(&f->authenticity.window, .start_us = 52 * S, .end_us = 54 * S, .score = .9, .codec = -1);
    ADD(&f->authenticity.window, .start_us = 54 * S, .end_us = 58 * S, .score = .9, .codec = 1);
    ADD(&f->speaker.offscreen, "voice-without-face", 50 * S, 52 * S, -1);
    if (file) {
        r->file = strdup(file);
        r->line = strdup(file);
        ava_clean_line(r->line, strlen(file) + 1, file);
    }
    return r;
}

static void findings_with_their_scores(void **state)
{
    (void)state;
    static const struct { const char *kind; double start, end, score; int counts; } want[] = {
        { "lip-sync-error", 0, 4000, 1, 1 }, { "missed-closure", 5, 5, .3, 0 }, { "sync-dropout", 20, 22, .6, 0 }, { "emotion-mismatch", 30, 31, .3, 0 },
        { "voice-change", 40, 40, .5, 0 }, { "offscreen-voice", 50, 52, .3, 0 }, { "neural-codec", 54, 58, .3, 0 }, { "audio-splice", 60, 61, 1, 1 }, { "hum", 70, 71, .55, 0 },
        { "sync-step", 3600, 3600, .8, 0 },
    };
    AvalignResult *r = result_of("", "a.mp4");
    AvaFindingList l = { 0 };
    assert_int_equal(ava_findings_list(r, &l), 0);
    assert_int_equal(l.n, sizeof want / sizeof *want);
    for (size_t i = 0; i < l.n; i++) {
        assert_string_equal(l.at[i].kind, want[i].kind);
        assert_true(l.at[i].start_s == want[i].start && l.at[i].end_s == want[i].end);
        assert_true(fabs(l.at[i].score - want[i].score) < 1e-12);
        assert_int_equal(l.at[i].counts, want[i].counts);
    }
    assert_true(l.at[0].weight == 1.5 && l.at[0].adds == .3 && l.at[7].weight == 1.1);
    ava_vec_free(&l);
    avalign_result_free(&r);
}

/* Only what is declared is a finding, it counts in nothing, and what stands in an earlier manifest or a broken store is said to. */
static void a_declared_source_is_told_not_judged(void **state)
{
    (void)state;
    static const struct { AvaDeclared active, earlier; int incomplete; double score; const char *says; } want[] = {
        { AVA_DECLARES_NOTHING, AVA_DECLARES_NOTHING, 0, 0, NULL }, { AVA_DECLARES_MODEL, AVA_DECLARES_NOTHING, 0, .6, "a generative model as its source" },
        { AVA_DECLARES_PARTS, AVA_DECLARES_MODEL, 0, .6, "that parts of it" }, { AVA_DECLARES_ALGORITHM, AVA_DECLARES_NOTHING, 0, .6, "an algorithm as its source" },
        { AVA_DECLARES_STEP, AVA_DECLARES_NOTHING, 0, .3, "in a step or a part of it, not" },
        { AVA_DECLARES_STEP, AVA_DECLARES_MODEL, 0, .3, "a generative model as its source (trainedAlgorithmicMedia) in a manifest that may tell of an earlier file" },
        { AVA_DECLARES_NOTHING, AVA_DECLARES_MODEL, 0, .3, "an earlier file" }, { AVA_DECLARES_PARTS, AVA_DECLARES_NOTHING, 1, .3, "an earlier file" },
    };
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        AvalignResult *r = calloc(1, sizeof *r);
        assert_non_null(r);
        AvaFindingList l = { 0 };
        ava_analysis_output_init(&r->found, "not-asked");
        r->media.duration_s = 7;
        r->media.c2pa = (AvaC2pa){ .looked = 1, .present = 1, .declared = want[i].active, .declared_earlier = want[i].earlier, .incomplete = want[i].incomplete };
        assert_int_equal(ava_findings_list(r, &l), 0);
        assert_int_equal(l.n, want[i].says != NULL);
        if (want[i].says) {
            assert_string_equal(l.at[0].kind, "declared-generated");
            assert_true(l.at[0].start_s == 0 && l.at[0].end_s == 7 && l.at[0].score == want[i].score && !l.at[0].counts && l.at[0].adds == 0);
            assert_non_null(strstr(l.at[0].text, "the file itself declares"));
            assert_non_null(strstr(l.at[0].text, want[i].says));
            assert_non_null(strstr(l.at[0].text, "not verified"));
        }
        ava_vec_free(&l);
        avalign_result_free(&r);
    }
}

/* In whatever order they were found: by time, then kind, end, score, words. */
static void findings_have_one_order(void **state)
{
    (void)state;
    enum { S = 1000000, N = 6 };
    static const AvaArtifact at[N] = { { "hum", 5 * S, 6 * S, .9, "a" }, { "hum", 5 * S, 6 * S, .6, "a" }, { "hum", 5 * S, 6 * S, .6, "b" },
                                       { "hum", 5 * S, 7 * S, .9, "a" }, { "phase", 5 * S, 6 * S, .9, "a" }, { "copy", 6 * S, 6 * S, .9, "a" } };
    for (int first = 0; first < N; first++)
        for (int by = 1; by < N; by += 4) { /* upward and downward */
            AvalignResult *r = calloc(1, sizeof *r);
            AvaFindingList l = { 0 };
            ava_analysis_output_init(&r->found, "not-asked");
            for (int i = 0; i < N; i++)
                assert_int_equal(ava_push(&r->found.artifacts.segment, at[(first + i * by) % N]), 0);
            assert_int_equal(ava_findings_list(r, &l), 0);
            assert_int_equal(l.n, N);
            for (int i = 0; i < N; i++) {
                assert_string_equal(l.at[i].kind, at[i].kind);
                assert_string_equal(l.at[i].text, at[i].evidence);
                assert_true(l.at[i].end_s == (double)at[i].end_us / S && fabs(l.at[i].score - at[i].score) < 1e-12);
            }
            ava_vec_free(&l);
            avalign_result_free(&r);
        }
}

static AvalignResult *blank(void)
{
    AvalignResult *r = calloc(1, sizeof *r);
    assert_non_null(r);
    ava_analysis_output_init(&r->found, "not-asked");
    r->media.opened = r->media.info.has_video = r->media.info.video_stream = 1;
    r->media.stats.frames = 1;
    r->media.stats.first_audio_us = INT64_MIN;
    r->max_pixels = 8192 * 4320;
    return r;
}

/* Pictures of a real clip: no more than a page has room for, none from far away, in one order. */
static void thumbnails_for_the_page(void **state)
{
    (void)state;
    const char *clip = getenv("AVALIGN_SAMPLE");
    AvalignErrorInfo e;
    enum { S = 1000000 };
    AvalignResult *r = blank(); /* the first picture stands for what lies up to half a second before it */
    ADD(&r->found.anomaly, .kind = "a", .detail = "", .has_time = 1, .start_us = -45 * S / 100);
    ADD(&r->found.anomaly, .kind = "a", .detail = "", .has_time = 1, .start_us = -55 * S / 100);
    assert_int_equal(avalign_result_add_thumbnails(r, clip, &e), 0);
    assert_int_equal(r->thumbnail.n, 1);
    assert_true(r->thumbnail.at[0].time_s == -.45);
    avalign_result_free(&r);
    r = blank();
    for (int i = 0; i < 20; i++) {
        ADD(&r->found.anomaly, .kind = "a", .detail = "", .has_time = 1, .start_us = S + i * 40000);
        ADD(&r->found.viseme.missed, .phone = ava_phone_id("P"), .track = 20 - i, .time_us = S, .frame_us = S);
        ADD(&r->track, .id = 20 - i, .box = { 1, 1, 9, 9 }, .first_us = 0, .last_us = 4 * S);
    }
    assert_int_equal(avalign_result_add_thumbnails(r, clip, &e), 0);
    int of_a_kind[3] = { 0 };
    for (size_t i = 0; i < r->thumbnail.n; i++) {
        const AvaThumbnail *p = &r->thumbnail.at[i], *q = p + 1;
        of_a_kind[*p->what == 'f' ? p->what[1] == 'a' : 2]++;
        assert_true(i + 1 == r->thumbnail.n || p->time_s < q->time_s || strcmp(p->what, q->what) < 0 || (p->what == q->what && p->track < q->track));
    }
    assert_int_equal(of_a_kind[0], 12);     /* findings */
    assert_int_equal(of_a_kind[1], 3 * 12); /* faces, three of each */
    assert_int_equal(of_a_kind[2], 12);     /* missed closures */
    avalign_result_free(&r);
}

/* Bytes of a name that have broken something somewhere. */
static const struct { const char *name, *url; } names[] = {
    { "a b.mp4", "a%20b.mp4" },
    { "-x.mp4", "-x.mp4" },
    { "it's \"so\".mp4", "it%27s%20%22so%22.mp4" },
    { "two\nlines.mp4", "two%0Alines.mp4" },
    { "100%d%n.mp4", "100%25d%25n.mp4" },
    { "/x/<script>alert(1)</script>.mp4", "file:///x/%3Cscript%3Ealert%281%29%3C/script%3E.mp4" },
    { "c:d.mp4", "./c%3Ad.mp4" },
    { "dir/c:d.mp4", "dir/c%3Ad.mp4" },
    { "gr\xfc\xdf \xff.mp4", "gr%FC%DF%20%FF.mp4" },
    { "/\xe2\x80\xae" "gpj.mp4", "file:///%E2%80%AEgpj.mp4" },
    { "https://example.org/a b.mp4?x=1#t", "https://example.org/a%20b.mp4?x=1#t" },
};

static void names_in_every_format(void **state)
{
    (void)state;
    char longest[300];
    memset(longest, 'n', 255);
    strcpy(longest + 251, ".mp4");
    for (size_t i = 0; i <= sizeof names / sizeof *names; i++) {
        int is_long = i == sizeof names / sizeof *names;
        const char *name = is_long ? longest : names[i].name;
        AvalignResult *r = result_of("01:00:00;00", name);
        char *url = ava_file_url(name);
        assert_string_equal(url, is_long ? longest : names[i].url);
        for (int f = AVALIGN_JSON; f <= AVALIGN_ASS; f++) {
            const char *s = written(r, (AvalignFormat)f);
            json_t *whole = json_stringn(s, strlen(s)); /* NULL unless it is UTF-8 */
            assert_non_null(whole);
            json_decref(whole);
            if (f == AVALIGN_JSON || f == AVALIGN_OTIO || f == AVALIGN_SARIF) {
                json_t *doc = json_loads(s, 0, NULL);
                assert_non_null(doc);
                json_decref(doc);
            }
            if (f == AVALIGN_OTIO || f == AVALIGN_SARIF)
                assert_non_null(strstr(s, url));
            if (f == AVALIGN_TEXT || f == AVALIGN_EDL || f == AVALIGN_RTTM) /* one line, the whole name */
                assert_true(!is_long || strstr(s, longest) != NULL);
            if (f == AVALIGN_RTTM) {
                int fields = 1;
                for (const char *p = s; *p && *p != '\n'; p++)
                    fields += *p == ' ';
                assert_int_equal(fields, 10);
            }
            if (f == AVALIGN_EDL)
                assert_non_null(strstr(s, "\n* LOC: 00:00:00;00 RED     lip-sync-error"));
        }
        free(url);
        avalign_result_free(&r);
    }
}

static void edit_lists_count_pictures(void **state)
{
    (void)state;
    AvalignResult *r = result_of("", "a.mp4");
    const char *s = written(r, AVALIGN_EDL);
    /* an hour of the clock is 107,892 pictures: 59:56:12 non-drop */
    assert_non_null(strstr(s, "FCM: NON-DROP FRAME\n"));
    assert_non_null(strstr(s, "* LOC: 00:59:56:12 YELLOW  sync-step: "));
    avalign_result_free(&r);
    r = result_of("01:00:00;00", "a.mp4");
    s = written(r, AVALIGN_EDL);
    assert_non_null(strstr(s, "FCM: DROP FRAME\n"));
    assert_non_null(strstr(s, "* LOC: 01:00:00;00 YELLOW  sync-step: "));
    assert_non_null(strstr(s, "001  AX       V     C        01:00:00;00 02:06:40;00 00:00:00;00 01:06:40;00\n"));
    json_t *otio = json_loads(written(r, AVALIGN_OTIO), 0, NULL);
    json_t *clip = json_array_get(json_object_get(json_array_get(json_object_get(json_object_get(otio, "tracks"), "children"), 0), "children"), 0);
    json_t *last = json_object_get(json_array_get(json_object_get(clip, "markers"), 9), "marked_range"), *at = json_object_get(last, "start_time");
    assert_true(json_number_value(json_object_get(at, "rate")) == 30000. / 1001);
    assert_true(json_number_value(json_object_get(at, "value")) == 107892);
    json_decref(otio);
    assert_non_null(strstr(written(r, AVALIGN_VTT), "01:00:00.000 --> 01:00:00.500"));
    avalign_result_free(&r);
}

/* Texts from files and policies stay in their places. */
static void texts_are_quoted(void **state)
{
    (void)state;
    AvalignResult *r = result_of("", "a.mp4");
    assert_non_null(strstr(written(r, AVALIGN_CSV), "\r\nlip-sync-error,0.000,4000.000,1.000,1,\"late, by \"\"much\"\"\"\r\n"));
    assert_non_null(strstr(written(r, AVALIGN_CSV), "\r\nhum,70.000,71.000,0.550,0,\"'=hum\"\r\n"));
    assert_non_null(strstr(written(r, AVALIGN_TEXTGRID), "mark = \"lip-sync-error: late, by \"\"much\"\"\"\n"));
    avalign_result_free(&r);
}

static void say(AvalignResult *r, double start, double end, const char *text)
{
    AvaWord w = { .start_us = (int64_t)(start * 1e6), .end_us = (int64_t)(end * 1e6), .p = .9 };
    snprintf(w.text, sizeof w.text, "%s", text);
    assert_int_equal(ava_push(&r->found.transcript.word, w), 0);
}

static AvalignResult *words_of(double until)
{
    AvalignResult *r = calloc(1, sizeof *r);
    assert_non_null(r);
    ava_analysis_output_init(&r->found, "not-asked");
    r->found.transcript.asked = 1;
    ADD(&r->found.segment, "speech", 0, (int64_t)(until * 1e6), -1);
    return r;
}

/* Nobody speaks: a caption ends. The words themselves leave no gap. */
static void captions_end_in_pauses(void **state)
{
    (void)state;
    AvalignResult *r = words_of(2);
    ADD(&r->found.segment, "speech", 3000000, 3600000, -1); /* a second without speech: too long for any caption */
    ADD(&r->found.segment, "speech", 4000000, 4500000, -1); /* less: only after a sentence */
    ADD(&r->found.segment, "speech", 4900000, 6000000, -1);
    say(r, -.02, 1, "One");
    say(r, 1, 3, "<b>&");
    say(r, 3, 4, "three");
    say(r, 4, 4.9, "four.");
    say(r, 4.9, 6, "Five");
    assert_string_equal(written(r, AVALIGN_WORDS_VTT), "WEBVTT\n\n00:00:00.000 --> 00:00:02.500\nOne &lt;b&gt;&amp;\n\n"
                                                       "00:00:03.000 --> 00:00:04.900\nthree four.\n\n00:00:04.900 --> 00:00:06.500\nFive\n");
    assert_string_equal(written(r, AVALIGN_WORDS_SRT), "1\n00:00:00,000 --> 00:00:02,500\nOne 'b'&\n\n"
                                                       "2\n00:00:03,000 --> 00:00:04,900\nthree four.\n\n3\n00:00:04,900 --> 00:00:06,500\nFive\n");
    static const int64_t pause[] = { 0, 20000, 1000000, 400000, 400000 };
    for (size_t i = 0; i < 5; i++) /* the page's lines go by the same silences */
        assert_int_equal(ava_pause_before(r, i), pause[i]);
    avalign_result_free(&r);
    r = words_of(1);
    assert_string_equal(written(r, AVALIGN_WORDS_VTT), "WEBVTT\n");
    assert_string_equal(written(r, AVALIGN_WORDS_SRT), "");
    assert_null(strstr(written(r, AVALIGN_CSV), "drawn-face")); /* nor is what isn't known made a number (for the sanitizer) */
    AvalignErrorInfo e;
    r->found.transcript.asked = 0;
    assert_int_equal(avalign_result_write(r, AVALIGN_WORDS_VTT, append, NULL, &e), AVALIGN_ERR_ARG);
    assert_non_null(strstr(e.message, "transcribe"));
    r->found.transcript.asked = 1;
    r->found.transcript.absent = "net-left-out"; /* not: nothing was said */
    assert_int_equal(avalign_result_write(r, AVALIGN_WORDS_VTT, append, NULL, &e), AVALIGN_ERR_MODEL);
    assert_non_null(strstr(e.message, "speech-words"));
    avalign_result_free(&r);
}

/* However long people talk: two lines of 42 letters (not bytes), seven seconds, one after the other, no word lost. */
static void captions_are_short(void **state)
{
    (void)state;
    static const char *const text[] = { "a", "\xc3\xa9t\xc3\xa9,", "considerable", "of", "the", "incomprehensibilities", "it", "was." };
    for (int fast = 0; fast < 2; fast++) {
        enum { N = 400 };
        double step = fast ? .08 : .9;
        AvalignResult *r = words_of(N * step);
        for (int i = 0; i < N; i++)
            say(r, i * step, (i + 1) * step, text[i * 5 % 8]);
        char *s = strdup(written(r, AVALIGN_WORDS_VTT)), *save = NULL;
        assert_non_null(s);
        int words = 0, lines = 0, two = 0;
        double last = 0;
        for (char *line = strtok_r(s + strlen("WEBVTT\n"), "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
            int h[2], m[2];
            double t[2];
            if (sscanf(line, "%d:%d:%lf --> %d:%d:%lf", &h[0], &m[0], &t[0], &h[1], &m[1], &t[1]) == 6) {
                double a = h[0] * 3600 + m[0] * 60 + t[0], b = h[1] * 3600 + m[1] * 60 + t[1];
                assert_true(a >= last && b > a && b - a <= 7.0005);
                last = b;
                lines = 0;
                continue;
            }
            size_t letters = 0;
            for (const char *c = line; *c; c++) {
                letters += ((unsigned char)*c & 0xc0) != 0x80;
                words += *c == ' ';
            }
            words++;
            two += ++lines == 2;
            assert_true(letters <= 42 && lines <= 2);
        }
        assert_int_equal(words, N);
        assert_true(!fast || two > 20);
        free(s);
        avalign_result_free(&r);
    }
}

/* Words out of order, and segments that lie over each other, still make captions that end. */
static void captions_go_on(void **state)
{
    (void)state;
    AvalignResult *r = words_of(20);
    ADD(&r->found.segment, "speech", 0, 20000000, -1);
    say(r, 9, 10, "a-word-of-some-thirty-letters-1");
    say(r, 6, 7, "a-word-of-some-thirty-letters-2");
    say(r, 3, 4, "a-word-of-some-thirty-letters-3");
    const char *s = written(r, AVALIGN_WORDS_SRT);
    assert_non_null(strstr(s, "letters-1\n"));
    assert_non_null(strstr(s, "letters-3\n"));
    assert_null(strstr(s, "\n4\n"));
    avalign_result_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_label_of_a_day),      cmocka_unit_test(rates_that_are_none),
        cmocka_unit_test(a_declared_source_is_told_not_judged), cmocka_unit_test(findings_have_one_order),    cmocka_unit_test(thumbnails_for_the_page),
        cmocka_unit_test(findings_with_their_scores), cmocka_unit_test(names_in_every_format),
        cmocka_unit_test(edit_lists_count_pictures), cmocka_unit_test(texts_are_quoted),
        cmocka_unit_test(captions_end_in_pauses),     cmocka_unit_test(captions_are_short),
        cmocka_unit_test(captions_go_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
