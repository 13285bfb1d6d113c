#!/bin/bash
# Every kind of container, picture and sound gives the offset of the plain file.
. "$(dirname "$0")/lib.sh"
sync() { json "$@" --only lipsync; }
sync "$SAMPLE"; base=$(get .sync_offset_ms)
same() { # same NAME FILE [tolerance] [args...]
    local name=$1 file=$2 tol=${3:-25}; shift; shift; [ $# -gt 0 ] && shift
    sync "$file" "$@"
    ok "$name: $(get .sync_offset_ms) ms against $base" near "$(get .sync_offset_ms)" "$base" "$tol"
}
enc="-c:v libx264 -preset veryfast -crf 20 -c:a aac -b:a 96k"
turn() { # turn FILE A B C D: writes the display matrix [A B; C D] of the first track
    $PYTHON - "$@" <<'P'
import struct, sys
d = bytearray(open(sys.argv[1], "rb").read()); a, b, c, e = (int(v) << 16 for v in sys.argv[2:])
i = d.index(b"tkhd") + 4 + 40
d[i:i + 36] = struct.pack(">9i", a, b, 0, c, e, 0, 0, 0, 1 << 30)
open(sys.argv[1], "wb").write(d)
P
}
ff -i "$SAMPLE" -vf crop=320:280,transpose=2 $enc "$T/rot.mp4"; turn "$T/rot.mp4" 0 1 -1 0
same "rotated by 90 degrees" "$T/rot.mp4"
ok "and the rotation is reported" is "$(get '.media.video | "\(.rotation) \(.width)x\(.height)"')" "90 320x280"
ff -i "$SAMPLE" -vf crop=320:280,transpose=1 $enc "$T/rot.mp4"; turn "$T/rot.mp4" 0 -1 1 0
same "rotated by 270 degrees" "$T/rot.mp4"
ff -i "$SAMPLE" -vf hflip,vflip $enc "$T/rot.mp4"; turn "$T/rot.mp4" -1 0 0 -1
same "rotated by 180 degrees" "$T/rot.mp4"
ff -i "$SAMPLE" -vf scale=160:320,setsar=2 $enc "$T/sar.mp4"
same "pixels twice as wide as high" "$T/sar.mp4"
ok "and the size is square again" is "$(get '.media.video | "\(.width)x\(.height)"')" 320x320
ff -i "$SAMPLE" -vf "minterpolate=fps=50:mi_mode=blend,interlace" -flags +ildct+ilme -c:v mpeg2video -b:v 4M -c:a mp2 "$T/inter.mpg"
same "interlaced MPEG-2" "$T/inter.mpg" 30
ok "and is known as such" is "$(get .media.video.interlaced)" true
ff -i "$SAMPLE" -pix_fmt yuv420p10le -c:v libx265 -x265-params log-level=error -preset ultrafast -c:a aac "$T/ten.mp4"
same "10 bit HEVC" "$T/ten.mp4"
ff -i "$SAMPLE" -pix_fmt yuv444p -c:v ffv1 -c:a flac "$T/ffv1.mkv"
same "4:4:4 FFV1 with FLAC" "$T/ffv1.mkv"
ff -i "$SAMPLE" -pix_fmt gray -c:v ffv1 -c:a pcm_s24le "$T/gray.mkv"
same "grey picture, 24-bit sound" "$T/gray.mkv"
ff -i "$SAMPLE" -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 400k -c:a libopus "$T/vp9.webm"
same "VP9 and Opus in WebM" "$T/vp9.webm"
ff -i "$SAMPLE" $enc -f mpegts -muxdelay 1.4 "$T/ts.ts"
same "MPEG transport stream starting late" "$T/ts.ts"
ff -i "$SAMPLE" -r 50 $enc "$T/fps50.mp4"
same "50 fps" "$T/fps50.mp4"
for rate in 30000/1001 24000/1001 30 15; do
    ff -i "$SAMPLE" -vf "minterpolate=fps=$rate:mi_mode=blend" $enc "$T/rate.mp4"
    same "$rate fps" "$T/rate.mp4" 35
done
ff -i "$SAMPLE" -vf "select='not(mod(n,2))'" -fps_mode passthrough $enc "$T/half.mkv"
same "every second picture, at its own time" "$T/half.mkv" 18
ff -i "$SAMPLE" -vf "select='not(eq(mod(n,7),3)+eq(mod(n,11),5))'" -fps_mode vfr $enc "$T/vfr.mkv"
same "variable frame rate" "$T/vfr.mkv"
ok "and is known as such" is "$(get .media.video.variable_rate)" true
for ar in 8000 11025 44100 96000 192000; do
    ff -i "$SAMPLE" -c:v copy -c:a pcm_s16le -ar $ar "$T/ar.mkv"
    same "$ar Hz" "$T/ar.mkv"
done
ff -i "$SAMPLE" -c:v copy -c:a pcm_s16le -af "pan=7.1|FC=c0" "$T/71.mkv"
same "7.1 with the voice in the centre" "$T/71.mkv"
ff -i "$SAMPLE" -c:v copy -c:a ac3 -af "pan=5.1|FC=c0" "$T/51.mkv"
same "AC-3 5.1" "$T/51.mkv"
ff -i "$SAMPLE" -f lavfi -t 9 -i anoisesrc=a=0.01 -map 0:v -map 1:a -map 0:a -disposition:a:0 default -disposition:a:1 0 -c:v copy -c:a aac "$T/two.mp4"
same "the second of two sound tracks" "$T/two.mp4" 25 --audio-stream 2
sync "$T/two.mp4"
ok "the first holds no speech" is "$(get .absent.sync_offset_ms)" no-speech
sync "$T/two.mp4" --audio-stream 3
ok "a sound track that is not there: exit 3" is $code 3

# over HTTP, on request only
port=$((20000 + $$ % 20000))
(cd "$(dirname "$SAMPLE")" && exec $PYTHON -m http.server --bind 127.0.0.1 $port >/dev/null 2>&1) & server=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do (: </dev/tcp/127.0.0.1/$port) 2>/dev/null && break; sleep 0.3; done
same "over HTTP with --allow-network" "http://127.0.0.1:$port/$(basename "$SAMPLE")" 25 --allow-network
sync "http://127.0.0.1:$port/nothing.mp4" --allow-network
ok "an address with nothing behind it: exit 3" is $code 3
kill $server
# what the container does and what the content does are kept apart
ff -i "$SAMPLE" -c:v copy -c:a pcm_s16le "$T/pcm.mkv" # no codec priming
ff -i "$T/pcm.mkv" -itsoffset -0.2 -i "$T/pcm.mkv" -map 0:v -map 1:a -c copy -avoid_negative_ts disabled "$T/early.mkv"
sync "$T/early.mkv"
early=$(get .sync_offset_ms)
ok "container starts sound 0.2 s early" near "$early" "$(awk "BEGIN { print $base + 200 }")" 30
ok "the container's part is 200 ms" near "$(get .signals.lipsync.container_offset_ms)" 200 30
ok "the content's part is as before" near "$(get .signals.lipsync.content_offset_ms)" "$base" 30
for ms in -320 -80 40 120 480; do
    if [ $ms -lt 0 ]; then af="adelay=$((-ms)):all=1"; else af="atrim=start=$(awk "BEGIN { print $ms / 1000 }"),asetpts=PTS-STARTPTS"; fi
    ff -i "$SAMPLE" -c:v copy -af "$af" -c:a pcm_s16le "$T/shift.mkv"
    sync "$T/shift.mkv"
    ok "content shifted by $ms ms: $(get .sync_offset_ms)" near "$(get .sync_offset_ms)" "$(awk "BEGIN { print $base + $ms }")" 20
done
# cuts and two faces
ff -i "$SAMPLE" -i "$SAMPLE" -filter_complex "[0:v]split[a][b];[b]hflip,setpts=PTS+1/TB[c];[a][c]hstack=shortest=1" -map 0:a -c:v libx264 -preset veryfast -c:a copy -t 8 "$T/two_faces.mp4"
sync "$T/two_faces.mp4"
ok "two faces at once are followed" is "$(get '[.tracks[] | select(.end_s - .start_s > 5)] | length')" 2
ok "the one in step with the sound speaks, the other does not" is \
    "$(get '[.tracks[] | select(.end_s - .start_s > 5)] | sort_by(.box[0]) | map(.speaking > 0.5) | tostring')" "[true,false]"
ff -f lavfi -i testsrc2=s=320x320:r=25:d=2 -i "$SAMPLE" -filter_complex "[0:v][1:v]concat=n=2:v=1[v];[1:a]adelay=2000:all=1[a]" -map "[v]" -map "[a]" $enc "$T/cut.mp4"
same "after a cut" "$T/cut.mp4"
ok "the cut is found" is "$(get '[.segments[] | select(.kind == "shot")] | length > 1')" true
finish
