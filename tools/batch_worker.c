#include "batch_worker.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the parent's side ----------------------------------------------------------------- */

static int close_on_exec(int fd) { return fcntl(fd, F_SETFD, FD_CLOEXEC); }

int worker_start(Worker *w, const WorkerSetup *s)
{
    int in[2], out[2], n = 0;
    memset(w, 0, sizeof *w);
    char *argv[32] = { (char *)"avalign", (char *)"batch-worker", (char *)s->scratch };
    for (n = 3; s->args[n - 3] && n < 31; n++)
        argv[n] = s->args[n - 3];
    if (pipe(in))
        return -1;
    if (pipe(out)) {
        close(in[0]);
        close(in[1]);
        return -1;
    }
    close_on_exec(in[1]);
    close_on_exec(out[0]);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* when the parent is killed nothing goes on in the dark */
        if (getppid() != parent)
            _exit(EXIT_INTERNAL);
        setpgid(0, 0); /* Ctrl-C is the parent's to handle */
        if (s->memory_mb > 0) {
            rlim_t most = (rlim_t)s->memory_mb << 20;
            setrlimit(RLIMIT_DATA, &(struct rlimit){ most, most });
        }
        dup2(in[0], 0);
        dup2(out[1], 1);
        close(in[0]);
        close(out[1]);
        execv(s->exe, argv);
        _exit(EXIT_INTERNAL);
    }
    close(in[0]);
    close(out[1]);
    if (pid < 0) {
        close(in[1]);
        close(out[0]);
        return -1;
    }
    w->pid = pid;
    w->to = in[1];
    w->from = out[0];
    return 0;
}

int worker_give(Worker *w, int64_t id, const char *path)
{
    char head[32];
    int n = snprintf(head, sizeof head, "%lld ", (long long)id);
    size_t size = strlen(path) + 1; /* with the 0 that ends it: a path may hold any other byte */
    w->file = id;
    w->n = 0;
    clock_gettime(CLOCK_MONOTONIC, &w->since);
    return write(w->to, head, (size_t)n) == n && write(w->to, path, size) == (ssize_t)size ? 0 : -1;
}

int worker_hear(Worker *w, int *exit_code)
{
    ssize_t got = read(w->from, w->line + w->n, sizeof w->line - 1 - w->n);
    if (got <= 0)
        return got < 0 && errno == EINTR ? 0 : -1;
    w->n += (size_t)got;
    w->line[w->n] = 0;
    if (!strchr(w->line, '\n'))
        return w->n + 1 == sizeof w->line ? -1 : 0;
    *exit_code = (int)strtol(w->line, NULL, 10);
    w->n = 0;
    return 1;
}

void worker_end(Worker *w, int kill_it, char why[96])
{
    int status = 0;
    *why = 0;
    if (!w->pid)
        return;
    close(w->to);
    if (kill_it)
        kill(w->pid, SIGKILL);
    while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
        ;
    close(w->from);
    if (WIFSIGNALED(status))
        snprintf(why, 96, "the process died of signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status))
        snprintf(why, 96, "the process ended with code %d", WEXITSTATUS(status));
    w->pid = 0;
    w->file = 0;
}

/* ---- the worker's side ----------------------------------------------------------------- */

typedef struct Job {
    const char *scratch, *only, *policy;
    int html, threads;
    AvalignModels *models;
} Job;

static int write_to(void *cookie, const char *bytes, size_t n) { return fwrite(bytes, 1, n, cookie) == n ? 0 : -1; }

static FILE *scratch_file(const Job *j, long long id, const char *ext)
{
    char path[4300];
    snprintf(path, sizeof path, "%s/%lld.%s", j->scratch, id, ext);
    return fopen(path, "wb");
}

/* Whole, synced to disk. */
static int put(const Job *j, long long id, const char *ext, int (*body)(FILE *f, void *cookie), void *cookie)
{
    FILE *f = scratch_file(j, id, ext);
    int bad = !f || body(f, cookie);
    if (f)
        bad |= fflush(f) != 0 || fsync(fileno(f)) != 0;
    return (f && fclose(f)) || bad ? -1 : 0;
}

static int put_json(FILE *f, void *r) { return avalign_result_write(r, AVALIGN_JSON, write_to, f); }
static int put_page(FILE *f, void *r) { return avalign_result_write_page(r, NULL, write_to, f); }
static int put_text(FILE *f, void *s) { return fputs(s, f) < 0; }

static int judge(const Job *j, long long id, const char *path)
{
    AvalignConfig cfg;
    AvalignContext *c = NULL;
    AvalignResult *r = NULL;
    char why[320];
    avalign_config_init(&cfg, sizeof cfg);
    cfg.analyzers = j->only;
    cfg.policy = j->policy;
    cfg.n_threads = (unsigned)j->threads;
    int rc = avalign_open(&c, j->models, &cfg), code;
    if (!rc)
        rc = avalign_analyze_path(c, path, &r);
    if (rc) {
        const AvalignErrorInfo *e = c ? avalign_last_error(c) : NULL;
        snprintf(why, sizeof why, "%s: %s", e ? e->stage : "open", e ? e->message : avalign_strerror(rc));
        put(j, id, "err", put_text, why);
        code = tool_exit_code(rc);
    } else {
        int flagged = avalign_result_flagged(r);
        code = flagged < 0 ? EXIT_UNJUDGED : flagged ? EXIT_FLAGGED : EXIT_CLEAR;
        AvalignErrorInfo e;
        if (j->html)
            avalign_result_pictures(r, path, &e);
        if ((j->html && put(j, id, "html", put_page, r)) || put(j, id, "json", put_json, r)) {
            snprintf(why, sizeof why, "output: %s; free space", strerror(errno));
            put(j, id, "err", put_text, why);
            code = EXIT_INTERNAL;
        }
    }
    avalign_result_free(&r);
    avalign_close(&c);
    return code;
}

/* "ID PATH\0" from standard input; 0 at the end. */
static int request(long long *id, char *path, size_t room)
{
    size_t n = 0;
    int c;
    while ((c = getchar()) != EOF && c && n + 1 < room)
        path[n++] = (char)c;
    path[n] = 0;
    char *end;
    *id = strtoll(path, &end, 10);
    if (c == EOF || *end != ' ')
        return 0;
    memmove(path, end + 1, strlen(end + 1) + 1);
    return 1;
}

int cmd_batch_worker(int argc, char **argv)
{
    static const struct option longs[] = { { "only", 1, NULL, 'o' }, { "policy", 1, NULL, 'p' }, { "models", 1, NULL, 'd' }, { "threads", 1, NULL, 't' },
                                           { "html", 0, NULL, 'w' }, { NULL, 0, NULL, 0 } };
    Job j = { .threads = 1 };
    const char *models = NULL;
    for (int c; (c = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        switch (c) {
        case 'o': j.only = optarg; break;
        case 'p': j.policy = optarg; break;
        case 'd': models = optarg; break;
        case 't': j.threads = (int)strtol(optarg, NULL, 10); break;
        case 'w': j.html = 1; break;
        default: return EXIT_INPUT;
        }
    }
    if (optind + 1 != argc)
        return EXIT_INPUT;
    j.scratch = argv[optind];
    int code = EXIT_CLEAR;
    static char path[8192];
    if (!(j.models = tool_models(models, &code)))
        return code;
    for (long long id; request(&id, path, sizeof path);) {
        printf("%d\n", judge(&j, id, path));
        if (fflush(stdout))
            break;
    }
    avalign_models_free(&j.models);
    return EXIT_CLEAR;
}
