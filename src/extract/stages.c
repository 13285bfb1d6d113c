/* stages.c -- the table of stages, and what feeds those that are wanted. */
#include "extract/stages.h"

#include <stdlib.h>
#include <string.h>

#include "dsp/features.h"
#include "util/err.h"
#include "util/window.h"

/* In the order in which they finish: what others build on comes first. */
#define EACH_STAGE(X) \
    X(face_sync) \
    X(face_identity) \
    X(speech) \
    X(sync_sound) \
    X(voice) \
    X(pitch) \
    X(speech_encoder) \
    X(voice_person) \
    X(words) \
    X(background) \
    X(phones) \
    X(phones_heard) \
    X(samples) \
    X(face_emotion) \
    X(voice_emotion) \
    X(authenticity) \
    X(splice) \
    X(meters) \
    X(face_lse) \
    X(mouth_shape) \
    X(crossmodal) \
    X(drawn_face)

#define DECLARE(name) extern const AvaStage ava_stage_##name;
EACH_STAGE(DECLARE)
#define ENTRY(name) &ava_stage_##name,
static const AvaStage *const table[] = { EACH_STAGE(ENTRY) };
enum { N_STAGES = sizeof table / sizeof *table };

struct AvaStages {
    const AvaEvidence *ev;
    const AvaStage *stage[N_STAGES];
    void *state[N_STAGES];
    AvaTimings *timings;
    int row[N_STAGES]; /* of the timings */
    int n;
    AvaLogMel *mel;
    float buf[AVA_LOGMEL_WIN + AVA_LOGMEL_HOP];
    size_t n_buf;
};

/* Calls one callback of one stage. */
#define ONE(s, i, rc, call, ...)                                                                                       \
    do {                                                                                                               \
        AvaLap lap_ = ava_lap_begin((s)->timings);                                                                     \
        rc = (s)->stage[i]->call((s)->state[i], __VA_ARGS__);                                                          \
        ava_lap_end((s)->timings, (s)->row[i], lap_);                                                                  \
    } while (0)

static int wanted(const AvaStage *st, AvaAsked *asked, const void *cookie)
{
    for (const char *const *r = st->roles; r && *r; r++)
        if (asked(cookie, *r))
            return 1;
    return !st->roles;
}

unsigned ava_stages_wants(AvaAsked *asked, const void *cookie)
{
    unsigned wants = 0;
    for (int i = 0; i < N_STAGES; i++)
        if (table[i]->roles && wanted(table[i], asked, cookie))
            wants |= (table[i]->video ? AVA_WANTS_VIDEO : 0) |
                     (table[i]->on_frame || table[i]->on_sound || table[i]->on_encoded || table[i]->on_listen || table[i]->on_native ? AVA_WANTS_AUDIO : 0);
    return wants;
}

static int stages_encoded(void *stages, const AvaEncoderFrames *w, AvalignErrorInfo *e);

static int stages_run(const AvaStage *st, const AvaStageSetup *setup, AvaAsked *asked, const void *cookie)
{
    return wanted(st, asked, cookie) && !(st->video && setup->no_video);
}

int ava_stages_open(AvaStages **out, const AvaStageSetup *setup, AvaAsked *asked, const void *cookie, AvalignErrorInfo *e)
{
    AvaStages *s = *out = calloc(1, sizeof *s);
    int rc = s && (s->mel = ava_logmel_new()) ? 0 : ava_fail(e, AVALIGN_ERR_NOMEM, "open", AVA_NO_TIME, 0, "out of memory");
    setup->ev->phones_absent = "not-asked";
    if (s) {
        s->ev = setup->ev;
        s->timings = setup->timings;
    }
    int frames = 0;
    for (int i = 0; i < N_STAGES; i++)
        frames |= table[i]->on_encoded && stages_run(table[i], setup, asked, cookie);
    for (int i = 0; i < N_STAGES && !rc; i++) {
        if (!stages_run(table[i], setup, asked, cookie))
            continue;
        s->stage[s->n] = table[i];
        s->row[s->n] = s->timings ? ava_timings_row(s->timings, table[i]->name) : 0;
        AvaStageSetup *state = s->state[s->n++] = calloc(1, table[i]->size);
        if (!state)
            rc = ava_fail(e, AVALIGN_ERR_NOMEM, "open", AVA_NO_TIME, 0, "out of memory");
        else if (*state = *setup, state->encoded = frames ? stages_encoded : NULL, state->stages = s, table[i]->open)
            ONE(s, s->n - 1, rc, open, e);
    }
    if (rc)
        ava_stages_close(out);
    return rc;
}

