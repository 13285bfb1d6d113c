/* report.h -- a finished result in its formats. Each: 0, 1 when write() refused, or a negative AvalignError. */
#ifndef AVA_REPORT_H
#define AVA_REPORT_H

#include "result/result.h"

/* page: also what the evidence page alone needs, findings and thumbnails, and video_src (NULL: none). */
int ava_report_json(const AvalignResult *r, int page, const char *video_src, AvalignWriteFn *write, void *cookie);
int ava_report_marks(const AvalignResult *r, AvalignFormat format, AvalignWriteFn *write, void *cookie);
/* The heard words, where they were asked for. */
int ava_report_captions(const AvalignResult *r, AvalignFormat format, AvalignWriteFn *write, void *cookie);
int ava_report_ass(const AvalignResult *r, AvalignWriteFn *write, void *cookie);
int ava_report_page(const AvalignResult *r, const char *video, AvalignWriteFn *write, void *cookie);
int ava_report_text(const AvalignResult *r, AvalignWriteFn *write, void *cookie);

/* Judges found, which holds the numbers that a verdict reads; *flag_at: the threshold. */
typedef int AvaJudgeFn(void *cookie, double speech_s, AvaAnalysisOutput *found, double *flag_at, AvalignErrorInfo *e);
/* text: a JSON result or an evidence page; written again with another verdict. 0 or a negative AvalignError. */
int ava_report_judge_again(const char *text, size_t size, AvaJudgeFn *judge, void *cookie, AvalignWriteFn *write, void *to, AvalignErrorInfo *e);

/* html.c: a writer that makes escapes, of JSON or of HTML, of whatever HTML could take for a tag. */
typedef struct AvaEscapes {
    AvalignWriteFn *write;
    void *cookie;
    int json;
} AvaEscapes;
int ava_escaped(void *escapes, const char *s, size_t n);

#endif
