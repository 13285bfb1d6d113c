/* json_parts.h -- the parts of the result as JSON (docs/result.schema.json), one small file each. Inside src/report/.
 *
 * Here, and only here, numbers are rounded. Each returns a new object, NULL when out of memory. */
#ifndef AVA_REPORT_JSON_PARTS_H
#define AVA_REPORT_JSON_PARTS_H

#include <jansson.h>

#include "evidence/results.h"

/* Rounded to 1e-decimals, null when not finite. */
json_t *ava_json_real(double v, int decimals);
/* A time in seconds. */
json_t *ava_json_time(int64_t us, int decimals);
/* null for NULL and "". */
json_t *ava_json_text(const char *s);
/* {"absent": reason} */
json_t *ava_json_absent(const char *reason);

/* json_sync.c */
json_t *ava_json_sync_answer(const AvaSyncAnswer *a);
json_t *ava_json_sync(const AvaSyncResult *r);
json_t *ava_json_lse(const AvaLseResult *r);
json_t *ava_json_viseme(const AvaVisemeResult *r);
json_t *ava_json_transcript(const AvaTranscriptResult *r);
json_t *ava_json_speaker(const AvaSpeakerResult *r);
json_t *ava_json_emotion(const AvaEmotionResult *r);
json_t *ava_json_authenticity(const AvaAuthenticityResult *r);
json_t *ava_json_artifacts(const AvaArtifactsResult *r);
json_t *ava_json_mouth(const AvaMouthResult *r);
json_t *ava_json_verdict(const AvaVerdictResult *r);

/* json_signals.c: all of the above by name; the anomalies; segments that analyzers found; what they add to a track (id). */
json_t *ava_json_signals(const AvaAnalysisOutput *o);
json_t *ava_json_anomalies(const AvaAnalysisOutput *o);
json_t *ava_json_segments(const AvaAnalysisOutput *o);
void ava_json_track(json_t *track, const AvaAnalysisOutput *o, int id);

#endif
