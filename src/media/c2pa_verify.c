/* c2pa_verify.c -- asks libc2pa_c, where it is installed, whether the active manifest's signature and hashes hold.
 *
 * The library is opened when it is needed (or before a sandbox is entered) and stays: it can't be unloaded safely. It gets the bytes of the one
 * source, and settings that forbid it to fetch anything. */
#define _GNU_SOURCE /* RTLD_NODELETE by name */
#include <dlfcn.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/c2pa.h"
#include "util/err.h"

enum { MOST_TRUST = 4 << 20 };

typedef struct C2paHandle C2paHandle; /* any of the library's objects */
typedef intptr_t ReadFn(void *cookie, uint8_t *to, intptr_t n);
typedef intptr_t SeekFn(void *cookie, intptr_t to, int whence);
typedef intptr_t WriteFn(void *cookie, const uint8_t *from, intptr_t n);
typedef intptr_t FlushFn(void *cookie);

typedef struct C2paCalls {
    char *(*version)(void);
    char *(*error)(void);
    int (*release)(const void *);
    C2paHandle *(*settings_new)(void);
    int (*settings_update)(C2paHandle *, const char *text, const char *format);
    C2paHandle *(*builder_new)(void);
    int (*builder_set)(C2paHandle *, C2paHandle *settings);
    C2paHandle *(*builder_build)(C2paHandle *); /* takes it */
    C2paHandle *(*reader_new)(C2paHandle *context);
    C2paHandle *(*reader_read)(C2paHandle *, const char *format, C2paHandle *stream); /* takes the reader */
    char *(*reader_json)(C2paHandle *);
    C2paHandle *(*stream_new)(void *cookie, ReadFn *, SeekFn *, WriteFn *, FlushFn *);
    void (*stream_release)(C2paHandle *);
} C2paCalls;

static int open_library(C2paCalls *c, const char **why)
{
    static const char *const names[] = { "c2pa_version", "c2pa_error", "c2pa_free", "c2pa_settings_new", "c2pa_settings_update_from_string", "c2pa_context_builder_new",
                                         "c2pa_context_builder_set_settings", "c2pa_context_builder_build", "c2pa_reader_from_context", "c2pa_reader_with_stream",
                                         "c2pa_reader_json", "c2pa_create_stream", "c2pa_release_stream" };
    const char *path = getenv("AVALIGN_C2PA");
    void *lib = dlopen(path && *path ? path : "libc2pa_c.so", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE), *call[sizeof names / sizeof *names];
    *why = lib ? "the libc2pa_c that is installed lacks a call that is needed" : "libc2pa_c is not installed";
    for (size_t i = 0; lib && i < sizeof names / sizeof *names; i++)
        if (!(call[i] = dlsym(lib, names[i])))
            return -1;
    if (lib)
        memcpy(c, call, sizeof *c); /* POSIX: they are of one size */
    return lib ? 0 : -1;
}

void ava_c2pa_preload(void)
{
    C2paCalls c;
    const char *why;
    open_library(&c, &why);
}

/* ---- the source as the library's stream ---------------------------------------------------- */

static intptr_t stream_read(void *source, uint8_t *to, intptr_t n) { return n < 0 ? -1 : (intptr_t)ava_source_read(source, to, (size_t)n); }

static intptr_t stream_seek(void *source, intptr_t to, int whence)
{
    static const int from[] = { SEEK_SET, SEEK_CUR, SEEK_END };
    return whence < 0 || whence > 2 ? -1 : (intptr_t)ava_source_seek(source, to, from[whence]);
}

static intptr_t stream_write(void *source, const uint8_t *from, intptr_t n) { return (void)source, (void)from, (void)n, -1; }
static intptr_t stream_flush(void *source) { return (void)source, 0; }

static const char *mime_of(AvaSource *s)
{
    uint8_t b[12] = { 0 };
    ava_source_read_at(s, 0, b, sizeof b);
    return !memcmp(b, "RIFF", 4) ? (!memcmp(b + 8, "AVI ", 4) ? "video/avi" : "audio/wav") : !memcmp(b + 8, "qt  ", 4) ? "video/quicktime" : "video/mp4";
}

/* ---- what is asked, and what is answered ---------------------------------------------------- */

