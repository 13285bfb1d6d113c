/* speaker.c -- does the voice fit the face, and does each stay the same?
 *
 * Voice and face are compared by what both tell (sex); that is weak evidence and its likelihood
 * ratio is bounded. Within the file, voices are compared with voices and faces with faces. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/analyzer.h"
#include "analyze/input_quality.h"
#include "analyze/speaker/speaker_model.h"
#include "util/err.h"
#include "util/logistic.h"

static int speaker_run(const AvaAnalysisInput *in, AvaAnalysisOutput *out, AvalignErrorInfo *e);

const AvaAnalyzer ava_speaker = {
    { "speaker", "does the voice fit the face, and does each stay the same",
      (const char *const[]){ "face-detect", "face-mesh", "vad", "face-embed", "face-age-sex", "face-joint", "voice-embed",
                             "voice-joint", NULL },
      (const char *const[]){ "voice_face_match", "speaker.llr", NULL }, 1 },
    (const AvalignField[]){ AVALIGN_VOICE_FACE_MATCH, AVALIGN_N_FIELDS }, offsetof(AvaAnalysisOutput, speaker.absent),
    .optional = (const char *const[]){ "background", NULL }, .run = speaker_run,
    .after = (const char *const[]){ "lipsync", NULL }
};

enum { MIN_FACES = 2, NARROW_HZ = 11025 }; /* faces to judge by */
static const double CHANGE_BELOW = -1.0, DRIFT_BELOW = -1.5, MIN_SPEECH_S = 2, SIDE_S = 3.2; /* to each side of a change */

/* ---- voices ---------------------------------------------------------------------- */

static void speaker_mean_of(const AvaEvidence *ev, size_t from, size_t to, float out[AVALIGN_VOICE_DIM])
{
    memset(out, 0, AVALIGN_VOICE_DIM * sizeof *out);
    for (size_t i = from; i < to; i++)
        for (int d = 0; d < AVALIGN_VOICE_DIM; d++)
            out[d] += ev->voice.at[i].v[d];
}

/* Is one and the same face on screen from a second before to a second after? */
static int face_stays(const AvaEvidence *ev, int64_t t_us)
{
    for (size_t i = 0; i < ev->track.n; i++) {
        const AvaTrackRows *t = &ev->track.at[i];
        if (t->row.n && t->row.at[0].t_us <= t_us - 1000000 && t->row.at[t->row.n - 1].t_us >= t_us + 1000000)
            return 1;
    }
    return 0;
}

/* Where the voice before differs most from the voice after, one place per stretch of change. 0 or -1. */
static int voice_changes(const AvaEvidence *ev, AvaSpeakerResult *r)
{
    size_t n = ev->voice.n, best = 0, side = n ? (size_t)fmax(1, rint(SIDE_S / fmax(.1, ava_voice_hop_s(ev)))) : 1;
    double lowest = 1;
    for (size_t i = side; i + side <= n + 1; i++) {
        double cosine = 1;
        if (i + side <= n) {
            float a[AVALIGN_VOICE_DIM], b[AVALIGN_VOICE_DIM];
            speaker_mean_of(ev, i - side, i, a);
            speaker_mean_of(ev, i + 1 < n ? i + 1 : i, i + side < n ? i + side : n, b); /* the window across the change is in neither */
            cosine = ava_cosine(a, b, AVALIGN_VOICE_DIM);
        }
        int changes = ava_voice_llr(&ev->calibration, cosine, 3) < CHANGE_BELOW;
        if (changes && cosine < lowest) {
            lowest = cosine;
            best = i;
        } else if (best && (!changes || i - best > side)) {
            const AvaVoiceVec *v = &ev->voice.at[best];
            int64_t at = ev->sound_t0_us + (v->start_us + v->end_us) / 2;
            AvaVoiceChange c = { at, ava_voice_llr(&ev->calibration, lowest, 3), face_stays(ev, at) };
            if (ava_push(&r->change, c))
                return -1;
            lowest = 1;
            best = 0;
        }
    }
    return 0;
}

/* Leader clustering: a window joins the voice it is nearest to, or founds one. 0 or -1. */
static int speaker_voices(const AvaEvidence *ev, AvaSpeakerResult *r)
{
    enum { MAX_VOICES = 8 };
    float (*sum)[AVALIGN_VOICE_DIM] = calloc(MAX_VOICES, sizeof *sum);
    size_t count[MAX_VOICES] = { 0 }, n = 0;
    if (!sum)
        return -1;
    for (size_t i = 0; i < ev->voice.n; i++) {
        const float *v = ev->voice.at[i].v;
        size_t at = 0;
        double best = -1;
        for (size_t k = 0; k < n; k++) {
            double c = ava_cosine(sum[k], v, AVALIGN_VOICE_DIM);
            if (c > best) {
                best = c;
                at = k;
            }
        }
        if (best < ev->calibration.voice.cluster && n < MAX_VOICES)
            at = n++;
        for (int d = 0; d < AVALIGN_VOICE_DIM; d++)
            sum[at][d] += v[d];
        count[at]++;
    }
    free(sum);
    for (size_t k = 0; k < n; k++) { /* stray windows are no voice */
        AvaVoiceShare v = { (double)count[k] / (double)ev->voice.n, (double)ev->voice.at[0].speech_s / 2 * (double)count[k] };
        if ((count[k] >= 3 || n == 1) && ava_push(&r->voice, v))
            return -1;
    }
    return 0;
}

