/* cmd_submit.c -- avalign submit: files as jobs for workers. */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "queue/queue.h"
#include "queue/queue_job.h"
#include "common/tool.h"

static const char help[] =
    "usage: avalign submit DIR|LIST|- --queue amqp://HOST [options]\n\n"
    "Puts each media file of DIR, or each path of a list, into a RabbitMQ queue for `avalign worker`. Workers must see the files under\n"
    "the same paths. Safe to repeat: a job is known by the file's content and the settings. See docs/queue.md.\n\n"
    "  --queue URL          amqp://HOST[:PORT][/VHOST], amqps:// for TLS (default: AVALIGN_QUEUE)\n"
    "  --credentials FILE   user=, password=, ca=, cert=, key= (default: AVALIGN_AMQP_USER, AVALIGN_AMQP_PASSWORD ...)\n"
    "  --name NAME          of the queues (default avalign)\n"
    "  --only NAMES, --policy NAME|FILE, --html   as for analyze\n"
    "  --quiet              no count at the end\n\n"
    "Exit codes: 0 the broker has every job for good, 3 some files could not be read, 4 the broker could not be reached.\n";

typedef struct Submit {
    Queue *queue;
    JudgeSetup setup;
    json_t *seen; /* by id */
    long long sent, same, bad;
} Submit;

static int send_one(void *cookie, const char *path)
{
    Submit *s = cookie;
    char hex[65], id[65], why[160];
    char *whole = realpath(path, NULL);
    int fd = tool_open(whole ? whole : path, why);
    if (fd < 0 || !whole || tool_hash_fd(fd, hex)) {
        fprintf(stderr, "avalign: %s: %s\n", path, fd < 0 ? why : strerror(errno));
        s->bad++;
    } else {
        char *body = queue_job_write(&s->setup, whole, hex, id);
        if (!body) {
            fprintf(stderr, "avalign: %s: list: the path is no UTF-8; rename it\n", path);
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

int cmd_submit(int argc, char **argv)
{
    static const struct option longs[] = { { "queue", 1, NULL, 'Q' }, { "credentials", 1, NULL, 'c' }, { "name", 1, NULL, 'n' }, { "only", 1, NULL, 'o' },
                                           { "policy", 1, NULL, 'p' }, { "html", 0, NULL, 'w' }, { "quiet", 0, NULL, 'q' }, { "help", 0, NULL, 'h' }, { NULL, 0, NULL, 0 } };
    static QueueSetup setup;
    Submit s = { 0 };
    char why[QUEUE_WHY], *policy_text = NULL;
    int quiet = 0;
    setup.url = getenv("AVALIGN_QUEUE");
    for (int c; (c = getopt_long(argc, argv, "qh", longs, NULL)) != -1;) {
        switch (c) {
        case 'Q': setup.url = optarg; break;
        case 'c': setup.credentials = optarg; break;
        case 'n': setup.name = optarg; break;
        case 'o': s.setup.only = optarg; break;
        case 'p': s.setup.policy = optarg; break;
        case 'w': s.setup.html = 1; break;
        case 'q': quiet = 1; break;
        case 'h': fputs(help, stdout); return EXIT_CLEAR;
        default: fprintf(stderr, "see avalign submit --help\n"); return EXIT_INPUT;
        }
    }
    if (optind + 1 != argc) {
        fprintf(stderr, "avalign: submit needs one DIR or LIST; see avalign submit --help\n");
        return EXIT_INPUT;
    }
    if (queue_setup(&setup) || tool_policy(&s.setup.policy, &policy_text))
        return EXIT_INPUT;
    int code = EXIT_INTERNAL;
    s.seen = json_object();
    if (!(s.queue = queue_open(&setup, why))) {
        fprintf(stderr, "avalign: %s: %s\n", setup.url, why);
    } else {
        int rc = files_each(argv[optind], send_one, &s);
        code = rc == -2 ? EXIT_INTERNAL : rc || s.bad ? EXIT_INPUT : EXIT_CLEAR;
        if (!quiet)
            fprintf(stderr, "%lld submitted, %lld of the same content left out, %lld unreadable\n", s.sent, s.same, s.bad);
    }
    queue_close(&s.queue);
    json_decref(s.seen);
    free(policy_text);
    return code;
}
