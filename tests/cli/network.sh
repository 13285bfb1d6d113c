#!/bin/bash
# Nothing that a file says is opened: texts that point elsewhere, under media names, watched by strace. And every container that
# is read still is, and an address gives no way to a file.
. "$(dirname "$0")/lib.sh"
tiny=${AVALIGN_TINY:?}
mkdir "$T/in" "$T/other"
cp "$SAMPLE" "$T/other/canary.mp4"
for i in 1 2 3; do ff -i "$SAMPLE" -frames:v 1 "$T/other/img00$i.png"; done
ffmpeg -v error -nostdin -i "$SAMPLE" -t 2 -c copy "$T/short.mp4"
$PYTHON - "$T" "$T/short.mp4" <<'P'
import base64, struct, sys
T, sample = sys.argv[1:]
canary, lo = T + "/other/canary.mp4", "127.0.0.1:45678"
media = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\n%st=0 0\n%s"
video = "m=video 45678 RTP/AVP 96\na=rtpmap:96 H264/90000\n"
tail = "#EXTINF:5,\n%s\n#EXT-X-ENDLIST\n"
hls = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:5\n#EXT-X-MEDIA-SEQUENCE:0\n" + tail
mpd = '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT5S" profiles="urn:mpeg:dash:profile:isoff-main:2011">' \
      '<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>%s</BaseURL></Representation></AdaptationSet></Period></MPD>'
