/* edits_coding.c -- the history of the file: the frames of an earlier encoding, and what the container says that the sound does
 * not bear out. One grid of frames all along tells that the sound was coded before, which every platform does; a grid that jumps
 * tells of a cut, for who cuts does not count in frames. */
#include <math.h>
#include <string.h>

#include "analyze/edits.h"

enum { APART_S = 10, FEWEST = 6 /* places */, SHORT = 128, SLACK = 2, FRAME = AVA_GRID_FRAME };
static const double SEEN = 1; /* mean deviations of one grid over the other, on either side */
static const double NO_MORE = .4, ERRORS = 5; /* of one grid: mean where it is not; standard errors between the parts */

int ava_own_grid(const AvaEvidence *ev, int i)
{
    int apart = (ev->grid[i].offset - ev->first_frames % FRAME + FRAME + SLACK) % SHORT;
    return !strcmp(ev->audio_codec, "aac") && apart <= 2 * SLACK;
}

/* Where one grid gives way to the other: between places *at - 1 and *at; 0 when it does not. */
static int gives_way(const AvaGrid *a, const AvaGrid *b, size_t *at)
{
    double total = 0, left = 0, best = 0;
    size_t n = a->n;
    for (size_t i = 0; i < n; i++)
        total += (double)(a->here[i] - b->here[i]);
    for (size_t i = 1; i < n; i++) {
        left += (double)(a->here[i - 1] - b->here[i - 1]);
        double right = total - left, l = left / (double)i, r = right / (double)(n - i);
        if (l * r < 0 && fmin(fabs(l), fabs(r)) > SEEN && fabs(left - right) > best) {
            best = fabs(left - right);
            *at = i;
        }
    }
    return best > 0;
}

/* A grid in one part alone: where it begins or ends. Its partner may be hidden by the present encoding's own, which most programs
 * begin at the same sample. */
static int in_one_part(const AvaGrid *g, size_t *at)
{
    double total = 0, left = 0, best = ERRORS;
    size_t n = g->n;
    *at = 0;
    for (size_t i = 0; i < n; i++)
        total += (double)g->here[i];
    for (size_t i = 1; i < n; i++) {
        left += (double)g->here[i - 1];
        double l = left / (double)i, r = (total - left) / (double)(n - i), apart = fabs(l - r) / sqrt(1. / (double)i + 1. / (double)(n - i));
        if (fmin(l, r) < NO_MORE && fmax(l, r) > SEEN && i >= FEWEST && n - i >= FEWEST && apart > best) {
            best = apart;
            *at = i;
        }
    }
    return *at > 0;
}

int ava_edits_coding(const AvaEvidence *ev, AvaEdits *out)
{
    const AvaGrid *first = NULL, *last = NULL;
    size_t at = 0;
    for (int i = 0; i < ev->n_grids; i++) {
        if (ava_own_grid(ev, i))
            continue;
        last = first ? &ev->grid[i] : NULL;
        first = first ? first : &ev->grid[i];
        if (last && ev->sample_rate && gives_way(first, last, &at)) {
            int64_t a = ev->sound_t0_us + first->at[at - 1] * 1000000 / ev->sample_rate, b = ev->sound_t0_us + first->at[at] * 1000000 / ev->sample_rate;
            return ava_edits_add(out, "splice", a, b, .7, "between %.1f and %.1f s the frames of an earlier AAC encoding jump by %d samples: what follows was not recorded with what precedes",
                                 (double)(ev->origin_us + a) / 1e6, (double)(ev->origin_us + b) / 1e6, (last->offset - first->offset + FRAME) % FRAME);
        }
    }
    if (!first)
        return 0;
    if (!last && ev->sample_rate && in_one_part(first, &at)) {
        int64_t a = ev->sound_t0_us + first->at[at - 1] * 1000000 / ev->sample_rate, b = ev->sound_t0_us + first->at[at] * 1000000 / ev->sample_rate;
        return ava_edits_add(out, "splice", a, b, .45, "the frames of an earlier AAC encoding show on one side of %.1f to %.1f s alone", (double)(ev->origin_us + a) / 1e6,
                             (double)(ev->origin_us + b) / 1e6);
    }
    return ava_edits_add(out, "compression", ev->sound_t0_us, ev->sound_t0_us + ev->sound_us, .1,
                         "all of it was coded as AAC before this encoding, as on its way through a platform");
}

/* Nothing of this is forgery by itself: whoever trims a video on a computer leaves the same. */
int ava_edits_container(const AvaEvidence *ev, AvaEdits *out)
{
    int64_t end = ev->sound_t0_us + ev->sound_us, apart = ev->created_s[0] - ev->created_s[1];
    int earlier = 0, rc = 0;
    for (int i = 0; i < ev->n_grids; i++)
        earlier |= !ava_own_grid(ev, i);
    if (*ev->device && earlier)
        rc = ava_edits_add(out, "compression", ev->sound_t0_us, end, .3, "the file says that it comes from a camera (%s), yet its sound had been coded before", ev->device);
    else if (*ev->device && *ev->writer && strncmp(ev->device, ev->writer, strcspn(ev->device, " ")))
        rc = ava_edits_add(out, "compression", ev->sound_t0_us, end, .1, "the file says that it comes from a camera (%s), but %s wrote it: it went through an editor or converter",
                           ev->device, ev->writer);
    if (!rc && ev->created_s[0] && ev->created_s[1] && (apart > APART_S || apart < -APART_S))
        rc = ava_edits_add(out, "compression", ev->sound_t0_us, end, .3, "by the file's own dates picture and sound were made %lld s apart", (long long)(apart < 0 ? -apart : apart));
    return rc;
}
