/* cmd_submit.c -- avalign submit: files as jobs for workers. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/signals.h"
#include "queue/queue.h"
#include "queue/queue_job.h"
#include "common/tool.h"

typedef struct Submit {
    Queue *queue;
    const Options *o;
    json_t *seen; /* by id */
    long long sent, same, bad;
} Submit;

static int send_one(void *cookie, const char *path)
{
    Submit *s = cookie;
    char hex[65], id[65], why[160];
    if (signals_stopped())
        return -2;
    char *whole = realpath(path, NULL);
    int fd = tool_open(whole ? whole : path, why);
    if (fd < 0 || !whole || tool_hash_fd(fd, hex)) {
        tool_say(path, "%s", fd < 0 ? why : strerror(errno));
        s->bad++;
    } else {
        char *body = queue_job_write(s->o, whole, hex, id);
        if (!body) {
            tool_say(path, "list: the path is no UTF-8; rename it");
            s->bad++;
        } else if (json_object_get(s->seen, id)) {
            s->same++;
        } else if (queue_publish(s->queue, QUEUE_JOBS, body, strlen(body), id, NULL)) {
            fprintf(stderr, "avalign: queue: %s; submit again when the broker is back\n", queue_error(s->queue));
            free(body);
            free(whole);
            return -2;
        } else {
            json_object_set_new(s->seen, id, json_true());
            s->sent++;
        }
        free(body);
    }
    tool_close(fd);
    free(whole);
    return 0;
}

int cmd_submit(Options *o)
{
    static QueueSetup setup;
    Submit s = { .o = o };
    char why[QUEUE_WHY];
    if (queue_setup(&setup, o))
        return EXIT_INPUT;
    int code = EXIT_INTERNAL;
    s.seen = json_object();
    if (!(s.queue = queue_open(&setup, why))) {
        tool_say(setup.url, "%s", why);
    } else {
        int rc = files_each(o->operand[0], send_one, &s);
        code = rc == -2 ? EXIT_INTERNAL : rc || s.bad ? EXIT_INPUT : s.sent + s.same ? EXIT_CLEAR : EXIT_UNJUDGED;
        if (code == EXIT_UNJUDGED)
            tool_say(o->operand[0], "there is no file in it to submit; nothing was done");
        else if (!o->quiet && rc != FILES_NO_LIST)
            fprintf(stderr, "%lld submitted, %lld of the same content left out, %lld unreadable%s\n", s.sent, s.same, s.bad,
                    signals_stopped() ? ", stopped by a signal: submit again, what is queued is not queued twice" : "");
    }
    queue_close(&s.queue);
    json_decref(s.seen);
    return code;
}
