#!/bin/bash
# The findings for other tools: each format read by a reader of its own.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")
name="$T/a \"quoted\", = name.mp4"
ff -i "$SAMPLE" -itsoffset 0.24 -i "$SAMPLE" -map 0:v -map 1:a -c copy "$name" # something to tell: sound a quarter second late
set --
for f in vtt edl csv rttm textgrid otio sarif; do set -- "$@" --marks "$f=$T/m.$f"; done
json "$name" "$@"
ok "all are written" is "$(ls "$T"/m.* | wc -l)" 7
ok "there is something to tell" jq -e '.anomalies | length > 0' "$T/json"
ok "FFmpeg reads the cues" is "$(ffprobe -v error -f webvtt -show_entries packet=pts_time -of csv=p=0 "$T/m.vtt" | grep -c "[0-9]")" "$(grep -c -- '-->' "$T/m.vtt")"
if [ -d "$here/../../third_party/readers" ]; then
    ok "readers of the formats agree" $PYTHON "$here/read_marks.py" "$T" "$T/json"
elif [ -n "${CI:-}" ]; then
    ok "the readers are there (setup/test_tools.sh)" false
fi
"$AVALIGN" analyze "$name" -q --overlay "$T/over.mkv" --marks ass="$T/m.ass" >/dev/null 2>&1
sum() { ffmpeg -v error -i "$1" -map 0:a -c copy -f md5 - ; }
ok "the overlay keeps the sound as it is" is "$(sum "$T/over.mkv")" "$(sum "$name")"
shots() { ffprobe -v error -select_streams v -count_packets -show_entries stream=nb_read_packets,width,height -of csv=p=0 "$1"; }
ok "and every picture" is "$(shots "$T/over.mkv")" "$(shots "$name")"
ff -ss 5 -i "$name" -frames:v 1 -f rawvideo -pix_fmt rgb24 "$T/a.rgb"; ff -ss 5 -i "$T/over.mkv" -frames:v 1 -f rawvideo -pix_fmt rgb24 "$T/b.rgb"
ok "something is drawn" test "$(cmp -l "$T/a.rgb" "$T/b.rgb" | awk 'function n(o) { return substr(o,1,length(o)-2)*64 + substr(o,length(o)-1,1)*8 + substr(o,length(o)) } { d = n($2) - n($3); if (d > 60 || d < -60) k++ } END { print k+0 }')" -gt 1000
ok "boxes, speech and offset are in the subtitles" test "$(grep -c 'Speaks,,0' "$T/m.ass")" -gt 20 -a "$(grep -c 'Bar,,0' "$T/m.ass")" -gt 5 -a "$(grep -c 'sound late' "$T/m.ass")" -ge 1
PATH=/nowhere "$AVALIGN" analyze "$SAMPLE" -q --only lipsync --overlay "$T/x.mp4" >/dev/null 2>"$T/err"
ok "without ffmpeg it says so in one line" one_line 'ffmpeg is not installed'
run "$SAMPLE" --marks pdf=x
ok "an unknown format is told in one line" one_line 'vtt, edl, csv'
run "$SAMPLE" --marks vtt=/nowhere/x.vtt
ok "a place that can't be written is told before the work" one_line 'output: No such'
run "$SAMPLE" --only lipsync --marks csv=-
ok "to standard output, without the summary" is "$(head -c 4 "$T/out"; grep -c 'anomaly score' "$T/out")" kind0
finish
