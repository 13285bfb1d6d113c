/* serve_http.c -- the HTTP side: who may ask (host, origin, token), which address means what, and the replies with their headers.
 * There are no cookies: nothing that another site makes a browser send carries the token. */
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <nettle/memops.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "serve/serve.h"

enum { CONNECTIONS = 200, IDLE_S = 120, MAX_URL = 256, STREAM = 1 << 16, MAX_BODY = 1 << 18 };

typedef enum MHD_Result Result;
typedef struct MHD_Connection Connection;

/* One request, from its head to its last byte. */
typedef struct Call {
    Serve *s;
    Connection *c;
    char method[8], url[MAX_URL];
    Upload *upload;
    char *body; /* of another request */
    size_t n;
    int failed; /* the upload went wrong: what comes of it is thrown away, and this is the answer */
    char why[SERVE_WHY];
} Call;

/* ---- files compiled in -------------------------------------------------------------------------- */

#define WEB(name) extern const unsigned char serve_web_##name[]; extern const size_t serve_web_##name##_size
WEB(page_html); WEB(page_css); WEB(app_js); WEB(base_js); WEB(list_js); WEB(upload_js); WEB(detail_js); WEB(judge_js); WEB(people_js); WEB(openapi_json);
#undef WEB

static const struct {
    const char *url, *type;
    const unsigned char *bytes;
    const size_t *n;
} web[] = {
#define WEB(url, type, name) { url, type, serve_web_##name, &serve_web_##name##_size }
    WEB("/", "text/html; charset=utf-8", page_html),
    WEB("/page.css", "text/css; charset=utf-8", page_css),
    WEB("/app.js", "text/javascript; charset=utf-8", app_js),
    WEB("/base.js", "text/javascript; charset=utf-8", base_js),
    WEB("/list.js", "text/javascript; charset=utf-8", list_js),
    WEB("/upload.js", "text/javascript; charset=utf-8", upload_js),
    WEB("/detail.js", "text/javascript; charset=utf-8", detail_js),
    WEB("/judge.js", "text/javascript; charset=utf-8", judge_js),
    WEB("/people.js", "text/javascript; charset=utf-8", people_js),
    WEB("/api/openapi.json", "application/json", openapi_json),
#undef WEB
};

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

static Result send_json(Call *k, unsigned code, json_t *doc)
{
    char *text = doc ? json_dumps(doc, JSON_COMPACT | JSON_REAL_PRECISION(9)) : NULL;
    json_decref(doc);
    static char lost[] = "{\"error\":\"out of memory, or the database can't be read\"}";
    struct MHD_Response *r = text ? MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE)
                                  : MHD_create_response_from_buffer(sizeof lost - 1, lost, MHD_RESPMEM_PERSISTENT);
    return send_reply(k, text ? code : 500, "application/json", own_policy, r);
}

static Result refuse(Call *k, unsigned code, const char *why) { return send_json(k, code, json_pack("{s:o}", "error", tool_json_text(why))); }

static Result not_found(Call *k) { return refuse(k, 404, "there is no such file (any more)"); }

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

static const char *argument(Call *k, const char *name) { return MHD_lookup_connection_value(k->c, MHD_GET_ARGUMENT_KIND, name); }
static const char *header(Call *k, const char *name) { return MHD_lookup_connection_value(k->c, MHD_HEADER_KIND, name); }

