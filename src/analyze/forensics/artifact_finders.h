/* artifact_finders.h -- finders of traces that editing leaves in the sound. Inside src/analyze/. */
#ifndef AVA_FORENSICS_ARTIFACT_FINDERS_H
#define AVA_FORENSICS_ARTIFACT_FINDERS_H

#include "evidence/results.h"

/* Presentation times, us: of the i-th 10 ms and of the i-th second of the sound. Seconds, for words. */
static inline int64_t ava_frame_us(const AvaEvidence *ev, size_t i) { return ev->sound_t0_us + (int64_t)i * 10000; }
static inline int64_t ava_second_us(const AvaEvidence *ev, size_t i) { return ev->sound_t0_us + (int64_t)i * 1000000; }
static inline double ava_seconds(int64_t us) { return (double)us / 1e6; }

/* Each appends what it finds, in time order; 0, or -1 when out of memory. */
int ava_artifact_splices(const AvaEvidence *ev, AvaArtifactList *out);
int ava_artifact_copies(const AvaEvidence *ev, AvaArtifactList *out);
int ava_artifact_silence(const AvaEvidence *ev, AvaArtifactList *out);
int ava_artifact_phase(const AvaEvidence *ev, AvaArtifactList *out);
int ava_artifact_channel_delay(const AvaEvidence *ev, AvaArtifactList *out);
int ava_artifact_stereo(const AvaEvidence *ev, AvaArtifactList *out);
int ava_artifact_pulses(const AvaEvidence *ev, AvaArtifactList *out);
int ava_artifact_vocoder(const AvaEvidence *ev, AvaArtifactList *out);
int ava_artifact_bandwidth(const AvaEvidence *ev, AvaArtifactList *out);
int ava_artifact_hum(const AvaEvidence *ev, AvaArtifactList *out);
int ava_artifact_container(const AvaEvidence *ev, AvaArtifactList *out);
int ava_artifact_coding(const AvaEvidence *ev, AvaArtifactList *out);
/* Is ev->grid[i] that of the stream as it came? */
int ava_own_grid(const AvaEvidence *ev, int i);

int ava_artifact_add(AvaArtifactList *out, const char *kind, int64_t start_us, int64_t end_us, double score, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));

/* What the pulses of the voice tell, over the seconds from `from` to `to` in which it is heard. */
typedef struct AvaPulseView {
    double coherence; /* [-1,1]: highest correlation of the bands' envelopes; NAN: too little voice */
    double delay_ms;  /* of the high band, where they agree best near zero */
    size_t seconds;   /* with voice */
} AvaPulseView;
AvaPulseView ava_pulse_view(const AvaEvidence *ev, size_t from, size_t to);
/* How fast the sound dies away: its twentieth steepest fall within 20 ms, dB. Under 7.5 or so a room is heard. */
double ava_decay_db(const AvaEvidence *ev);

/* Hz where the spectrum usually ends; 0 = not known. */
double ava_usual_cutoff(const AvaEvidence *ev);

#endif
