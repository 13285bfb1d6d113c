/* main.c -- avalign, the command-line tool. */
#ifdef __linux__
#include <malloc.h>
#endif
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/generate.h"
#include "common/options.h"
#include "common/signals.h"
#include "common/worker_process.h"

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

#ifdef AVALIGN_SERVE
#define SERVE(command) command
#else
#define SERVE(command) NULL
#endif

static const struct {
    int (*run)(Options *o); /* NULL: left out of this build */
    int stopped;            /* the exit code when a signal has to end it */
} runs[CMD_N] = {
    [CMD_ANALYZE] = { cmd_analyze, EXIT_INTERNAL },
    [CMD_EMBED] = { cmd_embed, EXIT_INTERNAL },
    [CMD_ENROLL] = { cmd_enroll, EXIT_INTERNAL },
    [CMD_VERIFY] = { cmd_verify, EXIT_INTERNAL },
    [CMD_EMOTION] = { cmd_emotion, EXIT_INTERNAL },
    [CMD_BATCH] = { BATCH(cmd_batch), EXIT_INPUT },
    [CMD_SUBMIT] = { QUEUE(cmd_submit), EXIT_INTERNAL },
    [CMD_WORKER] = { QUEUE(cmd_worker), EXIT_CLEAR },
    [CMD_QUEUE] = { QUEUE(cmd_queue), EXIT_INTERNAL },
    [CMD_SELFTEST] = { cmd_selftest, EXIT_INTERNAL },
    [CMD_EVAL] = { cmd_eval, EXIT_INTERNAL },
    [CMD_DOCTOR] = { cmd_doctor, EXIT_INTERNAL },
    [CMD_MODELS] = { cmd_models, EXIT_INTERNAL },
    [CMD_FEATURES] = { cmd_features, EXIT_INTERNAL },
    [CMD_FIX] = { cmd_fix, EXIT_INTERNAL },
    [CMD_SERVE] = { SERVE(cmd_serve), EXIT_CLEAR },
    [CMD_WORKER_PROCESS] = { cmd_worker_process, EXIT_INTERNAL },
};

static int usage(FILE *to)
{
    fprintf(to, "avalign %s: do the sound and the picture of a talking-head video belong together?\n\n"
                "usage: avalign COMMAND [options], or avalign FILE to analyze it\n\n", avalign_version());
    for (size_t i = 0; i < CMD_WORKER_PROCESS; i++)
        if (runs[i].run)
            fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fprintf(to, "\navalign COMMAND --help says more. Exit codes: 0 nothing found, 1 flagged,\n"
                "2 too little to judge, 3 unusable input, 4 output or internal error.\n");
    return to == stdout ? EXIT_CLEAR : EXIT_INPUT;
}

static int command(Command c, int argc, char **argv)
{
    Options o;
    if (!runs[c].run) {
        fprintf(stderr, "avalign: %s was left out of this build; configure with -Dbatch=enabled -Dqueue=enabled -Dserve=enabled\n", commands[c].name);
        return EXIT_INPUT;
    }
    if (c == CMD_WORKER)
        signals_take_drain();
    if (c != CMD_WORKER_PROCESS) /* whoever started it ends it */
        signals_start(runs[c].stopped);
    int code = options_parse(c, argc, argv, &o);
    if (code >= 0)
        return code;
    code = runs[c].run(&o);
    options_free(&o);
    return code;
}

int main(int argc, char **argv)
{
#ifdef __GLIBC__ /* big blocks go back to the system as soon as they are free, and threads share what is left: a tenth less memory */
    mallopt(M_MMAP_THRESHOLD, 256 << 10);
    mallopt(M_TRIM_THRESHOLD, 4 << 20);
    mallopt(M_ARENA_MAX, 2);
#endif
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is a write error, reported as such */
    if (argc < 2)
        return usage(stderr);
    if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
        printf("avalign %s\n", avalign_version());
        return EXIT_CLEAR;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help"))
        return usage(stdout);
    if (!strcmp(argv[1], "--generate") && argc == 3) /* of tools/completions/update.sh */
        return generate(argv[2]);
    for (size_t i = 0; i < CMD_N; i++)
        if (!strcmp(argv[1], commands[i].name))
            return tool_end(command((Command)i, argc - 1, argv + 1));
    if (access(argv[1], F_OK) == 0) /* a recording and no command: what everybody wants first */
        return tool_end(command(CMD_ANALYZE, argc, argv));
    fprintf(stderr, "avalign: no command \"");
    tool_clean(argv[1], stderr);
    fprintf(stderr, "\"; see avalign --help\n");
    return EXIT_INPUT;
}
