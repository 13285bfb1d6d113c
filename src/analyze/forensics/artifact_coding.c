/* artifact_coding.c -- the history of the file: the frames of an earlier encoding, and what the container says that the sound does
 * not bear out. One grid of frames all along tells that the sound was coded before, which every platform does; a grid that jumps
 * tells of a cut, for who cuts does not count in frames. */
#include <math.h>
#include <string.h>

#include "analyze/forensics/artifact_finders.h"

enum { APART_S = 10, FEWEST = 6 /* places */, SLACK = 2 };
static const double SEEN = 1; /* mean deviations of one grid over the other, on either side */
static const double NO_MORE = .4, ERRORS = 5; /* of one grid: mean where it is not; standard errors between the parts */

int ava_own_grid(const AvaEvidence *ev, int i)
{
    const AvaCoderLines *d = ev->grid[i].coder;
    int apart = (ev->grid[i].offset - (ev->first_frames + d->behind) % d->period + d->period + SLACK) % d->repeat;
    return !strcmp(ev->audio_codec, d->name) && apart <= 2 * SLACK;
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

/* The first two grids of one coder that are not the stream's own. */
static void artifact_coding_foreign(const AvaEvidence *ev, const AvaCoderLines *d, const AvaGrid *out[2])
{
    out[0] = out[1] = NULL;
    for (int i = 0, n = 0; i < ev->n_grids && n < 2; i++)
        if (ev->grid[i].coder == d && !ava_own_grid(ev, i))
            out[n++] = &ev->grid[i];
}

/* The presentation times of places at - 1 and at. */
static void between(const AvaEvidence *ev, const AvaGrid *g, size_t at, int64_t t[2])
{
    for (int k = 0; k < 2; k++)
        t[k] = ev->sound_t0_us + g->at[at - 1 + (size_t)k] * 1000000 / ev->sample_rate;
}

static int coded_by(const AvaEvidence *ev, const AvaCoderLines *d, const char *name, AvaArtifactList *out)
{
    const AvaGrid *g[2];
    int64_t t[2];
    size_t at = 0;
    artifact_coding_foreign(ev, d, g);
    if (!g[0])
        return 0;
    if (g[1] && ev->sample_rate && gives_way(g[0], g[1], &at)) {
        between(ev, g[0], at, t);
        return ava_artifact_add(out, "splice", t[0], t[1], .7, "between %.1f and %.1f s the frames of an earlier %s encoding jump by %d samples: what follows was not recorded with what precedes",
                             (double)(ev->origin_us + t[0]) / 1e6, (double)(ev->origin_us + t[1]) / 1e6, name, (g[1]->offset - g[0]->offset + d->period) % d->period);
    }
    if (!g[1] && ev->sample_rate && in_one_part(g[0], &at)) {
        between(ev, g[0], at, t);
        return ava_artifact_add(out, "splice", t[0], t[1], .45, "the frames of an earlier %s encoding show on one side of %.1f to %.1f s alone", name,
                             (double)(ev->origin_us + t[0]) / 1e6, (double)(ev->origin_us + t[1]) / 1e6);
    }
    return ava_artifact_add(out, "compression", ev->sound_t0_us, ev->sound_t0_us + ev->sound_us, .1,
                         "all of it was coded as %s before this encoding, as on its way through a platform%s", name,
                         d == &ava_mp3_lines ? " or from a speech synthesis service" : "");
}

int ava_artifact_coding(const AvaEvidence *ev, AvaArtifactList *out)
{
    int rc = coded_by(ev, &ava_aac_lines, "AAC", out);
    return rc ? rc : coded_by(ev, &ava_mp3_lines, "MP3", out);
}

/* Nothing of this is forgery by itself: whoever trims a video on a computer leaves the same. */
int ava_artifact_container(const AvaEvidence *ev, AvaArtifactList *out)
{
    int64_t end = ev->sound_t0_us + ev->sound_us, apart = ev->created_s[0] - ev->created_s[1];
    int earlier = 0, rc = 0;
    for (int i = 0; i < ev->n_grids; i++)
        earlier |= !ava_own_grid(ev, i);
    if (*ev->device && earlier)
        rc = ava_artifact_add(out, "compression", ev->sound_t0_us, end, .3, "the file says that it comes from a camera (%s), yet its sound had been coded before", ev->device);
    else if (*ev->device && *ev->writer && strncmp(ev->device, ev->writer, strcspn(ev->device, " ")))
        rc = ava_artifact_add(out, "compression", ev->sound_t0_us, end, .1, "the file says that it comes from a camera (%s), but %s wrote it: it went through an editor or converter",
                           ev->device, ev->writer);
    if (!rc && ev->created_s[0] && ev->created_s[1] && (apart > APART_S || apart < -APART_S))
        rc = ava_artifact_add(out, "compression", ev->sound_t0_us, end, .3, "by the file's own dates picture and sound were made %lld s apart", (long long)(apart < 0 ? -apart : apart));
    return rc;
}