/* A text of a file, as it is or to be kept; takes text. */
static Result send_text(Call *k, int64_t id, char *text, const char *type, const char *ending, int page)
{
    char *path = text ? serve_path(k->s, id, NULL, NULL) : NULL;
    struct MHD_Response *r = path ? MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE) : NULL;
    if (!r)
        free(text);
    else if (argument(k, "download"))
        name_download(r, upload_name(k->s, path), ending);
    free(path);
    return r ? send_reply(k, 200, type, page ? shut_policy : own_policy, r) : not_found(k);
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
    if (at && !argument(k, "download")) {
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
    const char *format = argument(k, "format");
    char *all = read_made(k->s, id, "marks", "json"), ending[32];
    json_t *doc = all ? json_loads(all, 0, NULL) : NULL;
    const char *text = format ? json_string_value(json_object_get(doc, format)) : NULL;
    int stale = text && !serve_marks_hold(k->s, id, doc);
    char *copy = text && !stale ? strdup(text) : NULL;
    json_decref(doc);
    free(all);
    if (stale)
        return refuse(k, 409, "the marks are of the policy that judged this file first; judge it by that again, or make them with avalign analyze --policy --marks");
    if (!copy)
        return refuse(k, 404, "there are no marks of this file in this format");
    snprintf(ending, sizeof ending, ".%.20s", !strncmp(format, "words-", 6) ? format + 6 : format);
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
        return not_found(k);
    }
    int part = range_of(header(k, "Range"), (uint64_t)st.st_size, &from, &n);
    if (part < 0) {
        close(fd);
        return refuse(k, 416, "there is no such part of the file");
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

static Result send_events(Call *k)
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

/* ---- who may ask ------------------------------------------------------------------------------------------- */

/* Of a name that a stranger pointed at this machine (DNS rebinding) nothing is answered. */
static int good_host(const Serve *s, const char *host)
{
    char own[2][32];
    snprintf(own[0], sizeof own[0], "127.0.0.1:%u", s->port);
    snprintf(own[1], sizeof own[1], "localhost:%u", s->port);
    return host && (!strcasecmp(host, own[0]) || !strcasecmp(host, own[1]) || (s->o->host && !strcasecmp(host, s->o->host)));
}

/* What changes something must come from our own page, or from no page at all. */
static int good_origin(Call *k)
{
    const char *origin = header(k, "Origin"), *site = header(k, "Sec-Fetch-Site"), *host = header(k, "Host");
    if (site && strcasecmp(site, "same-origin") && strcasecmp(site, "none"))
        return 0;
    if (!origin)
        return 1;
    const char *name = strstr(origin, "://");
    return name && (!strncasecmp(origin, "http:", 5) || !strncasecmp(origin, "https:", 6)) && !strcasecmp(name + 3, host);
}

static int good_token(Call *k)
{
    const char *said = header(k, "Authorization");
    size_t n = strlen(k->s->token);
    return said && !strncasecmp(said, "Bearer ", 7) && strlen(said + 7) == n && memeql_sec(k->s->token, said + 7, n);
}

/* ---- addresses ------------------------------------------------------------------------------------------------ */

/* "/api/files/12/page/TICKET"; 0 or -1. */
static int file_url(const char *url, int64_t *id, char what[16], char ticket[SERVE_ID])
{
    static const char start[] = "/api/files/";
    char *end;
    if (strncmp(url, start, sizeof start - 1) || url[sizeof start - 1] < '1' || url[sizeof start - 1] > '9')
        return -1;
    errno = 0;
    *id = strtoll(url + sizeof start - 1, &end, 10);
    *what = *ticket = 0;
    if (errno || (*end && sscanf(end, "/%15[a-z]/%64[0-9a-f]", what, ticket) < 1))
        return -1;
    return 0;
}

static Result get_file(Call *k, int64_t id, const char *what)
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
    return !*what && (row = serve_file(k->s, id)) != NULL ? send_json(k, 200, row) : not_found(k);
}

