/* result.h -- one finished analysis. */
#ifndef AVA_RESULT_H
#define AVA_RESULT_H

#include <jansson.h>

#include "analyze/analyzer.h"
#include "avalign/avalign.h"
#include "evidence/embedding.h"
#include "util/vec.h"

typedef struct AvaSeriesData {
    char name[32], unit[16];
    int track;
    int64_t t0_us, step_us;
    size_t n;
    int64_t *t_us;
    float *value;
} AvaSeriesData;

/* Where a face was, for overlays; not in the JSON. */
typedef struct AvaBoxes {
    int track;
    size_t n;
    int64_t *t_us;
    float (*box)[4];
} AvaBoxes;

struct AvalignResult {
    char *file;   /* its name byte by byte, which JSON can't hold when it is no UTF-8; NULL when pushed */
    json_t *root; /* everything but the series, in the order of the schema */
    AvaAnalysisOutput found; /* its segments: speech and shots first, then the analyzers' */
    AvalignAudioVisualResult fields;
    json_t *pictures; /* for the evidence page; NULL: none were taken */
    const char **details;
    AVA_VEC(AvalignScore) score;
    AVA_VEC(AvalignTrack) track;
    AVA_VEC(AvaSeriesData) series;
    AVA_VEC(AvaBoxes) boxes;
    AVA_VEC(AvalignEmbedding) embedding; /* vectors are the result's */
    AvaRhythm rhythm;
};

/* What the run knows beside the evidence; json values are taken over. */
typedef struct AvaRunFacts {
    const char *file;      /* as given, NULL when pushed */
    const char *sha256;    /* NULL = not known */
    json_t *media, *warnings, *models, *settings;
} AvaRunFacts;

/* Takes what is in f over, and leaves it empty. */
int ava_result_build(AvalignResult **out, const AvaEvidence *ev, AvaAnalysisOutput *f, AvaRunFacts *facts,
                     AvalignErrorInfo *e);

/* The SHA-256 of the net that played a role; "" when none did. */
const char *ava_result_hash(const AvalignResult *r, const char *role);

extern const char *const ava_field_name[AVALIGN_N_FIELDS];

/* src/report/ */
/* more: members to write beside the result's own, or NULL. */
int ava_report_json(const AvalignResult *r, const json_t *more, AvalignWriteFn *write, void *cookie);
int ava_report_marks(const AvalignResult *r, AvalignFormat format, AvalignWriteFn *write, void *cookie);
int ava_report_ass(const AvalignResult *r, AvalignWriteFn *write, void *cookie);
int ava_report_text(const AvalignResult *r, AvalignWriteFn *write, void *cookie);

#endif
