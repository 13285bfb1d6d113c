/* manifest.c -- models/manifest.json: which file plays which role.
 *
 * Code asks for a role ("face-mesh"); a row names file, hash, licence, source,
 * shapes and normalisation. The file is read once, when the role is first needed;
 * the bytes that were hashed are those that are compiled. Compiled nets are shared by all contexts. */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "infer/engine.h"
#include "util/abi.h"
#include "util/err.h"
#include "util/sha256.h"
#include "util/timings.h"
#include "util/vec.h"

enum { ID_ROOM = AVA_NET_CACHE_ID, MAX_ROWS = 64, MAX_MODEL_BYTES = 512 << 20, READ_BLOCK = 1 << 16 };

/* What all who use the models share. */
typedef struct Shared {
    atomic_int refs;
    char *dir, *phone_dir; /* phone_dir may be NULL */
    json_t *manifest, *rows;
    size_t n;
    AvaEngine *engine;
    AvaNetCache *cache; /* NULL: none */
    atomic_int speaker_id; /* role voice-identity plays voice-embed */
    pthread_mutex_t lock[MAX_ROWS]; /* of net[i]: different nets are read and compiled side by side */
    AvaNet *net[MAX_ROWS];
    pthread_mutex_t spare_lock;
    struct AvaSpare {
        const char *kind;
        void *thing;
        void (*drop)(void *);
        struct AvaSpare *next;
    } *spare;
} Shared;

/* One user's hold on them. */
struct AvalignModels {
    Shared *shared;
    atomic_int ran[MAX_ROWS]; /* the nets whose answers this user has */
};

static const char *manifest_text(const json_t *row, const char *key)
{
    const char *s = json_string_value(json_object_get(row, key));
    return s ? s : "";
}

static int check_row(const json_t *row, size_t i, AvalignErrorInfo *why)
{
    static const char *const need[] = { "role", "name", "file", "sha256", "licence", "source" };
    for (size_t k = 0; k < sizeof need / sizeof *need; k++)
        if (!*manifest_text(row, need[k]))
            return ava_fail(why, AVALIGN_ERR_MODEL, "models", AVA_NO_TIME, 0,
                            "manifest.json: model %zu has no \"%s\"; restore the file", i, need[k]);
    const char *file = manifest_text(row, "file"), *sha = manifest_text(row, "sha256");
    if (*file == '/' || strstr(file, ".."))
        return ava_fail(why, AVALIGN_ERR_MODEL, "models", AVA_NO_TIME, 0,
                        "manifest.json: model file \"%s\" leaves the model directory", file);
    if (strlen(sha) != 64 || strspn(sha, "0123456789abcdef") != 64)
        return ava_fail(why, AVALIGN_ERR_MODEL, "models", AVA_NO_TIME, 0,
                        "manifest.json: sha256 of \"%s\" is not 64 lower-case hex digits", file);
    const json_t *inputs = json_object_get(row, "inputs");
    if (!json_is_array(inputs) || json_array_size(inputs) == 0)
        return ava_fail(why, AVALIGN_ERR_MODEL, "models", AVA_NO_TIME, 0,
                        "manifest.json: model \"%s\" lists no inputs", file);
    return 0;
}

static int research_only(const json_t *row) { return !strncmp(manifest_text(row, "licence"), "research-only", 13); }

/* With AVALIGN_PERMISSIVE_ONLY=1 in the environment, a net whose licence is for research only is as if it were not there. */
static void leave_out(Shared *m)
{
    const char *asked = getenv("AVALIGN_PERMISSIVE_ONLY");
    if (!asked || strcmp(asked, "1"))
        return;
    for (size_t i = m->n; i-- > 0;)
        if (research_only(json_array_get(m->rows, i)))
            json_array_remove(m->rows, i);
    m->n = json_array_size(m->rows);
}

