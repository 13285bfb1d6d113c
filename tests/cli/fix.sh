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

# avalign fix does it, and measures what it wrote
hash=$(sha256sum <"$T/c.mp4")
fixed() { # fixed WHAT IN OUT: written, right, told
    "$AVALIGN" fix "$2" --out "$3" --json >"$T/line" 2>"$T/err"; code=$?
    ok "fix: $1" is $code 0
    ok "fix: $1: it was off by what it was moved" near "$(jq .moved_ms "$T/line")" "$(jq .before.offset_ms "$T/line")" 0.1
    ok "fix: $1: and then it is 0 +- 10 ms" near "$(jq .after.offset_ms "$T/line")" 0 10
}
fixed "mp4" "$T/c.mp4" "$T/f.mp4"
fixed "a broadcast" "$T/c.ts" "$T/f.ts"
ff -i "$SAMPLE" -t 7 -c:v mpeg4 -q:v 2 -af adelay=400:all=1 -c:a pcm_s16le "$T/late.avi"
fixed "AVI into another container" "$T/late.avi" "$T/f.mkv"
ok "fix: the picture is not encoded again" is "$(ff -i "$T/f.mp4" -map 0:v -c copy -f md5 -)" "$(ff -i "$T/c.mp4" -map 0:v -c copy -f md5 -)"
ok "fix: the file stays as it was" is "$(sha256sum <"$T/c.mp4")" "$hash"
not() { # not WHAT PATTERN ARGS...: refused in one line, nothing written
    local what=$1 pattern=$2; shift 2
    "$AVALIGN" fix "$@" >"$T/out" 2>"$T/err"; code=$?
    ok "fix: $what: exit code" is $code 2; ok "fix: $what: one line" one_line "$pattern"; ok "fix: $what: nothing is written" test ! -e "$T/no.mkv"
}
not "in sync" "nothing to put right" "$T/f.mp4" --out "$T/no.mkv"
ff -i "$T/c.mp4" -map 0:v -c copy "$T/mute.mp4"
not "no sound" "no-audio" "$T/mute.mp4" --out "$T/no.mkv"
ff -i "$T/c.mp4" -itsoffset 0.4 -i "$T/c.mp4" -map 0:v -map 0:a -map 1:a -c copy "$T/two.mkv"
not "tracks that differ" "choose with --audio-stream" "$T/two.mkv" --out "$T/no.mkv"
"$AVALIGN" fix "$T/c.mp4" --dry-run >"$T/out"; ok "fix: --dry-run says what would be done" grep -q "would be moved by" "$T/out"
"$AVALIGN" fix "$T/c.mp4" --offset -100 --out "$T/by.mkv" --json >"$T/line"
ok "fix: --offset moves by that" near "$(jq '.after.offset_ms - .before.offset_ms' "$T/line")" 100 5
# in noise the nets are hardly sure; where analyze answers, fix goes by it, and nowhere else
for noise in .065 .3; do
    ff -ss 8 -t 2 -i "$SAMPLE" -f lavfi -t 2 -i anoisesrc=a=$noise:c=pink:seed=1 -filter_complex "[0:a][1:a]amix=inputs=2:normalize=0[a]" -map 0:v -map "[a]" -c:v copy -c:a pcm_s16le "$T/n.mkv"
    ff -i "$T/n.mkv" -itsoffset 0.4 -i "$T/n.mkv" -map 1:v -map 0:a -c copy "$T/noisy.mkv"
    json "$T/noisy.mkv" --only lipsync; "$AVALIGN" fix "$T/noisy.mkv" --dry-run >"$T/out" 2>"$T/err"; code=$?
    ok "fix: noise of $noise, confidence $(get .sync_confidence), offset $(get .sync_offset_ms): the same answer" is "$code" "$(get 'if .sync_offset_ms then 0 else 2 end')"
done
"$AVALIGN" fix "$T/f.mp4" --offset 0 --out "$T/zero.mkv" --json >"$T/line" 2>"$T/err"; code=$?
ok "fix: an offset of 0 is one that was given" is "$code $(jq .moved_ms "$T/line")" "0 0"
ff -i "$T/c.mp4" -map 0:a -c copy "$T/blind.mp4"
not "--offset, but no picture" "no picture to move the sound against; name" "$T/blind.mp4" --offset -100 --out "$T/no.mkv"
not "--offset, but no sound" "no sound to move" "$T/mute.mp4" --offset -100 --out "$T/no.mkv"
ff -i "$T/c.mp4" -map 0:v -map 0:a -af volume=0 -c:v copy -c:a aac "$T/hush.mp4"
"$AVALIGN" fix "$T/hush.mp4" --offset -100 --out "$T/told.mkv" 2>"$T/err" >"$T/out"; code=$?
ok "fix: --offset where nothing can be measured: done, and said so" one_line "moved by -100 ms as told; no offset could be measured"
ok "fix: with code 0" is $code 0
"$AVALIGN" fix "$T/c.mp4" --out "$T/c.mp4" 2>"$T/err"; ok "fix: never onto itself" one_line "it is an input too"
PATH=$T/nowhere "$AVALIGN" fix "$T/c.mp4" --out "$T/no.mkv" 2>"$T/err"; code=$?
ok "fix: without ffmpeg: one line" one_line "ffmpeg is not installed"; ok "fix: and the exit code" is $code 4
finish
