#!/bin/bash
# Other voices under the speaker: the voice's analyzers say so instead of answering; alone, the speaker is answered. (Music: the unit
# test, and training/background/evaluate.sh, for no piece of music comes with the project.)
. "$(dirname "$0")/lib.sh"
json "$SAMPLE"; base=$(get .sync_offset_ms)
ok "alone, nothing else is heard" is "$(get '[.media.sound.music, .media.sound.other_voices] | @json')" "[0,0]"
ok "and the voice is judged" is "$(get '.absent.voice_authenticity')" null
mapfile -t others < <(awk -F'\t' '$2 == "speaker" { print $1, $6 }' "$SHARED/data/audio/index.tsv" 2>/dev/null | sort -u -k2,2 | head -3 | cut -d' ' -f1)
if [ ${#others[@]} -lt 3 ]; then
    echo "no shared recordings: the rest is left out"
else
    inputs=(); for o in "${others[@]}"; do inputs+=(-stream_loop -1 -i "$SHARED/data/audio/$o"); done
    ff -i "$SAMPLE" "${inputs[@]}" -filter_complex "[0:a]loudnorm=I=-23[s];[1:a][2:a][3:a]amix=3,loudnorm=I=-28[b];[s][b]amix=2:duration=first:normalize=0[a]" \
        -map 0:v -map "[a]" -c:v copy -ar 16000 -c:a pcm_s16le -t 6 "$T/babble.mkv"
    json "$T/babble.mkv"
    ok "other voices are heard" near "$(get .media.sound.other_voices)" 1 0.5
    ok "no music" is "$(get .media.sound.music)" 0
    ok "they are the reason of all three" is "$(get '[.absent.voice_authenticity, .absent.voice_face_match, .absent.emotion_coherence] | unique | @json')" '["overlap"]'
    ok "lip sync finds the offset or says why not, never another one" jq -e --argjson base "$base" 'if .sync_offset_ms == null then (.absent.sync_offset_ms | IN("unclear", "overlap")) else (.sync_offset_ms - $base | fabs) < 80 end' "$T/json"
    run "$T/babble.mkv"
    ok "and said in words" grep -q "others speak at the same time" "$T/out"
fi
finish
