/* queue.c -- librabbitmq: addresses and credentials, connection, messages, jobs. */
#include "queue/queue.h"
#include "common/tool.h"

#include <amqp.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

enum { IN = 1, OUT = 2, HEARTBEAT = 15, FRAME = 131072, HOLD_MS = 5000, HOLD_GONE_MS = 3600000 };

struct Queue {
    amqp_connection_state_t c;
    char name[QUEUE_N][220], hold[240], why[QUEUE_WHY];
    int consuming, holding;
};

static const char *const suffix[QUEUE_N] = { "jobs", "results", "dead" };

/* ---- set-up ---------------------------------------------------------------------------- */

static int queue_copy(char *to, size_t room, const char *from, size_t n)
{
    if (n >= room)
        return -1;
    memcpy(to, from, n);
    to[n] = 0;
    return 0;
}

static int parse_url(QueueSetup *s)
{
    const char *u = s->url;
    if (strncmp(u, "amqp://", 7) && strncmp(u, "amqps://", 8))
        return tool_complain("--queue", "takes amqp://HOST or amqps://HOST (TLS), with :PORT and /VHOST if need be");
    s->tls = u[4] == 's';
    u += s->tls ? 8 : 7;
    size_t host = strcspn(u, "/");
    if (memchr(u, '@', host))
        return tool_complain("--queue", "no user and password in the address, where others can read them; use --credentials FILE or AVALIGN_AMQP_USER and AVALIGN_AMQP_PASSWORD");
    const char *slash = u[host] ? u + host + 1 : "", *colon = memchr(u, ':', host);
    s->port = s->tls ? 5671 : 5672;
    if (colon) {
        char *end;
        long port = strtol(colon + 1, &end, 10);
        if (end != u + host || port < 1 || port > 65535)
            return tool_complain("--queue", "the port is a number from 1 to 65535");
        s->port = (int)port;
        host = (size_t)(colon - u);
    }
    if (!host || queue_copy(s->host, sizeof s->host, u, host) || queue_copy(s->vhost, sizeof s->vhost, slash, strlen(slash)))
        return tool_complain("--queue", "no host in the address");
    if (!*s->vhost)
        strcpy(s->vhost, "/");
    return 0;
}

typedef struct Secret {
    const char *key, *env;
    char *to;
    size_t room;
} Secret;

static int read_credentials(const QueueSetup *s, const Secret *secret, size_t n)
{
    char line[1400];
    struct stat st;
    FILE *f = fopen(s->credentials, "r");
    if (!f || fstat(fileno(f), &st)) {
        if (f)
            fclose(f);
        return tool_complain(s->credentials, strerror(errno));
    }
    int rc = st.st_mode & 077 ? tool_complain(s->credentials, "others may read or change it; chmod 600") : 0;
    while (!rc && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\r\n")] = 0;
        char *eq = strchr(line, '=');
        size_t i = 0;
        if (!*line || *line == '#')
            continue;
        while (eq && i < n && (strlen(secret[i].key) != (size_t)(eq - line) || strncmp(secret[i].key, line, (size_t)(eq - line))))
            i++;
        if (!eq || i == n || queue_copy(secret[i].to, secret[i].room, eq + 1, strlen(eq + 1)))
            rc = tool_complain(s->credentials, "lines are user=, password=, ca=, cert= or key=");
    }
    fclose(f);
    memset(line, 0, sizeof line);
    return rc;
}

int queue_setup(QueueSetup *s, const Options *o)
{
    s->url = o->url ? o->url : getenv("AVALIGN_QUEUE");
    s->credentials = o->credentials;
    s->name = o->queue_name;
    const Secret secret[] = { { "user", "AVALIGN_AMQP_USER", s->user, sizeof s->user },
                              { "password", "AVALIGN_AMQP_PASSWORD", s->password, sizeof s->password },
                              { "ca", "AVALIGN_AMQP_CA", s->ca, sizeof s->ca },
                              { "cert", "AVALIGN_AMQP_CERT", s->cert, sizeof s->cert },
                              { "key", "AVALIGN_AMQP_KEY", s->key, sizeof s->key } };
    enum { N = sizeof secret / sizeof *secret };
    if (!s->url)
        return tool_complain("--queue", "is needed: the address of a RabbitMQ broker, amqp://HOST");
    if (parse_url(s))
        return -1;
    strcpy(s->user, "guest");
    strcpy(s->password, "guest"); /* RabbitMQ takes it from its own machine alone */
    strcpy(s->ca, "/etc/ssl/certs/ca-certificates.crt");
    if (s->credentials && read_credentials(s, secret, N))
        return -1;
    for (size_t i = 0; i < N; i++) {
        const char *v = getenv(secret[i].env);
        if (v && *v && queue_copy(secret[i].to, secret[i].room, v, strlen(v)))
            return tool_complain(secret[i].env, "is too long");
    }
    const char *name = s->name ? s->name : "avalign";
    if (!*name || strlen(name) >= sizeof s->queue || strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != strlen(name))
        return tool_complain("--name", "is made of letters, digits, dots, dashes and underscores");
    strcpy(s->queue, name);
    return 0;
}