int avalign_models_load(AvalignModels **out, const char *dir, const AvalignModelsConfig *cfg,
                        AvalignErrorInfo *why)
{
    AvalignModelsConfig own;
    ava_err_clear(why);
    if (out)
        *out = NULL;
    if (ava_struct_in(&own, sizeof own, cfg))
        return ava_fail(why, AVALIGN_ERR_VERSION, "models", AVA_NO_TIME, 0,
                        "the size in AvalignModelsConfig is not one of this library's; set struct_size = sizeof(AvalignModelsConfig), or use a newer library");
    if (!out || !dir)
        return ava_fail(why, AVALIGN_ERR_ARG, "models", AVA_NO_TIME, 0, "no model directory given");
    AvalignModels *hold = calloc(1, sizeof *hold);
    Shared *m = hold ? hold->shared = calloc(1, sizeof *m) : NULL;
    if (!m) {
        free(hold);
        return ava_fail(why, AVALIGN_ERR_NOMEM, "models", AVA_NO_TIME, 0, "out of memory");
    }
    atomic_init(&m->refs, 1);
    for (size_t i = 0; i < MAX_ROWS; i++)
        pthread_mutex_init(&m->lock[i], NULL);
    pthread_mutex_init(&m->spare_lock, NULL);
    m->dir = strdup(dir);
    if (own.phone_dir && *own.phone_dir && !(m->phone_dir = strdup(own.phone_dir))) {
        avalign_models_free(&hold);
        return ava_fail(why, AVALIGN_ERR_NOMEM, "models", AVA_NO_TIME, 0, "out of memory");
    }
    char path[4096];
    json_error_t je;
    int rc = 0;
    if (snprintf(path, sizeof path, "%s/manifest.json", dir) >= (int)sizeof path || !m->dir)
        rc = ava_fail(why, AVALIGN_ERR_ARG, "models", AVA_NO_TIME, 0, "model directory path is too long");
    if (!rc && !(m->manifest = json_load_file(path, JSON_REJECT_DUPLICATES, &je)))
        rc = ava_fail(why, AVALIGN_ERR_MODEL, "models", AVA_NO_TIME, 0,
                      je.line > 0 ? "%s: line %d: %s; restore the file or run make setup"
                                  : "%s: line %d: %s; name the model directory with --models",
                      path, je.line, je.text);
    if (!rc) {
        m->rows = json_object_get(m->manifest, "models");
        m->n = json_array_size(m->rows);
        if (!json_is_array(m->rows) || m->n == 0 || m->n > MAX_ROWS)
            rc = ava_fail(why, AVALIGN_ERR_MODEL, "models", AVA_NO_TIME, 0,
                          "%s: \"models\" must list 1 to %d models", path, MAX_ROWS);
    }
    for (size_t i = 0; !rc && i < m->n; i++)
        rc = check_row(json_array_get(m->rows, i), i, why);
    if (!rc)
        leave_out(m);
    if (!rc && !(m->engine = ava_engine_new()))
        rc = ava_fail(why, AVALIGN_ERR_INFER, "models", AVA_NO_TIME, 0,
                      "the OpenVINO runtime did not start; reinstall it with make setup");
    if (!rc && own.cache_dir) {
        char engine[512];
        ava_engine_text(engine);
        m->cache = ava_net_cache_new(own.cache_dir, engine);
    }
    if (rc) {
        avalign_models_free(&hold);
        return rc;
    }
    *out = hold;
    return 0;
}

const char *ava_models_phone_dir(const AvalignModels *m) { return m->shared->phone_dir; }

AvalignModels *ava_models_hold(AvalignModels *m)
{
    AvalignModels *hold = calloc(1, sizeof *hold);
    if (hold) {
        hold->shared = m->shared;
        atomic_fetch_add(&m->shared->refs, 1);
    }
    return hold;
}

