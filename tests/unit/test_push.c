/* test_push.c -- faces, pictures and sound that a program pushes or hands over as arrays give what the file gives. */
#include "real_nets.h"

/* What the callbacks saw of a file, to be pushed again. */
typedef struct Heard {
    AvalignContext *to;
    float *pcm;
    size_t n;
    int faces;
    float lm[1024][AVALIGN_LANDMARKS * 3];
    uint8_t mouth[1024][AVALIGN_MOUTH_SIDE * AVALIGN_MOUTH_SIDE];
    int64_t t_us[1024];
} Heard;

static int on_face(void *cookie, const AvalignFaceView *v)
{
    Heard *h = cookie;
    assert_non_null(v->landmarks);
    assert_non_null(v->mouth);
    assert_non_null(v->face);
    assert_true(h->faces < 1024);
    memcpy(h->lm[h->faces], v->landmarks, sizeof h->lm[0]);
    memcpy(h->mouth[h->faces], v->mouth, sizeof h->mouth[0]);
    h->t_us[h->faces++] = v->t_us;
    return 0;
}

static int on_speech(void *cookie, int64_t t_us, const float *s, size_t n)
{
    Heard *h = cookie;
    (void)t_us;
    h->pcm = realloc(h->pcm, (h->n + n) * sizeof *s);
    memcpy(h->pcm + h->n, s, n * sizeof *s);
    h->n += n;
    return 0;
}

/* Power of what becomes of a tone, in dB of the tone's. */
static double after_resampling(int rate, double hz)
{
    Heard *h = calloc(1, sizeof *h);
    AvalignConfig cfg;
    AvalignContext *c;
    AvalignResult *r;
    float *x = malloc(2 * (size_t)rate * sizeof *x);
    double power = 0;
    for (int i = 0; i < 2 * rate; i++)
        x[i] = .5f * (float)sin(6.283185307179586 * hz * i / rate);
    avalign_config_init(&cfg, sizeof cfg);
    cfg.on_speech = on_speech;
    cfg.cookie = h;
    assert_int_equal(avalign_open(&c, models, &cfg, NULL), 0);
    assert_int_equal(avalign_push_audio(c, &(AvalignPcm){ rate, 1, 0, x, 2 * (size_t)rate, { 0 } }), 0);
    assert_int_equal(avalign_finish(c, &r), 0);
    assert_true(h->n > 31000);
    for (size_t i = 8000; i < 24000; i++) /* the middle second, away from where the tone begins */
        power += (double)h->pcm[i] * (double)h->pcm[i] / 16000;
    avalign_result_free(&r);
    avalign_close(&c);
    free(h->pcm);
    free(h);
    free(x);
    return 10 * log10(power / .125 + 1e-12);
}

/* Resampling keeps the voice up to 7.4 kHz and folds nothing from beyond 8.4 kHz into it; between them it falls as steeply as the
 * filter's length lets it. */
static void resampling_leaves_no_traces(void **state)
{
    (void)state;
    static const int rates[] = { 48000, 44100, 32000 };
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        double low = after_resampling(rates[i], 1000), high = after_resampling(rates[i], 7400), edge = after_resampling(rates[i], 7700),
               past = after_resampling(rates[i], 8100), beyond = after_resampling(rates[i], 8400);
        print_message("%d Hz: %.2f dB at 1 kHz, %.2f at 7.4, %.2f at 7.7, %.1f at 8.1, %.1f at 8.4\n", rates[i], low, high, edge, past, beyond);
        assert_true(fabs(low) < .1 && fabs(high) < .7);
        assert_true(edge > -5.5 && edge < -3.5);
        assert_true(past > -27 && past < -20);
        assert_true(beyond < -60);
    }
}

