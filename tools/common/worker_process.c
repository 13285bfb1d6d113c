/* worker_process.c -- both sides of a process that judges one file after the other. */
#include "common/worker_process.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/output.h"
#include "common/sandbox.h"
#include "common/signals.h"
#include "common/verification.h"

enum { PACKET = 1 << 16, MAX_NAME = 8192, READY = -1, PROGRESS = -2 };
static const uint64_t most = (uint64_t)1 << 30; /* of an answer; a process that was taken over could claim any size */

typedef struct Head { /* the first packet of an answer; the texts follow */
    int32_t code;
    uint64_t size[4]; /* PROGRESS: thousandths in the first, 1001 where the length is not known */
} Head;

/* ---- the parent's side ----------------------------------------------------------------- */

enum { MAX_ARGUMENTS = 64 };

/* The command line of the process: what is passed on, and what is of this machine. 0 or -1. */
static int arguments(const Options *o, const char *argv[MAX_ARGUMENTS], char room[MAX_ARGUMENTS][64])
{
    size_t i = 0, n = 0, k = 0;
    const char *value;
    char digits[32];
    argv[n++] = "avalign";
    argv[n++] = commands[CMD_WORKER_PROCESS].name;
    for (const Option *row; (row = options_next_passed(o, &i, &value, digits)) != NULL;) {
        if (n + 14 > MAX_ARGUMENTS)
            return -1;
        snprintf(room[k], sizeof room[k], "--%s", row->name);
        argv[n++] = room[k++];
        if (row->kind == OPTION_FLAG)
            continue;
        if (value == digits) {
            snprintf(room[k], sizeof room[k], "%s", digits);
            value = room[k++];
        }
        argv[n++] = value;
    }
    snprintf(room[k], sizeof room[k], "%ld", o->threads > 0 ? o->threads : 1);
    argv[n++] = "--threads";
    argv[n++] = room[k];
    if (o->models) {
        argv[n++] = "--models";
        argv[n++] = o->models;
    }
    if (o->sandbox)
        argv[n++] = "--sandbox";
    if (o->all_marks)
        argv[n++] = "--all-marks";
    if (o->people)
        argv[n++] = "--people";
    argv[n] = NULL;
    return 0;
}

int process_check(Options *o, int *exit_code)
{
    AvalignConfig cfg;
    AvalignContext *c = NULL;
    *exit_code = EXIT_INTERNAL;
    if (options_config(o, &cfg))
        return -1;
    AvalignModels *m = tool_models(o->models, exit_code);
    if (!m)
        return -1;
    AvalignErrorInfo e;
    int rc = avalign_open(&c, m, &cfg, &e);
    if (rc) {
        tool_error(NULL, &e);
        *exit_code = tool_exit_code(rc);
    }
    avalign_close(&c);
    avalign_models_free(&m);
    return rc ? -1 : 0;
}

int process_start(WorkerProcess *j, const Options *o)
{
    int pair[2];
    const char *argv[MAX_ARGUMENTS];
    char room[MAX_ARGUMENTS][64];
    memset(j, 0, sizeof *j);
    errno = E2BIG;
    if (arguments(o, argv, room))
        return -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
        return -1;
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* when the parent is killed nothing goes on in the dark */
        if (getppid() != parent)
            _exit(EXIT_INTERNAL);
        setpgid(0, 0); /* Ctrl-C is the parent's to handle */
        signals_restore();
        if (o->memory > 0) {
            rlim_t limit = (rlim_t)o->memory << 20;
            setrlimit(RLIMIT_DATA, &(struct rlimit){ limit, limit });
        }
        dup2(pair[1], 0);
        execv("/proc/self/exe", (char *const *)argv);
        _exit(EXIT_INTERNAL);
    }
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        return -1;
    }
    j->pid = pid;
    j->fd = pair[0];
    return 0;
}

int process_give(WorkerProcess *j, int64_t id, const char *path, ProcessAnswer *a)
{
    char why[160];
    int fd = tool_open(strcmp(path, "-") ? path : "./-", why);
    if (fd < 0) {
        *a = (ProcessAnswer){ .exit_code = EXIT_INPUT, .error = strdup(why) };
        return -1;
    }
    return process_give_open(j, id, path, fd);
}

