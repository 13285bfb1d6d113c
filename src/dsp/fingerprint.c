/* fingerprint.c -- differences of band energies as bits, and a search for stretches that come twice. */
#include "dsp/fingerprint.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/fft.h"

enum { BANDS = 33, LOW_HZ = 300, HIGH_HZ = 3400, RATE = 16000, MAX_TWINS = 64 };
static const double MAX_ERRORS = .12; /* two stretches of the same length that are not copies differ in half of the bits, rarely under a quarter */

struct AvaFingerprinter {
    AvaFft *fft;
    float window[AVA_PRINT_WIN], x[AVA_PRINT_WIN], power[AVA_PRINT_WIN / 2 + 1], last[BANDS];
    int edge[BANDS + 1], started;
};

AvaFingerprinter *ava_fingerprinter_new(void)
{
    AvaFingerprinter *p = calloc(1, sizeof *p);
    if (!p || !(p->fft = ava_fft_new(AVA_PRINT_WIN))) {
        free(p);
        return NULL;
    }
    for (int i = 0; i < AVA_PRINT_WIN; i++)
        p->window[i] = (float)(.5 - .5 * cos(2 * M_PI * i / AVA_PRINT_WIN));
    for (int b = 0; b <= BANDS; b++)
        p->edge[b] = (int)lrint(LOW_HZ * pow((double)HIGH_HZ / LOW_HZ, (double)b / BANDS) * AVA_PRINT_WIN / RATE);
    return p;
}

void ava_fingerprinter_free(AvaFingerprinter *p)
{
    if (!p)
        return;
    ava_fft_free(p->fft);
    free(p);
}

uint32_t ava_fingerprinter_frame(AvaFingerprinter *p, const float window[AVA_PRINT_WIN])
{
    float e[BANDS];
    uint32_t bits = 0;
    for (int i = 0; i < AVA_PRINT_WIN; i++)
        p->x[i] = window[i] * p->window[i];
    ava_fft_power(p->fft, p->x, p->power);
    for (int b = 0; b < BANDS; b++) {
        e[b] = 0;
        for (int k = p->edge[b]; k < p->edge[b + 1]; k++)
            e[b] += p->power[k];
    }
    for (int b = 0; b + 1 < BANDS; b++)
        bits |= (uint32_t)(e[b] - e[b + 1] - (p->last[b] - p->last[b + 1]) > 0) << b;
    memcpy(p->last, e, sizeof e);
    bits = p->started ? bits : 0;
    p->started = 1;
    return bits;
}

/* ---- repeats ----------------------------------------------------------------------------- */

static int differing(uint32_t a, uint32_t b) { return __builtin_popcount(a ^ b); }

/* Grows a match of prints i and j (i < j) both ways while the errors stay few. */
static AvaRepeat grown(const uint32_t *print, const uint8_t *use, size_t n, size_t i, size_t j)
{
    enum { LOOK = 25 }; /* ends where a quarter of a second has too many errors */
    size_t lag = j - i, from = i, to = i + 1;
    for (int way = 0; way < 2; way++) {
        int errors = 0, seen = 0;
        size_t k = i;
        for (;;) {
            if (way ? k + lag + 1 >= n || k + 1 >= j : k == 0)
                break;
            size_t next = way ? k + 1 : k - 1;
            if (!use[next] || !use[next + lag])
                break;
            k = next;
            errors += differing(print[k], print[k + lag]);
            if (++seen == LOOK) {
                if (errors > MAX_ERRORS * 32 * LOOK)
                    break;
                if (way)
                    to = k + 1;
                else
                    from = k;
                errors = seen = 0;
            }
        }
        if (seen && errors <= MAX_ERRORS * 32 * seen) { /* what was left over */
            if (way)
                to = k + 1 > to ? k + 1 : to;
            else
                from = k < from ? k : from;
        }
    }
    AvaRepeat r = { from, from + lag, to - from, 0 };
    long errors = 0;
    for (size_t k = from; k < to; k++)
        errors += differing(print[k], print[k + lag]);
    r.errors = (double)errors / 32 / (double)r.n;
    return r;
}

typedef struct Entry {
    uint32_t print;
    uint32_t at;
} Entry;

static int by_print(const void *p, const void *q)
{
    const Entry *a = p, *b = q;
    return a->print != b->print ? (a->print > b->print) - (a->print < b->print) : (a->at > b->at) - (a->at < b->at);
}

static int by_place(const void *p, const void *q)
{
    const AvaRepeat *a = p, *b = q;
    if (a->second != b->second)
        return a->second < b->second ? -1 : 1;
    return a->first != b->first ? (a->first < b->first ? -1 : 1) : (a->n > b->n) - (a->n < b->n);
}

static int fingerprint_known(const AvaRepeat *r, size_t n, size_t j)
{
    for (size_t k = 0; k < n; k++)
        if (j >= r[k].second && j < r[k].second + r[k].n)
            return 1;
    return 0;
}

/* The same copy found from another seed: one, as long as both together. */
static int joins(AvaRepeat *r, size_t n, const AvaRepeat *x)
{
    for (size_t k = 0; k < n; k++) {
        size_t lag = r[k].second - r[k].first, other = x->second - x->first, end = r[k].first + r[k].n, end_x = x->first + x->n;
        if ((lag > other ? lag - other : other - lag) > 2 || x->first > end || r[k].first > end_x)
            continue;
        r[k].first = x->first < r[k].first ? x->first : r[k].first;
        r[k].second = r[k].first + lag;
        r[k].n = (end_x > end ? end_x : end) - r[k].first;
        return 1;
    }
    return 0;
}

int ava_find_repeats(const uint32_t *print, const uint8_t *use, size_t n, size_t min_n, AvaRepeat *out, size_t room)
{
    Entry *e = malloc((n + 1) * sizeof *e);
    size_t m = 0, found = 0;
    if (!e)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (use[i])
            e[m++] = (Entry){ print[i], (uint32_t)i };
    qsort(e, m, sizeof *e, by_print);
    for (size_t a = 0; a < m && found < room; a++)
        for (size_t b = a + 1; b < m && b <= a + MAX_TWINS && e[b].print == e[a].print && found < room; b++) {
            size_t i = e[a].at, j = e[b].at;
            if (j - i < min_n || fingerprint_known(out, found, j))
                continue;
            AvaRepeat r = grown(print, use, n, i, j);
            if (r.n >= min_n && r.errors <= MAX_ERRORS && !joins(out, found, &r))
                out[found++] = r;
        }
    free(e);
    qsort(out, found, sizeof *out, by_place);
    return (int)found;
}
