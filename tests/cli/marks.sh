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
run "$SAMPLE" --marks pdf=x
ok "an unknown format is told in one line" one_line 'vtt, edl, csv'
run "$SAMPLE" --marks vtt=/nowhere/x.vtt
ok "a place that can't be written is told before the work" one_line 'output: No such'
run "$SAMPLE" --only lipsync --marks csv=-
ok "to standard output, without the summary" is "$(head -c 4 "$T/out"; grep -c 'anomaly score' "$T/out")" kind0
finish