/* The list of trusted signers (PEM); NULL: none, or it can't be read. To be freed. */
static char *trust_list(void)
{
    const char *path = getenv("AVALIGN_C2PA_TRUST");
    FILE *f = path && *path ? fopen(path, "rb") : NULL;
    char *text = f ? calloc(1, MOST_TRUST + 1) : NULL;
    size_t n = text ? fread(text, 1, MOST_TRUST, f) : 0;
    if (f)
        fclose(f);
    if (n)
        return text;
    free(text);
    return NULL;
}

static char *settings_text(void)
{
    char *trust = trust_list();
    json_t *j = json_pack("{s:{s:b,s:b,s:b}}", "verify", "verify_trust", 1, "remote_manifest_fetch", 0, "ocsp_fetch", 0);
    if (j && trust)
        json_object_set_new(j, "trust", json_pack("{s:s}", "trust_anchors", trust));
    char *text = j ? json_dumps(j, JSON_COMPACT) : NULL;
    json_decref(j);
    free(trust);
    return text;
}

static void copy_line(char *out, size_t room, const json_t *text)
{
    if (json_is_string(text))
        ava_clean_line(out, room, json_string_value(text));
}

static void take_failures(const json_t *results, AvaC2paVerified *out)
{
    const json_t *x;
    size_t i;
    json_array_foreach(json_object_get(json_object_get(results, "activeManifest"), "failure"), i, x)
        if (out->n_failures < AVA_C2PA_FAILURES)
            copy_line(out->failure[out->n_failures++], sizeof out->failure[0], json_object_get(x, "code"));
}

static void take_answer(const char *text, AvaC2paVerified *out)
{
    static const char *const states[] = { "Invalid", "Valid", "Trusted" };
    json_t *doc = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    const char *state = json_string_value(json_object_get(doc, "validation_state")), *active = json_string_value(json_object_get(doc, "active_manifest"));
    const json_t *by = json_object_get(json_object_get(json_object_get(doc, "manifests"), active ? active : ""), "signature_info");
    for (int i = 0; state && i < 3; i++)
        if (!strcmp(state, states[i]))
            out->state = (AvaC2paState)(AVA_C2PA_INVALID + i);
    copy_line(out->signer, sizeof out->signer, json_object_get(by, "common_name") ? json_object_get(by, "common_name") : json_object_get(by, "issuer"));
    copy_line(out->signed_at, sizeof out->signed_at, json_object_get(by, "time"));
    take_failures(json_object_get(doc, "validation_results"), out);
    if (!out->state)
        out->because = "libc2pa_c gave no answer that is understood";
    json_decref(doc);
}

static C2paHandle *make_reader(const C2paCalls *c)
{
    char *text = settings_text();
    C2paHandle *settings = text ? c->settings_new() : NULL, *builder = settings ? c->builder_new() : NULL, *context = NULL, *reader = NULL;
    if (builder && c->settings_update(settings, text, "json") == 0 && c->builder_set(builder, settings) == 0) {
        context = c->builder_build(builder);
        builder = NULL;
    }
    reader = context ? c->reader_new(context) : NULL;
    c->release(settings);
    if (builder)
        c->release(builder);
    if (context)
        c->release(context); /* the reader has its share of it */
    free(text);
    return reader;
}

void ava_c2pa_verify(AvaSource *s, AvaC2paVerified *out)
{
    C2paCalls c;
    *out = (AvaC2paVerified){ 0 };
    if (open_library(&c, &out->because))
        return;
    char *version = c.version(), *text = NULL;
    ava_clean_line(out->library, sizeof out->library, version ? version : "");
    c.release(version);
    C2paHandle *stream = c.stream_new(s, stream_read, stream_seek, stream_write, stream_flush), *reader = stream ? make_reader(&c) : NULL;
    const char *mime = mime_of(s);
    out->because = "libc2pa_c could not be set up";
    if (reader && ava_source_seek(s, 0, SEEK_SET) == 0 && (reader = c.reader_read(reader, mime, stream)) != NULL)
        text = c.reader_json(reader);
    else if (stream)
        out->because = "libc2pa_c could not read the store";
    if (text) {
        out->because = NULL;
        take_answer(text, out);
        c.release(text);
    }
    if (reader)
        c.release(reader);
    if (stream)
        c.stream_release(stream);
}