/* ---- faces ----------------------------------------------------------------------- */

/* A net's probability "female", never surer than its training can say. */
static double female_share(double log_odds) { return ava_logistic(ava_bounded(log_odds, 5)); }

/* Log odds of "female", and age, over a track. */
static double face_female(const AvaTrackRows *t, double *age)
{
    double sum = 0, weight = 0;
    *age = 0;
    for (size_t i = 0; i < t->face.n; i++) {
        const AvaFaceVec *f = &t->face.at[i];
        sum += f->quality * f->female;
        *age += f->quality * f->age;
        weight += f->quality;
    }
    *age /= weight > 0 ? weight : 1;
    return weight > 0 ? sum / weight : 0;
}

/* What the faces tell of the person. 0 or -1. */
static int describe_tracks(const AvaEvidence *ev, AvaAnalysisOutput *out)
{
    for (size_t i = 0; i < ev->track.n; i++) {
        const AvaTrackRows *t = &ev->track.at[i];
        if (!t->face.n)
            continue;
        AvaTrackResult *r = ava_track_result(out, t->id);
        if (!r)
            return -1;
        r->female = female_share(face_female(t, &r->age));
        r->views = (int)t->face.n;
    }
    return 0;
}

/* Instants at which a face differs from the rest of its track. 0 or -1. */
static int identity_drift(const AvaEvidence *ev, AvaSpeakerResult *r)
{
    for (size_t k = 0; k < ev->track.n; k++) {
        const AvaTrackRows *t = &ev->track.at[k];
        float mean[AVALIGN_FACE_DIM];
        double quality;
        if (t->face.n < 5)
            continue;
        ava_mean_face(t, mean, &quality);
        for (size_t i = 0; i < t->face.n; i++) {
            const AvaFaceVec *f = &t->face.at[i];
            AvaIdentityDrift d = { t->id, f->t_us, ava_face_llr(&ev->calibration, ava_cosine(mean, f->v, AVALIGN_FACE_DIM)) };
            if (f->quality > 0.3 && d.llr_same < DRIFT_BELOW && ava_push(&r->drift, d))
                return -1;
        }
    }
    return 0;
}

/* The voice while lip sync has a face speaking; seconds of it. */
static double voice_of_track(const AvaEvidence *ev, const AvaSegmentList *segments, int track, float mean[AVALIGN_VOICE_DIM])
{
    size_t n = 0;
    memset(mean, 0, AVALIGN_VOICE_DIM * sizeof *mean);
    for (size_t k = 0; k < segments->n; k++) {
        const AvaSegment *s = &segments->at[k];
        if (s->track != track || strcmp(s->kind, "speaking"))
            continue;
        int64_t from = s->start_us - ev->sound_t0_us, to = s->end_us - ev->sound_t0_us;
        for (size_t i = 0; i < ev->voice.n; i++) {
            int64_t middle = (ev->voice.at[i].start_us + ev->voice.at[i].end_us) / 2;
            if (middle < from || middle > to)
                continue;
            for (int d = 0; d < AVALIGN_VOICE_DIM; d++)
                mean[d] += ev->voice.at[i].v[d];
            n++;
        }
    }
    return ava_voice_hop_s(ev) * (double)n;
}

/* Pairs of tracks with two faces and one voice. 0 or -1. */
static int one_voice_two_faces(const AvaEvidence *ev, AvaAnalysisOutput *out)
{
    enum { MOST = 32 }; /* tracks; longer lists are films */
    for (size_t i = 0; i < ev->track.n && i < MOST; i++) {
        float voice_i[AVALIGN_VOICE_DIM], voice_j[AVALIGN_VOICE_DIM], face_i[AVALIGN_FACE_DIM], face_j[AVALIGN_FACE_DIM];
        const AvaTrackRows *a = &ev->track.at[i];
        double quality, si = voice_of_track(ev, &out->segment, a->id, voice_i);
        if (si < MIN_SPEECH_S || a->face.n < MIN_FACES)
            continue;
        ava_mean_face(a, face_i, &quality);
        for (size_t j = i + 1; j < ev->track.n && j < MOST; j++) {
            const AvaTrackRows *b = &ev->track.at[j];
            double sj = voice_of_track(ev, &out->segment, b->id, voice_j);
            if (sj < MIN_SPEECH_S || b->face.n < MIN_FACES)
                continue;
            ava_mean_face(b, face_j, &quality);
            AvaSharedVoice s = { { a->id, b->id }, ava_voice_llr(&ev->calibration, ava_cosine(voice_i, voice_j, AVALIGN_VOICE_DIM), fmin(si, sj)),
                                 ava_face_llr(&ev->calibration, ava_cosine(face_i, face_j, AVALIGN_FACE_DIM)) };
            if (s.voice_llr_same > 1.5 && s.face_llr_same < -2 && ava_push(&out->speaker.shared, s))
                return -1;
        }
    }
    return 0;
}

