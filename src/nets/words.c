/* words.c -- what is said: Whisper's decoder, the most likely token at a time.
 *
 * The net was taught on 30 s. A window that ends with the speech makes it say the same thing again and again, one with three seconds of
 * silence after it seldom does, so no more is added at first than up to the next five seconds; where it does all the same, it hears the
 * window again with ten and twenty seconds more. */
#include "nets/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nets/speech_encoder.h"
#include "util/err.h"

/* Of tiny.en; the vocabulary's end is where its special tokens begin. */
enum { RATE = 16000, WINDOW = AVA_WORDS_WINDOW_S * RATE, FRAMES = WINDOW / 320, LAYERS = 4, HEADS = 6, SIZE = 64, ROOM = 224, ALIGNED = 8,
       TOKENS = 51864, END = 50256, START = 50257, NO_SPEECH = 50361, NO_TIMES = 50362, SPACE = 220,
       MOST = 215, /* tokens of a window: more can't be said in it */
       LOOK = 72,  /* so often is looked whether it repeats itself */
       SILENCE = 3 * RATE, ROUND = 5 * RATE, MORE = 10 * RATE, TRIES = 3 };
/* Whisper's own limits: nobody speaks, and it is not sure; it is not sure at all. */
static const double no_speech = .6, unsure = -1;
/* Never said: signs that are no speech, from the package's config.json. */
static const int never[] = { 1, 2, 7, 8, 9, 10, 14, 25, 26, 27, 28, 29, 31, 58, 59, 60, 61, 62, 63, 90, 91, 92, 93, 357, 366, 438, 532, 685, 705, 796, 930,
    1058, 1220, 1267, 1279, 1303, 1343, 1377, 1391, 1635, 1782, 1875, 2162, 2361, 2488, 3467, 4008, 4211, 4600, 4808, 5299, 5855, 6329, 7203, 9609, 9959,
    10563, 10786, 11420, 11709, 11907, 13163, 13697, 13700, 14808, 15306, 16410, 16791, 17992, 19203, 19510, 20724, 22305, 22935, 27007, 30109, 30420,
    33409, 34949, 40283, 40493, 40549, 47282, 49146 };

struct AvaWordsNet {
    AvaSpeechEncoder *encoder;
    AvaSession *memory, *step;
    float *window, *attention; /* [WINDOW]; [MOST + 2][ALIGNED][FRAMES] */
    char *letters;             /* of all pieces, one after the other; NULL: no window was heard yet */
    int *end;                  /* of each piece in them */
    float pooled[AVA_ENCODER_POOLED];
    int token[MOST];
    double log_p[MOST];
    size_t frames; /* of this window, with the silence after it */
    size_t n;      /* tokens of it */
    int repeats;   /* they go round in circles */
};

int ava_words_open(AvaWordsNet **out, AvalignModels *m, AvalignErrorInfo *e)
{
    AvaWordsNet *w = *out = calloc(1, sizeof *w);
    if (w) {
        w->window = malloc(WINDOW * sizeof *w->window);
        w->attention = calloc((size_t)(MOST + 2) * ALIGNED * FRAMES, sizeof *w->attention);
        w->end = malloc(TOKENS * sizeof *w->end);
    }
    int rc = w && w->window && w->attention && w->end ? 0 : ava_fail(e, AVALIGN_ERR_NOMEM, "words", AVA_NO_TIME, 0, "out of memory");
    if (!rc)
        rc = ava_speech_encoder_open(&w->encoder, m, e);
    if (!rc)
        rc = ava_session_open(&w->memory, m, "speech-memory", e);
    if (!rc)
        rc = ava_session_open(&w->step, m, "speech-words", e);
    if (rc)
        ava_words_close(out);
    return rc;
}

void ava_words_close(AvaWordsNet **pw)
{
    AvaWordsNet *w = pw ? *pw : NULL;
    if (!w)
        return;
    ava_speech_encoder_close(&w->encoder);
    ava_session_close(&w->memory);
    ava_session_close(&w->step);
    free(w->window);
    free(w->attention);
    free(w->letters);
    free(w->end);
    free(w);
    *pw = NULL;
}

static int words_unfit(const char *role, AvalignErrorInfo *e)
{
    return ava_fail(e, AVALIGN_ERR_MODEL, "words", AVA_NO_TIME, 0, "role %s is not the net of Whisper tiny.en; run make setup", role);
}