static void pushed_landmarks_and_sound_give_the_offset(void **state)
{
    (void)state;
    Heard *h = calloc(1, sizeof *h);
    AvalignConfig cfg;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.on_face = on_face;
    cfg.on_speech = on_speech;
    cfg.cookie = h;
    AvalignResult *r = by_path(&cfg), *pushed;
    AvalignAudioVisualResult a, b;
    avalign_result_fields(r, &a);
    avalign_result_free(&r);
    assert_true(h->faces > 200 && h->n > 16000 * 8);
    double at_zero = 0;
    for (int shift = 0; shift <= 200; shift += 200) { /* ms that the sound is made to come later */
        AvalignContext *c;
        assert_int_equal(avalign_open(&c, models, NULL, NULL), 0);
        for (int i = 0; i < h->faces; i++) {
            AvalignFace f = { .track_id = 5, .n_landmarks = AVALIGN_LANDMARKS, .landmark_dims = 3, .landmarks = h->lm[i] };
            assert_int_equal(avalign_push_faces(c, h->t_us[i], &f, 1), 0);
        }
        AvalignPcm pcm = { AVALIGN_SPEECH_RATE, 1, shift * 1000, h->pcm, h->n, { 0 } };
        assert_int_equal(avalign_push_audio(c, &pcm), 0);
        pcm.channels = 2;
        assert_int_equal(avalign_push_audio(c, &pcm), AVALIGN_ERR_ARG); /* must stay the same */
        avalign_close(&c);

        assert_int_equal(avalign_open(&c, models, NULL, NULL), 0);
        for (int i = 0; i < h->faces; i++) {
            AvalignFace f = { .track_id = 5, .n_landmarks = AVALIGN_LANDMARKS, .landmark_dims = 3, .landmarks = h->lm[i] };
            avalign_push_faces(c, h->t_us[i], &f, 1);
        }
        pcm.channels = 1;
        avalign_push_audio(c, &pcm);
        assert_int_equal(avalign_finish(c, &pushed), 0);
        avalign_result_fields(pushed, &b);
        assert_true(b.present & 1u << AVALIGN_SYNC_OFFSET_MS);
        print_message("sound %d ms later: %+.1f ms against %+.1f\n", shift, b.sync_offset_ms, a.sync_offset_ms);
        /* landmarks alone may place zero elsewhere than with the mouth's picture; a change is a change */
        at_zero = shift ? at_zero : b.sync_offset_ms;
        assert_true(fabs(at_zero - a.sync_offset_ms) < 40 && fabs(b.sync_offset_ms - (at_zero - shift)) < 10);
        assert_int_equal(avalign_result_n_tracks(pushed), 1);
        assert_int_equal(avalign_result_track(pushed, 0)->id, 5);
        avalign_result_free(&pushed);
        avalign_close(&c);
    }
    /* the array function: landmarks alone, mouth images alone, both */
    AvalignFace *faces = calloc((size_t)h->faces, sizeof *faces);
    AvalignPcm pcm = { .sample_rate = AVALIGN_SPEECH_RATE, .channels = 1, .pts_us = -120000, .samples = h->pcm, .frames = h->n };
    AvalignLipSync l;
    for (int way = 1; way <= 3; way++) {
        for (int i = 0; i < h->faces; i++) {
            faces[i] = (AvalignFace){ 0 };
            if (way & 1) {
                faces[i].n_landmarks = AVALIGN_LANDMARKS;
                faces[i].landmark_dims = 3;
                faces[i].landmarks = h->lm[i];
            }
            if (way & 2)
                faces[i].mouth = (AvalignImage){ AVALIGN_PIX_GRAY8, AVALIGN_MOUTH_SIDE, AVALIGN_MOUTH_SIDE, 0,
                                                 { h->mouth[i] }, { AVALIGN_MOUTH_SIDE }, { 0 } };
        }
        assert_int_equal(avalign_analyze_lip_sync(models, faces, h->t_us, (size_t)h->faces, &pcm, &l, NULL), 0);
        print_message("%s: %+.1f ms [%+.0f, %+.0f], confidence %.3f, score %.3f\n",
                      way == 1 ? "landmarks" : way == 2 ? "mouths" : "both", l.offset_ms, l.interval_ms[0], l.interval_ms[1],
                      l.confidence, l.score);
        assert_null(l.reason);
        assert_true(fabs(l.offset_ms - (a.sync_offset_ms + 120)) < 40);
        assert_true(l.confidence > .8 && l.score > .8 && l.p_value < .01);
        assert_true(l.interval_ms[0] < l.offset_ms && l.offset_ms < l.interval_ms[1]);
    }
    pcm.frames = 1600;
    assert_int_equal(avalign_analyze_lip_sync(models, faces, h->t_us, (size_t)h->faces, &pcm, &l, NULL), 0);
    assert_non_null(l.reason);
    assert_int_equal(avalign_analyze_lip_sync(models, NULL, h->t_us, 3, &pcm, &l, NULL), AVALIGN_ERR_ARG);
    free(faces);
    free(h->pcm);
    free(h);
}

