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
ok "nets that analyze can do without are not missed" is "$(grep -c splice "$T/out")" 0
jq '.models |= map(select(.role != "sync-lips"))' "$T/models/manifest.json" >"$T/m" && mv "$T/m" "$T/models/manifest.json"
"$AVALIGN" doctor --models "$T/models" >"$T/out" 2>"$T/err"
ok "a role that is not in the manifest is named with its analyzer" grep -q '^absent *net sync-lips *analyzer lipsync .*take the full models' "$T/out"
truncate -s -1000 "$T/models/speaker/campplus.onnx"
"$AVALIGN" doctor --models "$T/models" >"$T/out" 2>"$T/err"; code=$?
ok "a net that is cut short: one line with the remedy" is "$code $(grep -c '^MISSING *net voice-tdnn .*SHA-256 is .*run make setup' "$T/out")" "3 1"
"$AVALIGN" doctor --models /nowhere >"$T/out" 2>"$T/err"; code=$?
ok "no models: how to get them" is "$code $(grep -c 'make setup' "$T/out")" "3 1"
AVALIGN_POCKETSPHINX=/nowhere "$AVALIGN" doctor >"$T/out" 2>"$T/err"; code=$?
ok "what analyze can do without is absent, not missing" is "$code $(grep -c '^absent *phone' "$T/out")" "0 1"
# what surrounds it: another processor, folders that take nothing; as root in a namespace of its own
strange() { unshare -m sh -c "$1 && shift && exec \"\$@\"" - - "$AVALIGN" doctor --models "$AVALIGN_TINY" >"$T/out" 2>"$T/err"; code=$?; }
if unshare -m true 2>/dev/null; then
    sed 's/ avx2//' /proc/cpuinfo >"$T/cpu" && mkdir "$T/home"
    strange "mount --bind $T/cpu /proc/cpuinfo"
    ok "no AVX2: what follows" is "$code $(grep -c '^absent *processor *no AVX2: .*newer one' "$T/out")" "0 1"
    HOME=$T/home XDG_CACHE_HOME='' strange "mount -t tmpfs -o ro none $T/home"
    ok "a home that is read only: the remedy" is "$code $(grep -c "^absent *compiled nets *$T/home/.cache/avalign can't be written: .*set XDG_CACHE_HOME" "$T/out")" "0 1"
    env -u HOME XDG_CACHE_HOME='' unshare -m "$AVALIGN" doctor --models "$AVALIGN_TINY" >"$T/out" 2>&1
    ok "no home at all" grep -q "^absent *compiled nets *no folder.*set XDG_CACHE_HOME" "$T/out"
    strange "mount -t tmpfs -o noexec none /tmp"
    ok "a /tmp without programs is no hindrance" is "$code $(grep -c '^ok *temporary files' "$T/out")" "0 1"
fi
finish
