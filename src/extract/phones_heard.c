/* phones_heard.c -- the phones that are heard, by a net on the speech encoder's frames; phones.c puts those of a fitting transcript in their place. */
#include "extract/stage.h"
#include "nets/phone_head.h"
#include "util/err.h"

typedef struct PhonesHeard {
    AvaStageSetup in;
    AvaPhoneHead *net; /* NULL: nobody has spoken yet */
} PhonesHeard;

static int phones_heard_open(void *state, AvalignErrorInfo *e)
{
    PhonesHeard *s = state;
    (void)e;
    s->in.ev->phones_absent = "too-short"; /* until the encoder has heard a window */
    return 0;
}

static void phones_heard_close(void *state) { ava_phone_head_close(&((PhonesHeard *)state)->net); }

/* A phone over the border of two windows is one. */
static int phones_heard_keep(void *cookie, const AvaPhone *p, size_t n)
{
    AvaEvidence *ev = cookie;
    AvaPhone *last = ev->phone.n ? &ev->phone.at[ev->phone.n - 1] : NULL;
    if (n && last && last->id == p->id && last->end_us == p->start_us) {
        float was = (float)(last->end_us - last->start_us), more = (float)(p->end_us - p->start_us);
        last->score = (last->score * was + p->score * more) / (was + more);
        last->end_us = p->end_us;
        return 0;
    }
    return ava_append(&ev->phone, p, n);
}

static int phones_heard_encoded(void *state, const AvaEncoderFrames *w, AvalignErrorInfo *e)
{
    PhonesHeard *s = state;
    int rc = s->net ? 0 : ava_phone_head_open(&s->net, s->in.models, e);
    s->in.ev->phones_absent = NULL;
    return rc ? rc : ava_phone_head_run(s->net, w->states, w->n, w->heard, w->start_us, phones_heard_keep, s->in.ev, e);
}

const AvaStage ava_stage_phones_heard = {
    .name = "phones heard",
    .roles = (const char *const[]){ "speech-phones", NULL },
    .video = 1,
    .size = sizeof(PhonesHeard),
    .open = phones_heard_open,
    .on_encoded = phones_heard_encoded,
    .close = phones_heard_close,
};
