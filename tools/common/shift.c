/* shift.c -- reads an offset, decides whether a shift puts it right, and moves the sound with ffmpeg. */
#include "common/shift.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/ffmpeg.h"

static double shift_number(const json_t *j) { return json_is_number(j) ? json_number_value(j) : (double)NAN; }

void shift_read(const json_t *doc, ShiftReading *r)
{
    const json_t *sync = json_object_get(json_object_get(doc, "signals"), "lipsync"), *interval = json_object_get(sync, "interval_ms");
    const json_t *steps = json_object_get(sync, "steps"), *step = json_array_get(steps, 0);
    const char *why = json_string_value(json_object_get(json_object_get(doc, "absent"), "sync_offset_ms"));
    *r = (ShiftReading){ .offset_ms = shift_number(json_object_get(doc, "sync_offset_ms")),
                         .confidence = shift_number(json_object_get(sync, "confidence")),
                         .low_ms = shift_number(json_array_get(interval, 0)),
                         .high_ms = shift_number(json_array_get(interval, 1)),
                         .repeatable_ms = shift_number(json_object_get(sync, "repeatable_ms")),
                         .drift_ppm = shift_number(json_object_get(sync, "drift_ppm")),
                         .step_at_s = shift_number(json_object_get(step, "at_s")),
                         .step_ms = shift_number(json_object_get(step, "step_ms")),
                         .streams = (int)json_integer_value(json_object_get(json_object_get(json_object_get(doc, "media"), "audio"), "streams")),
                         .steps = (int)json_array_size(steps),
                         .pictures = json_is_object(json_object_get(json_object_get(doc, "media"), "video")) };
    snprintf(r->why, sizeof r->why, "%s", why ? why : "unclear");
}

ShiftAnswer shift_answer(const ShiftReading *r, char why[SHIFT_WHY])
{
    *why = 0;
    if (isnan(r->offset_ms))
        return snprintf(why, SHIFT_WHY, "no offset was found (%s), so there is nothing to go by; give --offset if you know it", r->why), SHIFT_REFUSED;
    if (r->steps)
        return snprintf(why, SHIFT_WHY, "the offset changes at %.1f s by %+.0f ms%s; cut the file there and put each part right", r->step_at_s, r->step_ms, r->steps > 1 ? ", and again later" : ""), SHIFT_REFUSED;
    if (fabs(r->drift_ppm) > 0)
        return snprintf(why, SHIFT_WHY, "sound and picture run apart (%+.0f ppm), which no shift mends; convert the sound to the picture's speed first", r->drift_ppm), SHIFT_REFUSED;
    if (r->low_ms <= 0 && r->high_ms >= 0)
        return snprintf(why, SHIFT_WHY, "0 lies within what the answer is accurate to (%+.0f to %+.0f ms): nothing to put right", r->low_ms, r->high_ms), SHIFT_IN_SYNC;
    return SHIFT_MOVE;
}

int shift_tracks_differ(const ShiftReading *first, const ShiftReading *other, int k, char why[SHIFT_WHY])
{
    if (!(fabs(other->offset_ms - first->offset_ms) > SHIFT_TRACKS_AGREE_MS)) /* false where it has none */
        return 0;
    snprintf(why, SHIFT_WHY, "sound track %d is off by %+.0f ms and the one judged by %+.0f ms; take the tracks apart, or choose with --audio-stream", k, other->offset_ms, first->offset_ms);
    return 1;
}

int shift_right(const ShiftReading *before, const ShiftReading *after, double moved_ms) { return fabs(after->offset_ms - (before->offset_ms - moved_ms)) <= SHIFT_RIGHT_MS; }

int shift_holds(const char *out) { return strcasecmp(ffmpeg_ending(out, ""), ".avi") != 0; }

int shift_move(const char *in, const char *out, double ms, char why[SHIFT_WHY])
{
    char shift[32];
    Output o;
    if (output_begin(&o, out, ffmpeg_ending(out, ".mkv"), 0))
        return snprintf(why, SHIFT_WHY, "%s; free space or name another place", strerror(errno)), EXIT_INTERNAL;
    char *from = ffmpeg_url(in), *to = ffmpeg_url(o.part ? o.part : out);
    snprintf(shift, sizeof shift, "%.4f", ms / 1000);
    /* -copyts: else both begin anew where a broadcast was joined */
    const char *arguments[] = { "-copyts", "-i", from, "-itsoffset", shift, "-i", from, "-map", "0:V", "-map", "1:a", "-map", "0:s?", "-map_metadata", "0", "-c", "copy", to, NULL };
    char said[FFMPEG_WHY] = "out of memory";
    int rc = from && to ? ffmpeg_try(arguments, &o, out, said) : (output_end(&o, out, 1), EXIT_INTERNAL);
    *why = 0;
    if (rc)
        snprintf(why, SHIFT_WHY, "%.180s%s", said, strncmp(said, "ffmpeg: ", 8) ? "" : "; a name that ends in .mkv takes what others refuse");
    free(from);
    free(to);
    return rc;
}