void avalign_models_free(AvalignModels **models)
{
    AvalignModels *hold = models ? *models : NULL;
    Shared *m = hold ? hold->shared : NULL;
    if (models)
        *models = NULL;
    free(hold);
    if (!m || atomic_fetch_sub(&m->refs, 1) != 1)
        return;
    for (struct AvaSpare *s = m->spare, *next; s; s = next) {
        next = s->next;
        s->drop(s->thing);
        free(s);
    }
    pthread_mutex_destroy(&m->spare_lock);
    for (size_t i = 0; i < m->n && i < MAX_ROWS; i++)
        ava_net_free(m->net[i]);
    ava_engine_free(m->engine);
    ava_net_cache_free(m->cache);
    json_decref(m->manifest);
    for (size_t i = 0; i < MAX_ROWS; i++)
        pthread_mutex_destroy(&m->lock[i]);
    free(m->dir);
    free(m->phone_dir);
    free(m);
}

void *ava_models_take(AvalignModels *models, const char *kind)
{
    Shared *m = models->shared;
    void *thing = NULL;
    pthread_mutex_lock(&m->spare_lock);
    for (struct AvaSpare **at = &m->spare, *s; !thing && (s = *at); at = &s->next)
        if (!strcmp(s->kind, kind)) {
            thing = s->thing;
            *at = s->next;
            free(s);
            break;
        }
    pthread_mutex_unlock(&m->spare_lock);
    return thing;
}

void ava_models_leave(AvalignModels *models, const char *kind, void *thing, void (*drop)(void *thing))
{
    Shared *m = models->shared;
    struct AvaSpare *s = malloc(sizeof *s);
    if (!s) {
        drop(thing);
        return;
    }
    *s = (struct AvaSpare){ kind, thing, drop, NULL };
    pthread_mutex_lock(&m->spare_lock);
    s->next = m->spare;
    m->spare = s;
    pthread_mutex_unlock(&m->spare_lock);
}

size_t avalign_models_count(const AvalignModels *m) { return m ? m->shared->n : 0; }

int avalign_models_info(const AvalignModels *m, size_t i, AvalignModelInfo *out)
{
    if (!m || !out || i >= m->shared->n)
        return AVALIGN_ERR_ARG;
    const json_t *row = json_array_get(m->shared->rows, i);
    *out = (AvalignModelInfo){ manifest_text(row, "role"), manifest_text(row, "name"), manifest_text(row, "file"),
                               manifest_text(row, "sha256"), manifest_text(row, "licence"), manifest_text(row, "source"), { 0 } };
    return 0;
}

/* The row of the net that plays the role; n: none does. */
static size_t row_of(const AvalignModels *models, const char *role)
{
    const Shared *m = models->shared;
    size_t i = 0;
    if (atomic_load(&m->speaker_id) && !strcmp(role, "voice-embed"))
        role = "voice-identity";
    while (i < m->n && strcmp(manifest_text(json_array_get(m->rows, i), "role"), role))
        i++;
    return i;
}

int ava_models_has(const AvalignModels *m, const char *role) { return row_of(m, role) < m->shared->n; }

/* At "a.0.b" of the role's row; NULL: nothing there. */
static const json_t *manifest_at(const AvalignModels *m, const char *role, const char *path)
{
    const json_t *j = json_array_get(m->shared->rows, row_of(m, role)); /* NULL past the end */
    char key[32];
    for (size_t n; j && *path; path += n + (path[n] == '.')) {
        n = strcspn(path, ".");
        if (n >= sizeof key)
            return NULL;
        memcpy(key, path, n);
        key[n] = 0;
        j = json_is_array(j) ? json_array_get(j, strtoul(key, NULL, 10)) : json_object_get(j, key);
    }
    return j;
}

const char *ava_models_text(const AvalignModels *m, const char *role, const char *path) { return json_string_value(manifest_at(m, role, path)); }
double ava_models_number(const AvalignModels *m, const char *role, const char *path)
{
    const json_t *j = manifest_at(m, role, path);
    return json_is_number(j) ? json_number_value(j) : NAN;
}

int ava_models_true(const AvalignModels *m, const char *role, const char *path) { return json_is_true(manifest_at(m, role, path)); }

int ava_models_length(const AvalignModels *m, const char *role, const char *path)
{
    const json_t *list = manifest_at(m, role, path);
    return json_is_array(list) ? (int)json_array_size(list) : -1;
}