/* The vocabulary, which the net of the memory carries. */
static int read_pieces(AvaWordsNet *w, AvalignErrorInfo *e)
{
    size_t n = 0, n_end = 0;
    const float *letters = ava_session_output(w->memory, 2, &n), *end = ava_session_output(w->memory, 3, &n_end);
    if (!letters || !end || n_end != TOKENS || end[TOKENS - 1] != (float)n)
        return words_unfit("speech-memory", e);
    for (size_t i = 0; i < TOKENS; i++) {
        if (end[i] < (i ? end[i - 1] : 0) || end[i] > (float)n)
            return words_unfit("speech-memory", e);
        w->end[i] = (int)end[i];
    }
    if (!(w->letters = malloc(n + 1)))
        return ava_fail(e, AVALIGN_ERR_NOMEM, "words", AVA_NO_TIME, 0, "out of memory");
    for (size_t i = 0; i < n; i++)
        w->letters[i] = (char)(unsigned char)letters[i];
    return 0;
}

/* What the decoder looks up, into its inputs. */
static int remember(AvaWordsNet *w, AvalignErrorInfo *e)
{
    const float *states = NULL;
    int rc = ava_speech_encoder_run(w->encoder, w->window, w->frames * 320, w->pooled, &states, e);
    if (rc)
        return rc;
    float *in = ava_session_input(w->memory, 0, (int64_t[]){ 1, (int64_t)w->frames, AVA_ENCODER_DIM }, 3);
    float *keys = ava_session_input(w->step, 2, (int64_t[]){ LAYERS, HEADS, SIZE, (int64_t)w->frames }, 4);
    float *values = ava_session_input(w->step, 3, (int64_t[]){ LAYERS, HEADS, (int64_t)w->frames, SIZE }, 4);
    if (!in || !keys || !values)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "words", AVA_NO_TIME, 0, "out of memory");
    memcpy(in, states + (AVA_ENCODER_STATES - 1) * w->frames * AVA_ENCODER_DIM, sizeof *in * w->frames * AVA_ENCODER_DIM);
    if ((rc = ava_session_run(w->memory, e)) != 0)
        return rc;
    size_t n_keys = 0, n_values = 0, n = LAYERS * HEADS * SIZE * w->frames;
    const float *k = ava_session_output(w->memory, 0, &n_keys), *v = ava_session_output(w->memory, 1, &n_values);
    if (!k || !v || n_keys != n || n_values != n)
        return words_unfit("speech-memory", e);
    memcpy(keys, k, n * sizeof *keys);
    memcpy(values, v, n * sizeof *values);
    return w->letters ? 0 : read_pieces(w, e);
}

/* One token further; the place counts from 0. *logits stays valid until the next. */
static int step(AvaWordsNet *w, int token, size_t place, const float **logits, AvalignErrorInfo *e)
{
    float *in = ava_session_input(w->step, 0, (int64_t[]){ 1 }, 1), *at = ava_session_input(w->step, 1, (int64_t[]){ 1 }, 1);
    float *past = ava_session_input(w->step, 4, (int64_t[]){ 2 * LAYERS, HEADS, ROOM, SIZE }, 4);
    float *mask = ava_session_input(w->step, 5, (int64_t[]){ ROOM + 1 }, 1);
    if (!in || !at || !past || !mask)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "words", AVA_NO_TIME, 0, "out of memory");
    if (!place) {
        memset(past, 0, sizeof *past * 2 * LAYERS * HEADS * ROOM * SIZE);
        for (int i = 0; i < ROOM; i++)
            mask[i] = -1e9f;
        mask[ROOM] = 0;
    }
    *in = (float)token;
    *at = (float)place;
    int rc = ava_session_run(w->step, e);
    if (rc)
        return rc;
    size_t n = 0, n_present = 0, n_seen = 0;
    const float *present = ava_session_output(w->step, 1, &n_present), *seen = ava_session_output(w->step, 2, &n_seen);
    *logits = ava_session_output(w->step, 0, &n);
    if (!*logits || !present || !seen || n != TOKENS || n_present != 2 * LAYERS * HEADS * SIZE || n_seen != ALIGNED * w->frames)
        return words_unfit("speech-words", e);
    for (size_t i = 0; i < 2 * LAYERS * HEADS; i++)
        memcpy(past + (i * ROOM + place) * SIZE, present + i * SIZE, SIZE * sizeof *past);
    mask[place] = 0;
    memcpy(w->attention + place * ALIGNED * w->frames, seen, sizeof *seen * ALIGNED * w->frames);
    return 0;
}

static double log_sum(const float *x, size_t n)
{
    float top = -INFINITY;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        top = fmaxf(top, x[i]);
    for (size_t i = 0; i < n; i++)
        sum += exp((double)x[i] - top);
    return top + log(fmax(sum, 1e-300));
}

