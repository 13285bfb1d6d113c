/* captions.c -- the words that are heard, as captions to show with the video: WebVTT (W3C) and SubRip.
 *
 * A caption is at most two lines of 42 letters and seven seconds long, as broadcasters' guides have it. It ends where nobody speaks for
 * a while, sooner after a sentence; one that grows too long ends at the best place in its later half. */
#include <stdlib.h>
#include <string.h>

#include "report/out.h"
#include "report/pauses.h"
#include "report/report.h"

enum { LINE = 42, LONGEST_US = 7000000, SHORTEST_US = 1000000, PAUSE_US = 800000, SENTENCE_PAUSE_US = 300000, HOLD_US = 500000 };

/* A word and the silence before it; spoken_us: where its speech ends, for the next pause belongs to the word otherwise. */
typedef struct Spoken {
    const AvaWord *word;
    int64_t pause_us, spoken_us;
    size_t letters;
} Spoken;

typedef AVA_VEC(Spoken) SpokenList;

static size_t count_letters(const char *s)
{
    size_t n = 0;
    for (; *s; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

/* 0, or -1: out of memory. */
static int list_words(const AvalignResult *r, SpokenList *out)
{
    const AvaWordList *w = &r->found.transcript.word;
    const AvaSegmentList *l = &r->found.segment;
    for (size_t i = 0; i < w->n; i++) {
        const AvaWord *x = &w->at[i];
        int64_t last = INT64_MIN;
        for (size_t k = 0; k < l->n; k++) {
            const AvaSegment *s = &l->at[k];
            if (!strcmp(s->kind, "speech") && s->start_us < x->end_us && s->end_us > x->start_us)
                last = s->end_us < x->end_us ? s->end_us : x->end_us;
        }
        Spoken one = { x, ava_pause_before(r, i), last == INT64_MIN ? x->end_us : last, count_letters(x->text) };
        if (ava_push(out, one))
            return -1;
    }
    return 0;
}

static size_t length(const Spoken *w, size_t n)
{
    size_t letters = n ? n - 1 : 0;
    for (size_t i = 0; i < n; i++)
        letters += w[i].letters;
    return letters;
}

/* How many of n words go into the first line, so that the longer line is as short as can be; n: all. */
static size_t first_line(const Spoken *w, size_t n)
{
    size_t best = n, least = length(w, n);
    for (size_t k = 1; k < n && length(w, n) > LINE; k++) {
        size_t a = length(w, k), b = length(w + k, n - k), longer = a > b ? a : b;
        if (longer < least) {
            least = longer;
            best = k;
        }
    }
    return best;
}

static int fits(const Spoken *w, size_t n)
{
    size_t k = first_line(w, n);
    return length(w, k) <= LINE && length(w + k, n - k) <= LINE && w[n - 1].spoken_us - w->word->start_us <= LONGEST_US;
}

static int ends_with(const Spoken *w, const char *these) { return w->letters && strchr(these, w->word->text[strlen(w->word->text) - 1]) != NULL; }

/* How many of n words the next caption has. */
static size_t take(const Spoken *w, size_t n)
{
    size_t k = 1;
    for (; k < n && fits(w, k + 1); k++)
        if (w[k].pause_us >= PAUSE_US || (w[k].pause_us >= SENTENCE_PAUSE_US && ends_with(&w[k - 1], ".?!")))
            return k;
    if (k == n)
        return k;
    size_t best = k;
    int64_t most = INT64_MIN; /* a word that begins before the one before it has a pause under 0 */
    for (size_t i = (k + 1) / 2; i <= k; i++) {
        int64_t good = w[i].pause_us + (ends_with(&w[i - 1], ".?!") ? 600000 : ends_with(&w[i - 1], ",;:") ? 300000 : 0);
        if (good >= most) {
            most = good;
            best = i;
        }
    }
    return best;
}

/* SubRip has tags, but no way to write their signs. */
static void put_word(AvaOut *o, const char *s, int web)
{
    for (;; s++) {
        size_t plain = strcspn(s, "<>&");
        ava_out(o, "%.*s", (int)plain, s);
        s += plain;
        if (!*s)
            return;
        ava_out_text(o, *s == '&' ? (web ? "&amp;" : "&") : !web ? "'" : *s == '<' ? "&lt;" : "&gt;");
    }
}

static void put_line(AvaOut *o, const Spoken *w, size_t n, int web)
{
    for (size_t i = 0; i < n; i++) {
        if (i)
            ava_out_text(o, " ");
        put_word(o, w[i].word->text, web);
    }
    if (n)
        ava_out_text(o, "\n");
}

static int64_t start_of(const Spoken *w) { return w->word->start_us > 0 ? w->word->start_us : 0; }

/* n words; next_us: where the one after it begins. */
static void put_caption(AvaOut *o, const Spoken *w, size_t n, int64_t next_us, size_t number, int web)
{
    int64_t start = start_of(w), end = w[n - 1].spoken_us + HOLD_US;
    end = end < start + SHORTEST_US ? start + SHORTEST_US : end > start + LONGEST_US ? start + LONGEST_US : end;
    end = end > next_us ? next_us : end;
    if (web)
        ava_out(o, "\n");
    else
        ava_out(o, "%s%zu\n", number > 1 ? "\n" : "", number);
    ava_out_clock(o, ava_rounded_s(start, 3), web ? '.' : ',');
    ava_out(o, " --> ");
    ava_out_clock(o, ava_rounded_s(end > start + 1000 ? end : start + 1000, 3), web ? '.' : ',');
    ava_out(o, "\n");
    size_t k = first_line(w, n);
    put_line(o, w, k, web);
    put_line(o, w + k, n - k, web);
}

int ava_report_captions(const AvalignResult *r, AvalignFormat format, AvalignWriteFn *write, void *cookie)
{
    AvaOut o = { write, cookie, 0 };
    SpokenList l = { 0 };
    size_t number = 0;
    int web = format == AVALIGN_WORDS_VTT;
    if (list_words(r, &l))
        o.failed = AVALIGN_ERR_NOMEM;
    if (web)
        ava_out(&o, "WEBVTT\n");
    for (size_t i = 0, n; i < l.n && !o.failed; i += n) {
        n = take(&l.at[i], l.n - i);
        put_caption(&o, &l.at[i], n, i + n < l.n ? start_of(&l.at[i + n]) : INT64_MAX, ++number, web);
    }
    ava_vec_free(&l);
    return o.failed;
}