/* ---- connection ------------------------------------------------------------------------ */

static int queue_say(Queue *q, const char *what, const char *why)
{
    snprintf(q->why, sizeof q->why, "%.40s: %.180s", what, why);
    for (char *p = q->why; *p; p++)
        if ((unsigned char)*p < 0x20)
            *p = ' ';
    return -1;
}

static int status_bad(Queue *q, const char *what, int status)
{
    return status == AMQP_STATUS_OK ? 0 : queue_say(q, what, amqp_error_string2(status));
}

static int queue_said(Queue *q, const char *what, amqp_bytes_t text)
{
    char line[200];
    snprintf(line, sizeof line, "%.*s", (int)(text.len < 190 ? text.len : 190), (const char *)text.bytes);
    return queue_say(q, what, line);
}

/* What the broker or the library made of the last call. */
static int reply_bad(Queue *q, const char *what, amqp_rpc_reply_t r)
{
    if (r.reply_type == AMQP_RESPONSE_NORMAL)
        return 0;
    if (r.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION)
        return queue_say(q, what, amqp_error_string2(r.library_error));
    if (r.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION && r.reply.id == AMQP_CONNECTION_CLOSE_METHOD)
        return queue_said(q, what, ((amqp_connection_close_t *)r.reply.decoded)->reply_text);
    if (r.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION && r.reply.id == AMQP_CHANNEL_CLOSE_METHOD)
        return queue_said(q, what, ((amqp_channel_close_t *)r.reply.decoded)->reply_text);
    return queue_say(q, what, "the broker gave no answer");
}

static int last_bad(Queue *q, const char *what) { return reply_bad(q, what, amqp_get_rpc_reply(q->c)); }

static amqp_table_entry_t entry_text(const char *key, const char *v)
{
    return (amqp_table_entry_t){ amqp_cstring_bytes(key), { .kind = AMQP_FIELD_KIND_UTF8, .value.bytes = amqp_cstring_bytes(v) } };
}

static amqp_table_entry_t entry_int(const char *key, int v)
{
    return (amqp_table_entry_t){ amqp_cstring_bytes(key), { .kind = AMQP_FIELD_KIND_I32, .value.i32 = v } };
}

static int declare(Queue *q, const char *name, amqp_table_entry_t *args, int n)
{
    amqp_queue_declare(q->c, OUT, amqp_cstring_bytes(name), 0, 1, 0, 0, (amqp_table_t){ n, args });
    return last_bad(q, name);
}

static int declare_all(Queue *q)
{
    amqp_table_entry_t plain[] = { entry_text("x-queue-type", "quorum") };
    amqp_table_entry_t jobs[] = { entry_text("x-queue-type", "quorum"), entry_int("x-delivery-limit", QUEUE_DELIVERIES),
                                  entry_text("x-dead-letter-exchange", ""), entry_text("x-dead-letter-routing-key", q->name[QUEUE_DEAD]),
                                  entry_text("x-dead-letter-strategy", "at-least-once"), entry_text("x-overflow", "reject-publish") };
    return declare(q, q->name[QUEUE_RESULTS], plain, 1) || declare(q, q->name[QUEUE_DEAD], plain, 1) ||
           declare(q, q->name[QUEUE_JOBS], jobs, sizeof jobs / sizeof *jobs) ? -1 : 0;
}