/* The most likely token of those that may come: text, or the end. */
static int pick(const float *logits, int first)
{
    int best = -1;
    size_t skip = 0;
    for (int i = 0; i <= END; i++) {
        if (skip < sizeof never / sizeof *never && never[skip] == i)
            skip++;
        else if (!(first && (i == SPACE || i == END)) && (best < 0 || logits[i] > logits[best]))
            best = i;
    }
    return best;
}

/* The tokens of the window; none where it is not to be believed. */
static int words_decode(AvaWordsNet *w, AvalignErrorInfo *e)
{
    const float *logits = NULL;
    double sum = 0;
    w->n = 0;
    w->repeats = 0;
    int rc = step(w, START, 0, &logits, e);
    double silent = rc ? 0 : exp(logits[NO_SPEECH] - log_sum(logits, TOKENS));
    for (int token = NO_TIMES; !rc && w->n < MOST && !w->repeats;) {
        rc = step(w, token, w->n + 1, &logits, e);
        if (rc)
            break;
        token = pick(logits, !w->n);
        double p = logits[token] - log_sum(logits, TOKENS);
        sum += p;
        if (token == END)
            break;
        w->log_p[w->n] = p;
        w->token[w->n++] = token;
        w->repeats = w->n % LOOK == 0 && ava_words_repeat(w->token, w->n);
    }
    w->repeats = ava_words_repeat(w->token, w->n);
    double mean = sum / (double)(w->n + 1);
    if (mean < unsure || (silent > no_speech && mean < unsure / 2) || w->repeats)
        w->n = 0;
    return rc;
}

static void write_word(AvaWordsNet *w, size_t from, size_t to, AvaWord *out)
{
    char text[AVA_WORD];
    size_t n = 0;
    double sum = 0;
    for (size_t i = from; i < to; i++) {
        int t = w->token[i];
        sum += w->log_p[i];
        for (int c = w->end[t - 1]; c < w->end[t]; c++)
            if (n + 1 < AVA_WORD && (n || w->letters[c] != ' '))
                text[n++] = w->letters[c];
    }
    while (n + 1 == AVA_WORD && ((unsigned char)text[n - 1] & 0xc0) == 0x80) /* a letter that may be cut in two goes */
        n--;
    text[n] = 0;
    ava_clean_line(out->text, sizeof out->text, text); /* of a letter in two pieces one may be missing */
    out->p = exp(sum / (double)(to - from));
}

/* Attention of the real sound alone, evened to one a row; row 0 is the start token's, which says nothing of words. */
static void pack_attention(AvaWordsNet *w, size_t rows, size_t frames)
{
    for (size_t r = 0; r < rows * ALIGNED; r++) {
        const float *from = w->attention + (r + ALIGNED) * w->frames;
        float *to = w->attention + r * frames, sum = 1e-9f;
        memmove(to, from, frames * sizeof *to);
        for (size_t f = 0; f < frames; f++)
            sum += to[f];
        for (size_t f = 0; f < frames; f++)
            to[f] /= sum;
    }
}

int ava_words_run(AvaWordsNet *w, const float *pcm, size_t n, int64_t t_us, AvaWordList *out, AvalignErrorInfo *e)
{
    size_t begin[MOST + 1], frames = n / 320;
    if (!frames || n > WINDOW)
        return 0;
    memcpy(w->window, pcm, n * sizeof *pcm);
    size_t filled = (n + SILENCE + ROUND - 1) / ROUND * ROUND;
    int rc = 0;
    for (size_t i = 0; i < TRIES && !rc && (!i || (w->repeats && w->frames < FRAMES)); i++) {
        size_t length = filled + i * MORE;
        w->frames = (length < WINDOW ? length : WINDOW) / 320;
        memset(w->window + n, 0, (w->frames * 320 - n) * sizeof *pcm);
        rc = remember(w, e);
        if (!rc)
            rc = words_decode(w, e);
    }
    if (rc || !w->n)
        return rc;
    pack_attention(w, w->n + 1, frames);
    if (ava_words_times(w->attention, w->n + 1, ALIGNED, frames, begin))
        return ava_fail(e, AVALIGN_ERR_NOMEM, "words", AVA_NO_TIME, 0, "out of memory");
    for (size_t i = 0, to; i < w->n; i = to) {
        for (to = i + 1; to < w->n && w->letters[w->end[w->token[to] - 1]] != ' '; to++)
            ;
        AvaWord word = { .start_us = t_us + (int64_t)begin[i] * 20000, .end_us = t_us + (int64_t)begin[to] * 20000 };
        write_word(w, i, to, &word);
        if (*word.text && ava_push(out, word))
            return ava_fail(e, AVALIGN_ERR_NOMEM, "words", AVA_NO_TIME, 0, "out of memory");
    }
    return 0;
}
