/* infer.h -- models and inference sessions. Only src/infer/ knows the engine. */
#ifndef AVA_INFER_H
#define AVA_INFER_H

#include <jansson.h>

#include "avalign/avalign.h"
#include "util/vec.h"

typedef struct AvaSession AvaSession; /* one net with its own buffers; one thread at a time */

/* Models are shared and reference-counted. */
AvalignModels *ava_models_ref(AvalignModels *m);
/* The manifest row of a role (borrowed), or NULL. */
const json_t *ava_models_row(const AvalignModels *m, const char *role);
/* Does the role voice-identity play voice-embed? */
int ava_models_voice_identity(const AvalignModels *m);
/* A net that was compiled; texts are its own. */
typedef struct AvaModelUse {
    char *role, *name, *sha256, *licence;
} AvaModelUse;

typedef AVA_VEC(AvaModelUse) AvaModelUseList;

/* The nets compiled so far, in the manifest's order. 0 or -1: out of memory. */
int ava_models_used(AvalignModels *m, AvaModelUseList *out);
void ava_models_used_free(AvaModelUseList *l);

/* Things of a kind that take long to make and can be used again, one user at a time: the next one gets what the last one
 * left. Take: NULL when there is none. Left ones are freed with the models. */
void *ava_models_take(AvalignModels *m, const char *kind);
void ava_models_leave(AvalignModels *m, const char *kind, void *thing, void (*drop)(void *thing));

/* Opens the net of a role: reads and compiles it on first use. The shapes must
 * be those of the manifest row. */
int ava_session_open(AvaSession **out, AvalignModels *m, const char *role, AvalignErrorInfo *e);
void ava_session_close(AvaSession **s);
/* Memory of the i-th input after giving it this shape; NULL on failure. */
float *ava_session_input(AvaSession *s, size_t i, const int64_t *dims, int rank);
int ava_session_run(AvaSession *s, AvalignErrorInfo *e);
/* The i-th output, n values; valid until the next run. */
const float *ava_session_output(AvaSession *s, size_t i, size_t *n);

/* -- inside src/infer/ -- */
typedef struct AvaEngine AvaEngine; /* the runtime */
typedef struct AvaNet AvaNet;       /* one compiled net */
AvaEngine *ava_engine_new(const char *cache_dir);
void ava_engine_free(AvaEngine *e);
/* Compiles model bytes; text for people goes to why (room >= 160). */
AvaNet *ava_net_compile(AvaEngine *e, const char *path, const json_t *row, char why[160]);
void ava_net_free(AvaNet *n);
int ava_net_session(AvaNet *n, AvaSession **out);

#endif
