#!/bin/bash
# Clocks that jump, run backwards, have holes or stray stamps: picture and sound keep their relation.
. "$(dirname "$0")/lib.sh"
if [ -f "$SHARED/data/video/dev/real/syncnet_example/example.mkv" ]; then E=$SHARED/data/video/dev/real/syncnet_example/example.mkv; else E=; fi
X="-c:v libx264 -preset veryfast -crf 18 -pix_fmt yuv420p -threads 1"
look() { json "$1" --only lipsync "${@:2}"; offset=$(get .sync_offset_ms); }
warned() { [ "$(get "[.warnings[] | select(.code == \"$1\")] | length")" = "$2" ] || { echo "     warnings: $(get '[.warnings[] | "\(.code): \(.text)"] | join("; ")')"; return 1; }; }
frames() { ffprobe -v error -select_streams v:0 -count_packets -show_entries stream=nb_read_packets -of csv=p=0 "$1" | head -1; }

parts() { # two takes in one transport stream: the second's clock starts $3 s on, the first's sound ends 0.4 s before its picture
    local in=$1 out=$2 at=$3 ts="-c:a aac -b:a 96k -f mpegts -muxdelay 0 -muxpreload 0"
    [ -f "$out.1" ] || ff -t 6 -i "$in" -t 5.6 -i "$in" -map 0:v -map 1:a $X $ts "$out.1"
    ff -ss 6 -i "$in" $X $ts -output_ts_offset "$at" "$T/second.ts"
    cat "$out.1" "$T/second.ts" >"$out"
}
each() { # each NAME IN [WINDOWS]: all kinds of jumps of one clip
    local name=$1 in=$2 base
    look "$in"; base=$offset
    local n; n=$(frames "$in")
    for at in 100 30 0 95440; do
        parts "$in" "$T/$name.ts" $at; look "$T/$name.ts"
        ok "$name, the clock goes on at $at s: $offset ms against $base" near "$offset" "$base" 16
        ok "... all pictures are there: $(get .media.video.frames) of $n" near "$(get .media.video.frames)" "$n" 4
        ok "... a warning with place and seconds" warned clock-jump 1
        ok "... $(get '.warnings[] | select(.code == "clock-jump") | .text')" grep -q "by [0-9.]* s \(ahead\|back\) at 6\.[0-9]* s" "$T/json"
        [ $at = 95440 ] && ok "... and 33 bits are full at 9.8 s: $(get '[.warnings[] | select(.code == "clock-jump") | .text] | join("")')" is \
            "$(get '[.warnings[] | select(.code == "clock-jump") | .text] | join("") | test("by 95443.7[0-9] s back at 9.[0-9]* s")')" true
        ok "... the length is what was decoded: $(get .media.duration_s)" near "$(get .media.duration_s)" "$(awk "BEGIN { print $n / 25 }")" 0.5
    done
    parts "$in" "$T/$name.ts" 0; run "$T/$name.ts" --only lipsync -q --marks textgrid="$T/grid" --html "$T/page.html"
    ok "$name, marks are as long as what was decoded" near "$(sed -n 's/^xmax = //p' "$T/grid" | head -1)" "$(awk "BEGIN { print $n / 25 }")" 0.5
    ok "... and the page" near "$(grep -o '"duration_s": *[0-9.]*' "$T/page.html" | head -1 | grep -o '[0-9.]*$')" "$(awk "BEGIN { print $n / 25 }")" 0.5
    parts "$in" "$T/$name.ts" 100; look "$T/$name.ts" --max-duration 60
    ok "$name, a limit counts on the mended clock: $(get .media.video.end_s) s" near "$(get .media.video.end_s)" "$(awk "BEGIN { print $n / 25 }")" 0.5
    look "$T/$name.ts" --max-duration 8
    ok "$name, and stops there: $(get .media.video.end_s) s" near "$(get .media.video.end_s)" 8 0.3
    ff -i "$in" $X -bf 0 -c:a pcm_s16le "$T/straight.mkv"
    ff -i "$T/straight.mkv" -c copy -bsf:v "setts=ts='if(eq(mod(N,50),49),TS-200,TS)'" "$T/stray.mkv"; look "$T/stray.mkv"
    ok "$name, every 50th picture stamped 200 ms back: $offset ms" near "$offset" "$base" 12
}
each portrait "$SAMPLE"
[ -z "$E" ] || each "SyncNet's example" "$E"

# holes are holes, in all containers: the sound after them keeps its time
mute() { # mute IN OUT FROM TO: twice the clip with TO - 2 s of stillness between; the sound is absent from FROM to TO
    ff -i "$1" -i "$1" -filter_complex "[0:v]tpad=stop_mode=clone:stop_duration=70,trim=0:$4,setpts=PTS-STARTPTS[x];[1:v]setpts=PTS-STARTPTS[y];[x][y]concat=n=2:v=1:a=0,fps=25[v];[0:a]apad,atrim=0:$4,asetpts=PTS-STARTPTS[p];[1:a]asetpts=PTS-STARTPTS[q];[p][q]concat=n=2:v=0:a=1,aselect='not(between(t,$3,$4))'[a]" \
        -map "[v]" -map "[a]" -c:v libx264 -preset ultrafast -crf 26 -threads 1 -c:a pcm_s16le "$2"
}
look "$SAMPLE"; base=$offset
mute "$SAMPLE" "$T/mute.mkv" 2.5 72; look "$T/mute.mkv"
ok "muted for 69.5 s after 2.5 s of talk: $offset ms against $base" near "$offset" "$base" 16
ok "the hole is told: $(get '.warnings[] | select(.code == "sound-gaps") | .text')" warned sound-gaps 1
ok "and no jump" warned clock-jump 0
if [ -n "$E" ]; then
    look "$E"; base=$offset
    mute "$E" "$T/mute.mkv" 2.5 72; look "$T/mute.mkv"
    ok "the same with SyncNet's example: $offset ms against $base" near "$offset" "$base" 12
fi

# a stream goes on as a file does
parts "$SAMPLE" "$T/live.ts" 100
"$AVALIGN" analyze --live - --window 5 --only lipsync <"$T/live.ts" >"$T/lines" 2>"$T/err"
ok "live: no window is lost" is "$(jq -s length "$T/lines")" 3
ok "live: the jump is told in its window alone" is "$(jq -sc 'map([.warnings[] | select(.code == "clock-jump")] | length)' "$T/lines")" "[0,1,0]"

# a lost packet is made up for
ff -i "$SAMPLE" $X -c:a aac -ar 48000 -b:a 96k "$T/whole.mkv"
ff -i "$T/whole.mkv" -c copy -f mpegts "$T/whole.ts"; look "$T/whole.ts"; base=$offset
ff -i "$T/whole.mkv" -c copy -bsf:a "noise=drop='between(n,60,60)'" -f mpegts "$T/lost.ts"; look "$T/lost.ts"
ok "a packet of 21 ms is lost: $offset ms against $base" near "$offset" "$base" 6
ok "and that is told" warned sound-gaps 1
ff -i "$T/whole.mkv" -c copy -bsf:a "noise=drop='between(n,60,62)+between(n,150,152)+between(n,240,243)+between(n,330,334)+between(n,420,422)'" -f mpegts "$T/loss.ts"
json "$T/loss.ts" --only lipsync,artifacts
ok "lost sound is no splice: worst $(get .signals.artifacts.worst)" awk -v w="$(get .signals.artifacts.worst)" 'BEGIN { exit !(w < .5) }'

# trims between two pictures, at any rate
for rate in 25 12 60000/1001; do
    ff -i "$SAMPLE" -vf "fps=$rate" $X -bf 3 -c:a aac "$T/full.mp4"; look "$T/full.mp4"; base=$offset
    ff -ss 1.37 -i "$T/full.mp4" -c copy "$T/trim.mp4"; look "$T/trim.mp4"
    [ $rate = 12 ] || ok "trimmed between two pictures at $rate fps: $offset ms against $base" near "$offset" "$base" 14
    first=$(awk -v r="$rate" 'BEGIN { split(r, a, "/"); p = a[2] ? a[2] / a[1] : 1 / a[1]; n = int(1.37 / p); print (n + 1) * p - 1.37 }')
    ok "... the first whole picture keeps its time at $rate fps: $(get .media.video.start_s) s" near "$(get .media.video.start_s)" "$first" 0.003
done
finish