int avalign_models_set_speaker_id(AvalignModels *m)
{
    if (m && ava_models_has(m, "voice-identity"))
        atomic_store(&m->shared->speaker_id, 1);
    return m ? atomic_load(&m->shared->speaker_id) : 0;
}

int ava_models_used(AvalignModels *m, AvaModelUseList *out)
{
    for (size_t i = 0; i < m->shared->n; i++) {
        const json_t *row = json_array_get(m->shared->rows, i);
        if (!atomic_load(&m->ran[i]))
            continue;
        if (ava_reserve(out, 1))
            return -1;
        AvaModelUse *u = &out->at[out->n++];
        *u = (AvaModelUse){ strdup(manifest_text(row, "role")), strdup(manifest_text(row, "name")), strdup(manifest_text(row, "sha256")), strdup(manifest_text(row, "licence")) };
        if (!u->role || !u->name || !u->sha256 || !u->licence)
            return -1;
    }
    return 0;
}

void ava_models_used_free(AvaModelUseList *l)
{
    for (size_t i = 0; i < l->n; i++) {
        free(l->at[i].role);
        free(l->at[i].name);
        free(l->at[i].sha256);
        free(l->at[i].licence);
    }
    ava_vec_free(l);
}

/* The whole file, its hash checked; *n bytes, to be freed. */
static int read_checked(const char *path, const char *want, uint8_t **bytes, size_t *n, struct stat *st, AvalignErrorInfo *e)
{
    FILE *f = fopen(path, "rb");
    if (!f || fstat(fileno(f), st))
        return ava_fail(e, AVALIGN_ERR_MODEL, "models", AVA_NO_TIME, errno,
                        "%s: %s; run make setup in the source tree, or install the package again", path, strerror(errno));
    AVA_VEC(uint8_t) v = { 0 };
    size_t got = 1;
    int rc = 0;
    while (!rc && got && v.n <= MAX_MODEL_BYTES) {
        if (ava_reserve(&v, READ_BLOCK)) {
            rc = ava_fail(e, AVALIGN_ERR_NOMEM, "models", AVA_NO_TIME, 0, "out of memory");
            break;
        }
        got = fread(v.at + v.n, 1, READ_BLOCK, f);
        v.n += got;
    }
    if (!rc && (ferror(f) || v.n > MAX_MODEL_BYTES))
        rc = ava_fail(e, AVALIGN_ERR_MODEL, "models", AVA_NO_TIME, 0, "%s: cannot be read", path);
    fclose(f);
    char hex[65];
    if (!rc)
        ava_sha256_of(v.at, v.n, hex);
    if (!rc && strcmp(hex, want))
        rc = ava_fail(e, AVALIGN_ERR_MODEL, "models", AVA_NO_TIME, 0,
                      "%s: SHA-256 is %.12s..., manifest.json says %.12s...; run make setup (git checkout models for nets of our own), or install the package again", path, hex, want);
    if (rc) {
        ava_vec_free(&v);
        return rc;
    }
    *bytes = v.at;
    *n = v.n;
    return 0;
}

/* What a net is made of: the model's hash, and the shapes that the row asks for. */
static void net_id(const json_t *row, char id[ID_ROOM])
{
    const json_t *inputs = json_object_get(row, "inputs");
    int n = snprintf(id, ID_ROOM, "%s", manifest_text(row, "sha256"));
    for (size_t i = 0; i < json_array_size(inputs); i++) {
        const json_t *shape = json_object_get(json_array_get(inputs, i), "shape");
        for (size_t k = 0; k <= json_array_size(shape) && n < ID_ROOM - 24; k++)
            n += k < json_array_size(shape) ? snprintf(id + n, 24, " %lld", (long long)json_integer_value(json_array_get(shape, k))) : snprintf(id + n, 24, ",");
    }
}

