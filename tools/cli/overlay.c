/* overlay.c -- ffmpeg burns the subtitles into a copy of the video. No shell, only a path of our own goes into its filter text, and
 * names are handed on as "file:NAME", so that nothing in them is taken for a protocol or an option. */
#include "cli/overlay.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/output.h"
#include "common/signals.h"
#include "common/tool.h"

static int write_to(void *cookie, const char *bytes, size_t n) { return fwrite(bytes, 1, n, cookie) == n ? 0 : -1; }

/* The picture track that was judged, as ffmpeg names it. */
static void picture_track(const AvalignResult *r, char *out, size_t room)
{
    char *text = NULL;
    size_t n;
    FILE *f = open_memstream(&text, &n);
    int bad = !f || avalign_result_write(r, AVALIGN_JSON, write_to, f, NULL);
    if (f)
        bad |= fclose(f) != 0;
    json_t *doc = bad ? NULL : json_loads(text, 0, NULL);
    json_int_t k = json_integer_value(json_object_get(json_object_get(json_object_get(doc, "media"), "video"), "stream"));
    snprintf(out, room, "0:V:%d", k > 0 ? (int)k - 1 : 0);
    json_decref(doc);
    free(text);
}

static int write_subtitles(const AvalignResult *r, char *path)
{
    int fd = mkstemp(path);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "wb");
    int bad = !f || avalign_result_write(r, AVALIGN_ASS, write_to, f, NULL);
    if (f)
        bad |= fclose(f) != 0;
    if (bad && fd >= 0)
        remove(path);
    return bad;
}

static char *file_url(const char *path)
{
    char *url = malloc(strlen(path) + 6);
    if (url)
        sprintf(url, "file:%s", path);
    return url;
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

static void run_ffmpeg(const char *from, const char *to, const char *track, const char *filter, int webm)
{
    static const char *const x264[] = { "libx264", "-crf", "18", "-preset", "veryfast" }, *const vp8[] = { "libvpx", "-crf", "8", "-b:v", "4M" };
    const char *const *v = webm ? vp8 : x264;
    execlp("ffmpeg", "ffmpeg", "-nostdin", "-v", "error", "-y", "-protocol_whitelist", "file,pipe", "-i", from, "-map", track, "-map", "0:a?", "-vf", filter,
           "-c:v", v[0], v[1], v[2], v[3], v[4], "-pix_fmt", "yuv420p", "-c:a", "copy", to, (char *)NULL);
    _exit(127);
}

/* Its status as waitpid() tells it, -1 when it wasn't started; said: why it stopped. */
static int run_and_listen(const char *from, const char *to, const char *track, const char *filter, int webm, char *said, size_t room)
{
    int pipes[2], status = -1;
    if (pipe(pipes))
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        signals_restore();
        dup2(pipes[1], STDERR_FILENO);
        close(pipes[0]);
        close(pipes[1]);
        run_ffmpeg(from, to, track, filter, webm);
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

static void say_why(const char *out, int status, const char *said)
{
    if (signals_stopped())
        fprintf(stderr, "avalign: %s: overlay: stopped by a signal\n", out);
    else if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        fprintf(stderr, "avalign: %s: overlay: ffmpeg is not installed; install it, or use --marks ass=FILE with a player\n", out);
    else
        fprintf(stderr, "avalign: %s: overlay: ffmpeg: %s; a name that ends in .mkv takes any sound\n", out, *said ? said : "stopped without a reason");
}

int overlay_write(const AvalignResult *r, const char *video, const char *out)
{
    char ass[] = "/tmp/avalign-XXXXXX", filter[128], track[24], said[300] = "";
    const char *dot = strrchr(out, '.'), *ending = dot && !strchr(dot, '/') && strlen(dot) < 16 ? dot : ".mp4";
    Output o;
    if (write_subtitles(r, ass))
        return output_error(ass);
    if (output_begin(&o, out, ending, 0)) {
        int saved = errno;
        remove(ass);
        errno = saved;
        return output_error(out);
    }
    char *from = file_url(video), *to = file_url(o.part ? o.part : out);
    int status = -1;
    picture_track(r, track, sizeof track);
    /* H.264 wants even sizes: a row or column more, not a scaled picture */
    snprintf(filter, sizeof filter, "ass=%s,pad=ceil(iw/2)*2:ceil(ih/2)*2", ass);
    if (from && to)
        status = run_and_listen(from, to, track, filter, !strcasecmp(ending, ".webm"), said, sizeof said);
    free(from);
    free(to);
    remove(ass);
    if (output_end(&o, out, status != 0) == 0)
        return 0;
    if (status == 0)
        return output_error(out);
    say_why(out, status, said);
    return EXIT_INTERNAL;
}