void ava_stages_close(AvaStages **ps)
{
    AvaStages *s = ps ? *ps : NULL;
    if (!s)
        return;
    for (int i = 0; i < s->n; i++) {
        if (s->state[i] && s->stage[i]->close)
            s->stage[i]->close(s->state[i]);
        free(s->state[i]);
    }
    ava_logmel_free(s->mel);
    free(s);
    *ps = NULL;
}

int ava_stages_preload(const AvaStageSetup *setup, AvaAsked *asked, const void *cookie, AvalignErrorInfo *e)
{
    int rc = 0;
    for (int i = 0; i < N_STAGES && !rc; i++)
        if (table[i]->preload && wanted(table[i], asked, cookie))
            rc = table[i]->preload(setup, e);
    return rc;
}

unsigned ava_stages_crops(const AvaStages *s)
{
    unsigned crops = 0;
    for (int i = 0; i < s->n; i++)
        crops |= s->stage[i]->crops;
    return crops;
}

/* And of every stage that has it, until one fails. */
#define EACH(s, rc, call, ...)                                                                                         \
    for (int i_ = 0; i_ < (s)->n && !(rc); i_++)                                                                       \
        if ((s)->stage[i_]->call)                                                                                      \
            ONE(s, i_, rc, call, __VA_ARGS__)

int ava_stages_face(AvaStages *s, const AvalignFaceView *v, AvalignErrorInfo *e)
{
    int rc = 0;
    EACH(s, rc, on_face, v, e);
    return rc;
}

int ava_stages_wide(AvaStages *s, const AvalignFaceView *v, const AvaWideCrop *w, AvalignErrorInfo *e)
{
    int rc = 0;
    EACH(s, rc, on_wide, v, w, e);
    return rc;
}

int ava_stages_close_crop(AvaStages *s, const AvaCloseCrop *c, AvalignErrorInfo *e)
{
    int rc = 0;
    EACH(s, rc, on_close, c, e);
    return rc;
}

static int stages_encoded(void *stages, const AvaEncoderFrames *w, AvalignErrorInfo *e)
{
    AvaStages *s = stages;
    int rc = 0;
    EACH(s, rc, on_encoded, w, e);
    return rc;
}

int ava_stages_sound(AvaStages *s, int64_t t_us, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    int rc = 0;
    const float *p = pcm;
    size_t left = n;
    while (!rc && ava_window_fill(s->buf, &s->n_buf, AVA_LOGMEL_WIN, &p, &left)) {
        float bands[AVA_LOGMEL_BANDS];
        AvaLap lap = ava_lap_begin(s->timings);
        ava_logmel_frame(s->mel, s->buf, bands);
        ava_lap_end(s->timings, AVA_TIME_BANDS, lap);
        EACH(s, rc, on_frame, s->buf, bands, e);
        ava_window_step(s->buf, &s->n_buf, AVA_LOGMEL_HOP);
    }
    EACH(s, rc, on_sound, t_us, pcm, n, e);
    return rc;
}

int ava_stages_listen(AvaStages *s, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    int rc = 0;
    EACH(s, rc, on_listen, pcm, n, e);
    return rc;
}

int ava_stages_native(AvaStages *s, const AvaSound *sound, AvalignErrorInfo *e)
{
    int rc = 0;
    EACH(s, rc, on_native, sound, e);
    return rc;
}

int ava_stages_finish(AvaStages *s, AvalignErrorInfo *e)
{
    int rc = 0;
    for (int i = 0; i < s->n && !rc; i++) /* whole tracks and the whole sound take their time */
        if (ava_cancelled(s->ev))
            rc = ava_fail(e, AVALIGN_ERR_CANCELLED, "finish", AVA_NO_TIME, 0, "cancelled");
        else if (s->stage[i]->finish)
            ONE(s, i, rc, finish, e);
    return rc;
}
