/* serve_http.c -- the HTTP side: who may ask (host, origin, token), and which address means what; serve_reply.c sends it.
 * There are no cookies: nothing that another site makes a browser send carries the token. */
#include <errno.h>
#include <netinet/in.h>
#include <nettle/memops.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "serve/serve_call.h"

enum { CONNECTIONS = 200, IDLE_S = 120, MAX_BODY = 1 << 18 };

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
    const char *origin = call_header(k, "Origin"), *site = call_header(k, "Sec-Fetch-Site"), *host = call_header(k, "Host");
    if (site && strcasecmp(site, "same-origin") && strcasecmp(site, "none"))
        return 0;
    if (!origin)
        return 1;
    const char *name = strstr(origin, "://");
    return name && (!strncasecmp(origin, "http:", 5) || !strncasecmp(origin, "https:", 6)) && !strcasecmp(name + 3, host);
}

static int good_token(Call *k)
{
    const char *said = call_header(k, "Authorization");
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

static Result change_file(Call *k, int64_t id, const char *what)
{
    int code = 0;
    if (!strcmp(k->method, "DELETE") && !*what) {
        code = upload_remove(k->s, id, k->why);
        return code ? reply_refusal(k, (unsigned)code, k->why) : reply_json(k, 200, json_pack("{s:I}", "gone", (json_int_t)id));
    }
    if (!strcmp(k->method, "POST") && !strcmp(what, "judge")) {
        json_t *asked = k->body ? json_loadb(k->body, k->n, JSON_REJECT_DUPLICATES, NULL) : NULL, *now;
        code = serve_judge(k->s, id, asked, k->why);
        json_decref(asked);
        return code ? reply_refusal(k, (unsigned)code, k->why) : (now = serve_file(k->s, id)) ? reply_json(k, 200, now) : reply_not_found(k);
    }
    if (strcmp(k->method, "POST") || strcmp(what, "retry"))
        return reply_refusal(k, 405, "this can't be done with a file");
    pthread_mutex_lock(&k->s->lock);
    if (batch_db_retry(k->s->db, id))
        code = 507;
    pthread_mutex_unlock(&k->s->lock);
    if (code)
        return reply_refusal(k, 507, "the database can't be written to; free space");
    serve_wake(k->s);
    serve_tell_row(k->s, id);
    json_t *row = serve_file(k->s, id);
    return row ? reply_json(k, 200, row) : reply_not_found(k);
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
    return code ? reply_refusal(k, (unsigned)code, k->why) : reply_json(k, (unsigned)done, out);
}

/* Everything but an upload, all of it having come. */
static Result route(Call *k)
{
    char what[16], ticket[SERVE_ID], right[SERVE_ID];
    int64_t id = 0;
    int get = !strcmp(k->method, "GET") || !strcmp(k->method, "HEAD"), of_file = file_url(k->url, &id, what, ticket) == 0;
    for (size_t i = 0; get && i < sizeof web / sizeof *web; i++)
        if (!strcmp(k->url, web[i].url))
            return reply_web(k, web[i].type, web[i].bytes, *web[i].n);
    if (get && of_file && *ticket) {
        serve_ticket(k->s, id, what, right);
        return strlen(ticket) == strlen(right) && memeql_sec(ticket, right, strlen(right)) ? reply_file(k, id, what) : reply_refusal(k, 401, "this link is not valid (any more); open it from the list");
    }
    if (!good_token(k))
        return reply_refusal(k, 401, "the token is missing or wrong; open the address that avalign serve printed");
    if (of_file)
        return get ? reply_file(k, id, what) : change_file(k, id, what);
    if (!strncmp(k->url, "/api/people", 11))
        return route_people(k, k->url + 11);
    if (get && !strcmp(k->url, "/api/status"))
        return reply_json(k, 200, serve_status(k->s));
    if (get && !strcmp(k->url, "/api/files"))
        return reply_json(k, 200, serve_files(k->s));
    if (get && !strcmp(k->url, "/api/events"))
        return reply_events(k);
    return reply_refusal(k, 404, "there is nothing at this address");
}

/* ---- requests ------------------------------------------------------------------------------------------------------ */

/* The head of an upload: refused before its bytes are read, where it can be known. 0 or a status. */
static int begin_upload(Call *k)
{
    const char *size = call_header(k, "Content-Length"), *name = call_argument(k, "name");
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
        return reply_refusal(k, (unsigned)code, k->why);
    serve_tell_row(k->s, id);
    return reply_json(k, 201, serve_file(k->s, id));
}

static Result begin(Call *k)
{
    if (!good_host(k->s, call_header(k, "Host")))
        return reply_refusal(k, 421, "this server does not go by that name; open the address that avalign serve printed, or see --host");
    if (strcmp(k->method, "GET") && strcmp(k->method, "HEAD") && !good_origin(k))
        return reply_refusal(k, 403, "another page may not do that");
    if (!strcmp(k->method, "POST") && !strcmp(k->url, "/api/files")) {
        int code = begin_upload(k);
        return code ? reply_refusal(k, (unsigned)code, k->why) : MHD_YES;
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
        snprintf(k->url, sizeof k->url, "%s", strlen(url) < SERVE_URL ? url : "");
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
    return k->upload ? end_upload(k) : k->failed ? reply_refusal(k, (unsigned)k->failed, k->why) : route(k);
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
