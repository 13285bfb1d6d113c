/* phones.c -- the phones that are heard, or those of a transcript where they fit. */
#include "nets/phones.h"
#include "extract/stage.h"
#include "util/err.h"

typedef struct Phones {
    AvaStageSetup in;
    int opened;
    AvaPhones *net; /* NULL: no sound yet, or no recogniser */
} Phones;

static int phones_keep(void *cookie, const AvaPhone *p, size_t n)
{
    AvaEvidence *ev = cookie;
    return ava_append(&ev->phone, p, n);
}

static int phones_open(void *state, AvalignErrorInfo *e)
{
    Phones *s = state;
    (void)e;
    s->in.ev->phones_absent = "no-speech";
    return 0;
}

static void phones_close(void *state) { ava_phones_close(&((Phones *)state)->net); }

static int phones_first(Phones *s, AvalignErrorInfo *e)
{
    s->opened = 1;
    int rc = ava_phones_open(&s->net, s->in.models, s->in.transcript, phones_keep, s->in.ev, e);
    if (rc != AVALIGN_ERR_MODEL || s->in.transcript)
        return rc;
    s->in.ev->phones_absent = "no-phone-model"; /* the others can do without */
    ava_err_clear(e);
    return 0;
}

static int phones_sound(void *state, int64_t t_us, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    Phones *s = state;
    (void)t_us;
    int rc = s->opened ? 0 : phones_first(s, e);
    return rc || !s->net ? rc : ava_phones_push(s->net, pcm, n, e);
}

static int phones_finish(void *state, AvalignErrorInfo *e)
{
    Phones *s = state;
    if (!s->net)
        return 0;
    int rc = ava_phones_flush(s->net, e);
    s->in.ev->phones_aligned = s->in.transcript != NULL;
    s->in.ev->unknown_words = ava_phones_unknown_words(s->net);
    s->in.ev->phones_absent = ava_phones_fitted(s->net) ? NULL : "transcript-mismatch";
    return rc;
}

static int phones_none(void *cookie, const AvaPhone *p, size_t n) { return (void)cookie, (void)p, (void)n, 0; }

static int phones_preload(const AvaStageSetup *setup, AvalignErrorInfo *e)
{
    AvaPhones *p = NULL;
    if (ava_phones_open(&p, setup->models, setup->transcript, phones_none, NULL, e))
        ava_err_clear(e); /* the analysis will say so */
    ava_phones_close(&p);
    return 0;
}

const AvaStage ava_stage_phones = { .name = "phones", .roles = (const char *const[]){ "mouth-shape", NULL }, .picture = 1, .size = sizeof(Phones),
                                    .open = phones_open, .on_sound = phones_sound, .finish = phones_finish, .close = phones_close,
                                    .preload = phones_preload };
