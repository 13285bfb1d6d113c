/* text.c -- the result in words, for a terminal. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/out.h"
#include "result/result.h"

/* Reason codes in words: the same list as docs/reasons.md. */
static const char *in_words(const char *code)
{
    static const char *const words[][2] = {
        { "not-built", "this build has no such analyzer yet" },
        { "not-asked", "left out on request" },
        { "no-video", "there is no picture" },
        { "no-audio", "there is no sound" },
        { "no-face", "no face was found" },
        { "no-speech", "no speech was heard" },
        { "too-short", "needs more speech with a visible mouth" },
        { "no-mouth-image", "needs mouth images or 468 landmarks" },
        { "too-noisy", "too much noise under the speech" },
        { "music", "music is heard under the speech" },
        { "overlap", "others speak at the same time" },
        { "whisper", "the voice is whispered" },
        { "singing", "the voice sings" },
        { "low-bit-rate", "too little of the voice is left at this bit rate" },
        { "still-image", "a photograph with sound: nothing moves" },
        { "low-resolution", "the face is too small" },
        { "profile", "the face is turned away" },
        { "face-covered", "eyes or mouth are covered" },
        { "no-phone-model", "the phone recogniser's model is not installed" },
        { "phones-unreliable", "the phone recogniser has no footing here (language or sound quality)" },
        { "transcript-mismatch", "the transcript does not fit what is said" },
        { "narrow-band", "telephone sound: too narrow a band to compare voices" },
        { "several-voices", "several voices; match them one by one" },
        { "several-faces", "several faces and none is sure to be speaking" },
        { "face-unclear", "needs two seconds of a larger, more frontal face" },
        { "child", "children's voices do not tell" },
        { "unclear", "no offset stands out; sound and mouth may not belong together" },
        { "too-little-judged", "nothing that counts could be judged" },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i][0], code))
            return words[i][1];
    return code;
}

static void field(AvaOut *o, const AvalignAudioVisualResult *f, AvalignField i, const char *name, double v, const char *scale)
{
    if (f->reason[i])
        ava_out(o, "  %-20s -      %s (%s)\n", name, in_words(f->reason[i]), f->reason[i]);
    else
        ava_out(o, "  %-20s %.2f   %s\n", name, v, scale);
}

/* What the visemes, SyncNet and the voices say beyond the fields; nothing where there is nothing. */
static void details(AvaOut *o, const json_t *signals)
{
    const json_t *v = json_object_get(signals, "viseme"), *lse = json_object_get(signals, "lse"), *s = json_object_get(signals, "speaker"), *m = json_object_get(signals, "emotion"), *e;
    size_t i;
    if (json_object_get(v, "match_ratio"))
        ava_out(o, "  %-20s %.2f   of %d sounds show their mouth shape; %.2f would by chance\n", "visemes",
             json_number_value(json_object_get(v, "match_ratio")), (int)json_integer_value(json_object_get(v, "used")),
             json_number_value(json_object_get(v, "chance_ratio")));
    if (json_is_string(json_object_get(v, "phones_from")) && strcmp(json_string_value(json_object_get(v, "phones_from")), "recogniser"))
        json_array_foreach(json_object_get(v, "missed_closures"), i, e) /* without a transcript half of them are misheard */
            ava_out(o, "    %s heard at %.2f s, lips not closed (frame %d)\n", json_string_value(json_object_get(e, "phone")),
                 json_number_value(json_object_get(e, "time_s")), (int)json_integer_value(json_object_get(e, "frame")));
    if (json_object_get(lse, "min_distance"))
        ava_out(o, "  %-20s AV offset %d pictures (positive: sound early), min distance %.3f, confidence %.3f\n", "SyncNet",
             (int)json_integer_value(json_object_get(lse, "av_offset_frames")), json_number_value(json_object_get(lse, "min_distance")),
             json_number_value(json_object_get(lse, "confidence")));
    json_array_foreach(json_object_get(s, "voice_changes"), i, e)
        ava_out(o, "    another voice from %.1f s on%s\n", json_number_value(json_object_get(e, "time_s")),
             json_is_true(json_object_get(e, "face_stays")) ? ", while the face stays" : "");
    json_array_foreach(json_object_get(s, "identity_drift"), i, e)
        ava_out(o, "    the face at %.1f s is unlike the rest of its track\n", json_number_value(json_object_get(e, "time_s")));
    json_array_foreach(json_object_get(m, "mismatches"), i, e)
        ava_out(o, "    %s, %.1f-%.1f s\n", json_string_value(json_object_get(e, "detail")), json_number_value(json_object_get(e, "start_s")),
             json_number_value(json_object_get(e, "end_s")));
}

