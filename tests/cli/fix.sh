#!/bin/bash
# The line of signals.lipsync.fix, run in every container: afterwards the offset is 0; or there is no line.
. "$(dirname "$0")/lib.sh"
ff -i "$SAMPLE" -itsoffset 0.3 -i "$SAMPLE" -t 7 -map 0:v -map 1:a -c:v libx264 -bf 2 -crf 20 -preset veryfast -pix_fmt yuv420p -c:a aac "$T/s.mp4"
X="-i $T/s.mp4"
ff $X -c copy "$T/c.mp4"; ff $X -c copy "$T/c.mov"; ff $X -c copy "$T/c.mkv"; ff $X -c copy -ar 44100 -c:a aac "$T/c.flv"
ff -itsoffset 0.7 $X $X -map 0:v -map 1:a -c copy "$T/c.ts" # a broadcast joined in the middle
ff $X -c:v libvpx -b:v 900k -deadline realtime -cpu-used 8 -c:a libopus "$T/c.webm"
ff $X -c:v mpeg2video -q:v 2 -c:a mp2 -ar 44100 "$T/c.mpg"
ff $X -c:v mpeg4 -q:v 2 -c:a pcm_s16le "$T/c.avi"
for e in mp4 mov mkv flv ts webm mpg; do
    json "$T/c.$e" --only lipsync
    fix=$(get '.signals.lipsync.fix // empty')
    ok "$e is off and has a line" test -n "$fix" -a "$(get '.sync_offset_ms | fabs > 200')" = true
    line=${fix//IN/$T/c.$e}; line=${line//OUT/$T/o.$e}
    ok "$e: the line runs" ${line/ffmpeg/ffmpeg -nostdin -v error -y}
    json "$T/o.$e" --only lipsync
    ok "$e: and then it is 0 +- 10 ms" near "$(get .sync_offset_ms)" 0 10
done
json "$T/c.avi" --only lipsync
ok "AVI can't hold a shift: no line" is "$(get '.sync_offset_ms != null and .signals.lipsync.fix == null')" true
finish
