/* tool.c -- what the commands share: errors in one line, models, policies, whole files, hashes. */
#include "common/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/output.h"
#include "common/sandbox.h"
#include "common/signals.h"

void tool_clean(const char *s, FILE *f)
{
    for (; *s; s++)
        fputc((unsigned char)*s < 0x20 || *s == 0x7f ? '?' : *s, f);
}

void tool_error(const char *file, const AvalignErrorInfo *e)
{
    static const AvalignErrorInfo none = { .code = AVALIGN_ERR_NOMEM, .stage = "open", .message = "out of memory" };
    e = e ? e : &none; /* of a context that could not even be made */
    fprintf(stderr, "avalign: ");
    if (file)
        tool_clean(file, stderr);
    fprintf(stderr, "%s%s: %s\n", file ? ": " : "", e->stage && *e->stage ? e->stage : "error",
            *e->message ? e->message : avalign_strerror(e->code));
}

int tool_complain(const char *what, const char *why)
{
    fprintf(stderr, "avalign: ");
    tool_clean(what, stderr);
    fprintf(stderr, ": ");
    tool_clean(why, stderr);
    fprintf(stderr, "\n");
    return -1;
}

int tool_say(const char *what, const char *format, ...)
{
    char text[10000]; /* two paths and a sentence */
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    return tool_complain(what, text);
}

int tool_exit_code(int error)
{
    switch (error) {
    case AVALIGN_ERR_NOMEM:
    case AVALIGN_ERR_INFER:
    case AVALIGN_ERR_CANCELLED:
    case AVALIGN_ERR_VERSION: return EXIT_INTERNAL;
    default: return signals_stopped() ? EXIT_INTERNAL : EXIT_INPUT;
    }
}

static int has_manifest(const char *dir)
{
    char path[4352];
    snprintf(path, sizeof path, "%s/manifest.json", dir);
    return access(path, R_OK) == 0;
}

static const char *find_models(const char *given, char room[4096])
{
    const char *env = getenv("AVALIGN_MODELS");
    if (given)
        return given;
    if (env && *env)
        return env;
    static const char *const beside[] = { "/../share/avalign/models", "/../models" };
    char exe[3072];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (n > 0) {
        exe[n] = 0;
        char *slash = strrchr(exe, '/');
        if (slash)
            *slash = 0;
        for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
            snprintf(room, 4096, "%s%s", exe, beside[i]);
            if (has_manifest(room))
                return room;
        }
    }
    return AVALIGN_MODEL_DIR;
}

AvalignModels *tool_models(const char *dir, int *exit_code)
{
    char room[4096], cache[4096];
    AvalignModelsConfig cfg = { .struct_size = sizeof cfg, .cache_dir = avalign_cache_dir(cache, sizeof cache) ? NULL : cache, .phone_dir = getenv("AVALIGN_POCKETSPHINX") };
    AvalignModels *m = NULL;
    AvalignErrorInfo e;
    int rc = avalign_models_load(&m, find_models(dir, room), &cfg, &e);
    if (rc) {
        tool_error(NULL, &e);
        *exit_code = tool_exit_code(rc);
    }
    return m;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { LOOKED_AT = 1 };
#else
enum { LOOKED_AT = 0 };
#endif

void tool_models_end(AvalignModels **m)
{
    if (LOOKED_AT)
        avalign_models_free(m);
    *m = NULL;
}

int tool_end(int code)
{
    fflush(NULL);
    if (!LOOKED_AT)
        _exit(code); /* past what libraries do then, which would take the nets apart after all */
    return code;
}

int tool_policy(const char *value, const char **policy, char **text, char why[256])
{
    AvalignErrorInfo e;
    size_t n;
    *text = NULL;
    if (avalign_policy_check(value, &e) == 0) {
        *policy = value;
        return 0;
    }
    if (*value == '{') {
        snprintf(why, 256, "takes a policy's name or document: %.200s", e.message);
        return -1;
    }
    if (!(*text = tool_slurp_text(value, &n))) {
        snprintf(why, 256, "takes seed, calibrated or a file that can be read: %s; check the path", strerror(errno));
        return -1;
    }
    const char *start = *text + strspn(*text, " \t\r\n");
    if (*start == '{' && strlen(*text) == n && avalign_policy_check(start, &e) == 0) {
        *policy = start;
        return 0;
    }
    snprintf(why, 256, "takes a policy's name or document: %.200s", *start == '{' && strlen(*text) == n ? e.message : "this file is no JSON document; see docs/policy.schema.json");
    free(*text);
    *text = NULL;
    return -1;
}

/* How many bytes the character at p takes; 0: none starts there. */
static size_t character(const char *p)
{
    size_t left = strlen(p), n = 0;
    for (size_t k = 1; k <= 4 && k <= left && !n; k++) {
        json_t *j = json_stringn(p, k);
        n = j ? k : 0;
        json_decref(j);
    }
    return n;
}

json_t *tool_json_text(const char *s)
{
    json_t *j = json_string(s);
    char *copy = j ? NULL : strdup(s);
    for (char *p = copy; p && *p;) {
        size_t n = character(p);
        if (!n)
            *p = '?';
        p += n ? n : 1;
    }
    j = copy ? json_string(copy) : j;
    free(copy);
    return j;
}

int tool_print_json(json_t *line)
{
    char *text = line ? json_dumps(line, JSON_REAL_PRECISION(9)) : NULL;
    json_decref(line);
    int rc = !text ? tool_complain("output", "out of memory") : puts(text) < 0 ? -1 : 0;
    free(text);
    return rc;
}

char *tool_slurp(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    size_t n = 0, room = 1 << 16, got;
    char *s = malloc(room);
    while (s && (got = fread(s + n, 1, room - n, f)) > 0) {
        n += got;
        if (n == room) {
            char *t = n > TOOL_LARGEST ? NULL : realloc(s, room *= 2);
            if (!t)
                free(s);
            if (n > TOOL_LARGEST)
                errno = EFBIG;
            s = t;
        }
    }
    if (s && ferror(f)) {
        free(s);
        s = NULL;
    }
    int saved = errno;
    fclose(f);
    errno = saved;
    if (s)
        s[n] = 0; /* room > n always */
    *size = n;
    return s;
}

char *tool_slurp_text(const char *path, size_t *size)
{
    char *s = tool_slurp(path, size);
    if (s && *size >= 3 && !memcmp(s, "\xef\xbb\xbf", 3))
        memmove(s, s + 3, (*size -= 3) + 1);
    return s;
}

/* A pipe may never deliver: the first signal ends the wait. */
static int64_t read_fd(void *cookie, uint8_t *buf, size_t n)
{
    struct pollfd p[2] = { { .fd = *(int *)cookie, .events = POLLIN }, { .fd = signals_fd(), .events = POLLIN } };
    for (;;) {
        if (poll(p, 2, -1) < 0 && errno != EINTR)
            return -1;
        if (signals_stopped())
            return -1;
        if (!p[0].revents)
            continue;
        ssize_t got = read(*(int *)cookie, buf, n);
        if (got >= 0 || (errno != EINTR && errno != EAGAIN))
            return got;
    }
}

static int64_t seek_fd(void *cookie, int64_t off, int whence) { return lseek(*(int *)cookie, off, whence); }

int tool_check_open(int fd, char why[160])
{
    struct stat st;
    if (fstat(fd, &st))
        snprintf(why, 160, "open: %s; check the path", strerror(errno));
    else if (S_ISDIR(st.st_mode))
        snprintf(why, 160, "open: is a directory; name one media file");
    else if (!S_ISREG(st.st_mode))
        snprintf(why, 160, "open: is no regular file; name a media file");
    else if (st.st_size == 0)
        snprintf(why, 160, "open: the file is empty; copy it again");
    else
        return fd;
    close(fd);
    return -1;
}

int tool_open(const char *path, char why[160])
{
    if (!strcmp(path, "-"))
        return STDIN_FILENO;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0)
        return tool_check_open(fd, why);
    snprintf(why, 160, "open: %s; check the path", strerror(errno));
    return -1;
}