static int connect_to(Queue *q, const QueueSetup *s)
{
    struct timeval patience = { 10, 0 };
    amqp_socket_t *socket = s->tls ? amqp_ssl_socket_new(q->c) : amqp_tcp_socket_new(q->c);
    if (!socket)
        return queue_say(q, "connect", "out of memory");
    if (s->tls) {
        int rc = amqp_ssl_socket_set_cacert(socket, s->ca);
        if (!rc && *s->cert)
            rc = amqp_ssl_socket_set_key(socket, s->cert, s->key);
        if (rc)
            return queue_say(q, "TLS", "the certificate files (ca, cert, key) can't be read");
        amqp_ssl_socket_set_verify_peer(socket, 1);
        amqp_ssl_socket_set_verify_hostname(socket, 1);
        amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST);
    }
    if (status_bad(q, "connect", amqp_socket_open_noblock(socket, s->host, s->port, &patience)))
        return -1;
    amqp_set_rpc_timeout(q->c, &(struct timeval){ 60, 0 });
    if (reply_bad(q, "log in", amqp_login(q->c, s->vhost, 0, FRAME, HEARTBEAT, AMQP_SASL_METHOD_PLAIN, s->user, s->password)))
        return -1;
    amqp_channel_open(q->c, IN);
    if (last_bad(q, "open a channel"))
        return -1;
    amqp_channel_open(q->c, OUT);
    if (last_bad(q, "open a channel"))
        return -1;
    amqp_confirm_select(q->c, OUT);
    if (last_bad(q, "confirms") || declare_all(q))
        return -1;
    amqp_basic_qos(q->c, IN, 0, 1, 0);
    return last_bad(q, "prefetch");
}

Queue *queue_open(const QueueSetup *s, char why[QUEUE_WHY])
{
    Queue *q = calloc(1, sizeof *q);
    uint64_t random = 0;
    if (!q || !(q->c = amqp_new_connection())) {
        free(q);
        snprintf(why, QUEUE_WHY, "out of memory");
        return NULL;
    }
    for (int i = 0; i < QUEUE_N; i++)
        snprintf(q->name[i], sizeof q->name[i], "%s.%s", s->queue, suffix[i]);
    if (getrandom(&random, sizeof random, 0) != sizeof random)
        random = (uint64_t)getpid();
    snprintf(q->hold, sizeof q->hold, "%s.hold.%016llx", s->queue, (unsigned long long)random);
    if (connect_to(q, s)) {
        snprintf(why, QUEUE_WHY, "%s", q->why);
        queue_close(&q);
    }
    return q;
}

void queue_close(Queue **pq)
{
    Queue *q = *pq;
    if (!q)
        return;
    amqp_set_rpc_timeout(q->c, &(struct timeval){ 2, 0 });
    amqp_connection_close(q->c, AMQP_REPLY_SUCCESS);
    amqp_destroy_connection(q->c);
    free(q);
    *pq = NULL;
}

const char *queue_error(const Queue *q) { return q->why; }
int queue_fd(const Queue *q) { return amqp_get_sockfd(q->c); }

/* ---- messages -------------------------------------------------------------------------- */

void queue_message_free(QueueMessage *m)
{
    free(m->body);
    memset(m, 0, sizeof *m);
}

static int wait_confirm(Queue *q)
{
    amqp_frame_t f;
    int returned = 0;
    for (;;) {
        amqp_maybe_release_buffers(q->c);
        if (status_bad(q, "publish", amqp_simple_wait_frame(q->c, &f)))
            return -1;
        if (f.frame_type != AMQP_FRAME_METHOD)
            continue;
        switch (f.payload.method.id) {
        case AMQP_BASIC_RETURN_METHOD: returned = 1; break; /* its content follows, then the confirmation */
        case AMQP_BASIC_ACK_METHOD: return returned ? queue_say(q, "publish", "the queue is gone") : 0;
        case AMQP_BASIC_NACK_METHOD: return queue_say(q, "publish", "the broker refused the message");
        case AMQP_CHANNEL_CLOSE_METHOD: return queue_said(q, "publish", ((amqp_channel_close_t *)f.payload.method.decoded)->reply_text);
        case AMQP_CONNECTION_CLOSE_METHOD: return queue_said(q, "publish", ((amqp_connection_close_t *)f.payload.method.decoded)->reply_text);
        default: break;
        }
    }
}

static int publish(Queue *q, const char *to, const char *body, size_t n, const char *id, const char *reason)
{
    amqp_table_entry_t header = entry_text("avalign-reason", reason ? reason : "");
    amqp_basic_properties_t p = { ._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG,
                                  .content_type = amqp_cstring_bytes("application/json"), .delivery_mode = 2, .message_id = amqp_cstring_bytes(id) };
    if (reason) {
        p._flags |= AMQP_BASIC_HEADERS_FLAG;
        p.headers = (amqp_table_t){ 1, &header };
    }
    /* no delivery may cross the confirmation: there is one job at a time, and it is at hand, or none is asked for */
    return status_bad(q, "publish", amqp_basic_publish(q->c, OUT, amqp_empty_bytes, amqp_cstring_bytes(to), 1 /* mandatory */, 0, &p, (amqp_bytes_t){ n, (void *)body })) ||
           wait_confirm(q) ? -1 : 0;
}

