/* open.c -- which demuxers read a file and which protocols an address may use.
 *
 * A file's bytes come through AvaSource alone. Three barriers keep what they say from opening anything else: only the
 * demuxers of read_demuxers are used (the ones that open addresses, lists or further files by themselves are not among
 * them), the list of protocols is empty, and io_open is refused. The demuxer is chosen by the bytes, never by the name. */
#include "media/open.h"

#include <libavutil/avstring.h>
#include <stdio.h>
#include <string.h>

#include "util/err.h"

enum { IO_BUFFER = 1 << 16, HEAD = 1024 };

/* Containers and raw streams that carry recordings; docs/security.md says how the list was made. */
#define CONTAINERS                                                                                                     \
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,mpeg,mpegvideo,avi,flv,live_flv,kux,asf,mxf,dv,ogg,nut,rm,gxf,lxf,"    \
    "ivf,wtv,pva,nuv,dhav,ifv,yuv4mpegpipe,gif,apng,h264,hevc,vvc,av1,obu,m4v,h263,h261,vc1,vc1test,cavsvideo,dirac,"    \
    "dnxhd,mjpeg,mpjpeg,wav,w64,aiff,au,caf,mp3,aac,loas,flac,ac3,eac3,dts,dtshd,truehd,mlp,amr,amrnb,amrwb,tta,wv,"     \
    "ape,tak,mpc,mpc8,voc,sox,gsm,shn,dsf,oma,ilbc,qcp,dss,nistsphere"
static const char read_demuxers[] = CONTAINERS;
static const char still_demuxers[] = "jpeg_pipe,png_pipe,webp_pipe,tiff_pipe,bmp_pipe,pgm_pipe,ppm_pipe"; /* where one frame is asked for */
/* At an address that the user allowed, also what serves streams; they open addresses, by these protocols only. */
static const char address_demuxers[] = CONTAINERS ",rtsp,rtp,hls,applehttp";
static const char address_protocols[] = "http,https,httpproxy,tls,tcp,udp,rtp,srt,rtmp,rtmps,rtmpt,crypto";
static const char stall_us[] = "30000000"; /* an address that sends nothing for so long is given up */

/* What a refused demuxer reads, in words. */
static const struct {
    const char *names, *what;
} refused_demuxers[] = {
    { "sdp", "an SDP description" },
    { "rtsp,rtp,sap", "a description of a network stream" },
    { "hls,applehttp", "an HLS playlist" },
    { "dash,webm_dash_manifest", "a DASH manifest" },
    { "imf", "an IMF composition playlist" },
    { "concat", "a concat list" },
    { "tty,bin,xbin,adf,idf", "a text file" },
    { "ffmetadata", "a list of metadata" },
    { "ass,srt,webvtt,aqtitle,jacosub,microdvd,mpl2,mpsub,pjs,realtext,sami,scc,stl,subviewer,subviewer1,sup,lrc,tedcaptions,"
      "vplayer,vobsub,dvbsub,dvbtxt,mcc", "subtitles" },
};

/* Texts that point somewhere else, which no demuxer claims: what stands at their beginning or anywhere in their first lines. */
static const struct {
    int first; /* must be the very beginning */
    const char *mark, *what;
} texts[] = {
    { 1, "v=0", "an SDP description" },
    { 1, "#extm3u", "an M3U or HLS playlist" },
    { 1, "#ext", "an M3U or HLS playlist" },
    { 1, "ffconcat", "a concat list" },
    { 1, "[playlist]", "a PLS playlist" },
    { 1, "[reference]", "a list of addresses" },
    { 1, ";ffmetadata", "a list of metadata" },
    { 1, "rtsptext", "a QuickTime reference" },
    { 0, "<asx", "an ASX playlist" },
    { 0, "<mpd", "a DASH manifest" },
    { 0, "<smoothstreamingmedia", "a Smooth Streaming manifest" },
    { 0, "<smil", "a SMIL presentation" },
    { 0, "<?wpl", "a Windows Media playlist" },
    { 0, "<xspf", "an XSPF playlist" },
    { 0, "http://xspf.org/", "an XSPF playlist" },
    { 0, "<compositionplaylist", "an IMF composition playlist" },
    { 0, "<assetmap", "an IMF asset map" },
    { 0, "<?quicktime", "a QuickTime reference" },
    { 0, "<rss", "a web feed" },
    { 0, "<opml", "a web feed" },
    { 0, "<!doctype html", "a web page" },
    { 0, "<html", "a web page" },
    { 0, "<svg", "a drawing" },
    { 1, "file \"", "a cue sheet" },
    { 1, "rtsp://", "a list of addresses" },
    { 1, "rtmp://", "a list of addresses" },
    { 1, "http://", "a list of addresses" },
    { 1, "https://", "a list of addresses" },
    { 1, "mms://", "a list of addresses" },
    { 1, "udp://", "a list of addresses" },
    { 1, "file://", "a list of addresses" },
    { 1, "file '", "a concat list" },
    { 0, "<?xml", "an XML document" },
};

