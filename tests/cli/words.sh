#!/bin/bash
# The words that are heard, on sentences that a speech synthesiser says; none where nobody speaks.
. "$(dirname "$0")/lib.sh"
said() { get '[.signals.transcript.words[].word] | join(" ") | ascii_downcase | gsub("[^a-z ]"; "")'; }
command -v espeak-ng >/dev/null || { echo "no espeak-ng: skipped"; exit 77; }
espeak-ng -s 140 -w "$T/one.wav" "Good morning. The train to the city leaves at ten, and the weather is very good today."
json "$T/one.wav" --only authenticity --transcribe
for word in good morning train city leaves weather today; do ok "\"$word\" is heard" grep -qw "$word" <<<"$(said)"; done
ok "words come one after the other, within the sound" is "$(get '.media.duration_s as $d | .signals.transcript.words | [.[] | .start_s, .end_s] | . == sort and .[0] >= 0 and .[-1] <= 8')" true
ok "each with how sure the net is" is "$(get '.signals.transcript.words | all(.p > 0 and .p <= 1)')" true
ok "the nets are named" is "$(get '[.models[] | select(.role == "speech-words" or .role == "speech-memory") | .licence] | join(" ")')" "MIT MIT"
here=$(dirname "$0")
run "$T/one.wav" --only authenticity --transcribe --marks words-vtt="$T/w.vtt" --marks words-srt="$T/w.srt"
for f in webvtt:vtt srt:srt; do
    ok "FFmpeg reads the captions as ${f%:*}" is "$(ffprobe -v error -f "${f%:*}" -show_entries packet=pts_time -of csv=p=0 "$T/w.${f#*:}" | grep -c "[0-9]")" \
        "$(grep -c -- '-->' "$T/w.${f#*:}")"
done
[ ! -d "$here/../../third_party/readers" ] || ok "a reader of WebVTT finds every word" $PYTHON - "$T/w.vtt" "$T/json" "$here/../../third_party/readers" <<'P'
import json, sys
sys.path.insert(0, sys.argv[3])
import webvtt
cues, words = webvtt.read(sys.argv[1]).captions, json.load(open(sys.argv[2]))["signals"]["transcript"]["words"]
assert " ".join(c.text.replace("\n", " ") for c in cues) == " ".join(w["word"] for w in words) and len(cues) >= 1
assert all(len(c.lines) <= 2 and max(map(len, c.lines)) <= 42 for c in cues)
P
ok "the summary says them" grep -qi "words.*train" "$T/out"
json "$T/one.wav" --only authenticity
ok "nobody asked" is "$(get '.signals | has("transcript")')" false
ff -f lavfi -i "anoisesrc=d=6:a=.05:c=pink" "$T/noise.wav"
json "$T/noise.wav" --only authenticity --transcribe
run "$T/noise.wav" --only authenticity --transcribe --marks words-vtt=-
ok "of which the captions are empty, and still a file of their kind" is "$(cat "$T/out")" WEBVTT
run "$T/noise.wav" --only authenticity --marks words-srt="$T/none.srt"
ok "captions without --transcribe are refused in one line" one_line "words-srt.*--transcribe"
ok "and nothing is written" is "$code $(ls "$T"/none.srt 2>/dev/null)" "3 "
ok "noise says nothing" is "$(get '.signals.transcript | [.absent, .words] | @json')" '["no-speech",null]'
ff -f lavfi -i "sine=f=330:d=6" "$T/tone.wav"
json "$T/tone.wav" --only authenticity --transcribe
ok "neither does a tone" is "$(get '.signals.transcript.absent')" no-speech
dir=$(dirname "$(find "$(dirname "$0")/../../models" -name manifest.json | head -1)")
mkdir "$T/models" && cp -rs "$(realpath "$dir")"/* "$T/models/" && rm "$T/models/third_party/whisper_tiny_en_step.onnx"
run "$T/one.wav" --only authenticity --transcribe --models "$T/models"
ok "a net that is missing is named, with the remedy" one_line "whisper_tiny_en_step.onnx.*make setup"
run "$T/one.wav" --only authenticity --models "$T/models"
ok "and missed by nobody who does not ask for words" is "$code" 0
head -c 1000000 "$dir/third_party/whisper_tiny_en_step.onnx" >"$T/models/third_party/whisper_tiny_en_step.onnx"
run "$T/one.wav" --only authenticity --transcribe --models "$T/models"
ok "one that is cut short, likewise" one_line "whisper_tiny_en_step.onnx"
rm "$T/models/manifest.json" && jq '.models |= map(select(.role != "speech-words"))' "$dir/manifest.json" >"$T/models/manifest.json"
json "$T/one.wav" --only authenticity --transcribe --models "$T/models"
ok "models without such a net" is "$(get .signals.transcript.absent)" net-left-out
for shut in "" --sandbox; do
    run "$T/one.wav" --only authenticity --transcribe --marks words-vtt="$T/none.vtt" --models "$T/models" $shut
    ok "their captions are refused in one line, and nothing is written $shut" is "$code $(grep -c 'speech-words.*come with avalign' "$T/err") $(ls "$T" | grep -c 'none.vtt')" "3 1 0"
done
jq '.models |= map(select(.role != "speech-encoder"))' "$dir/manifest.json" >"$T/models/manifest.json"
"$AVALIGN" features "$T/one.wav" --encoder --out "$T/frames" --models "$T/models" >"$T/out" 2>"$T/err"; code=$?
ok "the encoder's frames without an encoder: one line" one_line "speech-encoder.*come with avalign"
ok "and no success" is "$code" 3
"$AVALIGN" features "$T/one.wav" --out "$T/frames2" --models "$T/models" >"$T/out" 2>"$T/err"; code=$?
ok "the other features need none" is "$code $(ls "$T/frames2" | grep -c encoder)" "0 0"
if [ -d "$SHARED/data/audio/emotion" ]; then # short sentences, at which the net repeats itself unless more silence follows
    for f in 03-01-01-01-02-01-20:dogs 03-01-03-02-01-01-17:kids; do
        json "$(echo "$SHARED"/data/audio/emotion/*_"${f%:*}".flac)" --only lipsync --transcribe
        ok "${f%:*} is heard, once" is "$(said)" "${f#*:} are $([ "${f#*:}" = dogs ] && echo sitting || echo talking) by the door"
    done
fi
finish