/* Speech with no speaking face on screen, as lip sync found it. 0 or -1. */
static int speaker_offscreen(AvaAnalysisOutput *out)
{
    for (size_t i = 0; i < out->segment.n; i++)
        if (!strcmp(out->segment.at[i].kind, "voice-without-face") && ava_push(&out->speaker.offscreen, out->segment.at[i]))
            return -1;
    return 0;
}

/* The face that the sound is held against: the one whose mouth fits, else the first that was looked at. *rivals: as many others could
 * be it as well. */
static const AvaTrackRows *main_face(const AvaEvidence *ev, const AvaSyncFaces *f, int *rivals)
{
    const AvaTrackRows *face = f->n && f->pick[0].found >= AVA_SYNC_ANSWERED ? f->pick[0].track : NULL;
    int looked_at = 0;
    for (size_t i = 0; i < ev->track.n; i++)
        looked_at += ev->track.at[i].face.n >= MIN_FACES;
    *rivals = !face && looked_at > 1 ? looked_at - 1 : 0;
    for (size_t i = 0; (!face || !face->face.n) && i < ev->track.n; i++)
        if (ev->track.at[i].face.n)
            face = &ev->track.at[i];
    return face;
}

static void speaker_match(const AvaEvidence *ev, const AvaTrackRows *face, double pitch, AvaAnalysisOutput *out)
{
    AvaSpeakerResult *r = &out->speaker;
    double joint = 0, age, female = face_female(face, &age);
    for (size_t i = 0; i < ev->voice.n; i++)
        joint += ev->voice.at[i].joint / (double)ev->voice.n;
    r->absent = NULL;
    r->cross_net_cosine = face->has_cross ? face->cross_cosine : NAN;
    r->llr = face->has_cross ? ava_cross_net_llr(&ev->calibration, face->cross_cosine) : ava_cross_llr(&ev->calibration, ava_voice_female(&ev->calibration, joint, pitch), female);
    r->match = ava_cross_match(&ev->calibration, r->llr);
    r->voice_female = female_share(ava_voice_female(&ev->calibration, joint, pitch));
    r->face_female = female_share(female);
    r->face_age = age;
    r->track = face->id;
    out->reason[AVALIGN_VOICE_FACE_MATCH] = r->voice.n > 1 ? "several-voices" : age > 0 && age < 14 ? "child" : NULL;
    out->field[AVALIGN_VOICE_FACE_MATCH] = r->match;
}

/* What is known of voices and faces, each by itself. 0 or -1. */
static int speaker_describe(const AvaEvidence *ev, double speech_s, double pitch, AvaAnalysisOutput *out)
{
    AvaSpeakerResult *r = &out->speaker;
    r->ran = 1;
    r->has_voice = ev->voice.n > 0;
    if (r->has_voice) {
        r->speech_s = speech_s;
        r->voice_pitch_hz = pitch > 0 ? pitch : NAN;
        if (speaker_voices(ev, r) || voice_changes(ev, r))
            return -1;
    }
    for (size_t i = 0; i < ev->track.n; i++)
        r->has_face |= ev->track.at[i].face.n > 0;
    if (r->has_face && (describe_tracks(ev, out) || identity_drift(ev, r)))
        return -1;
    return speaker_offscreen(out) || one_voice_two_faces(ev, out) ? -1 : 0;
}

static int speaker_run(const AvaAnalysisInput *in, AvaAnalysisOutput *out, AvalignErrorInfo *e)
{
    const AvaEvidence *ev = in->ev;
    float mean[AVALIGN_VOICE_DIM];
    double speech_s = ava_mean_voice(ev, mean), pitch = ava_median_pitch(ev);
    int rivals = 0;
    if (ava_sync_faces_find(in->faces, ev) || speaker_describe(ev, speech_s, pitch, out))
        return ava_fail(e, AVALIGN_ERR_NOMEM, "speaker", AVA_NO_TIME, 0, "out of memory");
    const AvaTrackRows *face = main_face(ev, in->faces, &rivals);
    const char *absent = !ev->has_audio ? "no-audio" : !ev->has_video ? "no-video" : !ev->track.n ? "no-face"
                       : ev->speech_s < 0.5 ? "no-speech" : speech_s < MIN_SPEECH_S ? "too-short"
                       : ev->sample_rate && ev->sample_rate < NARROW_HZ ? "narrow-band"
                       : ava_voice_unfit(ev);
    const char *unfit = ava_face_unfit(ev);
    if (!absent && (!face || face->face.n < MIN_FACES))
        absent = unfit ? unfit : "face-unclear";
    else if (!absent && unfit && !strcmp(unfit, "face-covered")) /* there are views, but of half a face */
        absent = unfit;
    else if (!absent && rivals)
        absent = "several-faces";
    if (absent)
        ava_absent(out, &ava_speaker, absent);
    else
        speaker_match(ev, face, pitch, out);
    return 0;
}
