#!/bin/bash
# Time and memory belong to the budget: a few bytes that claim hours cost no more than what they hold.
. "$(dirname "$0")/lib.sh"
tiny=${AVALIGN_TINY:?}
TIMEFORMAT=%U
cost() { # cost ARGS: $code, $T/json, and the processor's seconds in $spent
    rm -f "$T/json"
    { time "$AVALIGN" analyze "$@" --models "$tiny" --json "$T/json" -q --threads 1 >"$T/out" 2>"$T/err" </dev/null; code=$?; } 2>"$T/time"
    spent=$(cat "$T/time")
}
sum() { get "[.warnings[] | select(.code == \"$1\")] | length"; }
# one packet in fifty seconds, for an hour
ff -f lavfi -i sine=440:r=44100:d=1.7 -af "asetnsamples=1024:p=0,asetpts=(N/1024)*50/TB" -c:a pcm_u8 -ac 1 "$T/sound.mkv"
ff -f lavfi -i color=s=64x64:r=25:d=3 -vf "setpts=N*50/TB" -fps_mode passthrough -c:v mpeg4 "$T/video.mkv"
for what in sound video; do
    ok "$what.mkv claims an hour" near "$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$T/$what.mkv")" 3600 200
    ok "in under 100 kB" [ "$(stat -c %s "$T/$what.mkv")" -lt 100000 ]
    cost "$T/$what.mkv"
    ok "$what: answered" [ $code -le 2 ]
    ok "$what: where it was cut is said" is "$(sum sparse)" 1
    ok "$what: $spent s of one core" near 0 "$spent" 20
done
ok "five minutes of holes were free" near "$(get '.media.video.end_s // 0')" 300 60
# a hole in one side costs nothing of the allowance while the other goes on
ff -f lavfi -i testsrc2=s=64x64:r=5:d=420 -f lavfi -i sine=440:r=8000:d=420 -af "aselect=lt(t\,5)+gt(t\,55)*lt(t\,60)+gt(t\,105)" -c:v mpeg4 -c:a pcm_s16le "$T/hole.mkv"
cost "$T/hole.mkv" --only lipsync
ok "holes in the sound alone: read to its end" is "$(sum sparse) $(get '.media.video.end_s > 419')" "0 true"
# two frames and months between them
echo '{"format":1,"frames":[{"t_s":0,"faces":[{"track":0,"box":[1,1,9,9]}]},{"t_s":9999999,"faces":[{"track":0,"box":[1,1,9,9]}]}]}' >"$T/far.json"
( ulimit -v 4000000; "$AVALIGN" analyze "$SAMPLE" --tracks "$T/far.json" --models "$tiny" -q >"$T/out" 2>"$T/err" ); code=$?
ok "months between two faces: exit 3" is $code 3
ok "and one line that says why" one_line 'span 9999999 s.*check their unit'
echo '{"format":1,"frames":[{"t_s":0,"faces":[{"track":0,"box":[1,1,9,9]}]},{"t_s":7200,"faces":[{"track":1,"box":[1,1,9,9]}]}]}' >"$T/film.json"
cost "$SAMPLE" --tracks "$T/film.json"
ok "two hours between two faces of a film are fine" [ $code -le 2 ]
finish
