#!/bin/bash
# avalign fix where no one shift mends it: a sound that drifts is resampled, one that jumps is moved part by part; the picture is never encoded again.
. "$(dirname "$0")/lib.sh"
ff -stream_loop 2 -i "$SAMPLE" -t 41 -c:v libx264 -preset veryfast -crf 20 -c:a pcm_s16le "$T/base.mkv"
ff -i "$T/base.mkv" -c:v copy -af aresample=48000,asetrate=48240,aresample=48000 -c:a aac -b:a 128k "$T/drift.mp4"
ff -i "$T/base.mkv" -c:v copy -af "asplit[a][b];[a]atrim=0:20[x];[b]atrim=19.7,asetpts=PTS-STARTPTS[y];[x][y]concat=n=2:v=0:a=1" -c:a libmp3lame -b:a 96k "$T/steps.mkv"
sound() { ffprobe -v error -select_streams a -show_entries stream=codec_name,sample_rate -of csv=p=0 "$1"; }
fixed() { # fixed HOW IN OUT
    "$AVALIGN" fix "$2" --out "$3" --json >"$T/line" 2>"$T/err"; code=$?
    ok "$1: mended, and the copy reads as it should" is "$code $(jq -r .how "$T/line")" "0 $1"
    ok "$1: what the camera's zero may be is left" near "$(jq .after.offset_ms "$T/line")" 60 25
    ok "$1: the picture is not encoded again" is "$(ff -i "$3" -map 0:v -c copy -f md5 -)" "$(ff -i "$2" -map 0:v -c copy -f md5 -)"
    ok "$1: the sound keeps its codec and rate" is "$(sound "$3")" "$(sound "$2")"
    json "$3" --only lipsync
    ok "$1: no drift and no step is left" is "$(get '.signals.lipsync | "\((.drift_ppm // 0 | fabs) < 1000) \(.steps | length)"')" "true 0"
}
fixed drift "$T/drift.mp4" "$T/d.mp4"
ok "drift: by what it was made with, 5000 ppm" near "$(jq -r .done "$T/line" | sed 's/played +\([0-9]*\) .*/\1/')" 5000 1000
fixed steps "$T/steps.mkv" "$T/s.mkv"
ok "steps: two parts, the second by 300 ms, from 20 s" is "$(jq -r .done "$T/line" | grep -c 'moved in 2 parts: by .* ms, from \(19\|20\)\.[0-9] s by -\(2[6-9]\|3[0-3]\)[0-9] ms')" 1
"$AVALIGN" fix "$T/steps.mkv" --dry-run >"$T/out"
ok "--dry-run says what would be done" grep -q "would be moved in 2 parts: .* and encoded again, the picture not; nothing was written" "$T/out"
"$AVALIGN" fix "$T/drift.mp4" --offset 100 --out "$T/told.mp4" >"$T/out" 2>"$T/err"
ok "told what to do, it drifts as before, and that is right" is $? 0
ff -i "$T/drift.mp4" -i "$T/base.mkv" -map 0 -map 1:a -c:v copy -c:a aac "$T/two.mkv"
"$AVALIGN" fix "$T/two.mkv" --out "$T/x.mkv" >"$T/out" 2>"$T/err"; code=$?
ok "another track that does not drift: refused" is "$code $(grep -c 'track 2 does not drift or jump' "$T/err")" "2 1"
finish
