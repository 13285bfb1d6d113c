/* shift.c -- reads an offset, decides what puts it right, and does it with ffmpeg. */
#include "common/shift.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/ffmpeg.h"

static double shift_number(const json_t *j) { return json_is_number(j) ? json_number_value(j) : (double)NAN; }

static int by_size(const void *a, const void *b) { return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b); }

enum { MOST_WINDOWS = 4096 };

/* The median over the windows that lie within [from, to] of their offset less the slope's part of it; NAN: there is none. */
static double part_median(const json_t *windows, double from, double to, double ppm)
{
    static _Thread_local double x[MOST_WINDOWS];
    size_t i, n = 0;
    const json_t *w;
    json_array_foreach(windows, i, w) {
        double start = shift_number(json_object_get(w, "start_s")), end = shift_number(json_object_get(w, "end_s")), ms = shift_number(json_object_get(w, "offset_ms"));
        if (n < MOST_WINDOWS && start >= from && end <= to && !isnan(ms))
            x[n++] = ms - (start + end) / 2 * ppm / 1000;
    }
    if (!n)
        return (double)NAN;
    qsort(x, n, sizeof *x, by_size);
    return (x[n / 2] + x[(n - 1) / 2]) / 2;
}

/* Of some offsets the one nearest to 0, if 0 lies within what it is accurate to: it may be right as it is, and the rest is put right against it. */
static double may_be_right(double nearest, const ShiftReading *r) { return fabs(nearest) <= (r->high_ms - r->low_ms) / 2 ? nearest : 0; }

static void read_steps(const json_t *windows, const json_t *steps, ShiftReading *r)
{
    Shift *s = &r->shift;
    double nearest = INFINITY;
    s->how = SHIFT_STEPS;
    s->n = r->steps + 1;
    for (int i = 0; i < s->n; i++) {
        s->from_s[i] = i ? shift_number(json_object_get(json_array_get(steps, (size_t)i - 1), "at_s")) : 0;
        double to = i + 1 < s->n ? shift_number(json_object_get(json_array_get(steps, (size_t)i), "at_s")) : INFINITY;
        /* the window may reach over a step, which is known to the half second */
        s->by_ms[i] = part_median(windows, i ? s->from_s[i] - 0.5 : 0, to + 0.5, 0);
        r->parts_known &= !isnan(s->by_ms[i]);
        nearest = fabs(s->by_ms[i]) < fabs(nearest) ? s->by_ms[i] : nearest;
    }
    s->rest_ms = may_be_right(nearest, r);
    for (int i = 0; i < s->n; i++)
        s->by_ms[i] -= s->rest_ms;
}

static void read_drift(const json_t *windows, ShiftReading *r)
{
    Shift *s = &r->shift;
    double length = shift_number(json_object_get(json_array_get(windows, json_array_size(windows) - 1), "end_s"));
    s->how = SHIFT_DRIFT;
    s->ppm = r->drift_ppm;
    s->ms = part_median(windows, 0, INFINITY, s->ppm);
    double last = s->ms + length * s->ppm / 1000;
    r->parts_known = !isnan(last);
    s->rest_ms = s->ms * last <= 0 ? 0 : may_be_right(fabs(s->ms) < fabs(last) ? s->ms : last, r);
    s->ms -= s->rest_ms;
}

void shift_read(const json_t *doc, ShiftReading *r)
{
    const json_t *sync = json_object_get(json_object_get(doc, "signals"), "lipsync"), *interval = json_object_get(sync, "interval_ms");
    const json_t *steps = json_object_get(sync, "steps"), *step = json_array_get(steps, 0), *windows = json_object_get(sync, "windows");
    const json_t *media = json_object_get(doc, "media"), *audio = json_object_get(media, "audio");
    const char *why = json_string_value(json_object_get(json_object_get(doc, "absent"), "sync_offset_ms")), *codec = json_string_value(json_object_get(audio, "codec"));
    *r = (ShiftReading){ .offset_ms = shift_number(json_object_get(doc, "sync_offset_ms")),
                         .confidence = shift_number(json_object_get(sync, "confidence")),
                         .low_ms = shift_number(json_array_get(interval, 0)),
                         .high_ms = shift_number(json_array_get(interval, 1)),
                         .repeatable_ms = shift_number(json_object_get(sync, "repeatable_ms")),
                         .drift_ppm = shift_number(json_object_get(sync, "drift_ppm")),
                         .step_at_s = shift_number(json_object_get(step, "at_s")),
                         .step_ms = shift_number(json_object_get(step, "step_ms")),
                         .sample_rate = shift_number(json_object_get(audio, "sample_rate")),
                         .bit_rate = shift_number(json_object_get(audio, "bit_rate")),
                         .streams = (int)json_integer_value(json_object_get(audio, "streams")),
                         .steps = (int)json_array_size(steps),
                         .pictures = json_is_object(json_object_get(media, "video")),
                         .parts_known = 1 };
    snprintf(r->why, sizeof r->why, "%s", why ? why : "unclear");
    snprintf(r->codec, sizeof r->codec, "%s", codec ? codec : "");
    r->shift.ms = r->offset_ms;
    if (r->steps && r->steps < SHIFT_PARTS)
        read_steps(windows, steps, r);
    else if (fabs(r->drift_ppm) > 0)
        read_drift(windows, r);
}

