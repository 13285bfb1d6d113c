/* cmd_fix.c -- avalign fix FILE --out OUT: moves the sound to where the lips are, encodes nothing again, and measures the copy. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/ffmpeg.h"
#include "common/options.h"

static const double TRACKS_AGREE_MS = 40, RIGHT_MS = 40;

/* What one measurement says; numbers that are not there are NAN. The analysis answers with an offset where it is sure that the match
 * was read, and with a reason elsewhere: no second threshold here. */
typedef struct Reading {
    double offset_ms, confidence, low_ms, high_ms, repeatable_ms, drift_ppm, step_at_s, step_ms;
    int streams, steps, pictures;
    char why[32]; /* no offset: its reason */
} Reading;

static double fix_number(const json_t *j) { return json_is_number(j) ? json_number_value(j) : (double)NAN; }

static void fix_read_document(const json_t *doc, Reading *r)
{
    const json_t *sync = json_object_get(json_object_get(doc, "signals"), "lipsync"), *interval = json_object_get(sync, "interval_ms");
    const json_t *steps = json_object_get(sync, "steps"), *step = json_array_get(steps, 0);
    const char *why = json_string_value(json_object_get(json_object_get(doc, "absent"), "sync_offset_ms"));
    *r = (Reading){ .offset_ms = fix_number(json_object_get(doc, "sync_offset_ms")),
                    .confidence = fix_number(json_object_get(sync, "confidence")),
                    .low_ms = fix_number(json_array_get(interval, 0)),
                    .high_ms = fix_number(json_array_get(interval, 1)),
                    .repeatable_ms = fix_number(json_object_get(sync, "repeatable_ms")),
                    .drift_ppm = fix_number(json_object_get(sync, "drift_ppm")),
                    .step_at_s = fix_number(json_object_get(step, "at_s")),
                    .step_ms = fix_number(json_object_get(step, "step_ms")),
                    .streams = (int)json_integer_value(json_object_get(json_object_get(json_object_get(doc, "media"), "audio"), "streams")),
                    .steps = (int)json_array_size(steps),
                    .pictures = json_is_object(json_object_get(json_object_get(doc, "media"), "video")) };
    snprintf(r->why, sizeof r->why, "%s", why ? why : "unclear");
}

/* Lip sync alone of a file; stream 0: the tool's choice. 0, or an exit code with the reason told. */
static int cmd_fix_measure(const Options *o, AvalignModels *models, const char *path, int stream, Reading *r)
{
    AvalignConfig cfg;
    int code = 0;
    avalign_config_init(&cfg, sizeof cfg);
    cfg.analyzers = "lipsync";
    cfg.audio_stream = stream;
    cfg.video_stream = (int)o->video_stream;
    cfg.n_threads = (unsigned)o->threads;
    json_t *doc = tool_analyze_to_json(models, &cfg, path, &code);
    if (doc)
        fix_read_document(doc, r);
    json_decref(doc);
    return code;
}

/* Why a constant shift by what was measured would not put it right; 0: it would. */
static int refusal(const Reading *r, char *why, size_t room)
{
    if (isnan(r->offset_ms))
        return snprintf(why, room, "no offset was found (%s), so there is nothing to go by; give --offset if you know it", r->why);
    if (r->steps)
        return snprintf(why, room, "the offset changes at %.1f s by %+.0f ms%s; cut the file there and put each part right", r->step_at_s, r->step_ms, r->steps > 1 ? ", and again later" : "");
    if (fabs(r->drift_ppm) > 0)
        return snprintf(why, room, "sound and picture run apart (%+.0f ppm), which no shift mends; convert the sound to the picture's speed first", r->drift_ppm);
    if (r->low_ms <= 0 && r->high_ms >= 0)
        return snprintf(why, room, "0 lies within what the answer is accurate to (%+.0f to %+.0f ms): nothing to put right", r->low_ms, r->high_ms);
    return 0;
}

/* Do the other sound tracks want another shift? 0, or an exit code with the reason told. */
static int compare_tracks(const Options *o, AvalignModels *models, const char *path, const Reading *first)
{
    for (int k = 1; k <= first->streams && first->streams > 1; k++) {
        Reading other;
        int code = cmd_fix_measure(o, models, path, k, &other);
        if (code)
            return code;
        if (fabs(other.offset_ms - first->offset_ms) > TRACKS_AGREE_MS) { /* false where it has none */
            tool_say(path, "fix: sound track %d is off by %+.0f ms and the one judged by %+.0f ms; take the tracks apart, or choose with --audio-stream", k, other.offset_ms, first->offset_ms);
            return EXIT_UNJUDGED;
        }
    }
    return 0;
}

static const char *fix_in_words(double ms) { return ms > 0 ? "sound early: it leads the picture" : ms < 0 ? "sound late: it lags the picture" : "in sync"; }

static void fix_tell(const char *path, const Reading *r)
{
    tool_clean(path, stdout);
    if (isnan(r->offset_ms))
        printf(": no offset (%s)\n", r->why);
    else
        printf(": %+.0f ms, %s; accurate to %+.0f to %+.0f ms (95 %%), repeatable within %.0f ms\n", r->offset_ms, fix_in_words(rint(r->offset_ms)), r->low_ms, r->high_ms, r->repeatable_ms);
}

