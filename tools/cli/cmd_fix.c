/* cmd_fix.c -- avalign fix FILE --out OUT: moves the sound to where the lips are, encodes nothing again, and measures the copy. */
#include <math.h>
#include <string.h>

#include "common/options.h"
#include "common/shift.h"

/* Lip sync alone of a file; stream 0: the tool's choice. 0, or an exit code with the reason told. */
static int cmd_fix_measure(const Options *o, AvalignModels *models, const char *path, int stream, ShiftReading *r)
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
        shift_read(doc, r);
    json_decref(doc);
    return code;
}

/* Do the other sound tracks want another shift? 0, or an exit code with the reason told. */
static int compare_tracks(const Options *o, AvalignModels *models, const char *path, const ShiftReading *first)
{
    char why[SHIFT_WHY];
    for (int k = 1; k <= first->streams && first->streams > 1; k++) {
        ShiftReading other;
        int code = cmd_fix_measure(o, models, path, k, &other);
        if (code)
            return code;
        if (shift_tracks_differ(first, &other, k, why)) {
            tool_say(path, "fix: %s", why);
            return EXIT_UNJUDGED;
        }
    }
    return 0;
}

static const char *fix_in_words(double ms) { return ms > 0 ? "sound early: it leads the picture" : ms < 0 ? "sound late: it lags the picture" : "in sync"; }

static void fix_tell(const char *path, const ShiftReading *r)
{
    tool_clean(path, stdout);
    if (isnan(r->offset_ms))
        printf(": no offset (%s)\n", r->why);
    else
        printf(": %+.0f ms, %s; accurate to %+.0f to %+.0f ms (95 %%), repeatable within %.0f ms\n", r->offset_ms, fix_in_words(rint(r->offset_ms)), r->low_ms, r->high_ms, r->repeatable_ms);
}

static json_t *cmd_fix_real(double x) { return isnan(x) ? json_null() : json_real(x); }

static json_t *reading_json(const ShiftReading *r)
{
    return json_pack("{s:o,s:o,s:[o,o],s:o}", "offset_ms", cmd_fix_real(r->offset_ms), "confidence", cmd_fix_real(r->confidence), "interval_ms", cmd_fix_real(r->low_ms), cmd_fix_real(r->high_ms), "repeatable_ms", cmd_fix_real(r->repeatable_ms));
}

/* After the decision: writes, measures again, tells both. */
static int write_and_check(const Options *o, AvalignModels *models, const ShiftReading *before, const Shift *s)
{
    static const char *const how[] = { "whole", "drift", "steps" };
    const char *in = o->operand[0];
    ShiftReading after = { .offset_ms = NAN };
    char why[SHIFT_WHY], words[SHIFT_WHY];
    int code = o->dry_run ? 0 : shift_write(in, o->out, s, before, why);
    if (code)
        tool_say(o->out, "fix: %s", why);
    if (!code && !o->dry_run)
        code = cmd_fix_measure(o, models, o->out, (int)o->audio_stream, &after);
    if (code)
        return code;
    int unknown = !o->dry_run && (isnan(before->offset_ms) || isnan(after.offset_ms)); /* --offset was given: nothing to compare */
    int right = o->dry_run || unknown || shift_right(s, &after);
    if (o->json_lines) {
        json_t *line = json_pack("{s:o,s:o,s:s,s:s,s:o,s:o,s:o}", "file", tool_json_text(in), "out", o->dry_run ? json_null() : tool_json_text(o->out), "how", how[s->how], "done", shift_words(s, words),
                                 "moved_ms", s->how == SHIFT_WHOLE ? cmd_fix_real(s->ms) : json_null(), "before", reading_json(before),
                                 "after", o->dry_run ? json_null() : reading_json(&after));
        if (tool_print_json(line))
            return EXIT_INTERNAL;
    } else {
        fix_tell(in, before);
        if (o->dry_run)
            printf("the sound would be %s (positive: later)%s; nothing was written\n", shift_words(s, words), s->how == SHIFT_WHOLE ? "" : " and encoded again, the picture not");
        else
            fix_tell(o->out, &after);
    }
    if (unknown)
        tool_say(o->out, "fix: the sound was %s as told; no offset could be measured to check it", shift_words(s, words));
    if (!right)
        tool_say(o->out, "fix: the sound was %s, and the copy does not read as it should; look at it before it is used", shift_words(s, words));
    return right ? EXIT_CLEAR : EXIT_FLAGGED;
}

static int fix(const Options *o, AvalignModels *models)
{
    const char *in = o->operand[0];
    char why[SHIFT_WHY];
    ShiftReading before;
    int code = cmd_fix_measure(o, models, in, (int)o->audio_stream, &before);
    if (code)
        return code;
    int told = !isnan(o->offset_ms);
    if (told && !(before.streams && before.pictures)) {
        tool_say(in, "fix: there is no %s; name a file with sound and picture", before.streams ? "picture to move the sound against" : "sound to move");
        return EXIT_UNJUDGED;
    }
    if (!told && shift_answer(&before, why) != SHIFT_MOVE) {
        tool_say(in, "fix: %s", why);
        return EXIT_UNJUDGED;
    }
    if (!told && !o->audio_stream && (code = compare_tracks(o, models, in, &before)) != 0)
        return code;
    Shift by = { .ms = o->offset_ms, .rest_ms = before.offset_ms - o->offset_ms };
    return write_and_check(o, models, &before, told ? &by : &before.shift);
}

int cmd_fix(Options *o)
{
    int code = EXIT_CLEAR;
    if (!strcmp(o->operand[0], "-"))
        return tool_complain("fix", "standard input can be read only once; name a file"), EXIT_INPUT;
    if (!o->out == !o->dry_run)
        return tool_complain("fix", "either --out OUT for the copy, or --dry-run"), EXIT_INPUT;
    if (o->out && (!strcmp(o->out, "-") || !shift_holds(o->out)))
        return tool_complain("fix", "--out takes a file whose container can hold a shift, as .mkv, .mp4 and .mov do"), EXIT_INPUT;
    AvalignModels *models = tool_models(o->models, &code);
    if (!models)
        return code;
    code = fix(o, models);
    tool_models_end(&models);
    return code;
}
