/* phones.c -- drives pocketsphinx: a free phone loop, or the words of a transcript forced onto the sound. */
#include "nets/phones.h"

#include <math.h>
#include <pocketsphinx.h>
#include <sphinxbase/cmn.h>
#include <sphinxbase/err.h>
#include <sphinxbase/feat.h>
#include <sphinxbase/fsg_model.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "infer/infer.h"
#include "util/err.h"
#include "util/format.h"
#include "util/timings.h"

/* Free recognition goes by blocks that overlap, so that memory is bounded and the
 * mean is the block's own; a phone belongs to the block that owns its middle. */
enum { RATE = 16000, BLOCK = 12 * RATE, OVERLAP = RATE, FRAME_US = 10000, MAX_WORD = 64, MAX_CEPSTRA = 64 };

struct AvaPhones {
    ps_decoder_t *ps;
    AvalignModels *models; /* where it is left for the next one */
    char *transcript;      /* it is for; NULL: none */
    float first_mean[MAX_CEPSTRA], first_sum[MAX_CEPSTRA]; /* of the running mean, as it is before any sound */
    int first_n, used;
    AvaPhonesFn *emit;
    void *cookie;
    int open;
    size_t known, unknown; /* words of the transcript */
    size_t least, seen; /* phones of the transcript when said in its shortest way; found */
    int64_t block_at; /* first sample of the block */
    size_t n;
    int16_t pcm[BLOCK];
};

static const char *const names[AVA_N_PHONES] = {
    "SIL", "AA", "AE", "AH", "AO", "AW", "AY", "B",  "CH", "D", "DH", "EH", "ER", "EY", "F", "G", "HH", "IH", "IY", "JH",
    "K",   "L",  "M",  "N",  "NG", "OW", "OY", "P",  "R",  "S", "SH", "T",  "TH", "UH", "UW", "V", "W", "Y", "Z", "ZH"
};

const char *ava_phone_name(int id) { return id >= 0 && id < AVA_N_PHONES ? names[id] : "SIL"; }

int ava_phone_id(const char *name)
{
    for (int i = 0; i < AVA_N_PHONES; i++)
        if (!strcmp(names[i], name))
            return i;
    return *name == '+' || *name == '<' || *name == '(' ? AVA_PHONE_SIL : -1;
}

static int no_model(AvalignErrorInfo *e, const char *dir)
{
    return ava_fail(e, AVALIGN_ERR_MODEL, "viseme", AVA_NO_TIME, 0,
                    "the phone recogniser's model is not in %s; install Debian's pocketsphinx-en-us", dir);
}

/* Adds the phones, blank-separated, as a path between two states; the number of phones. */
static size_t add_path(fsg_model_t *g, int from, const char *phones, int to, int *next)
{
    char one[8];
    int used;
    size_t n = 0;
    for (const char *p = phones; sscanf(p, "%7s%n", one, &used) == 1; p += used) {
        const char *rest = p + used;
        while (*rest == ' ')
            rest++;
        int end = *rest ? (*next)++ : to;
        fsg_model_trans_add(g, from, end, 0, fsg_model_word_add(g, one));
        from = end;
        n++;
    }
    return n;
}

/* The word at *text, lower case without punctuation; 0 at the end. */
static int next_word(const char **text, char word[MAX_WORD])
{
    int n = 0;
    for (;; (*text)++) {
        unsigned char c = (unsigned char)**text;
        int inside = ava_letter_or_digit(c) || c == '\'' || c >= 128;
        if (inside && n < MAX_WORD - 1)
            word[n++] = (char)ava_lower(c);
        if (!inside && (n || !c))
            break;
    }
    word[n] = 0;
    return n;
}

enum { MAX_PRONUNCIATIONS = 5 };

/* Each sound of a word without a pronunciation costs 8 nats (in steps of 1e-4): free sounds fit better than any word, and would
 * swallow the known words beside them. */
enum { DEAR = -80000 };

/* The name of a phone within such a word. */
static const char *guess_of(int phone, char name[8])
{
    snprintf(name, 8, "%s?", names[phone]);
    return name;
}

/* The n-th pronunciation (from 1) of a word, to be freed with ckd_free(); NULL: none. */
static char *pronunciation(ps_decoder_t *ps, const char *word, int n)
{
    char key[MAX_WORD + 8];
    snprintf(key, sizeof key, n == 1 ? "%s" : "%s(%d)", word, n);
    return ps_lookup_word(ps, key);
}