ShiftAnswer shift_answer(const ShiftReading *r, char why[SHIFT_WHY])
{
    *why = 0;
    if (isnan(r->offset_ms))
        return snprintf(why, SHIFT_WHY, "no offset was found (%s), so there is nothing to go by; give --offset if you know it", r->why), SHIFT_REFUSED;
    if (r->steps && (r->shift.how != SHIFT_STEPS || !r->parts_known || fabs(r->drift_ppm) > 0))
        return snprintf(why, SHIFT_WHY, "the offset changes at %.1f s by %+.0f ms%s, and the parts can't be told apart for sure; cut the file there and put each right", r->step_at_s, r->step_ms,
                        r->steps > 1 ? ", and again later" : ""), SHIFT_REFUSED;
    if (!r->steps && fabs(r->drift_ppm) > 0 && !r->parts_known)
        return snprintf(why, SHIFT_WHY, "sound and picture run apart (%+.0f ppm), and from where is not known", r->drift_ppm), SHIFT_REFUSED;
    if (r->shift.how == SHIFT_WHOLE && r->low_ms <= 0 && r->high_ms >= 0)
        return snprintf(why, SHIFT_WHY, "0 lies within what the answer is accurate to (%+.0f to %+.0f ms): nothing to put right", r->low_ms, r->high_ms), SHIFT_IN_SYNC;
    return SHIFT_MOVE;
}

/* Would what mends the one spoil the other? A drift and steps are known for sure only where both were read. */
static int shift_manners_differ(const ShiftReading *first, const ShiftReading *other)
{
    double a = fabs(first->drift_ppm) > 0 ? first->drift_ppm : 0, b = fabs(other->drift_ppm) > 0 ? other->drift_ppm : 0;
    if (first->shift.how == SHIFT_WHOLE && isnan(other->offset_ms))
        return 0;
    return isnan(other->offset_ms) || first->shift.how != other->shift.how || first->steps != other->steps || fabs(a - b) > fmax(fabs(a), fabs(b)) / 4;
}

int shift_tracks_differ(const ShiftReading *first, const ShiftReading *other, int k, char why[SHIFT_WHY])
{
    if (shift_manners_differ(first, other)) {
        snprintf(why, SHIFT_WHY, "sound track %d does not drift or jump as the one judged does; take the tracks apart, or choose with --audio-stream", k);
        return 1;
    }
    if (!(fabs(other->offset_ms - first->offset_ms) > SHIFT_TRACKS_AGREE_MS)) /* false where it has none */
        return 0;
    snprintf(why, SHIFT_WHY, "sound track %d is off by %+.0f ms and the one judged by %+.0f ms; take the tracks apart, or choose with --audio-stream", k, other->offset_ms, first->offset_ms);
    return 1;
}

int shift_right(const Shift *s, const ShiftReading *after)
{
    int there = fabs(after->offset_ms - s->rest_ms) <= SHIFT_RIGHT_MS;
    return there && (s->how == SHIFT_WHOLE || (!after->steps && !(fabs(after->drift_ppm) > fabs(s->ppm) / 4)));
}

char *shift_words(const Shift *s, char out[SHIFT_WHY])
{
    if (s->how == SHIFT_WHOLE) {
        snprintf(out, SHIFT_WHY, "moved by %+.0f ms", s->ms);
    } else if (s->how == SHIFT_DRIFT) {
        snprintf(out, SHIFT_WHY, "played %+.0f ppm slower and moved by %+.0f ms", s->ppm, s->ms);
    } else {
        int n = snprintf(out, SHIFT_WHY, "moved in %d parts: by %+.0f ms", s->n, s->by_ms[0]);
        for (int i = 1; i < s->n && n < SHIFT_WHY; i++)
            n += snprintf(out + n, (size_t)(SHIFT_WHY - n), ", from %.1f s by %+.0f ms", s->from_s[i], s->by_ms[i]);
    }
    return out;
}

int shift_holds(const char *out)
{
    static const char *const not[] = { ".avi", ".divx", ".mod", ".tod", ".rm", ".rmvb", ".dif" }; /* the others: ffmpeg writes none by these names */
    for (size_t i = 0; i < sizeof not / sizeof *not; i++)
        if (!strcasecmp(ffmpeg_ending(out, ""), not[i]))
            return 0;
    return 1;
}

/* ---- the copy --------------------------------------------------------------------------------- */

enum { FILTER = 2048, FAST = 192000 };