int queue_publish(Queue *q, QueueName to, const char *body, size_t n, const char *id, const char *reason)
{
    return publish(q, q->name[to], body, n, id, reason);
}

static int64_t queue_number(const amqp_field_value_t *v)
{
    switch (v->kind) {
    case AMQP_FIELD_KIND_I8: return v->value.i8;
    case AMQP_FIELD_KIND_U8: return v->value.u8;
    case AMQP_FIELD_KIND_I16: return v->value.i16;
    case AMQP_FIELD_KIND_U16: return v->value.u16;
    case AMQP_FIELD_KIND_I32: return v->value.i32;
    case AMQP_FIELD_KIND_U32: return v->value.u32;
    case AMQP_FIELD_KIND_I64: return v->value.i64;
    case AMQP_FIELD_KIND_U64: return (int64_t)v->value.u64;
    default: return 0;
    }
}

static int is(amqp_bytes_t b, const char *s) { return b.len == strlen(s) && !memcmp(b.bytes, s, b.len); }

/* The broker's own words for a message that it moved to N.dead. */
static void death(const amqp_field_value_t *v, QueueMessage *m)
{
    const amqp_field_value_t *first = v->kind == AMQP_FIELD_KIND_ARRAY && v->value.array.num_entries > 0 ? &v->value.array.entries[0] : NULL;
    for (int i = 0; first && first->kind == AMQP_FIELD_KIND_TABLE && i < first->value.table.num_entries; i++) {
        const amqp_table_entry_t *e = &first->value.table.entries[i];
        if (is(e->key, "reason") && !*m->reason)
            snprintf(m->reason, sizeof m->reason, "given up by the broker: %.*s", (int)(e->value.value.bytes.len < 100 ? e->value.value.bytes.len : 100),
                     (const char *)e->value.value.bytes.bytes);
    }
}

static int queue_take(Queue *q, const amqp_message_t *in, uint64_t tag, QueueMessage *m)
{
    memset(m, 0, sizeof *m);
    m->tag = tag;
    m->n = in->body.len;
    if (!(m->body = malloc(m->n + 1)))
        return queue_say(q, "receive", "out of memory");
    memcpy(m->body, in->body.bytes, m->n);
    m->body[m->n] = 0;
    const amqp_basic_properties_t *p = &in->properties;
    if (p->_flags & AMQP_BASIC_MESSAGE_ID_FLAG)
        snprintf(m->id, sizeof m->id, "%.*s", (int)(p->message_id.len < 64 ? p->message_id.len : 64), (const char *)p->message_id.bytes);
    for (int i = 0; p->_flags & AMQP_BASIC_HEADERS_FLAG && i < p->headers.num_entries; i++) {
        const amqp_table_entry_t *e = &p->headers.entries[i];
        if (is(e->key, "x-delivery-count"))
            m->deliveries = (int)queue_number(&e->value);
        else if (is(e->key, "avalign-reason") && e->value.kind == AMQP_FIELD_KIND_UTF8)
            snprintf(m->reason, sizeof m->reason, "%.*s", (int)(e->value.value.bytes.len < 190 ? e->value.value.bytes.len : 190), (const char *)e->value.value.bytes.bytes);
        else if (is(e->key, "x-death"))
            death(&e->value, m);
    }
    return 0;
}

static int get(Queue *q, const char *name, QueueMessage *m)
{
    amqp_message_t in;
    amqp_maybe_release_buffers(q->c);
    amqp_rpc_reply_t r = amqp_basic_get(q->c, IN, amqp_cstring_bytes(name), 0);
    if (reply_bad(q, name, r))
        return -1;
    if (r.reply.id == AMQP_BASIC_GET_EMPTY_METHOD)
        return 0;
    uint64_t tag = ((amqp_basic_get_ok_t *)r.reply.decoded)->delivery_tag;
    if (reply_bad(q, name, amqp_read_message(q->c, IN, &in, 0)))
        return -1;
    int rc = queue_take(q, &in, tag, m);
    amqp_destroy_message(&in);
    return rc ? -1 : 1;
}

int queue_get(Queue *q, QueueName from, QueueMessage *m) { return get(q, q->name[from], m); }

