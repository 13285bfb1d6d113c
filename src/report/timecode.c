/* timecode.c -- frame counts to labels, drop-frame too. */
#include "report/timecode.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const int known[] = { 24, 25, 30, 48, 50, 60 };

AvaRate ava_rate(const char *text, const char *start)
{
    AvaRate r = { 25, 1, 25, 0 };
    int num = 0, den = 0;
    if (!text || sscanf(text, "%9d/%9d", &num, &den) != 2 || num <= 0 || den <= 0)
        return r;
    while (num > 60.5 * den && den < 1 << 28)
        den *= 2;
    double fps = (double)num / den;
    int whole = fps < 1 ? 1 : (int)lrint(fps);
    r = (AvaRate){ whole, 1, whole, 0 };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i] % 6 == 0 && fabs(fps * 1001 / (known[i] * 1000) - 1) < 2e-4) /* a container may have rounded it */
            r = (AvaRate){ known[i] * 1000, 1001, known[i], 0 };
    r.drop = r.den == 1001 && r.count % 30 == 0 && start && strchr(start, ';');
    return r;
}

int64_t ava_rate_frame(AvaRate r, double s) { return llrint(s * r.num / r.den); }

enum { TEN_MINUTES = 600 };

/* Labels left out each minute but the tenth. */
static int dropped(AvaRate r) { return r.drop ? r.count / 15 : 0; }

int64_t ava_timecode_frame(AvaRate r, const char *text)
{
    int h, m, s, f;
    if (!text || sscanf(text, "%2d%*[:;.]%2d%*[:;.]%2d%*[:;.]%2d", &h, &m, &s, &f) != 4 || h < 0 || m < 0 || s < 0 || f < 0 || m > 59 || s > 59 || f >= r.count)
        return 0;
    int64_t minutes = 60 * (int64_t)h + m;
    return (minutes * 60 + s) * r.count + f - dropped(r) * (minutes - minutes / 10);
}

void ava_timecode(AvaRate r, int64_t frame, char out[AVA_TIMECODE])
{
    int64_t skip = dropped(r), ten = (int64_t)TEN_MINUTES * r.count - 9 * skip, minute = 60 * (int64_t)r.count - skip;
    int64_t n = frame < 0 ? 0 : frame;
    if (skip) {
        int64_t rest = n % ten;
        n += 9 * skip * (n / ten) + (rest >= skip ? skip * ((rest - skip) / minute) : 0);
    }
    int64_t s = n / r.count;
    snprintf(out, AVA_TIMECODE, "%02" PRId64 ":%02" PRId64 ":%02" PRId64 "%c%02" PRId64, s / 3600 % 24, s / 60 % 60, s % 60, r.drop ? ';' : ':', n % r.count);
}