static void pushed_pictures_are_searched_for_faces(void **state)
{
    (void)state;
    AvalignContext *c;
    AvalignResult *r;
    AvalignAudioVisualResult f;
    static uint8_t grey[120 * 160];
    memset(grey, 128, sizeof grey);
    assert_int_equal(avalign_open(&c, models, NULL, NULL), 0);
    AvalignImage im = { .format = AVALIGN_PIX_GRAY8, .width = 160, .height = 120, .data = { grey }, .stride = { 160 } };
    for (int i = 0; i < 10; i++) {
        im.pts_us = i * 40000;
        assert_int_equal(avalign_push_video(c, &im), 0);
    }
    assert_int_equal(avalign_push_video(c, &im), AVALIGN_ERR_ARG); /* time stands still */
    avalign_close(&c);
    assert_int_equal(avalign_open(&c, models, NULL, NULL), 0);
    assert_int_equal(avalign_push_video(c, &im), 0);
    assert_int_equal(avalign_finish(c, &r), 0);
    avalign_result_fields(r, &f);
    assert_int_equal(f.present, 0);
    assert_string_equal(f.reason[AVALIGN_SYNC_OFFSET_MS], "no-audio");
    assert_string_equal(f.reason[AVALIGN_ANOMALY_SCORE], "too-little-judged");
    avalign_result_free(&r);
    avalign_close(&c);
}

static void voices_from_arrays_are_those_of_the_file(void **state)
{
    (void)state;
    Heard *h = calloc(1, sizeof *h);
    AvalignConfig cfg;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.on_face = on_face;
    cfg.on_speech = on_speech;
    cfg.cookie = h;
    cfg.analyzers = "speaker";
    AvalignResult *r = by_path(&cfg);
    assert_true(avalign_result_n_embeddings(r) >= 2);
    const AvalignEmbedding m[2] = { *avalign_result_embedding(r, 0), *avalign_result_embedding(r, 1) };
    assert_string_equal(m[0].kind, "voice");
    AvalignPcm pcm = { .sample_rate = AVALIGN_SPEECH_RATE, .channels = 1, .samples = h->pcm, .frames = h->n };
    AvalignVoice v;
    assert_int_equal(avalign_extract_voice_embedding(models, &pcm, &v, NULL), 0);
    assert_null(v.reason);
    double same = 0;
    for (int d = 0; d < AVALIGN_VOICE_DIM; d++)
        same += (double)v.v[d] * m[0].v[d];
    assert_true(same > 0.999);
    AvalignSpeakerMatch match, file;
    assert_int_equal(avalign_verify_speaker(models, m[1].v, 1, v.v, 1, &match, NULL), 0);
    assert_int_equal(avalign_verify_speaker(models, m[1].v, 1, m[0].v, 1, &file, NULL), 0);
    assert_true(match.match >= 0 && match.match <= 1 && fabs(match.llr) <= 2);
    assert_float_equal(match.llr, file.llr, 0.02);
    pcm.frames = AVALIGN_SPEECH_RATE / 4;
    assert_int_equal(avalign_extract_voice_embedding(models, &pcm, &v, NULL), 0);
    assert_non_null(v.reason);
    pcm.channels = 0;
    assert_int_equal(avalign_extract_voice_embedding(models, &pcm, &v, NULL), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_extract_voice_embedding(NULL, &pcm, &v, NULL), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_verify_speaker(models, m[1].v, 0, m[0].v, 1, &file, NULL), AVALIGN_ERR_ARG);

    char *json = NULL;
    AvalignErrorInfo e;
    AvalignVerification check;
    assert_int_equal(avalign_reference_create((const AvalignResult *const *)&r, 1, "Re\"f", "0123456789abcdef", 16, &json, &e), 0);
    assert_int_equal(avalign_reference_verify(json, strlen(json), "0123456789abcdef", 16, r, &check, &e), 0);
    assert_string_equal(check.name, "Re\"f");
    assert_int_equal(check.signature, 1);
    assert_true(check.voice_llr > 2 && check.face_llr > 2);
    assert_true(check.voice_llr <= check.voice_bound && check.voice_bound < 7 && check.face_llr <= check.face_bound && check.face_bound < 7);
    assert_int_equal(avalign_reference_verify(json, strlen(json), "0123456789abcdeg", 16, r, &check, &e), AVALIGN_ERR_FORMAT);
    for (size_t cut = 0; cut < strlen(json); cut += 97)
        assert_int_equal(avalign_reference_verify(json, cut, NULL, 0, r, &check, &e), AVALIGN_ERR_FORMAT);
    assert_int_equal(avalign_reference_create((const AvalignResult *const *)&r, 0, "x", NULL, 0, &json, &e), AVALIGN_ERR_ARG);
    avalign_reference_free(&json);
    assert_null(json);
    avalign_result_free(&r);
    free(h->pcm);
    free(h);
}

