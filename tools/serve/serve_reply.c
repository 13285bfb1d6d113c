/* serve_reply.c -- what is sent: JSON, result, evidence page, marks, video and events, each with the headers that shut it in. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "serve/serve_call.h"

enum { STREAM = 1 << 16 };

/* ---- replies --------------------------------------------------------------------------------------- */

/* Of our own page; an evidence page gets an origin of its own, whatever is in it. */
static const char own_policy[] = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; base-uri 'none'; "
                                 "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
static const char shut_policy[] = "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; media-src 'self' blob:; "
                                  "base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/* Sends it and lets go of it. */
static Result send_reply(Call *k, unsigned code, const char *type, const char *policy, struct MHD_Response *r)
{
    if (!r)
        return MHD_NO;
    MHD_add_response_header(r, "Content-Type", type);
    MHD_add_response_header(r, "Content-Security-Policy", policy);
    MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(r, "Referrer-Policy", "no-referrer");
    MHD_add_response_header(r, "Cross-Origin-Opener-Policy", "same-origin");
    /* the player of an evidence page asks from an origin of its own */
    MHD_add_response_header(r, "Cross-Origin-Resource-Policy", policy == shut_policy ? "cross-origin" : "same-origin");
    if (!MHD_get_response_header(r, "Cache-Control"))
        MHD_add_response_header(r, "Cache-Control", "no-store");
    Result sent = MHD_queue_response(k->c, code, r);
    MHD_destroy_response(r);
    return sent;
}

Result reply_json(Call *k, unsigned code, json_t *doc)
{
    char *text = doc ? json_dumps(doc, JSON_COMPACT | JSON_REAL_PRECISION(9)) : NULL;
    json_decref(doc);
    static char lost[] = "{\"error\":\"out of memory, or the database can't be read\"}";
    struct MHD_Response *r = text ? MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE)
                                  : MHD_create_response_from_buffer(sizeof lost - 1, lost, MHD_RESPMEM_PERSISTENT);
    return send_reply(k, text ? code : 500, "application/json", own_policy, r);
}

Result reply_refusal(Call *k, unsigned code, const char *why) { return reply_json(k, code, json_pack("{s:o}", "error", tool_json_text(why))); }

Result reply_not_found(Call *k) { return reply_refusal(k, 404, "there is no such file (any more)"); }

Result reply_web(Call *k, const char *type, const unsigned char *bytes, size_t n)
{
    return send_reply(k, 200, type, own_policy, MHD_create_response_from_buffer(n, (void *)bytes, MHD_RESPMEM_PERSISTENT));
}

/* As a download it gets its name: percent signs for all but the plainest. */
static void name_download(struct MHD_Response *r, const char *name, const char *ending)
{
    char out[1400] = "attachment; filename*=UTF-8''";
    size_t n = strlen(out);
    const char *slash = strrchr(name, '/');
    for (const char *p = slash ? slash + 1 : name; *p && n < sizeof out - 64; p++)
        if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", *p))
            out[n++] = *p;
        else
            n += (size_t)snprintf(out + n, 4, "%%%02X", (unsigned char)*p);
    snprintf(out + n, sizeof out - n, "%s", ending);
    MHD_add_response_header(r, "Content-Disposition", out);
}

const char *call_argument(Call *k, const char *name) { return MHD_lookup_connection_value(k->c, MHD_GET_ARGUMENT_KIND, name); }
const char *call_header(Call *k, const char *name) { return MHD_lookup_connection_value(k->c, MHD_HEADER_KIND, name); }

/* A text of a file, as it is or to be kept; takes text. */
static Result send_text(Call *k, int64_t id, char *text, const char *type, const char *ending, int page)
{
    char *path = text ? serve_path(k->s, id, NULL, NULL) : NULL;
    struct MHD_Response *r = path ? MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE) : NULL;
    if (!r)
        free(text);
    else if (call_argument(k, "download"))
        name_download(r, upload_name(k->s, path), ending);
    free(path);
    return r ? send_reply(k, 200, type, page ? shut_policy : own_policy, r) : reply_not_found(k);
}

/* ---- what is sent of a file ---------------------------------------------------------------------------- */

static char *read_made(Serve *s, int64_t id, const char *folder, const char *ext)
{
    size_t n;
    char *path = serve_path(s, id, folder, ext), *text = path ? tool_slurp(path, &n) : NULL;
    free(path);
    return text;
}

static char *read_result(Serve *s, int64_t id)
{
    pthread_mutex_lock(&s->lock);
    char *text = batch_db_result(s->db, id);
    pthread_mutex_unlock(&s->lock);
    return text;
}

