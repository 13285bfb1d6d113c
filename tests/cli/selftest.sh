#!/bin/bash
# avalign selftest --degrade: the same answers where nothing is lost, reasons where too much is.
. "$(dirname "$0")/lib.sh"
"$AVALIGN" selftest --degrade "$SAMPLE" --only lipsync --keep "$T/copies" >"$T/out" 2>"$T/err"; code=$?
ok "it ends well" is $code 0
ok "ten lines" is "$(grep -cE '(flagged|not judged)$' "$T/out")" 10
ok "the copies are really worse" is "$(ffprobe -v error -select_streams v -show_entries stream=height -of csv=p=0 "$T/copies/07.mkv"),$(ffprobe -v error -select_streams a -show_entries stream=sample_rate -of csv=p=0 "$T/copies/06.mkv")" 160,8000
ok "a codec does not move the offset" awk '/^MP3/ { mp3 = $4 } /^as it is/ { first = $4 } END { exit !(mp3 - first < 40 && first - mp3 < 40) }' "$T/out"
ok "the end says how stable it is" grep -Eq '^[0-9]+ of 9 worse copies change an answer.*stable' "$T/out"
ff -i "$SAMPLE" -vn -c copy "$T/sound.m4a"; "$AVALIGN" selftest --degrade "$T/sound.m4a" --only authenticity >"$T/out" 2>"$T/err"
ok "without a picture the picture's variants do not apply" is "$(grep -c 'does not apply' "$T/out")" 3
"$AVALIGN" selftest --degrade /nowhere.mp4 >"$T/out" 2>"$T/err"; code=$?
ok "a file that is not there is told in one line" one_line 'nowhere.mp4.*No such file'
ok "with the code for unusable input" is $code 3
ff -f lavfi -i color=gray:s=320x240:r=25:d=3 -f lavfi -i anullsrc=r=16000:cl=mono -shortest -c:v libx264 -c:a aac "$T/nothing.mp4"
"$AVALIGN" selftest --degrade "$T/nothing.mp4" --only lipsync >"$T/out" 2>"$T/err"; code=$?
ok "what could not be judged is not called stable: code 2" is "$code $(grep -c 'stable' "$T/out") $(grep -c 'nothing that could be stable' "$T/out")" "2 1 1"
finish
