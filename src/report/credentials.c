/* credentials.c -- what came of verifying Content Credentials, in words. */
#include "report/credentials.h"

#include <stdio.h>

void ava_c2pa_words(const AvaC2paVerified *v, char out[AVA_C2PA_WORDS])
{
    const char *by = *v->signer ? v->signer : "a signer without a name";
    switch (v->state) {
    case AVA_C2PA_TRUSTED: snprintf(out, AVA_C2PA_WORDS, "verified: as it was signed by %s, whose certificate is on your list of trusted signers", by); break;
    case AVA_C2PA_VALID: snprintf(out, AVA_C2PA_WORDS, "verified: as it was signed; the signer, %s, is on no list of trusted ones, and anybody can call himself that", by); break;
    case AVA_C2PA_INVALID: snprintf(out, AVA_C2PA_WORDS, "checked and wrong (%s): the file or its credentials were changed after they were signed", v->n_failures ? v->failure[0] : "no reason is given"); break;
    default: snprintf(out, AVA_C2PA_WORDS, "not verified, because %s", v->because ? v->because : "nobody tried"); break;
    }
}
