#!/bin/bash
# Voices and faces: embeddings as JSON lines, references that are made, signed, checked and refused, the match with the face.
. "$(dirname "$0")/lib.sh"
ff -i "$SAMPLE" -t 7 -c copy "$T/seven.mp4"; SAMPLE=$T/seven.mp4
"$AVALIGN" embed voice "$SAMPLE" >"$T/v.json"; ok "a voice is one JSON line" is "$(jq -r '"\(.kind) \(.track) \(.vector | length)"' "$T/v.json")" "voice null 256"
ok "of length 1" near "$(jq '[.vector[] | . * .] | add' "$T/v.json")" 1 0.001
"$AVALIGN" embed face "$SAMPLE" >"$T/f.json"; ok "a face too" is "$(jq -r '"\(.kind) \(.vector | length)"' "$T/f.json")" "face 512"
ff -i "$SAMPLE" -vn -t 0.5 "$T/short.wav"; ff -f lavfi -i sine=d=4 "$T/sine.wav"
"$AVALIGN" embed voice "$T/sine.wav" "$T/missing.wav" "$SAMPLE" >"$T/out" 2>"$T/err"; code=$?
ok "a file without speech is a line with a reason" is "$(head -1 "$T/out" | jq -r .absent)" no-speech
ok "a missing file does not stop the others" is "$(wc -l <"$T/out") $code" "2 3"
ok "and is told in one line" one_line "missing.wav"
"$AVALIGN" embed voice "$(printf "$T/q\"\\\\\001.wav")" >"$T/out" 2>/dev/null
ff -i "$SAMPLE" -vn -c:a pcm_s16le "$T/a\"b.wav"; "$AVALIGN" embed voice "$T/a\"b.wav" | jq -e .file >/dev/null; ok "file names are escaped" test $? = 0

"$AVALIGN" embed voice --quick "$SAMPLE" >"$T/q.json"; ok "the quick net is another one" test "$(jq -r .model "$T/q.json")" != "$(jq -r .model "$T/v.json")"
hash() { "$AVALIGN" models list | awk -v r="$1" '$1 == r { for (i = 2; i <= NF; i++) if (length($i) == 12 && $i !~ /[^0-9a-f]/) { print $i; exit } }'; }
ok "embed takes the surer one, --quick that of analyze" is "$(jq -r .model "$T/v.json" "$T/q.json" | cut -c1-12 | paste -sd' ')" "$(hash voice-identity) $(hash voice-embed)"
"$AVALIGN" enroll Somebody "$SAMPLE" --out "$T/ref"; ok "a reference is written" test -s "$T/ref"
"$AVALIGN" verify --reference "$T/ref" "$SAMPLE" >"$T/out"; code=$?
ok "each ratio lies between its bounds, which are even" jq -e '[.voice, .face] | all(.ratio <= .ratio_bounds[1] and .ratio >= .ratio_bounds[0] and .ratio > 5 and
    (.ratio_bounds[0] * .ratio_bounds[1] - 1 | fabs) < 0.03)' "$T/out"
ok "and is of two propositions" is "$(jq -r '.propositions | join(" / ")' "$T/out")" "the clip is of the person enrolled / the clip is of another person"
ok "the same clip fits it" is "$(jq -r '.voice.supports + ", " + .face.supports' "$T/out") $code" "same person, same person 0"
head -c 32 /dev/urandom >"$T/key"; head -c 32 /dev/urandom >"$T/other"; head -c 5 /dev/urandom >"$T/tiny"
"$AVALIGN" enroll Somebody "$SAMPLE" --out "$T/signed" --key "$T/key"
ok "signed" is "$("$AVALIGN" verify --reference "$T/signed" --key "$T/key" "$SAMPLE" | jq -r .signature)" valid
ok "no key, said" is "$("$AVALIGN" verify --reference "$T/signed" "$SAMPLE" | jq -r .signature)" "not checked, no key given"
refused() { # refused WHAT PATTERN ARGS...: before any clip is looked at
    local what=$1 pattern=$2; shift 2
    "$AVALIGN" verify "$@" "$T/no.clip" >"$T/out" 2>"$T/err"; code=$?
    ok "$what: exit code" is $code 3; ok "$what: one line" one_line "$pattern"; ok "$what: no match" test ! -s "$T/out"
}
refused "another key" "signature does not fit" --reference "$T/signed" --key "$T/other"
refused "a key of five bytes" "under 16 bytes" --reference "$T/signed" --key "$T/tiny"
refused "an unsigned file with a key" "signature does not fit" --reference "$T/ref" --key "$T/key"
sed 's/"Somebody"/"Anybody"/' "$T/ref" >"$T/forged"; refused "a changed name" "checksum does not fit" --reference "$T/forged"
: >"$T/empty"; refused "an empty file" "no reference file" --reference "$T/empty"
echo '[1, 2' >"$T/half"; refused "no JSON" "no reference file" --reference "$T/half"
refused "a missing file" "check the path" --reference "$T/nowhere"
$PYTHON - "$T/ref" "$T/foreign" <<'P'
import hashlib, json, sys
d = json.load(open(sys.argv[1])); d.pop("sha256")
d["voice"]["model_sha256"] = "0" * 64
text = json.dumps(d, separators=(",", ":"), sort_keys=True, ensure_ascii=False).replace("e-0", "e-")
d["sha256"] = hashlib.sha256(text.encode()).hexdigest()
json.dump(d, open(sys.argv[2], "w"))
P
"$AVALIGN" verify --reference "$T/foreign" "$SAMPLE" >"$T/out" 2>"$T/err"; code=$?
ok "embeddings of other nets are refused" one_line "made with another voice net"; ok "exit code" is $code 3
ff -i "$SAMPLE" -t 1.2 -c copy "$T/one.mkv"; json "$T/one.mkv" --only speaker
ok "under 2 s of speech: no match" is "$(get .absent.voice_face_match)" too-short
ff -i "$SAMPLE" -c:v copy -c:a pcm_s16le -ar 8000 "$T/phone.mkv"; json "$T/phone.mkv" --only speaker
ok "telephone sound: no match" is "$(get .absent.voice_face_match)" narrow-band
ff -i "$SAMPLE" -f lavfi -i anoisesrc=d=30:a=0.5 -filter_complex "[0:a]volume=0.02[a];[a][1:a]amix=duration=first[m]" -map 0:v -map "[m]" -c:v copy "$T/noise.mkv"
json "$T/noise.mkv" --only speaker
ok "in noise: no match ($(get .absent.voice_face_match))" is "$(get .voice_face_match)" null

