/* validation.c -- reads the validations of the manifest. */
#include "result/validation.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 32 }; /* of a row */

static void one_free(AvaValidation *v)
{
    free(v->role);
    free(v->text);
    free(v->see);
    free(v->codec);
}

static const char *validation_said(const AvalignModels *m, const char *role, int k, const char *key)
{
    char path[64];
    snprintf(path, sizeof path, "validation.%d.%s", k, key);
    return ava_models_text(m, role, path);
}

static double validation_number(const AvalignModels *m, const char *role, int k, const char *key, double none)
{
    char path[64];
    snprintf(path, sizeof path, "validation.%d.%s", k, key);
    double v = ava_models_number(m, role, path);
    return isnan(v) ? none : v;
}

static int validation_own(char **to, const char *s) { return s && !(*to = strdup(s)) ? -1 : 0; }

int ava_validation_read(const AvalignModels *m, const AvaModelUseList *used, AvaValidationList *out)
{
    for (size_t i = 0; i < used->n; i++) {
        const char *role = used->at[i].role;
        int n = ava_models_length(m, role, "validation");
        for (int k = 0; k < n && k < MOST; k++) {
            AvaValidation v = { .from_s = validation_number(m, role, k, "from_s", -INFINITY), .to_s = validation_number(m, role, k, "to_s", INFINITY) };
            const char *text = validation_said(m, role, k, "text");
            if (!text)
                continue;
            if (validation_own(&v.role, role) || validation_own(&v.text, text) || validation_own(&v.see, validation_said(m, role, k, "see")) || validation_own(&v.codec, validation_said(m, role, k, "codec")) || ava_push(out, v)) {
                one_free(&v);
                return -1;
            }
        }
    }
    return 0;
}

void ava_validation_free(AvaValidationList *l)
{
    for (size_t i = 0; i < l->n; i++)
        one_free(&l->at[i]);
    ava_vec_free(l);
}