int process_give_open(WorkerProcess *j, int64_t id, const char *path, int fd)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = { .head = { .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int)) } };
    memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
    struct iovec io = { (void *)path, strlen(path) + 1 };
    struct msghdr m = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room };
    ssize_t sent = sendmsg(j->fd, &m, MSG_NOSIGNAL);
    close(fd);
    if (sent < 0)
        return -2;
    j->file = id;
    j->done = 0;
    clock_gettime(CLOCK_MONOTONIC, &j->since);
    return 0;
}

static char *part(const WorkerProcess *j, uint64_t at, uint64_t n)
{
    char *s = n ? malloc(n + 1) : NULL;
    if (s) {
        memcpy(s, j->text + at, n);
        s[n] = 0;
    }
    return s;
}

/* One packet: 1 an answer is whole, 0 not yet, -1 nonsense. */
static int packet(WorkerProcess *j, const char *p, size_t n)
{
    if (!j->heading) {
        Head h;
        if (n != sizeof h)
            return -1;
        memcpy(&h, p, sizeof h);
        if (h.code == READY) {
            j->ready = 1;
            return 0;
        }
        if (h.code == PROGRESS) {
            j->done = h.size[0] <= 1000 ? (double)h.size[0] / 1000 : -1;
            return 0;
        }
        if (!j->file || h.size[0] > most || h.size[1] > most || h.size[2] > most || h.size[3] > most)
            return -1;
        j->code = h.code;
        memcpy(j->size, h.size, sizeof j->size);
        j->total = h.size[0] + h.size[1] + h.size[2] + h.size[3];
        j->n = 0;
        j->heading = 1;
        if (!(j->text = malloc(j->total + 1)))
            return -1;
    } else if (n > j->total - j->n) {
        return -1;
    } else {
        memcpy(j->text + j->n, p, n);
        j->n += n;
    }
    return j->n == j->total;
}

