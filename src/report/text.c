/* text.c -- the result in words, for a terminal. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/credentials.h"
#include "report/out.h"
#include "report/report.h"

static void text_field(AvaOut *o, const AvalignAudioVisualResult *f, AvalignField i, double v)
{
    const AvalignFieldInfo *info = avalign_field_info(i);
    if (f->reason[i])
        ava_out(o, "  %-20s -      %s (%s)\n", info->label, avalign_reason_words(f->reason[i]), f->reason[i]);
    else
        ava_out(o, "  %-20s %.2f   %s\n", info->label, v, info->meaning);
}

/* What the visemes, SyncNet and the voices say beyond the fields; nothing where there is nothing. */
static void details(AvaOut *o, const AvaAnalysisOutput *f)
{
    const AvaVisemeResult *v = &f->viseme;
    if (!isnan(v->match_ratio))
        ava_out(o, "  %-20s %.2f   of %d sounds show their mouth shape; %.2f would by chance\n", "visemes", ava_rounded(v->match_ratio, 3), (int)v->used,
             ava_rounded(v->chance_ratio, 3));
    for (size_t i = 0; i < v->missed.n && v->aligned; i++) { /* without a transcript half of them are misheard */
        const AvaMissedClosure *m = &v->missed.at[i];
        ava_out(o, "    %s heard at %.2f s, lips not closed (frame %d)\n", ava_phone_label(m->phone), ava_rounded_s(m->time_us, 3), (int)m->frame);
    }
    for (size_t i = 0; i < f->transcript.word.n; i++) {
        if (!i)
            ava_out(o, "  %-20s", "words");
        ava_out(o, " ");
        ava_out_text(o, f->transcript.word.at[i].text);
        if (i + 1 == f->transcript.word.n)
            ava_out(o, "\n");
    }
    if (f->transcript.asked && f->transcript.absent)
        ava_out(o, "  %-20s -      %s (%s)\n", "words", avalign_reason_words(f->transcript.absent), f->transcript.absent);
    if (!isnan(f->lse.min_distance))
        ava_out(o, "  %-20s AV offset %d frames (positive: sound early), min distance %.3f, confidence %.3f\n", "SyncNet",
             f->lse.face.at[f->lse.longest].lse.offset_frames, ava_rounded(f->lse.min_distance, 4), ava_rounded(f->lse.confidence, 4));
    for (size_t i = 0; i < f->speaker.change.n; i++)
        ava_out(o, "    another voice from %.1f s on%s\n", ava_rounded_s(f->speaker.change.at[i].time_us, 3),
             f->speaker.change.at[i].face_stays ? ", while the face stays" : "");
    for (size_t i = 0; i < f->speaker.drift.n; i++)
        ava_out(o, "    the face at %.1f s is unlike the rest of its track\n", ava_rounded_s(f->speaker.drift.at[i].time_us, 3));
    for (size_t i = 0; i < f->emotion.mismatch.n; i++) {
        const AvaEmotionMismatch *m = &f->emotion.mismatch.at[i];
        char text[AVA_MISMATCH];
        ava_out(o, "    %s, %.1f-%.1f s\n", ava_mismatch_text(m, text), ava_rounded_s(m->start_us, 2), ava_rounded_s(m->end_us, 2));
    }
}

/* What the active manifest claims, or the last that could be read. */
static void text_credentials(AvaOut *o, const AvaC2pa *c)
{
    const AvaC2paManifest *m = c->n ? &c->manifest[c->n - 1] : NULL;
    if (!c->present)
        return;
    char says[AVA_C2PA_WORDS];
    ava_c2pa_words(&c->verified, says);
    ava_out(o, "  Content Credentials  present, %s", says);
    if (m)
        ava_out(o, "; %d manifest%s, the last by %s", c->n + c->left_out, c->n + c->left_out == 1 ? "" : "s", *m->generator ? m->generator : "an unnamed program");
    for (int i = 0; m && i < m->n_actions; i++)
        ava_out(o, "%s%s", i ? ", " : "; actions: ", m->action[i]);
    for (int i = 0; m && i < m->n_sources; i++)
        ava_out(o, "%s%s", i ? ", " : "; declared source: ", m->source[i]);
    ava_out(o, "%s%s\n", c->problem ? "; " : "", c->problem ? c->problem : "");
}

