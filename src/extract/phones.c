/* phones.c -- the phones that are heard, or those of a transcript where they fit. */
#include "nets/phones.h"

#include <math.h>
#include <stdlib.h>

#include "extract/stage.h"
#include "util/err.h"

/* A transcript is believed where its phones are about as likely, frame by frame, as those that are heard freely, and half as
 * often the same ones as such phones ever are. On GRID's sentences (3 and 15 s) the right text gives -3 to 14 by this sum, other
 * sentences -32 to -6 (one of 12 gave 6), prose under two interviews -27 to -9. */
static const double LEAST_FIT = -4, PER_AGREEMENT = 40;

typedef struct PhoneList {
    AVA_VEC(AvaPhone) phone;
} PhoneList;

typedef struct Phones {
    AvaStageSetup in;
    int opened, idle;
    AvaPhones *net;        /* hears freely; NULL: no sound yet, or no recogniser */
    AvaPhones *aligner;    /* of the transcript, beside it; NULL: none */
    PhoneList heard, told; /* kept apart until it shows which are right */
} Phones;

static int phones_keep(void *cookie, const AvaPhone *p, size_t n)
{
    AvaEvidence *ev = cookie;
    return ava_append(&ev->phone, p, n);
}

static int phones_list(void *cookie, const AvaPhone *p, size_t n)
{
    PhoneList *l = cookie;
    return ava_append(&l->phone, p, n);
}

/* There is a net that hears better and costs less (phones_heard.c); pocketsphinx then only follows transcripts. */
static int phones_by_net(const AvaStageSetup *in) { return ava_models_has(in->models, "speech-encoder") && ava_models_has(in->models, "speech-phones"); }

static int phones_idle(const AvaStageSetup *in) { return !in->transcript && phones_by_net(in); }

static int phones_open(void *state, AvalignErrorInfo *e)
{
    Phones *s = state;
    (void)e;
    s->idle = phones_idle(&s->in);
    if (!s->idle)
        s->in.ev->phones_absent = "no-speech";
    return 0;
}

static void phones_close(void *state)
{
    Phones *s = state;
    ava_phones_close(&s->net);
    ava_phones_close(&s->aligner);
    ava_vec_free(&s->heard.phone);
    ava_vec_free(&s->told.phone);
}

static int phones_first(Phones *s, AvalignErrorInfo *e)
{
    s->opened = 1;
    if (s->in.transcript) {
        int rc = ava_phones_open(&s->aligner, s->in.models, s->in.transcript, phones_list, &s->told, e);
        return rc ? rc : ava_phones_open(&s->net, s->in.models, NULL, phones_list, &s->heard, e);
    }
    int rc = ava_phones_open(&s->net, s->in.models, NULL, phones_keep, s->in.ev, e);
    if (rc != AVALIGN_ERR_MODEL)
        return rc;
    s->in.ev->phones_absent = "no-phone-model"; /* the others can do without */
    ava_err_clear(e);
    return 0;
}

static int phones_sound(void *state, int64_t t_us, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    Phones *s = state;
    (void)t_us;
    int rc = s->opened || s->idle ? 0 : phones_first(s, e);
    if (!rc && s->aligner)
        rc = ava_phones_push(s->aligner, pcm, n, e);
    return rc || !s->net ? rc : ava_phones_push(s->net, pcm, n, e);
}

/* How well the transcript's phones fit beside those heard, over the time in which both have one. Words that are not in the
 * dictionary take any sounds, so they tell nothing; where they take more time than the known ones, nothing fits. */
static double phones_fit(const PhoneList *told, const PhoneList *heard)
{
    double below = 0, same = 0, both = 0, guessed = 0;
    for (size_t i = 0, k = 0; i < told->phone.n; i++) {
        const AvaPhone *t = &told->phone.at[i];
        while (k < heard->phone.n && heard->phone.at[k].end_us <= t->start_us)
            k++;
        for (size_t m = k; m < heard->phone.n && heard->phone.at[m].start_us < t->end_us; m++) {
            const AvaPhone *h = &heard->phone.at[m];
            int64_t from = h->start_us > t->start_us ? h->start_us : t->start_us, to = h->end_us < t->end_us ? h->end_us : t->end_us;
            if (from >= to || t->id == AVA_PHONE_SIL || h->id == AVA_PHONE_SIL)
                continue;
            if (t->guessed) {
                guessed += (double)(to - from);
                continue;
            }
            below += (double)(to - from) * ((double)t->score - (double)h->score);
            same += (double)(to - from) * (t->id == h->id);
            both += (double)(to - from);
        }
    }
    return both > 0 && guessed <= both ? (below + PER_AGREEMENT * same) / both : -INFINITY;
}

static int phones_choose(Phones *s, AvalignErrorInfo *e)
{
    AvaEvidence *ev = s->in.ev;
    ev->unknown_words = ava_phones_unknown_words(s->aligner);
    if (!ava_phones_known_words(s->aligner))
        ev->transcript_unfit = "none of its words is in the dictionary";
    else if (ev->unknown_words > ava_phones_known_words(s->aligner))
        ev->transcript_unfit = "most of its words are not in the dictionary";
    else if (!ava_phones_fitted(s->aligner))
        ev->transcript_unfit = "the sound can't be followed to its end";
    else if (s->heard.phone.n && phones_fit(&s->told, &s->heard) < LEAST_FIT)
        ev->transcript_unfit = "its words are not what is said";
    ev->phones_aligned = !ev->transcript_unfit;
    if (!ev->phones_aligned && phones_by_net(&s->in))
        return 0; /* the net's stand there already */
    const PhoneList *right = ev->phones_aligned ? &s->told : &s->heard;
    ev->phone.n = 0;
    return ava_append(&ev->phone, right->phone.at, right->phone.n) ? ava_fail(e, AVALIGN_ERR_NOMEM, "viseme", AVA_NO_TIME, 0, "out of memory") : 0;
}

static int phones_finish(void *state, AvalignErrorInfo *e)
{
    Phones *s = state;
    if (!s->net)
        return 0;
    int rc = ava_phones_flush(s->net, e);
    if (!rc && s->aligner)
        rc = ava_phones_flush(s->aligner, e);
    if (!rc && s->aligner)
        rc = phones_choose(s, e);
    s->in.ev->phones_absent = NULL;
    return rc;
}

static int phones_none(void *cookie, const AvaPhone *p, size_t n) { return (void)cookie, (void)p, (void)n, 0; }

static int phones_preload(const AvaStageSetup *setup, AvalignErrorInfo *e)
{
    AvaPhones *p = NULL;
    int kinds = phones_idle(setup) ? 0 : setup->transcript ? 2 : 1; /* the free recogniser, the aligner */
    for (int aligned = 0; aligned < kinds; aligned++) {
        if (ava_phones_open(&p, setup->models, aligned ? setup->transcript : NULL, phones_none, NULL, e))
            ava_err_clear(e); /* the analysis will say so */
        ava_phones_close(&p);
    }
    return 0;
}

const AvaStage ava_stage_phones = {
    .name = "phones",
    .roles = (const char *const[]){ "mouth-shape", NULL },
    .video = 1,
    .size = sizeof(Phones),
    .open = phones_open,
    .on_sound = phones_sound,
    .finish = phones_finish,
    .close = phones_close,
    .preload = phones_preload,
};
