#!/bin/bash
# Feelings of voice and face: both sides, either side alone, and what is no speaker.
. "$(dirname "$0")/lib.sh"
json "$SAMPLE" --only lipsync,emotion
ok "coherence is answered" jq -e '.emotion_coherence >= 0 and .emotion_coherence <= 1' "$T/json"
for side in voice face; do
    ok "probabilities of the $side sum to one" near "$(get "[.signals.emotion.$side.probabilities[]] | add")" 1 0.01
done
ok "valence and arousal" jq -e '.signals.emotion.voice | .valence >= -1 and .valence <= 1 and .arousal >= -1' "$T/json"
ok "over time" jq -e '.signals.emotion.windows | length > 3 and all(.end_s > .start_s)' "$T/json"
ok "the face's curve" jq -e '[.series[] | select(.name == "face_neutral") | .values[] | numbers] | length > 10 and all(. >= 0 and . <= 1)' "$T/json"
ok "gestures" jq -e '.signals.emotion.gesture.pairs | length >= 4' "$T/json"
ok "the ratio is bounded" jq -e '.signals.emotion.llr | fabs <= 0.7' "$T/json"
cp "$T/json" "$T/first"
json "$SAMPLE" --only lipsync,emotion --threads 1
ok "the same with one thread" is "$(jq -c .signals.emotion "$T/first")" "$(jq -c .signals.emotion "$T/json")"
ff -i "$SAMPLE" -an -c:v copy "$T/silent.mp4"; json "$T/silent.mp4" --only emotion
ok "picture alone: the face is answered" jq -e '.signals.emotion.face.probabilities.neutral >= 0 and .signals.emotion.voice == null' "$T/json"
ok "and the coherence has a reason" is "$(get .absent.emotion_coherence)" no-audio
ff -i "$SAMPLE" -vn "$T/voice.wav"; json "$T/voice.wav" --only emotion
ok "sound alone: the voice is answered" jq -e '.signals.emotion.voice.probabilities.neutral >= 0 and .signals.emotion.face == null' "$T/json"
ok "and the coherence has a reason" is "$(get .absent.emotion_coherence)" no-video
ff -i "$SAMPLE" -f lavfi -i anoisesrc=d=30:a=0.5:r=16000 -map 0:v -map 1:a -c:v copy -shortest "$T/noise.mkv"; json "$T/noise.mkv" --only emotion
ok "noise has no feeling ($(get .absent.emotion_coherence))" is "$(get .emotion_coherence)" null
ok "and the voice says why itself" jq -e ".signals.emotion | .voice == null and (.voice_absent | length > 3)" "$T/json"
# the nets for scoring: a line for each file
emotion() { "$AVALIGN" emotion "$@" >"$T/lines" 2>"$T/err" </dev/null; code=$?; }
line() { jq -s -e "$1" "$T/lines" >/dev/null; }
hash_of() { jq -r --arg r "$1" '.models[] | select(.role == $r) | .sha256' "$AVALIGN_MODELS/manifest.json"; }
ff -i "$SAMPLE" -frames:v 1 "$T/face.png"; ff -i "$SAMPLE" -frames:v 1 "$T/face.jpg"; ff -f lavfi -i color=gray:s=320x240 -frames:v 1 "$T/grey.png"
ff -i "$T/face.png" -vf scale=iw/8:-1 "$T/far.png"
emotion face "$T/face.png" "$T/face.jpg" "$T/grey.png" "$SAMPLE" "$T/far.png"
ok "pictures and recordings: a line each" is "$code $(wc -l <"$T/lines")" "0 5"
ok "probabilities of seven that sum to one" line '[.[0, 1, 3] | .probabilities | (length == 7) and ((add - 1) | fabs < .01)] | all'
ok "a picture twice compressed says much the same" line '[.[0, 1].probabilities.neutral] | (.[0] - .[1]) | fabs < .25'
ok "arousal, valence and the net's hash" line ".[0] | (.arousal | fabs <= 1) and (.valence | fabs <= 1) and .model == \"$(hash_of face-expression)\""
ok "nobody there, or too far: absent with the reason" line '[.[2, 4] | .absent] == ["no-face", "low-resolution"] or [.[2, 4] | .absent] == ["no-face", "no-face"]'
ff -i "$T/face.png" -vf "crop=ih/2:ih/2" "$T/crop.png"
emotion face --crop "$T/crop.png" "$T/grey.png"
ok "crops are read as they are" line 'length == 2 and all(.probabilities.neutral >= 0)'
head -c $(($(stat -c %s "$T/face.jpg") * 9 / 10)) "$T/face.jpg" >"$T/cut.jpg"
for how in "" --crop; do emotion face $how "$T/cut.jpg"; ok "half a picture is none ${how:-as it is}: refused in one line" is "$code $(wc -l <"$T/lines") $(one_line "can't be decoded" && echo told)" "3 0 told"; done
emotion face --crop "$SAMPLE"; ok "a recording is no crop" is "$code" 3; ok "said in one line" one_line 'not a still picture'
emotion voice "$T/voice.wav" "$T/silent.mp4"
ok "voices" line ".[0].model == \"$(hash_of voice-emotion)\" and (.[0].probabilities | add - 1 | fabs < .01) and .[1].absent == \"no-audio\""
emotion voice --crop "$T/voice.wav"; ok "voices are not cropped" one_line 'crop is for faces'
emotion nose "$T/face.png"; ok "voice or face" one_line 'voice or face, not "nose"'
emotion face "$T/nothing.png" "$T/face.png"; ok "a file that is not there does not stop the others" is "$code $(wc -l <"$T/lines")" "3 1"
ff -f lavfi -i anoisesrc=d=4:a=0.001:r=16000 "$T/hush.wav"; emotion voice "$T/hush.wav"; ok "no speech" line '.[0].absent == "no-speech"'
# a net of the user's with other labels
cp -rL "$AVALIGN_MODELS" "$T/models" && chmod -R u+w "$T/models"
jq '(.models[] | select(.role == "voice-emotion") | .labels) = ["calm", "boredom", "x", "y", "z", "u", "v"]' "$T/models/manifest.json" >"$T/m" && mv "$T/m" "$T/models/manifest.json"
run "$SAMPLE" --models "$T/models" --only emotion
ok "labels that name nothing are refused in one line" one_line '"labels" must name two'
finish
