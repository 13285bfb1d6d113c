/* voice.c -- voice embeddings where somebody speaks. */
#include "extract/stage.h"
#include "nets/voice.h"

typedef struct Voice {
    AvaStageSetup in;
    AvaVoice *net; /* NULL: no sound yet */
} Voice;

static int voice_keep(void *cookie, const AvaVoiceVec *v, size_t n)
{
    AvaEvidence *ev = cookie;
    return ava_append(&ev->voice, v, n);
}

static void voice_close(void *state) { ava_voice_close(&((Voice *)state)->net); }

static int voice_frame(void *state, const float *window, const float *bands, AvalignErrorInfo *e)
{
    Voice *s = state;
    (void)bands;
    int rc = s->net ? 0 : ava_voice_open(&s->net, s->in.models, voice_keep, s->in.ev, e);
    return rc ? rc : ava_voice_push(s->net, window, e);
}

/* The speech stage stands before this one in the table: voiced already knows these samples. */
static int voice_sound(void *state, int64_t t_us, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    Voice *s = state;
    (void)t_us, (void)pcm, (void)n;
    return s->net ? ava_voice_settle(s->net, s->in.ev->voiced.at, s->in.ev->voiced.n, 0, e) : 0;
}

static int voice_finish(void *state, AvalignErrorInfo *e)
{
    Voice *s = state;
    return s->net ? ava_voice_settle(s->net, s->in.ev->voiced.at, s->in.ev->voiced.n, 1, e) : 0;
}

/* After avalign_models_set_speaker_id() there are more nets behind the role than the one in its row. */
static int voice_preload(const AvaStageSetup *setup, AvalignErrorInfo *e)
{
    AvaVoice *net = NULL;
    int rc = ava_voice_open(&net, setup->models, voice_keep, NULL, e);
    ava_voice_close(&net);
    return rc;
}

const AvaStage ava_stage_voice = {
    .name = "voice",
    .roles = (const char *const[]){ "voice-embed", NULL },
    .size = sizeof(Voice),
    .on_frame = voice_frame,
    .on_sound = voice_sound,
    .finish = voice_finish,
    .close = voice_close,
    .preload = voice_preload,
};
