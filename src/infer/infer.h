/* infer.h -- models and inference sessions. Only src/infer/ knows the engine. */
#ifndef AVA_INFER_H
#define AVA_INFER_H

#include "avalign/avalign.h"
#include "util/vec.h"

typedef struct AvaSession AvaSession; /* one net with its own buffers; one thread at a time */

/* Another hold on shared models, for one user; avalign_models_free() gives it back. NULL: out of memory. */
AvalignModels *ava_models_hold(AvalignModels *m);
/* Does the manifest have a net for the role? */
int ava_models_has(const AvalignModels *m, const char *role);
/* What its row says at a path like "inputs.0.scale": text (NULL: none), number (NAN: none), true or not, length of a list
 * (-1: none). Texts are the models'. */
const char *ava_models_text(const AvalignModels *m, const char *role, const char *path);
double ava_models_number(const AvalignModels *m, const char *role, const char *path);
int ava_models_true(const AvalignModels *m, const char *role, const char *path);
int ava_models_length(const AvalignModels *m, const char *role, const char *path);
/* A net that ran; texts are its own. */
typedef struct AvaModelUse {
    char *role, *name, *sha256, *licence;
} AvaModelUse;

typedef AVA_VEC(AvaModelUse) AvaModelUseList;

/* The nets that ran through this hold, in the manifest's order. 0 or -1: out of memory. */
int ava_models_used(AvalignModels *m, AvaModelUseList *out);
void ava_models_used_free(AvaModelUseList *l);

/* Things of a kind that take long to make and can be used again, one user at a time: the next one gets what the last one
 * left. Take: NULL when there is none. Left ones are freed with the models, and keep nothing of the hold that they were made for. */
void *ava_models_take(AvalignModels *m, const char *kind);
void ava_models_leave(AvalignModels *m, const char *kind, void *thing, void (*drop)(void *thing));

/* Opens the net of a role: reads and compiles it on first use. The shapes must
 * be those of the manifest row. m outlives the session. */
int ava_session_open(AvaSession **out, AvalignModels *m, const char *role, AvalignErrorInfo *e);
void ava_session_close(AvaSession **s);
/* Memory of the i-th input after giving it this shape; NULL on failure. */
float *ava_session_input(AvaSession *s, size_t i, const int64_t *dims, int rank);
int ava_session_run(AvaSession *s, AvalignErrorInfo *e);
/* The i-th output, n values; valid until the next run. */
const float *ava_session_output(AvaSession *s, size_t i, size_t *n);

/* Where pocketsphinx's model lies; NULL: where the build found it. */
const char *ava_models_phone_dir(const AvalignModels *m);

#endif