int process_hear(WorkerProcess *j, ProcessAnswer *a)
{
    static _Thread_local char room[PACKET]; /* serve hears from several threads */
    for (;;) {
        ssize_t n = recv(j->fd, room, sizeof room, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return 0;
        int got = n <= 0 ? -1 : packet(j, room, (size_t)n);
        if (got < 0)
            return -1;
        if (got) {
            const uint64_t *z = j->size;
            *a = (ProcessAnswer){ j->code, part(j, 0, z[0]), part(j, z[0], z[1]), part(j, z[0] + z[1], z[2]), part(j, z[0] + z[1] + z[2], z[3]) };
            free(j->text);
            j->text = NULL;
            j->heading = 0;
            j->file = 0;
            return 1;
        }
    }
}

double process_seconds(const WorkerProcess *j) { return tool_seconds_since(&j->since); }

void process_end(WorkerProcess *j, int kill_it, char why[96])
{
    int status = 0;
    *why = 0;
    if (!j->pid)
        return;
    close(j->fd); /* an idle one leaves by itself */
    if (kill_it)
        kill(j->pid, SIGKILL);
    while (waitpid(j->pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFSIGNALED(status))
        snprintf(why, 96, "the process died of signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status))
        snprintf(why, 96, "the process ended with code %d", WEXITSTATUS(status));
    free(j->text);
    memset(j, 0, sizeof *j);
}

void process_answer_free(ProcessAnswer *a)
{
    free(a->json);
    free(a->page);
    free(a->error);
    free(a->marks);
    memset(a, 0, sizeof *a);
}

/* ---- the process's side ---------------------------------------------------------------- */

typedef struct Job {
    AvalignConfig cfg;
    AvalignModels *models;
    int html, all_marks, people;
    AvalignResult *kept[JUDGE_MAX_CLIPS];
    size_t n_kept;
} Job;

enum { PAGE = 0 }; /* no AvalignFormat */

typedef struct Written {
    const AvalignResult *r;
    int format; /* or PAGE */
} Written;

static int put_format(const void *what, FILE *f)
{
    const Written *w = what;
    return w->format == PAGE ? avalign_result_write_page(w->r, NULL, tool_write_file, f, NULL) : avalign_result_write(w->r, (AvalignFormat)w->format, tool_write_file, f, NULL);
}

static char *text_of(const AvalignResult *r, int format, size_t *n) { return output_text(put_format, &(Written){ r, format }, n); }

/* All formats that this result has, as one JSON text. NULL: out of memory. */
static char *marks_of(const AvalignResult *r, size_t *n)
{
    json_t *doc = json_object();
    for (size_t k = 0; k < OPTIONS_MARKS; k++) {
        size_t size;
        char *text = text_of(r, (int)option_marks[k].format, &size);
        if (text) /* else a format of the words, and there are none */
            json_object_set_new(doc, option_marks[k].name, json_stringn(text, size));
        free(text);
    }
    char *out = json_dumps(doc, JSON_COMPACT);
    json_decref(doc);
    *n = out ? strlen(out) : 0;
    return out;
}

static int worker_process_tell(const void *bytes, size_t n);

/* How far it has come, to the parent, a hundred times at most. */
static void tell_progress(void *cookie, double done, int64_t at_us)
{
    uint64_t *last = cookie, now = done >= 0 && done <= 1 ? (uint64_t)(done * 1000) : 1001;
    (void)at_us;
    if (now >= *last + 10) {
        *last = now;
        worker_process_tell(&(Head){ .code = PROGRESS, .size = { now } }, sizeof(Head));
    }
}

static void worker_process_analyze(Job *j, int fd, const char *name, ProcessAnswer *a, size_t n[4])
{
    AvalignContext *c = NULL;
    AvalignResult *r = NULL;
    AvalignErrorInfo e;
    char why[320] = "";
    uint64_t told = 0;
    AvalignReader in = tool_reader(&fd, name);
    AvalignConfig cfg = j->cfg;
    cfg.progress = tell_progress;
    cfg.cookie = &told;
    int rc = avalign_open(&c, j->models, &cfg, &e);
    if (!rc)
        rc = avalign_analyze_reader(c, &in, &r);
    if (rc) {
        const AvalignErrorInfo *said = c ? avalign_last_error(c) : &e;
        snprintf(why, sizeof why, "%s: %s", said->stage, said->message);
        a->exit_code = tool_exit_code(rc);
    } else if (j->people) {
        a->json = j->n_kept < JUDGE_MAX_CLIPS ? strdup("{}") : NULL;
        if (a->json) {
            n[0] = 2;
            j->kept[j->n_kept++] = r;
            r = NULL;
        }
    } else {
        int flagged = avalign_result_flagged(r);
        a->exit_code = flagged < 0 ? EXIT_UNJUDGED : flagged ? EXIT_FLAGGED : EXIT_CLEAR;
        if (j->html)
            avalign_result_add_thumbnails_reader(r, &in, &e);
        a->json = text_of(r, AVALIGN_JSON, &n[0]);
        a->page = j->html ? text_of(r, PAGE, &n[1]) : NULL;
        a->marks = j->all_marks ? marks_of(r, &n[3]) : NULL;
        if (!a->json || (j->html && !a->page) || (j->all_marks && !a->marks)) {
            snprintf(why, sizeof why, "output: out of memory; allow more with --memory");
            a->exit_code = EXIT_INTERNAL;
            n[0] = n[1] = n[3] = 0;
        }
    }
    a->error = *why ? strdup(why) : NULL;
    n[2] = a->error ? strlen(why) : 0;
    avalign_result_free(&r);
    avalign_close(&c);
}

/* A whole open file; in the sandbox its size can't be asked for. */
static char *slurp_fd(int fd, size_t *size)
{
    char *s = NULL, room[4096];
    FILE *f = open_memstream(&s, size);
    for (ssize_t n; f && (n = read(fd, room, sizeof room)) > 0 && ftell(f) < 1 << 24;)
        fwrite(room, 1, (size_t)n, f);
    if (f)
        fclose(f);
    return s;
}

/* What is asked of the clips that were kept. */
static void worker_process_people(const Job *j, int fd, const char *what, ProcessAnswer *a, size_t n[4])
{
    AvalignErrorInfo e = { .stage = "reference", .message = "out of memory" };
    AvalignVerification v;
    char *text = NULL, why[320];
    if (!strncmp(what, "enroll ", 7)) {
        if (avalign_reference_create((const AvalignResult *const *)j->kept, j->n_kept, what + 7, NULL, 0, &text, &e) == 0)
            a->json = strdup(text);
        avalign_reference_free(&text);
    } else {
        size_t size = 0;
        text = slurp_fd(fd, &size);
        if (text && j->n_kept && avalign_reference_verify(text, size, NULL, 0, j->kept[0], &v, &e) == 0) {
            json_t *doc = verification_json("", &v);
            a->json = doc ? json_dumps(doc, JSON_COMPACT | JSON_REAL_PRECISION(9)) : NULL;
            json_decref(doc);
        }
        free(text);
    }
    snprintf(why, sizeof why, "%s: %s", e.stage, e.message);
    a->error = a->json ? NULL : strdup(why);
    n[0] = a->json ? strlen(a->json) : 0;
    n[2] = a->error ? strlen(a->error) : 0;
}

static int worker_process_tell(const void *bytes, size_t n)
{
    for (const char *p = bytes; n;) {
        size_t now = n < PACKET ? n : PACKET;
        if (send(0, p, now, MSG_NOSIGNAL) != (ssize_t)now)
            return -1;
        p += now;
        n -= now;
    }
    return 0;
}

/* The next file and its name; -1 at the end. */
static int request(char name[MAX_NAME])
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec io = { name, MAX_NAME - 1 };
    struct msghdr m = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room };
    ssize_t n;
    do
        n = recvmsg(0, &m, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    struct cmsghdr *h = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
    int fd = -1;
    if (h && h->cmsg_type == SCM_RIGHTS)
        memcpy(&fd, CMSG_DATA(h), sizeof fd);
    name[n > 0 ? n : 0] = 0;
    return fd;
}

int cmd_worker_process(Options *o)
{
    static char name[MAX_NAME];
    Job j = { .html = o->page, .all_marks = o->all_marks, .people = o->people };
    int code = EXIT_CLEAR;
    if (options_config(o, &j.cfg))
        return EXIT_INTERNAL;
    AvalignContext *c = NULL;
    if (!(j.models = tool_models(o->models, &code)))
        return code;
    AvalignErrorInfo e;
    if (o->people) {
        j.cfg.analyzers = "speaker";
        avalign_models_set_speaker_id(j.models);
    }
    int rc = avalign_open(&c, j.models, &j.cfg, &e);
    if (!rc)
        rc = avalign_preload(c);
    if (rc)
        tool_error(NULL, c ? avalign_last_error(c) : &e);
    avalign_close(&c);
    if (!rc && o->sandbox)
        rc = tool_sandbox();
    if (!rc && worker_process_tell(&(Head){ .code = READY }, sizeof(Head)) == 0)
        for (int fd; (fd = request(name)) >= 0;) {
            ProcessAnswer a = { 0 };
            size_t n[4] = { 0, 0, 0, 0 };
            if (j.people && *name == 1)
                worker_process_people(&j, fd, name + 1, &a, n);
            else
                worker_process_analyze(&j, fd, name, &a, n);
            Head h = { a.exit_code, { n[0], n[1], n[2], n[3] } };
            int gone = worker_process_tell(&h, sizeof h) || worker_process_tell(a.json, n[0]) || worker_process_tell(a.page, n[1]) || worker_process_tell(a.error, n[2]) || worker_process_tell(a.marks, n[3]);
            process_answer_free(&a);
            close(fd);
            if (gone)
                break;
        }
    for (size_t i = 0; i < j.n_kept; i++)
        avalign_result_free(&j.kept[i]);
    tool_models_end(&j.models);
    return rc ? EXIT_INTERNAL : EXIT_CLEAR;
}
