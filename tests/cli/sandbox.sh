#!/bin/bash
# --sandbox: the same results from a process that can't reach anything, and outputs that are whole or not there.
. "$(dirname "$0")/lib.sh"
for how in open shut; do
    "$AVALIGN" analyze "$SAMPLE" $([ $how = shut ] && echo --sandbox) --json "$T/$how.json" --html "$T/$how.html" --marks vtt="$T/$how.vtt" --marks sarif="$T/$how.sarif" >"$T/$how.txt" 2>"$T/$how.err"
    codes="${codes:-}$? "
done
ok "the same exit code" is "$codes" "0 0 "
for what in json html vtt sarif txt; do ok "the same $what, byte for byte" cmp "$T/open.$what" "$T/shut.$what"; done
ff -f lavfi -i testsrc=d=2 -f lavfi -i anoisesrc=d=2:a=0.1 -shortest "$T/nobody.mkv"
for how in "" --sandbox; do "$AVALIGN" analyze "$T/nobody.mkv" $how -q --json "$T/nobody$how.json" >/dev/null; done
ok "nobody there: the nets that ran, not all that were loaded" cmp "$T/nobody.json" "$T/nobody--sandbox.json"
ok "and no voice was looked at" is "$(jq '[.models[].role] | contains(["face-detect"]) and (contains(["voice-embed"]) | not)' "$T/nobody.json")" true
echo "this is a genuine recording" >"$T/words"
"$AVALIGN" analyze - --sandbox --transcript "$T/words" -q --json "$T/t.json" <"$SAMPLE"
ok "standard input, and a transcript, which is read: it says something else" is "$(jq -r '.warnings[].code' "$T/t.json")" transcript-mismatch
run /etc/passwd --sandbox
ok "no media: told in one line" one_line 'not a media file'
run "$T/none" --sandbox --json "$T/none.json"
ok "no file: told in one line" one_line 'No such file'
run "$T" --sandbox --json "$T/none.json"
ok "a folder: told in one line" one_line 'is a directory'
mkfifo "$T/pipe"
run "$T/pipe" --sandbox
ok "a pipe nobody writes to does not hold it" one_line 'no regular file'
run /etc/passwd --sandbox --json "$T/none.json" --html "$T/none.html"
ok "no result, no files" is "$(ls "$T" | grep -c -e none -e part)" 0
run http://localhost/x.mp4 --sandbox --allow-network
ok "no address" one_line 'keeps the network'
# a playlist that names other files: what it wants is out of reach
printf '#EXTM3U\n#EXTINF:5,\n%s\n#EXT-X-ENDLIST\n' "$SAMPLE" >"$T/list.m3u8"
run "$T/list.m3u8" --sandbox
ok "a playlist opens nothing" is $code 3
# killed half way
ff -stream_loop 9 -i "$SAMPLE" -c copy -t 100 "$T/long.mkv"
"$AVALIGN" analyze "$T/long.mkv" --sandbox -q --json "$T/l.json" 2>"$T/err" & pid=$!
for wait in $(seq 200); do child=$(pgrep -P $pid) && grep -q '^Seccomp:.*2' /proc/$child/status 2>/dev/null && break; sleep 0.05; done
kill -SEGV $child; wait $pid; code=$?
ok "killed by the file: told in one line" one_line 'the process died'
ok "with the code for it" is $code 4
ok "and nothing half-written" is "$(ls "$T" | grep -c -e 'l.json' -e part)" 0
finish