/* A state graph: the words one after the other, each through any of its pronunciations. */
static int load_transcript(AvaPhones *p, const char *text, AvalignErrorInfo *e)
{
    char word[MAX_WORD], any[8];
    int states = 1, words = 0;
    for (const char *t = text; next_word(&t, word);) {
        words++;
        for (int k = 1; k <= MAX_PRONUNCIATIONS; k++) {
            char *s = pronunciation(p->ps, word, k);
            for (const char *c = s; c && *c; c++)
                states += *c == ' ';
            ckd_free(s);
        }
        states++;
    }
    if (!words || words > 20000)
        return ava_fail(e, AVALIGN_ERR_ARG, "viseme", AVA_NO_TIME, 0,
                        words ? "the transcript has over 20000 words" : "the transcript has no words");
    for (int i = 1; i < AVA_N_PHONES; i++)
        if (ps_add_word(p->ps, names[i], names[i], FALSE) < 0 || ps_add_word(p->ps, guess_of(i, any), names[i], i == AVA_N_PHONES - 1) < 0)
            return ava_fail(e, AVALIGN_ERR_MODEL, "viseme", AVA_NO_TIME, 0, "the phone recogniser lacks the phone %s", names[i]);
    fsg_model_t *g = fsg_model_init("transcript", ps_get_logmath(p->ps), 1.0f, states);
    int at = 0, next = words + 1; /* states 0..words lie between words */
    for (const char *t = text; next_word(&t, word); at++) {
        size_t known = 0, n;
        for (int k = 1; k <= MAX_PRONUNCIATIONS; k++) {
            char *s = pronunciation(p->ps, word, k);
            if (s && *s) {
                n = add_path(g, at, s, at + 1, &next);
                known = !known || n < known ? n : known;
            }
            ckd_free(s);
        }
        for (int i = 1; !known && i < AVA_N_PHONES; i++) { /* any sounds, at least one */
            fsg_model_trans_add(g, at, at + 1, DEAR, fsg_model_word_add(g, guess_of(i, any)));
            fsg_model_trans_add(g, at + 1, at + 1, DEAR, fsg_model_word_add(g, guess_of(i, any)));
        }
        p->known += known > 0;
        p->unknown += !known;
        p->least += known ? known : 1;
    }
    g->start_state = 0;
    g->final_state = words;
    fsg_model_add_silence(g, "<sil>", -1, 0.05f);
    int bad = ps_set_fsg(p->ps, "transcript", g) < 0 || ps_set_search(p->ps, "transcript") < 0;
    fsg_model_free(g);
    return bad ? ava_fail(e, AVALIGN_ERR_MODEL, "viseme", AVA_NO_TIME, 0, "the transcript can't be made into a grammar") : 0;
}

static const char spare_free[] = "phones", spare_aligned[] = "phones of a transcript";

static void drop(void *phones)
{
    AvaPhones *p = phones;
    if (p->ps && !p->open && ps_start_utt(p->ps) == 0) /* the next start, not ps_free(), frees the last path */
        p->open = 1;
    if (p->open)
        ps_end_utt(p->ps);
    if (p->ps)
        ps_free(p->ps);
    free(p->transcript);
    free(p);
}

/* The running cepstral mean goes on from utterance to utterance; the next file must not hear of this one. */
static void keep_mean(AvaPhones *p)
{
    const cmn_t *c = ps_get_feat(p->ps)->cmn_struct;
    size_t n = c->veclen < MAX_CEPSTRA ? (size_t)c->veclen : MAX_CEPSTRA;
    memcpy(p->first_mean, c->cmn_mean, n * sizeof *p->first_mean);
    memcpy(p->first_sum, c->sum, n * sizeof *p->first_sum);
    p->first_n = c->nframe;
}

static void reset(AvaPhones *p)
{
    cmn_t *c = ps_get_feat(p->ps)->cmn_struct;
    size_t n = c->veclen < MAX_CEPSTRA ? (size_t)c->veclen : MAX_CEPSTRA;
    memcpy(c->cmn_mean, p->first_mean, n * sizeof *p->first_mean);
    memcpy(c->sum, p->first_sum, n * sizeof *p->first_sum);
    c->nframe = p->first_n;
    ps_start_stream(p->ps);
    p->n = p->seen = 0;
    p->block_at = 0;
}