AvalignReader tool_reader(int *fd, const char *name)
{
    int seekable = lseek(*fd, 0, SEEK_CUR) >= 0; /* unlike fstat(), allowed in the sandbox */
    return (AvalignReader){ .cookie = fd, .read = read_fd, .seek = seekable ? seek_fd : NULL, .name = name };
}

int tool_analyze(AvalignContext *c, const char *path, AvalignResult **out)
{
    int fd = STDIN_FILENO, rc;
    AvalignReader r = tool_reader(&fd, NULL);
    signals_add(c);
    rc = strcmp(path, "-") ? avalign_analyze_path(c, path, out) : avalign_analyze_reader(c, &r, out);
    signals_remove(c);
    return rc;
}

double tool_seconds_since(const struct timespec *t)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - t->tv_sec) + (double)(now.tv_nsec - t->tv_nsec) / 1e9;
}

int tool_sandbox(void)
{
    if (sandbox_enter() == 0)
        return 0;
    fprintf(stderr, "avalign: sandbox: %s; this kernel or container has no seccomp filters, go on without with --no-sandbox\n", strerror(errno));
    return -1;
}

void tool_sha256_end(struct sha256_ctx *h, char hex[65])
{
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_digest(h, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        sprintf(hex + 2 * i, "%02x", digest[i]);
}

int tool_hash_fd(int fd, char hex[65])
{
    static uint8_t buf[1 << 16];
    struct sha256_ctx h;
    ssize_t n;
    sha256_init(&h);
    while ((n = read(fd, buf, sizeof buf)) > 0)
        sha256_update(&h, (size_t)n, buf);
    tool_sha256_end(&h, hex);
    return n < 0 ? -1 : 0;
}

int tool_hash_file(const char *path, char hex[65])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), rc = fd < 0 ? -1 : tool_hash_fd(fd, hex);
    tool_close(fd);
    return rc;
}

void tool_close(int fd)
{
    if (fd > STDIN_FILENO)
        close(fd);
}

int tool_write_file(void *file, const char *bytes, size_t n) { return fwrite(bytes, 1, n, file) == n ? 0 : -1; }

static int tool_put_result(const void *r, FILE *f) { return avalign_result_write(r, AVALIGN_JSON, tool_write_file, f, NULL); }

json_t *tool_result_document(const AvalignResult *r, char **as_text, size_t *n_text)
{
    size_t n;
    char *text = output_text(tool_put_result, r, &n);
    json_t *doc = text ? json_loadb(text, n, 0, NULL) : NULL;
    if (!doc || !as_text) {
        free(text);
        text = NULL;
    }
    if (as_text) {
        *as_text = text;
        *n_text = n;
    }
    return doc;
}

json_t *tool_analyze_to_json(AvalignModels *models, const AvalignConfig *cfg, const char *path, int *code)
{
    AvalignContext *c = NULL;
    AvalignResult *r = NULL;
    AvalignErrorInfo e;
    int rc = avalign_open(&c, models, cfg, &e);
    if (!rc && (rc = tool_analyze(c, path, &r)) != 0)
        e = *avalign_last_error(c);
    json_t *doc = rc ? NULL : tool_result_document(r, NULL, NULL);
    if (!doc) {
        tool_error(path, rc ? &e : NULL);
        *code = rc ? tool_exit_code(rc) : EXIT_INTERNAL;
    }
    avalign_result_free(&r);
    avalign_close(&c);
    return doc;
}
