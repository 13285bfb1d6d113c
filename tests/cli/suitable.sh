#!/bin/bash
# Material that can't be judged: each kind is named, and nothing is guessed in its place.
. "$(dirname "$0")/lib.sh"
absent() { jq -r --args '[.absent[$ARGS.positional[]]] | unique | @json' "$@" <"$T/json"; }
ff -i "$SAMPLE" -frames:v 1 "$T/one.png"
ff -loop 1 -framerate 25 -i "$T/one.png" -i "$SAMPLE" -map 0:v -map 1:a -t 6 -c:v libx264 -crf 35 -pix_fmt yuv420p -c:a copy "$T/still.mp4"
json "$T/still.mp4"
ok "a photograph with sound" is "$(absent sync_offset_ms lip_sync_score emotion_coherence)" '["still-image"]'
ok "its voice is judged all the same" is "$(absent voice_authenticity)" '[null]'
ff -loop 1 -framerate 25 -i "$T/one.png" -i "$SAMPLE" -map 0:v -map 1:a -t 6 -vf "zoompan=z='1+0.002*on':d=1:s=320x320:fps=25" -c:v libx264 -pix_fmt yuv420p -c:a copy "$T/zoom.mp4"
json "$T/zoom.mp4"
ok "a photograph that is zoomed into" is "$(absent sync_offset_ms lip_sync_score)" '["still-image"]'
ff -i "$SAMPLE" -c:v copy -c:a aac -ar 16000 -ac 1 -b:a 8k "$T/thin.mp4"
json "$T/thin.mp4"
ok "8 kbit/s" is "$(absent voice_authenticity voice_face_match emotion_coherence)" '["low-bit-rate"]'
ok "is measured" near "$(get .media.audio.bit_rate)" 9000 3000
ok "and lip sync goes on" is "$(absent sync_offset_ms)" '[null]'
ff -i "$SAMPLE" -vf "scale=iw/10:-2" -c:v libx264 -crf 18 -c:a copy "$T/small.mp4"
json "$T/small.mp4"
ok "a face of a few pixels" is "$(absent voice_face_match emotion_coherence)" '["low-resolution"]'
run "$T/small.mp4"
ok "is said in words" grep -q "the face is too small" "$T/out"
ff -i "$SAMPLE" -vf "drawbox=x=106:y=112:w=44:h=34:color=0x101010:t=fill,drawbox=x=164:y=114:w=44:h=34:color=0x101010:t=fill" -c:a copy "$T/shades.mp4"
json "$T/shades.mp4"
ok "sunglasses" is "$(absent voice_face_match emotion_coherence)" '["face-covered"]'
ok "do not hide the lips" is "$(absent sync_offset_ms)" '[null]'
ff -i "$SAMPLE" -vf "drawbox=x=112:y=170:w=100:h=60:color=0x80a0c0:t=fill" -c:a copy "$T/mask.mp4"
json "$T/mask.mp4"
ok "a mask" is "$(absent voice_face_match emotion_coherence sync_offset_ms lip_sync_score)" '["face-covered"]'
if command -v espeak-ng >/dev/null && espeak-ng -v en+whisper -w "$T/whisper.wav" "This is whispered into a microphone, and nobody else should hear what is being said in it today"; then
    json "$T/whisper.wav"
    ok "a whisper" is "$(absent voice_authenticity)" '["whisper"]'
else
    echo "no espeak-ng: the whisper is left to the unit test"
fi
json "$SAMPLE"
ok "the clip itself is fit" is "$(absent voice_authenticity voice_face_match emotion_coherence sync_offset_ms lip_sync_score)" '[null]'
finish
