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
# a net of the user's with other labels
cp -rL "$AVALIGN_MODELS" "$T/models" && chmod -R u+w "$T/models"
jq '(.models[] | select(.role == "voice-emotion") | .labels) = ["calm", "boredom", "x", "y", "z", "u", "v"]' "$T/models/manifest.json" >"$T/m" && mv "$T/m" "$T/models/manifest.json"
run "$SAMPLE" --models "$T/models" --only emotion
ok "labels that name nothing are refused in one line" one_line '"labels" must name two'
finish