int ava_report_text(const AvalignResult *r, AvalignWriteFn *write, void *cookie)
{
    AvaOut o = { write, cookie, 0 };
    const AvalignAudioVisualResult *f = &r->fields;
    const json_t *verdict = json_object_get(json_object_get(r->root, "signals"), "verdict");
    const char *file = json_string_value(json_object_get(r->root, "file"));
    ava_out_text(&o, file ? file : "(pushed frames and samples)");
    ava_out(&o, "\n");
    if (f->reason[AVALIGN_ANOMALY_SCORE])
        ava_out(&o, "Verdict: none. %s (%s).\n", in_words(f->reason[AVALIGN_ANOMALY_SCORE]), f->reason[AVALIGN_ANOMALY_SCORE]);
    else
        ava_out(&o, "Verdict: %s. Anomaly score %.2f on a scale of 0 (nothing found) to 1; flagged from %.2f.\n",
             json_is_true(json_object_get(verdict, "flagged")) ? "FLAGGED" : "not flagged", f->anomaly_score,
             json_number_value(json_object_get(verdict, "flag_at")));
    for (size_t i = 0; i < f->n_anomaly_details; i++)
        ava_out(&o, "  ! %s\n", f->anomaly_details[i]);
    if (f->reason[AVALIGN_SYNC_OFFSET_MS]) {
        ava_out(&o, "  %-20s -      %s (%s)\n", "lip-sync offset", in_words(f->reason[AVALIGN_SYNC_OFFSET_MS]),
             f->reason[AVALIGN_SYNC_OFFSET_MS]);
    } else {
        double ms = f->sync_offset_ms;
        ava_out(&o, "  %-20s %+.0f ms  %s\n", "lip-sync offset", ms,
             fabs(ms) < 0.5 ? "sound and picture together" : ms > 0 ? "sound early: it leads the picture"
                                                                   : "sound late: it lags behind the picture");
    }
    const json_t *lip = json_object_get(json_object_get(r->root, "signals"), "lipsync");
    const json_t *interval = json_object_get(lip, "interval_ms"), *profile = json_object_get(lip, "profile");
    if (interval && !f->reason[AVALIGN_SYNC_OFFSET_MS]) {
        ava_out(&o, "  %-20s %+.0f to %+.0f ms  where the true offset lies, 95 %%\n", "  accurate to", json_number_value(json_array_get(interval, 0)),
             json_number_value(json_array_get(interval, 1)));
        ava_out(&o, "  %-20s %.0f ms  to compare copies with, and changes over time\n", "  repeatable within",
             fmax(1, json_number_value(json_object_get(lip, "repeatable_ms"))));
    }
    if (profile && !f->reason[AVALIGN_SYNC_OFFSET_MS])
        ava_out(&o, "  %-20s %s %s, margin %+.0f ms\n", "  tolerance", json_string_value(json_object_get(profile, "name")),
             json_is_true(json_object_get(profile, "pass")) ? "passed" : "FAILED",
             json_number_value(json_object_get(profile, "margin_ms")));
    field(&o, f, AVALIGN_SYNC_CONFIDENCE, "offset confidence", f->sync_confidence, "0-1, share of such answers within 80 ms of the truth");
    field(&o, f, AVALIGN_LIP_SYNC_SCORE, "lip-sync score", f->lip_sync_score, "0-1, 1 = mouth and sound match");
    field(&o, f, AVALIGN_VOICE_FACE_MATCH, "voice-face match", f->voice_face_match, "0-1, 1 = the voice fits the face");
    details(&o, json_object_get(r->root, "signals"));
    field(&o, f, AVALIGN_EMOTION_COHERENCE, "emotion coherence", f->emotion_coherence, "0-1, 1 = voice and face agree");
    field(&o, f, AVALIGN_VOICE_AUTHENTICITY, "voice authenticity", f->voice_authenticity, "0-1, 1 = a person's voice");
    const json_t *traces = json_object_get(json_object_get(json_object_get(r->root, "signals"), "artifacts"), "segments");
    size_t i, strong = 0;
    json_t *w;
    json_array_foreach((json_t *)traces, i, w)
        strong += json_number_value(json_object_get(w, "score")) >= .5;
    if (traces)
        ava_out(&o, "  %-20s %-4zu   traces in the sound of .50 and more, %zu weaker\n", "editing", strong, json_array_size(traces) - strong);
    if (json_is_number(json_object_get(verdict, "calibrated_score")))
        ava_out(&o, "  %-20s %.2f   0-1, all of it weighed: %s\n", "calibrated", json_number_value(json_object_get(verdict, "calibrated_score")),
             json_string_value(json_object_get(verdict, "calibrated_words")));
    json_array_foreach(json_object_get(r->root, "warnings"), i, w)
        ava_out(&o, "  note: %s\n", json_string_value(json_object_get(w, "text")));
    return o.failed;
}