/* One that was left: any without a transcript, or one for this transcript. */
static AvaPhones *take_spare(AvalignModels *m, const char *transcript)
{
    AvaPhones *p = ava_models_take(m, transcript ? spare_aligned : spare_free);
    if (p && transcript && strcmp(p->transcript, transcript)) {
        drop(p);
        p = NULL;
    }
    return p;
}

int ava_phones_open(AvaPhones **out, AvalignModels *m, const char *transcript, AvaPhonesFn *emit, void *cookie, AvalignErrorInfo *e)
{
    const char *dir = ava_models_phone_dir(m);
    char hmm[4096], lm[4096], dict[4096];
    AvaPhones *p = *out = take_spare(m, transcript);
    if (p) {
        p->models = m; /* not the hold of its last user, which is gone */
        p->emit = emit;
        p->cookie = cookie;
        return 0;
    }
    p = *out = calloc(1, sizeof *p);
    if (!p || (transcript && !(p->transcript = strdup(transcript)))) {
        free(p);
        *out = NULL;
        return ava_fail(e, AVALIGN_ERR_NOMEM, "viseme", AVA_NO_TIME, 0, "out of memory");
    }
    p->emit = emit;
    p->cookie = cookie;
    p->models = m;
    AvaLap lap = ava_lap_load();
    dir = dir && *dir ? dir : AVALIGN_POCKETSPHINX_DIR "/en-us";
    snprintf(hmm, sizeof hmm, "%s/en-us", dir);
    snprintf(lm, sizeof lm, "%s/en-us-phone.lm.bin", dir);
    snprintf(dict, sizeof dict, "%s/cmudict-en-us.dict", dir);
    err_set_logfp(NULL); /* it would write to stderr */
    int rc = access(hmm, R_OK) || access(transcript ? dict : lm, R_OK) ? no_model(e, dir) : 0;
    cmd_ln_t *cfg = NULL;
    if (!rc)
        cfg = transcript ? cmd_ln_init(NULL, ps_args(), TRUE, "-hmm", hmm, "-dict", dict, "-beam", "1e-80", "-wbeam", "1e-60",
                                       "-pbeam", "1e-80", "-bestpath", "no", "-remove_silence", "no", "-lw", "1.0", "-dither", "no", NULL)
                         : cmd_ln_init(NULL, ps_args(), TRUE, "-hmm", hmm, "-allphone", lm, "-allphone_ci", "yes", "-ds", "2", "-beam", "1e-20",
                                       "-pbeam", "1e-10", "-lw", "2.0", "-remove_silence", "no", "-dither", "no", NULL);
    if (!rc && (!cfg || !(p->ps = ps_init(cfg))))
        rc = no_model(e, dir);
    if (cfg)
        cmd_ln_free_r(cfg);
    if (!rc && transcript)
        rc = load_transcript(p, transcript, e);
    if (!rc)
        keep_mean(p);
    ava_lap_loaded(lap);
    if (rc) {
        drop(p);
        *out = NULL;
    }
    return rc;
}

void ava_phones_close(AvaPhones **p)
{
    if (!p || !*p)
        return;
    if ((*p)->open || ((*p)->transcript && (*p)->used)) { /* stopped half way, or not asked for again */
        drop(*p);
    } else {
        if ((*p)->used)
            reset(*p);
        ava_models_leave((*p)->models, (*p)->transcript ? spare_aligned : spare_free, *p, drop);
    }
    *p = NULL;
}

/* Hands on the phones of the finished utterance that began at sample `at` and whose
 * middles lie in [from, to) microseconds. */
static int hand_on(AvaPhones *p, int64_t at, int64_t from, int64_t to)
{
    int rc = 0;
    for (ps_seg_t *s = ps_seg_iter(p->ps); s; s = ps_seg_next(s)) {
        char name[8];
        snprintf(name, sizeof name, "%s", ps_seg_word(s));
        char *guessed = strchr(name, '?');
        if (guessed)
            *guessed = 0;
        int sf, ef, ascr = 0, lscr, back, id = ava_phone_id(name);
        if (rc || id < 0)
            continue;
        ps_seg_frames(s, &sf, &ef);
        ps_seg_prob(s, &ascr, &lscr, &back);
        AvaPhone ph = { .id = (uint8_t)id, .guessed = guessed != NULL, .score = (float)ascr / (float)(ef - sf + 1) };
        ph.start_us = at * 1000000 / RATE + (int64_t)sf * FRAME_US;
        ph.end_us = at * 1000000 / RATE + (int64_t)(ef + 1) * FRAME_US;
        p->seen += id != AVA_PHONE_SIL;
        int64_t middle = (ph.start_us + ph.end_us) / 2;
        if (middle >= from && middle < to)
            rc = p->emit(p->cookie, &ph, 1);
    }
    return rc;
}

