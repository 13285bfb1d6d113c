/* ass.c -- what was measured as subtitles (Advanced SubStation Alpha, libass) that draw over the video: a box around each face, a bar
 * for the speech under the one that speaks, offset and scores in the corner, findings at the foot while they last. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/findings.h"
#include "report/out.h"
#include "report/report.h"

enum { HOLD = 5 }; /* frames that a box stands still */
static const double SHORTEST_S = 1.5;

static void event(AvaOut *o, double start, double end, const char *style)
{
    long a = lrint(fmax(0, start) * 100), b = lrint(fmax(0, end) * 100);
    ava_out(o, "Dialogue: 0,%ld:%02ld:%02ld.%02ld,%ld:%02ld:%02ld.%02ld,%s,,0,0,0,,", a / 360000, a / 6000 % 60, a / 100 % 60, a % 100, b / 360000, b / 6000 % 60,
        b / 100 % 60, b % 100, style);
}

/* Text that libass takes for text. */
static const char *plain(const char *s, char *out, size_t size)
{
    size_t n = 0;
    for (; *s && n + 1 < size; s++)
        out[n++] = (char)(*s == '{' ? '(' : *s == '}' ? ')' : *s == '\\' ? '/' : *s);
    out[n] = 0;
    return out;
}

static int speaks(const AvalignResult *r, int track, double t)
{
    for (size_t i = 0; i < r->found.segment.n; i++) {
        const AvaSegment *s = &r->found.segment.at[i];
        if (!strcmp(s->kind, "speaking") && s->track == track && ava_rounded_s(s->start_us, 3) <= t && ava_rounded_s(s->end_us, 3) > t)
            return 1;
    }
    return 0;
}

static double speech_at(const AvalignResult *r, int64_t t_us)
{
    for (size_t i = 0; i < r->series.n; i++) {
        const AvaSeriesData *s = &r->series.at[i];
        if (strcmp(s->name, "speech") || !s->n)
            continue;
        int64_t k = (t_us - s->t0_us) / s->step_us;
        return k >= 0 && k < (int64_t)s->n ? (double)s->value[k] : 0;
    }
    return 0;
}

static void face(AvaOut *o, const AvalignResult *r, const AvaBoxes *b)
{
    for (size_t k = 0; k < b->n; k += HOLD) {
        size_t last = k + HOLD < b->n ? k + HOLD : b->n - 1;
        double t = (double)b->t_us[k] / 1e6, end = last > k ? (double)b->t_us[last] / 1e6 : t + .04;
        if (end - t > .5) /* a hole in the track */
            end = t + .04 * HOLD;
        const float *q = b->box[k];
        int x = (int)q[0], y = (int)q[1], w = (int)q[2], h = (int)q[3], now = speaks(r, b->track, t);
        event(o, t, end, now ? "Speaks" : "Face");
        ava_out(o, "{\\an7\\pos(0,0)\\p1}m %d %d l %d %d %d %d %d %d{\\p0}\n", x, y, x + w, y, x + w, y + h, x, y + h);
        event(o, t, end, "Label");
        ava_out(o, "{\\an1\\pos(%d,%d)}face %d%s\n", x, y - 3, b->track, now ? " speaks" : "");
        int length = now ? (int)(w * speech_at(r, b->t_us[k])) : 0;
        if (length > 2) {
            event(o, t, end, "Bar");
            ava_out(o, "{\\an7\\pos(0,0)\\p1}m %d %d l %d %d %d %d %d %d{\\p0}\n", x, y + h + 4, x + length, y + h + 4, x + length, y + h + 9, x, y + h + 9);
        }
    }
}

static void corner(AvaOut *o, const AvalignResult *r)
{
    const AvalignAudioVisualResult *f = &r->fields;
    event(o, 0, ava_result_length(r), "Label");
    ava_out(o, "{\\an7}");
    if (f->present & 1u << AVALIGN_SYNC_OFFSET_MS)
        ava_out(o, "offset %+.0f ms: sound %s\\N", f->sync_offset_ms, f->sync_offset_ms > 0 ? "early" : f->sync_offset_ms < 0 ? "late" : "with the picture");
    else
        ava_out(o, "offset: no answer (%s)\\N", f->reason[AVALIGN_SYNC_OFFSET_MS]);
    if (f->present & 1u << AVALIGN_LIP_SYNC_SCORE)
        ava_out(o, "lip sync %.2f\\N", f->lip_sync_score);
    if (f->present & 1u << AVALIGN_ANOMALY_SCORE)
        ava_out(o, "anomaly score %.2f", f->anomaly_score);
    ava_out(o, "\n");
}

int ava_report_ass(const AvalignResult *r, AvalignWriteFn *write, void *cookie)
{
    AvaOut o = { write, cookie, 0 };
    int seen = r->media.info.has_video && r->media.stats.frames, w = seen ? r->media.info.width : 0, h = seen ? r->media.info.height : 0;
    w = w > 0 ? w : 640;
    h = h > 0 ? h : 360;
    int size = h / 22 > 10 ? h / 22 : 10;
    AvaFindingList l = { 0 };
    if (ava_findings_list(r, &l))
        o.failed = AVALIGN_ERR_NOMEM;
    ava_out(&o, "[Script Info]\nScriptType: v4.00+\nPlayResX: %d\nPlayResY: %d\nWrapStyle: 0\nScaledBorderAndShadow: yes\n\n", w, h);
    ava_out(&o, "[V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, "
            "ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding\n");
    static const char *const styles[] = { "Face,Sans,%d,&HFF000000,&H0,&H00C0C0C0,&H0", "Speaks,Sans,%d,&HFF000000,&H0,&H002E8CFF,&H0", "Bar,Sans,%d,&H002E8CFF,&H0,&HFF000000,&H0",
                                          "Label,Sans,%d,&H00FFFFFF,&H0,&H00000000,&H0", "Finding,Sans,%d,&H00B0E0FF,&H0,&H00000000,&H0", "Counts,Sans,%d,&H008080FF,&H0,&H00000000,&H0" };
    for (size_t i = 0; i < sizeof styles / sizeof *styles; i++) {
        char head[120];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(head, sizeof head, styles[i], size);
#pragma GCC diagnostic pop
        ava_out(&o, "Style: %s,0,0,0,0,100,100,0,0,1,2,0,2,8,8,8,1\n", head);
    }
    ava_out(&o, "\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n");
    corner(&o, r);
    for (size_t i = 0; i < r->boxes.n; i++)
        face(&o, r, &r->boxes.at[i]);
    for (size_t i = 0; i < l.n; i++) {
        char text[700];
        const AvaFinding *f = &l.at[i];
        if (!f->counts && f->score < .5 && strcmp(f->kind, "missed-closure"))
            continue; /* too weak to cover the picture with */
        event(&o, f->start_s, fmax(f->end_s, f->start_s + (f->counts ? SHORTEST_S : .4)), f->counts ? "Counts" : "Finding");
        ava_out(&o, "%s\n", plain(f->text, text, sizeof text));
    }
    ava_vec_free(&l);
    return o.failed;
}
