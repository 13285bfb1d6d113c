#!/bin/bash
# avalign doctor: all there; a net gone; no models; a recogniser gone.
. "$(dirname "$0")/lib.sh"
"$AVALIGN" doctor >"$T/out" 2>"$T/err"; code=$?
ok "everything is there" is "$code $(grep -c MISSING "$T/out")" "0 0"
ok "each net is named" is "$(grep -c '^ok *net ' "$T/out")" "$(jq '.models | length' "$AVALIGN_MODELS/manifest.json")"
cp -rL "$AVALIGN_MODELS" "$T/models" && chmod -R u+w "$T/models"
rm "$T/models/$(jq -r '.models[] | select(.role == "vad") | .file' "$T/models/manifest.json")"
printf x >>"$T/models/authenticity/splice.onnx"
"$AVALIGN" doctor --models "$T/models" >"$T/out" 2>"$T/err"; code=$?
ok "a net that is gone and one that was changed are found" is "$code $(grep '^MISSING' "$T/out" | awk '{ print $3 }' | sort | xargs)" "3 splice vad"
jq '.models |= map(select(.role != "splice"))' "$T/models/manifest.json" >"$T/m" && mv "$T/m" "$T/models/manifest.json"
"$AVALIGN" doctor --models "$T/models" >"$T/out" 2>"$T/err"
ok "a role that is not in the manifest is named with its analyzer" grep -q '^MISSING *splice *analyzer artifacts' "$T/out"
"$AVALIGN" doctor --models /nowhere >"$T/out" 2>"$T/err"; code=$?
ok "no models: how to get them" is "$code $(grep -c 'make setup' "$T/out")" "3 1"
AVALIGN_POCKETSPHINX=/nowhere "$AVALIGN" doctor >"$T/out" 2>"$T/err"; code=$?
ok "what analyze can do without is absent, not missing" is "$code $(grep -c '^absent *phone' "$T/out")" "0 1"
finish