static int phones_failed(AvalignErrorInfo *e)
{
    return ava_fail(e, AVALIGN_ERR_INFER, "viseme", AVA_NO_TIME, 0, "the phone recogniser failed");
}

/* Digital silence holds no phone; the recogniser would search it as long as speech. */
static int silent_block(AvaPhones *p, int64_t from, int64_t to, AvalignErrorInfo *e)
{
    AvaPhone ph = { .id = AVA_PHONE_SIL, .start_us = from == INT64_MIN ? 0 : from,
                    .end_us = to == INT64_MAX ? (p->block_at + (int64_t)p->n) * 1000000 / RATE : to };
    return p->emit(p->cookie, &ph, 1) ? ava_fail(e, AVALIGN_ERR_NOMEM, "viseme", AVA_NO_TIME, 0, "out of memory") : 0;
}

static int recognise_block(AvaPhones *p, int last, AvalignErrorInfo *e)
{
    if (p->n < RATE / 10)
        return 0; /* too short for the feature's window */
    int64_t from = p->block_at ? (p->block_at + OVERLAP / 2) * 1000000 / RATE : INT64_MIN;
    int64_t to = last ? INT64_MAX : (p->block_at + BLOCK - OVERLAP / 2) * 1000000 / RATE;
    size_t loud = 0;
    while (loud < p->n && !p->pcm[loud])
        loud++;
    if (loud == p->n)
        return silent_block(p, from, to, e);
    p->open = ps_start_utt(p->ps) == 0;
    if (!p->open || ps_process_raw(p->ps, p->pcm, p->n, FALSE, TRUE) < 0 || ps_end_utt(p->ps) < 0)
        return phones_failed(e);
    p->open = 0;
    if (hand_on(p, p->block_at, from, to))
        return ava_fail(e, AVALIGN_ERR_NOMEM, "viseme", AVA_NO_TIME, 0, "out of memory");
    return 0;
}

static int full(AvaPhones *p, AvalignErrorInfo *e)
{
    if (!p->transcript) {
        int rc = recognise_block(p, 0, e);
        memmove(p->pcm, p->pcm + BLOCK - OVERLAP, OVERLAP * sizeof *p->pcm);
        p->n = OVERLAP;
        p->block_at += BLOCK - OVERLAP;
        return rc;
    }
    if (!p->open && ps_start_utt(p->ps) < 0)
        return phones_failed(e);
    p->open = 1;
    int bad = ps_process_raw(p->ps, p->pcm, p->n, FALSE, FALSE) < 0;
    p->n = 0;
    return bad ? phones_failed(e) : 0;
}

int ava_phones_push(AvaPhones *p, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    p->used = 1;
    for (size_t i = 0; i < n; i++) {
        int rc = p->n == BLOCK ? full(p, e) : 0;
        if (rc)
            return rc;
        p->pcm[p->n++] = (int16_t)lrintf(fmaxf(-1, fminf(pcm[i], 1)) * 32767);
    }
    return 0;
}

int ava_phones_flush(AvaPhones *p, AvalignErrorInfo *e)
{
    if (!p->transcript)
        return recognise_block(p, 1, e);
    int rc = p->n ? full(p, e) : 0;
    if (rc || !p->open)
        return rc;
    p->open = 0;
    if (ps_end_utt(p->ps) < 0)
        return phones_failed(e);
    return hand_on(p, 0, INT64_MIN, INT64_MAX)
               ? ava_fail(e, AVALIGN_ERR_NOMEM, "viseme", AVA_NO_TIME, 0, "out of memory") : 0;
}

size_t ava_phones_known_words(const AvaPhones *p) { return p->known; }
size_t ava_phones_unknown_words(const AvaPhones *p) { return p->unknown; }
int ava_phones_fitted(const AvaPhones *p) { return !p->transcript || p->seen >= p->least; }
