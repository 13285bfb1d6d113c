/* err.h -- filling an AvalignErrorInfo. The first failure wins. */
#ifndef AVA_ERR_H
#define AVA_ERR_H

#include "avalign/avalign.h"

#define AVA_NO_TIME INT64_MIN

void ava_err_clear(AvalignErrorInfo *e);
/* Fills e (may be NULL) unless it already holds an error; returns code. Bytes
 * that are not valid in one line of UTF-8 are replaced by '?'. */
int ava_fail(AvalignErrorInfo *e, int code, const char *stage, int64_t at_us, int cause,
             const char *fmt, ...) __attribute__((format(printf, 6, 7)));
#ifdef __clang_analyzer__ /* it can't know that a failure is never 0 */
#define ava_fail(e, code, ...) (ava_fail(e, code, __VA_ARGS__), (code) ? (code) : -1)
#endif
/* Copies text as one printable line of valid UTF-8 into out. */
void ava_clean_line(char *out, size_t room, const char *text);

#endif
