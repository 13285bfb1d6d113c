#!/bin/bash
# Bad input: one line with file, stage and remedy, and the documented exit code; never a lost result.
. "$(dirname "$0")/lib.sh"
refused() { # refused NAME PATTERN ARGS...
    local name=$1 pattern=$2; shift 2
    run "$@"
    ok "$name: exit 3" is $code 3
    ok "$name: one line" one_line "$pattern"
}
refused "missing file" 'nowhere.mp4: open: No such file' "$T/nowhere.mp4"
refused "directory" 'is a directory' "$T"
: >"$T/empty.mp4"; refused "empty file" 'empty.mp4: open: the file is empty' "$T/empty.mp4"
seq 1 5000 >"$T/text.mp4"; refused "text" 'not a media file' "$T/text.mp4"
seq 1 5000 >"$T/text.txt"; refused "text by name" 'not a media file' "$T/text.txt"
head -c 300000 /dev/urandom >"$T/noise.bin"; refused "noise" 'noise.bin: ' "$T/noise.bin"
ff -i "$SAMPLE" -frames:v 1 "$T/still.png"; refused "PNG" 'still image' "$T/still.png"
ff -i "$SAMPLE" -frames:v 1 "$T/still.jpg"; refused "JPEG" 'still image' "$T/still.jpg"
ff -i "$SAMPLE" -c copy -encryption_scheme cenc-aes-ctr -encryption_key 76a6c65c5ea762046bd749a2e632ccbb \
   -encryption_kid a7e61c373e219033c21091fa607bf3b8 "$T/enc.mp4"
refused "encrypted" 'encrypted; supply a decrypted copy' "$T/enc.mp4"
refused "address without permission" 'allow-network' "http://127.0.0.1:9/x.mp4"
printf '#EXTM3U\n#EXTINF:10,\n%s\n' "$SAMPLE" >"$T/list.m3u8"; run "$T/list.m3u8"
ok "a playlist opens nothing else: exit 3" is $code 3
printf 'ffconcat version 1.0\nfile %s\n' "$SAMPLE" >"$T/list.ffconcat"; run "$T/list.ffconcat"
ok "a concat script opens nothing else: exit 3" is $code 3
evil=$'bad\nname\x1b[31m.mp4'; cp "$T/empty.mp4" "$T/$evil"; run "$T/$evil"
ok "a newline in a name stays one line" one_line 'bad?name'
clean() { # clean WHAT ARGS...: refused in one line without control characters
    local what=$1; shift
    timeout 60 "$AVALIGN" "$@" >"$T/out" 2>"$T/err" </dev/null; code=$?
    ok "$what: one clean line" is "$([ $code -ge 2 ] && echo refused) $(wc -l <"$T/err") $(cat "$T/err" "$T/out" | grep -c $'[\x01-\x09\x0b-\x1f]')" "refused 1 0"
}
E=$T/$evil; nowhere=$T/nowhere/$evil; cp "$SAMPLE" "$T/in.mp4"
clean fix fix "$E" --out "$T/o.mkv"; clean "fix --out" fix "$T/in.mp4" --out "$nowhere"; clean features features "$E" --out "$T/o"; clean "features --out" features "$T/in.mp4" --out "$nowhere"
clean embed embed voice "$E"; clean enroll enroll a "$E" --out "$T/o"; clean verify verify "$T/in.mp4" --reference "$nowhere"; clean emotion emotion face "$E"; clean live analyze --live "$nowhere"
for option in --json --html --overlay --tracks --transcript; do clean "$option" analyze "$T/in.mp4" $option "$nowhere"; done
clean marks analyze "$T/in.mp4" --marks vtt="$nowhere"; clean sandbox analyze "$nowhere" --sandbox; clean batch batch "$nowhere" --out "$T/o"; clean eval eval "$nowhere"; clean selftest selftest --degrade "$E"
clean "a command" "$evil"; clean "a verb" models "$evil"; clean "a kind" embed "$evil" "$T/in.mp4"; clean "an output that is the input" fix "$E" --out "$E"; clean policy analyze "$T/in.mp4" --policy "$nowhere"
rm -rf "$T/o"
memory=6000000; (ulimit -v $memory; "$AVALIGN" --version) >"$T/out" 2>&1 || memory=unlimited # a sanitizer's shadow alone takes terabytes
endless() { # endless OPTION ARGS...: memory for a part of it, no more
    local what=$1; shift
    (ulimit -v $memory; timeout 60 "$AVALIGN" "$@" >"$T/out" 2>"$T/err" </dev/null); code=$?
    ok "$what of a file without end: told" is "$code $(grep -c 'File too large' "$T/err")" "3 1"
}
endless --policy analyze "$T/in.mp4" --policy /dev/zero; endless "a list" eval /dev/zero

