#!/bin/bash
# Content Credentials (C2PA): found where the specification lays them, verified where libc2pa_c is there, counted in nothing.
. "$(dirname "$0")/lib.sh"
export AVALIGN_C2PA=none # but where it is tried
store() { $PYTHON "$(dirname "$0")/store.py" "$@"; }
ff -t 3 -i "$SAMPLE" -c copy -fflags +bitexact "$T/clip.mp4"
store "$T/clip.mp4" "$T/made.mp4" mp4 trainedAlgorithmicMedia
json "$T/clip.mp4" --only lipsync,artifacts
ok "none in a plain file: no member" is "$(get '.media | has("c2pa")')" false
without=$(get '[.anomaly_score, .anomalies, .signals.verdict]')
ok "of which nothing is said" is "$(run "$T/clip.mp4" --only lipsync; grep -c -i credential "$T/out")" 0
json "$T/made.mp4" --only lipsync,artifacts --html "$T/p.html" --marks "csv=$T/m.csv" --marks "sarif=$T/m.sarif"
ok "a store is found" is "$(get '.media.c2pa | [.verified, .problem, .left_out, (.manifests | length)] | @json')" '[null,null,0,1]'
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
ok "one line of text" is "$(grep -c '^  Content Credentials  present, not verified, because libc2pa_c is not installed; 1 manifest, .*declared source: trainedAlgorithmicMedia$' "$T/out")" 1
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
ok "without libc2pa_c one line says so" is "$(get '.media.c2pa.verification | [.state, .says, .library] | @json')" '[null,"not verified, because libc2pa_c is not installed",null]'
printf 'int x;' | gcc -shared -o "$T/other.so" -xc - && AVALIGN_C2PA=$T/other.so json "$T/made.mp4" --only lipsync
ok "nor is another library taken for it" is "$(get .media.c2pa.verification.says)" "not verified, because the libc2pa_c that is installed lacks a call that is needed"

# verified by the real library, where it is there
readers=$(cd "$(dirname "$0")/../.." && pwd)/third_party/readers; export PYTHONPATH=$readers
sign() { $PYTHON "$(dirname "$0")/sign.py" "$@"; }
lib=$(ls "$readers"/c2pa/libs/libc2pa_c.so 2>/dev/null)
if [ -n "$lib" ]; then
    export AVALIGN_C2PA=$lib
    verified() { get '.media.c2pa | [.verified, .verification.state, (.verification.failures | join(","))] | join(" ")'; }
    sign "$T/clip.mp4" "$T/signed.mp4" video/mp4 "$T/root.pem" && json "$T/signed.mp4" --only lipsync
    ok "as it was signed, the signer on no list" is "$(verified)" "true valid signingCredential.untrusted"
    ok "its name, and the library's" is "$(get '.media.c2pa.verification | .signer + " " + (.library | test("c2pa") | tostring)')" "avalign test camera true"
    sum=$(sha256sum <"$T/signed.mp4" | cut -d' ' -f1)
    AVALIGN_C2PA_TRUST=$T/root.pem json "$T/signed.mp4" --only lipsync --html "$T/p.html"
    ok "with the root on one's list: trusted; the hash stays the file's" is "$(verified | xargs) $(get .file_sha256)" "true trusted $sum"
    ok "the page says so" grep -q 'as it was signed by avalign test camera' "$T/p.html"
    ok "the schema knows it" $PYTHON -c 'import json, sys, jsonschema; jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))' "$T/json" "$(dirname "$0")/../../docs/result.schema.json"
    sign "$T/clip.mp4" "$T/others.mp4" video/mp4 "$T/other.pem"; AVALIGN_C2PA_TRUST=$T/root.pem json "$T/others.mp4" --only lipsync
    ok "another's root does not" is "$(verified)" "true valid signingCredential.untrusted"
    $PYTHON - "$T/signed.mp4" "$T/changed.mp4" <<'P'
import sys
b = bytearray(open(sys.argv[1], "rb").read())
b[b.rindex(b"mdat") + 3000] ^= 1
open(sys.argv[2], "wb").write(b)
P
    AVALIGN_C2PA_TRUST=$T/root.pem json "$T/changed.mp4" --only lipsync --marks "csv=$T/c.csv"
    ok "one bit changed: wrong, and why" is "$(verified)" "false invalid assertion.bmffHash.mismatch"
    ok "which is noticed and counts in nothing" is "$(get '[.noticed, (.anomalies | length)] | @json') $(grep -c '^credentials-invalid,0.000' "$T/c.csv")" '[["credentials-invalid"],0] 1'
    sign "$T/s.wav" "$T/signed.wav" audio/wav "$T/r.pem" && json "$T/signed.wav" --only artifacts
    ok "WAV" is "$(verified)" "true valid signingCredential.untrusted"
    json "$T/made.mp4" --only lipsync; ok "a store that nobody signed: not checked, and why" is "$(get '.media.c2pa | [.verified, .verification.state, .verification.says] | @json')" '[null,null,"not verified, because libc2pa_c could not read the store"]'
    json "$T/cut.mp4" --only lipsync; ok "one that is cut off" is "$(get '.media.c2pa | "\(.verified) \(.verification.state)"') $code" "null null 0"
    json "$T/signed.mp4" --only lipsync; cp "$T/json" "$T/open.json"; json "$T/signed.mp4" --only lipsync --sandbox
    ok "in the sandbox the same" cmp -s "$T/json" "$T/open.json"
    if command -v strace >/dev/null; then
        strace -f -e trace=network -o "$T/trace" "$AVALIGN" analyze "$T/signed.mp4" --only lipsync -q >/dev/null 2>&1
        ok "nothing is asked of a network" is "$(grep -c 'socket(\|connect(' "$T/trace")" 0
    fi
elif [ -n "${CI:-}" ]; then
    ok "libc2pa_c is there (setup/test_tools.sh)" false
fi
finish