cpl = '<?xml version="1.0"?><CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016"><Id>urn:uuid:1</Id><EditRate>25 1</EditRate>%s</CompositionPlaylist>'
texts = {
    "sdp_local.mp4": media % ("c=IN IP4 127.0.0.1\n", video), "sdp_remote.mkv": media % ("c=IN IP4 192.0.2.1\n", video),
    "sdp_multicast.avi": media % ("c=IN IP4 239.1.2.3/127\n", video), "sdp_v6.mov": media % ("c=IN IP6 ::1\n", video),
    "sdp_name.webm": media % ("c=IN IP4 host.invalid\n", video), "sdp_audio.mp3": media % ("c=IN IP4 127.0.0.1\n", "m=audio 45678 RTP/AVP 0\n"),
    "sdp_crlf.wav": (media % ("c=IN IP4 127.0.0.1\n", video)).replace("\n", "\r\n"), "sdp_mpegts.ts": media % ("c=IN IP4 127.0.0.1\n", "m=video 45678 RTP/AVP 33\n"),
    "sdp_tcp.m4a": media % ("c=IN IP4 127.0.0.1\n", "m=video 45678 TCP/RTP/AVP 96\n"), "sdp_control.mp4": media % ("c=IN IP4 127.0.0.1\na=control:rtsp://%s/x\n" % lo, video),
    "sdp_realmedia.rm": media % ("c=IN IP4 127.0.0.1\na=IsRealDataType:integer;1\n", video), "sdp_space.flv": "\n\n" + media % ("c=IN IP4 127.0.0.1\n", video),
    "hls_file.mp4": hls % canary, "hls_url.ts": hls % ("http://%s/x.ts" % lo), "hls_scheme.mov": hls % ("file://" + canary), "hls_concat.mkv": hls % ("concat:%s|%s" % (canary, canary)),
    "hls_key.avi": "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXT-X-KEY:METHOD=AES-128,URI=\"%s\"\n" % canary + tail % canary,
    "hls_map.mp4": "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXT-X-MAP:URI=\"%s\"\n" % canary + tail % canary,
    "hls_master.webm": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000\nhttp://%s/low.m3u8\n" % lo, "hls_subfile.mp4": hls % ("subfile,,start,0,end,100,,:" + canary),
    "hls_data.flv": hls % ("data:video/mp4;base64," + base64.b64encode(b"x" * 50).decode()), "hls_bom.mp4": "\ufeff" + hls % canary,
    "m3u.mp3": "#EXTM3U\n%s\n" % canary, "m3u_plain.mp4": canary + "\n", "m3u_url.mp4": "http://%s/a.mp4\nhttp://%s/b.mp4\n" % (lo, lo),
    "dash_file.mp4": mpd % canary, "dash_url.m4v": mpd % ("http://%s/x.mp4" % lo), "dash_xlink.webm": mpd.replace("<Period>", '<Period xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="http://%s/p">' % lo) % canary,
    "imf.mxf": cpl % "<SegmentList/>", "imf_map.mxf": '<?xml version="1.0"?><AssetMap xmlns="http://www.smpte-ra.org/schemas/429-9/2007/AM"><Path>%s</Path></AssetMap>' % canary,
    "concat.mp4": "ffconcat version 1.0\nfile '%s'\n" % canary, "concat_url.mkv": "ffconcat version 1.0\nfile http://%s/x\n" % lo, "concat_option.avi": "ffconcat version 1.0\nfile %s\noption safe 0\n" % canary,
    "concat_plain.mov": "file '%s'\n" % canary, "pls.mp3": "[playlist]\nFile1=http://%s/x\nNumberOfEntries=1\n" % lo, "pls_file.wav": "[playlist]\nFile1=%s\n" % canary,
    "asx.wmv": '<asx version="3.0"><entry><ref href="http://%s/x.wmv"/></entry></asx>' % lo, "asx_upper.asf": '<ASX VERSION="3.0"><ENTRY><REF HREF="mms://%s/x"/></ENTRY></ASX>' % lo,
    "reference.asf": "[Reference]\nRef1=http://%s/x.asf?MSWMExt=.asf\n" % lo, "smil.mp4": '<smil><body><video src="rtsp://%s/x"/></body></smil>' % lo,
    "xspf.mp4": '<?xml version="1.0"?><playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList><track><location>file://%s</location></track></trackList></playlist>' % canary,
    "wpl.wma": '<?wpl version="1.0"?><smil><body><seq><media src="%s"/></seq></body></smil>' % canary, "ram.rm": "rtsp://%s/x.rm\n" % lo, "rtsptext.mov": "RTSPtext\nrtsp://%s/x.mov\n" % lo,
    "qtl.mov": '<?xml version="1.0"?><?quicktime type="application/x-quicktime-media-link"?><embed src="rtsp://%s/x"/>' % lo,
    "ism.mp4": '<?xml version="1.0"?><SmoothStreamingMedia MajorVersion="2" Duration="1"><StreamIndex Type="video" Url="http://%s/{bitrate}"/></SmoothStreamingMedia>' % lo,
    "cue.flac": 'FILE "%s" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n' % canary, "rss.mp3": '<rss version="2.0"><channel><item><enclosure url="http://%s/x.mp3"/></item></channel></rss>' % lo,
    "page.mp4": '<!DOCTYPE html><html><body><video src="http://%s/x.mp4"></video></body></html>' % lo, "redirect.mp4": "http://%s/\r\n" % lo,
    "utf16.asx.mp4": ('<asx version="3.0"><ref href="http://%s/x"/></asx>' % lo), "svg.mp4": '<svg xmlns="http://www.w3.org/2000/svg"><image href="%s"/></svg>' % canary,
    "metadata.mkv": ";FFMETADATA1\ntitle=x\n", "vobsub.mp4": "# VobSub index file, v7 (do not modify this line!)\nsize: 720x576\nid: en, index: 0\ntimestamp: 00:00:01:000, filepos: 000000000\n",
    "srt.mp4": "1\n00:00:01,000 --> 00:00:02,000\n<img src=\"%s\">\n\n2\n00:00:03,000 --> 00:00:04,000\nx\n" % canary, "avisynth.avi": "AVISource(\"%s\")\n" % canary,
    "vapoursynth.mp4": "import vapoursynth as vs\ncore = vs.core\ncore.ffms2.Source('%s').set_output()\n" % canary, "lavfi.mp4": "movie=%s[out0];amovie=%s[out1]\n" % (canary, canary),
    "img%03d.png": open(T + "/other/img001.png", "rb").read(), "concat:a|b.mp4": "x", "pipe:0": "#EXTM3U\n" + tail % "pipe:0",
}
for name, text in texts.items():
    data = text if isinstance(text, bytes) else text.encode("utf-16" if name.startswith("utf16") else "utf-8")
    open(T + "/in/" + name, "wb").write(data)

