/* openvino.c -- the inference engine. The only file that includes OpenVINO.
 *
 * f32 is asked for explicitly: newer CPUs would otherwise run bf16 and give other
 * numbers. One inference thread per request; parallelism is ours. Shapes come
 * from the manifest row and are compared with the net's, so that a wrong file is
 * an error here and not a strange number later. */
#include <openvino/c/openvino.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "infer/cpu.h"
#include "infer/engine.h"
#include "util/err.h"

enum { MAX_IO = 12, MAX_RANK = 8 };

struct AvaEngine {
    ov_core_t *core;
};
struct AvaNet {
    ov_compiled_model_t *model;
    AvaCachedNet from; /* what it was imported from and goes on reading; nothing: it was compiled */
    size_t n_in, n_out;
};
struct AvaSession {
    ov_infer_request_t *request;
    atomic_int *ran;
    AvaCachedNet from; /* of its net */
    int other_shape;   /* than in the last run */
    size_t n_in, n_out;
    ov_tensor_t *in[MAX_IO], *out[MAX_IO];
    int64_t dims[MAX_IO][MAX_RANK];
    int rank[MAX_IO];
};

/* What every net is compiled with, here and when it comes from the cache. */
#define EACH_PROPERTY(X)                                                                                               \
    X("INFERENCE_PRECISION_HINT", "f32")                                                                               \
    X("INFERENCE_NUM_THREADS", "1")                                                                                    \
    X("NUM_STREAMS", "1")                                                                                              \
    X("PERFORMANCE_HINT", "LATENCY")                                                                                   \
    X("ENABLE_CPU_PINNING", "NO")

AvaEngine *ava_engine_new(void)
{
    AvaEngine *e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    if (ov_core_create(&e->core) != OK) {
        free(e);
        return NULL;
    }
    int rc = OK;
#define SET(key, value) rc = rc ? rc : ov_core_set_property(e->core, "CPU", key, value);
    EACH_PROPERTY(SET)
    if (rc) {
        ava_engine_free(e);
        return NULL;
    }
    return e;
}

void ava_engine_text(char out[512])
{
    char cpu[256];
    ov_version_t v = { 0 };
    const char *limit = getenv("ONEDNN_MAX_CPU_ISA"), *old_limit = getenv("DNNL_MAX_CPU_ISA");
    ov_get_openvino_version(&v);
    ava_cpu_text(cpu);
#define NAME(key, value) " " key "=" value
    snprintf(out, 512, "OpenVINO %.80s; %s; at most %.32s %.32s;" EACH_PROPERTY(NAME), v.buildNumber ? v.buildNumber : "", cpu, limit ? limit : "-", old_limit ? old_limit : "-");
    ov_version_free(&v);
}

void ava_engine_free(AvaEngine *e)
{
    if (!e)
        return;
    ov_core_free(e->core);
    free(e);
}

/* Does the port's shape agree with the manifest's (-1 = any)? */
static int shape_agrees(const ov_output_const_port_t *port, const json_t *want)
{
    ov_partial_shape_t shape;
    if (ov_port_get_partial_shape(port, &shape) != OK)
        return 0;
    int ok = shape.rank.min == shape.rank.max && (size_t)shape.rank.max == json_array_size(want);
    for (int64_t i = 0; ok && i < shape.rank.max; i++) {
        json_int_t w = json_integer_value(json_array_get(want, (size_t)i));
        if (w >= 0 && (shape.dims[i].min != w || shape.dims[i].max != w))
            ok = shape.dims[i].max == -1 || (shape.dims[i].min <= w && w <= shape.dims[i].max);
        if (w < 0 && shape.dims[i].min == shape.dims[i].max)
            ok = 0;
    }
    ov_partial_shape_free(&shape);
    return ok;
}

