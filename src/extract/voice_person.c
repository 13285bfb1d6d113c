/* voice_person.c -- each window of speech before the head that tells a person's voice from a machine's. */
#include "extract/stage.h"
#include "util/err.h"

typedef struct Person {
    AvaStageSetup in;
    AvaSession *net; /* NULL until the end */
} Person;

static int person_open(void *state, AvalignErrorInfo *e)
{
    Person *s = state;
    (void)e;
    s->in.ev->has_person = 1;
    return 0;
}

static void person_close(void *state) { ava_session_close(&((Person *)state)->net); }

static int person_finish(void *state, AvalignErrorInfo *e)
{
    Person *s = state;
    AvaEvidence *ev = s->in.ev;
    int rc = ev->encoded.n ? ava_session_open(&s->net, s->in.models, "voice-person", e) : 0;
    for (size_t i = 0; !rc && i < ev->encoded.n; i++) {
        AvaPersonOdds o = { .start_us = ev->encoded.at[i].start_us, .end_us = ev->encoded.at[i].end_us };
        rc = ava_person_run(s->net, ev->encoded.at[i].pooled, &o, e);
        if (!rc && ava_push(&ev->person, o))
            rc = ava_fail(e, AVALIGN_ERR_NOMEM, "authenticity", AVA_NO_TIME, 0, "out of memory");
    }
    return rc;
}

const AvaStage ava_stage_voice_person = {
    .name = "voice person",
    .roles = (const char *const[]){ "voice-person", NULL },
    .size = sizeof(Person),
    .open = person_open,
    .finish = person_finish,
    .close = person_close,
};