static int io_read(void *opaque, uint8_t *buf, int n)
{
    int64_t got = ava_source_read(opaque, buf, (size_t)n);
    return got > 0 ? (int)got : got == 0 ? AVERROR_EOF : AVERROR(EIO);
}

static int64_t io_seek(void *opaque, int64_t off, int whence)
{
    if (whence & AVSEEK_SIZE)
        return ava_source_size(opaque);
    int64_t p = ava_source_seek(opaque, off, whence & ~AVSEEK_FORCE);
    return p < 0 ? AVERROR(EIO) : p;
}

static int refuse_open(AVFormatContext *s, AVIOContext **pb, const char *url, int flags, AVDictionary **options)
{
    (void)s, (void)pb, (void)url, (void)flags, (void)options;
    return AVERROR(EPERM);
}

AVIOContext *ava_source_io(AvaSource *source)
{
    uint8_t *buf = av_malloc(IO_BUFFER);
    AVIOContext *io = buf ? avio_alloc_context(buf, IO_BUFFER, 0, source, io_read, NULL, ava_source_seekable(source) ? io_seek : NULL) : NULL;
    if (!io)
        av_free(buf);
    return io;
}

void ava_source_io_free(AVIOContext **io)
{
    if (*io)
        av_freep(&(*io)->buffer);
    avio_context_free(io);
}

void ava_input_confine(AVFormatContext *f, AVIOContext *io, int still, AVDictionary **options)
{
    f->pb = io;
    f->io_open = refuse_open;
    av_dict_set(options, "format_whitelist", still ? still_demuxers : read_demuxers, 0); /* demuxers inside of demuxers too */
    av_dict_set(options, "protocol_whitelist", "", 0);
}