# one side missing: answered as far as it goes
ff -i "$SAMPLE" -an -c copy "$T/silent.mp4"; json "$T/silent.mp4"
ok "picture only: exit 2" is $code 2
ok "picture only: reason" is "$(get .absent.sync_offset_ms)" no-audio
ok "picture only: the face is still there" is "$(get '.tracks | length')" 1
ff -i "$SAMPLE" -vn -c copy "$T/sound.m4a"; json "$T/sound.m4a"
ok "sound only is judged by the sound" is "$code $(get .signals.verdict.judged)" "0 2"
ok "sound only: reason" is "$(get .absent.sync_offset_ms)" no-video
ok "sound only: speech is still there" is "$(get '[.segments[] | select(.kind == "speech")] | length > 0')" true
ff -i "$SAMPLE" -f lavfi -i anullsrc=r=16000:cl=mono -map 0:v -map 1:a -shortest -c:v copy -c:a aac "$T/mute.mp4"; json "$T/mute.mp4"
ok "digital silence: no speech, exit 2" is "$code $(get .absent.sync_offset_ms)" "2 no-speech"
ff -i "$SAMPLE" -f lavfi -i "sine=440:r=16000" -map 0:v -map 1:a -shortest -c:v copy -c:a aac "$T/tone.mp4"; json "$T/tone.mp4"
ok "a tone is no speech" is "$code $(get .absent.sync_offset_ms)" "2 no-speech"
ff -f lavfi -i testsrc2=s=320x240:r=25 -i "$SAMPLE" -map 0:v -map 1:a -shortest -c:v libx264 -preset veryfast -c:a copy "$T/noface.mp4"; json "$T/noface.mp4"
ok "no face: the sound is judged" is "$code $(get .absent.sync_offset_ms)" "0 no-face"
ff -i "$SAMPLE" -frames:v 1 -t 0.04 -c:v libx264 -c:a aac "$T/one.mp4"; json "$T/one.mp4"
ok "one frame: exit 2" is $code 2
ff -f lavfi -i color=c=gray:s=7680x4320:r=5:d=0.6 -c:v libx264 -preset ultrafast "$T/8k.mp4"; json "$T/8k.mp4"
ok "8K: decoded, exit 2" is "$code $(get .media.video.width)" "2 7680"
ff -f lavfi -i color=c=gray:s=16384x4400:r=5:d=0.4 -c:v libx265 -x265-params log-level=error -preset ultrafast "$T/16k.mp4" &&
    refused "over the pixel limit" 'over the limit' "$T/16k.mp4"
$PYTHON - "$T/nan.wav" <<'P'
import numpy as np, struct, sys
x = np.sin(np.arange(32000) / 5).astype("<f4"); x[1000:1100] = np.nan; x[2000] = np.inf
d = x.tobytes()
open(sys.argv[1], "wb").write(b"RIFF" + struct.pack("<I", 36 + len(d)) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 3, 1, 16000, 64000, 4, 32) + b"data" + struct.pack("<I", len(d)) + d)
P
json "$T/nan.wav"
ok "NaN samples are silenced and counted" is "$code $(get '.warnings[] | select(.code == "bad-samples") | .count')" "2 101"
printf 'RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0data\0\0\0\0' >"$T/zero.wav"; run "$T/zero.wav"
ok "a sound file without samples: exit 3" is $code 3

# a sound track that nobody can decode: the picture is still looked at, and it is said
ff -i "$SAMPLE" -c copy "$T/codec.mkv"
sed -i 's/A_AAC/A_XYZ/' "$T/codec.mkv"
json "$T/codec.mkv"
ok "an unknown sound codec is warned about" is "$code $(get .absent.sync_offset_ms) $(get '.warnings[0].code')" "2 no-audio no-decoder"