/* From the model's own bytes, and into the cache. Net i's lock is held. */
static int compile(Shared *m, size_t i, const char *path, const uint8_t *bytes, size_t n, AvalignErrorInfo *e)
{
    const json_t *row = json_array_get(m->rows, i);
    const char *sha = manifest_text(row, "sha256");
    char why[160] = "", tmp[AVA_NET_CACHE_PATH], id[ID_ROOM];
    uint8_t *again = NULL;
    size_t n_again = 0;
    struct stat st;
    int rc = 0, by_path = ava_net_needs_path(path);
    AvaNet *net = by_path ? ava_net_compile_file(m->engine, path, row, why) : ava_net_compile(m->engine, bytes, n, row, why);
    if (!net)
        return ava_fail(e, AVALIGN_ERR_MODEL, "models", AVA_NO_TIME, 0, "%s: %s", path, why);
    if (by_path && (rc = read_checked(path, sha, &again, &n_again, &st, e))) { /* it was changed meanwhile */
        ava_net_free(net);
        return rc;
    }
    free(again);
    net_id(row, id);
    if (ava_net_cache_begin(m->cache, tmp) == 0)
        ava_net_cache_end(m->cache, id, tmp, ava_net_export(net, tmp) == 0);
    m->net[i] = net;
    return 0;
}

static int from_cache(Shared *m, size_t i)
{
    char id[ID_ROOM];
    const json_t *row = json_array_get(m->rows, i);
    net_id(row, id);
    AvaCachedNet c = ava_net_cache_map(m->cache, id);
    if (c.at && (m->net[i] = ava_net_import(m->engine, c, row)))
        return 0;
    ava_net_cache_unmap(c);
    return -1;
}

/* Called with the lock held. The model's file is read unless the cache has the net and knows the file; read_it: in any case. */
static int need(Shared *m, size_t i, int read_it, AvalignErrorInfo *e)
{
    if (m->net[i] && !read_it)
        return 0;
    const json_t *row = json_array_get(m->rows, i);
    const char *sha = manifest_text(row, "sha256");
    char path[4352];
    struct stat st;
    uint8_t *bytes = NULL;
    size_t n = 0;
    snprintf(path, sizeof path, "%s/%s", m->dir, manifest_text(row, "file"));
    if (!read_it && stat(path, &st) == 0 && ava_net_cache_known(m->cache, &st, sha) && from_cache(m, i) == 0)
        return 0;
    int rc = read_checked(path, sha, &bytes, &n, &st, e);
    if (rc)
        return rc;
    ava_net_cache_know(m->cache, &st, sha);
    if (!m->net[i] && from_cache(m, i))
        rc = compile(m, i, path, bytes, n, e);
    free(bytes);
    return rc;
}

int avalign_models_verify(AvalignModels *m, size_t i, AvalignErrorInfo *why)
{
    ava_err_clear(why);
    if (!m || i >= m->shared->n)
        return ava_fail(why, AVALIGN_ERR_ARG, "models", AVA_NO_TIME, 0, "no such model");
    pthread_mutex_lock(&m->shared->lock[i]);
    int rc = need(m->shared, i, 1, why);
    pthread_mutex_unlock(&m->shared->lock[i]);
    return rc;
}

int ava_session_open(AvaSession **out, AvalignModels *models, const char *role, AvalignErrorInfo *e)
{
    *out = NULL;
    Shared *m = models->shared;
    size_t i = row_of(models, role);
    if (i == m->n)
        return ava_fail(e, AVALIGN_ERR_MODEL, "models", AVA_NO_TIME, 0,
                        "manifest.json names no model for the role \"%s\"", role);
    AvaLap lap = ava_lap_load();
    pthread_mutex_lock(&m->lock[i]);
    int rc = need(m, i, 0, e);
    pthread_mutex_unlock(&m->lock[i]);
    ava_lap_loaded(lap);
    if (!rc && ava_net_session(m->net[i], &models->ran[i], out))
        rc = ava_fail(e, AVALIGN_ERR_INFER, "models", AVA_NO_TIME, 0, "no session for the role \"%s\"", role);
    return rc;
}
