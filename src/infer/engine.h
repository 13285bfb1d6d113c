/* engine.h -- the runtime behind the sessions. Inside src/infer/. */
#ifndef AVA_INFER_ENGINE_H
#define AVA_INFER_ENGINE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "infer/infer.h"

typedef struct AvaEngine AvaEngine; /* the runtime */
typedef struct AvaNet AvaNet;       /* one compiled net */
AvaEngine *ava_engine_new(const char *cache_dir);
void ava_engine_free(AvaEngine *e);
/* Compiles model bytes; text for people goes to why (room >= 160). */
AvaNet *ava_net_compile(AvaEngine *e, const uint8_t *bytes, size_t n, const json_t *row, char why[160]);
/* The engine's reader of this format (TFLite) takes a path alone. */
int ava_net_needs_path(const char *path);
AvaNet *ava_net_compile_file(AvaEngine *e, const char *path, const json_t *row, char why[160]);
void ava_net_free(AvaNet *n);
int ava_net_session(AvaNet *n, AvaSession **out);

#endif