# a cross-modal net of the user's takes the place of what sex tells
cp -rL "$AVALIGN_MODELS" "$T/models" && chmod -R u+w "$T/models"
PYTHONPATH="$(dirname "$0")/../../setup" $PYTHON - "$T" <<'P'
import sys
import numpy as np
import onnx_writer as w
rng = np.random.RandomState(0)
for name, dim, out in (("v", 256, 32), ("f", 512, 32), ("g", 512, 16)):
    open("%s/%s.onnx" % (sys.argv[1], name), "wb").write(w.model(name, [w.node("MatMul", ["x", "w"], ["y"])], [w.value("x", [1, dim])],
        [w.value("y", [1, out])], {"w": rng.standard_normal((dim, out)).astype("f")}))
P
importer="$(dirname "$0")/../../training/import/crossmodal.py"
ok "a cross-modal net is added" $PYTHON "$importer" "$T/v.onnx" "$T/f.onnx" "$T/models" --slope 4 --middle 0.1
json "$SAMPLE" --only speaker --models "$T/models"
ok "its calibrated ratio is the answer" near "$(get .signals.speaker.llr)" "$(get '.signals.speaker.cross_net_cosine * 4 - 0.4')" 0.006
$PYTHON "$importer" "$T/v.onnx" "$T/g.onnx" "$T/models" --slope 4 --middle 0.1
run --only speaker --models "$T/models" "$SAMPLE"; ok "spaces of unlike size are refused" one_line "must be as many"
# the surer embedding is one of two nets' together
mkdir "$T/ear"; ln -s "$AVALIGN_MODELS"/* "$T/ear/"; rm "$T/ear/manifest.json"
jq '(.models[] | select(.role == "voice-tdnn")) as $t | .models |= map(if .role == "voice-identity" then $t + { role } else . end)' "$AVALIGN_MODELS/manifest.json" >"$T/ear/manifest.json"
"$AVALIGN" embed voice --models "$T/ear" "$SAMPLE" >"$T/ear.json"
ok "its first 192 numbers are CAM++'s" near "$(jq -s '(.[0].vector[:192]) as $a | (.[1].vector[:192]) as $b | ([range(192) | $a[.] * $b[.]] | add) /
    (([$a[] | . * .] | add) * ([$b[] | . * .] | add) | sqrt)' "$T/v.json" "$T/ear.json")" 1 0.01
ok "the others the d-vector's share" test "$(jq '[.vector[192:][] | . * .] | add | . > 0.05 and . < 0.95' "$T/v.json")" = true
jq 'del(.models[] | select(.role == "voice-tdnn"))' "$AVALIGN_MODELS/manifest.json" >"$T/ear/manifest.json"
"$AVALIGN" embed voice --models "$T/ear" "$SAMPLE" >"$T/out" 2>"$T/err"; code=$?
ok "without one of them: one line" one_line "voice-tdnn"; ok "and the exit code" is $code 3
# a net that comes without a calibration: its vectors, but nothing that would judge by them
mkdir "$T/own"; ln -s "$AVALIGN_MODELS"/* "$T/own/"; rm "$T/own/manifest.json"
own() { jq "(.models[] | select(.role == \"$1\")) |= ($2)" "$AVALIGN_MODELS/manifest.json" >"$T/own/manifest.json"; } # own ROLE JQ-FILTER
own face-embed 'del(.calibration)'
json "$SAMPLE" --models "$T/own"
ok "no calibration, no voice-face match" is "$(get .absent.voice_face_match)" not-calibrated
ok "the other analyzers go on" jq -e '.absent.voice_authenticity == null' "$T/json"
"$AVALIGN" embed --models "$T/own" face "$SAMPLE" >"$T/out"; ok "the embedding is there" is "$(jq '.vector | length' "$T/out")" 512
"$AVALIGN" verify --models "$T/own" --reference "$T/ref" "$SAMPLE" >"$T/out"
ok "verify says why it does not judge the face, and judges the voice" is "$(jq -r '"\(.face.absent), \(.voice.supports)"' "$T/out")" "not-calibrated, same person"
own face-embed '.calibration.slope = 0'
json "$SAMPLE" --models "$T/own" --only speaker; ok "a slope of 0 is none" is "$(get .absent.voice_face_match)" not-calibrated
own sync-sound '.calibration.with["sync-lips"] = "0000"'
json "$SAMPLE" --models "$T/own" --only lipsync,speaker
ok "fitted beside another net: no offset" is "$(get .absent.sync_offset_ms) $(get .absent.lip_sync_score)" "not-calibrated not-calibrated"
vox=$SHARED/data/video/dev/real/voxceleb2_pcavs
if [ -d "$vox" ]; then
    set -- "$vox"/*.mp4
    "$AVALIGN" enroll A "$1" --out "$T/a"; "$AVALIGN" verify --reference "$T/a" "$2" >"$T/out"; code=$?
    ok "another person's face is told apart" is "$(jq -r .face.supports "$T/out") $code" "another person 1"
    E=$SHARED/data/video/dev/real/syncnet_example/example.mkv
    ff -t 7 -i "$E" -c copy "$T/e1.mkv"; ff -ss 6 -i "$E" -c copy "$T/e2.mkv"; ff -t 7 -i "$E" -an -c copy "$T/mute.mkv"
    "$AVALIGN" enroll mix "$T/e1.mkv" "$1" --out "$T/mix" 2>"$T/err"; code=$?
    ok "two people are no person: nothing is written" is "$code $(ls "$T/mix" 2>/dev/null)" "3 "
    ok "and both are named" one_line "$(basename "$1").*e1.mkv\|e1.mkv.*$(basename "$1")"
    "$AVALIGN" enroll mix "$T/e1.mkv" "$1" "$T/e2.mkv" --out "$T/mix" 2>"$T/err"; code=$?
    ok "one of three is the odd one and is named" one_line "$(basename "$1") does not"
    "$AVALIGN" enroll e "$T/e1.mkv" "$T/e2.mkv" --out "$T/e" 2>"$T/err"; code=$?
    ok "two clips of one person are taken" is "$code $(jq -c '.lacks' "$T/e")" "0 []"
    "$AVALIGN" enroll e "$T/mute.mkv" --out "$T/e" 2>"$T/err"; code=$?
    ok "what a reference lacks is said, there and in it" is "$code $(grep -c 'no voice' "$T/err") $(jq -r '.lacks[0]' "$T/e" | grep -c 'no voice')" "0 1 1"
    # one person's picture, the voice of a woman (LibriSpeech reader 19) joined to his own
    voice=$(ls "$SHARED"/data/audio/speaker/*_19-*.flac | head -1)
    ff -i "$4" -i "$voice" -filter_complex "[0:a]aresample=16000,pan=mono|c0=c0,atrim=0:7[x];[1:a]atrim=0:8,asetpts=PTS-STARTPTS[y];[x][y]concat=v=0:a=1" "$T/two.wav"
    json "$T/two.wav" --only speaker
    ok "a change of voice is found within 1.5 s ($(get '[.signals.speaker.voice_changes[].time_s]|tostring'))" \
        near "$(get '.signals.speaker.voice_changes[0].time_s')" 7 1.5
    ok "two voices" is "$(get '.signals.speaker.voices | length')" 2
    ff -i "$4" -i "$voice" -map 0:v -map 1:a -c:v copy -shortest "$T/woman.mkv"; json "$T/woman.mkv" --only speaker
    ok "a woman's voice on a man's face is flagged ($(get .voice_face_match))" awk -v x="$(get .voice_face_match)" 'BEGIN { exit !(x != "null" && x < 0.5) }'
    json "$4" --only speaker; ok "his own is not ($(get .voice_face_match))" awk -v x="$(get .voice_face_match)" 'BEGIN { exit !(x > 0.5) }'
else
    echo "skip ../shared is absent: no other people"
fi
finish
