/* json_result.h -- the whole result as JSON. Inside src/report/. */
#ifndef AVA_REPORT_JSON_RESULT_H
#define AVA_REPORT_JSON_RESULT_H

#include "report/json_parts.h"
#include "report/findings.h"
#include "result/result.h"

/* All but the series, in the order of the schema; NULL: out of memory. */
json_t *ava_json_result(const AvalignResult *r);
json_t *ava_json_media(const AvaMediaFacts *m);
/* What the evidence page needs beside it. */
json_t *ava_json_page(const AvalignResult *r, const char *video_src);
json_t *ava_json_findings(const AvaFindingList *l);
/* A document's members as the result has them, from the opening brace to the last comma. */
int ava_json_members(const json_t *doc, AvalignWriteFn *write, void *cookie);

#endif
