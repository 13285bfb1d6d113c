/* background.c -- music and other voices under the speaker. */
#include "extract/stage.h"
#include "nets/background.h"

typedef struct Background {
    AvaStageSetup in;
    AvaBackgroundNet *net; /* NULL: no sound yet */
} Background;

static int background_keep(void *cookie, const AvaBackground *b, size_t n)
{
    AvaEvidence *ev = cookie;
    return ava_append(&ev->background, b, n);
}

static void background_close(void *state) { ava_background_close(&((Background *)state)->net); }

static int background_sound(void *state, int64_t t_us, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    Background *s = state;
    (void)t_us;
    int rc = s->net ? 0 : ava_background_open(&s->net, s->in.models, background_keep, s->in.ev, e);
    return rc ? rc : ava_background_push(s->net, pcm, n, e);
}

static int background_finish(void *state, AvalignErrorInfo *e)
{
    Background *s = state;
    return s->net ? ava_background_flush(s->net, e) : 0;
}

static int background_preload(const AvaStageSetup *setup, AvalignErrorInfo *e)
{
    AvaSession *net = NULL;
    int rc = ava_session_open(&net, setup->models, "background", e);
    ava_session_close(&net);
    return rc;
}

const AvaStage ava_stage_background = {
    .name = "background",
    .roles = (const char *const[]){ "background", NULL },
    .size = sizeof(Background),
    .on_sound = background_sound,
    .finish = background_finish,
    .close = background_close,
    .preload = background_preload,
};
