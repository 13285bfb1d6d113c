/* report.h -- a finished result in its formats. Each: 0, 1 when write() refused, or a negative AvalignError. */
#ifndef AVA_REPORT_H
#define AVA_REPORT_H

#include "result/result.h"

/* page: also what the evidence page alone needs, findings and pictures, and video_src (NULL: none). */
int ava_report_json(const AvalignResult *r, int page, const char *video_src, AvalignWriteFn *write, void *cookie);
int ava_report_marks(const AvalignResult *r, AvalignFormat format, AvalignWriteFn *write, void *cookie);
/* The heard words, where they were asked for. */
int ava_report_captions(const AvalignResult *r, AvalignFormat format, AvalignWriteFn *write, void *cookie);
int ava_report_ass(const AvalignResult *r, AvalignWriteFn *write, void *cookie);
int ava_report_page(const AvalignResult *r, const char *video, AvalignWriteFn *write, void *cookie);
int ava_report_text(const AvalignResult *r, AvalignWriteFn *write, void *cookie);

#endif
