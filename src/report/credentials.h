/* credentials.h -- what came of verifying Content Credentials, in the words that text, JSON and page share. */
#ifndef AVA_REPORT_CREDENTIALS_H
#define AVA_REPORT_CREDENTIALS_H

#include "result/result.h"

enum { AVA_C2PA_WORDS = 320 };
/* "not verified, because libc2pa_c is not installed" */
void ava_c2pa_words(const AvaC2paVerified *v, char out[AVA_C2PA_WORDS]);

#endif