/* The evidence page, told where its video is. */
static Result send_page(Call *k, int64_t id)
{
    static const char mark[] = "id=\"data\">{";
    char *text = read_made(k->s, id, "pages", "html"), *at = text ? strstr(text, mark) : NULL, hex[SERVE_ID], *out = NULL;
    if (at && !call_argument(k, "download")) {
        at += sizeof mark - 1;
        serve_ticket(k->s, id, "media", hex);
        size_t room = strlen(text) + 128, n = (size_t)(at - text);
        if ((out = malloc(room)) != NULL) {
            memcpy(out, text, n);
            snprintf(out + n, room - n, "\"video_src\": \"../media/%s\", %s", hex, at);
            free(text);
            text = out;
        }
    }
    return send_text(k, id, text, "text/html; charset=utf-8", ".html", 1);
}

static Result send_marks(Call *k, int64_t id)
{
    const char *format = call_argument(k, "format");
    const char *first = call_argument(k, "first");
    char *all = read_made(k->s, id, "marks", "json"), ending[48];
    json_t *doc = all ? json_loads(all, 0, NULL) : NULL;
    const char *text = format ? json_string_value(json_object_get(doc, format)) : NULL;
    int stale = text && !serve_marks_hold(k->s, id, doc);
    char *copy = text && (!stale || first) ? strdup(text) : NULL;
    json_decref(doc);
    free(all);
    if (stale && !first)
        return reply_refusal(k, 409, "the marks are of the policy that judged this file first; ask for them as such (first=1), or make them with avalign analyze --policy --marks");
    if (!copy)
        return reply_refusal(k, 404, "there are no marks of this file in this format");
    snprintf(ending, sizeof ending, "%s.%.20s", stale ? ".first-verdict" : "", !strncmp(format, "words-", 6) ? format + 6 : format);
    return send_text(k, id, copy, "text/plain; charset=utf-8", ending, 0);
}

/* "bytes=A-B", the one form that players use; 1 a part, 0 all, -1 there is no such part. */
static int range_of(const char *asked, uint64_t size, uint64_t *from, uint64_t *n)
{
    unsigned long long a, b;
    char dash;
    int got = asked ? sscanf(asked, "bytes=%llu%c%llu", &a, &dash, &b) : 0;
    *from = 0;
    *n = size;
    if (got < 2 || dash != '-')
        return 0;
    if (a >= size)
        return -1;
    *from = a;
    *n = got == 3 && b >= a && b < size ? b - a + 1 : size - a;
    return 1;
}

static Result send_media(Call *k, int64_t id)
{
    char *path = serve_path(k->s, id, NULL, NULL), text[96];
    int ours = path && upload_name(k->s, path) != path, fd = ours ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    struct stat st;
    uint64_t from, n;
    free(path);
    if (fd < 0 || fstat(fd, &st)) {
        tool_close(fd);
        return reply_not_found(k);
    }
    int part = range_of(call_header(k, "Range"), (uint64_t)st.st_size, &from, &n);
    if (part < 0) {
        close(fd);
        return reply_refusal(k, 416, "there is no such part of the file");
    }
    struct MHD_Response *r = MHD_create_response_from_fd_at_offset64(n, fd, from);
    if (!r) {
        close(fd);
        return MHD_NO;
    }
    MHD_add_response_header(r, "Accept-Ranges", "bytes");
    snprintf(text, sizeof text, "bytes %llu-%llu/%lld", (unsigned long long)from, (unsigned long long)(from + n - 1), (long long)st.st_size);
    if (part)
        MHD_add_response_header(r, "Content-Range", text);
    return send_reply(k, part ? 206 : 200, "application/octet-stream", shut_policy, r);
}

/* ---- events -------------------------------------------------------------------------------------------------- */

typedef struct Listener {
    Events *events;
    uint64_t at;
} Listener;

static ssize_t stream(void *cookie, uint64_t pos, char *room, size_t size)
{
    Listener *l = cookie;
    (void)pos;
    size_t n = events_take(l->events, &l->at, room, size);
    return n ? (ssize_t)n : MHD_CONTENT_READER_END_OF_STREAM;
}

Result reply_events(Call *k)
{
    Listener *l = malloc(sizeof *l);
    if (!l)
        return MHD_NO;
    *l = (Listener){ k->s->events, events_now(k->s->events) };
    struct MHD_Response *r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM, stream, l, free);
    if (!r) {
        free(l);
        return MHD_NO;
    }
    MHD_add_response_header(r, "X-Accel-Buffering", "no"); /* a proxy in front is to pass them on at once */
    return send_reply(k, 200, "text/event-stream", own_policy, r);
}

/* ---- by name ------------------------------------------------------------------------------------------------------ */

Result reply_file(Call *k, int64_t id, const char *what)
{
    json_t *row;
    if (!strcmp(what, "result"))
        return send_text(k, id, read_result(k->s, id), "application/json", ".json", 0);
    if (!strcmp(what, "page"))
        return send_page(k, id);
    if (!strcmp(what, "marks"))
        return send_marks(k, id);
    if (!strcmp(what, "media"))
        return send_media(k, id);
    return !*what && (row = serve_file(k->s, id)) != NULL ? reply_json(k, 200, row) : reply_not_found(k);
}

