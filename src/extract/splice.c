/* splice.c -- the net that hears cuts. */
#include "extract/stage.h"
#include "nets/splice.h"

typedef struct Splice {
    AvaStageSetup in;
    AvaSplice *net; /* NULL: no sound yet */
} Splice;

static int splice_keep(void *cookie, const float *odds, size_t n)
{
    AvaEvidence *ev = cookie;
    return ava_append(&ev->splice, odds, n);
}

static void splice_close(void *state) { ava_splice_close(&((Splice *)state)->net); }

static int splice_sound(void *state, int64_t t_us, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    Splice *s = state;
    (void)t_us;
    int rc = s->net ? 0 : ava_splice_open(&s->net, s->in.models, splice_keep, s->in.ev, e);
    return rc ? rc : ava_splice_push(s->net, pcm, n, e);
}

static int splice_finish(void *state, AvalignErrorInfo *e)
{
    Splice *s = state;
    return s->net ? ava_splice_flush(s->net, e) : 0;
}

const AvaStage ava_stage_splice = {
    .name = "splice",
    .roles = (const char *const[]){ "splice", NULL },
    .size = sizeof(Splice),
    .on_sound = splice_sound,
    .finish = splice_finish,
    .close = splice_close,
};