/* The sound from the beginning of the picture on, then what is to be done to it, as ffmpeg says it. */
static void shift_filter(const Shift *s, double rate, char out[FILTER])
{
    static const char from_zero[] = "aresample=async=1:min_hard_comp=0.01:first_pts=0"; /* holes of the sound stay where they are */
    if (s->how == SHIFT_DRIFT) { /* at a high rate, which takes whole numbers of samples closer */
        int n = snprintf(out, FILTER, "%s,aresample=%d,asetrate=%.0f", from_zero, FAST, FAST / (1 + s->ppm / 1e6));
        n += s->ms >= 0 ? snprintf(out + n, (size_t)(FILTER - n), ",adelay=%.0f:all=1", s->ms) : snprintf(out + n, (size_t)(FILTER - n), ",atrim=start=%.4f,asetpts=PTS-STARTPTS", -s->ms / 1000);
        if (rate > 0)
            snprintf(out + n, (size_t)(FILTER - n), ",aresample=%.0f", rate); /* back to its own */
        return;
    }
    int n = snprintf(out, FILTER, "%s,asplit=%d", from_zero, s->n);
    for (int i = 0; i < s->n; i++)
        n += snprintf(out + n, (size_t)(FILTER - n), "[a%d]", i);
    for (int i = 0; i < s->n; i++) {
        double start = s->from_s[i] - s->by_ms[i] / 1000;
        n += snprintf(out + n, (size_t)(FILTER - n), ";[a%d]atrim=start=%.4f", i, start > 0 ? start : 0);
        if (i + 1 < s->n) /* what belongs to the pictures before the next part */
            n += snprintf(out + n, (size_t)(FILTER - n), ":end=%.4f", s->from_s[i + 1] - s->by_ms[i] / 1000);
        n += snprintf(out + n, (size_t)(FILTER - n), ",asetpts=PTS-STARTPTS");
        if (start < 0)
            n += snprintf(out + n, (size_t)(FILTER - n), ",adelay=%.0f:all=1", -start * 1000);
        n += snprintf(out + n, (size_t)(FILTER - n), "[b%d]", i);
    }
    n += snprintf(out + n, (size_t)(FILTER - n), ";");
    for (int i = 0; i < s->n; i++)
        n += snprintf(out + n, (size_t)(FILTER - n), "[b%d]", i);
    snprintf(out + n, (size_t)(FILTER - n), "concat=n=%d:v=0:a=1", s->n);
}

/* The coder for a sound that has to be encoded again: the same where there is one. */
static const char *coder_for(const char *codec)
{
    static const char *const by_other_name[][2] = { { "mp3", "libmp3lame" }, { "opus", "libopus" }, { "vorbis", "libvorbis" } };
    static const char *const same[] = { "aac", "ac3", "eac3", "mp2", "flac", "alac" };
    for (size_t i = 0; i < sizeof by_other_name / sizeof *by_other_name; i++)
        if (!strcmp(codec, by_other_name[i][0]))
            return by_other_name[i][1];
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (!strcmp(codec, same[i]))
            return same[i];
    static const char *const plain[] = { "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_f32le", "pcm_u8", "pcm_alaw", "pcm_mulaw" };
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (!strcmp(codec, plain[i]))
            return plain[i];
    return strncmp(codec, "pcm_", 4) ? "aac" : "pcm_s16le";
}

int shift_write(const char *in, const char *out, const Shift *s, const ShiftReading *r, char why[SHIFT_WHY])
{
    char shift[32], filter[FILTER], rate[32], said[FFMPEG_WHY] = "out of memory";
    Output o;
    if (output_begin(&o, out, ffmpeg_ending(out, ".mkv"), 0))
        return snprintf(why, SHIFT_WHY, "%s; free space or name another place", strerror(errno)), EXIT_INTERNAL;
    char *from = ffmpeg_url(in), *to = ffmpeg_url(o.part ? o.part : out);
    snprintf(shift, sizeof shift, "%.4f", s->ms / 1000);
    /* -copyts: else both begin anew where a broadcast was joined */
    const char *whole[] = { "-copyts", "-i", from, "-itsoffset", shift, "-i", from, "-map", "0:V", "-map", "1:a", "-map", "0:s?", "-map_metadata", "0", "-c", "copy", to, NULL };
    /* half as much again as it had: what a second encoding loses should not be heard */
    snprintf(rate, sizeof rate, "%.0f", r->bit_rate > 0 ? fmin(fmax(1.5 * r->bit_rate, 96000), 320000) : 192000);
    const char *again[] = { "-i", from, "-map", "0:V", "-map", "0:a", "-map", "0:s?", "-map_metadata", "0", "-c", "copy", "-af", filter, "-c:a", coder_for(r->codec), "-b:a", rate, to, NULL };
    if (s->how != SHIFT_WHOLE)
        shift_filter(s, r->sample_rate, filter);
    int rc = from && to ? ffmpeg_try(s->how == SHIFT_WHOLE ? whole : again, &o, out, said) : (output_end(&o, out, 1), EXIT_INTERNAL);
    *why = 0;
    if (rc)
        snprintf(why, SHIFT_WHY, "%.180s%s", said, strncmp(said, "ffmpeg: ", 8) ? "" : "; a name that ends in .mkv takes what others refuse");
    free(from);
    free(to);
    return rc;
}