int queue_ack(Queue *q, uint64_t tag) { return status_bad(q, "acknowledge", amqp_basic_ack(q->c, IN, tag, 0)); }

int queue_count(Queue *q, QueueName of, int64_t *messages, int64_t *consumers)
{
    amqp_queue_declare_ok_t *ok = amqp_queue_declare(q->c, OUT, amqp_cstring_bytes(q->name[of]), 1, 0, 0, 0, amqp_empty_table);
    if (last_bad(q, q->name[of]) || !ok)
        return -1;
    *messages = ok->message_count;
    *consumers = ok->consumer_count;
    return 0;
}

/* ---- jobs ------------------------------------------------------------------------------ */

int queue_consume(Queue *q)
{
    amqp_basic_consume(q->c, IN, amqp_cstring_bytes(q->name[QUEUE_JOBS]), amqp_cstring_bytes("jobs"), 0, 0, 0, amqp_empty_table);
    q->consuming = 1;
    return last_bad(q, q->name[QUEUE_JOBS]);
}

int queue_stop(Queue *q)
{
    if (!q->consuming)
        return 0;
    amqp_basic_cancel(q->c, IN, amqp_cstring_bytes("jobs"));
    q->consuming = 0;
    return last_bad(q, "stop");
}

/* Something else than a delivery came. */
static int other_frame(Queue *q)
{
    amqp_frame_t f;
    if (status_bad(q, "receive", amqp_simple_wait_frame(q->c, &f)))
        return -1;
    if (f.frame_type != AMQP_FRAME_METHOD)
        return 0;
    switch (f.payload.method.id) {
    case AMQP_CHANNEL_CLOSE_METHOD: return queue_said(q, "the broker closed the channel", ((amqp_channel_close_t *)f.payload.method.decoded)->reply_text);
    case AMQP_CONNECTION_CLOSE_METHOD: return queue_said(q, "the broker closed the connection", ((amqp_connection_close_t *)f.payload.method.decoded)->reply_text);
    case AMQP_BASIC_CANCEL_METHOD: return queue_say(q, "the broker", "took the queue away");
    default: return 0;
    }
}

int queue_wait(Queue *q, QueueMessage *m, int ms)
{
    amqp_envelope_t e;
    struct timeval t = { ms / 1000, ms % 1000 * 1000 };
    amqp_maybe_release_buffers(q->c);
    amqp_rpc_reply_t r = amqp_consume_message(q->c, &e, &t, 0);
    if (r.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION && r.library_error == AMQP_STATUS_TIMEOUT)
        return 0;
    if (r.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION && r.library_error == AMQP_STATUS_UNEXPECTED_STATE)
        return other_frame(q);
    if (reply_bad(q, "receive", r))
        return -1;
    int rc = m ? queue_take(q, &e.message, e.delivery_tag, m) : queue_say(q, "receive", "a job that was not asked for");
    amqp_destroy_envelope(&e);
    return rc ? -1 : 1;
}

int queue_hold(Queue *q, QueueMessage *m)
{
    amqp_table_entry_t args[] = { entry_text("x-queue-type", "quorum"), entry_int("x-message-ttl", HOLD_MS), entry_int("x-expires", HOLD_GONE_MS),
                                  entry_text("x-dead-letter-exchange", ""), entry_text("x-dead-letter-routing-key", q->name[QUEUE_JOBS]),
                                  entry_text("x-dead-letter-strategy", "at-least-once"), entry_text("x-overflow", "reject-publish") };
    QueueMessage next;
    int got = 0, patience = 2 * HOLD_MS / 20;
    if (queue_stop(q) || (!q->holding && declare(q, q->hold, args, sizeof args / sizeof *args)))
        return -1;
    q->holding = 1;
    if (publish(q, q->hold, m->body, m->n, m->id, NULL))
        return -1;
    while ((got = get(q, q->hold, &next)) == 0 && patience--) /* confirmed, so it comes */
        usleep(20000);
    if (got <= 0)
        return got ? -1 : queue_say(q, q->hold, "the copy did not come back");
    if (queue_ack(q, m->tag)) {
        queue_message_free(&next);
        return -1;
    }
    queue_message_free(m);
    *m = next;
    return 0;
}

int queue_let_go(Queue *q)
{
    if (q->holding) {
        amqp_queue_delete(q->c, OUT, amqp_cstring_bytes(q->hold), 0, 0);
        if (last_bad(q, q->hold))
            return -1;
        q->holding = 0;
    }
    return q->consuming ? 0 : queue_consume(q);
}
