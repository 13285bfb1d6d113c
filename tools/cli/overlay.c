/* overlay.c -- ffmpeg burns the subtitles into a copy of the video. Only a path of our own goes into its filter text. */
#include "cli/overlay.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/ffmpeg.h"
#include "common/tool.h"

/* The picture track that was judged, as ffmpeg names it. */
static void video_track(const AvalignResult *r, char *out, size_t room)
{
    json_t *doc = tool_result_document(r, NULL, NULL);
    json_int_t k = json_integer_value(json_object_get(json_object_get(json_object_get(doc, "media"), "video"), "stream"));
    snprintf(out, room, "0:V:%d", k > 0 ? (int)k - 1 : 0);
    json_decref(doc);
}

static int write_subtitles(const AvalignResult *r, char *path)
{
    int fd = mkstemp(path);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "wb");
    int bad = !f || avalign_result_write(r, AVALIGN_ASS, tool_write_file, f, NULL);
    if (f)
        bad |= fclose(f) != 0;
    if (bad && fd >= 0)
        remove(path);
    return bad;
}

int overlay_write(const AvalignResult *r, const char *video, const char *out)
{
    static const char *const x264[] = { "libx264", "-crf", "18", "-preset", "veryfast" }, *const vp8[] = { "libvpx", "-crf", "8", "-b:v", "4M" };
    char ass[] = "/tmp/avalign-XXXXXX", filter[128], track[24];
    const char *ending = ffmpeg_ending(out, ".mp4"), *const *v = strcasecmp(ending, ".webm") ? x264 : vp8;
    Output o;
    if (write_subtitles(r, ass))
        return output_error(ass);
    if (output_begin(&o, out, ending, 0)) {
        int saved = errno;
        remove(ass);
        errno = saved;
        return output_error(out);
    }
    char *from = ffmpeg_url(video), *to = ffmpeg_url(o.part ? o.part : out);
    video_track(r, track, sizeof track);
    /* H.264 wants even sizes: a row or column more, not a scaled picture */
    snprintf(filter, sizeof filter, "ass=%s,pad=ceil(iw/2)*2:ceil(ih/2)*2", ass);
    const char *arguments[] = { "-i", from, "-map", track, "-map", "0:a?", "-vf", filter, "-c:v", v[0], v[1], v[2], v[3], v[4], "-pix_fmt", "yuv420p", "-c:a", "copy", to, NULL };
    int rc = from && to ? ffmpeg_write(arguments, &o, out, "overlay", "a name that ends in .mkv takes any sound") : (output_end(&o, out, 1), output_error(out));
    free(from);
    free(to);
    remove(ass);
    return rc;
}