static int check_shapes(ov_compiled_model_t *model, const json_t *row, char why[160])
{
    size_t n_in = 0;
    ov_compiled_model_inputs_size(model, &n_in);
    const json_t *inputs = json_object_get(row, "inputs");
    if (n_in != json_array_size(inputs) || n_in > MAX_IO) {
        snprintf(why, 160, "has %zu inputs, manifest.json says %zu", n_in, json_array_size(inputs));
        return -1;
    }
    for (size_t i = 0; i < n_in; i++) {
        ov_output_const_port_t *port = NULL;
        if (ov_compiled_model_input_by_index(model, i, &port) != OK)
            return -1;
        int ok = shape_agrees(port, json_object_get(json_array_get(inputs, i), "shape"));
        ov_output_const_port_free(port);
        if (!ok) {
            snprintf(why, 160, "shape of input %zu is not the one in manifest.json; it is another net", i);
            return -1;
        }
    }
    return 0;
}

static AvaNet *compiled(ov_status_e s, ov_compiled_model_t *model, const json_t *row, char why[160])
{
    if (s != OK) {
        const char *text = ov_get_last_err_msg();
        ava_clean_line(why, 160, text ? text : "the inference runtime refused it");
        return NULL;
    }
    AvaNet *n = calloc(1, sizeof *n);
    if (!n) {
        snprintf(why, 160, "out of memory");
        ov_compiled_model_free(model);
        return NULL;
    }
    n->model = model;
    ov_compiled_model_inputs_size(n->model, &n->n_in);
    ov_compiled_model_outputs_size(n->model, &n->n_out);
    int bad = check_shapes(n->model, row, why);
    if (!bad && n->n_out > MAX_IO) {
        snprintf(why, 160, "%zu outputs are more than a net may have here", n->n_out);
        bad = 1;
    }
    if (bad) {
        ava_net_free(n);
        return NULL;
    }
    return n;
}

/* Sizes that the row fixes are fixed in a net that leaves them open: it is quicker then, and smaller. */
static ov_status_e fix_shapes(ov_model_t *model, const json_t *row)
{
    size_t n = 0, port[MAX_IO];
    ov_partial_shape_t shape[MAX_IO];
    ov_status_e s = OK;
    const json_t *inputs = json_object_get(row, "inputs");
    for (size_t i = 0; ov_model_is_dynamic(model) && i < json_array_size(inputs) && i < MAX_IO && s == OK; i++) {
        const json_t *want = json_object_get(json_array_get(inputs, i), "shape");
        int64_t dims[MAX_RANK], rank = (int64_t)json_array_size(want), open = rank > MAX_RANK;
        ov_output_const_port_t *in = NULL;
        if (ov_model_const_input_by_index(model, i, &in) != OK)
            continue;
        open |= !shape_agrees(in, want); /* it is refused below, not bent */
        ov_output_const_port_free(in);
        for (int64_t k = 0; k < rank && !open; k++)
            open = (dims[k] = json_integer_value(json_array_get(want, (size_t)k))) < 0;
        if (!open && (s = ov_partial_shape_create_static(rank, dims, &shape[n])) == OK)
            port[n++] = i;
    }
    if (s == OK && n)
        s = ov_model_reshape_by_port_indexes(model, port, shape, n);
    for (size_t i = 0; i < n; i++)
        ov_partial_shape_free(&shape[i]);
    return s;
}

AvaNet *ava_net_compile(AvaEngine *e, const uint8_t *bytes, size_t n, const json_t *row, char why[160])
{
    ov_model_t *read = NULL;
    ov_compiled_model_t *model = NULL;
    ov_status_e s = ov_core_read_model_from_memory_buffer(e->core, (const char *)bytes, n, NULL, &read);
    if (s == OK)
        s = fix_shapes(read, row);
    if (s == OK)
        s = ov_core_compile_model(e->core, read, "CPU", 0, &model);
    AvaNet *net = compiled(s, model, row, why);
    ov_model_free(read);
    return net;
}

int ava_net_needs_path(const char *path)
{
    size_t n = strlen(path);
    return n > 7 && !strcmp(path + n - 7, ".tflite");
}