static Result change_file(Call *k, int64_t id, const char *what)
{
    int code = 0;
    if (!strcmp(k->method, "DELETE") && !*what) {
        code = upload_remove(k->s, id, k->why);
        return code ? refuse(k, (unsigned)code, k->why) : send_json(k, 200, json_pack("{s:I}", "gone", (json_int_t)id));
    }
    if (!strcmp(k->method, "POST") && !strcmp(what, "judge")) {
        json_t *asked = k->body ? json_loadb(k->body, k->n, JSON_REJECT_DUPLICATES, NULL) : NULL, *now;
        code = serve_judge(k->s, id, asked, k->why);
        json_decref(asked);
        return code ? refuse(k, (unsigned)code, k->why) : (now = serve_file(k->s, id)) ? send_json(k, 200, now) : not_found(k);
    }
    if (strcmp(k->method, "POST") || strcmp(what, "retry"))
        return refuse(k, 405, "this can't be done with a file");
    pthread_mutex_lock(&k->s->lock);
    if (batch_db_retry(k->s->db, id))
        code = 507;
    pthread_mutex_unlock(&k->s->lock);
    if (code)
        return refuse(k, 507, "the database can't be written to; free space");
    serve_wake(k->s);
    serve_tell_row(k->s, id);
    json_t *row = serve_file(k->s, id);
    return row ? send_json(k, 200, row) : not_found(k);
}

/* "/api/people", "/api/people/3", "/api/people/3/verify" */
static Result route_people(Call *k, const char *rest)
{
    char *end = (char *)rest;
    int64_t id = *rest == '/' && rest[1] >= '1' && rest[1] <= '9' ? strtoll(rest + 1, &end, 10) : 0;
    json_t *asked = k->body ? json_loadb(k->body, k->n, JSON_REJECT_DUPLICATES, NULL) : NULL, *out = NULL;
    int post = !strcmp(k->method, "POST"), get = !strcmp(k->method, "GET"), code = 404, done = 200;
    snprintf(k->why, sizeof k->why, "nobody of this number is enrolled");
    if (!*rest && get)
        code = 0, out = serve_people(k->s);
    else if (!*rest && post && (code = serve_enroll(k->s, asked, &id, k->why)) == 0)
        done = 201, out = serve_person(k->s, id);
    else if (id && !*end && get)
        code = (out = serve_person(k->s, id)) ? 0 : 404;
    else if (id && !*end && !strcmp(k->method, "DELETE"))
        code = serve_person_remove(k->s, id), out = code ? NULL : json_pack("{s:I}", "gone", (json_int_t)id);
    else if (id && post && !strcmp(end, "/verify"))
        code = serve_verify(k->s, id, asked, &out, k->why);
    json_decref(asked);
    return code ? refuse(k, (unsigned)code, k->why) : send_json(k, (unsigned)done, out);
}

/* Everything but an upload, all of it having come. */
static Result route(Call *k)
{
    char what[16], ticket[SERVE_ID], right[SERVE_ID];
    int64_t id = 0;
    int get = !strcmp(k->method, "GET") || !strcmp(k->method, "HEAD"), of_file = file_url(k->url, &id, what, ticket) == 0;
    for (size_t i = 0; get && i < sizeof web / sizeof *web; i++)
        if (!strcmp(k->url, web[i].url))
            return send_reply(k, 200, web[i].type, own_policy, MHD_create_response_from_buffer(*web[i].n, (void *)web[i].bytes, MHD_RESPMEM_PERSISTENT));
    if (get && of_file && *ticket) {
        serve_ticket(k->s, id, what, right);
        return strlen(ticket) == strlen(right) && memeql_sec(ticket, right, strlen(right)) ? get_file(k, id, what) : refuse(k, 401, "this link is not valid (any more); open it from the list");
    }
    if (!good_token(k))
        return refuse(k, 401, "the token is missing or wrong; open the address that avalign serve printed");
    if (of_file)
        return get ? get_file(k, id, what) : change_file(k, id, what);
    if (!strncmp(k->url, "/api/people", 11))
        return route_people(k, k->url + 11);
    if (get && !strcmp(k->url, "/api/status"))
        return send_json(k, 200, serve_status(k->s));
    if (get && !strcmp(k->url, "/api/files"))
        return send_json(k, 200, serve_files(k->s));
    if (get && !strcmp(k->url, "/api/events"))
        return send_events(k);
    return refuse(k, 404, "there is nothing at this address");
}

/* ---- requests ------------------------------------------------------------------------------------------------------ */

