#!/bin/bash
# --only X gives the X of the whole run: what X reads of others, and what it measures by, comes along.
. "$(dirname "$0")/lib.sh"
# a hole in the sound while the shot with the face goes on: artifacts asks the picture and lip sync
ff -t 8 -i "$SAMPLE" -af "volume=0:enable='between(t,4,4.3)'" -c:v copy -c:a pcm_s16le "$T/clip.mkv"
json "$T/clip.mkv"; cp "$T/json" "$T/whole"
part() { jq -c --arg a "$1" '.signals[$a]' "$2"; }
field() { jq -c --arg f "$1" '[.[$f], .absent[$f]]' "$2"; }
fields=(sync_offset_ms sync_confidence lip_sync_score voice_face_match emotion_coherence voice_authenticity)
for x in lipsync viseme speaker emotion authenticity mouth artifacts; do
    json "$T/clip.mkv" --only $x
    ok "$x alone: its signal is that of the whole run" is "$(part $x "$T/json")" "$(part $x "$T/whole")"
    case $x in lipsync) own="0 1 2" ;; speaker) own=3 ;; emotion) own=4 ;; authenticity) own=5 ;; *) own= ;; esac
    for f in $own; do ok "$x alone: ${fields[$f]}" is "$(field "${fields[$f]}" "$T/json")" "$(field "${fields[$f]}" "$T/whole")"; done
    other=$([ $x = lipsync ] && echo emotion || echo lipsync)
    ok "$x alone: $other was not asked" is "$(get ".signals.$other.absent")" not-asked
done
ok "the hole was seen against the picture" test -n "$(jq -r '.signals.artifacts.segments[] | select(.evidence | test("the shot with the face goes on|lip sync breaks")) | .kind' "$T/json")"
ok "who spoke when is there, though lip sync was not asked" test "$(get '[.segments[] | select(.kind == "speaking")] | length')" -gt 0
finish