int ava_report_text(const AvalignResult *r, AvalignWriteFn *write, void *cookie)
{
    AvaOut o = { write, cookie, 0 };
    const AvalignAudioVisualResult *f = &r->fields;
    const AvaVerdictResult *verdict = &r->found.verdict;
    const char *file = r->line;
    ava_out_text(&o, file ? file : "(pushed frames and samples)");
    ava_out(&o, "\n");
    if (f->reason[AVALIGN_ANOMALY_SCORE])
        ava_out(&o, "Verdict: none. %s (%s).\n", avalign_reason_words(f->reason[AVALIGN_ANOMALY_SCORE]), f->reason[AVALIGN_ANOMALY_SCORE]);
    else
        ava_out(&o, "Verdict: %s. Anomaly score %.2f on a scale of 0 (nothing found) to 1; flagged from %.2f.\n",
             verdict->flagged ? "FLAGGED" : "not flagged", f->anomaly_score,
             ava_rounded(verdict->flag_at, 3));
    for (size_t i = 0; i < f->n_anomaly_details; i++)
        ava_out(&o, "  ! %s\n", f->anomaly_details[i]);
    if (f->reason[AVALIGN_SYNC_OFFSET_MS]) {
        ava_out(&o, "  %-20s -      %s (%s)\n", "lip-sync offset", avalign_reason_words(f->reason[AVALIGN_SYNC_OFFSET_MS]),
             f->reason[AVALIGN_SYNC_OFFSET_MS]);
    } else {
        double ms = f->sync_offset_ms;
        ava_out(&o, "  %-20s %+.0f ms  %s\n", "lip-sync offset", ms,
             fabs(ms) < 0.5 ? "sound and picture together" : ms > 0 ? "sound early: it leads the picture"
                                                                   : "sound late: it lags behind the picture");
    }
    const AvaSyncResult *lip = &r->found.sync;
    if (!isnan(lip->interval_ms[0]) && !f->reason[AVALIGN_SYNC_OFFSET_MS]) {
        ava_out(&o, "  %-20s %+.0f to %+.0f ms  where the true offset lies, 95 %%\n", "  accurate to", ava_rounded(lip->interval_ms[0], 1),
             ava_rounded(lip->interval_ms[1], 1));
        ava_out(&o, "  %-20s %.0f ms  to compare copies with, and changes over time\n", "  repeatable within",
             fmax(1, ava_rounded(lip->repeatable_ms, 1)));
    }
    if (lip->drift_ppm < 0 || lip->drift_ppm > 0)
        ava_out(&o, "  %-20s %+.2f ms/s  the sound runs %s than the picture, by %.3g %%\n", "  drift", ava_rounded(lip->drift_ppm, 1) / 1000,
             lip->drift_ppm > 0 ? "faster" : "slower", fabs(lip->drift_ppm) / 10000);
    for (size_t k = 0; k < lip->step.n; k++)
        ava_out(&o, "  %-20s %+.0f ms  at %.1f s: the sound is earlier by that from there on (-: later)\n", "  step", ava_rounded(lip->step.at[k].step_ms, 1),
             ava_rounded(lip->step.at[k].at_s, 2));
    if (lip->tolerance.name && !f->reason[AVALIGN_SYNC_OFFSET_MS])
        ava_out(&o, "  %-20s %s %s, margin %+.0f ms\n", "  tolerance", lip->tolerance.name, lip->tolerance.pass ? "passed" : "FAILED",
             ava_rounded(lip->tolerance.margin_ms, 1));
    text_field(&o, f, AVALIGN_SYNC_CONFIDENCE, f->sync_confidence);
    text_field(&o, f, AVALIGN_LIP_SYNC_SCORE, f->lip_sync_score);
    text_field(&o, f, AVALIGN_VOICE_FACE_MATCH, f->voice_face_match);
    details(&o, &r->found);
    text_field(&o, f, AVALIGN_EMOTION_COHERENCE, f->emotion_coherence);
    text_field(&o, f, AVALIGN_VOICE_AUTHENTICITY, f->voice_authenticity);
    const AvaArtifactList *traces = &r->found.artifacts.segment;
    size_t i, strong = 0;
    for (i = 0; i < traces->n; i++)
        strong += ava_rounded(traces->at[i].score, 3) >= .5;
    if (!r->found.artifacts.absent)
        ava_out(&o, "  %-20s %-4zu   traces in the sound of .50 and more, %zu weaker\n", "editing", strong, traces->n - strong);
    const AvaMouthResult *mouth = &r->found.mouth;
    if (!mouth->absent)
        ava_out(&o, "  %-20s %.2f   0-1, 1 = a face as cameras see it; under .50 it looks drawn (%d pictures)\n", "face not drawn",
             ava_rounded(mouth->score, 3), (int)mouth->frames_judged);
    else
        ava_out(&o, "  %-20s -      %s (%s)\n", "face not drawn", avalign_reason_words(mouth->absent), mouth->absent);
    if (verdict->calibrated_words)
        ava_out(&o, "  %-20s %.2f   0-1, all of it weighed: %s\n", "calibrated", ava_rounded(verdict->calibrated_score, 3), verdict->calibrated_words);
    text_credentials(&o, &r->media.c2pa);
    for (i = 0; i < r->warning.n; i++)
        ava_out(&o, "  note: %s\n", r->warning.at[i].text);
    return o.failed;
}
