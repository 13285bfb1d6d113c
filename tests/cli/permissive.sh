#!/bin/bash
# AVALIGN_PERMISSIVE_ONLY=1: no net that is for research only is used, what needs one is absent with its reason, the rest answers. And which
# nets a package may carry.
. "$(dirname "$0")/lib.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
export AVALIGN_PERMISSIVE_ONLY=1
json "$SAMPLE" --transcribe
ok "it runs" is "$code" 0
ok "every field that has lost a net says so" is "$(jq -c '[.absent | to_entries[] | "\(.key) \(.value)"] | sort' "$T/json")" \
    '["emotion_coherence net-left-out","lip_sync_score net-left-out","sync_confidence net-left-out","sync_offset_ms net-left-out","voice_authenticity net-left-out","voice_face_match net-left-out"]'
ok "no net of another licence took part" is "$(get '[.models[].licence | select(startswith("research-only"))] | length')" 0
ok "what needs none of them answers" is "$(get '.signals.artifacts.absent, (.signals.transcript.words | length > 10)' | xargs)" "null true"
"$AVALIGN" models list >"$T/list"
ok "they are not listed" is "$(grep -c research-only "$T/list")" 0
"$AVALIGN" embed voice "$SAMPLE" >"$T/voice" 2>/dev/null
"$AVALIGN" embed face "$SAMPLE" >"$T/face" 2>/dev/null
ok "embeddings need none of them" is "$(jq -s -c 'map(.vector | length)' "$T/voice" "$T/face")" "[256,512]"
"$AVALIGN" doctor >"$T/out" 2>&1
ok "doctor says why" grep -q '^absent *net sync-lips *analyzer lipsync .*AVALIGN_PERMISSIVE_ONLY' "$T/out"
export AVALIGN_PERMISSIVE_ONLY=0
json "$SAMPLE" --only lipsync
ok "0 leaves nothing out" is "$(get '.sync_offset_ms != null')" true
unset AVALIGN_PERMISSIVE_ONLY

mkdir "$T/models" && ln -s "$AVALIGN_MODELS"/* "$T/models/" && rm "$T/models/manifest.json"
jq '.models |= (map(if .role == "vad" then .redistributable = false else . end) | map(if .role == "background" then del(.redistributable) else . end))' \
    "$AVALIGN_MODELS/manifest.json" >"$T/models/manifest.json"
carries() { jq -r '.models[].role' "$T/$1/manifest.json" | grep -Ec "^($2)$"; }
nets() { $PYTHON "$root/setup/wheel_nets.py" "$T/models" "$T/$1" "${@:2}"; }
mkdir "$T/all" "$T/free" && nets all --without speech-words,speech-memory && nets free --permissive
ok "every row says whether its net may be passed on" is "$(jq '[.models[] | select(.redistributable | type != "boolean")] | length' "$AVALIGN_MODELS/manifest.json")" 0
ok "a package leaves out what may not be passed on or does not say, and what it is told to" is "$(carries all 'vad|background|speech-words|speech-memory') $(carries all 'sync-lips|face-mesh')" "0 2"
ok "its nets are those of its manifest" is "$(cd "$T/all" && find . -name '*.onnx' -o -name '*.tflite' | wc -l)" "$(jq '.models | length' "$T/all/manifest.json")"
ok "with their cards and licences" ls "$T/all/sync/CARD.md" "$T/all/speaker/LICENSE.campplus"
ok "and the origin and licence text of every net of others" is "$($PYTHON - "$T/all" "$root" <<'P'
import json, os, re, sys
target, root = sys.argv[1:]
table = open(target + "/licences/README.md").read()
lines = [l for l in table.splitlines() if l.startswith("| `")]
for row in json.load(open(root + "/models/manifest.json"))["models"]:
    if "this project" not in row["source"]:
        mine = [l for l in lines if "`%s`" % row["file"] in l]
        package = re.search(r"(PyPI|npm) (\S+ [0-9.]+[0-9])", row["source"])[0]
        good = len(mine) == 1 and package in mine[0] and row["licence"] in mine[0] and \
            all(os.path.getsize(os.path.join(target, "licences", t)) > 1000 for t in re.findall(r"\]\(([^)]*)\)", mine[0]))
        print("" if good else "%s: %s" % (row["role"], mine), end="")
P
)" ""
ok "a permissive one has none for research only" is "$(carries free 'sync-lips|splice|drawn-face') $(carries free 'face-mesh|speech-encoder')" "0 2"
jq '.models |= map(select(.role != "speech-words" and .role != "speech-memory"))' "$AVALIGN_MODELS/manifest.json" >"$T/models/manifest.json"
run "$SAMPLE" --models "$T/models" --only artifacts --transcribe
ok "--transcribe without its nets: one line that says what to do" is "$(grep -c 'note: no words: these models hold no nets for them .*make setup' "$T/out")" 1
finish
