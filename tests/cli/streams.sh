#!/bin/bash
# Several picture tracks, several programmes, a channel upside down, an index out of a pipe's reach: heard and seen right, and said.
. "$(dirname "$0")/lib.sh"
look() { json "$1" --only lipsync "${@:2}"; offset=$(get .sync_offset_ms); }
warned() { [ "$(get "[.warnings[] | select(.code == \"$1\")] | length")" = "$2" ]; }
fast="-c:v libx264 -preset ultrafast -threads 1 -c:a aac"
slides="-f lavfi -i testsrc=s=1280x720:r=25:d=14.1"
look "$SAMPLE"; base=$offset
ok "one picture track" is "$(get '.media.video | "\(.stream) of \(.streams)"')" "1 of 1"

for flags in "" "-disposition:v:0 default -disposition:v:1 0"; do
    ff $slides -i "$SAMPLE" -map 0:v -map 1 $fast $flags "$T/two.mkv"; look "$T/two.mkv"
    ok "slides first, the face second ($flags): $offset ms" near "$offset" "$base" 12
    ok "the second is judged, and that is told" is "$(get '"\(.media.video.stream) of \(.media.video.streams), \([.warnings[].code] | index("several-pictures") != null)"')" "2 of 2, true"
done
look "$T/two.mkv" --video-stream 1
ok "asked for, the slides are judged" is "$(get '"\(.media.video.stream) \(.media.video.width) \(.absent.sync_offset_ms)"')" "1 1280 no-face"
ok "and nothing is warned of" warned several-pictures 0
json "$T/two.mkv" --video-stream 3
ok "a picture track that is not there: exit 3" is $code 3
ok "and one line" one_line "video stream 3 asked for, but there are 2"
run "$T/two.mkv" --video-stream 0; ok "--video-stream 0: exit 3" is $code 3
if command -v ffmpeg >/dev/null; then
    run "$T/two.mkv" --only lipsync --overlay "$T/over.mp4" -q
    ok "the overlay shows the track that was judged" is "$(ffprobe -v error -select_streams v:0 -show_entries stream=width -of csv=p=0 "$T/over.mp4")" 320
fi
run "$T/two.mkv" --only lipsync --html "$T/page.html" -q
ok "and the page is written" grep -q '"jpeg"\|data:image/jpeg' "$T/page.html"

P=$T/cover.jpg; ff -f lavfi -i testsrc=s=640x480 -frames:v 1 "$P"
ff -i "$SAMPLE" -i "$P" -map 1 -map 0 $fast -c:v:0 mjpeg -disposition:v:0 attached_pic "$T/cover.mp4"; look "$T/cover.mp4"
ok "cover art is no picture track: $offset ms" near "$offset" "$base" 12
ok "and is not counted" is "$(get '.media.video | "\(.stream) of \(.streams)"')" "1 of 1"

ff -f lavfi -i testsrc=s=640x480:r=25:d=14.1 -f lavfi -i sine=440:d=14.1 -i "$SAMPLE" -map 0 -map 1 -map 2 $fast -program st=0:st=1 -program st=2:st=3 "$T/prog.ts"; look "$T/prog.ts"
ok "two programmes: picture and sound come from the one with the face: $offset ms" near "$offset" "$base" 12
ok "both are its second" is "$(get '"\(.media.video.stream) \(.media.audio.stream)"')" "2 2"
look "$T/prog.ts" --audio-stream 2
ok "asked for the second's sound, its picture comes along: $offset ms" near "$offset" "$base" 12

# a channel upside down
for c in "c0|c1=-1*c0" "-0.9*c0|c1=c0"; do
    ff -i "$SAMPLE" -af "aresample=48000,pan=stereo|c0=$c" -c:v copy -c:a pcm_s16le "$T/inv.mkv"; look "$T/inv.mkv"
    ok "one channel upside down (c0=$c): $offset ms" near "$offset" "$base" 8
    ok "and that is told" warned channel-inverted 1
done
ff -i "$SAMPLE" -af "aresample=48000,pan=5.1|FC=c0|FL=-1*c0|FR=-1*c0|LFE=0*c0|BL=0*c0|BR=0*c0" -c:v copy -c:a pcm_s16le "$T/inv51.mkv"; look "$T/inv51.mkv"
ok "two of six channels upside down: $offset ms" near "$offset" "$base" 12
ff -i "$SAMPLE" -f lavfi -t 14 -i anoisesrc=a=0.05:r=48000 -filter_complex "[0:a]aresample=48000[a];[a][1:a]join=inputs=2:channel_layout=stereo[o]" -map 0:v -map "[o]" -c:v copy -c:a pcm_s16le "$T/apart.mkv"
look "$T/apart.mkv"; ok "channels that differ are left alone" warned channel-inverted 0

# an index that a pipe comes to too late
ff -i "$SAMPLE" -c copy "$T/back.mp4"; ff -i "$SAMPLE" -c copy -movflags +faststart "$T/front.mp4"
for live in "" --live; do
    cat "$T/back.mp4" | "$AVALIGN" analyze - $live --only lipsync >"$T/out" 2>"$T/err"; code=$?
    ok "an MP4 with its index at the end, through a pipe $live: exit 3" is $code 3
    ok "and the reason and the remedy" one_line "index of this MP4.*faststart"
    cat "$T/front.mp4" | "$AVALIGN" analyze - $live --only lipsync >"$T/out" 2>"$T/err"; code=$?
    ok "with its index in front: judged" is $code 0
done
# sizes that H.264 can't have
ff -t 5 -i "$SAMPLE" -vf scale=225:223 -c:v libvpx -b:v 500k -deadline realtime -cpu-used 8 -c:a libopus "$T/odd.webm"
run "$T/odd.webm" --only lipsync --overlay "$T/odd.mkv" -q
ok "an overlay of a picture of odd size" is "$(ffprobe -v error -select_streams v:0 -show_entries stream=width,height -of csv=p=0 "$T/odd.mkv")" "226,224"
# what the stamps can't say, or say beyond what is searched
ff -i "$SAMPLE" -c:v libx264 -preset veryfast -bf 3 -threads 1 -c:a libmp3lame -ar 44100 "$T/b.avi"; look "$T/b.avi"
ok "B pictures in AVI have no times: told" warned no-picture-times 1
ff -i "$SAMPLE" -c:v mpeg4 -q:v 3 -bf 0 -c:a libmp3lame -ar 44100 "$T/p.avi"; look "$T/p.avi"
ok "without B pictures nothing is told" warned no-picture-times 0
ff -i "$SAMPLE" -itsoffset 4 -i "$SAMPLE" -map 0:v -map 1:a -c:v copy -c:a pcm_s16le "$T/late.mkv"; look "$T/late.mkv"
ok "sound that begins 4 s after the picture: told" warned starts-apart 1
finish
