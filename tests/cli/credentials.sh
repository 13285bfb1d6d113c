#!/bin/bash
# Content Credentials (C2PA): found where the specification lays them, told as unverified, counted in nothing.
. "$(dirname "$0")/lib.sh"
store() { $PYTHON "$(dirname "$0")/store.py" "$@"; }
ff -t 3 -i "$SAMPLE" -c copy -fflags +bitexact "$T/clip.mp4"
store "$T/clip.mp4" "$T/made.mp4" mp4 trainedAlgorithmicMedia
json "$T/clip.mp4" --only lipsync,artifacts
ok "none in a plain file: no member" is "$(get '.media | has("c2pa")')" false
without=$(get '[.anomaly_score, .anomalies, .signals.verdict]')
ok "of which nothing is said" is "$(run "$T/clip.mp4" --only lipsync; grep -c -i credential "$T/out")" 0
json "$T/made.mp4" --only lipsync,artifacts --html "$T/p.html" --marks "csv=$T/m.csv" --marks "sarif=$T/m.sarif"
ok "a store is found" is "$(get '.media.c2pa | [.verified, .problem, .left_out, (.manifests | length)] | @json')" '[false,null,0,1]'
ok "what made it" is "$(get '.media.c2pa.manifests[0] | [.label, .active, .generator] | @json')" '["urn:c2pa:test",true,"</script><b>Maker 1"]'
ok "its title is one clean line" is "$(get '.media.c2pa.manifests[0].title | startswith("a?[31m title ")')" true
ok "its actions and sources" is "$(get '.media.c2pa.manifests[0] | [.actions, .source_types] | @json')" '[["c2pa.created","c2pa.edited"],["trainedAlgorithmicMedia"]]'
ok "the schema knows it" $PYTHON - "$T/json" "$(dirname "$0")/../../docs/result.schema.json" <<'P'
import json, sys
try:
    import jsonschema
except ImportError:
    sys.exit(0)
jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))
P
ok "it counts in nothing" is "$(get '[.anomaly_score, .anomalies, .signals.verdict]')" "$without"
ok "a mark over the whole clip" is "$(grep -c '^declared-generated,0.000,.*,0.600,0,"the file itself declares a generative model.*not verified' "$T/m.csv")" 1
ok "in SARIF a warning" is "$(jq -r '.runs[0].results[] | select(.ruleId == "declared-generated") | .level' "$T/m.sarif")" warning
ok "the page's data hold no tag of it" is "$(grep -c '</script><b>Maker' "$T/p.html")" 0
ok "the page has it" grep -q 'Content Credentials' "$T/p.html"
run "$T/made.mp4" --only lipsync
ok "one line of text" is "$(grep -c '^  Content Credentials  present, not verified; 1 manifest, .*declared source: trainedAlgorithmicMedia$' "$T/out")" 1
store "$T/clip.mp4" "$T/filmed.mp4" mp4 digitalCapture; json "$T/filmed.mp4" --only lipsync --marks "csv=$T/f.csv"
ok "a camera's store is no finding" is "$(get '.media.c2pa.manifests[0].source_types[0]') $(grep -c declared "$T/f.csv")" "digitalCapture 0"
store "$T/clip.mp4" "$T/cut.mp4" mp4 trainedAlgorithmicMedia 40; json "$T/cut.mp4" --only lipsync
ok "a store that is cut off says so" is "$(get '.media.c2pa | [.problem, .manifests[0].active] | @json')" '["the store is damaged or cut off",false]'
ff -t 2 -i "$SAMPLE" -vn "$T/s.wav"; store "$T/s.wav" "$T/made.wav" riff compositeWithTrainedAlgorithmicMedia; json "$T/made.wav" --only artifacts
ok "in a WAV file" is "$(get '.media.c2pa.manifests[0].source_types | @json')" '["compositeWithTrainedAlgorithmicMedia"]'
ff -t 2 -i "$SAMPLE" -c copy "$T/s.mkv"; json "$T/s.mkv" --only artifacts
ok "not looked for in Matroska: no member" is "$(get '.media | has("c2pa")')" false
cat "$T/made.wav" | "$AVALIGN" analyze - --only artifacts --json "$T/json" -q >"$T/out" 2>"$T/err"; code=$?
ok "nor in a pipe" is "$code $(get '.media | has("c2pa")')" "0 false"
"$AVALIGN" analyze - --only artifacts --json "$T/json" -q <"$T/made.wav" >"$T/out" 2>"$T/err"
ok "but in a file at standard input" is "$(get '.media.c2pa.manifests | length')" 1
sum=$(sha256sum <"$T/made.mp4" | cut -d' ' -f1); json "$T/made.mp4" --only lipsync --sandbox
ok "in the sandbox too, and the hash is the file's" is "$(get '.media.c2pa.manifests | length') $(get .file_sha256)" "1 $sum"
finish
