/* main.c -- avalign, the command-line tool. */
#include <signal.h>
#include <string.h>

#include "common/worker_process.h"
#include "common/tool.h"

#ifdef AVALIGN_BATCH
#define BATCH(command) command
#else
#define BATCH(command) NULL
#endif
#ifdef AVALIGN_QUEUE
#define QUEUE(command) command
#else
#define QUEUE(command) NULL
#endif

static const struct {
    const char *name, *summary;
    int (*run)(int argc, char **argv); /* NULL: left out of this build */
} commands[] = {
    { "analyze", "judge one video: do its sound and picture belong together?", cmd_analyze },
    { "embed", "print voice or face embeddings: avalign embed voice|face FILE...", cmd_embed },
    { "enroll", "write a reference of a person from genuine clips", cmd_enroll },
    { "verify", "hold a clip against a reference", cmd_verify },
    { "batch", "judge many files, resumable: avalign batch DIR|LIST --out DIR", BATCH(cmd_batch) },
    { "submit", "queue many files for workers on many machines (RabbitMQ)", QUEUE(cmd_submit) },
    { "worker", "judge what is queued", QUEUE(cmd_worker) },
    { "queue", "avalign queue status|collect|dead", QUEUE(cmd_queue) },
    { "selftest", "worse copies of your own file: how stable is the verdict?", cmd_selftest },
    { "eval", "how well the scores tell real from fake on a labelled list", cmd_eval },
    { "doctor", "what is missing, and how to get it", cmd_doctor },
    { "models", "list or verify the nets: avalign models list|verify", cmd_models },
    { "features", "write what the nets see (faces, crops, log-mel) as .npy files", cmd_features },
};

static int usage(FILE *to)
{
    fprintf(to, "avalign %s: do the sound and the picture of a talking-head video belong together?\n\n"
                "usage: avalign COMMAND [options]\n\n", avalign_version());
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (commands[i].run)
            fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fprintf(to, "\navalign COMMAND --help says more. Exit codes: 0 nothing found, 1 flagged,\n"
                "2 too little to judge, 3 unusable input, 4 output or internal error.\n");
    return to == stdout ? EXIT_CLEAR : EXIT_INPUT;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is a write error, reported as such */
    if (argc < 2)
        return usage(stderr);
    if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
        printf("avalign %s\n", avalign_version());
        return EXIT_CLEAR;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help"))
        return usage(stdout);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (!strcmp(argv[1], commands[i].name)) {
            if (commands[i].run)
                return commands[i].run(argc - 1, argv + 1);
            fprintf(stderr, "avalign: %s was left out of this build; configure with -Dbatch=enabled -Dqueue=enabled\n", argv[1]);
            return EXIT_INPUT;
        }
    if (!strcmp(argv[1], "judge")) /* of batch and worker, not for people */
        return cmd_judge(argc - 1, argv + 1);
    fprintf(stderr, "avalign: no command \"%s\"; see avalign --help\n", argv[1]);
    return EXIT_INPUT;
}