/* The text's kind by its first lines, in whatever of the Unicode encodings; NULL: nothing known. */
static const char *text_kind(AvaSource *s)
{
    char head[HEAD + 1];
    const uint8_t *raw;
    size_t n = ava_source_head(s, &raw), k = 0;
    for (size_t i = 0; i < n && k < HEAD; i++) {
        int c = raw[i];
        if (c == 0 || c >= 0x80 || (k == 0 && c <= ' ')) /* UTF-16, byte order marks, space in front */
            continue;
        head[k++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    head[k] = 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *at = strstr(head, texts[i].mark);
        if (at && (at == head || !texts[i].first))
            return texts[i].what;
    }
    return NULL;
}

static int refused(AvalignErrorInfo *e, const char *what)
{
    return ava_fail(e, AVALIGN_ERR_FORMAT, "open", AVA_NO_TIME, 0,
                    "is %s, not a media file; nothing that it points to is opened, name the recording itself", what);
}

static int is_still_image(const char *name)
{
    size_t n = strlen(name);
    return !strcmp(name, "image2") || (n > 5 && !strcmp(name + n - 5, "_pipe"));
}

/* 0: the demuxer may read it. */
static int check_demuxer(const AVInputFormat *in, AvaSource *s, int still, AvalignErrorInfo *e)
{
    if (still)
        return av_match_list(in->name, still_demuxers, ',') > 0
                   ? 0 : ava_fail(e, AVALIGN_ERR_FORMAT, "open", AVA_NO_TIME, 0, "not a still picture; JPEG, PNG, WebP, TIFF, BMP, PGM and PPM are read");
    if (av_match_list(in->name, read_demuxers, ',') > 0)
        return 0;
    for (size_t i = 0; i < sizeof refused_demuxers / sizeof *refused_demuxers; i++)
        if (av_match_list(in->name, refused_demuxers[i].names, ',') > 0) {
            const char *surer = i > 4 ? text_kind(s) : NULL;
            return refused(e, surer ? surer : refused_demuxers[i].what);
        }
    if (is_still_image(in->name) && strcmp(in->name, "svg_pipe"))
        return ava_fail(e, AVALIGN_ERR_FORMAT, "open", AVA_NO_TIME, 0, "a still image, not a video; nothing to compare");
    const char *text = text_kind(s);
    if (text)
        return refused(e, text);
    return ava_fail(e, AVALIGN_ERR_FORMAT, "open", AVA_NO_TIME, 0,
                    "\"%s\" is not among the formats that are read; convert it with ffmpeg first", in->long_name ? in->long_name : in->name);
}

static int open_failed(int rc, AvaSource *source, AvalignErrorInfo *e)
{
    char text[AV_ERROR_MAX_STRING_SIZE];
    const char *kind = source ? text_kind(source) : NULL;
    if (rc == AVERROR_EXIT)
        return ava_fail(e, AVALIGN_ERR_CANCELLED, "open", AVA_NO_TIME, rc, "cancelled");
    if (rc == AVERROR(ENOMEM))
        return ava_fail(e, AVALIGN_ERR_NOMEM, "open", AVA_NO_TIME, rc, "out of memory");
    if (kind)
        return refused(e, kind);
    if (rc == AVERROR_INVALIDDATA)
        return ava_fail(e, AVALIGN_ERR_FORMAT, "open", AVA_NO_TIME, rc,
                        "not a media file, or its index is damaged or cut off; check it with ffprobe");
    if (!source && rc == AVERROR(EINVAL))
        return ava_fail(e, AVALIGN_ERR_FORMAT, "open", AVA_NO_TIME, rc,
                        "what the address gives is not read, or its protocol is not allowed; name the stream itself");
    av_strerror(rc, text, sizeof text);
    return ava_fail(e, source ? AVALIGN_ERR_FORMAT : AVALIGN_ERR_IO, "open", AVA_NO_TIME, rc, "%s; check the %s", text,
                    source ? "file with ffprobe" : "address");
}

static int open_source(AVIOContext **io, AvaSource *source, int still, const AVInputFormat **in, AvalignErrorInfo *e)
{
    if (!(*io = ava_source_io(source)))
        return open_failed(AVERROR(ENOMEM), source, e);
    int rc = av_probe_input_buffer2(*io, in, "", NULL, 0, 0);
    return rc < 0 ? open_failed(rc, source, e) : check_demuxer(*in, source, still, e);
}

int ava_input_open(AVFormatContext **fmt, AVIOContext **io, AvaSource *source, const char *url, int still, AVIOInterruptCB interrupt,
                   AvalignErrorInfo *e)
{
    AVDictionary *options = NULL;
    const AVInputFormat *in = NULL;
    if (!(*fmt = avformat_alloc_context()))
        return open_failed(AVERROR(ENOMEM), source, e);
    (*fmt)->interrupt_callback = interrupt;
    int rc = source ? open_source(io, source, still, &in, e) : 0;
    if (rc) {
        avformat_free_context(*fmt);
        *fmt = NULL;
        return rc;
    }
    if (source) {
        ava_input_confine(*fmt, *io, still, &options);
    } else {
        av_dict_set(&options, "format_whitelist", address_demuxers, 0);
        av_dict_set(&options, "protocol_whitelist", address_protocols, 0);
        av_dict_set(&options, "rw_timeout", stall_us, 0);
        if (!strncmp(url, "rtsp", 4)) /* elsewhere the name means the wait for a caller */
            av_dict_set(&options, "timeout", stall_us, 0);
    }
    rc = avformat_open_input(fmt, source ? "" : url, in, &options); /* frees *fmt when it fails */
    av_dict_free(&options);
    return rc < 0 ? open_failed(rc, source, e) : 0;
}