# truncated: with the index first, the part that is there is answered
ff -i "$SAMPLE" -c copy "$T/whole.mkv"
size=$(stat -c %s "$T/whole.mkv")
for tenth in 1 4 6 9; do
    head -c $((size * tenth / 10)) "$T/whole.mkv" >"$T/cut.mkv"; json "$T/cut.mkv"
    ok "Matroska cut at $tenth/10: answered" [ $code -le 2 ]
    ok "  up to where it ends" near "$(get '.tracks[0].end_s')" "$(awk "BEGIN { print 0.1 * $tenth * $(ffprobe -v error -show_entries format=duration -of csv=p=0 "$SAMPLE") }")" 2
    head -c $(($(stat -c %s "$SAMPLE") * tenth / 10)) "$SAMPLE" >"$T/cut.mp4"; run "$T/cut.mp4" --json "$T/json"
    if [ $tenth = 1 ]; then ok "MP4 cut before its first whole picture: says so" one_line 'nothing in it could be decoded'
    else ok "MP4 cut at $tenth/10: answered" [ $code -le 2 ]; fi
done
ff -i "$SAMPLE" -c copy "$T/tail.mp4"; head -c 60000 "$T/tail.mp4" >"$T/noindex.mp4"
refused "MP4 without its index" 'index is damaged or cut off' "$T/noindex.mp4"
$PYTHON - "$T/whole.mkv" "$T/hurt.mkv" <<'P'
import sys
d = bytearray(open(sys.argv[1], "rb").read())
for i in range(20000, len(d) - 100, 9973):
    d[i:i + 3] = b"\xff\x00\xaa"
open(sys.argv[2], "wb").write(d)
P
json "$T/hurt.mkv"
ok "damaged inside: answered" [ $code -le 2 ]
ok "and the damage is counted" is "$(get '[.warnings[].code] | contains(["damaged"])')" true
cp "$T/json" "$T/hurt1"; json "$T/hurt.mkv" --threads 1
ok "damage gives the same bytes with one thread" cmp -s "$T/json" "$T/hurt1"

# models
cp -rL "$AVALIGN_MODELS" "$T/models"
echo '{' >"$T/models/manifest.json"; refused "corrupt manifest" 'manifest.json: line' "$SAMPLE" --models "$T/models"
rm "$T/models/manifest.json"; refused "no manifest" 'manifest.json' "$SAMPLE" --models "$T/models"
cp "$AVALIGN_MODELS/manifest.json" "$T/models/"; printf x >>"$T/models/third_party/face_landmark.tflite"
refused "a changed net" 'face_landmark.tflite: SHA-256 is' "$SAMPLE" --models "$T/models"
cp "$AVALIGN_MODELS/third_party/face_detection_short_range.tflite" "$T/models/third_party/face_landmark.tflite"
sum=$(sha256sum "$T/models/third_party/face_landmark.tflite" | cut -d' ' -f1)
jq "(.models[] | select(.role == \"face-mesh\") | .sha256) = \"$sum\"" "$AVALIGN_MODELS/manifest.json" >"$T/models/manifest.json"
refused "another net's shape" 'face_landmark.tflite: shape of input' "$SAMPLE" --models "$T/models"
rm "$T/models/third_party/face_landmark.tflite"; refused "a missing net" 'make setup' "$SAMPLE" --models "$T/models"

# output
ff -i "$SAMPLE" -t 3 -c copy "$T/short.mp4"; SAMPLE=$T/short.mp4
run "$SAMPLE" --json /nowhere/out.json; ok "unwritable output: exit 4" is $code 4
run "$SAMPLE" --json "$T"; ok "output is a directory: exit 4" is $code 4
run "$SAMPLE" --json /dev/full; ok "full disk: exit 4" is $code 4
ok "full disk: the summary is still printed" grep -q 'lip-sync offset' "$T/out"
"$AVALIGN" analyze "$SAMPLE" >&- 2>"$T/err"; ok "closed stdout: exit 4" is $? 4
{ "$AVALIGN" analyze "$SAMPLE" --json - 2>"$T/err"; echo $? >"$T/code"; } | true; ok "broken pipe: exit 4" is "$(cat "$T/code")" 4
ok "no part files are left" is "$(find "$T" -name '*.part' | wc -l)" 0

# tracking
echo '{"format": 1, "frames": [{"t_s": 0, "faces": [{"track": 0, "box": [1,2]}]}]}' >"$T/t.json"
refused "bad tracks" 'a box is' "$SAMPLE" --tracks "$T/t.json"
refused "missing tracks" 'No such file' "$SAMPLE" --tracks "$T/none.json"
finish