/* The head of an upload: refused before its bytes are read, where it can be known. 0 or a status. */
static int begin_upload(Call *k)
{
    const char *size = header(k, "Content-Length"), *name = argument(k, "name");
    char *end;
    if (!good_token(k))
        return snprintf(k->why, SERVE_WHY, "the token is missing or wrong; open the address that avalign serve printed"), 401;
    if (!size)
        return snprintf(k->why, SERVE_WHY, "the length is missing (Content-Length)"), 411;
    errno = 0;
    unsigned long long n = strtoull(size, &end, 10);
    if (errno || *end)
        return snprintf(k->why, SERVE_WHY, "the length is no number (Content-Length)"), 400;
    return upload_begin(k->s, &k->upload, name ? name : "", n, k->why);
}

static Result end_upload(Call *k)
{
    int64_t id = 0;
    int code = k->failed ? k->failed : upload_end(k->upload, &id, k->why);
    upload_free(&k->upload);
    if (code)
        return refuse(k, (unsigned)code, k->why);
    serve_tell_row(k->s, id);
    return send_json(k, 201, serve_file(k->s, id));
}

static Result begin(Call *k)
{
    if (!good_host(k->s, header(k, "Host")))
        return refuse(k, 421, "this server does not go by that name; open the address that avalign serve printed, or see --host");
    if (strcmp(k->method, "GET") && strcmp(k->method, "HEAD") && !good_origin(k))
        return refuse(k, 403, "another page may not do that");
    if (!strcmp(k->method, "POST") && !strcmp(k->url, "/api/files")) {
        int code = begin_upload(k);
        return code ? refuse(k, (unsigned)code, k->why) : MHD_YES;
    }
    return MHD_YES;
}

static void take_body(Call *k, const char *data, size_t n)
{
    char *more = k->n + n <= MAX_BODY ? realloc(k->body, k->n + n) : NULL;
    if (!more) {
        k->failed = 413;
        snprintf(k->why, sizeof k->why, "more came than this takes");
        return;
    }
    memcpy(more + k->n, data, n);
    k->body = more;
    k->n += n;
}

static Result handle(void *cookie, Connection *c, const char *url, const char *method, const char *version, const char *data, size_t *size, void **state)
{
    Call *k = *state;
    (void)version;
    if (!k) {
        if (!(k = *state = calloc(1, sizeof *k)))
            return MHD_NO;
        k->s = cookie;
        k->c = c;
        snprintf(k->method, sizeof k->method, "%s", method);
        snprintf(k->url, sizeof k->url, "%s", strlen(url) < MAX_URL ? url : "");
        return begin(k);
    }
    if (*size) {
        if (k->upload && !k->failed)
            k->failed = upload_write(k->upload, data, *size, k->why);
        else if (!k->upload)
            take_body(k, data, *size);
        *size = 0;
        return MHD_YES;
    }
    return k->upload ? end_upload(k) : k->failed ? refuse(k, (unsigned)k->failed, k->why) : route(k);
}

static void completed(void *cookie, Connection *c, void **state, enum MHD_RequestTerminationCode how)
{
    Call *k = *state;
    (void)cookie, (void)c, (void)how;
    if (k)
        upload_free(&k->upload); /* broken off: the browser was closed, say */
    if (k)
        free(k->body);
    free(k);
    *state = NULL;
}

ServeHttp *serve_http_open(Serve *s, char why[SERVE_WHY])
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)s->port), .sin_addr = { htonl(INADDR_LOOPBACK) } };
    errno = 0;
    struct MHD_Daemon *d = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL, 0, NULL, NULL, handle, s, MHD_OPTION_SOCK_ADDR, &at,
                                            MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S, MHD_OPTION_NOTIFY_COMPLETED,
                                            completed, NULL, MHD_OPTION_END);
    if (!d)
        snprintf(why, SERVE_WHY, "127.0.0.1:%u can't be listened on (%s); name another with --port", s->port, errno ? strerror(errno) : "in use?");
    return (ServeHttp *)d;
}

void serve_http_close(ServeHttp *h) { MHD_stop_daemon((struct MHD_Daemon *)h); }
