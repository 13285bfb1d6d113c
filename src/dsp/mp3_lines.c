/* mp3_lines.c -- MP3's long granule: a polyphase filter bank of 32 bands, in each an MDCT of 36 of its samples, and butterflies
 * between neighbours against aliasing (ISO/IEC 11172-3, 2.4.3.4 and C.1.3; frames of MPEG-2 and 2.5 have the same granules).
 * The bands of all granules that begin a multiple of 32 samples apart are the same, so they are kept from call to call. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/coder_lines.h"

enum { BANDS = 22 /* of 32: up to the lines that are looked at */, LINES = 18, TAPS = 512, HOP = 32, SPAN = 2 * LINES, SLOTS = SPAN + LINES - 1, BUTTERFLIES = 8 };

/* First half of the analysis window, table C.1, times 32 * 65,536; the rest is its mirror image with the other sign, but for multiples of 64. */
static const int WINDOW[TAPS / 2 + 1] = {
    0, -1, -1, -1, -1, -1, -1, -2, -2, -2, -2, -3, -3, -4, -4, -5, -5, -6, -7, -7, -8, -9, -10, -11, -13, -14, -16,
    -17, -19, -21, -24, -26, -29, -31, -35, -38, -41, -45, -49, -53, -58, -63, -68, -73, -79, -85, -91, -97, -104,
    -111, -117, -125, -132, -139, -147, -154, -161, -169, -176, -183, -190, -196, -202, -208, 213, 218, 222, 225, 227,
    228, 228, 227, 224, 221, 215, 208, 200, 189, 177, 163, 146, 127, 106, 83, 57, 29, -2, -36, -72, -111, -153, -197,
    -244, -294, -347, -401, -459, -519, -581, -645, -711, -779, -848, -919, -991, -1064, -1137, -1210, -1283, -1356,
    -1428, -1498, -1567, -1634, -1698, -1759, -1817, -1870, -1919, -1962, -2001, -2032, -2057, -2075, -2085, -2087,
    -2080, -2063, 2037, 2000, 1952, 1893, 1822, 1739, 1644, 1535, 1414, 1280, 1131, 970, 794, 605, 402, 185, -45,
    -288, -545, -814, -1095, -1388, -1692, -2006, -2330, -2663, -3004, -3351, -3705, -4063, -4425, -4788, -5153,
    -5517, -5879, -6237, -6589, -6935, -7271, -7597, -7910, -8209, -8491, -8755, -8998, -9219, -9416, -9585, -9727,
    -9838, -9916, -9959, -9966, -9935, -9863, -9750, -9592, -9389, -9139, -8840, -8492, -8092, -7640, -7134, 6574,
    5959, 5288, 4561, 3776, 2935, 2037, 1082, 70, -998, -2122, -3300, -4533, -5818, -7154, -8540, -9975, -11455,
    -12980, -14548, -16155, -17799, -19478, -21189, -22929, -24694, -26482, -28289, -30112, -31947, -33791, -35640,
    -37489, -39336, -41176, -43006, -44821, -46617, -48390, -50137, -51853, -53534, -55178, -56778, -58333, -59838,
    -61289, -62684, -64019, -65290, -66494, -67629, -68692, -69679, -70590, -71420, -72169, -72835, -73415, -73908,
    -74313, -74630, -74856, -74992, 75038,
};
/* Rounding to 16 bits leaves as much in these lines as in those of AAC's transform, which is not normalised either: sqrt(1024 / 2) there. */
static const double SCALE = 128. / 3;
static const double ALIAS[BUTTERFLIES] = { -.6, -.535, -.33, -.185, -.095, -.041, -.0142, -.0037 }; /* table B.9 */

typedef struct Bank {
    float window[TAPS], turn[64][BANDS], mdct[SPAN][LINES], keep[BUTTERFLIES], cross[BUTTERFLIES];
    float band[SLOTS][BANDS];
    const float *snip; /* whose bands are kept, from the sample `first` on */
    int first;
} Bank;

static void *bank_new(void)
{
    Bank *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    for (int i = 0; i < TAPS; i++)
        b->window[i] = (float)(i <= TAPS / 2 ? WINDOW[i] : i % 64 ? -WINDOW[TAPS - i] : WINDOW[TAPS - i]) / (32 * 65536.f);
    for (int i = 0; i < BANDS; i++)
        for (int k = 0; k < 64; k++)
            b->turn[k][i] = (float)cos((2 * i + 1) * (k - 16) * M_PI / 64);
    for (int k = 0; k < LINES; k++)
        for (int i = 0; i < SPAN; i++)
            b->mdct[i][k] = (float)(SCALE * sin(M_PI / SPAN * (i + .5)) * cos(M_PI / (2 * SPAN) * (2 * i + 1 + LINES) * (2 * k + 1)));
    for (int i = 0; i < BUTTERFLIES; i++) {
        double c = ALIAS[i];
        b->keep[i] = (float)(1 / sqrt(1 + c * c));
        b->cross[i] = (float)(c / sqrt(1 + c * c));
    }
    return b;
}

/* All samples of the bands from x on. The inner loops run over what is summed up side by side, which compilers make vectors of. */
static void mp3_lines_split(Bank *b, const float *x)
{
    for (int t = 0; t < SLOTS; t++, x += HOP) {
        float y[64] = { 0 }, *s = b->band[t];
        for (int j = 0; j < TAPS; j += 64)
            for (int i = 0; i < 64; i++)
                y[i] += b->window[j + i] * x[TAPS - 1 - j - i];
        memset(s, 0, sizeof b->band[t]);
        for (int k = 0; k < 64; k++)
            for (int i = 0; i < BANDS; i++)
                s[i] += b->turn[k][i] * y[k];
    }
}

static void granule(void *state, const float snip[AVA_LINES_SNIP], int offset, float *out)
{
    Bank *b = state;
    int slot = offset / HOP, first = offset % HOP;
    if (b->snip != snip || b->first != first) {
        mp3_lines_split(b, snip + first);
        b->snip = snip;
        b->first = first;
    }
    for (int i = 0; i < BANDS; i++) {
        float sum[LINES] = { 0 };
        for (int t = 0; t < SPAN; t++) {
            float s = i & t & 1 ? -b->band[slot + t][i] : b->band[slot + t][i]; /* odd bands lie the wrong way round */
            for (int k = 0; k < LINES; k++)
                sum[k] += b->mdct[t][k] * s;
        }
        memcpy(out + i * LINES, sum, sizeof sum);
    }
    for (int i = 1; i < BANDS; i++)
        for (int k = 0; k < BUTTERFLIES; k++) {
            float *up = out + i * LINES - 1 - k, *down = out + i * LINES + k, u = *up, d = *down;
            *up = u * b->keep[k] + d * b->cross[k];
            *down = d * b->keep[k] - u * b->cross[k];
        }
}

const AvaCoderLines ava_mp3_lines = { "mp3", HOP * LINES, HOP * LINES, 1, 8, 392, HOP, LINES, bank_new, free, granule };
