#!/bin/bash
# Imports SyncNet and Wav2Lip's expert (random weights in their architectures), compares with PyTorch's goldens and
# runs --lse on a real clip.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")
"$AVALIGN" analyze --lse "$SAMPLE" >"$T/out" 2>&1; code=$?
ok "without SyncNet: exit code" is $code 3
ok "without SyncNet: one line that says what to do" grep -q "^avalign: .*training/import/syncnet.py$" "$T/out"
cp -rL "$AVALIGN_MODELS" "$T/models" && chmod -R u+w "$T/models"
ok "weights are converted" $PYTHON "$here/../golden/peer_weights.py" "$T/models"
ok "parity with PyTorch" env AVALIGN_PEERS="$T/models" "$BUILD_DIR/tests/test_peers"
for n in 1 2; do
    "$AVALIGN" analyze --models "$T/models" --only lipsync --lse --threads $n --json "$T/$n.json" -q "$SAMPLE"
    ok "--lse answers with $n threads" jq -e '.signals.lse | .windows > 50 and .min_distance > 0 and .wav2lip_expert.cosine != null' "$T/$n.json"
done
ok "the same with one and two threads" is "$(jq -c .signals.lse "$T/1.json")" "$(jq -c .signals.lse "$T/2.json")"
ok "not asked for, not there" is "$("$AVALIGN" analyze --only lipsync --json - -q "$SAMPLE" | jq .signals.lse)" null
finish
