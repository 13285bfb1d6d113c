/* ffmpeg.c -- ffmpeg as a process: its arguments, its last words, and a signal that ends both. */
#define _GNU_SOURCE /* pipe2 */
#include "common/ffmpeg.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/signals.h"
#include "common/tool.h"

enum { MOST = 48 };

char *ffmpeg_url(const char *path)
{
    char *url = malloc(strlen(path) + 6);
    if (url)
        sprintf(url, "file:%s", path);
    return url;
}

const char *ffmpeg_ending(const char *path, const char *otherwise)
{
    const char *dot = strrchr(path, '.');
    return dot && !strchr(dot, '/') && strlen(dot) < 16 ? dot : otherwise;
}

/* The last line that ffmpeg said, which tells why it stopped. */
static void last_line(int fd, char *line, size_t room)
{
    char text[8192];
    size_t n = 0;
    ssize_t got;
    while ((got = read(fd, text + n, sizeof text - 1 - n)) > 0 || (got < 0 && errno == EINTR)) {
        n += got > 0 ? (size_t)got : 0;
        if (n > sizeof text / 2) { /* the end is what counts */
            memmove(text, text + n - sizeof text / 4, sizeof text / 4);
            n = sizeof text / 4;
        }
    }
    while (n && (text[n - 1] == '\n' || text[n - 1] == ' '))
        n--;
    text[n] = 0;
    char *start = strrchr(text, '\n');
    snprintf(line, room, "%.200s", start ? start + 1 : text);
    for (char *p = line; *p; p++)
        *p = (unsigned char)*p < 0x20 ? '?' : *p;
}

static void run_ffmpeg(const char *const *arguments)
{
    static const char *const own[] = { "ffmpeg", "-nostdin", "-v", "error", "-y", "-protocol_whitelist", "file,pipe" };
    char *argv[MOST + 1] = { 0 };
    size_t n = sizeof own / sizeof *own;
    memcpy(argv, own, sizeof own);
    for (; *arguments && n < MOST; arguments++)
        memcpy(&argv[n++], arguments, sizeof *arguments); /* execvp() changes none of them */
    execvp("ffmpeg", argv);
    _exit(127);
}

/* Its status as waitpid() tells it, -1 when it wasn't started; said: why it stopped. */
static int run_and_listen(const char *const *arguments, char *said, size_t room)
{
    int pipes[2], status = -1;
    if (pipe2(pipes, O_CLOEXEC)) /* dup2() below lets the one go on */
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        signals_restore();
        dup2(pipes[1], STDERR_FILENO);
        close(pipes[0]);
        close(pipes[1]);
        run_ffmpeg(arguments);
    }
    close(pipes[1]);
    if (pid > 0) {
        signals_child(pid);
        last_line(pipes[0], said, room);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
        signals_child(0);
    }
    close(pipes[0]);
    return status;
}

/* The end of the file is not on the disk, which ffmpeg 5 says and leaves with success. */
static int cut_short(const char *said) { return strstr(said, "Error writing trailer") || strstr(said, "Error closing file") || strstr(said, strerror(ENOSPC)); }

int ffmpeg_try(const char *const *arguments, Output *o, const char *out, char why[FFMPEG_WHY])
{
    char said[300] = "";
    int status = run_and_listen(arguments, said, sizeof said);
    int cut = status == 0 && cut_short(said);
    if (output_end(o, out, status != 0 || cut) == 0)
        return 0;
    if (cut)
        snprintf(why, FFMPEG_WHY, "the copy was cut short (%.160s); free space or name another place", said);
    else if (status == 0)
        snprintf(why, FFMPEG_WHY, "%s; free space or name another place", strerror(errno ? errno : EIO));
    else if (signals_stopped())
        snprintf(why, FFMPEG_WHY, "stopped by a signal");
    else if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        snprintf(why, FFMPEG_WHY, "ffmpeg is not installed; install it");
    else
        snprintf(why, FFMPEG_WHY, "ffmpeg: %.200s", *said ? said : "stopped without a reason");
    return EXIT_INTERNAL;
}

int ffmpeg_write(const char *const *arguments, Output *o, const char *out, const char *stage, const char *hint)
{
    char why[FFMPEG_WHY];
    int code = ffmpeg_try(arguments, o, out, why);
    if (code)
        tool_say(out, "%s: %s%s%s", stage, why, strncmp(why, "ffmpeg: ", 8) ? "" : "; ", strncmp(why, "ffmpeg: ", 8) ? "" : hint);
    return code;
}

int ffmpeg_is_there(void)
{
    const char *path = getenv("PATH");
    char at[4200];
    for (const char *p = path ? path : ""; *p; p += strcspn(p, ":"), p += *p == ':') {
        snprintf(at, sizeof at, "%.*s/ffmpeg", (int)(strcspn(p, ":") < 4096 ? strcspn(p, ":") : 4096), p);
        if (access(at, X_OK) == 0)
            return 1;
    }
    return 0;
}