def dref(kind):  # the sample with its data said to lie in another file
    def boxes(d):
        at = 0
        out = b""
        while at + 8 <= len(d):
            n, what = struct.unpack(">I4s", d[at:at + 8])
            if n == 0: n = len(d) - at
            body = d[at + 8:at + n]
            if what in (b"moov", b"trak", b"mdia", b"minf", b"dinf"): body = boxes(body)
            if what == b"dref":
                if kind == b"url ": ref = b"\0\0\0\0" + b"file://" + canary.encode() + b"\0"
                else:  # an alias record: fixed part, then the path as type 2 and 18
                    path = canary.encode()
                    ref = b"\0\0\0\0" + b"\0" * 150 + struct.pack(">HH", 2, len(path)) + path + b"\0" * (len(path) & 1) + struct.pack(">HH", 18, len(path)) + path + b"\0" * (len(path) & 1) + b"\xff\xff\0\0"
                body = b"\0\0\0\0" + struct.pack(">I", 1) + struct.pack(">I4s", 8 + len(ref), kind) + ref
            out += struct.pack(">I4s", len(body) + 8, what) + body
            at += n
        return out
    return boxes(open(sample, "rb").read())
open(T + "/in/dref_url.mp4", "wb").write(dref(b"url "))
open(T + "/in/dref_alias.mov", "wb").write(dref(b"alis"))
P
n=$(ls "$T/in" | wc -l)
ok "there are over forty of them ($n)" [ "$n" -ge 40 ]

watch() { # watch ARGS: sets $code; the calls are in $T/calls
    timeout -k 1 60 strace -f -qq -e trace=network,open,openat,openat2 -o "$T/calls" "$AVALIGN" analyze "$@" --models "$tiny" -q >"$T/out" 2>"$T/err" </dev/null; code=$?
}
reached() { grep -E 'socket\(AF_(INET|INET6|NETLINK|PACKET)|connect\(|bind\(|sin6?_addr' "$T/calls"; grep -F "$T/other" "$T/calls"; }
quiet() { # quiet NAME: no network call, no file beside the one named, and that one once
    local seen; seen=$(reached | head -3)
    [ -z "$seen" ] && [ "$(grep -cF "\"$T/in/$1\"" "$T/calls")" -le 1 ] || { echo "     $seen"; grep -F "$T/in" "$T/calls"; return 1; }
}
if command -v strace >/dev/null && strace -qq -o /dev/null true 2>/dev/null; then
    for how in "" --sandbox; do
        for f in "$T"/in/*; do
            name=${f##*/}; watch "$f" $how
            ok "$name $how: opens nothing" quiet "$name"
            case $name in dref_*) ok "$name: answered or refused" [ $code -le 3 ] ;;
            *) ok "$name: exit 3, one line" is "$code $(grep -c 'open: ' "$T/err") $(wc -l <"$T/err")" "3 1 1" ;; esac
        done
    done
else
    echo "no strace here: what files make it open is not watched"
fi
says() { run "$T/in/$1" --models "$tiny"; ok "$1: named" one_line "$2"; }
says sdp_local.mp4 'is an SDP description, not a media file'
says hls_file.mp4 'HLS playlist, not a media file'; says hls_bom.mp4 'HLS playlist'; says m3u.mp3 'M3U or HLS playlist'
says dash_file.mp4 'is a DASH manifest'; says concat.mp4 'is a concat list'; says pls.mp3 'is a PLS playlist'; says asx_upper.asf 'is an ASX playlist'
says utf16.asx.mp4 'is an ASX playlist'; says smil.mp4 'is a SMIL'; says imf.mxf 'IMF composition'; says page.mp4 'is a web page'; says srt.mp4 'is subtitles'
says cue.flac 'is a cue sheet'; says xspf.mp4 'XSPF'; says ism.mp4 'Smooth Streaming'; says redirect.mp4 'list of addresses'; says reference.asf 'list of addresses'

