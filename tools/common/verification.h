/* verification.h -- a clip held against a reference, as JSON. */
#ifndef VERIFICATION_H
#define VERIFICATION_H

#include "common/tool.h"

/* {"file", "reference", "signature", "propositions", "voice", "face"}; NULL: out of memory. */
json_t *verification_json(const char *clip, const AvalignVerification *v);

#endif
