/* validation.h -- how well the nets in use did on people and sets that they had not seen, as their manifest rows say. */
#ifndef AVA_VALIDATION_H
#define AVA_VALIDATION_H

#include "infer/infer.h"
#include "util/vec.h"

/* An entry of a manifest row's "validation": a sentence, where it is documented, and for which material it holds. */
typedef struct AvaValidation {
    char *role, *text, *see;
    char *codec;        /* of the sound; NULL: any */
    double from_s, to_s; /* seconds of speech that were judged; -INFINITY and INFINITY: any */
} AvaValidation;

typedef AVA_VEC(AvaValidation) AvaValidationList;

/* Those of all nets in use, in the manifest's order. 0 or -1: out of memory. */
int ava_validation_read(const AvalignModels *m, const AvaModelUseList *used, AvaValidationList *out);
void ava_validation_free(AvaValidationList *l);

#endif
