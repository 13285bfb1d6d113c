/* words_times.c -- when each token of a text is said, from where the decoder looked. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nets/words.h"

enum { HALF = 3, WIDE = 2 * HALF + 1 };

static float middle_of(const float *row, size_t frames, size_t at)
{
    float v[WIDE] = { 0 };
    for (int k = 0; k < WIDE; k++) { /* mirrored at the ends, and put in order as it comes */
        long i = labs((long)at + k - HALF);
        i = i >= (long)frames ? 2 * ((long)frames - 1) - i : i;
        float x = row[i < 0 ? 0 : i];
        int j = k;
        for (; j > 0 && v[j - 1] > x; j--)
            v[j] = v[j - 1];
        v[j] = x;
    }
    return v[HALF];
}

/* Adds to sum[rows][frames] what one head looked at: each frame even over the tokens, smoothed along the sound. */
static void add_head(const float *attention, size_t rows, size_t heads, size_t head, size_t frames, float *even, float *sum)
{
    for (size_t r = 0; r < rows; r++)
        memcpy(even + r * frames, attention + (r * heads + head) * frames, frames * sizeof *even);
    for (size_t f = 0; f < frames; f++) {
        double mean = 0, square = 0;
        for (size_t r = 0; r < rows; r++)
            mean += even[r * frames + f] / (double)rows;
        for (size_t r = 0; r < rows; r++)
            square += (even[r * frames + f] - mean) * (even[r * frames + f] - mean) / (double)rows;
        for (size_t r = 0; r < rows; r++)
            even[r * frames + f] = (float)((even[r * frames + f] - mean) / (sqrt(square) + 1e-9));
    }
    for (size_t r = 0; r < rows; r++)
        for (size_t f = 0; f < frames; f++)
            sum[r * frames + f] += middle_of(even + r * frames, frames, f) / (float)heads;
}

int ava_words_times(const float *attention, size_t rows, size_t heads, size_t frames, size_t *begin)
{
    if (!rows || !frames)
        return 0;
    float *even = malloc(rows * frames * sizeof *even), *sum = calloc(rows * frames, sizeof *sum);
    unsigned char *from = calloc(rows * frames, 1);
    if (even && sum && from) {
        for (size_t h = 0; h < heads; h++)
            add_head(attention, rows, heads, h, frames, even, sum);
        float *best = even; /* the best way to each place, which comes from the token before, the frame before, or both */
        for (size_t r = 0; r < rows; r++)
            for (size_t f = 0; f < frames; f++) {
                size_t i = r * frames + f;
                float both = r && f ? best[i - frames - 1] : r || f ? -INFINITY : 0;
                float token = r ? best[i - frames] : -INFINITY, frame = f ? best[i - 1] : -INFINITY;
                from[i] = both >= token && both >= frame ? 0 : token > frame ? 1 : 2;
                best[i] = sum[i] + fmaxf(both, fmaxf(token, frame));
            }
        for (size_t r = rows - 1, f = frames - 1;;) {
            begin[r] = f;
            if (!r && !f)
                break;
            unsigned char way = from[r * frames + f];
            r -= way != 2;
            f -= way != 1;
        }
    }
    int rc = even && sum && from ? 0 : -1;
    free(even);
    free(sum);
    free(from);
    return rc;
}

int ava_words_repeat(const int *token, size_t n)
{
    enum { MANY = 24 }; /* under that, saying something three times is nothing strange */
    if (n < MANY)
        return 0;
    size_t again = 0, all = n - 2;
    for (size_t i = 0; i < all; i++)
        for (size_t j = 0; j < i; j++)
            if (!memcmp(token + i, token + j, 3 * sizeof *token)) {
                again++;
                break;
            }
    return again * 2 > all;
}