AvaNet *ava_net_compile_file(AvaEngine *e, const char *path, const json_t *row, char why[160])
{
    ov_compiled_model_t *model = NULL;
    ov_status_e s = ov_core_compile_model_from_file(e->core, path, "CPU", 0, &model);
    return compiled(s, model, row, why);
}

int ava_net_export(const AvaNet *n, const char *path) { return ov_compiled_model_export_model(n->model, path) == OK ? 0 : -1; }

AvaNet *ava_net_import(AvaEngine *e, AvaCachedNet c, const json_t *row)
{
    char why[160];
    ov_compiled_model_t *model = NULL;
    ov_status_e s = ov_core_import_model(e->core, c.at, c.n, "CPU", &model);
    AvaNet *net = compiled(s, model, row, why);
    if (net)
        net->from = c;
    ava_net_cache_rest(c);
    return net;
}

void ava_net_free(AvaNet *n)
{
    if (!n)
        return;
    ov_compiled_model_free(n->model);
    ava_net_cache_unmap(n->from);
    free(n);
}

int ava_net_session(AvaNet *n, atomic_int *ran, AvaSession **out)
{
    AvaSession *s = calloc(1, sizeof *s);
    if (!s || ov_compiled_model_create_infer_request(n->model, &s->request) != OK) {
        free(s);
        return -1;
    }
    s->ran = ran;
    s->from = n->from;
    s->n_in = n->n_in;
    s->n_out = n->n_out;
    *out = s;
    return 0;
}

void ava_session_close(AvaSession **ps)
{
    AvaSession *s = ps ? *ps : NULL;
    if (!s)
        return;
    for (int i = 0; i < MAX_IO; i++) {
        if (s->in[i])
            ov_tensor_free(s->in[i]);
        if (s->out[i])
            ov_tensor_free(s->out[i]);
    }
    ov_infer_request_free(s->request);
    free(s);
    *ps = NULL;
}

float *ava_session_input(AvaSession *s, size_t i, const int64_t *dims, int rank)
{
    if (i >= s->n_in || rank > MAX_RANK)
        return NULL;
    if (!s->in[i] || s->rank[i] != rank || memcmp(s->dims[i], dims, (size_t)rank * sizeof *dims)) {
        ov_shape_t shape;
        if (s->in[i]) {
            ov_tensor_free(s->in[i]);
            s->in[i] = NULL;
        }
        if (ov_shape_create(rank, dims, &shape) != OK)
            return NULL;
        ov_status_e st = ov_tensor_create(F32, shape, &s->in[i]);
        ov_shape_free(&shape);
        if (st != OK || ov_infer_request_set_input_tensor_by_index(s->request, i, s->in[i]) != OK)
            return NULL;
        memcpy(s->dims[i], dims, (size_t)rank * sizeof *dims);
        s->rank[i] = rank;
        s->other_shape = 1;
    }
    void *data = NULL;
    return ov_tensor_data(s->in[i], &data) == OK ? data : NULL;
}

int ava_session_run(AvaSession *s, AvalignErrorInfo *e)
{
    ov_status_e st = ov_infer_request_infer(s->request);
    if (st != OK)
        return ava_fail(e, AVALIGN_ERR_INFER, "inference", AVA_NO_TIME, st, "the net failed to run: %s",
                        ov_get_error_info(st));
    atomic_store(s->ran, 1);
    if (s->other_shape) /* for which the engine may have arranged the weights anew; now it has what it needs */
        ava_net_cache_rest(s->from);
    s->other_shape = 0;
    return 0;
}

const float *ava_session_output(AvaSession *s, size_t i, size_t *n)
{
    if (i >= s->n_out)
        return NULL;
    if (s->out[i])
        ov_tensor_free(s->out[i]);
    s->out[i] = NULL;
    void *data = NULL;
    if (ov_infer_request_get_output_tensor_by_index(s->request, i, &s->out[i]) != OK ||
        ov_tensor_get_size(s->out[i], n) != OK || ov_tensor_data(s->out[i], &data) != OK)
        return NULL;
    return data;
}