static json_t *cmd_fix_real(double x) { return isnan(x) ? json_null() : json_real(x); }

static json_t *reading_json(const Reading *r)
{
    return json_pack("{s:o,s:o,s:[o,o],s:o}", "offset_ms", cmd_fix_real(r->offset_ms), "confidence", cmd_fix_real(r->confidence), "interval_ms", cmd_fix_real(r->low_ms), cmd_fix_real(r->high_ms), "repeatable_ms", cmd_fix_real(r->repeatable_ms));
}

/* The sound of all tracks moved by so much, beside the picture and the subtitles as they are. -copyts: else both begin anew where a broadcast was joined. */
static int fix_move(const char *in, const char *out, double ms)
{
    char shift[32];
    Output o;
    if (output_begin(&o, out, ffmpeg_ending(out, ".mkv"), 0))
        return output_error(out);
    char *from = ffmpeg_url(in), *to = ffmpeg_url(o.part ? o.part : out);
    snprintf(shift, sizeof shift, "%.4f", ms / 1000);
    const char *arguments[] = { "-copyts", "-i", from, "-itsoffset", shift, "-i", from, "-map", "0:V", "-map", "1:a", "-map", "0:s?", "-map_metadata", "0", "-c", "copy", to, NULL };
    int rc = from && to ? ffmpeg_write(arguments, &o, out, "fix", "a name that ends in .mkv takes what other containers refuse") : (output_end(&o, out, 1), output_error(out));
    free(from);
    free(to);
    return rc;
}

/* After the decision: writes, measures again, tells both. */
static int write_and_check(const Options *o, AvalignModels *models, const Reading *before, double ms)
{
    const char *in = o->operand[0];
    Reading after = { .offset_ms = NAN };
    int code = o->dry_run ? 0 : fix_move(in, o->out, ms);
    if (!code && !o->dry_run)
        code = cmd_fix_measure(o, models, o->out, (int)o->audio_stream, &after);
    if (code)
        return code;
    int unknown = !o->dry_run && (isnan(before->offset_ms) || isnan(after.offset_ms)); /* --offset was given: nothing to compare */
    int right = o->dry_run || unknown || fabs(after.offset_ms - (before->offset_ms - ms)) <= RIGHT_MS;
    if (o->json_lines) {
        json_t *line = json_pack("{s:o,s:o,s:o,s:o,s:o}", "file", tool_json_text(in), "out", o->dry_run ? json_null() : tool_json_text(o->out), "moved_ms", cmd_fix_real(ms), "before", reading_json(before),
                                 "after", o->dry_run ? json_null() : reading_json(&after));
        if (tool_print_json(line))
            return EXIT_INTERNAL;
    } else {
        fix_tell(in, before);
        if (o->dry_run)
            printf("the sound would be moved by %.0f ms, %s; nothing was written\n", fabs(ms), ms > 0 ? "later" : "earlier");
        else
            fix_tell(o->out, &after);
    }
    if (unknown)
        tool_say(o->out, "fix: the sound was moved by %+.0f ms as told; no offset could be measured to check it", ms);
    if (!right)
        tool_say(o->out, "fix: the sound was moved by %+.0f ms, and the copy does not read as it should; look at it before it is used", ms);
    return right ? EXIT_CLEAR : EXIT_FLAGGED;
}

static int fix(const Options *o, AvalignModels *models)
{
    const char *in = o->operand[0];
    char why[256];
    Reading before;
    int code = cmd_fix_measure(o, models, in, (int)o->audio_stream, &before);
    if (code)
        return code;
    int told = !isnan(o->offset_ms);
    if (told && !(before.streams && before.pictures)) {
        tool_say(in, "fix: there is no %s; name a file with sound and picture", before.streams ? "picture to move the sound against" : "sound to move");
        return EXIT_UNJUDGED;
    }
    if (!told && refusal(&before, why, sizeof why)) {
        tool_say(in, "fix: %s", why);
        return EXIT_UNJUDGED;
    }
    if (!told && !o->audio_stream && (code = compare_tracks(o, models, in, &before)) != 0)
        return code;
    return write_and_check(o, models, &before, told ? o->offset_ms : before.offset_ms);
}

int cmd_fix(Options *o)
{
    int code = EXIT_CLEAR;
    if (!strcmp(o->operand[0], "-"))
        return tool_complain("fix", "standard input can be read only once; name a file"), EXIT_INPUT;
    if (!o->out == !o->dry_run)
        return tool_complain("fix", "either --out OUT for the copy, or --dry-run"), EXIT_INPUT;
    if (o->out && (!strcmp(o->out, "-") || !strcasecmp(ffmpeg_ending(o->out, ""), ".avi")))
        return tool_complain("fix", "--out takes a file whose container can hold a shift, as .mkv, .mp4 and .mov do"), EXIT_INPUT;
    AvalignModels *models = tool_models(o->models, &code);
    if (!models)
        return code;
    code = fix(o, models);
    tool_models_end(&models);
    return code;
}
