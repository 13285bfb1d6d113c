/* engine.h -- the runtime behind the sessions. Inside src/infer/. */
#ifndef AVA_INFER_ENGINE_H
#define AVA_INFER_ENGINE_H

#include <jansson.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "infer/infer.h"
#include "infer/net_cache.h"

typedef struct AvaEngine AvaEngine; /* the runtime */
typedef struct AvaNet AvaNet;       /* one compiled net */
AvaEngine *ava_engine_new(void);
/* Whatever decides whether a net compiled by it is of use to another process: its version, the machine, what it was asked for. */
void ava_engine_text(char out[512]);
void ava_engine_free(AvaEngine *e);
/* Compiles model bytes for the shapes of the row; text for people goes to why (room >= 160). */
AvaNet *ava_net_compile(AvaEngine *e, const uint8_t *bytes, size_t n, const json_t *row, char why[160]);
/* The engine's reader of this format (TFLite) takes a path alone. */
int ava_net_needs_path(const char *path);
AvaNet *ava_net_compile_file(AvaEngine *e, const char *path, const json_t *row, char why[160]);
/* What it compiled, written to a file; 0 or -1. */
int ava_net_export(const AvaNet *n, const char *path);
/* And back again. Takes c over, which it goes on reading; NULL (c stays the caller's): it is of no use to this engine, or
 * not the net of this row. */
AvaNet *ava_net_import(AvaEngine *e, AvaCachedNet c, const json_t *row);
void ava_net_free(AvaNet *n);
/* *ran, which must outlive it, is set to 1 when it has run. */
int ava_net_session(AvaNet *n, atomic_int *ran, AvaSession **out);

#endif
