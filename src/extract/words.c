/* words.c -- the words that are heard, from stretches of speech of up to 27 seconds.
 *
 * A stretch ends where nobody has spoken for a second; one that grows too long is cut in its longest late pause. Where nobody speaks
 * the nets do not run. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "avalign/avalign.h"
#include "extract/recent.h"
#include "extract/stage.h"
#include "nets/words.h"
#include "util/err.h"

enum { RATE = AVALIGN_SPEECH_RATE, FULL = 27 * RATE, EARLY = 12 * RATE, LEAST = RATE * 3 / 10, EDGE = RATE / 5, PAUSE = RATE,
       VAD_HOP = AVA_VAD_US / 1000 * (RATE / 1000), ROOM = FULL + PAUSE + 9 * RATE };

typedef struct Words {
    AvaStageSetup in;
    AvaWordsNet *net; /* NULL: nobody has spoken yet */
    AvaRecent sound;
    size_t heard;     /* values of ev->voiced that are dealt with */
    int64_t start, last, free_from; /* of the stretch in the making (-1: none), its last speech, the end of the one before */
    int64_t voiced, cut, longest;   /* samples of speech in it; where it is best cut, and how long nobody speaks there */
} Words;

static int words_open(void *state, AvalignErrorInfo *e)
{
    Words *s = state;
    s->start = -1;
    return ava_recent_open(&s->sound, ROOM) ? ava_fail(e, AVALIGN_ERR_NOMEM, "words", AVA_NO_TIME, 0, "out of memory") : 0;
}

static void words_close(void *state)
{
    Words *s = state;
    ava_words_close(&s->net);
    ava_recent_close(&s->sound);
}

static int words_hear(Words *s, int64_t from, int64_t to, AvalignErrorInfo *e)
{
    int64_t voiced = s->voiced;
    const float *pcm = ava_recent_span(&s->sound, &from, &to);
    s->start = -1;
    s->free_from = to;
    s->voiced = s->longest = s->cut = 0;
    if (voiced < LEAST || to <= from)
        return 0;
    int rc = s->net ? 0 : ava_words_open(&s->net, s->in.models, e);
    return rc ? rc : ava_words_run(s->net, pcm, (size_t)(to - from), s->in.ev->sound_t0_us + from * 1000000 / RATE, &s->in.ev->word, e);
}

/* A value of the speech stage (before this one in the table), from sample `at` on. */
static int hear_hop(Words *s, int64_t at, int spoken, AvalignErrorInfo *e)
{
    int64_t end = at + VAD_HOP;
    if (spoken && s->start < 0) {
        s->start = at - EDGE > s->free_from ? at - EDGE : s->free_from;
        s->last = at;
    }
    if (s->start < 0)
        return 0;
    if (spoken) {
        int64_t pause = at - s->last;
        if (at - s->start > EARLY && pause >= s->longest && pause > 0) {
            s->longest = pause;
            s->cut = s->last + pause / 2;
        }
        s->last = end;
        s->voiced += VAD_HOP;
    }
    if (end - s->last >= PAUSE)
        return words_hear(s, s->start, s->last + EDGE, e);
    if (end - s->start < FULL)
        return 0;
    int64_t cut = s->cut ? s->cut : end, last = s->last;
    int rc = words_hear(s, s->start, cut, e);
    if (last > cut) { /* what comes after the cut begins the next */
        s->start = cut;
        s->last = last;
        s->voiced = last - cut;
    }
    return rc;
}

static int words_advance(Words *s, int last, AvalignErrorInfo *e)
{
    int rc = 0;
    for (; !rc && s->heard < s->in.ev->voiced.n; s->heard++) {
        int64_t at = (int64_t)s->heard * VAD_HOP;
        if (!last && at + VAD_HOP + EDGE > ava_recent_end(&s->sound))
            break;
        rc = hear_hop(s, at, s->in.ev->voiced.at[s->heard] > .5f, e);
    }
    return rc;
}

static int words_sound(void *state, int64_t t_us, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    Words *s = state;
    int rc = 0;
    (void)t_us;
    while (n && !rc) {
        ava_recent_take(&s->sound, &pcm, &n);
        rc = words_advance(s, 0, e);
    }
    return rc;
}

static int words_finish(void *state, AvalignErrorInfo *e)
{
    Words *s = state;
    int rc = words_advance(s, 1, e);
    return rc || s->start < 0 ? rc : words_hear(s, s->start, s->last + EDGE, e);
}

static int words_preload(const AvaStageSetup *setup, AvalignErrorInfo *e)
{
    AvaWordsNet *net = NULL;
    int rc = ava_words_open(&net, setup->models, e);
    ava_words_close(&net);
    return rc;
}

const AvaStage ava_stage_words = {
    .name = "words",
    .roles = (const char *const[]){ "speech-words", NULL },
    .size = sizeof(Words),
    .open = words_open,
    .on_sound = words_sound,
    .finish = words_finish,
    .close = words_close,
    .preload = words_preload,
};