static void the_sound_alone_from_arrays(void **state)
{
    (void)state;
    Heard *h = calloc(1, sizeof *h);
    AvalignConfig cfg;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.on_speech = on_speech;
    cfg.cookie = h;
    cfg.analyzers = "authenticity";
    AvalignResult *r = by_path(&cfg);
    AvalignAudioVisualResult f;
    avalign_result_fields(r, &f);
    AvalignPcm pcm = { .sample_rate = AVALIGN_SPEECH_RATE, .channels = 1, .samples = h->pcm, .frames = h->n };
    AvalignSyntheticVoice v;
    assert_int_equal(avalign_detect_synthetic_voice(models, &pcm, &v, NULL), 0);
    assert_null(v.reason);
    assert_float_equal(v.authenticity, f.voice_authenticity, 0.02);
    assert_true(fabs(v.llr) < 5);
    for (size_t i = 0; i < h->n; i++) /* a room around the voice */
        h->pcm[i] += .002f * (float)((int)(i * 2654435761u >> 20 & 255) - 128) / 128;
    memset(h->pcm + 5 * AVALIGN_SPEECH_RATE, 0, AVALIGN_SPEECH_RATE / 4 * sizeof *h->pcm); /* a hole */
    AvalignArtifact a[64];
    size_t n = 0, hole = 0;
    assert_int_equal(avalign_detect_audio_artifacts(models, &pcm, a, 64, &n, NULL), 0);
    for (size_t i = 0; i < n && i < 64; i++)
        hole += !strcmp(a[i].kind, "silence") && fabs(a[i].start_s - 5) < .02 && fabs(a[i].end_s - 5.25) < .02 && *a[i].evidence;
    assert_int_equal(hole, 1);
    size_t all = n;
    assert_int_equal(avalign_detect_audio_artifacts(models, &pcm, NULL, 0, &n, NULL), 0);
    assert_int_equal(n, all);
    pcm.frames = AVALIGN_SPEECH_RATE / 4;
    assert_int_equal(avalign_detect_synthetic_voice(models, &pcm, &v, NULL), 0);
    assert_non_null(v.reason);
    assert_int_equal(avalign_detect_synthetic_voice(NULL, &pcm, &v, NULL), AVALIGN_ERR_ARG);
    assert_int_equal(avalign_detect_audio_artifacts(models, &pcm, NULL, 1, &n, NULL), AVALIGN_ERR_ARG);
    pcm.channels = 0;
    assert_int_equal(avalign_detect_synthetic_voice(models, &pcm, &v, NULL), AVALIGN_ERR_ARG);
    avalign_result_free(&r);
    free(h->pcm);
    free(h);
}

/* Found by fuzzing: faces given far ahead of the pictures left rows that went back in time. */
static void faces_out_of_order(void **state)
{
    (void)state;
    AvalignContext *c;
    AvalignResult *r = NULL;
    AvalignConfig cfg;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.analyzers = "verdict";
    float points[68 * 2];
    for (int i = 0; i < 136; i++)
        points[i] = (float)(i * 7 % 90);
    AvalignFace f = { .box = { 1, 2, 40, 40 }, .n_landmarks = 68, .landmark_dims = 2, .landmarks = points };
    assert_int_equal(avalign_open(&c, models, &cfg, NULL), 0);
    assert_int_equal(avalign_push_faces(c, 16777215000, &f, 1), 0);
    assert_int_equal(avalign_push_faces(c, 16777215000, &f, 1), 0); /* the same instant is fine */
    assert_int_equal(avalign_push_faces(c, 15000, &f, 1), AVALIGN_ERR_ARG);
    assert_non_null(strstr(avalign_last_error(c)->message, "order of their times"));
    avalign_finish(c, &r);
    avalign_result_free(&r);
    avalign_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resampling_leaves_no_traces),
        cmocka_unit_test(pushed_landmarks_and_sound_give_the_offset),
        cmocka_unit_test(pushed_pictures_are_searched_for_faces),
        cmocka_unit_test(voices_from_arrays_are_those_of_the_file),
        cmocka_unit_test(the_sound_alone_from_arrays),
        cmocka_unit_test(faces_out_of_order),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