# what is read is still read: a second of everything that can be written here
made() { # made NAME ARGS: a file as a muxer writes it, if this FFmpeg can
    local f=$T/media.$1; shift
    ffmpeg -v quiet -y -nostdin -i "$T/short.mp4" -t 1 "$@" "$f" >/dev/null 2>&1 || { rm -f "$f"; echo "not written here: ${f##*/}"; return; }
    run "$f" --models "$tiny"
    ok "${f##*/} is read" [ $code -le 2 ] || cat "$T/err"
}
av="-c:v mpeg4 -c:a aac"; small="-vf scale=352:288 -r 25"
for x in mov mp4 mkv avi nut ts m2ts flv; do made $x -c:v libx264 -preset ultrafast -c:a aac; done
made webm -c:v libvpx -deadline realtime -c:a libopus; made mpg -c:v mpeg2video -c:a mp2; made vob -c:v mpeg2video -c:a ac3; made wmv -c:v wmv2 -c:a wmav2
made 3gp $small -c:v h263 -c:a aac; made 3g2 $small $av; made ogv -c:v libtheora -c:a libvorbis; made wtv -c:v mpeg2video -c:a mp2
made mxf -c:v mpeg2video -r 25 -c:a pcm_s16le -ar 48000; made dv -target pal-dv; made gxf $small -vf scale=720:576 -c:v mpeg2video -r 25 -ar 48000 -ac 1 -c:a pcm_s16le
made rm $small -c:v rv20 -c:a ac3; made ivf -an -c:v libvpx -deadline realtime; made y4m -an; made gif -an -r 5; made apng -an -r 2 -f apng; made h264 -an -c:v libx264 -preset ultrafast
made hevc -an -c:v libx265 -preset ultrafast -x265-params log-level=none; made m4v -an -c:v mpeg4; made m2v -an -c:v mpeg2video; made mjpeg -an; made obu -an -c:v libsvtav1 -preset 12
for x in wav w64 aiff au caf mp3 flac ac3 eac3 tta wv voc sox m4a; do made $x -vn; done
made aac -vn -c:a aac; made opus -vn -c:a libopus -ar 48000; made oga -vn -c:a libvorbis; made mka -vn -c:a flac; made wma -vn -c:a wmav2; made amr -vn -c:a libopencore_amrnb -ar 8000 -ac 1
made gsm -vn -c:a libgsm -ar 8000 -ac 1; made dts -vn -c:a dca -strict -2 -ar 48000; made mp2 -vn; made latm -vn -c:a aac

# an address that the user allowed leads to other addresses at most, never to a file; one that falls silent is given up
mkdir "$T/www"
for scheme in "" file:// "concat:" "subfile,,start,0,end,0,,:" "crypto:" "cache:" "async:"; do
    name=$(printf %s "$scheme" | tr -dc a-z); printf '#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:5,\n%s\n#EXT-X-ENDLIST\n' "$scheme$T/other/canary.mp4" >"$T/www/x$name.m3u8"
done
cp "$T/in/concat.mp4" "$T/www/concat"; cp "$T/in/sdp_local.mp4" "$T/www/sdp"; cp "$T/in/dash_file.mp4" "$T/www/dash"; cp "$T/in/dref_url.mp4" "$T/www/dref.mp4"; cp "$T/short.mp4" "$T/www/good.mp4"
cat >"$T/serve.py" <<'P'
import http.server, socket, sys, threading, time, os
os.chdir(sys.argv[1])
class H(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *a): pass
    def do_GET(self):
        if self.path == "/stall": time.sleep(100)
        super().do_GET()
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), H); s.daemon_threads = True
print(s.server_port, flush=True); s.serve_forever()
P
$PYTHON "$T/serve.py" "$T/www" >"$T/port" & server=$!
for wait in $(seq 50); do [ -s "$T/port" ] && break; sleep 0.1; done; port=$(cat "$T/port")
( timeout 90 "$AVALIGN" analyze "http://127.0.0.1:$port/stall" --allow-network --models "$tiny" >/dev/null 2>"$T/stalled"; echo $? >"$T/stalled.code" ) & stalled=$!
if command -v strace >/dev/null && strace -qq -o /dev/null true 2>/dev/null; then
    for f in "$T"/www/*; do
        name=${f##*/}; watch "http://127.0.0.1:$port/$name" --allow-network
        if [ $name = good.mp4 ]; then ok "an address is read where allowed" [ $code -le 2 ]
        else
            ok "http .../$name: no file is opened" is "$(grep '^[0-9 ]*open' "$T/calls" | grep -cF "$T/other")" 0
            [ $name = dref.mp4 ] || ok "http .../$name: exit 3, one line" is "$code $(wc -l <"$T/err")" "3 1"
        fi
    done
fi
run "file://$T/short.mp4" --allow-network --models "$tiny"; ok "a file by address: refused" one_line 'protocol is not allowed'
wait $stalled
ok "an address that falls silent is given up, in one line" is "$(cat "$T/stalled.code") $(wc -l <"$T/stalled")" "3 1"
kill $server
finish
